"""The fleet's engine, step by step: what is sent, looked up, polled and recorded, and how often."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from engine_track import (
    DONE,
    DROPLET,
    OFF,
    ON,
    POWER_OFF,
    REBOOT_UNTIL_ACTIVE,
    RESIZE,
    RUNNING,
    SENT,
    SIZE,
    Track,
    recorded,
    rules,
    status_error,
)
from samples import NOON, action, attempt, droplet

from gradient_async import (
    ActionTimeoutError,
    APIConnectionError,
    DropletCheckError,
    PendingEventError,
    RateLimitError,
    WrongPowerStateError,
)
from gradient_async.fleet import plan as plans
from gradient_async.fleet.engine import commands, events
from gradient_async.fleet.journal_format import StepRecord
from gradient_async.http.request import Priority
from gradient_async.models.action_requests import EnableIPv6, PowerOff, PowerOn, Reboot, Resize, Shutdown
from gradient_async.models.size import Size

if TYPE_CHECKING:
    from gradient_async import Droplet

pytestmark = pytest.mark.once

PATIENT: dict[str, Any] = {"state_decides": True, "rate_patience": 0.0, "action_timeout": 60.0}
BUSY = status_error(PendingEventError)
RESET = APIConnectionError("reset", method="GET", path="/")


# --- what is known at the start ---


def test_droplet_is_new_when_its_record_has_no_request() -> None:
    track = Track(rules(), recorded(_0=StepRecord()))
    assert track.asked == commands.Send(0, Reboot(), None)
    assert not track.state.is_recorded
    assert track.state.can_be_stopped


def test_gate_is_not_passed_when_an_earlier_run_sent_a_request() -> None:
    track = Track(rules(), recorded(_0=StepRecord(first_sent=SENT))).on(events.Resolved, None)
    track.on(events.ReadyToSend, ())
    assert track.transition.commands == (commands.RecordSending(0, "reboot"),)


def test_gate_is_not_passed_again_for_a_second_step() -> None:
    track = Track(rules(RESIZE)).on(events.DropletRead, ON).on(events.DropletRead, ON).accept()
    track.on(events.ActionEnded, DONE).on(events.DropletRead, ON, after=900.0).on(events.DropletRead, ON)
    assert track.asked == commands.Send(1, PowerOff(), None)
    track.on(events.ReadyToSend, ())
    assert track.transition.commands == (commands.RecordSending(1, "power_off"),)


def test_request_is_looked_up_once_when_its_state_is_polled() -> None:
    track = Track(rules(POWER_OFF, **PATIENT), recorded(_0=StepRecord(first_sent=SENT))).on(events.DropletRead, ON)
    assert track.asked == commands.Resolve(0, Shutdown())
    track.on(events.Resolved, None).refuse(BUSY).on(events.Slept, after=1.0).on(events.DropletRead, ON)
    assert track.asked == commands.Send(0, Shutdown(), 119.0)


def test_result_of_another_call_with_the_key_is_taken() -> None:
    earlier = action(id=7, started_at=NOON.replace(hour=9))
    track = Track(rules()).on(events.Accepted, earlier, ())
    assert track.asked == commands.AwaitAction(7, earlier, 900.0)
    assert (track.state.is_touched, track.state.started_at) == (True, NOON.replace(hour=9))


def test_first_attempt_counts_when_a_key_tells_the_result() -> None:
    track = Track(rules()).refuse(status_error(RateLimitError, retry_after=1.0)).on(events.Slept)
    track.on(events.Accepted, action(id=7, started_at=NOON.replace(hour=13)), ())
    assert track.state.started_at == NOON


def test_foreign_error_of_a_look_up_leaves_the_request_unknown() -> None:
    error = ZeroDivisionError("hook")
    track = Track(rules(), recorded(_0=StepRecord(first_sent=SENT))).on(events.Failed, error)
    reason = f"its reboot may or may not have been started: {error!r}"
    assert (track.ending.status, track.ending.reason, track.ending.error) == ("unknown", reason, error)


# --- the check of the whole plan ---

LISTED = Size(slug=SIZE, disk=2000, regions=("tor1",))
SMALL = Size(slug=SIZE, disk=100)


def planned(*, disk: bool, size: Size | None, read: Droplet) -> Track:
    """Return a Droplet whose whole plan was checked."""
    track = Track(rules(plans.resize_plan(SIZE, disk=disk, grace=120.0), size=size))
    assert track.asked == commands.ReadDroplet(Priority.ACT, math.inf)
    return track.on(events.DropletRead, read)


@pytest.mark.parametrize(
    ("disk", "size", "read"),
    [(False, None, droplet(size_slug="s")), (True, LISTED, droplet(size_slug=SIZE, disk=100))],
)
def test_steps_follow_when_the_plan_is_needed(disk: Any, size: Any, read: Any) -> None:
    track = planned(disk=disk, size=size, read=read)
    assert track.asked == commands.ReadDroplet(Priority.ACT, math.inf)
    assert track.state.number == 0


@pytest.mark.parametrize(
    ("disk", "size", "read", "status"),
    [
        (False, None, droplet(size_slug=SIZE), "completed"),
        (False, LISTED, droplet(size_slug=SIZE, disk=100), "completed"),
        (True, LISTED, droplet(size_slug=SIZE, disk=2000), "completed"),
        (True, SMALL, droplet(size_slug="s", disk=2000), "failed"),
        (False, SMALL, droplet(size_slug="s", disk=2000), "failed"),
    ],
)
def test_plan_is_checked_against_the_droplet(disk: Any, size: Any, read: Any, status: str) -> None:
    track = planned(disk=disk, size=size, read=read)
    assert (track.ending.status, track.notes) == (status, ())
    assert isinstance(track.ending.error, DropletCheckError) is (status == "failed")


def test_droplet_ends_without_a_step_when_it_cannot_be_checked() -> None:
    error = status_error()
    track = Track(rules(RESIZE)).on(events.Failed, error)
    assert (track.ending.status, track.ending.error, track.notes) == ("failed", error, ())


# --- the choice of the next step ---


def test_steps_between_a_failure_and_the_last_one_are_left_out() -> None:
    record = recorded(_0=StepRecord(end="acted"), _1=StepRecord(end="failed", error="no"))
    track = Track(rules(RESIZE), record).on(events.DropletRead, OFF)
    assert track.asked == commands.Send(3, PowerOn(), None)


def test_droplet_that_was_off_stays_off_after_its_resize() -> None:
    record = recorded(_0=StepRecord(end="nothing"), _1=StepRecord(end="nothing"), _2=StepRecord(end="acted"))
    assert Track(rules(RESIZE), record).ending.status == "completed"


def test_step_follows_one_that_has_nothing_to_do() -> None:
    steps = (
        plans.Step(request=Reboot()),
        plans.Step(request=PowerOn(), only_after=(0,)),
        plans.Step(request=EnableIPv6()),
    )
    track = Track(rules(plans.Plan(name="three", steps=steps)), recorded(_0=StepRecord(end="nothing")))
    assert track.asked == commands.Send(2, EnableIPv6(), None)


def test_refused_first_step_is_recorded_as_failed() -> None:
    error = status_error()
    track = Track(rules(RESIZE)).on(events.DropletRead, ON).on(events.DropletRead, ON).refuse(error)
    assert track.notes == (commands.RecordRefused(0), commands.RecordStepEnd(0, "failed", str(error)))
    assert (track.ending.status, track.ending.error) == ("failed", error)


def test_step_is_recorded_as_done_only_after_its_state() -> None:
    track = Track(rules(POWER_OFF)).on(events.DropletRead, ON).accept()
    assert track.notes == (commands.RecordStarted(0, 7),)
    assert track.on(events.ActionEnded, DONE).notes == ()
    assert track.on(events.DropletRead, OFF).notes == (commands.RecordStepEnd(0, "acted"),)
    assert track.state.steps[0].action == DONE


@pytest.mark.parametrize(("wait", "end"), [(True, None), (False, "acted")])
def test_step_is_done_when_its_action_is_not_awaited(wait: Any, end: str | None) -> None:
    assert Track(rules(wait=wait)).accept().state.steps[0].end == end


# --- pauses and polls ---


def test_pauses_of_a_busy_droplet_grow() -> None:
    track = Track(rules())
    pauses = []
    for _ in range(3):
        track.refuse(BUSY).on(events.EventLookedUp, None)
        pauses.append(track.asked.polls)
        track.on(events.Slept)
    track.refuse(status_error(RateLimitError, retry_after=1.0)).on(events.Slept)
    track.refuse(BUSY).on(events.EventLookedUp, None)
    assert [*pauses, track.asked.polls] == [0, 1, 2, 3]


def test_pauses_of_a_polled_state_grow_from_step_to_step_anew() -> None:
    track = Track(rules(POWER_OFF, **PATIENT)).on(events.DropletRead, ON)
    pauses = []
    for _ in range(3):
        pauses.append(track.refuse(BUSY).asked.polls)
        track.on(events.Slept).on(events.DropletRead, ON)
    track.refuse(BUSY).on(events.Slept, after=120.0)
    assert track.asked == commands.Send(1, PowerOff(), 60.0)
    assert [*pauses, track.refuse(BUSY).asked.polls] == [0, 1, 2, 0]


@pytest.mark.parametrize("given", [{}, PATIENT], ids=["action", "state"])
def test_polls_of_the_expected_state_are_counted_anew(given: dict[str, Any]) -> None:
    track = Track(rules(POWER_OFF, **given)).on(events.DropletRead, ON).refuse(BUSY)
    if given:
        track.on(events.Slept).on(events.DropletRead, ON).accept()
        track.on(events.Failed, ActionTimeoutError("late", action=RUNNING))
    else:
        track.on(events.EventLookedUp, None).on(events.Slept).accept().on(events.ActionEnded, DONE)
    assert track.on(events.DropletRead, ON).asked.polls == 0


def test_request_of_the_next_step_is_paused_for_as_a_first_one() -> None:
    track = Track(rules(POWER_OFF)).on(events.DropletRead, ON).refuse(BUSY)
    track.on(events.EventLookedUp, None).on(events.Slept).accept().on(events.ActionEnded, DONE)
    track.on(events.DropletRead, ON, after=900.0).on(events.DropletRead, ON).refuse(BUSY)
    assert track.on(events.EventLookedUp, None).asked.polls == 0


def test_limited_request_is_sent_again_at_the_end_of_its_time() -> None:
    track = Track(rules(rate_patience=60.0)).refuse(status_error(RateLimitError, retry_after=60.0))
    assert track.asked == commands.Sleep(60.0)


# --- where the state decides ---


def test_step_continues_with_the_droplet_as_it_was_read_before() -> None:
    track = Track(rules(POWER_OFF, **PATIENT)).on(events.DropletRead, ON).refuse(BUSY).on(events.Slept, after=1.0)
    track.on(events.Failed, RESET)
    assert track.asked == commands.Send(0, Shutdown(), 119.0)


@pytest.mark.parametrize("error", [status_error(), ZeroDivisionError()])
def test_step_fails_when_its_droplet_cannot_be_read_at_all(error: Exception) -> None:
    track = Track(rules(POWER_OFF, **PATIENT)).on(events.DropletRead, ON).refuse(BUSY).on(events.Slept, after=1.0)
    assert track.on(events.Failed, error).ending.error is error


@pytest.mark.parametrize("given", [PATIENT, {}], ids=["state", "action"])
def test_step_fails_when_its_droplet_was_never_read(given: dict[str, Any]) -> None:
    assert Track(rules(POWER_OFF, **given)).on(events.Failed, RESET).ending.error is RESET


def test_step_is_given_up_at_the_very_end_of_its_time() -> None:
    track = Track(rules(POWER_OFF, **PATIENT)).on(events.DropletRead, ON).refuse(BUSY).on(events.Slept, after=1.0)
    track.on(events.DropletRead, ON, after=119.0)
    assert track.asked == commands.Send(1, PowerOff(), 60.0)


def test_first_read_may_take_as_long_as_the_step() -> None:
    track = Track(rules(POWER_OFF, **PATIENT)).on(events.DropletRead, ON, after=120.0)
    assert track.asked == commands.Send(0, Shutdown(), 2.0)


def test_read_for_the_error_message_is_kept() -> None:
    wrong = status_error(WrongPowerStateError)
    track = Track(rules()).refuse(wrong).on(events.DropletRead, OFF)
    assert track.state.droplet is OFF


# --- actions that are not awaited to their end ---


def test_action_is_kept_when_its_last_read_shows_none() -> None:
    track = Track(rules()).accept().on(events.Failed, ActionTimeoutError("late", action=None))
    assert (track.state.action, track.ending.status) == (RUNNING, "failed")


def test_foreign_error_of_a_wait_fails_the_droplet() -> None:
    error = ZeroDivisionError("hook")
    track = Track(rules(REBOOT_UNTIL_ACTIVE)).accept().on(events.Failed, error)
    assert (track.state.action, track.ending.error) == (RUNNING, error)


def test_attempts_of_two_steps_are_kept() -> None:
    track = Track(rules(RESIZE)).on(events.DropletRead, ON).on(events.DropletRead, ON).accept()
    track.on(events.ActionEnded, DONE).on(events.DropletRead, OFF).on(events.DropletRead, OFF)
    second = attempt(seconds=0.5)
    assert track.asked == commands.Send(2, Resize(size=SIZE), None)
    track.send().on(events.Accepted, action(id=8), (second,))
    assert track.state.attempts == (attempt(), second)
    assert track.state.droplet_id == DROPLET
