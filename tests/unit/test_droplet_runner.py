"""The runner of one Droplet: what it sends, records, looks up and waits for, in a loop whose time is virtual."""

from __future__ import annotations

import asyncio
import math
import random
from itertools import pairwise
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from fake_fleet import Account, Notes, cancelled_at, context, elapsed, execution, ran, streamed
from samples import NOON, action
from virtual_time import BEGIN, run

from gradient_async import (
    ActionOutcomeUnknownError,
    BadRequestError,
    DropletStateError,
    PendingEventError,
    RateLimitError,
    RequestKeyStoreError,
    WrongPowerStateError,
)
from gradient_async.fleet import plan as plans
from gradient_async.fleet import runner as runners
from gradient_async.fleet.engine import machine
from gradient_async.fleet.fleet_run import FleetRun
from gradient_async.fleet.journal_format import DropletRecord, StepRecord
from gradient_async.fleet.outcome import Outcome
from gradient_async.fleet.runner import DropletRunner
from gradient_async.fleet.start_gate import NotStartedError, StartGate
from gradient_async.http.request import Priority, Timestamp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from gradient_async.fleet.engine.state import DropletState, Ending
    from gradient_async.fleet.plan import Plan

pytestmark = pytest.mark.once

REBOOT = plans.plan_of("reboot", until_status=False)
UNTIL_ACTIVE = plans.plan_of("reboot", until_status=True)
POWER_OFF = plans.power_off_plan(graceful=True, grace=20.0)


def refused(kind: type[Any] = BadRequestError, status: int = 422, **changes: Any) -> Any:
    return kind("refused", method="POST", path="/v2/droplets/7/actions", status=status, **changes)


class Ran:
    """One Droplet's run by the runner alone.

    Args:
        account: The account.
        plan: The plan.
        record: What earlier runs did.
        options: Those of ``context``.
    """

    def __init__(
        self, account: Account, plan: Plan = REBOOT, record: DropletRecord | None = None, **options: Any
    ) -> None:
        given = record or DropletRecord()

        async def work() -> tuple[DropletState, Ending, float]:
            self.context = context(account, plan, **options)
            runner = DropletRunner(machine.state_from(7, plan, given), given, self.context)
            ending = await runner.run()
            return runner.state, ending, elapsed()

        self.state, self.ending, self.seconds = run(work())


# --- requests and notes ---


def test_each_step_of_the_way_is_recorded() -> None:
    notes = Notes()
    found = Ran(Account(statuses={7: "active"}, seconds={7: 30.0}), POWER_OFF, journal=notes, action_timeout=40.0)
    assert notes.lines == [
        ("sending", 7, 0, "shutdown"),
        ("started", 7, 0, 100),
        ("step_ended", 7, 0, "acted", ""),
        ("sending", 7, 1, "power_off"),
        ("started", 7, 1, 101),
    ]
    assert isinstance(found.ending.error, DropletStateError)


def test_refusal_is_recorded() -> None:
    notes = Notes()
    error = refused()
    assert Ran(Account(refusals={7: [error]}), journal=notes).ending.error is error
    assert notes.lines == [("sending", 7, 0, "reboot"), ("refused", 7, 0)]


@pytest.mark.parametrize("broken", ["sending", "started"])
def test_run_is_stopped_when_its_journal_is_full(broken: str) -> None:
    found = Ran(Account(), journal=Notes(broken))
    assert found.context.gate.stopped_by == "the disk is full"
    assert found.ending.status == ("skipped" if broken == "sending" else "completed")


def test_request_says_which_run_it_belongs_to() -> None:
    account = Account()
    Ran(account, journal=Notes())
    assert account.sent[0].origin == f"run {NOON.isoformat()} 7 0"
    account = Account()
    Ran(account, deadline=BEGIN + 50.0)
    assert account.sent[0].origin is None
    assert account.untils == [BEGIN + 50.0]


@pytest.mark.parametrize(("state_decides", "timeouts"), [(True, [20.0, 20.0]), (False, [None, None])])
def test_request_has_no_more_time_than_its_step(state_decides: Any, timeouts: list[float | None]) -> None:
    account = Account(seconds={7: 15.0}, refusals={7: [None, None]})
    Ran(account, POWER_OFF, state_decides=state_decides, action_timeout=20.0, rate_patience=0.0)
    posts = [one for one in account.sent if one.method == "POST"]
    assert [one.timeout for one in posts] == timeouts


def test_request_has_no_more_time_than_the_client_gives_any() -> None:
    account = Account()
    plan = plans.power_off_plan(graceful=True, grace=120.0)
    Ran(account, plan, state_decides=True, action_timeout=20.0, rate_patience=0.0)
    assert [one.timeout for one in account.sent if one.method == "POST"] == [60.0, 20.0]


# --- waits and pauses ---


