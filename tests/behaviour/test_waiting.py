"""P3 and P4: waiting ends, decides on the status alone, outlives what passes, and asks as seldom as it can."""

from __future__ import annotations

import pickle
import time
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import CLOSE, HANG, RESET, Reply, WireRequest, WireServer, action, html, listed, reply

from gradient_async import (
    Action,
    ActionFailedError,
    ActionTimeoutError,
    AuthenticationError,
    NotFoundError,
)
from gradient_async.emulator import (
    CompletedAtNull,
    DropBefore,
    Emulator,
    ErroredAction,
    HTMLError,
    MalformedJSON,
    ServerError,
    UnknownStatus,
)
from gradient_async.waiting import poller, shared_polls
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
QUICK: Any = {"poll_interval": 0.003}
ONE = f"/v2/droplets/{DROPLET}/actions/7"


def one(status: str, id: int = 7) -> Reply:
    return reply(200, {"action": action(id, status=status)})


def known(id: int = 7, status: str = "in-progress", droplet: int | None = DROPLET) -> Action:
    return Action(id=id, status=status, type="reboot", resource_id=droplet, resource_type="droplet")


async def test_completed_action_when_it_was_awaited(flavour: Flavour) -> None:
    async with Emulator(time_scale=600) as emulator:
        client = flavour.client(emulator)
        response = await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")

        ended = await flavour.call(client.gpu_droplets.actions.wait, response.action, **QUICK)

        assert ended.is_completed
        assert ended.id == response.action.id
        assert ended.completed_at is not None


async def test_failed_error_with_the_action_when_it_is_errored(flavour: Flavour) -> None:
    async with Emulator(time_scale=600, faults=[ErroredAction()]) as emulator:
        client = flavour.client(emulator)
        response = await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")

        with pytest.raises(ActionFailedError, match=str(response.action.id)) as caught:
            await flavour.call(client.gpu_droplets.actions.wait, response.action, **QUICK)

        assert caught.value.action.id == response.action.id
        assert caught.value.action.is_errored
        assert pickle.loads(pickle.dumps(caught.value)).action == caught.value.action


async def test_completed_action_when_completed_at_stays_null(flavour: Flavour) -> None:
    async with Emulator(time_scale=600, faults=[CompletedAtNull()]) as emulator:
        client = flavour.client(emulator)
        response = await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")

        ended = await flavour.call(client.gpu_droplets.actions.wait, response.action, **QUICK)

        assert ended.is_completed
        assert ended.completed_at is None


async def test_wait_continues_when_the_status_is_an_unknown_one(flavour: Flavour) -> None:
    async with Emulator(time_scale=200, faults=[UnknownStatus("queued")]) as emulator:
        client = flavour.client(emulator)
        response = await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")
        assert response.action.status == "queued"

        ended = await flavour.call(client.gpu_droplets.actions.wait, response.action, **QUICK)

        assert ended.is_completed


@pytest.mark.parametrize("status", ["queued", "pending", "new", "", "COMPLETED"])
async def test_time_out_has_the_last_state_when_the_status_is_unknown(
    flavour: Flavour, wire: WireServer, status: str
) -> None:
    wire.script("GET", one("in-progress"), one(status))
    client = flavour.client(wire)

    with pytest.raises(ActionTimeoutError) as caught:
        await flavour.call(client.gpu_droplets.actions.wait, known(), timeout=0.4, **QUICK)

    assert caught.value.action is not None
    assert caught.value.action.status == status


async def test_time_out_with_the_last_state_when_an_action_never_ends(flavour: Flavour) -> None:
    async with Emulator(durations={"reboot": 10_000}) as emulator:
        client = flavour.client(emulator)
        response = await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")
        started = time.monotonic()

        with pytest.raises(ActionTimeoutError, match="'in-progress'") as caught:
            await flavour.call(client.gpu_droplets.actions.wait, response.action, timeout=0.15, **QUICK)

        assert 0.15 <= time.monotonic() - started < 12
        assert isinstance(caught.value, TimeoutError)
        assert caught.value.action == response.action
        assert caught.value.actions == (response.action,)
        assert pickle.loads(pickle.dumps(caught.value)).action == response.action


