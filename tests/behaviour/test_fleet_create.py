"""Hunting for capacity: as many Droplets as are wanted or none, each once, and a report that is true."""

from __future__ import annotations

import asyncio
import json
import pickle
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from late_lists import late_until

from gradient_async import (
    APIStatusError,
    ClientClosedError,
    CreateOutcomeUnknownError,
    CreationCancelled,
    CreationProgress,
    Droplet,
    GpuLimitError,
    ImageError,
    JournalFinishedError,
    JournalMismatchError,
    NotEnoughDropletsError,
    PreflightError,
)
from gradient_async.emulator import (
    PUBLIC_CATALOGUE,
    Behaviour,
    DropAfter,
    DropBefore,
    DropletSpec,
    Emulator,
    ErroredAction,
    ServerError,
    Slow,
    Token,
    Visibility,
)
from gradient_async.emulator.capacity import Opening
from gradient_async.fleet import journal_text
from gradient_async.fleet.create import lines, settling
from gradient_async.fleet.create import records as formats
from gradient_async.http.request import Timestamp
from gradient_async.resources.droplet_creator import DropletCreator
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour

pytestmark = pytest.mark.once

ROUTE = "POST /v2/droplets"
H100, H200 = "gpu-h100x1-80gb", "gpu-h200x1-141gb"
MANY = attrs.evolve(PUBLIC_CATALOGUE, droplet_limit=100, gpu_limit=100)
NEIGHBOUR = DropletSpec(name="gpu-1-00000000")
CALL: dict[str, Any] = {"sizes": [H100], "image": "gpu-h100x1-base", "poll_interval": 0.02, "retry_every": 0.05}


def account(*faults: Any, **options: Any) -> Emulator:
    usual: dict[str, Any] = {"limits": None, "time_scale": 600.0, "catalogue": MANY, "faults": faults}
    return Emulator([NEIGHBOUR], **{**usual, **options})


def posts(emulator: Emulator) -> int:
    return sum(one.method == "POST" and one.path == "/v2/droplets" for one in emulator.requests)


def own(emulator: Emulator) -> dict[int, str]:
    """Return the Droplets that requests have created and not destroyed; the neighbour has to be there."""
    emulator.clock.advance(600)
    found = {one.id: one.name for one in emulator.account.droplets.values()}
    assert [name for name in found.values() if name == NEIGHBOUR.name] == [NEIGHBOUR.name]
    return {key: name for key, name in found.items() if name != NEIGHBOUR.name}


def sent_names(emulator: Emulator) -> set[str]:
    """Return the names of all creates that were sent."""
    bodies: list[Any] = [one.body for one in emulator.requests.on(ROUTE)]
    return {name for body in bodies for name in body["names"]}


def check_true(report: Any, emulator: Emulator, *, lost: set[str] | frozenset[str] = frozenset()) -> None:
    """What the report says is what the account has. Names whose answers were lost, and that do not exist, are named."""
    there = own(emulator)
    assert {one.id: one.name for one in report.droplets} == there
    assert {one.droplet_id for one in report.outcomes if one.status == "delivered"} == {*there}
    assert {(one.name, one.status, one.droplet_id) for one in report.left} == {(name, "unknown", None) for name in lost}
    assert all("the lists do not show it so far: look again with " in one.reason for one in report.left)


# What is delivered.


async def test_droplets_are_created_and_usable(flavour: Flavour) -> None:
    seen: list[CreationProgress] = []
    async with account() as emulator:
        create = flavour.client(emulator).fleet.create
        report = await flavour.call(create, count=12, name="train-{n}", tags=["t"], on_progress=seen.append, **CALL)
        assert (report.is_complete, report.is_enough, report.stopped_by, report.rounds) == (True, True, None, 1)
        assert all(one.is_active and one.name.startswith("train-") for one in report.droplets)
        assert report.hourly == pytest.approx(12 * 3.39)
        assert posts(emulator) == 2
        check_true(report, emulator)
    assert (seen[-1].ready, seen[-1].created, seen[-1].count) == (12, 12, 12)
    assert report.headline.startswith("create: 12 of 12 Droplets for $40.68 an hour (")
    assert len(json.loads(report.to_json())["outcomes"]) == len(report.to_rows()) == 12
    assert report.raise_for_shortage() is None
    assert "<table" in report._repr_html_()