def test_action_is_awaited_with_the_options_of_the_run() -> None:
    found = Ran(Account(), poll_interval=3.0, action_timeout=70.0)
    watcher: Any = found.context.watcher
    (asked,) = watcher.asked
    assert (asked["id"], asked["timeout"], asked["poll_interval"], asked["options"]) == (100, 70.0, 3.0, {})
    assert (asked["last"].id, found.ending.status, found.seconds) == (100, "completed", 10.0)


@pytest.mark.parametrize(("given", "first"), [({}, 4.0), ({"poll_interval": 2.0}, 2.0)])
def test_pauses_between_polls_grow(given: dict[str, Any], first: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runners, "interval", lambda polls, pause, jitter: pause * (polls + 1) + jitter)
    monkeypatch.setattr(random, "random", lambda: 0.5)
    account = Account(statuses={7: "off"})
    found = Ran(account, UNTIL_ACTIVE, action_timeout=40.0, **given)
    times = [at for _, _, at in account.reads]
    pauses = [round(later - earlier, 6) for earlier, later in pairwise(times)]
    assert pauses[:-1] == [first * number + 0.5 for number in range(1, len(pauses))]
    assert times[-1] == 40.0, "the last pause ends with the time"
    assert {priority for _, priority, _ in account.reads} == {Priority.POLL}
    assert isinstance(found.ending.error, DropletStateError)


def test_rate_limited_request_waits_as_long_as_it_is_told() -> None:
    account = Account(refusals={7: [refused(RateLimitError, 429, retry_after=25.0)]})
    assert Ran(account).ending.status == "completed"
    assert account.at == [0.0, 25.0]


# --- reads that hang ---


def test_last_poll_may_take_a_second_more() -> None:
    found = Ran(Account(statuses={7: "hanging"}), UNTIL_ACTIVE, action_timeout=40.0)
    assert (found.seconds, type(found.ending.error)) == (41.0, DropletStateError)


def test_read_before_a_step_ends_with_the_time_of_the_run() -> None:
    record = DropletRecord(steps={0: StepRecord(action_id=5, end="acted")})
    found = Ran(Account(statuses={7: "hanging"}), POWER_OFF, record, deadline=BEGIN + 30.0, timeout=30.0)
    assert found.seconds == 31.0
    assert found.ending.reason.startswith("the run's timeout of 30 s is over")


def test_read_may_take_a_second_when_the_time_of_the_run_is_over() -> None:
    record = DropletRecord(steps={0: StepRecord(action_id=5, end="acted")})
    found = Ran(Account(statuses={7: "hanging"}), POWER_OFF, record, deadline=BEGIN - 30.0, timeout=30.0)
    assert found.seconds == 1.0


# --- errors that are explained ---


def answered(items: list[Any]) -> Any:
    return lambda _: {"actions": items, "meta": {"total": len(items)}}


def event(number: int, status: str) -> dict[str, Any]:
    return {
        "id": number,
        "status": status,
        "type": "snapshot",
        "started_at": NOON.isoformat(),
        "resource_id": 7,
        "resource_type": "droplet",
    }


def test_event_that_keeps_the_droplet_busy_is_named_and_awaited() -> None:
    busy = refused(PendingEventError)
    listed = answered([event(3, "completed"), event(4, "in-progress"), event(5, "in-progress")])
    account = Account(refusals={7: [busy]}, other=listed)
    found = Ran(account)
    assert busy.hint == "snapshot (action 4) runs on it."
    assert account.at == [0.0, 10.0], "the event takes 10 s"
    assert found.ending.status == "completed"
    assert dict(account.sent[1].query) == {"per_page": "20"}


@pytest.mark.parametrize("answer", [answered([event(3, "completed")]), lambda _: refused(WrongPowerStateError)])
def test_request_is_sent_again_when_the_event_is_not_found(answer: Any) -> None:
    busy = refused(PendingEventError)
    account = Account(refusals={7: [busy]}, other=answer)
    assert Ran(account).ending.status == "completed"
    assert (busy.hint, account.at) == (None, [0.0, 4.0])


class Hanging(Account):
    """An account whose list of actions never comes."""

    async def send(self, request: Any, before: Any = None, until: float = 0.0) -> Any:
        if request.method == "GET":
            await anyio.sleep_forever()
        return await super().send(request, before, until)


def test_look_up_of_an_event_ends_with_the_time_of_the_run() -> None:
    found = Ran(Hanging(refusals={7: [refused(PendingEventError)]}), deadline=BEGIN + 30.0)
    assert (found.seconds, found.ending.status) == (31.0, "failed")


def test_wrong_power_state_is_named() -> None:
    wrong: Any = refused(WrongPowerStateError)
    account = Account(refusals={7: [wrong]}, statuses={7: "off"})
    found = Ran(account)
    hint = wrong.hint
    assert found.ending.error is wrong
    assert hint == "The Droplet's status is 'off'."
    assert account.reads == [(7, Priority.POLL, 0.0)]