async def test_time_out_has_every_last_state_when_some_never_end(flavour: Flavour) -> None:
    async with Emulator(droplets=5, durations={"reboot": 10_000, "rename": 0}) as emulator:
        client = flavour.client(emulator)
        endless = [emulator.account.start(DROPLET + number, "reboot").id for number in range(3)]
        brief = [emulator.account.start(DROPLET + number, "rename", name="new").id for number in (3, 4)]

        with pytest.raises(ActionTimeoutError, match="2 others") as caught:
            await flavour.call(client.gpu_droplets.actions.wait, [*endless, *brief], timeout=0.2, **QUICK)

        states = {last.id: last.status for last in caught.value.actions}
        assert states == dict.fromkeys(endless, "in-progress") | dict.fromkeys(brief, "completed")
        assert caught.value.action is not None
        assert caught.value.action.id == endless[0]


@pytest.mark.parametrize("answer", [HANG, RESET, html(502)], ids=["hang", "reset", "502"])
async def test_time_out_has_no_state_when_the_action_was_never_read(
    flavour: Flavour, wire: WireServer, answer: Reply
) -> None:
    wire.script("GET", answer)
    client = flavour.client(wire, timeout=30)
    started = time.monotonic()

    with pytest.raises(ActionTimeoutError, match="could not be read") as caught:
        await flavour.call(client.gpu_droplets.actions.wait, 7, timeout=0.12, **QUICK)

    assert time.monotonic() - started < 12
    assert caught.value.action is None
    assert caught.value.actions == ()


@pytest.mark.parametrize(
    "failure",
    [
        html(502),
        html(504),
        reply(500),
        reply(503),
        RESET,
        CLOSE,
        reply(200, b"{"),
        reply(200, {"action": None}),
        reply(429, headers={"Retry-After": "0"}),
    ],
    ids=["502", "504", "500", "503", "reset", "close", "no-json", "null", "429"],
)
async def test_wait_survives_a_failure_when_a_later_poll_succeeds(
    flavour: Flavour, wire: WireServer, failure: Reply
) -> None:
    wire.script("GET", failure, failure, one("in-progress"), failure, one("completed"))
    client = flavour.client(wire, max_retries=0)

    ended = await flavour.call(client.gpu_droplets.actions.wait, known(), timeout=20, **QUICK)

    assert ended.is_completed


async def test_wait_goes_through_when_many_reads_fail(flavour: Flavour) -> None:
    faults = [
        HTMLError(502, route="GET *", rate=0.3),
        DropBefore("reset", route="GET *", rate=0.3),
        MalformedJSON(route="GET *", rate=0.3),
        ServerError(500, route="GET *", rate=0.3),
    ]
    async with Emulator(droplets=4, time_scale=600, faults=faults, limits=None) as emulator:
        client = flavour.client(emulator)
        actions = [
            (await flavour.call(client.gpu_droplets.actions.initiate, DROPLET + number, type="reboot")).action
            for number in range(4)
        ]

        ended = await flavour.call(client.gpu_droplets.actions.wait, actions, timeout=20, **QUICK)

        assert [last.id for last in ended] == [first.id for first in actions]
        assert all(last.is_completed for last in ended)


@pytest.mark.parametrize(("status", "error_class"), [(401, AuthenticationError), (404, NotFoundError)])
async def test_error_at_once_when_the_action_will_never_be_readable(
    flavour: Flavour, wire: WireServer, status: int, error_class: type[Exception]
) -> None:
    wire.script("GET", reply(status, {"id": "no", "message": "No."}))
    client = flavour.client(wire)
    started = time.monotonic()

    with pytest.raises(error_class):
        await flavour.call(client.gpu_droplets.actions.wait, 7, droplet_id=DROPLET, timeout=20, **QUICK)

    assert time.monotonic() - started < 12