async def test_next_pair_is_tried_when_there_is_no_capacity(flavour: Flavour) -> None:
    async with account() as emulator:
        emulator.capacity.set(H100, "*", 0)
        emulator.capacity.set(H200, "*", 0)
        emulator.capacity.set(H200, "atl1", 2)
        create = flavour.client(emulator).fleet.create
        call = {**CALL, "sizes": [H100, H200], "contract": [(H100, "tor1")]}
        report = await flavour.call(create, count=5, min_count=2, **call)
        assert [one.region.slug for one in report.droplets] == ["atl1", "atl1"]
        assert (report.is_enough, report.is_complete, report.rounds) == (True, False, 1)
        assert [(one.size, one.region, one.posts) for one in report.offers] == [(H100, "tor1", 1), (H200, "atl1", 3)]
        check_true(report, emulator)


async def test_capacity_is_found_when_it_comes_and_goes(flavour: Flavour) -> None:
    async with account(time_scale=40.0, behaviour=Behaviour(size_regions="fixed")) as emulator:
        emulator.capacity.set(H100, "*", 0)
        emulator.capacity.set(H100, "nyc2", Opening(20.0, 60.0, at=20.0))
        create = flavour.client(emulator).fleet.create
        report = await flavour.call(create, count=8, deadline=20.0, until=None, **CALL)
        assert (report.is_complete, len({one.region.slug for one in report.droplets})) == (True, 1)
        # In each round each of the three regions is asked once, and in the last one until all are there.
        assert posts(emulator) <= 3 * report.rounds + 8
        [found] = [one for one in report.offers if one.accepted]
        assert (found.region, found.accepted) == ("nyc2", 8)
        check_true(report, emulator)


# What is not.


async def test_nothing_is_left_when_there_are_too_few(flavour: Flavour) -> None:
    async with account() as emulator:
        emulator.capacity.set(H100, "*", 0)
        emulator.capacity.set(H100, "tor1", 3)
        create = flavour.client(emulator).fleet.create
        report = await flavour.call(create, count=8, deadline=2.0, **{**CALL, "retry_every": 0.5})
        assert (report.droplets, report.is_enough, report.hourly) == ((), False, 0)
        assert {one.status for one in report.outcomes} == {"destroyed"}
        assert report.counts["destroyed"] == 3
        assert report.stopped_by == "the deadline of 2 s is over"
        assert "destroyed  " in str(report)
        check_true(report, emulator)
        with pytest.raises(NotEnoughDropletsError, match=r"^0 of at least 8 Droplets were created: the deadline"):
            report.raise_for_shortage()


async def test_droplets_that_cannot_be_destroyed_are_named(flavour: Flavour, tmp_path: Path) -> None:
    scopes = {"droplet:create", "droplet:read", "image:read", "sizes:read", "regions:read", "actions:read"}
    tokens = [Token(value="may-destroy", limits=None)]
    async with account(scopes=scopes, tokens=tokens) as emulator:
        emulator.capacity.set(H100, "*", 0)
        emulator.capacity.set(H100, "tor1", 2)
        create = flavour.client(emulator).fleet.create
        call = {**CALL, "retry_every": 0.5}
        report = await flavour.call(create, count=3, journal=tmp_path / "j", deadline=2.0, **call)
        there = own(emulator)
        assert {one.droplet_id: one.name for one in report.left} == there
        assert len(there) == 2
        assert not report.droplets
        assert all(one.status == "left" for one in report.left)
        assert all(one.reason.endswith("This request needs a token with droplet:delete.") for one in report.left)
        with pytest.raises(NotEnoughDropletsError, match="2 may be left, and billed"):
            report.raise_for_shortage()
        assert {one.droplet_id: one.name for one in replay_of(tmp_path / "j").leftovers} == there
        fleet = flavour.client(emulator, access_token="may-destroy").fleet
        await flavour.call(fleet.reap, tmp_path / "j", poll_interval=0.02)
        assert own(emulator) == {}


async def test_needed_scope_is_named_when_the_token_may_not_create(flavour: Flavour) -> None:
    async with account(scopes={"droplet:read", "image:read", "sizes:read", "regions:read"}) as emulator:
        report = await flavour.call(flavour.client(emulator).fleet.create, count=1, **CALL)
    assert "403" in report.stopped_by
    assert "This request needs a token with droplet:create" in report.stopped_by


async def test_one_round_is_made_when_no_deadline_is_given(flavour: Flavour) -> None:
    async with account() as emulator:
        emulator.capacity.set(H100, "*", 0)
        create = flavour.client(emulator).fleet.create
        report = await flavour.call(create, count=2, **CALL)
        assert (report.rounds, report.is_enough) == (1, False)
        assert "pass deadline=" in report.stopped_by
        check_true(report, emulator)