def test_read_for_the_power_state_ends_with_the_time_of_the_run() -> None:
    account = Account(refusals={7: [refused(WrongPowerStateError)]}, statuses={7: "hanging"})
    found = Ran(account, deadline=BEGIN + 30.0, timeout=30.0)
    assert found.seconds == 31.0


# --- requests of earlier runs ---


class Settling(Account):
    """An account that looks requests up."""

    def __init__(self, reply: Any) -> None:
        super().__init__()
        self.reply = reply
        self.settled: list[dict[str, Any]] = []

    async def settle(self, request: Any, **given: Any) -> Any:
        self.settled.append({"path": request.path, **given})
        return self.reply


REPLY = SimpleNamespace(parse=lambda: SimpleNamespace(action=action(id=5)))


@pytest.mark.parametrize(("reply", "started"), [(None, [7]), (REPLY, [])])
def test_request_of_an_earlier_run_is_looked_up(reply: Any, started: list[int]) -> None:
    sent = Timestamp(wall=NOON.timestamp(), monotonic=math.inf)
    account = Settling(reply)
    record = DropletRecord(steps={0: StepRecord(first_sent=sent)})
    found = Ran(account, REBOOT, record, deadline=BEGIN + 50.0)
    (asked,) = account.settled
    assert (asked["path"], asked["since"], asked["until"]) == ("/v2/droplets/7/actions", sent, BEGIN + 50.0)
    assert (asked["waited"], asked["clock_error"] > 0, "interrupted" in asked["detail"]) == (0.0, True, True)
    assert (account.started, found.ending.status) == (started, "completed")


class Keys:
    """The keys of a run, and what is known by them.

    Args:
        record: The record that they recall; an exception is raised.
        known: The result that they know.
    """

    def __init__(self, record: Any, known: Any = None) -> None:
        self.record, self.known = record, known
        self.asked: list[Any] = []

    async def recall(self, droplet_id: int, record: DropletRecord) -> DropletRecord:
        self.asked.append(droplet_id)
        if isinstance(self.record, Exception):
            raise self.record
        return self.record or record

    def of(self, droplet_id: int, step: int) -> Any:
        return f"key {droplet_id} {step}"

    def call(self, request: Any, step: int) -> Any:
        async def find(until: float) -> Any:
            self.asked.append((step, until))
            return self.known

        return SimpleNamespace(find=find, request=request._replace(origin="by key"))


SENDING = StepRecord(first_sent=Timestamp(wall=NOON.timestamp(), monotonic=math.inf))


@pytest.mark.parametrize(("known", "started"), [(REPLY, []), (None, [7])])
def test_key_tells_what_became_of_a_request(known: Any, started: list[int]) -> None:
    keys = Keys(DropletRecord(steps={0: SENDING}), known)
    account = Settling(None)
    found = Ran(account, keys=keys, deadline=BEGIN + 50.0)
    assert keys.asked == [7, (0, BEGIN + 50.0)]
    assert (account.started, account.settled, found.ending.status) == (started, [], "completed")
    assert [str(one.key) for one in account.sent] == ["key 7 0"] * len(started)


def test_droplet_fails_when_its_keys_cannot_be_read() -> None:
    error = RequestKeyStoreError("no store")
    account = Account()
    assert Ran(account, keys=Keys(error)).ending.error is error
    assert account.sent == []


# --- stops ---


class Counted(StartGate):
    """A gate that knows which scopes are in it."""

    def __init__(self) -> None:
        super().__init__()
        self.inside: set[Any] = set()

    def enter(self, scope: Any) -> None:
        self.inside.add(scope)
        super().enter(scope)

    def leave(self, scope: Any) -> None:
        self.inside.discard(scope)
        super().leave(scope)


def test_gate_keeps_nothing_of_a_droplet_that_has_ended() -> None:
    gate = Counted()
    Ran(Account(refusals={7: [refused(RateLimitError, 429, retry_after=25.0)]}), gate=gate)
    assert gate.inside == set()


def test_droplet_that_waits_to_start_is_skipped_at_a_stop() -> None:
    account = Account(errored=(1,), refusals={2: [refused(RateLimitError, 429, retry_after=50.0)]})
    report = ran(account, droplets=(1, 2), max_errors=0)
    assert report.duration == 10.0
    outcome = next(one for one in report.outcomes if one.droplet_id == 2)
    assert (outcome.status, outcome.reason) == ("skipped", "more than 0 Droplets failed or are unknown (max_errors)")


def test_request_on_the_wire_is_left_alone_at_a_stop() -> None:
    account = Account(errored=(1,), slow={2: 15.0})
    report = ran(account, droplets=(1, 2), max_errors=0)
    assert [one.status for one in report.outcomes] == ["failed", "completed"]
    assert report.duration == 25.0