async def test_nothing_sent_when_the_action_is_over_already(flavour: Flavour, wire: WireServer) -> None:
    client = flavour.client(wire)
    wait = client.gpu_droplets.actions.wait
    done, failed = known(status="completed"), known(8, status="errored")

    assert await flavour.call(wait, done) == done
    assert await flavour.call(wait, [done, done, done]) == (done, done, done)
    assert await flavour.call(wait, []) == ()
    with pytest.raises(ActionFailedError) as caught:
        await flavour.call(wait, failed)

    assert caught.value.action == failed
    assert wire.requests == []


async def test_read_through_the_droplet_when_the_droplet_is_known(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", one("completed"))
    client = flavour.client(wire)

    await flavour.call(client.gpu_droplets.actions.wait, known(), **QUICK)
    await flavour.call(client.gpu_droplets.actions.wait, 7, droplet_id=DROPLET, **QUICK)

    assert [request.path for request in wire.requests] == [ONE, ONE]


async def test_read_through_the_account_when_only_the_id_is_known(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", one("completed"))
    client = flavour.client(wire)

    ended = await flavour.call(client.gpu_droplets.actions.wait, 7, **QUICK)

    assert ended.id == 7
    assert [request.path for request in wire.requests] == ["/v2/actions/7"]


async def test_first_poll_comes_after_a_second_when_the_state_is_known(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", one("completed"))
    client = flavour.client(wire)
    started = time.monotonic()

    await flavour.call(client.gpu_droplets.actions.wait, known())

    assert 1.0 <= wire.requests[0].at - started < 10


async def test_poll_intervals_grow_when_an_action_takes_long(
    flavour: Flavour, wire: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.script("GET", *[one("in-progress")] * 5, one("completed"))
    client = flavour.client(wire)
    intervals: list[float] = []

    def recorded(*given: float) -> float:
        intervals.append(poller.interval(*given))
        return intervals[-1]

    monkeypatch.setattr(shared_polls, "interval", recorded)
    await flavour.call(client.gpu_droplets.actions.wait, known(), poll_interval=0.03)

    moments = [request.at for request in wire.requests]
    pauses = [later - earlier for earlier, later in pairwise(moments)]
    assert len(moments) == 6
    # A busy machine makes single pauses longer.
    assert all(pause > 0.9 * interval for pause, interval in zip(pauses, intervals, strict=False))
    assert intervals == sorted(intervals)
    assert intervals[4] > 3 * intervals[0]
    assert intervals[0] < 0.05


async def test_lists_read_instead_of_actions_when_many_are_waited_for(flavour: Flavour) -> None:
    async with Emulator(droplets=150, time_scale=600, limits=None) as emulator:
        actions = [emulator.account.start(DROPLET + number, "reboot").id for number in range(150)]
        client = flavour.client(emulator)

        ended = await flavour.call(client.gpu_droplets.actions.wait, actions, **QUICK)

        assert [last.id for last in ended] == actions
        assert all(last.is_completed for last in ended)
        assert {request.target for request in emulator.requests} == {"/v2/actions?page=1&per_page=200"}


async def test_two_pages_a_round_when_more_than_200_are_awaited(flavour: Flavour, wire: WireServer) -> None:
    def page(request: WireRequest) -> Reply:
        start = 200 * (int(request.query["page"]) - 1)
        ended = "completed" if len(wire.requests) > 4 else "in-progress"
        return listed(action(number, status=ended) for number in range(start + 1, min(start + 200, 390) + 1))

    wire.script("GET", page)
    client = flavour.client(wire)

    ended = await flavour.call(client.gpu_droplets.actions.wait, range(1, 391), **QUICK)

    assert [last.id for last in ended] == list(range(1, 391))
    assert len(wire.requests) <= 8
    assert {request.query["per_page"] for request in wire.requests} == {"200"}


async def test_one_read_beside_the_list_when_the_list_lacks_one(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET /v2/actions", lambda _: listed([action(1, status="completed"), action(2, status="completed")]))
    for number in (3, 4):
        wire.script(f"GET /v2/actions/{number}", one("completed", number))
    client = flavour.client(wire)

    ended = await flavour.call(client.gpu_droplets.actions.wait, [1, 2, 3, 4], **QUICK)

    assert [last.id for last in ended] == [1, 2, 3, 4]
    assert len(wire.requests) <= 4


async def test_actions_read_one_by_one_when_the_list_is_forbidden(flavour: Flavour) -> None:
    async with Emulator(droplets=4, time_scale=600, scopes={"droplet:read", "droplet:update"}) as emulator:
        client = flavour.client(emulator)
        actions = [
            (await flavour.call(client.gpu_droplets.actions.initiate, DROPLET + number, type="reboot")).action
            for number in range(4)
        ]

        ended = await flavour.call(client.gpu_droplets.actions.wait, actions, **QUICK)
        assert all(last.is_completed for last in ended)
        again = [emulator.account.start(DROPLET, "reboot").id for _ in range(1)]
        await flavour.call(client.gpu_droplets.actions.wait, again, droplet_id=DROPLET, **QUICK)

        assert len(emulator.requests.on("GET /v2/actions")) == 1
        assert len(emulator.requests.on("GET /v2/droplets/{droplet_id}/actions/{action_id}")) >= 4


async def test_all_waited_for_when_one_of_many_is_errored_early(flavour: Flavour) -> None:
    async with Emulator(droplets=4, time_scale=200) as emulator:
        emulator.faults.add(ErroredAction(times=1))
        client = flavour.client(emulator)
        actions = [
            (await flavour.call(client.gpu_droplets.actions.initiate, DROPLET + number, type="reboot")).action
            for number in range(4)
        ]

        with pytest.raises(ActionFailedError) as caught:
            await flavour.call(client.gpu_droplets.actions.wait, actions, **QUICK)

        assert caught.value.action.id == actions[0].id
        assert [last.status for last in caught.value.actions] == ["errored", "completed", "completed", "completed"]


@pytest.mark.parametrize("ids", [[7, 7], [7, 8, 7], [7, 8, 9, 7, 8]], ids=str)
async def test_every_place_filled_when_an_action_is_waited_for_twice(
    flavour: Flavour, wire: WireServer, ids: list[int]
) -> None:
    wire.script("GET /v2/actions", lambda _: listed(action(number, status="completed") for number in (7, 8, 9)))
    for number in ids:
        wire.script(f"GET /v2/actions/{number}", one("completed", number))
    client = flavour.client(wire)

    ended = await flavour.call(client.gpu_droplets.actions.wait, ids, timeout=2, **QUICK)

    assert [last.id for last in ended] == ids
    assert len(wire.requests) <= 2


async def test_wait_is_refused_before_sending_when_it_makes_no_sense(flavour: Flavour, wire: WireServer) -> None:
    client = flavour.client(wire)
    wait = client.gpu_droplets.actions.wait

    for nonsense in ("7", b"7", 0, -1, True, [7, "8"], [known(), 0], 7.5):
        with pytest.raises((TypeError, ValueError), match="action"):
            await flavour.call(wait, nonsense)
    for options in (
        {"timeout": 0},
        {"timeout": -1},
        {"poll_interval": 0},
        {"timeout": float("inf")},
        {"droplet_id": 0},
    ):
        with pytest.raises((TypeError, ValueError), match=next(iter(options))):
            await flavour.call(wait, 7, **options)

    assert wire.requests == []


async def test_extra_headers_on_every_poll_when_a_wait_has_some(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", one("in-progress"), one("completed"))
    client = flavour.client(wire)

    await flavour.call(client.gpu_droplets.actions.wait, 7, extra_headers={"X-Run": "42"}, **QUICK)

    assert [request.headers["x-run"] for request in wire.requests] == ["42", "42"]


def test_sync_wait_takes_a_generator_that_calls_the_client() -> None:
    with (
        Emulator(droplets=3, time_scale=600, limits=None) as emulator,
        GradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None) as client,
    ):
        actions = client.gpu_droplets.actions
        started = (actions.initiate(droplet, type="reboot").action for droplet in list(emulator.account.droplets))
        assert all(one.is_completed for one in actions.wait(started, poll_interval=0.05))
        assert all(one.is_completed for one in actions.wait(actions.list_all(DROPLET), poll_interval=0.05))