@pytest.mark.parametrize("min_count", [4, 2])
async def test_hunt_stops_at_the_limit_of_gpus(min_count: int, flavour: Flavour) -> None:
    async with account(catalogue=attrs.evolve(MANY, gpu_limit=4)) as emulator:
        create = flavour.client(emulator).fleet.create
        report = await flavour.call(create, count=5, min_count=min_count, deadline=5.0, **CALL)
        # The neighbour has one of the four GPUs.
        assert len(report.droplets) == (3 if min_count == 2 else 0)
        assert isinstance(report.error, GpuLimitError)
        check_true(report, emulator)
        if min_count == 4:
            assert posts(emulator) == 2, "with five and with four"
            with pytest.raises(NotEnoughDropletsError) as caught:
                report.raise_for_shortage()
            assert isinstance(caught.value.__cause__, GpuLimitError)


async def test_hunt_stops_when_the_image_does_not_exist(flavour: Flavour) -> None:
    async with account() as emulator:
        create = flavour.client(emulator).fleet.create
        report = await flavour.call(create, count=2, deadline=5.0, **{**CALL, "image": "nonsense"})
        assert isinstance(report.error, ImageError)
        assert posts(emulator) == 1


async def test_money_is_never_exceeded(flavour: Flavour) -> None:
    async with account() as emulator:
        create = flavour.client(emulator).fleet.create
        call = {**CALL, "sizes": [H100, H200]}
        report = await flavour.call(create, count=9, min_count=1, max_hourly=10.2, deadline=60.0, **call)
        assert len(report.droplets) == 3
        assert report.stopped_by == "max_hourly, $10.20, allows no more Droplets"
        assert report.duration < 30
        check_true(report, emulator)
        with pytest.raises(PreflightError, match=r"9 Droplets cost at least \$30\.51 an hour, and max_hourly is"):
            await flavour.call(create, count=9, max_hourly=10.2, **call)


async def test_size_that_is_not_listed_needs_a_contract(flavour: Flavour) -> None:
    async with account(catalogue=attrs.evolve(MANY, gpu_limit=1000)) as emulator:
        create = flavour.client(emulator).fleet.create
        call = {**CALL, "sizes": "gpu-mi325x8-2048gb", "image": "gpu-amd-base"}
        with pytest.raises(PreflightError, match="the API lists no size 'gpu-mi325x8-2048gb'"):
            await flavour.call(create, count=1, **call)
        assert posts(emulator) == 0
        report = await flavour.call(create, count=1, contract=[("gpu-mi325x8-2048gb", "nyc2")], **call)
        assert (report.is_complete, report.hourly) == (True, None)


@pytest.mark.parametrize("deadline", [None, 20.0])
async def test_reason_is_the_image_when_none_can_be_chosen(deadline: float | None, flavour: Flavour) -> None:
    size = "gpu-mi325x8-2048gb"
    why = (
        f"{size} in nyc2 is not tried: image='auto' cannot choose, since the API does not list the size: pass an image"
    )
    call: dict[str, Any] = {"count": 1, "sizes": [size], "contract": [(size, "nyc2")], "deadline": deadline}
    async with account() as emulator:
        create = flavour.client(emulator).fleet.create
        report = await flavour.call(create, **call)
        assert (report.stopped_by, posts(emulator)) == (why, 0)
        if deadline is None:
            emulator.capacity.set(H100, "nyc2", 0)
            report = await flavour.call(create, **{**call, "sizes": [size, H100], "regions": ["nyc2"]})
            assert report.stopped_by.startswith("one round found no more capacity; ")
            assert report.stopped_by.endswith(f". {why}")


async def test_droplets_are_created_where_their_vpc_is(flavour: Flavour) -> None:
    async with account() as emulator:
        client = flavour.client(emulator)
        vpc = (await flavour.call(client.vpcs.create, name="mine", region="nyc2")).vpc
        call = {**CALL, "count": 2, "vpc_uuid": vpc.id}
        with pytest.raises(PreflightError, match="the VPC is in nyc2, and regions has only tor1"):
            await flavour.call(client.fleet.create, **call, regions="tor1")
        plan = await flavour.call(client.fleet.plan_create, **call)
        assert [one.region for one in plan.candidates] == ["nyc2"]
        report = await flavour.call(client.fleet.create, **call)
        assert [one.region.slug for one in report.droplets] == ["nyc2", "nyc2"]


# Droplets that are lost, and those that never become usable.


async def test_droplet_is_replaced_when_its_placement_is_lost(flavour: Flavour) -> None:
    fault = ErroredAction(route=ROUTE, after=3.0, times=1)
    async with account(fault) as emulator:
        create = flavour.client(emulator).fleet.create
        report = await flavour.call(create, count=3, deadline=20.0, **CALL)
        assert report.is_complete
        assert len(report.lost) == 3
        assert "the API found no place for it" in str(report)
        check_true(report, emulator)


