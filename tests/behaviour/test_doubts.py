"""What strangers broke: actions that are nearly the result, claims of several clients, and what errors say and hold."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import traceback
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import CLOSE, RESET, WireServer, action, created, html, listed, reply

from gradient_async import (
    ActionOutcomeUnknownError,
    APIConnectionError,
    AsyncGradientAI,
    InternalServerError,
    RateBudget,
)
from gradient_async.emulator import DropAfter, DropBefore, Emulator
from gradient_async.http import transport
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
ROUTE = "POST /v2/droplets/{droplet_id}/actions"


async def initiate(flavour: Flavour, client: Any, type: str = "reboot") -> Any:
    return await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type=type)


@pytest.mark.parametrize("seconds", [2, 4, 9, 30, 3600])
async def test_not_sent_again_when_an_action_was_started_a_little_too_early_to_be_its_result(
    flavour: Flavour, wire: WireServer, seconds: int
) -> None:
    wire.script("POST", RESET, created(8))
    wire.script("GET", lambda _: listed([action(7, age=seconds)]))
    client = flavour.client(wire, settle_seconds=0.05)
    with pytest.raises(ActionOutcomeUnknownError, match="may have begun before the request was sent") as caught:
        await initiate(flavour, client)
    assert [one.id for one in caught.value.candidates] == [7]
    assert len(wire.sent("POST")) == 1


async def test_sent_again_when_the_last_such_action_was_started_long_before(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET, created(8))
    wire.script("GET", lambda _: listed([action(7, age=3 * 3600)]))
    client = flavour.client(wire, settle_seconds=0.05)
    assert (await initiate(flavour, client)).action.id == 8


async def test_action_of_another_client_of_the_process_is_not_adopted(flavour: Flavour) -> None:
    fault = DropBefore(route=ROUTE, skip=1, times=1)
    async with Emulator(time_scale=6000, limits=None, faults=[fault]) as emulator:
        first, second = flavour.client(emulator), flavour.client(emulator)
        one = await initiate(flavour, first)
        await asyncio.sleep(0.05)
        other = await initiate(flavour, second)
        assert one.action.id != other.action.id
        assert len(emulator.account.actions_of(DROPLET, "reboot")) == 2


async def test_answer_says_that_it_was_adopted(flavour: Flavour) -> None:
    async with Emulator(time_scale=60, limits=None, faults=[DropAfter(route=ROUTE, times=1)]) as emulator:
        client = flavour.client(emulator)
        assert (await initiate(flavour, client)).is_adopted
        emulator.clock.advance(600)
        assert not (await initiate(flavour, client)).is_adopted


async def test_error_says_that_it_was_not_executed_when_the_list_shows_that(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", html(502))
    wire.script("GET", listed([]))
    client = flavour.client(wire, settle_seconds=0.02, max_retries=0)
    with pytest.raises(InternalServerError, match="was not executed: the Droplet's list of actions shows none"):
        await initiate(flavour, client)


async def test_error_does_not_speak_of_a_list_that_nobody_looked_at(wire: WireServer) -> None:
    wire.script("POST", reply(429, headers={"Retry-After": "0"}))
    client = AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None, max_retries=1)
    first = asyncio.create_task(client.gpu_droplets.actions.bulk_initiate(tag_name="training", type="power_off"))
    await wire.seen(method="POST")
    with pytest.raises(Exception) as caught:  # noqa: PT011 - a 429, or a refused connection after it
        await first
    assert "list of actions" not in str(caught.value)
    await client.aclose()


@pytest.mark.parametrize("answer", [RESET, CLOSE], ids=["reset", "close"])
async def test_token_is_in_no_frame_when_a_traceback_is_shown_with_its_variables(wire: WireServer, answer: Any) -> None:
    wire.script("GET", answer)
    token = "dop_v1_" + "secret"
    client = AsyncGradientAI(token, base_url=wire.base_url, rate_budget=None, max_retries=0)
    try:
        await client.actions.retrieve(7)
    except APIConnectionError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        del error
    assert token not in shown.replace(f"token = '{token}'", "")
    await client.aclose()


async def test_async_client_that_nobody_closed_is_closed_by_its_loop(wire: WireServer) -> None:
    wire.script("GET", listed([]))
    for _ in range(5):
        await AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None).actions.list()
    gc.collect()
    await wire.left(5)


async def test_nothing_is_kept_of_a_session_that_was_closed_or_could_not_be_made(wire: WireServer) -> None:
    wire.script("GET", listed([]))
    kept = len(transport._kept_lifetimes)
    async with AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None) as client:
        await client.actions.list()
        assert len(transport._kept_lifetimes) == kept + 1
    no_session: Any = int
    wrong = AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None, http_session=no_session)
    with pytest.raises(TypeError, match=r"http_session: expected the function to make .*, got 0"):
        await wrong.actions.list()
    assert len(transport._kept_lifetimes) == kept


def test_sync_clients_that_nobody_closed_leave_quietly() -> None:
    source = """
