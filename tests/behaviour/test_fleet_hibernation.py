"""Droplets that are destroyed after a snapshot, and made again from it."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import pytest
from fleet_account import FIRST, emulated, ids

from gradient_async import (
    CapacityError,
    DestroyCancelled,
    Droplet,
    HibernatedDroplet,
    HibernationCancelled,
    HibernationReport,
    JournalError,
    PreflightError,
)
from gradient_async.emulator import DropletSpec, Visibility, faults
from gradient_async.fleet import restore_twins, restoring
from gradient_async.fleet.hibernation_journal import HibernationJournal

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour

    from gradient_async.emulator import Emulator

pytestmark = pytest.mark.once

QUICK: Any = {"poll_interval": 0.02}
CREATE = "POST /v2/droplets"
SPECS = [
    DropletSpec(name="train-1", tags=["train"], ipv6=True),
    DropletSpec(name="train-2", tags=["train", "big"], size="gpu-h100x8-640gb"),
    DropletSpec(name="neighbour"),
]


@pytest.fixture(autouse=True)
def short_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no restore wait for lists that do not lag."""
    monkeypatch.setattr(restore_twins, "_LAG_SECONDS", 0.1)


def facts(emulator: Emulator) -> dict[str, tuple[object, ...]]:
    return {
        one.name: (one.size.slug, one.region, sorted(one.tags), "ipv6" in one.features)
        for one in emulator.account.droplets.values()
    }


