"""reap: what a dead program left goes, and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias

import pytest

from command import FIRST
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.once


def lease(name: str, hours: float, *tags: str) -> DropletSpec:
    """Return a Droplet of a lease that ended so many hours ago."""
    until = datetime.now(UTC) - timedelta(hours=hours)
    return DropletSpec(
        name=name, tags=("gradient-lease:abc", f"gradient-lease-until:{until:%Y-%m-%dT%H:%M:%SZ}", *tags)
    )


@pytest.fixture
def emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    request.getfixturevalue("typed")  # which empties the environment
    specs = [
        lease("old", 3.0, "t"),
        lease("over", 1.0),
        lease("alive", -1.0),
        DropletSpec(name="neighbour"),
        DropletSpec(name="half", tags=("gradient-lease:abc",)),
    ]
    with Emulator(specs, limits=None, time_scale=600) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        yield emulator


def names(emulator: Emulator) -> list[str]:
    return [droplet.name for droplet in emulator.account.droplets.values()]


@pytest.mark.parametrize(
    ("words", "left"),
    [
        (["0"], ["alive", "neighbour", "half"]),
        (["2h"], ["over", "alive", "neighbour", "half"]),
        (["0", "--tag", "t"], ["over", "alive", "neighbour", "half"]),
        (["4h"], ["old", "over", "alive", "neighbour", "half"]),
    ],
    ids=str,
)
def test_only_leases_that_are_over_are_destroyed(
    typed: Typed, emulator: Emulator, words: list[str], left: list[str]
) -> None:
    code, _, errors = typed("reap", "--older-than", *words, "--yes")
    assert code == 0, errors
    assert names(emulator) == left
    assert ("there is nothing to destroy" in errors) == (len(left) == 5)


def test_dry_run_shows_what_would_go(typed: Typed, emulator: Emulator) -> None:
    code, output, _ = typed("reap", "--older-than", 0, "--dry-run")
    assert code == 0
    assert f"reap 2 Droplets of leases that are over ({FIRST} old, {FIRST + 1} over); nothing is sent" in output
    assert "  price      $6.78 an hour stops" in output
    _, output, _ = typed("reap", "--older-than", 0, "--dry-run", "-o", "json")
    assert [one["name"] for one in json.loads(output)["droplets"]] == ["old", "over"]
    assert len(names(emulator)) == 5


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], "expected a journal, or --older-than TIME"),
        (["j", "--older-than", 0], "expected a journal, or --older-than TIME"),
        (["none.journal", "--yes"], "none.journal: there is no such journal"),
        (["j", "--tag", "t", "--yes"], "--tag: only with --older-than"),
        (["--older-than", "soon"], "--older-than: expected seconds such as 90"),
        (["--older-than", 0, "--confirm-count", 3, "--yes"], "--confirm-count: expected 3 Droplets, and there are 2"),
        (["--older-than", 0], f"reap 2 Droplets of leases that are over ({FIRST} old, {FIRST + 1} over): the Droplets"),
        (["-"], "a journal cannot be read from standard input"),
    ],
    ids=str,
)
def test_nothing_is_destroyed_when_it_is_not_clear(
    typed: Typed, emulator: Emulator, words: list[object], expected: str
) -> None:
    code, output, errors = typed("reap", *words)
    assert (code, output) == (2, "")
    assert expected in errors
    assert len(names(emulator)) == 5
