"""Outcomes of a fleet run, streamed."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from flavours import AsyncFlavour
from fleet_account import FIRST, QUICK, acted, each, emulated, ids

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour


pytestmark = pytest.mark.once


async def test_slowest_droplet_comes_last_when_outcomes_are_streamed(flavour: Flavour) -> None:
    async with emulated(4, durations={"snapshot": 1e9}) as emulator:
        account, client = emulator.account, flavour.client(emulator)
        snapshot = account.start(FIRST, "snapshot", name="x")

        async def end_snapshot() -> None:
            """End the snapshot after the reboots of the others."""
            while sum(one.by_request and one.is_finished for one in account.actions.values()) < 3:  # noqa: ASYNC110 - no event
                await asyncio.sleep(0.005)
            account.after(0.0, partial(account._end, snapshot.id))

        ending = asyncio.create_task(end_snapshot())
        outcomes = await flavour.items(client.fleet.stream("reboot", droplets=ids(4), **QUICK))
        await ending
        assert outcomes[-1].droplet_id == FIRST
        assert sorted(outcome.droplet_id for outcome in outcomes) == ids(4)


async def test_droplets_read_no_faster_than_acted_on_when_streamed() -> None:
    read: list[int] = []

    def named() -> Any:
        for droplet_id in ids(30):
            read.append(droplet_id)
            yield droplet_id

    flavour = AsyncFlavour()
    async with emulated(30) as emulator:
        client = flavour.client(emulator)
        stream = client.fleet.stream("reboot", droplets=named(), max_concurrency=2, **QUICK)
        assert read == []
        await flavour.first(stream)
        assert len(read) < 30
        await stream.aclose()
        assert set(acted(emulator)) <= set(read)
        await flavour.close_all()


async def test_second_run_completes_the_rest_when_a_stream_was_left(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(8) as emulator:
        client = flavour.client(emulator)
        options: Any = {"droplets": ids(8), "journal": tmp_path / "journal", "max_concurrency": 2} | QUICK
        stream = client.fleet.stream("reboot", **options)
        await flavour.first(stream)
        await flavour.call(stream.aclose if flavour.name == "async" else stream.close)
        report = await flavour.call(client.fleet.run, "reboot", **options)
        assert report.counts["completed"] == 8
        assert acted(emulator) == each(ids(8), ["reboot"])
