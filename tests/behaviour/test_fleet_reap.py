"""Destroying what dead programs left: by the tags of a lease, and by the journal of a creation run."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from fleet_account import FIRST, emulated

from gradient_async import DropletCountError, JournalError, JournalInUseError
from gradient_async.emulator import DropletSpec
from gradient_async.fleet.create.creation_run import CreationRun
from gradient_async.fleet.create.journal import open_creation, recorded_creation
from gradient_async.fleet.lease_tags import lease_tags
from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour

    from gradient_async.emulator import Emulator
    from gradient_async.fleet.create.journal import CreationLog

pytestmark = pytest.mark.once

QUICK: Any = {"poll_interval": 0.02}
NOW = datetime.now(UTC)
RUN = CreationRun(nonce="5f0c2a91", name="train-{n}", call={"count": 4}, began_at=NOW)


def leased() -> list[DropletSpec]:
    """Return Droplets of a lease that was over 30 minutes ago, of one that runs for 30 more, and others."""
    now = datetime.now(UTC)
    over = lease_tags("over", now - timedelta(minutes=30))
    return [
        DropletSpec(name="over-1", tags=over),
        DropletSpec(name="over-2", tags=[*over, "train"], gpu=False),
        DropletSpec(name="runs", tags=lease_tags("runs", now + timedelta(minutes=30))),
        DropletSpec(name="neighbour", tags=["train"]),
        DropletSpec(name="half", tags=over[:1]),
    ]


def names(emulator: Emulator) -> set[str]:
    return {droplet.name for droplet in emulator.account.droplets.values()}


async def journal_of(path: Path, **sent_ago: float) -> CreationLog:
    log = open_creation(str(path), RUN)
    numbers = range(1, 5)
    at = Timestamp(time.time() - sent_ago.get("seconds", 600.0), 0.0)
    await log.sending([name_of(n) for n in numbers], size="s", region="tor1", price_hourly=1.0, now=at)
    return log


def name_of(number: int) -> str:
    return f"train-{number}-{RUN.nonce}"


async def test_only_leases_that_are_over_are_reaped(flavour: Flavour) -> None:
    async with emulated(leased()) as emulator:
        fleet = flavour.client(emulator).fleet
        planned = await flavour.call(fleet.plan_reap, older_than="10m")
        assert {one.name for one in planned.droplets} == {"over-1", "over-2"}
        assert (await flavour.call(fleet.reap, older_than="45m", **QUICK)).outcomes == ()
        with pytest.raises(DropletCountError):
            await flavour.call(fleet.reap, older_than=0, confirm_count=1)
        report = await flavour.call(fleet.reap, older_than=0, tag="train", **QUICK)
        assert {one.name for one in report.destroyed} == {"over-2"}
        report = await flavour.call(fleet.reap, older_than=0, **QUICK)
        assert {one.name for one in report.destroyed} == {"over-1"}
        assert names(emulator) == {"runs", "neighbour", "half"}


async def test_nothing_is_reaped_early_when_the_clock_is_ahead(
    flavour: Flavour, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ahead(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(days=1)

    monkeypatch.setattr("gradient_async.fleet.reaping.datetime", Ahead)
    async with emulated(leased()) as emulator:
        planned = await flavour.call(flavour.client(emulator).fleet.plan_reap, older_than=0)
        assert {one.name for one in planned.droplets} == {"over-1", "over-2"}


async def test_wrong_calls_send_nothing(flavour: Flavour) -> None:
    async with emulated(leased()) as emulator:
        fleet = flavour.client(emulator).fleet
        wrong: list[dict[str, Any]] = [
            {},
            {"journal": "a", "older_than": 1},
            {"journal": "a", "tag": "b"},
            {"older_than": "soon"},
            {"older_than": -1},
            {"older_than": True},
            {"older_than": 1, "tag": "a b"},
        ]
        for options in wrong:
            with pytest.raises((TypeError, ValueError)):
                await flavour.call(fleet.reap, **options)
        with pytest.raises(JournalError, match="no such journal"):
            await flavour.call(fleet.reap, "/nowhere/at-all.jsonl")
        assert not emulator.requests


async def test_dead_run_is_reaped_by_ids_and_names(flavour: Flavour, tmp_path: Path) -> None:
    specs = [DropletSpec(name=name_of(n)) for n in (1, 2, 3)]
    async with emulated([*specs, DropletSpec(name="train-1-other")]) as emulator:
        log = await journal_of(tmp_path / "j")
        log.created(name_of(1), FIRST)
        log.ready(name_of(1), FIRST)
        log.created(name_of(2), FIRST + 1)
        fleet = flavour.client(emulator).fleet
        with pytest.raises(JournalInUseError):
            await flavour.call(fleet.reap, tmp_path / "j")
        log.close()
        planned = await flavour.call(fleet.plan_reap, tmp_path / "j")
        assert {one.name for one in planned.droplets} == {name_of(n) for n in (1, 2, 3)}
        with pytest.raises(DropletCountError):
            await flavour.call(fleet.reap, tmp_path / "j", confirm_count=4)
        report = await flavour.call(fleet.reap, tmp_path / "j", confirm_count=3, **QUICK)
        assert report.counts["destroyed"] == 3
        assert names(emulator) == {"train-1-other"}
        records = recorded_creation(str(tmp_path / "j"))
        assert records is not None
        assert [records.names[name_of(n)].state for n in (1, 2, 3, 4)] == ["destroyed"] * 3 + ["absent"]
        again = await flavour.call(fleet.reap, tmp_path / "j", **QUICK)
        assert again.outcomes == ()


async def test_late_droplet_is_found_while_it_may_still_show(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(1) as emulator:
        (await journal_of(tmp_path / "j", seconds=0.0)).close()
        late = DropletSpec(name=name_of(4))
        emulator.account.after(60.0, lambda: emulator.account.add(late))
        report = await flavour.call(flavour.client(emulator).fleet.reap, tmp_path / "j", **QUICK)
        assert [one.name for one in report.destroyed] == [name_of(4)]


async def test_delivered_ones_stay_unless_the_whole_run_goes(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated([DropletSpec(name=name_of(n)) for n in (1, 2, 3)]) as emulator:
        log = await journal_of(tmp_path / "j")
        for n in (1, 2):
            log.created(name_of(n), FIRST + n - 1)
            log.ready(name_of(n), FIRST + n - 1)
        log.created(name_of(3), FIRST + 2)
        log.destroying(name_of(3), FIRST + 2, "it was too late")
        log.absent([name_of(4)], "no list shows it")
        await log.ended({"event": "ended", "counts": {"delivered": 2}, "ended_at": NOW.isoformat()})
        log.close()
        fleet = flavour.client(emulator).fleet
        report = await flavour.call(fleet.reap, tmp_path / "j", **QUICK)
        assert [one.name for one in report.destroyed] == [name_of(3)]
        report = await flavour.call(fleet.destroy, journal=tmp_path / "j", confirm_count=2, **QUICK)
        assert report.counts["destroyed"] == 2
        assert not emulator.account.droplets
