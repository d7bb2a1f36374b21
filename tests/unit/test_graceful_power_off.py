"""A graceful power-off: its times, its result, and its errors."""

from __future__ import annotations

from typing import Any

import pytest
from engine_track import DROPLET, OFF, ON
from fake_fleet import Account, Waits, elapsed
from samples import action
from virtual_time import run

from gradient_async import ActionFailedError, ActionTimeoutError, ClientClosedError, RateLimitError
from gradient_async.errors import APITimeoutError, PendingEventError
from gradient_async.fleet.engine.state import DropletState, Ending, StepState
from gradient_async.fleet.graceful_power_off import power_off_gracefully, result_of

pytestmark = pytest.mark.once

ASKED, CUT = StepState(end="acted", action=action(id=1)), StepState(end="acted", action=action(id=2))
NONE = StepState(end="nothing")
LATE = ActionTimeoutError("late", action=None)
NO_ANSWER = APITimeoutError("no answer", method="GET", path="/")


@pytest.mark.parametrize(
    ("steps", "by"),
    [
        ((NONE, NONE), "nobody"),
        ((ASKED, NONE), "shutdown"),
        ((NONE, CUT), "power_off"),
        ((ASKED, CUT), "power_off"),
    ],
)
def test_result_says_what_powered_the_droplet_off(steps: tuple[StepState, ...], by: str) -> None:
    found = result_of(DropletState(DROPLET, steps, droplet=OFF), Ending("completed", ""), "3 s")
    assert (found.droplet, found.powered_off_by) == (OFF, by)
    assert (found.shutdown, found.power_off) == (steps[0].action, steps[1].action)


@pytest.mark.parametrize(
    ("droplet", "error", "status"),
    [(ON, None, "'active'"), (None, None, "None"), (OFF, LATE, "'off'"), (ON, TimeoutError("late"), "'active'")],
)
def test_droplet_that_is_not_off_is_an_error(droplet: Any, error: Exception | None, status: str) -> None:
    state = DropletState(DROPLET, (ASKED, CUT), droplet=droplet, action=CUT.action)
    with pytest.raises(ActionTimeoutError) as caught:
        result_of(state, Ending("failed" if error else "completed", "", error), "3 s")
    assert str(caught.value) == f"Droplet {DROPLET} is not off after 3 s; its status was last read as {status}"
    assert caught.value.action is CUT.action


@pytest.mark.parametrize("error", [NO_ANSWER, ZeroDivisionError("hook"), ActionFailedError("no", action=action())])
def test_error_of_the_run_is_raised(error: Exception) -> None:
    with pytest.raises(type(error)) as caught:
        result_of(DropletState(DROPLET, (ASKED, CUT), droplet=OFF), Ending("failed", "", error), "3 s")
    assert caught.value is error


def test_closed_client_ends_it_early() -> None:
    with pytest.raises(ClientClosedError, match=r"^the client was closed$"):
        result_of(DropletState(DROPLET, (NONE, NONE)), Ending("skipped", "the client was closed"), "3 s")


class Powered(Account):
    """An account whose Droplet is off from some request on.

    Args:
        after: Number of actions after which it is off.
        given: As for an account.
    """

    def __init__(self, after: int, **given: Any) -> None:
        super().__init__(**given)
        self.after = after

    def droplet(self, number: int) -> dict[str, Any]:
        status = "off" if len(self.started) >= self.after else "active"
        return {"id": number, "name": "d", "status": status}


def powered_off(account: Account) -> tuple[Any, float]:
    async def work() -> tuple[Any, float]:
        sender: Any = account
        waits: Any = Waits(account)
        found = await power_off_gracefully(
            sender, waits, 7, grace_seconds=20.0, force_seconds=40.0, poll_interval=2.0, options={}
        )
        return found, elapsed()

    return run(work())


@pytest.mark.parametrize(
    ("after", "by", "seconds"), [(0, "nobody", 0.0), (1, "shutdown", 10.0), (2, "power_off", 30.0)]
)
def test_power_is_cut_only_after_the_grace(after: int, by: str, seconds: float) -> None:
    account = Powered(after)
    found, took = powered_off(account)
    assert (found.powered_off_by, found.droplet.is_off, round(took)) == (by, True, seconds)
    assert len(account.started) == after


def test_times_are_named_when_the_droplet_stays_on() -> None:
    with pytest.raises(ActionTimeoutError, match=r"not off after 20 s for shutdown and 40 s for power_off; its status"):
        powered_off(Powered(9))


def test_rate_limited_request_is_not_sent_again() -> None:
    limited = RateLimitError("no", method="POST", path="/", status=429, retry_after=1.0)
    account = Powered(9, refusals={7: [limited]})
    with pytest.raises(RateLimitError):
        powered_off(account)
    assert account.started == [7]


def test_busy_droplet_is_asked_again_until_its_grace_is_over() -> None:
    busy = [PendingEventError("busy", method="POST", path="/", status=422) for _ in range(99)]
    account = Powered(999, refusals={7: busy})
    with pytest.raises(ActionTimeoutError):
        powered_off(account)
    assert account.at[-1] < 60.0
