"""P3: any number of waits of one client share their polls, and nothing is polled when there is no wait."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import WireServer, action, created_for, listed, reply

from gradient_async import Action, ActionTimeoutError, AsyncGradientAI, NotFoundError, RateBudget, converter
from gradient_async.emulator import Emulator
from gradient_async.http.budget import RateBudgetSnapshot
from gradient_async.http.windows import WindowUse
from gradient_async.waiting.poller import Awaited, min_gap
from gradient_async.waiting.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = 3164444


async def until(holds: Callable[[], bool]) -> None:
    """Let other tasks run until a condition holds. Otherwise the test's time limit ends it."""
    while not holds():  # noqa: ASYNC110 - what is waited for has no event
        await asyncio.sleep(0)


def client_of(emulator: Emulator, **options: object) -> AsyncGradientAI:
    settings = {"rate_budget": None, "settle_seconds": 0.1, **options}
    return AsyncGradientAI(emulator.token, base_url=emulator.base_url, **settings)  # type: ignore[arg-type]  # by test


async def rebooting(client: AsyncGradientAI, count: int) -> list[Action]:
    async with asyncio.TaskGroup() as group:
        calls = [
            group.create_task(client.gpu_droplets.actions.initiate(FIRST + number, type="reboot"))
            for number in range(count)
        ]
    return [call.result().action for call in calls]


async def test_waits_share_their_polls_when_many_wait_at_once() -> None:
    async with Emulator(droplets=60, durations={"reboot": 1e6}, limits=None) as emulator:
        async with client_of(emulator) as client:
            actions = await rebooting(client, 60)
            async with asyncio.TaskGroup() as group:
                waits = [
                    group.create_task(client.gpu_droplets.actions.wait(action, timeout=20, poll_interval=0.2))
                    for action in actions
                ]
                await emulator.requests.seen("GET /v2/actions", count=3, done=True)
                emulator.clock.advance(1e6)
            assert [wait.result().id for wait in waits] == [action.id for action in actions]
        polls = [request for request in emulator.requests if request.method == "GET"]
    # Three rounds of unfinished actions, and one or two more: a handful of lists, not 60 reads a round.
    assert 4 <= len(polls) <= 12
    assert {poll.path for poll in polls} == {"/v2/actions"}


async def test_another_wait_polls_when_the_polling_one_is_cancelled() -> None:
    async with Emulator(droplets=5, durations={"reboot": 1e6}, limits=None) as emulator:
        async with client_of(emulator) as client:
            actions = await rebooting(client, 5)
            waits = [
                asyncio.create_task(client.gpu_droplets.actions.wait(action, timeout=20, poll_interval=0.05))
                for action in actions
            ]
            await emulator.requests.seen("GET /v2/actions")
            for wait in waits[:4]:
                wait.cancel()
            emulator.clock.advance(1e6)
            assert (await waits[4]).is_completed
            ended = await asyncio.gather(*waits[:4], return_exceptions=True)
    assert all(isinstance(error, asyncio.CancelledError) for error in ended)


async def test_nothing_runs_when_no_wait_is_left() -> None:
    async with Emulator(droplets=4, time_scale=1, limits=None) as emulator, client_of(emulator) as client:
        actions = await rebooting(client, 4)
        with pytest.raises(ActionTimeoutError):
            await client.gpu_droplets.actions.wait(actions, timeout=0.2, poll_interval=0.05)
        polls = len(emulator.requests)
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.sleep(0.2)
        assert len(emulator.requests) == polls
        assert not [task for task in others if "watch" in repr(task).lower()]
        assert not client.gpu_droplets.actions._watcher._watches


async def test_failure_reaches_only_those_who_wait_for_that_action() -> None:
    async with Emulator(droplets=1, time_scale=60, durations={"reboot": 30}, limits=None) as emulator:
        async with client_of(emulator) as client:
            (action,) = await rebooting(client, 1)
            good = asyncio.create_task(client.gpu_droplets.actions.wait(action, timeout=20, poll_interval=0.1))
            with pytest.raises(NotFoundError):
                await client.gpu_droplets.actions.wait(17, timeout=20, poll_interval=0.1)
            assert (await good).is_completed


async def test_late_wait_is_polled_in_time_when_the_others_rest() -> None:
    async with Emulator(droplets=2, time_scale=60, durations={"reboot": 600}, limits=None) as emulator:
        async with client_of(emulator) as client:
            first, second = await rebooting(client, 2)
            slow = asyncio.create_task(client.gpu_droplets.actions.wait(first, timeout=90, poll_interval=60))
            await asyncio.sleep(0)
            late = asyncio.create_task(client.gpu_droplets.actions.wait(second, timeout=60, poll_interval=0.1))
            await emulator.requests.seen("GET *", count=2, done=True, timeout=20.0)
            emulator.clock.advance(600)
            assert (await late).is_completed
            slow.cancel()
        polls = [request for request in emulator.requests if request.method == "GET"]
    assert len(polls) >= 3
    assert all(poll.path.endswith(str(second.id)) for poll in polls)


