"""P1 on the emulated account: under all faults on the wire, an action is executed once and never blindly sent again."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async import (
    ActionOutcomeUnknownError,
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    InternalServerError,
    NotFoundError,
    PendingEventError,
    RateLimitError,
    UnprocessableEntityError,
)
from gradient_async.emulator import (
    Behaviour,
    CutOff,
    DropAfter,
    DropBefore,
    DropletSpec,
    EmptyBody,
    Emulator,
    Fault,
    HTMLError,
    MalformedJSON,
    ServerError,
    Slow,
    TooManyRequests,
)

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
INITIATE = "POST /v2/droplets/{droplet_id}/actions"
ONCE: Any = {"route": INITIATE, "times": 1}

LOST_AFTER_ACCEPTANCE: dict[str, Fault] = {
    "reset": DropAfter("reset", **ONCE),
    "close": DropAfter("close", **ONCE),
    "time-out": Slow(30, "before", **ONCE),
    "408": ServerError(408, executed=True, **ONCE),
    "500": ServerError(500, executed=True, **ONCE),
    "502-html": HTMLError(502, executed=True, **ONCE),
    "503": ServerError(503, executed=True, **ONCE),
    "504-html": HTMLError(504, executed=True, **ONCE),
    "522-html": HTMLError(522, executed=True, **ONCE),
    "cut-off-201": CutOff(**ONCE),
    "malformed-201": MalformedJSON(**ONCE),
    "empty-201": EmptyBody(**ONCE),
}
LOST_BEFORE_ACCEPTANCE: dict[str, Fault] = {
    "reset": DropBefore("reset", **ONCE),
    "close": DropBefore("close", **ONCE),
    "time-out": Slow(30, "after", **ONCE),
    "408": ServerError(408, **ONCE),
    "500": ServerError(500, **ONCE),
    "502-html": HTMLError(502, **ONCE),
    "503": ServerError(503, **ONCE),
    "504-html": HTMLError(504, **ONCE),
}


def named(faults: dict[str, Fault]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("fault", faults.values(), ids=faults)


def reboots(emulator: Emulator) -> list[int]:
    """Return the ids of the reboots that the account executed, newest first."""
    return [action.id for action in emulator.account.actions_of(DROPLET, "reboot")]


def posts(emulator: Emulator) -> int:
    return len(emulator.requests.on(INITIATE))


@named(LOST_AFTER_ACCEPTANCE)
@pytest.mark.parametrize("time_scale", [1, 60, 600])
async def test_action_adopted_when_the_answer_is_lost(
    flavour: Flavour, fault: Fault, time_scale: float, caplog: pytest.LogCaptureFixture
) -> None:
    async with Emulator(faults=[fault], time_scale=time_scale) as emulator:
        client = flavour.client(emulator, timeout=0.5 if isinstance(fault, Slow) else 5)

        raw = await flavour.call(
            client.gpu_droplets.actions.with_raw_response.initiate, droplet_id=DROPLET, type="reboot"
        )

        assert posts(emulator) == 1
        assert [raw.parse().action.id] == reboots(emulator)
        assert raw.parse().action.type == "reboot"
        assert raw.is_adopted
        assert [attempt.outcome for attempt in raw.attempts] == ["unknown"]
        assert any(
            "the answer was lost" in record.getMessage()
            and str(raw.parse().action.id) in record.getMessage()
            and record.levelname == "WARNING"
            for record in caplog.records
        )


@named(LOST_BEFORE_ACCEPTANCE)
async def test_action_sent_again_when_the_request_is_lost(flavour: Flavour, fault: Fault) -> None:
    async with Emulator(faults=[fault]) as emulator:
        client = flavour.client(emulator, settle_seconds=0.05, timeout=0.5 if isinstance(fault, Slow) else 5)

        raw = await flavour.call(
            client.gpu_droplets.actions.with_raw_response.initiate, droplet_id=DROPLET, type="reboot"
        )

        assert [raw.parse().action.id] == reboots(emulator)
        assert not raw.is_adopted
        assert [attempt.outcome for attempt in raw.attempts] == ["unknown", "answered"]
        methods = [request.method for request in emulator.requests]
        assert (methods[0], methods[-1]) == ("POST", "POST")
        assert set(methods[1:-1]) == {"GET"}


@pytest.mark.parametrize("time_scale", [60, 600])
async def test_action_sent_again_when_lost_on_a_fast_clock(flavour: Flavour, time_scale: float) -> None:
    async with Emulator(faults=[DropBefore(**ONCE)], time_scale=time_scale) as emulator:
        client = flavour.client(emulator, settle_seconds=0.05)

        response = await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=DROPLET, type="reboot")

        assert [response.action.id] == reboots(emulator)
        assert posts(emulator) == 2


@named(
    {
        "cut-off-201": CutOff(executed=False, **ONCE),
        "malformed-201": MalformedJSON(executed=False, **ONCE),
        "empty-201": EmptyBody(201, executed=False, **ONCE),
    }
)
async def test_nothing_sent_again_when_a_success_is_unreadable(flavour: Flavour, fault: Fault) -> None:
    async with Emulator(faults=[fault]) as emulator:
        client = flavour.client(emulator, settle_seconds=0.05)

        with pytest.raises(ActionOutcomeUnknownError) as caught:
            await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=DROPLET, type="reboot")

        assert posts(emulator) == 1
        assert caught.value.candidates == ()
        assert (caught.value.droplet_id, caught.value.type) == (DROPLET, "reboot")
        assert [attempt.outcome for attempt in caught.value.attempts] == ["unknown"]


async def test_action_executed_once_when_a_burst_429_comes_first(flavour: Flavour) -> None:
    async with Emulator(faults=[TooManyRequests("burst", 0, **ONCE)]) as emulator:
        client = flavour.client(emulator)

        response = await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=DROPLET, type="reboot")

        assert [response.action.id] == reboots(emulator)
        assert [request.status for request in emulator.requests] == [429, 201]


async def test_action_executed_once_when_a_reset_is_in_the_past(flavour: Flavour) -> None:
    behaviour = Behaviour(ratelimit_reset="oldest_was_made")
    faults = [TooManyRequests("hourly", **ONCE)]
    async with Emulator(faults=faults, behaviour=behaviour, clock_skew=-60) as emulator:
        client = flavour.client(emulator)

        response = await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=DROPLET, type="reboot")

        assert [response.action.id] == reboots(emulator)
        assert [request.status for request in emulator.requests] == [429, 201]


async def test_nothing_executed_and_no_wait_when_the_hour_is_used_up(flavour: Flavour) -> None:
    async with Emulator(faults=[TooManyRequests("hourly", route=INITIATE)]) as emulator:
        client = flavour.client(emulator)

        with pytest.raises(RateLimitError):
            await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=DROPLET, type="reboot")

        assert posts(emulator) == 1
        assert reboots(emulator) == []


@pytest.mark.parametrize("skew", [-3600, 3600])
@pytest.mark.parametrize("time_scale", [1, 60])
async def test_only_own_action_adopted_when_the_servers_clock_is_wrong(
    flavour: Flavour, skew: float, time_scale: float
) -> None:
    async with Emulator(faults=[DropAfter(**ONCE)], clock_skew=skew, time_scale=time_scale) as emulator:
        earlier = emulator.account.start(DROPLET, "reboot")
        emulator.clock.advance(30 * time_scale)
        client = flavour.client(emulator)

        response = await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=DROPLET, type="reboot")

        assert posts(emulator) == 1
        assert reboots(emulator) == [response.action.id, earlier.id]


@pytest.mark.parametrize("skew", [-3600, -60])
async def test_earlier_action_not_adopted_when_the_request_is_lost(flavour: Flavour, skew: float) -> None:
    async with Emulator(faults=[DropBefore(**ONCE)], clock_skew=skew) as emulator:
        earlier = emulator.account.start(DROPLET, "reboot")
        emulator.clock.advance(30)  # it took longer than the request has been in progress
        client = flavour.client(emulator, settle_seconds=0.05)

        response = await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=DROPLET, type="reboot")

        assert response.action.id != earlier.id
        assert reboots(emulator) == [response.action.id, earlier.id]


async def test_outcome_unknown_when_an_action_ends_in_the_future(flavour: Flavour) -> None:
    async with Emulator(faults=[DropBefore(**ONCE)], clock_skew=3600) as emulator:
        earlier = emulator.account.start(DROPLET, "reboot")
        emulator.clock.advance(30)
        client = flavour.client(emulator, settle_seconds=0.05)

        with pytest.raises(ActionOutcomeUnknownError) as caught:
            await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=DROPLET, type="reboot")

        assert [one.id for one in caught.value.candidates] == [earlier.id]
        assert posts(emulator) == 1


async def test_other_droplets_and_types_ignored_when_an_answer_is_lost(flavour: Flavour) -> None:
    async with Emulator(droplets=2, faults=[DropBefore(**ONCE)]) as emulator:
        emulator.account.start(DROPLET, "rename", name="renamed")
        emulator.account.start(DROPLET + 1, "reboot")
        emulator.clock.advance(2)  # the rename is over, and still within the time that the look-up covers
        client = flavour.client(emulator, settle_seconds=0.05)

        response = await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=DROPLET, type="reboot")

        assert reboots(emulator) == [response.action.id]
        assert response.action.resource_id == DROPLET


@named({"reset": DropAfter(**ONCE), "502": HTMLError(executed=True, **ONCE), "cut-off": CutOff(**ONCE)})
async def test_action_adopted_when_no_retries_are_allowed(flavour: Flavour, fault: Fault) -> None:
    async with Emulator(faults=[fault]) as emulator:
        client = flavour.client(emulator, max_retries=0)

        response = await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=DROPLET, type="reboot")

        assert [response.action.id] == reboots(emulator)
        assert posts(emulator) == 1


@pytest.mark.parametrize(
    ("fault", "error_class"),
    [
        (DropBefore(route=INITIATE), APIConnectionError),
        (ServerError(503, route=INITIATE), InternalServerError),
        (Slow(30, "after", route=INITIATE), APITimeoutError),
        (TooManyRequests("burst", 0, route=INITIATE), RateLimitError),
    ],
    ids=["reset", "503", "time-out", "429"],
)
@pytest.mark.parametrize("max_retries", [0, 2])
async def test_at_most_max_retries_more_posts_when_all_are_lost(
    flavour: Flavour, fault: Fault, error_class: type[Exception], max_retries: int
) -> None:
    async with Emulator(faults=[fault]) as emulator:
        timeout = 0.5 if isinstance(fault, Slow) else 5.0
        client = flavour.client(emulator, max_retries=max_retries, settle_seconds=0.02, timeout=timeout)

        with pytest.raises(error_class) as caught:
            await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=DROPLET, type="reboot")

        assert posts(emulator) == max_retries + 1
        assert len(caught.value.attempts) == max_retries + 1  # type: ignore[attr-defined]  # all four have it
        assert reboots(emulator) == []


@pytest.mark.parametrize("status", [400, 401, 403, 409, 422])
async def test_sent_once_and_not_looked_up_when_refused(flavour: Flavour, status: int) -> None:
    async with Emulator(faults=[ServerError(status, route=INITIATE)]) as emulator:
        client = flavour.client(emulator)

        with pytest.raises(APIStatusError, match=str(status)) as caught:
            await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=DROPLET, type="reboot")

        assert caught.value.status == status
        assert [request.method for request in emulator.requests] == ["POST"]


async def test_pending_event_error_when_the_droplet_is_busy(flavour: Flavour) -> None:
    async with Emulator() as emulator:
        emulator.account.start(DROPLET, "reboot")
        client = flavour.client(emulator)

        with pytest.raises(PendingEventError):
            await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=DROPLET, type="reboot")

        assert posts(emulator) == 1
        assert len(reboots(emulator)) == 1


async def test_not_found_error_when_there_is_no_such_droplet(flavour: Flavour) -> None:
    async with Emulator() as emulator:
        client = flavour.client(emulator)

        with pytest.raises(NotFoundError):
            await flavour.call(client.gpu_droplets.actions.initiate, droplet_id=1, type="reboot")

        assert posts(emulator) == 1


@named(
    {
        "reset": DropAfter("reset", times=1),
        "close": DropBefore("close", times=1),
        "500": ServerError(500, times=1),
        "502-html": HTMLError(502, executed=True, times=1),
        "408": ServerError(408, times=1),
        "cut-off-201": CutOff(times=1),
        "malformed-201": MalformedJSON(times=1),
        "time-out": Slow(30, times=1),
    }
)
async def test_bulk_action_not_sent_again_when_its_outcome_is_unknown(flavour: Flavour, fault: Fault) -> None:
    async with Emulator([DropletSpec(tags=("training",))] * 2, faults=[fault]) as emulator:
        client = flavour.client(emulator, timeout=0.5 if isinstance(fault, Slow) else 5)

        with pytest.raises(ActionOutcomeUnknownError) as caught:
            await flavour.call(client.gpu_droplets.actions.bulk_initiate, tag_name="training", type="power_cycle")

        assert [request.method for request in emulator.requests] == ["POST"]
        assert caught.value.droplet_id is None
        assert caught.value.type == "power_cycle"


async def test_bulk_action_executed_once_when_a_429_comes_first(flavour: Flavour) -> None:
    faults = [TooManyRequests("burst", 0, times=1)]
    async with Emulator([DropletSpec(tags=("training",))] * 2, faults=faults) as emulator:
        client = flavour.client(emulator)

        response = await flavour.call(
            client.gpu_droplets.actions.bulk_initiate, tag_name="training", type="power_cycle"
        )

        assert [request.status for request in emulator.requests] == [429, 201]
        assert {action.resource_id for action in response.actions} == {DROPLET, DROPLET + 1}
        assert len(emulator.account.actions_of(DROPLET, "power_cycle")) == 1


async def test_bulk_action_sent_once_when_the_server_refuses_it(flavour: Flavour) -> None:
    async with Emulator(faults=[ServerError(422, message="no such tag")]) as emulator:
        client = flavour.client(emulator)

        with pytest.raises(UnprocessableEntityError, match="no such tag"):
            await flavour.call(client.gpu_droplets.actions.bulk_initiate, tag_name="training", type="power_cycle")

        assert len(emulator.requests) == 1


@pytest.mark.parametrize("seed", range(6))
async def test_every_outcome_true_when_a_fleet_meets_many_faults(flavour: Flavour, seed: int) -> None:
    storm: list[Fault] = [
        DropAfter("reset", route=INITIATE, rate=0.15),
        DropBefore("close", route=INITIATE, rate=0.15),
        HTMLError(502, executed=True, route=INITIATE, rate=0.15),
        ServerError(503, route=INITIATE, rate=0.15),
        CutOff(route=INITIATE, rate=0.15),
        MalformedJSON(executed=False, route=INITIATE, rate=0.1),
        TooManyRequests("burst", 0, route=INITIATE, rate=0.15),
        HTMLError(504, route="GET *", rate=0.3),
        DropBefore("reset", route="GET *", rate=0.2),
    ]
    ids = range(DROPLET, DROPLET + 30)
    async with Emulator(droplets=30, faults=storm, limits=None, seed=seed) as emulator:
        client = flavour.client(emulator, settle_seconds=0.02)
        initiate = client.gpu_droplets.actions.initiate

        outcomes = await asyncio.gather(
            *(flavour.call(initiate, droplet, type="reboot") for droplet in ids), return_exceptions=True
        )

        for droplet, outcome in zip(ids, outcomes, strict=True):
            executed = [action.id for action in emulator.account.actions_of(droplet, "reboot")]
            if isinstance(outcome, ActionOutcomeUnknownError):
                assert len(executed) <= 1
            elif isinstance(outcome, APIError):
                assert executed == [], outcome
            else:
                assert not isinstance(outcome, BaseException)
                assert executed == [outcome.action.id]
        assert any(not isinstance(outcome, BaseException) for outcome in outcomes)
        assert len(emulator.requests.on(INITIATE)) > len(ids)