async def test_the_same_droplets_are_back_after_a_restore(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(SPECS, gpu_limit=64) as emulator:
        before = facts(emulator)
        fleet = flavour.client(emulator).fleet
        report = await flavour.call(fleet.hibernate, tag="train", journal=tmp_path / "j", confirm_count=2, **QUICK)
        assert report.is_complete
        assert set(facts(emulator)) == {"neighbour"}
        assert {one.name for one in report.droplets} == {"train-1", "train-2"}
        assert HibernatedDroplet.all_from_json(report.to_json()) == report.droplets
        (tmp_path / "report.json").write_text(report.to_json())
        restored = await flavour.call(fleet.restore, report, **QUICK)
        assert restored.is_complete
        assert facts(emulator) == before
        assert all(one.droplet.vpc_uuid == one.source.vpc_uuid is not None for one in restored.outcomes)
        for source in (report, tmp_path / "j", tmp_path / "report.json", str(tmp_path / "j")):
            again = await flavour.call(fleet.restore, source, **QUICK)
            assert {one.reason for one in again.outcomes} == {"it was restored before"}
        assert facts(emulator) == before


async def test_second_night_on_one_journal_makes_each_once(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(SPECS, gpu_limit=64) as emulator:
        before = facts(emulator)
        fleet = flavour.client(emulator).fleet
        for night in (1, 2):
            report = await flavour.call(fleet.hibernate, tag="train", journal=tmp_path / "j", **QUICK)
            assert len(report.droplets) == 2, night
            restored = await flavour.call(fleet.restore, tmp_path / "j", **QUICK)
            assert [one.status for one in restored.outcomes] == ["restored"] * 2
            assert facts(emulator) == before
            assert len(emulator.account.droplets) == 3


async def test_those_without_a_snapshot_stay(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(SPECS, gpu_limit=64, faults=[faults.ErroredAction(type="snapshot", times=1)]) as emulator:
        fleet = flavour.client(emulator).fleet
        report = await flavour.call(fleet.hibernate, ids(2), journal=tmp_path / "j", **QUICK)
        assert report.destroyed.counts["kept"] == 1
        assert len(report.droplets) == 1
        assert len(emulator.account.droplets) == 2
        again = await flavour.call(fleet.hibernate, tag="train", journal=tmp_path / "j", **QUICK)
        assert {one.name for one in again.droplets} == {"train-1", "train-2"}


async def test_those_whose_record_cannot_be_written_stay(
    flavour: Flavour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_journal: HibernationJournal, _droplet: HibernatedDroplet) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(HibernationJournal, "add", full)
    async with emulated(SPECS, gpu_limit=64) as emulator:
        fleet = flavour.client(emulator).fleet
        report = await flavour.call(fleet.hibernate, ids(2), journal=tmp_path / "j", **QUICK)
        assert report.droplets == ()
        assert {one.reason for one in report.destroyed.kept} == {
            "its record cannot be written: [Errno 28] No space left on device"
        }
        assert [emulator.account.droplets[one].status for one in ids(2)] == ["active"] * 2


@pytest.mark.parametrize("name", ["hibernate", "destroy", "reap"])
@pytest.mark.parametrize("count", [1, 2, 3])
async def test_cancelled_run_has_a_report_from_the_first(name: str, count: int) -> None:
    from flavours import AsyncFlavour

    flavour = AsyncFlavour()
    call: Any = {"older_than": 0} if name == "reap" else {"tag": "train"}
    async with emulated(SPECS, gpu_limit=64, faults=[faults.Slow(seconds=0.1)]) as emulator:
        method = getattr(flavour.client(emulator).fleet, name)
        task = asyncio.create_task(method(**call, **QUICK))
        await asyncio.wait_for(emulator.requests.seen(count=count), 5.0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
        assert isinstance(caught.value, DestroyCancelled | HibernationCancelled)
        report = caught.value.report
        assert isinstance(report, HibernationReport) == (name == "hibernate")
        outcomes = report.destroyed.outcomes if isinstance(report, HibernationReport) else report.outcomes
        assert len(outcomes) == (0 if name == "reap" or count == 1 else 2)
        await flavour.close_all()


async def test_cancelled_run_is_restored_from_its_report() -> None:
    from flavours import AsyncFlavour

    flavour = AsyncFlavour()
    async with emulated(SPECS, gpu_limit=64) as emulator:
        before = facts(emulator)
        fleet = flavour.client(emulator).fleet
        task = asyncio.create_task(fleet.hibernate(tag="train", max_concurrency=1, **QUICK))
        await asyncio.wait_for(emulator.requests.seen("DELETE *", done=True), 5.0)
        task.cancel()
        with pytest.raises(HibernationCancelled) as caught:
            await task
        report = caught.value.report
        assert len(report.droplets) == 1
        assert [one.reason for one in report.destroyed.kept] == [
            "it was cancelled before its snapshot was found; it may be switched off, and a snapshot may exist"
        ]
        emulator.clock.advance(60.0)
        assert (await fleet.restore(report, **QUICK)).is_complete
        assert facts(emulator) == before
        await flavour.close_all()


async def test_restored_droplet_is_not_reaped_for_its_past_lease(flavour: Flavour) -> None:
    tags = ["train", "gradient-lease:5f0c2a91", "gradient-lease-until:2026-01-01T00:00:00Z"]
    async with emulated([DropletSpec(name="train-1", tags=tags)], gpu_limit=64) as emulator:
        fleet = flavour.client(emulator).fleet
        report = await flavour.call(fleet.hibernate, [FIRST], **QUICK)
        assert (await flavour.call(fleet.restore, report, **QUICK)).is_complete
        (droplet,) = emulator.account.droplets.values()
        assert list(droplet.tags) == ["train"]
        assert (await flavour.call(fleet.reap, older_than=0)).outcomes == ()


async def test_nothing_is_made_while_the_first_still_exists(flavour: Flavour) -> None:
    async with emulated(SPECS, gpu_limit=64) as emulator:
        fleet = flavour.client(emulator).fleet
        source = HibernatedDroplet(name="train-1", snapshot_id=1, droplet_id=FIRST, size="s", region="tor1")
        report = await flavour.call(fleet.restore, [source], **QUICK)
        assert [one.status for one in report.outcomes] == ["skipped"]
        assert len(emulator.account.droplets) == 3


async def test_each_is_made_once_when_answers_are_lost(flavour: Flavour) -> None:
    async with emulated(SPECS, gpu_limit=64, faults=[faults.DropAfter(route=CREATE, times=1)]) as emulator:
        fleet = flavour.client(emulator).fleet
        report = await flavour.call(fleet.hibernate, tag="train", **QUICK)
        restored = await flavour.call(fleet.restore, report, **QUICK)
        assert restored.is_complete
        assert sorted(one.name for one in emulator.account.droplets.values()) == ["neighbour", "train-1", "train-2"]


async def test_second_call_restores_after_a_lack_of_capacity(flavour: Flavour, tmp_path: Path) -> None:
    full = faults.ServerError(status=422, message="Size is not available in this region.", route=CREATE, times=1)
    async with emulated(SPECS, gpu_limit=64, faults=[full]) as emulator:
        fleet = flavour.client(emulator, create_settle_seconds=60.0).fleet
        await flavour.call(fleet.hibernate, tag="train", journal=tmp_path / "j", **QUICK)
        restored = await flavour.call(fleet.restore, tmp_path / "j", **QUICK)
        assert restored.counts == {"restored": 1, "skipped": 0, "failed": 1, "unknown": 0}
        (failed,) = [one for one in restored.outcomes if one.status == "failed"]
        assert isinstance(failed.error, CapacityError)
        assert [str(restored), repr(restored)] == [
            f"{restored.headline}\n  failed  {failed.source.name}  {failed.reason}",
            f"<RestoreReport {restored.headline}>",
        ]
        (made,) = restored.droplets
        rows = {row["status"]: (row["name"], row["droplet_id"]) for row in restored.to_rows()}
        assert rows == {"restored": (made.name, made.id), "failed": (failed.source.name, None)}
        assert (await flavour.call(fleet.restore, tmp_path / "j", **QUICK)).is_complete
        assert len(emulator.account.droplets) == 3


async def test_snapshots_alone_are_enough_with_a_size(flavour: Flavour) -> None:
    async with emulated(SPECS, gpu_limit=64) as emulator:
        fleet = flavour.client(emulator).fleet
        report = await flavour.call(fleet.hibernate, FIRST, **QUICK)
        (one,) = report.droplets
        lacking = await flavour.call(fleet.restore, one.snapshot_name, **QUICK)
        assert "its size is not known" in lacking.outcomes[0].reason
        for source in (one.snapshot_name, one.snapshot_id):
            restored = await flavour.call(fleet.restore, source, size="gpu-h100x1-80gb", **QUICK)
            assert [droplet.name for droplet in restored.droplets] == ["train-1"]
        assert len(emulator.account.droplets) == 3


async def test_wrong_sources_create_nothing(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(SPECS, gpu_limit=64) as emulator:
        fleet = flavour.client(emulator).fleet
        (tmp_path / "text").write_text("hello")
        for source in (None, 1.5, [True], "no such snapshot", "a" * 5000, "\0", tmp_path / "none", tmp_path / "text"):
            with pytest.raises((TypeError, ValueError, JournalError)):
                await flavour.call(fleet.restore, source)
        assert all(request.method == "GET" for request in emulator.requests)


async def test_no_second_one_is_made_while_the_list_lags(flavour: Flavour, tmp_path: Path) -> None:
    async with emulated(SPECS, gpu_limit=64, visibility=Visibility(list=120.0)) as emulator:
        fleet = flavour.client(emulator, create_settle_seconds=2.0).fleet
        await flavour.call(fleet.hibernate, FIRST, journal=tmp_path / "j", **QUICK)
        first = await flavour.call(fleet.restore, tmp_path / "j", until=None)
        second = await flavour.call(fleet.restore, tmp_path / "j", until=None)
        assert second.outcomes[0].reason == "it was restored before"
        assert first.droplets[0].id == second.droplets[0].id
        assert len(emulator.account.droplets) == 3


async def test_two_processes_at_once_make_each_droplet_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from flavours import AsyncFlavour

    flavour = AsyncFlavour()
    # Two processes have no claims in common.
    monkeypatch.setattr(restoring, "claimed", lambda *_: nullcontext())
    slow = faults.Slow(seconds=0.5, route=CREATE)
    async with emulated(SPECS, gpu_limit=64, faults=[slow]) as emulator:
        before = facts(emulator)
        first, second = (flavour.client(emulator).fleet for _ in range(2))
        report = await flavour.call(first.hibernate, tag="train", **QUICK)
        both = await asyncio.gather(*(flavour.call(fleet.restore, report, **QUICK) for fleet in (first, second)))
        assert facts(emulator) == before
        assert len(emulator.requests.on(CREATE)) == 4
        kept = {one.id for one in emulator.account.droplets.values() if one.name != "neighbour"}
        for restored in both:
            assert restored.is_complete
            assert {one.droplet.id for one in restored.outcomes} == kept
        reasons = [one.reason for restored in both for one in restored.outcomes]
        assert sum("had restored it as Droplet" in one and "was destroyed" in one for one in reasons) == 2
        assert sum("made Droplet" in one for one in reasons) <= 2
        await flavour.close_all()


async def test_twin_is_found_when_the_lists_lag(monkeypatch: pytest.MonkeyPatch) -> None:
    from flavours import AsyncFlavour

    flavour = AsyncFlavour()
    monkeypatch.setattr(restoring, "claimed", lambda *_: nullcontext())
    monkeypatch.setattr(restore_twins, "_LAG_SECONDS", 0.8)
    lag, slow = Visibility(list=360.0), faults.Slow(seconds=0.3, route=CREATE)
    async with emulated(SPECS, gpu_limit=64, visibility=lag, faults=[slow]) as emulator:
        first, second = (flavour.client(emulator).fleet for _ in range(2))
        report = await first.hibernate([FIRST], **QUICK)
        both = await asyncio.gather(*(fleet.restore(report, until=None, **QUICK) for fleet in (first, second)))
        kept = [one.id for one in emulator.account.droplets.values() if one.name == "train-1"]
        assert [[one.id for one in restored.droplets] for restored in both] == [kept, kept]
        await flavour.close_all()


def test_only_name_and_snapshot_together_make_a_twin() -> None:
    def droplet(number: int, created: str, *, name: str = "train-1", image: int = 9) -> Droplet:
        fields = {"id": number, "name": name, "image": {"id": image}, "status": "new"}
        fields["created_at"] = f"2026-11-30T03:00:{created}Z"
        return Droplet.from_dict(fields)

    own = droplet(20, "05")
    older, same_second = droplet(21, "04"), droplet(19, "05")
    others = [
        own,
        droplet(1, "00", name="another"),
        droplet(2, "00", image=8),
        Droplet.from_dict({"id": 3, "name": "train-1", "status": "new"}),
    ]
    assert restore_twins.twins_of(own, 9, [*others, same_second, older]) == [older, same_second]
    assert restore_twins.twins_of(own, 9, others) == []
    for other in (older, same_second):
        assert restore_twins.is_younger(own, other)
        assert not restore_twins.is_younger(other, own)


async def test_two_restores_at_once_make_each_droplet_once(flavour: Flavour) -> None:
    async with emulated(SPECS, gpu_limit=64) as emulator:
        first, second = (flavour.client(emulator).fleet for _ in range(2))
        report = await flavour.call(first.hibernate, tag="train", **QUICK)
        calls: list[asyncio.Task[Any]] = []

        def is_other_over(_: object) -> bool:
            return any(call.done() for call in calls)

        waits: Any = {"until": is_other_over, "timeout": 5.0, **QUICK}
        calls += [asyncio.create_task(flavour.call(fleet.restore, report, **waits)) for fleet in (first, second)]
        ended = await asyncio.gather(*calls, return_exceptions=True)
        (refused,) = [one for one in ended if isinstance(one, BaseException)]
        assert isinstance(refused, PreflightError)
        assert any(str(one.snapshot_id) in str(refused) for one in report.droplets)
        assert sorted(one.name for one in emulator.account.droplets.values()) == ["neighbour", "train-1", "train-2"]
        again = await flavour.call(second.restore, report, **QUICK)
        assert {one.reason for one in again.outcomes} == {"it was restored before"}