async def test_every_action_is_awaited_when_the_account_is_busy() -> None:
    async with Emulator(droplets=450, time_scale=60, durations={"reboot": 30}, limits=None) as emulator:
        async with client_of(emulator) as client:
            mine = await rebooting(client, 5)
            for number in range(5, 450):
                emulator.account.start(FIRST + number, "power_cycle")
            ended = await client.gpu_droplets.actions.wait(mine, timeout=20, poll_interval=0.1)
            assert all(action.is_completed for action in ended)
        polls = [request for request in emulator.requests if request.method == "GET"]
    assert len(polls) <= 24


async def test_actions_that_no_list_shows_are_read_one_in_each_round(wire: WireServer) -> None:
    wire.script("GET /v2/actions", listed([]))
    for number in (1, 2, 3, 4):
        wire.script(f"GET /v2/actions/{number}", reply(200, {"action": action(number, status="completed")}))
    client = AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None)
    ended = await client.gpu_droplets.actions.wait([1, 2, 3, 4], timeout=20, poll_interval=0.01)
    assert [one.id for one in ended] == [1, 2, 3, 4]
    assert len(wire.requests) <= 7
    await client.aclose()


@pytest.mark.parametrize(
    ("left", "waiting", "gap"),
    [(250, 0, 0.0), (126, 0, 0.0), (100, 0, 2.0), (100, 3, 8.0), (10, 0, 8.0), (250, 3, 0.0)],
    ids=str,
)
def test_polls_are_further_apart_when_the_budget_is_scarce(left: int, waiting: int, gap: float) -> None:
    use = WindowUse(limit=250, seconds=60.0, used=250 - left, left=left)
    state = RateBudgetSnapshot(windows=(use,), next_free_in=0.0, paused_for=0.0, waiting=waiting)
    assert min_gap(1, state) == pytest.approx(gap)


async def test_acting_is_not_starved_when_hundreds_are_waited_for() -> None:
    budget = RateBudget(windows=((100, 1.0),))
    async with Emulator(droplets=250, time_scale=60, durations={"reboot": 60}, limits=None) as emulator:
        async with client_of(emulator, rate_budget=budget) as client, asyncio.TaskGroup() as group:

            async def reboot(droplet_id: int) -> None:
                response = await client.gpu_droplets.actions.initiate(droplet_id, type="reboot")
                await client.gpu_droplets.actions.wait(response.action, timeout=30, poll_interval=0.1)

            for number in range(250):
                group.create_task(reboot(FIRST + number))
        posts = [request for request in emulator.requests if request.method == "POST"]
        polls = [request for request in emulator.requests if request.method == "GET"]
    assert len(posts) == 250
    # By the windows alone it takes 2.5 s, and on a busy machine longer, without more polls.
    assert posts[-1].at - posts[0].at < 12
    assert len(polls) <= 25


async def test_actions_go_before_polls_when_both_wait(wire: WireServer) -> None:
    wire.script("GET", listed([action(number, status="completed") for number in (1, 2, 3)]))
    wire.script("POST", created_for)
    budget = RateBudget(windows=((1, 0.02),))
    client = AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=budget)
    await budget.acquire()
    async with asyncio.TaskGroup() as group:
        group.create_task(client.gpu_droplets.actions.wait([1, 2, 3], timeout=20))
        await until(lambda: budget.snapshot().waiting == 1)
        for droplet_id in range(1, 5):
            group.create_task(client.gpu_droplets.actions.initiate(droplet_id, type="reboot"))
        await until(lambda: budget.snapshot().waiting == 5)
        budget.release(None, {})
    assert [request.method for request in wire.requests] == ["POST"] * 4 + ["GET"]
    await client.aclose()


async def test_polls_keep_a_gap_when_most_of_the_budget_is_used(wire: WireServer) -> None:
    wire.script("GET", listed([action(number, status="in-progress") for number in (1, 2, 3)]))
    budget = RateBudget(windows=((100, 60.0),))
    for _ in range(60):
        await budget.acquire()
        budget.release(None, {})
    client = AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=budget)
    with pytest.raises(ActionTimeoutError):
        await client.gpu_droplets.actions.wait([1, 2, 3], timeout=1, poll_interval=0.01)
    # The next poll would be due after 5 s; but there is one more shortly before the time is over.
    assert len(wire.requests) == 2
    await client.aclose()