import gc
from gradient_async.emulator import Emulator
from gradient_sync import GradientAI
def status(emulator):
    client = GradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None)
    return client.gpu_droplets.retrieve(3164444).droplet.status
with Emulator(limits=None) as emulator:
    for _ in range(60):
        status(emulator)
    gc.collect()
"""
    ended = subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", source],
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def test_sync_wait_takes_a_generator_that_calls_the_client() -> None:
    with (
        Emulator(droplets=3, time_scale=600, limits=None) as emulator,
        GradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None) as client,
    ):
        actions = client.gpu_droplets.actions
        started = (actions.initiate(droplet, type="reboot").action for droplet in list(emulator.account.droplets))
        assert all(one.is_completed for one in actions.wait(started, poll_interval=0.05))
        assert all(one.is_completed for one in actions.wait(actions.list_all(DROPLET), poll_interval=0.05))


async def test_second_consumer_of_one_list_is_refused_rather_than_given_half_of_it() -> None:
    async with Emulator(droplets=450, limits=None) as emulator:
        client = AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None)
        droplets = client.gpu_droplets.list_all()

        async def count() -> int:
            return len([droplet async for droplet in droplets])

        counts = await asyncio.gather(count(), count(), return_exceptions=True)
        assert sum(isinstance(one, RuntimeError) for one in counts) == 1
        await client.aclose()


async def test_copies_of_copies_work_and_end_with_the_first(wire: WireServer) -> None:
    wire.script("GET", listed([]))
    first = client = AsyncGradientAI("dop_v1_x", base_url=wire.base_url, rate_budget=None)
    for _ in range(1200):
        client = client.with_options(timeout=5)
    await client.actions.list()
    await first.aclose()
    assert client.is_closed


def test_own_budget_stays_when_a_copy_names_the_same_api() -> None:
    budget = RateBudget([(1, 1.0)])
    client = AsyncGradientAI("dop_v1_x", base_url="http://localhost", rate_budget=budget)
    assert client.with_options(base_url="http://localhost").rate_budget is budget
    assert client.with_options(access_token="dop_v1_y").rate_budget is budget


async def test_next_in_the_queue_goes_in_time_though_the_one_before_is_not_answered() -> None:
    budget = RateBudget([(2, 0.3)])
    await budget.acquire()
    budget.release(200, {})
    await asyncio.sleep(0.1)
    await budget.acquire()
    budget.release(200, {})
    # Due after 0.3 and 0.4 s; one that is not woken would look by itself after a second only.
    async with asyncio.timeout(0.8), asyncio.TaskGroup() as group:
        group.create_task(budget.acquire())
        group.create_task(budget.acquire())


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_forked_child_is_not_held_up_by_its_parents_requests() -> None:
    source = """
import asyncio, os, sys
from gradient_async import RateBudget
from gradient_async.waiting.claims import claims_of
from gradient_async.http.request import ActionTrace, Moment
budget, claims = RateBudget([(1, 0.05)]), claims_of("http://localhost")
trace = ActionTrace(droplet_id=1, type="reboot")
asyncio.run(budget.acquire())
claims.begin("call", trace)
pid = os.fork()
if not pid:
    asyncio.run(asyncio.wait_for(budget.acquire(), 5))
    os._exit(7 if not claims.is_contested(trace, Moment.now()) else 1)
assert claims.is_contested(trace, Moment.now())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    assert subprocess.run([sys.executable, "-c", source], timeout=30, check=False).returncode == 7


@pytest.mark.parametrize(("reserve", "remaining"), [(0.5, 2500), (0.2, 4000)])
async def test_reserve_is_there_for_others_to_use(reserve: float, remaining: int) -> None:
    budget = RateBudget([(5000, 3600.0)], reserve=reserve)
    headers = {"ratelimit-limit": "5000", "ratelimit-remaining": str(remaining), "ratelimit-reset": "9999999999"}
    await budget.acquire()
    budget.release(200, headers)
    assert budget.snapshot().next_free_in == 0.0