async def test_droplet_is_replaced_when_it_never_becomes_usable(flavour: Flavour) -> None:
    async with account(durations={"create": 1e9}) as emulator:
        create = flavour.client(emulator).fleet.create
        report = await flavour.call(create, count=2, deadline=3.0, ready_timeout=0.1, **CALL)
        assert not report.droplets
        assert report.counts["destroyed"] >= 4
        assert len(emulator.account.droplets) <= 3
        check_true(report, emulator)


async def test_droplet_that_no_replica_knows_yet_is_destroyed(flavour: Flavour) -> None:
    unknown_yet = ServerError(404, route="DELETE /v2/droplets/{droplet_id}", times=1)
    late = Visibility(get=60.0, list=60.0)
    async with account(unknown_yet, time_scale=1.0, durations={"create": 1e9}, visibility=late) as emulator:
        create = flavour.client(emulator, create_settle_seconds=0.3).fleet.create
        report = await flavour.call(create, count=1, deadline=2.0, ready_timeout=0.1, **CALL)
        assert report.counts["destroyed"] >= 1
        check_true(report, emulator)


async def test_nothing_is_delivered_when_a_probe_is_wrong(flavour: Flavour) -> None:
    def wrong(_: object) -> bool:
        raise TypeError("no such argument")

    async with account() as emulator:
        create = flavour.client(emulator).fleet.create
        report = await flavour.call(create, count=2, deadline=20.0, until=wrong, **CALL)
        assert isinstance(report.error, TypeError)
        assert "cannot be checked: TypeError('no such argument')" in report.stopped_by
        assert (report.counts["destroyed"], posts(emulator)) == (2, 1)
        check_true(report, emulator)


@pytest.mark.parametrize(("status", "deadline"), [(503, 20.0), (503, None), (403, 20.0)])
async def test_sizes_are_read_again_where_that_can_help(status: int, deadline: float | None, flavour: Flavour) -> None:
    async with account(ServerError(status, route="GET /v2/sizes", times=6)) as emulator:
        create = flavour.client(emulator, max_retries=0).fleet.create
        if (status, deadline) == (503, 20.0):
            assert (await flavour.call(create, count=1, deadline=deadline, **CALL)).is_complete
        else:
            with pytest.raises(APIStatusError):
                await flavour.call(create, count=1, deadline=deadline, **CALL)
            assert posts(emulator) == 0


# Lost answers.


@pytest.mark.parametrize(
    "fault", [DropAfter(route=ROUTE, times=2), ServerError(503, route=ROUTE, times=2)], ids=["after", "before"]
)
async def test_each_is_created_once_when_answers_are_lost(fault: Any, flavour: Flavour) -> None:
    late = Visibility(list=0.1)
    async with account(fault, time_scale=1.0, durations={"create": 0.1}, visibility=late) as emulator:
        create = flavour.client(emulator, create_settle_seconds=0.4).fleet.create
        report = await flavour.call(create, count=12, deadline=20.0, **CALL)
        assert report.is_complete
        check_true(report, emulator, lost=sent_names(emulator) - {*own(emulator).values()})


async def test_droplet_that_shows_too_late_is_destroyed() -> None:
    from flavours import AsyncFlavour

    flavour = AsyncFlavour()
    late = late_until(lambda: len(emulator.account.droplets) == 5)  # the neighbour, and two of each create
    fault = DropAfter(route=ROUTE, times=1)
    quick = {"create": 1.0, "destroy": 0.1}
    async with account(fault, time_scale=1.0, durations=quick, visibility=late) as emulator:
        create = flavour.client(emulator, create_settle_seconds=0.2).fleet.create
        report = await create(count=2, deadline=20.0, **CALL)
        assert report.is_complete
        assert [one.reason for one in report.destroyed] == [
            "it showed after its create counted as lost, and it is not needed"
        ] * 2
        check_true(report, emulator)
        await flavour.close_all()