@pytest.mark.parametrize("slow_first", [True, False])
async def test_poll_is_in_time_when_a_slower_wait_shares_the_action(wire: WireServer, slow_first: bool) -> None:
    wire.script("GET", reply(200, {"action": action(7, status="completed")}))
    shown = converter.structure(action(7), Action)
    async with AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None) as client:
        wait = client.gpu_droplets.actions.wait
        async with asyncio.timeout(20), asyncio.TaskGroup() as group:
            for interval in (60, 0.1) if slow_first else (0.1, 60):
                group.create_task(wait(shown, timeout=90, poll_interval=interval))
                await asyncio.sleep(0)
    assert len(wire.requests) == 1


@pytest.mark.parametrize("patient_first", [True, False])
async def test_last_poll_is_in_time_when_a_more_patient_wait_shares_it(wire: WireServer, patient_first: bool) -> None:
    """However far apart the polls are, there is one before the time of a wait is over."""
    wire.script("GET", reply(200, {"action": action(7, region_slug="nyc2")}))
    shown = converter.structure(action(7), Action)
    async with AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None) as client:

        async def wait(timeout: float) -> Action | None:
            with pytest.raises(ActionTimeoutError) as caught:
                await client.gpu_droplets.actions.wait(shown, timeout=timeout, poll_interval=60)
            return caught.value.action

        patient = asyncio.create_task(wait(0.9)) if patient_first else None
        await asyncio.sleep(0)
        hasty = asyncio.create_task(wait(0.4))
        await asyncio.sleep(0)
        patient = patient or asyncio.create_task(wait(0.9))
        last_seen = await hasty
        assert last_seen is not None
        assert last_seen.region_slug == "nyc2"
        await patient
    assert 1 <= len(wire.requests) <= 2


async def test_wait_continues_when_the_previous_one_failed() -> None:
    """The first one learns that its action cannot be read, but leaves only after another one has joined for it."""
    joined: list[asyncio.Task[object]] = []

    class Server:
        """Sends nothing: action 7 is missing at first, and completed from then on; action 8 never ends."""

        budget = counter = None

        async def send(self, request: Any) -> Any:
            number = int(request.path.rpartition("/")[2])
            if number == 7 and not joined:
                joined.append(asyncio.create_task(wait(7)))  # its first step comes before the first wait's next one
                raise NotFoundError("gone", method="GET", path=request.path, status=404)
            shown = converter.decode(
                json.dumps(action(number, status="completed" if number == 7 else "in-progress")).encode(), Action
            )
            return SimpleNamespace(parse=lambda: SimpleNamespace(action=shown))

    server: Any = Server()
    watcher = Watcher(server)

    async def wait(number: int) -> object:
        awaited = Awaited(id=number)
        return await watcher.wait([awaited], timeout=20, poll_interval=0.01, options={})

    leader = asyncio.create_task(wait(8))
    await asyncio.sleep(0)
    with pytest.raises(NotFoundError):
        await wait(7)
    (second,) = joined
    async with asyncio.timeout(20):
        (ended,) = await second  # type: ignore[misc]  # a tuple of actions
    assert ended.id == 7
    leader.cancel()
    await asyncio.wait([leader])
    assert not watcher._watches


async def test_only_action_that_the_list_does_not_show_is_read_at_once(wire: WireServer) -> None:
    """A later page is read only where several are missing: one by itself takes one request, and is found for sure."""
    shown = [action(number, status="completed") for number in (1, 2, *range(1000, 1198))]
    wire.script("GET /v2/actions", listed(shown))
    wire.script("GET /v2/actions/7", reply(200, {"action": action(7, status="completed")}))
    async with AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None) as client:
        ended = await client.gpu_droplets.actions.wait([1, 2, 7], timeout=20, poll_interval=0.01)
    assert [one.id for one in ended] == [1, 2, 7]
    assert [request.path for request in wire.requests] == ["/v2/actions", "/v2/actions/7"]


async def test_later_page_is_read_when_the_first_lacks_two_actions(wire: WireServer) -> None:
    pages = {
        "1": listed([action(number, status="completed") for number in (1, *range(1000, 1199))]),
        "2": listed([action(number, status="completed") for number in (7, 8)]),
    }
    wire.script("GET /v2/actions", lambda request: pages[request.query["page"]])
    async with AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None) as client:
        ended = await client.gpu_droplets.actions.wait([1, 7, 8], timeout=20, poll_interval=0.01)
    assert [one.id for one in ended] == [1, 7, 8]
    assert [request.query["page"] for request in wire.requests] == ["1", "2"]
