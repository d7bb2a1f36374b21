"""cost: what Droplets cost an hour, and have cost so far, by the API's own prices."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeAlias

import pytest

from command import FIRST
from gradient_async import DropletCost
from gradient_async.cli.cost_verb import cost_row
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("emulator")]

BIG = "gpu-h100x8-640gb"


@pytest.fixture
def emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    request.getfixturevalue("typed")  # which empties the environment
    specs = [
        DropletSpec(name="small", tags=("t",)),
        DropletSpec(name="big", size=BIG, tags=("t",), status="off"),
        DropletSpec(name="other"),
    ]
    with Emulator(specs, limits=None) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        yield emulator


def test_costs_are_a_table_with_the_dearest_first_and_a_total(typed: Typed) -> None:
    code, output, errors = typed("cost", "--tag", "t")
    assert (code, errors) == (0, "")
    head, big, small, total = [line.split() for line in output.splitlines()]
    assert head[-3:] == ["$/HOUR", "SO", "FAR"]
    assert (big[1], big[-2]) == ("big", "23.92")
    assert (small[1], small[-2]) == ("small", "3.39")
    assert " ".join(total).startswith("2 Droplets: $27.31 an hour, $")
    assert "1 off, which cost the same ($23.92 an hour)" in " ".join(total)


def test_costs_are_of_the_whole_account_unless_some_are_named(typed: Typed) -> None:
    _, output, _ = typed("cost", "-o", "json")
    assert json.loads(output)["price_hourly"] == pytest.approx(30.70)
    _, output, _ = typed("cost", "small", FIRST + 2, "-o", "json")
    found = json.loads(output)
    assert [one["droplet_id"] for one in found["droplets"]] == [FIRST, FIRST + 2]
    assert found["price_hourly"] == pytest.approx(6.78)
    _, output, _ = typed("cost", "--tag", "t", "-o", "jsonl")
    assert [json.loads(line)["name"] for line in output.splitlines()] == ["small", "big"]


@pytest.mark.parametrize(
    ("words", "code", "expected"),
    [
        ([FIRST, "--tag", "t"], 2, "Droplets and --tag are both given"),
        (["--tag", "a b"], 2, "--tag: "),
        (["nothing"], 2, "no Droplet has the name 'nothing'"),
        ([7], 1, "404 not_found"),
    ],
    ids=str,
)
def test_nothing_is_shown_when_a_droplet_is_not_clear(
    typed: Typed, words: list[object], code: int, expected: str
) -> None:
    ended, output, errors = typed("cost", *words)
    assert (ended, output) == (code, "")
    assert expected in errors


def test_unknown_price_is_left_empty() -> None:
    noon = datetime(2026, 11, 25, 12, tzinfo=UTC)
    one = DropletCost(droplet_id=1, name="a", status="active", created_at=noon, hours=2.0)
    assert cost_row(one) == ("1", "a", "active", "", "", "2026-11-25 12:00:00Z", "", "")