async def test_name_that_no_list_shows_to_the_end_is_reported(flavour: Flavour, tmp_path: Path) -> None:
    """The API executed the create whose answer was lost, and shows its Droplet only after the run."""
    fault, late = DropAfter(route=ROUTE, times=1), Visibility(list=60.0, name=60.0)
    async with account(fault, time_scale=1.0, durations={"create": 0.1}, visibility=late) as emulator:
        client = flavour.client(emulator, create_settle_seconds=0.1)
        call = {**CALL, "count": 1, "deadline": 20.0, "journal": tmp_path / "j"}
        report = await flavour.call(client.fleet.create, **call)
        [left] = report.left
        assert (left.name, left.status) == (min(sent_names(emulator)), "unknown")
        assert f"look again with fleet.reap(journal) or gpu_droplets.list(name='{left.name}')" in left.reason
        assert ", 1 unknown (" in report.headline
        assert left.reason in str(report)
        with pytest.raises(JournalFinishedError, match="with 1 delivered, 1 unknown"):
            await flavour.call(client.fleet.create, **call)
        emulator.clock.advance(100)
        found = await flavour.call(client.fleet.plan_reap, tmp_path / "j")
        assert [one.name for one in found.droplets] == [left.name]


async def test_late_droplet_is_taken_in_place_of_another_create(flavour: Flavour) -> None:
    """The lists show the Droplets after the settle time, and before the next round."""
    is_over = False

    def end_lag(progress: CreationProgress) -> None:
        nonlocal is_over
        is_over |= "no list shows it" in progress.event

    fault, late = DropAfter(route=ROUTE, times=1), late_until(lambda: is_over)
    async with account(fault, time_scale=1.0, durations={"create": 0.1}, visibility=late) as emulator:
        create = flavour.client(emulator, create_settle_seconds=0.1).fleet.create
        call = {**CALL, "retry_every": 0.2, "on_progress": end_lag}
        report = await flavour.call(create, count=3, deadline=20.0, **call)
        assert (report.is_complete, len(report.outcomes), posts(emulator)) == (True, 3, 1)
        check_true(report, emulator)


@pytest.mark.parametrize("deadline", [None, 1.0])
async def test_no_create_is_sent_while_lost_ones_cannot_be_looked_up(deadline: float | None, flavour: Flavour) -> None:
    async with account(DropBefore(route=ROUTE, times=1)) as emulator:

        def break_lists(progress: CreationProgress) -> None:
            if "no list shows it" in progress.event:
                emulator.faults.add(ServerError(403, route="GET /v2/droplets"))

        create = flavour.client(emulator, create_settle_seconds=0.1).fleet.create
        report = await flavour.call(create, count=2, deadline=deadline, on_progress=break_lists, **CALL)
        assert ("cannot be read" if deadline is None else "deadline") in report.stopped_by
        assert posts(emulator) == 1


