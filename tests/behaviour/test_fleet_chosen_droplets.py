"""Which Droplets a fleet run acts on, and what is refused before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from flavours import AsyncFlavour
from fleet_account import FIRST, QUICK, acted, called, each, emulated, ids, of

from gradient_async import (
    JournalError,
    NotFoundError,
)
from gradient_async.emulator import Behaviour, DropletSpec, faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from flavours import Flavour


pytestmark = pytest.mark.once


async def test_each_acted_on_once_when_a_generator_names_some_twice() -> None:
    async def named() -> AsyncIterator[int]:
        for droplet_id in [*ids(4), *ids(5)]:
            yield droplet_id

    flavour = AsyncFlavour()
    async with emulated() as emulator:
        client = flavour.client(emulator)
        report = await client.fleet.run("reboot", droplets=named(), **QUICK)
        assert acted(emulator) == each(ids(5), ["reboot"])
        assert report.counts["completed"] == 5
        await flavour.close_all()


@pytest.mark.parametrize("how", ["run", "stream"])
async def test_nothing_sent_when_there_are_no_droplets(flavour: Flavour, how: str) -> None:
    async with emulated() as emulator:
        client = flavour.client(emulator)
        if how == "run":
            report = await flavour.call(client.fleet.run, "reboot", droplets=[])
            outcomes = report.outcomes
        else:
            outcomes = tuple(await flavour.items(client.fleet.stream("reboot", droplets=[])))
        assert outcomes == ()
        assert list(emulator.requests) == []


async def test_only_the_missing_droplet_failed_when_one_is_missing(flavour: Flavour) -> None:
    async with emulated(3) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.run, "reboot", droplets=[FIRST, 1, FIRST + 1], **QUICK)
        assert isinstance(of(report, 1).error, NotFoundError)
        assert of(report, 1).action is None
        assert report.counts == {"completed": 2, "started": 0, "failed": 1, "unknown": 0, "skipped": 0}


async def test_droplets_of_both_kinds_found_when_they_have_the_tag(flavour: Flavour) -> None:
    specs = [DropletSpec(tags=["t"]), DropletSpec(tags=["t"], gpu=False), DropletSpec(tags=["other"])]
    async with emulated(specs, behaviour=Behaviour(tag_lists_include_gpus=False)) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.reboot, tag="t", **QUICK)
        assert acted(emulator) == each(ids(2), ["reboot"])
        assert report.counts["completed"] == 2


@pytest.mark.parametrize("lists_show_gpus", [True, False])
async def test_only_gpu_droplets_of_the_tag_when_asked_for(flavour: Flavour, lists_show_gpus: bool) -> None:
    specs = [DropletSpec(tags=["t"]), DropletSpec(tags=["t"], gpu=False), DropletSpec(tags=["other"])]
    async with emulated(specs, behaviour=Behaviour(tag_lists_include_gpus=lists_show_gpus)) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.reboot, tag="t", gpus_only=True, **QUICK)
        assert acted(emulator) == each(ids(1), ["reboot"])
        assert report.counts["completed"] == 1
        outcomes = await flavour.items(client.fleet.stream("reboot", tag="t", gpus_only=True))
        assert [outcome.droplet_id for outcome in outcomes] == ids(1)


async def test_nothing_sent_when_gpus_only_cannot_hold(flavour: Flavour) -> None:
    async with emulated(1) as emulator:
        client = flavour.client(emulator)
        with pytest.raises(TypeError, match="gpus_only: only with a tag"):
            await flavour.call(client.fleet.run, "reboot", droplets=ids(1), gpus_only=True)
        with pytest.raises(TypeError, match="gpus_only: cannot hold beside by_tag=True"):
            await flavour.call(client.fleet.run, "power_cycle", tag="t", by_tag=True, gpus_only=True)
        with pytest.raises(TypeError, match="gpus_only"):
            await flavour.call(client.fleet.run, "reboot", tag="t", gpus_only="yes")
        assert list(emulator.requests) == []


@pytest.mark.parametrize("first", [True, False])
async def test_journal_refused_when_gpus_only_differs(flavour: Flavour, tmp_path: Path, first: bool) -> None:
    specs = [DropletSpec(tags=["t"]), DropletSpec(tags=["t"], gpu=False)]
    async with emulated(specs, faults=[faults.ErroredAction(times=9)]) as emulator:
        client = flavour.client(emulator)
        options: Any = {"tag": "t", "journal": tmp_path / "journal"} | QUICK
        await flavour.call(client.fleet.run, "reboot", gpus_only=first, **options)
        sent = acted(emulator)
        with pytest.raises(JournalError, match="gpus_only"):
            await flavour.call(client.fleet.run, "reboot", gpus_only=not first, **options)
        assert acted(emulator) == sent
        await flavour.call(client.fleet.resume, tmp_path / "journal", if_finished="report")
        assert sorted(acted(emulator)) == sorted(sent)


@pytest.mark.parametrize(
    ("method", "given", "error"),
    [
        ("run", ["no_such_type"], ValueError),
        ("run", ["resize"], TypeError),
        ("run", [None], TypeError),
        ("snapshot", ["{size}"], ValueError),
        ("snapshot", [" "], ValueError),
        ("resize", [""], ValueError),
        ("resize", [None], TypeError),
    ],
)
async def test_nothing_sent_when_the_action_is_impossible(
    flavour: Flavour, method: str, given: list[Any], error: type[Exception]
) -> None:
    async with emulated(1) as emulator:
        client = flavour.client(emulator)
        with pytest.raises(error):
            await flavour.call(getattr(client.fleet, method), *given, droplets=ids(1))
        assert list(emulator.requests) == []


@pytest.mark.parametrize(
    "options",
    [
        {"max_concurrency": 0},
        {"max_errors": -1},
        {"max_errors": True},
        {"batch_size": "0%"},
        {"batch_size": "101%"},
        {"timeout": 0},
        {"action_timeout": float("nan")},
        {"poll_interval": -1},
        {"on_busy": "ask"},
        {"until": "later"},
        {"wait": False, "until": "status"},
        {"health_check": "yes"},
        {"health_retries": -1},
        {"on_progress": 1},
        {"journal": ""},
        {"by_tag": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("how", ["run", "stream"])
async def test_nothing_sent_when_an_option_is_impossible(flavour: Flavour, options: dict[str, Any], how: str) -> None:
    async with emulated(1) as emulator:
        client = flavour.client(emulator)
        method = client.fleet.run if how == "run" else client.fleet.stream
        with pytest.raises((TypeError, ValueError), match=list(options)[-1]):
            # A stream refuses before it is iterated over.
            await (flavour.call if how == "run" else called)(method, "power_cycle", droplets=ids(1), **options)
        assert list(emulator.requests) == []


async def test_nothing_sent_when_one_of_the_ids_is_impossible(flavour: Flavour) -> None:
    async with emulated(2) as emulator:
        client = flavour.client(emulator)
        with pytest.raises((TypeError, ValueError), match="droplets"):
            await flavour.call(client.fleet.run, "reboot", droplets=[*ids(2), "3164446"])
        assert list(emulator.requests) == []