def test_droplet_is_not_started_when_the_run_stopped_just_before() -> None:
    gate, notes = StartGate(), Notes()

    class Stopping(Account):
        async def send(self, request: Any, before: Any = None, until: float = 0.0) -> Any:
            gate.stop("late")
            return await super().send(request, before, until)

    found = Ran(Stopping(), gate=gate, journal=notes)
    assert (found.ending.status, found.ending.reason, notes.lines) == ("skipped", "late", [])


def test_outcome_counts_once_when_it_is_emitted_at_the_end() -> None:
    account = Account()
    running: list[Any] = []

    async def emit(_: Outcome) -> None:
        await anyio.sleep(50.0)

    async def work() -> None:
        running.append(execution(account, "reboot", (1,), max_errors="50%"))
        await running[0].execute(emit)

    assert isinstance(cancelled_at(20.0, work), asyncio.CancelledError)
    facts = account.spans["fleet reboot"]
    assert (facts["gradient.fleet.droplets"], facts["gradient.fleet.started"]) == (1, 0)


# --- the gate ---


def test_only_the_first_reason_of_a_stop_is_kept(caplog: pytest.LogCaptureFixture) -> None:
    gate = StartGate()
    gate.stop("first")
    gate.stop("second")
    assert gate.stopped_by == "first"
    assert caplog.messages == ["fleet run: nothing more is started: first"]


async def test_stop_cancels_only_what_waits_to_start() -> None:
    gate = StartGate()
    waiting, committed, left, late = (anyio.CancelScope() for _ in range(4))
    for scope in (waiting, committed, left):
        gate.enter(scope)
    gate.commit(committed)
    gate.leave(left)
    gate.stop("stop")
    gate.enter(late)
    assert [one.cancel_called for one in (waiting, committed, left, late)] == [True, False, False, True]
    with pytest.raises(NotStartedError, match=r"^stop$"):
        gate.commit(waiting)


# --- what a run does with records ---


async def each(*ids: int) -> AsyncIterator[int]:
    for one in ids:
        yield one


def fleet_run(account: Account, records: dict[int, DropletRecord], **options: Any) -> tuple[list[Outcome], FleetRun]:
    """Run Droplets 1 and 2, of which something is recorded."""

    async def work() -> tuple[list[Outcome], FleetRun]:
        emitted: list[Outcome] = []

        async def emit(outcome: Outcome) -> None:
            emitted.append(outcome)

        found = FleetRun(context(account, REBOOT, **options), anyio.sleep_forever, emit, 2, records, {1: "one"})
        await found.execute(each(1, 2))
        return emitted, found

    return run(work())


@pytest.mark.parametrize(("name", "expected"), [(None, "one"), ("old", "old")])
def test_outcome_of_an_earlier_run_is_emitted_with_its_name(name: str | None, expected: str) -> None:
    old = Outcome(droplet_id=1, status="failed", ended_at=NOON, is_resumed=True, name=name)
    account = Account()
    emitted, _ = fleet_run(account, {1: DropletRecord(outcome=old)})
    assert [(one.droplet_id, one.name, one.status) for one in emitted] == [
        (1, expected, "failed"),
        (2, None, "completed"),
    ]
    assert account.started == [2]


def test_final_outcomes_are_recorded() -> None:
    notes = Notes()
    fleet_run(Account(errored=(1,), refusals={2: [refused()]}), {}, journal=notes)
    assert [line for line in notes.lines if line[0] == "ended"] == [("ended", 1, "failed")]


def test_run_stops_when_an_outcome_cannot_be_recorded() -> None:
    emitted, found = fleet_run(Account(), {}, journal=Notes("ended"), max_concurrency=1)
    assert [(one.droplet_id, one.status) for one in emitted] == [(1, "completed"), (2, "skipped")]
    assert emitted[1].reason == "the disk is full"
    assert found.counts["skipped"] == 1


def test_droplets_of_a_streamed_run_are_read() -> None:
    outcomes = streamed(Account(statuses={1: "off"}), plans.power_off_plan(graceful=False, grace=5.0), (1,))
    assert [(one.status, one.reason, one.name) for one in outcomes] == [("completed", "nothing had to be done", "d-1")]


def test_unknown_outcome_is_not_recorded_as_final() -> None:
    lost = ActionOutcomeUnknownError("lost", method="POST", path="/", droplet_id=1, type="reboot")
    notes = Notes()
    emitted, _ = fleet_run(Account(refusals={1: [lost]}), {}, journal=notes)
    assert emitted[0].error is lost or emitted[1].error is lost
    assert [line for line in notes.lines if line[0] == "ended"] == [("ended", 2, "completed")]