async def test_droplet_that_is_shown_already_is_taken_at_once(
    flavour: Flavour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer is lost, and until the look-up gives up, the lists show one of two Droplets, and a neighbour."""
    create_real = DropletCreator.create

    async def lose(self: DropletCreator, request: Any) -> Any:
        answer: Any = await create_real(self, request)
        shown, hidden = answer.droplets
        candidates = (shown, Droplet(id=7, name=NEIGHBOUR.name, status="active"))
        raise CreateOutcomeUnknownError(
            "lost", method="POST", path="/v2/droplets", names=(shown.name, hidden.name), candidates=candidates
        )

    monkeypatch.setattr(DropletCreator, "create", lose)
    async with account() as emulator:
        create = flavour.client(emulator, create_settle_seconds=0.1).fleet.create
        report = await flavour.call(create, count=2, journal=tmp_path / "j", deadline=20.0, **CALL)
        assert report.is_complete
        check_true(report, emulator)
    lines_of = journal_text.decode((tmp_path / "j").read_bytes()).lines
    of_one = [line for line in lines_of[1:] if "name" in line]
    assert [line["event"] for line in of_one if line["name"] == of_one[0]["name"]] == ["created", "ready"]
    assert [len(line["names"]) for line in lines_of if line["event"] == "unknown"] == [1]


async def test_name_stays_unresolved_when_lists_cannot_be_read(
    flavour: Flavour, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settling, "_UNREADABLE_PAUSE_SECONDS", 0.02)
    unread = ServerError(403, route="GET /v2/droplets")
    async with account(DropAfter(route=ROUTE, times=1), unread) as emulator:
        create = flavour.client(emulator, create_settle_seconds=0.1).fleet.create
        report = await flavour.call(create, count=2, deadline=20.0, **CALL)
        assert [one.status for one in report.left] == ["unknown", "unknown"]
        assert "the lists of Droplets cannot be read" in report.stopped_by
        assert posts(emulator) == 1
        assert {one.name for one in report.left} == {*own(emulator).values()}


async def test_name_stays_unresolved_when_the_caller_says_so(flavour: Flavour) -> None:
    async with account(DropBefore(route=ROUTE)) as emulator:
        create = flavour.client(emulator).fleet.create
        report = await flavour.call(create, count=2, deadline=20.0, on_unknown="raise", **CALL)
        assert [one.status for one in report.outcomes] == ["unknown", "unknown"]
        assert [one.status for one in report.left] == ["unknown", "unknown"]
        assert "is not known" in report.stopped_by
        assert posts(emulator) == 1


# Journals.


async def test_finished_journal_is_refused_or_reported(flavour: Flavour, tmp_path: Path) -> None:
    async with account() as emulator:
        create = flavour.client(emulator).fleet.create
        call = {**CALL, "count": 3, "journal": tmp_path / "j", "user_data": "#!/bin/sh\necho secret"}
        report = await flavour.call(create, **call)
        sent = len(emulator.requests)
        with pytest.raises(JournalFinishedError, match="with 3 delivered") as caught:
            await flavour.call(create, **call)
        assert caught.value.counts == {"delivered": 3}
        with pytest.raises(JournalMismatchError, match="its count is 3, and not 4"):
            await flavour.call(create, **{**call, "count": 4})
        with pytest.raises(JournalMismatchError, match="its user_data is"):
            await flavour.call(create, **{**call, "user_data": "other"})
        assert len(emulator.requests) == sent
        again = await flavour.call(create, **call, if_finished="report")
        assert [one.id for one in again.droplets] == [one.id for one in report.droplets]
        assert (again.is_resumed, again.is_complete) == (True, True)
        assert posts(emulator) == 1
    assert "secret" not in (tmp_path / "j").read_text()


async def test_interrupted_run_continues_with_what_it_has(flavour: Flavour, tmp_path: Path) -> None:
    path = tmp_path / "j"
    async with account() as emulator:
        call = {**CALL, "count": 6, "journal": path, "deadline": 20.0}
        client = flavour.client(emulator)
        await flavour.call(client.fleet.create, **call)
        # The journal of a process that died after its second create: of one name nothing is known.
        [run, sending, *rest] = journal_text.decode(path.read_bytes()).lines
        created = [line for line in rest if line["event"] == "created"]
        lost = dict(created[0])
        name = formats.replay([run, sending]).next_names(7)[-1]
        more = lines.sending_line([name], size=H100, region="tor1", price_hourly=3.39, now=Timestamp.now(), boot=None)
        kept = [run, sending, *[line for line in created if line["droplet"] != lost["droplet"]], more]
        path.write_bytes(b"".join(map(journal_text.encode, kept)) + b'{"event":"crea')
        before = posts(emulator)
        report = await flavour.call(client.fleet.create, **call)
        assert (report.is_complete, report.is_resumed) == (True, True)
        assert lost["droplet"] in {one.id for one in report.droplets}
        assert posts(emulator) == before
        check_true(report, emulator, lost={name})


async def test_interrupted_run_waits_for_what_it_may_have_sent(flavour: Flavour, tmp_path: Path) -> None:
    path = tmp_path / "j"
    late = Visibility(list=0.8, name=0.8)
    async with account(time_scale=1.0, durations={"create": 0.1}, visibility=late) as emulator:
        call = {**CALL, "count": 2, "journal": path, "deadline": 20.0}
        create = flavour.client(emulator, create_settle_seconds=2.0).fleet.create
        await flavour.call(create, **call, until=None)
        # The process died after it had sent the create, and the lists do not show the Droplets yet.
        [run, sending, *_] = journal_text.decode(path.read_bytes()).lines
        path.write_bytes(b"".join(map(journal_text.encode, [run, sending])))
        report = await flavour.call(create, **call)
        assert (report.is_complete, report.is_resumed, posts(emulator)) == (True, True, 1)
        check_true(report, emulator)


# The end of a run before its end.


async def test_report_has_times_tries_and_a_picture(flavour: Flavour) -> None:
    full = ServerError(status=422, message="Size is not available in this region.", route=ROUTE, times=1)
    async with account(full) as emulator:
        fleet = flavour.client(emulator).fleet
        report = await flavour.call(fleet.create, **{**CALL, "count": 2, "deadline": 20.0})
        assert (report.tries[0].status, report.tries[0].count) == ("refused", 2)
        assert report.tries[0].message.endswith("Size is not available in this region.")
        assert sum(one.status == "accepted" for one in report.tries) >= 1
        assert all(report.began_at <= one.sent_at <= one.ready_at for one in report.outcomes)
        assert len(report.request_times) == report.requests
        assert report.timeline().count("<title>") == len(report.tries) + 2
        assert json.loads(report.to_json())["tries"][0]["status"] == "refused"


async def test_all_are_destroyed_when_the_run_is_cancelled(tmp_path: Path) -> None:
    from flavours import AsyncFlavour

    flavour = AsyncFlavour()
    async with account(durations={"create": 1e6}) as emulator:
        client = flavour.client(emulator)
        created = asyncio.Event()

        def on_progress(progress: CreationProgress) -> None:
            if progress.created == 3:
                created.set()

        call = {**CALL, "count": 3, "journal": tmp_path / "j"}
        task = asyncio.create_task(client.fleet.create(**call, on_progress=on_progress))
        await created.wait()
        task.cancel()
        with pytest.raises(CreationCancelled) as caught:
            await task
        report = caught.value.report
        assert report.counts["destroyed"] == 3
        assert not report.left
        assert pickle.loads(pickle.dumps(caught.value)).report.counts == report.counts
        names = {one.name for one in emulator.account.droplets.values()}
        assert names == {NEIGHBOUR.name}, "what is destroyed is gone"
        again = await client.fleet.create(**{**call, "until": None})
        assert (again.is_complete, again.is_resumed) == (True, True)
        assert not {one.name for one in again.droplets} & {one.name for one in report.destroyed}
        await flavour.close_all()


async def test_lists_are_read_until_they_can_be_when_cancelled() -> None:
    """The first create is executed, its answer is lost, and its Droplet shows after a second one was created."""
    from flavours import AsyncFlavour

    flavour, created = AsyncFlavour(), asyncio.Event()
    lost, late = DropAfter(route=ROUTE, times=1), late_until(lambda: len(emulator.account.droplets) > 2)

    def on_progress(progress: CreationProgress) -> None:
        if progress.created:
            created.set()

    async with account(lost, time_scale=1.0, durations={"create": 1e6, "destroy": 0.1}, visibility=late) as emulator:
        create = flavour.client(emulator, create_settle_seconds=0.3).fleet.create
        task = asyncio.create_task(create(count=1, deadline=20.0, on_progress=on_progress, **CALL))
        await created.wait()
        emulator.faults.add(ServerError(403, route="GET /v2/droplets", times=1))
        task.cancel()
        with pytest.raises(CreationCancelled) as caught:
            await task
        assert caught.value.report.counts["destroyed"] == 2
        assert own(emulator) == {}
        await flavour.close_all()


@pytest.mark.parametrize("ends_by", ["time", "second"])
async def test_droplet_that_is_not_gone_in_time_is_left(tmp_path: Path, ends_by: str) -> None:
    from flavours import AsyncFlavour

    flavour = AsyncFlavour()
    async with account(time_scale=0.001, durations={"create": 1e6}) as emulator:
        client = flavour.client(emulator)
        created = asyncio.Event()

        def on_progress(progress: CreationProgress) -> None:
            if progress.created == 2:
                created.set()

        call = {**CALL, "count": 2, "journal": tmp_path / "j", "cancel_timeout": 1.0 if ends_by == "time" else 60.0}
        task = asyncio.create_task(client.fleet.create(**call, on_progress=on_progress))
        await created.wait()
        task.cancel()
        if ends_by == "second":
            await emulator.requests.seen("DELETE *", count=2, done=True)
            await asyncio.sleep(0.1)
            task.cancel()
        with pytest.raises(CreationCancelled) as caught:
            await asyncio.wait_for(task, 10.0)
        report = caught.value.report
        accepted = "the API accepted the request to destroy it; it is not yet confirmed to be gone"
        assert [(one.status, one.reason) for one in report.outcomes] == [("destroying", accepted)] * 2
        assert [one.droplet_id for one in report.left] == [*emulator.account.droplets][1:]
        assert [one.state for one in replay_of(tmp_path / "j").leftovers] == ["destroying"] * 2
        emulator.clock.advance(600)
        reaped = await client.fleet.reap(tmp_path / "j", poll_interval=0.02)
        assert (reaped.counts["destroyed"], own(emulator)) == (2, {})
        await flavour.close_all()


async def test_report_is_the_cause_when_a_thread_closes_the_client() -> None:
    async with account(durations={"create": 1e9}) as emulator:
        client = GradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None)
        created = asyncio.Event()
        loop = asyncio.get_running_loop()

        def on_progress(progress: CreationProgress) -> None:
            if progress.created == 3:
                loop.call_soon_threadsafe(created.set)

        running = asyncio.create_task(asyncio.to_thread(client.fleet.create, **CALL, count=3, on_progress=on_progress))
        await created.wait()
        await asyncio.to_thread(client.close)
        with pytest.raises(ClientClosedError) as caught:
            await running
        assert isinstance(caught.value.__cause__, CreationCancelled)
        assert caught.value.__cause__.report.counts["destroyed"] == 3
        assert own(emulator) == {}


async def test_nothing_is_forgotten_when_cancelled_at_any_request(tmp_path: Path) -> None:
    from flavours import AsyncFlavour

    flavour, count = AsyncFlavour(), 0
    while True:
        count += 1
        slow = Slow(route=ROUTE, seconds=0.05)
        async with account(slow, behaviour=Behaviour(size_regions="fixed")) as emulator:
            emulator.capacity.set(H100, "tor1", 0)
            client = flavour.client(emulator)
            call = {**CALL, "count": 3, "journal": tmp_path / str(count)}
            task = asyncio.create_task(client.fleet.create(**call))
            seen = asyncio.create_task(emulator.requests.seen(count=count))
            await asyncio.wait({task, seen}, return_when=asyncio.FIRST_COMPLETED)
            seen.cancel()
            task.cancel()
            try:
                await task
            except CreationCancelled as error:
                report = error.report
            else:
                break
            there = own(emulator)
            assert not report.droplets
            assert {*there.values()} <= {one.name for one in report.left}
            assert {one.name for one in replay_of(tmp_path / str(count)).leftovers} >= {*there.values()}
            assert not there, "each shows in time"
    assert count > 5
    await flavour.close_all()


def replay_of(path: Path) -> formats.CreationRecords:
    return formats.replay(journal_text.decode(path.read_bytes()).lines)


async def test_plan_sends_no_create(flavour: Flavour) -> None:
    async with account() as emulator:
        emulator.capacity.set(H200, "*", 0)
        plan_create = flavour.client(emulator).fleet.plan_create
        call = {**CALL, "sizes": [H200, H100, "gpu-h100x8-640gb"], "regions": ["nyc2", "tor1"], "max_hourly": 20}
        plan = await flavour.call(plan_create, count=4, **call)
        assert [(one.size, one.region) for one in plan.candidates] == [(H100, "nyc2"), (H100, "tor1")]
        assert (plan.hourly, plan.highest_hourly) == (pytest.approx(13.56), pytest.approx(13.56))
        reasons = {one.size: one.reason for one in plan.excluded}
        assert reasons[H200].endswith("sold out")
        assert reasons["gpu-h100x8-640gb"] == "$23.92 an hour is more than max_hourly"
        assert (plan.requests_per_round, plan.objection) == (3, "")
        assert {request.method for request in emulator.requests} == {"GET"}
        assert "1. gpu-h100x1-80gb in nyc2, $3.39 an hour" in str(plan)
        assert len(json.loads(plan.to_json())["candidates"]) == 2
        assert "<table" in plan._repr_html_()
        assert "create 4 Droplets (at least 4): " in plan._repr_html_()


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"count": 0}, ValueError, "count: expected an int at least 1"),
        ({"min_count": 3}, ValueError, "min_count: expected an int from 1 to 2"),
        ({"name": "train"}, ValueError, r"name: expected text with \{n\} in it once"),
        ({"name": "a_{n}"}, ValueError, r"names\[0\]: expected at most 255"),
        ({"sizes": []}, ValueError, "sizes: expected at least one slug"),
        ({"sizes": 5}, TypeError, "sizes: expected slugs"),
        ({"regions": [7]}, TypeError, r"regions\[0\]: expected a str"),
        ({"prefer": "x"}, ValueError, "prefer: expected one of 'size', 'region', 'price'"),
        ({"max_hourly": 0}, ValueError, "max_hourly: expected US dollars an hour above 0"),
        ({"contract": [H100]}, TypeError, r"contract\[0\]: expected a size and a region"),
        ({"until": "ready"}, ValueError, "until: expected"),
        ({"deadline": 0}, ValueError, "deadline: expected a finite number of seconds"),
        ({"on_unknown": "x"}, ValueError, "on_unknown: expected one of"),
        ({"tags": ["x y"]}, ValueError, r"tags\[0\]: expected at most 255"),
        ({"image": True}, TypeError, "image: expected an id or a slug"),
        ({"size": H100}, TypeError, r"size: unknown option\. Pass one or several sizes: sizes="),
    ],
)
async def test_nothing_is_sent_when_a_parameter_is_wrong(
    given: dict[str, Any], error: type[Exception], text: str, flavour: Flavour
) -> None:
    fleet = flavour.client(access_token="t", base_url="http://127.0.0.1:9").fleet
    for method in (fleet.create, fleet.plan_create):
        with pytest.raises(error, match=text):
            await flavour.call(method, **{"count": 2, **CALL, **given})
