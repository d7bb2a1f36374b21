"""Destroying Droplets: who is destroyed, what stays, and what the report says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fleet_account import FIRST, emulated, ids

from gradient_async import DropletCountError, PermissionDeniedError
from gradient_async.emulator import DropletSpec, faults
from gradient_async.fleet.destroy import snapshots as snapshot_maker

if TYPE_CHECKING:
    from flavours import Flavour

    from gradient_async.emulator import Emulator

pytestmark = pytest.mark.once

QUICK: Any = {"poll_interval": 0.02}
TAGGED = [DropletSpec(name=f"t{n}", tags=["train"], gpu=n != 1) for n in range(3)]
SPECS = [*TAGGED, DropletSpec(name="neighbour", tags=["other"])]


def deletes(emulator: Emulator) -> list[str]:
    return [request.path for request in emulator.requests if request.method == "DELETE"]


async def snapshots(flavour: Flavour, client: Any) -> set[str]:
    return {one.name for one in await flavour.items(client.gpu_droplets.snapshots.list_all(resource_type="droplet"))}


async def test_needed_scope_is_named_when_the_token_may_not_destroy(flavour: Flavour) -> None:
    async with emulated(SPECS, scopes={"droplet:read"}) as emulator:
        report = await flavour.call(flavour.client(emulator).fleet.destroy, ids(1), **QUICK)
    (outcome,) = report.outcomes
    assert outcome.status == "failed"
    assert outcome.reason.endswith("This request needs a token with droplet:delete.")


async def test_those_with_the_tag_are_gone_by_their_ids(flavour: Flavour) -> None:
    async with emulated(SPECS) as emulator:
        report = await flavour.call(flavour.client(emulator).fleet.destroy, tag="train", confirm_count=3, **QUICK)
        assert report.is_complete
        assert sorted(deletes(emulator)) == [f"/v2/droplets/{one}" for one in ids(3)]
        assert [one.name for one in emulator.account.droplets.values()] == ["neighbour"]
        assert {one.name for one in report.destroyed} == {"t0", "t1", "t2"}
        price = sum(one.price_hourly or 0 for one in report.outcomes)
        assert report.stopped_hourly == pytest.approx(price)
        assert price > 3
        assert report.still_hourly == 0
        report.raise_for_failures()


async def test_nothing_is_sent_when_the_count_differs(flavour: Flavour) -> None:
    async with emulated(SPECS) as emulator:
        fleet = flavour.client(emulator).fleet
        for target in ({"tag": "train"}, {"droplets": ids(3)}):
            with pytest.raises(DropletCountError, match="expected 2 Droplets, found 3") as refused:
                await flavour.call(fleet.destroy, **target, confirm_count=2)
            assert (refused.value.expected, refused.value.found) == (2, 3)
        with pytest.raises(DropletCountError, match="1 of the given ids do not exist"):
            await flavour.call(fleet.destroy, [FIRST, 7], confirm_count=2)
        assert deletes(emulator) == []


async def test_id_without_a_droplet_is_not_found(flavour: Flavour) -> None:
    async with emulated(SPECS) as emulator:
        fleet = flavour.client(emulator).fleet
        report = await flavour.call(fleet.destroy, [FIRST, 7], **QUICK)
        assert [(one.droplet_id, one.status) for one in report.outcomes if not one.is_destroyed] == [(7, "not_found")]
        assert report.not_found == report.outcomes[-1:] or report.not_found == report.outcomes[:1]
        assert report.headline == "destroy of 2 Droplets: 1 destroyed, 1 not found; $3.39 an hour less"
        assert report.is_complete
        assert report.to_rows()[0]["error"] is None
        report.raise_for_failures()


async def test_wrong_calls_send_nothing(flavour: Flavour) -> None:
    async with emulated(1) as emulator:
        fleet = flavour.client(emulator).fleet
        wrong: list[dict[str, Any]] = [
            {},
            {"droplets": FIRST, "tag": "a"},
            {"droplets": FIRST, "until": "later"},
            {"droplets": FIRST, "with_resources": ["kernels"]},
            {"droplets": FIRST, "with_resources": "volumes"},
            {"droplets": FIRST, "snapshot": "yes"},
            {"droplets": FIRST, "timeout": 0},
            {"droplets": FIRST, "max_concurrency": 0},
            {"droplets": FIRST, "ids": [1]},
        ]
        for options in wrong:
            with pytest.raises((TypeError, ValueError)):
                await flavour.call(fleet.destroy, **options)
        assert not emulator.requests


async def test_a_droplet_is_gone_only_after_its_snapshot(flavour: Flavour) -> None:
    errored = faults.ErroredAction(type="snapshot", times=1)
    async with emulated(3, faults=[errored]) as emulator:
        progresses: list[str] = []
        client = flavour.client(emulator)
        report = await flavour.call(
            client.fleet.destroy,
            ids(3),
            snapshot=True,
            on_progress=lambda progress: progresses.append(f"{progress.ended}/{progress.total}"),
            **QUICK,
        )
        assert report.counts == {"destroyed": 2, "not_found": 0, "kept": 1, "failed": 0, "unknown": 0}
        (kept,) = report.kept
        assert "snapshot" in kept.reason
        (left,) = emulator.account.droplets.values()
        assert (left.id, left.status) == (kept.droplet_id, "active")
        names = {one.snapshot_name for one in report.destroyed}
        assert await snapshots(flavour, client) == names
        assert all(one.snapshot_id in {int(r.id) for r in one.left} for one in report.destroyed)
        assert progresses == ["1/3", "2/3", "3/3"]
        assert report.still_hourly == kept.price_hourly
        with pytest.raises(ExceptionGroup) as group:
            report.raise_for_failures()
        assert len(group.value.exceptions) == 1


@pytest.mark.parametrize("times", [1, None])
async def test_droplet_stays_until_its_snapshot_is_seen(
    flavour: Flavour, times: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_maker, "_SETTLE_SECONDS", 0.3)
    unseen = faults.ServerError(403, route="GET /v2/droplets/{droplet_id}/snapshots", times=times)
    async with emulated(1, faults=[unseen]) as emulator:
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.destroy, FIRST, snapshot=True, **QUICK)
        (outcome,) = report.outcomes
        if times is not None:
            assert (outcome.is_destroyed, [*emulator.account.droplets]) == (True, [])
            assert await snapshots(flavour, client) == {outcome.snapshot_name}
        else:
            assert outcome.reason.endswith("the Droplet's list of snapshots does not show it")
            assert isinstance(outcome.error, PermissionDeniedError)
            assert emulator.account.droplets[FIRST].status == "active"
            assert deletes(emulator) == []


async def test_what_is_left_is_named_when_only_droplets_go(flavour: Flavour) -> None:
    async with emulated(2) as emulator:
        emulator.account.start(FIRST, "snapshot", name="mine")
        emulator.clock.advance(7200)
        report = await flavour.call(flavour.client(emulator).fleet.destroy, ids(2), **QUICK)
        (left,) = report.left
        assert (left.kind, left.name) == ("snapshots", "mine")
        assert "still billed  snapshot" in str(report)
        assert json.loads(report.to_json())["left"][0]["name"] == "mine"


async def test_what_is_left_is_unknown_when_it_cannot_be_read(flavour: Flavour) -> None:
    route = "/v2/droplets/{droplet_id}"
    unread = faults.ServerError(403, route=f"GET {route}/destroy_with_associated_resources")
    late = faults.ServerError(503, route=f"DELETE {route}", times=1)
    async with emulated(1, faults=[unread, late]) as emulator:
        client = flavour.client(emulator, max_retries=0)
        report = await flavour.call(client.fleet.destroy, FIRST, **QUICK)
        assert (report.is_complete, report.outcomes[0].left) == (True, None)
        assert "of 1 Droplets it is not known what is left and billed" in str(report)
        assert report.to_rows()[0]["left"] is None
        assert [one.method for one in emulator.requests if "destroy_with" in one.path] == ["GET"]
        assert len(deletes(emulator)) == 2


async def test_resources_go_too_except_the_new_snapshot(flavour: Flavour) -> None:
    async with emulated(1) as emulator:
        emulator.account.start(FIRST, "snapshot", name="old")
        emulator.clock.advance(7200)
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.destroy, FIRST, snapshot=True, with_resources=True, **QUICK)
        (outcome,) = report.outcomes
        assert outcome.is_destroyed
        assert [one.name for one in outcome.destroyed_with] == ["old"]
        assert [one.name for one in report.left] == [outcome.snapshot_name]
        assert await snapshots(flavour, client) == {outcome.snapshot_name}
        assert not emulator.account.droplets
