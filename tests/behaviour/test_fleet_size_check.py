"""``resize`` checks the size before it shuts anything down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest

from gradient_async import AuthenticationError, DropletCheckError, PreflightError
from gradient_async.emulator import DropletSpec, Emulator, faults
from gradient_async.waiting import poller

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from flavours import Flavour

pytestmark = pytest.mark.once

FIRST = 3164444
SIZE = "gpu-h100x8-640gb"
HIDDEN = "gpu-mi325x8-2048gb"
READ_ONLY_LITTLE = ("droplet:read", "droplet:update", "droplet:create", "actions:read")


@pytest.fixture(autouse=True)
def _quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "_FIRST_INTERVAL_SECONDS", 0.02)


def emulated(specs: int | Sequence[DropletSpec] = 1, **options: Any) -> Emulator:
    return Emulator(specs, **{"time_scale": 600.0, "limits": None, **options})


def posts(emulator: Emulator) -> int:
    return sum(request.method == "POST" for request in emulator.requests)


def size_reads(emulator: Emulator) -> int:
    return sum(request.path.startswith("/v2/sizes") for request in emulator.requests)


def ids(count: int) -> list[int]:
    return list(range(FIRST, FIRST + count))


@pytest.mark.parametrize("how", ["run", "journal"])
async def test_nothing_is_sent_when_the_size_is_not_listed(flavour: Flavour, how: str, tmp_path: Path) -> None:
    journal = tmp_path / "run.journal"
    async with emulated(3) as emulator:
        client = flavour.client(emulator)
        options: Any = {"journal": journal} if how == "journal" else {}
        with pytest.raises(PreflightError, match="size 'gpu-h100x8-640g' is not listed") as caught:
            await flavour.call(client.fleet.resize, "gpu-h100x8-640g", droplets=ids(3), **options)
        text = str(caught.value)
        assert f"the nearest are '{SIZE}'" in text
        assert "Contract sizes are never listed" in text
        assert "check_first=False" in text
        assert posts(emulator) == 0
        assert not journal.exists()


async def test_listed_sizes_are_named_when_none_is_near(flavour: Flavour) -> None:
    async with emulated() as emulator:
        client = flavour.client(emulator)
        with pytest.raises(PreflightError, match="listed are gpu-h100x1-80gb, gpu-h100x8-640gb, ") as caught:
            await flavour.call(client.fleet.resize, "TYPO", droplets=ids(1))
        assert HIDDEN not in str(caught.value)


async def test_sizes_are_read_once_when_a_fleet_is_resized(flavour: Flavour) -> None:
    async with emulated(3) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.resize, SIZE, droplets=ids(3), batch_size=1, grace=10.0)
        assert report.counts["completed"] == 3
        assert size_reads(emulator) == 1


async def test_hidden_size_is_taken_when_the_check_is_off(flavour: Flavour) -> None:
    async with emulated() as emulator:
        client = flavour.client(emulator)
        with pytest.raises(PreflightError, match="is not listed"):
            await flavour.call(client.fleet.resize, HIDDEN, droplets=ids(1))
        report = await flavour.call(client.fleet.resize, HIDDEN, droplets=ids(1), grace=10.0, check_first=False)
        assert report.counts["completed"] == 1
        assert emulator.account.droplets[FIRST].size.slug == HIDDEN
        assert size_reads(emulator) == 1


@pytest.mark.parametrize("why", ["scope", "404", "501"])
async def test_run_is_refused_when_the_sizes_cannot_be_read(flavour: Flavour, why: str) -> None:
    given: Any = {"scopes": READ_ONLY_LITTLE} if why == "scope" else {}
    if why != "scope":
        given = {"faults": [faults.HTMLError(int(why), route="GET /v2/sizes")]}
    async with emulated(**given) as emulator:
        client = flavour.client(emulator)
        with pytest.raises(PreflightError, match="cannot be checked, since the sizes cannot be read") as caught:
            await flavour.call(client.fleet.resize, SIZE, droplets=ids(1))
        assert "sizes:read" in str(caught.value)
        assert posts(emulator) == 0
        report = await flavour.call(client.fleet.resize, SIZE, droplets=ids(1), grace=10.0, check_first=False)
        assert report.counts["completed"] == 1


async def test_token_error_is_itself_when_the_token_is_refused(flavour: Flavour) -> None:
    async with emulated() as emulator:
        client = flavour.client(emulator, access_token="wrong")
        with pytest.raises(AuthenticationError):
            await flavour.call(client.fleet.resize, SIZE, droplets=ids(1))


@pytest.mark.parametrize(
    ("spec", "size", "disk", "expected"),
    [
        (DropletSpec(size=SIZE), "gpu-h100x1-80gb", False, "its disk of 720 GB is smaller than the Droplet's 2,046 GB"),
        (DropletSpec(size=SIZE), "gpu-h100x1-80gb", True, "its disk of 720 GB is smaller than the Droplet's 2,046 GB"),
        (
            DropletSpec(region="ams3"),
            "gpu-h200x1-141gb",
            False,
            "it is offered in nyc2, atl1, and the Droplet is in ams3",
        ),
    ],
)
async def test_droplet_stays_as_it_is_when_it_cannot_take_the_size(
    flavour: Flavour, spec: DropletSpec, size: str, disk: bool, expected: str
) -> None:
    async with emulated([spec]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.resize, size, droplets=ids(1), disk=disk)
        (outcome,) = report.failed
        assert isinstance(outcome.error, DropletCheckError)
        assert expected in outcome.reason
        assert posts(emulator) == 0


@pytest.mark.parametrize("disk", [False, True])
async def test_droplet_is_left_alone_when_it_has_the_size(flavour: Flavour, disk: bool) -> None:
    async with emulated([DropletSpec(size=SIZE)]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.resize, SIZE, droplets=ids(1), disk=disk)
        assert [one.reason for one in report.completed] == ["nothing had to be done"]
        assert posts(emulator) == 0


async def test_sizes_are_not_read_when_one_action_is_run(flavour: Flavour) -> None:
    from gradient_async import Resize

    async with emulated([DropletSpec(status="off")]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, Resize(size="typo"), droplets=ids(1))
        assert (report.counts["failed"], size_reads(emulator)) == (1, 0)


async def test_interrupted_resize_is_finished_with_an_unlisted_size(flavour: Flavour, tmp_path: Path) -> None:
    journal = str(tmp_path / "run.journal")

    async def hurry(emulator: Emulator) -> None:
        while True:
            await anyio.sleep(0.02)
            emulator.clock.advance(60.0)

    async with emulated(time_scale=1.0) as emulator, anyio.create_task_group() as tasks:
        client = flavour.client(emulator)
        first = await flavour.call(client.fleet.resize, SIZE, droplets=ids(1), journal=journal, timeout=1.0)
        assert posts(emulator) == 1
        assert first.counts["completed"] == 0
        emulator.account.catalogue = emulator.account.catalogue.unlisted(SIZE)
        tasks.start_soon(hurry, emulator)
        report = await flavour.call(client.fleet.resume, journal, timeout=None)
        tasks.cancel_scope.cancel()
        assert report.counts["completed"] == 1
        assert emulator.account.droplets[FIRST].size.slug == SIZE
