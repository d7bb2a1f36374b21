"""sizes --gpu: what a GPU costs, and where it can be had."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

import pytest

from gradient_async import Size
from gradient_async.cli.gpu_sizes import size_json, size_row
from gradient_async.emulator import PUBLIC_CATALOGUE, Emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = [pytest.mark.once, pytest.mark.usefixtures("emulator")]

SOLD_OUT = "gpu-h100x8-640gb"


@pytest.fixture
def emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    request.getfixturevalue("typed")  # which empties the environment
    with Emulator(1, limits=None, catalogue=PUBLIC_CATALOGUE.sold_out(SOLD_OUT)) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        yield emulator


def slugs(typed: Typed, *words: object) -> list[str]:
    code, output, errors = typed("sizes", "--gpu", "-o", "id", *words)
    assert code == 0, errors
    return output.split()


def test_sizes_are_sorted_by_the_price_of_each_gpu(typed: Typed) -> None:
    _, output, _ = typed("sizes", "--gpu", "-o", "json")
    sizes = json.loads(output)
    assert len(sizes) > 5
    assert [size["price_per_gpu"] for size in sizes] == sorted(size["price_per_gpu"] for size in sizes)
    for size in sizes:
        assert size["price_per_gpu"] == pytest.approx(size["price_hourly"] / size["gpus"])
    _, lines, _ = typed("sizes", "gpu", "-o", "jsonl")
    assert [json.loads(line) for line in lines.splitlines()] == sizes
    assert slugs(typed) == [size["slug"] for size in sizes]


def test_sold_out_size_says_so(typed: Typed) -> None:
    _, output, _ = typed("sizes", "--gpu", "--model", "H100")
    rows = {line.split()[0]: line for line in output.splitlines()}
    assert rows[SOLD_OUT].endswith("  23.92   2.99   none now")
    assert rows["gpu-h100x1-80gb"].endswith("  3.39    3.39   tor1,ams3,nyc2")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--model", "h100"], ["gpu-h100x8-640gb", "gpu-h100x1-80gb"]),
        (["--model", "h100", "--creatable"], ["gpu-h100x1-80gb"]),
        (["--model", "h100", "--count", 8], ["gpu-h100x8-640gb"]),
        (["--min-vram", 1000], ["gpu-mi300x8-1536gb", "gpu-h200x8-1128gb"]),
        (["--max-hourly", 1.57], ["gpu-4000adax1-20gb", "gpu-l40sx1-48gb"]),
        (["--region", "ATL1", "--count", 1], ["gpu-h200x1-141gb"]),
    ],
    ids=str,
)
def test_sizes_are_those_that_were_asked_for(typed: Typed, words: list[object], expected: list[str]) -> None:
    assert slugs(typed, *words) == expected


def test_nothing_is_listed_when_no_size_fits(typed: Typed) -> None:
    assert typed("sizes", "--gpu", "--model", "b300") == (0, "", "no such sizes\n")
    code, _, errors = typed("sizes", "--gpu", "--count", 0)
    assert (code, errors) == (2, "error: --count: expected a whole number of at least 1, got 0\n")


def test_size_is_shown_when_the_api_leaves_out_what_it_may() -> None:
    size = Size.from_dict({"slug": "gpu-x", "gpu_info": {}})
    assert size_row(size) == ("gpu-x", "", "", "", "", "", "none now")
    assert size_json(size)["price_per_gpu"] is None
