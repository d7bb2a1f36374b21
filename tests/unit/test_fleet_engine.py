"""The fleet's engine: the transition of each event, and the properties of all sequences of events."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from engine_track import (
    DONE,
    DROPLET,
    OFF,
    ON,
    POWER_OFF,
    REBOOT,
    REBOOT_UNTIL_ACTIVE,
    RESIZE,
    RUNNING,
    SENT,
    SIZE,
    Track,
    recorded,
    rules,
    status_error,
    unknown,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import NOON, action, attempt, droplet

from gradient_async import (
    ActionFailedError,
    ActionOutcomeUnknownError,
    ActionTimeoutError,
    APIConnectionError,
    ClientClosedError,
    DropletStateError,
    EarlierFailureError,
    JournalError,
    NotFoundError,
    PendingEventError,
    RateLimitError,
    UnhealthyDropletError,
    WrongPowerStateError,
)
from gradient_async.fleet import plan as plans
from gradient_async.fleet.engine import commands, endings, events, machine
from gradient_async.fleet.engine.state import Phase
from gradient_async.fleet.journal_format import DropletRecord, StepRecord
from gradient_async.http.request import Priority
from gradient_async.models.action_requests import PowerOff, PowerOn, Reboot, Resize, Shutdown

if TYPE_CHECKING:
    from collections.abc import Mapping


pytestmark = pytest.mark.once

# --- one action ---


def test_action_is_sent_recorded_and_awaited() -> None:
    track = Track(rules())
    assert track.asked == commands.Send(0, Reboot(), None)
    track.on(events.ReadyToSend, ())
    assert track.transition.commands == (commands.PassGate(), commands.RecordSending(0, "reboot"))
    assert not track.state.is_touched
    track.on(events.SendingRecorded, NOON)
    assert track.transition.commands == (commands.Transmit(),)
    assert (track.state.is_touched, track.state.unresolved_type, track.state.started_at) == (True, "reboot", NOON)
    track.on(events.Accepted, RUNNING, (attempt(),))
    assert track.notes == (commands.RecordStarted(0, 7),)
    assert track.asked == commands.AwaitAction(7, RUNNING, 900.0)
    track.on(events.ActionEnded, DONE)
    assert (track.ending.status, track.ending.reason, track.notes) == ("completed", "", ())
    outcome = endings.outcome_of(track.state, track.ending, 3, NOON)
    assert (outcome.action, outcome.batch, outcome.name, len(outcome.attempts)) == (DONE, 3, "trainer-01", 1)


def test_action_is_not_awaited_when_the_run_only_starts() -> None:
    assert Track(rules(wait=False)).accept().ending.status == "completed"


@pytest.mark.parametrize(
    ("outcomes", "passes_gate"), [(("not_sent",), True), (("refused",), True), (("unknown",), False)]
)
def test_gate_is_passed_again_when_nothing_was_executed_so_far(outcomes: tuple[Any, ...], passes_gate: bool) -> None:
    track = Track(rules()).send()
    track.on(events.ReadyToSend, [attempt(outcome=one) for one in outcomes])
    assert (commands.PassGate() in track.transition.commands) is passes_gate
    assert track.transition.commands[-1] == commands.RecordSending(0, "reboot")
    assert track.state.is_touched is not passes_gate


def test_droplet_is_skipped_when_the_run_stops_before_its_start() -> None:
    track = Track(rules())
    assert track.state.can_be_stopped
    track.on(events.Stopped, "max_errors")
    assert track.ending == endings.Ending("skipped", "max_errors")


def test_stop_does_not_concern_a_droplet_that_was_sent_for() -> None:
    track = Track(rules()).send()
    assert not track.state.can_be_stopped
    with pytest.raises(machine.UnexpectedEventError):
        track.on(events.Stopped, "max_errors")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (status_error(), "failed"),
        (ClientClosedError("closed"), "skipped"),
        (APIConnectionError("no route", method="POST", path="/"), "failed"),
    ],
)
def test_refused_request_leaves_the_droplet_as_it_was(error: Any, status: str) -> None:
    track = Track(rules()).refuse(error)
    assert track.notes == (commands.RecordRefused(0),)
    assert track.ending.status == status
    assert not track.state.is_touched
    assert track.state.unresolved_type is None


def test_outcome_is_unknown_when_the_answer_is_lost() -> None:
    track = Track(rules()).send().on(events.Failed, unknown())
    assert (track.ending.status, track.ending.reason, track.notes) == ("unknown", "lost", ())


def test_run_is_stopped_when_the_journal_cannot_be_written() -> None:
    track = Track(rules()).on(events.ReadyToSend, ()).on(events.Failed, JournalError("disk full", path="j"))
    assert track.notes == (commands.StopRun("disk full"),)
    assert track.ending == endings.Ending("skipped", "disk full")


@pytest.mark.parametrize(
    ("deadline", "status", "reason"),
    [(1400.0, "started", "the run's timeout of 400 s is over; action 7 was started"), (math.inf, "failed", "late")],
)
def test_time_is_over_for_the_run_or_for_the_action_alone(deadline: float, status: str, reason: str) -> None:
    track = Track(rules(deadline=deadline, timeout=400.0)).accept()
    track.on(events.Failed, ActionTimeoutError("late", action=RUNNING), after=500.0)
    assert track.ending.status == status
    assert track.ending.reason.startswith(reason)


# --- busy, rate-limited, wrong power state ---


@pytest.mark.parametrize(("on_busy", "status"), [("fail", "failed"), ("skip", "skipped")])
def test_busy_droplet_is_failed_or_skipped_by_option(on_busy: str, status: str) -> None:
    assert Track(rules(on_busy=on_busy)).refuse(status_error(PendingEventError)).ending.status == status


def test_busy_droplet_is_waited_for_and_sent_for_again() -> None:
    busy = status_error(PendingEventError)
    track = Track(rules()).refuse(busy)
    assert track.asked == commands.LookUpEvent(busy)
    track.on(events.EventLookedUp, action(id=5, status="in-progress"))
    assert (track.asked.action_id, track.asked.seconds) == (5, 900.0)
    track.on(events.Failed, ActionFailedError("errored", action=action(id=5)), after=100.0)
    assert track.asked == commands.Send(0, Reboot(), None)
    track.refuse(busy).on(events.EventLookedUp, None)
    assert track.asked == commands.PollPause(1, 800.0)
    assert track.on(events.Slept).asked == commands.Send(0, Reboot(), None)


def test_busy_droplet_fails_when_its_event_outlasts_the_time() -> None:
    busy = status_error(PendingEventError)
    track = Track(rules()).refuse(busy, after=900.0).on(events.EventLookedUp, RUNNING)
    assert (track.ending.status, track.ending.error) == ("failed", busy)
    late = ActionTimeoutError("late", action=RUNNING)
    track = Track(rules()).refuse(busy).on(events.EventLookedUp, RUNNING).on(events.Failed, late)
    assert (track.ending.error, track.notes) == (busy, (commands.SetCause(busy, late),))


@pytest.mark.parametrize(("retry_after", "pause"), [(None, 1.0), (5.0, 5.0), (3000.0, 60.0)])
def test_rate_limited_request_is_sent_again_after_a_pause(retry_after: float | None, pause: float) -> None:
    track = Track(rules()).refuse(status_error(RateLimitError, retry_after=retry_after))
    assert track.asked == commands.Sleep(pause)
    assert track.on(events.Slept).asked == commands.Send(0, Reboot(), None)


def test_attempts_of_a_refused_request_are_kept() -> None:
    first, second = attempt(status=429), attempt(number=2)
    track = Track(rules()).refuse(status_error(RateLimitError, attempts=(first,))).on(events.Slept)
    track.send().on(events.Accepted, RUNNING, (first, second)).on(events.ActionEnded, DONE)
    outcome = endings.outcome_of(track.state, track.ending, 1, NOON)
    assert [one.status for one in outcome.attempts] == [429, 200]
    assert [one.number for one in outcome.attempts] == [1, 2]
    track = Track(rules()).refuse(status_error(RateLimitError, attempts=(first,))).on(events.Slept)
    track.send().on(events.Accepted, RUNNING, (second,))
    assert track.state.attempts == (first, second)


@pytest.mark.parametrize("limits", [{"deadline": 1059.0}, {"rate_patience": 0.0}])
def test_rate_limited_request_fails_when_the_time_is_over(limits: Mapping[str, Any]) -> None:
    track = Track(rules(**limits)).refuse(status_error(RateLimitError, retry_after=60.0))
    assert isinstance(track.ending.error, RateLimitError)


@pytest.mark.parametrize("read", [(events.DropletRead, OFF), (events.Failed, status_error(NotFoundError))])
def test_wrong_power_state_is_named_and_fails(read: tuple[type[Any], Any]) -> None:
    wrong = status_error(WrongPowerStateError)
    track = Track(rules()).refuse(wrong)
    assert track.asked == commands.NamePowerState(wrong)
    assert track.on(*read).ending.error is wrong


# --- expected states, several steps ---


def test_state_is_polled_after_the_action_until_it_comes() -> None:
    track = Track(rules(REBOOT_UNTIL_ACTIVE)).accept().on(events.ActionEnded, DONE, after=10.0)
    assert track.asked == commands.ReadDroplet(Priority.POLL, 1901.0)
    track.on(events.DropletRead, OFF)
    assert track.asked == commands.PollPause(0, 890.0)
    track.on(events.Slept, after=90.0).on(events.Failed, APIConnectionError("reset", method="GET", path="/"))
    assert track.asked == commands.PollPause(1, 800.0)
    assert track.on(events.Slept).on(events.DropletRead, ON).ending.status == "completed"


@pytest.mark.parametrize("seen", [OFF, None])
def test_droplet_fails_when_its_state_does_not_come_in_time(seen: Any) -> None:
    track = Track(rules(REBOOT_UNTIL_ACTIVE)).accept().on(events.ActionEnded, DONE)
    track.on(events.DropletRead, seen, after=900.0)
    assert isinstance(track.ending.error, DropletStateError)


def test_nothing_is_sent_when_the_droplet_is_off_already() -> None:
    track = Track(rules(POWER_OFF))
    assert track.asked == commands.ReadDroplet(Priority.ACT, math.inf)
    track.on(events.DropletRead, OFF)
    assert track.notes == (commands.RecordStepEnd(0, "nothing"),)
    track.on(events.DropletRead, OFF)
    assert track.ending == endings.Ending("completed", "nothing had to be done")


@pytest.mark.parametrize(
    "error", [ActionFailedError("errored", action=DONE), ActionTimeoutError("late", action=RUNNING)]
)
def test_power_is_cut_when_the_guest_does_not_shut_down(error: Exception) -> None:
    track = Track(rules(POWER_OFF)).on(events.DropletRead, ON).accept()
    assert track.asked.seconds == 120.0
    track.on(events.Failed, error)
    assert track.notes == (commands.RecordStepEnd(0, "acted"),)
    track.on(events.DropletRead, ON)
    assert track.asked == commands.Send(1, PowerOff(), None)


def test_power_is_not_cut_when_the_time_of_the_run_is_over() -> None:
    track = Track(rules(POWER_OFF, deadline=1060.0, timeout=60.0)).on(events.DropletRead, ON).accept()
    assert track.asked.seconds == 60.0
    track.on(events.Failed, ActionTimeoutError("late", action=RUNNING), after=60.0)
    assert track.ending.status == "started"
    assert track.ending.reason.endswith("not awaited; not started after it: power_off")


def test_droplet_is_switched_on_again_when_its_resize_is_refused() -> None:
    track = Track(rules(RESIZE)).on(events.DropletRead, ON).on(events.DropletRead, ON).accept()
    track.on(events.ActionEnded, DONE).on(events.DropletRead, OFF).on(events.DropletRead, OFF)
    assert track.asked == commands.Send(2, Resize(size=SIZE), None)
    error = status_error()
    track.refuse(error)
    assert track.notes == (commands.RecordRefused(2), commands.RecordStepEnd(2, "failed", str(error)))
    track.on(events.DropletRead, OFF)
    assert track.asked == commands.Send(3, PowerOn(), None)
    track.accept().on(events.ActionEnded, DONE).on(events.DropletRead, ON)
    assert (track.ending.status, track.ending.error) == ("failed", error)
    assert endings.is_final(track.state, track.ending)


@pytest.mark.parametrize(
    ("event", "status"),
    [
        ((events.Healthy, ON), "completed"),
        ((events.Failed, UnhealthyDropletError("no", droplet_id=DROPLET, droplet=OFF)), "failed"),
    ],
)
def test_health_check_comes_last(event: tuple[type[Any], Any], status: str) -> None:
    track = Track(rules(health_check=lambda _: True)).accept().on(events.ActionEnded, DONE)
    assert track.asked == commands.CheckHealth()
    track.on(*event)
    assert track.ending.status == status
    assert track.state.droplet is not None


# --- earlier runs ---


def test_request_of_an_earlier_run_is_resolved_before_sending() -> None:
    track = Track(rules(), recorded(_0=StepRecord(first_sent=SENT)))
    assert track.asked == commands.Resolve(0, Reboot())
    assert not track.state.can_be_stopped, "it may have been executed"
    track.on(events.Resolved, None)
    assert track.asked == commands.Send(0, Reboot(), None)
    track.refuse(status_error(PendingEventError)).on(events.EventLookedUp, None).on(events.Slept)
    assert track.asked == commands.Send(0, Reboot(), None), "an action that came since is not its own"


def test_action_of_an_earlier_run_is_awaited_and_nothing_sent() -> None:
    track = Track(rules(), recorded(_0=StepRecord(first_sent=SENT))).on(events.Resolved, RUNNING)
    assert track.notes == (commands.RecordStarted(0, 7),)
    assert isinstance(track.asked, commands.AwaitAction)
    assert Track(rules(), recorded(_0=StepRecord(action_id=7))).asked == commands.AwaitAction(7, None, 900.0)


@pytest.mark.parametrize(("found", "asks"), [(None, commands.ReadDroplet), (RUNNING, commands.AwaitAction)])
def test_request_that_may_explain_the_state_is_resolved(found: Any, asks: type[Any]) -> None:
    track = Track(rules(POWER_OFF), recorded(_0=StepRecord(first_sent=SENT))).on(events.DropletRead, OFF)
    assert track.asked == commands.Resolve(0, Shutdown())
    assert isinstance(track.on(events.Resolved, found).asked, asks)


def test_step_that_failed_in_an_earlier_run_fails_the_droplet() -> None:
    record = recorded(_0=StepRecord(end="acted"), _1=StepRecord(end="nothing"), _2=StepRecord(end="failed", error="no"))
    track = Track(rules(RESIZE), record)
    assert track.asked == commands.ReadDroplet(Priority.ACT, math.inf), "power_on runs after the failure"
    track.on(events.DropletRead, ON)
    assert isinstance(track.ending.error, EarlierFailureError)


# --- where the state decides ---


PATIENT: dict[str, Any] = {"state_decides": True, "rate_patience": 0.0, "action_timeout": 60.0}


@pytest.mark.parametrize("refusal", [PendingEventError, WrongPowerStateError])
def test_refused_step_is_polled_and_then_given_up_for_the_next(refusal: type[Any]) -> None:
    track = Track(rules(POWER_OFF, **PATIENT))
    assert track.asked == commands.ReadDroplet(Priority.ACT, 1120.0)
    track.on(events.DropletRead, ON)
    assert track.asked == commands.Send(0, Shutdown(), 120.0)
    track.refuse(status_error(refusal), after=20.0)
    assert track.asked == commands.PollPause(0, 100.0)
    track.on(events.Slept, after=1.0)
    assert track.asked == commands.ReadDroplet(Priority.ACT, 1120.0)
    track.on(events.DropletRead, ON).refuse(status_error(refusal)).on(events.Slept, after=99.0)
    assert track.asked == commands.Send(1, PowerOff(), 60.0), "its state is known, and time is short"
    track.refuse(status_error(refusal)).on(events.Slept, after=60.0)
    assert track.ending.status == "completed"
    assert track.state.action is None


def test_state_is_read_a_last_time_when_the_action_is_not_over() -> None:
    track = Track(rules(POWER_OFF, **PATIENT)).on(events.DropletRead, ON).accept()
    track.on(events.Failed, ActionTimeoutError("late", action=RUNNING), after=120.0)
    assert track.asked == commands.ReadDroplet(Priority.POLL, 1121.0)
    assert track.on(events.DropletRead, OFF).ending.status == "completed"


# --- all sequences of events ---

PLANS = [REBOOT, REBOOT_UNTIL_ACTIVE, POWER_OFF, RESIZE, plans.power_on_plan(), plans.snapshot_plan("{name}")]
statuses = st.sampled_from(["active", "off", "new"])
step_records = st.builds(
    StepRecord,
    first_sent=st.sampled_from([None, SENT]),
    action_id=st.sampled_from([None, 7]),
    end=st.sampled_from([None, None, "acted", "nothing", "failed"]),
    error=st.just("earlier"),
)
refusals = st.sampled_from(
    [
        status_error(),
        status_error(PendingEventError),
        status_error(PendingEventError),
        status_error(WrongPowerStateError),
        status_error(RateLimitError, retry_after=30.0),
        status_error(RateLimitError, retry_after=1.0),
        ClientClosedError("closed"),
    ]
)
read_errors = st.sampled_from(
    [status_error(NotFoundError), APIConnectionError("r", method="GET", path="/"), ClientClosedError("c"), ValueError()]
)


class Simulation:
    """A world that answers each command in any way it can, and checks what must always hold.

    Args:
        data: Draws the answers. What the API usually answers is drawn more often, so that runs get far.
        asked: Takes the kinds of commands that are asked.
    """

    def __init__(self, data: st.DataObject, asked: set[type]) -> None:
        self.data = data
        self.asked = asked
        self.sent: dict[int, str] = {}
        self.recorded: set[int] = set()
        self.ids = iter(range(100, 10**6))

    def draw(self, *options: Any) -> Any:
        return self.data.draw(st.sampled_from(options))

    def action(self, status: str = "in-progress") -> Any:
        return action(id=next(self.ids), status=status)

    def droplet(self) -> Any:
        return droplet(status=self.data.draw(statuses), size_slug=self.draw(SIZE, "s"))

    def error(self) -> Any:
        return self.data.draw(read_errors)

    def run(self, track: Track) -> endings.Ending:
        for step, known in enumerate(track.state.steps):
            if known.action_id is not None or known.end in {"acted", "failed"}:
                self.sent[step] = "started"
        for _ in range(400):
            *notes, asked = track.transition.commands
            for note in notes:
                self.check_note(note)
            if isinstance(asked, commands.Finish):
                return asked.ending
            assert isinstance(asked, commands.Inquiry.__args__), asked
            if track.state.can_be_stopped and self.draw(*[False] * 20, True):
                track.on(events.Stopped, "stopped")
                continue
            self.answer(track, asked)
            track.at += self.data.draw(st.floats(1.0, 400.0))
        raise AssertionError("it never ends")

    def check_note(self, note: Any) -> None:
        match note:
            case commands.RecordStarted():
                assert self.sent.get(note.step) == "accepted"
                self.sent[note.step] = "started"
            case commands.RecordStepEnd(end="acted"):
                assert self.sent.get(note.step) == "started"

    def answer(self, track: Track, asked: Any) -> None:
        self.asked.add(type(asked))
        match asked:
            case commands.ReadDroplet() | commands.NamePowerState():
                late = isinstance(asked, commands.ReadDroplet) and asked.until < math.inf
                found = self.draw(*[self.droplet] * 4, self.error, *[lambda: None] * late)()
                track.on(events.Failed if isinstance(found, Exception) else events.DropletRead, found)
            case commands.Resolve():
                assert self.sent.get(asked.step) is None
                found = self.draw(None, self.action(), unknown())
                if found is not None and not isinstance(found, Exception):
                    self.sent[asked.step] = "accepted"
                track.on(events.Failed if isinstance(found, Exception) else events.Resolved, found)
            case commands.Send():
                self.send(track, asked)
            case commands.LookUpEvent():
                track.on(events.EventLookedUp, self.draw(None, self.action()))
            case commands.AwaitAction():
                self.wait(track, asked)
            case commands.PollPause() | commands.Sleep():
                track.on(events.Slept)
            case commands.CheckHealth():
                unhealthy = UnhealthyDropletError("no", droplet_id=DROPLET)
                found = self.draw(ON, unhealthy)
                track.on(events.Failed if found is unhealthy else events.Healthy, found)

    def wait(self, track: Track, asked: Any) -> None:
        ended = action(id=asked.action_id, status="completed")
        found = self.draw(
            *[lambda: ended] * 3,
            lambda: ActionFailedError("errored", action=action(id=asked.action_id, status="errored")),
            lambda: ActionTimeoutError("late", action=action(id=asked.action_id, status="in-progress")),
            self.error,
        )()
        if isinstance(found, ActionTimeoutError):
            track.at += asked.seconds
        track.on(events.Failed if isinstance(found, Exception) else events.ActionEnded, found)

    def send(self, track: Track, asked: Any) -> None:
        assert self.sent.get(asked.step) is None, "an action is started once"
        attempts: list[Any] = []
        for _ in range(self.draw(0, 1, 1, 1, 2)):
            track.on(events.ReadyToSend, attempts)
            assert [type(one) for one in track.transition.commands[-1:]] == [commands.RecordSending]
            assert track.transition.commands[-1].step == asked.step
            if self.draw(*[False] * 20, True):
                track.on(events.Failed, JournalError("full", path="j"))
                return
            track.on(events.SendingRecorded, datetime.now(UTC))
            assert track.transition.commands == (commands.Transmit(),)
            attempts.append(attempt(number=len(attempts) + 1, outcome=self.draw("not_sent", "refused")))
        if not attempts:
            track.on(events.Refused, ClientClosedError("closed"))
            return
        found = self.draw(*[lambda: None] * 2, *[lambda: self.data.draw(refusals)] * 3, unknown)()
        if found is None:
            self.sent[asked.step] = "accepted"
            track.on(events.Accepted, self.action(), attempts)
        elif isinstance(found, ActionOutcomeUnknownError):
            self.sent[asked.step] = "lost"
            track.on(events.Failed, found)
        else:
            track.on(events.Refused, found)


ASKED: set[type] = set()


@settings(max_examples=400)
@given(
    data=st.data(),
    plan=st.sampled_from(PLANS),
    records=st.just([]) | st.lists(step_records, max_size=4),
    on_busy=st.sampled_from(["wait", "wait", "fail", "skip"]),
    wait=st.booleans(),
    has_health_check=st.booleans(),
    deadline=st.sampled_from([1000.0, 2500.0, math.inf]),
    state_decides=st.booleans(),
)
def simulate(
    data: st.DataObject,
    plan: plans.Plan,
    records: list[StepRecord],
    *,
    on_busy: Any,
    wait: bool,
    has_health_check: bool,
    deadline: float,
    state_decides: bool,
) -> None:
    given_rules = rules(
        plan,
        deadline=deadline,
        timeout=600.0,
        on_busy=on_busy,
        wait=wait or len(plan.steps) > 1,
        health_check=(lambda _: True) if has_health_check else None,
        action_timeout=900.0,
        state_decides=state_decides,
    )
    record = DropletRecord(steps=dict(enumerate(records[: len(plan.steps)])))
    simulation = Simulation(data, ASKED)
    track = Track(given_rules, record)
    ending = simulation.run(track)
    assert track.phase is Phase.ENDED
    if ending.status == "skipped":
        assert not simulation.sent
    if "lost" in simulation.sent.values():
        assert ending.status == "unknown"
    if ending.status == "completed":
        assert ending.error is None
        assert all(one.end != "failed" for one in track.state.steps)
    with pytest.raises(machine.UnexpectedEventError):
        track.on(events.Slept)
    with pytest.raises(machine.UnexpectedEventError):
        track.on(events.Failed, ValueError())


def test_each_droplet_ends_once_and_no_action_is_started_twice() -> None:
    ASKED.clear()
    simulate()
    assert {*commands.Inquiry.__args__} == ASKED, "nothing is shown about what is never asked"
