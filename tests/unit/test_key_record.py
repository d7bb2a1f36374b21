from __future__ import annotations

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gradient_async.budget.key_record import LEASE_SECONDS, KeptAnswer, KeyRecord, Sent, Step, next_step, sent_before
from gradient_async.http.key_store import StoreTime
from gradient_async.http.request import UNKNOWN_CLOCK_SECONDS

ANSWER = KeptAnswer(201, {"x-request-id": "abc"}, KeptAnswer.packed(b'{"action":{}}'))
NOW = StoreTime(1000.0, "boot")
TEXT = st.text(max_size=9)
SENT = st.builds(Sent, *[st.floats(0, 1e10), st.floats(0, 1e10), TEXT, st.floats(0, 1e10), TEXT])


def held(**changes: object) -> KeyRecord:
    record = KeyRecord(asked="a", what="reboot", state="held", owner="", until=0.0, clock="").taken("one", NOW)
    return attrs.evolve(record, **changes)  # type: ignore[arg-type]  # of the right types


def sent(at: float, *, boot: str = "boot", clock: str = "", stored: float | None = None) -> Sent:
    return Sent(wall=at + 5000, monotonic=at, boot=boot, stored=at if stored is None else stored, clock=clock)


def sending(at: Sent, timeout: float = 60.0) -> KeyRecord:
    return held().sending(at, timeout)


@pytest.mark.parametrize(
    ("stored", "age", "clock_error"),
    [(1100.0, 100.0, 0.0), (1280.0, 280.0, 0.0), (1099.5, 190.0, 90.5), (1281.0, 281.0, 91.0)],
)
def test_clocks_of_two_hosts_may_differ_by_90_seconds(stored: float, age: float, clock_error: float) -> None:
    before = Sent(wall=1000.0, monotonic=5.0, boot="one", stored=1000.0, clock="server")
    now = Sent(wall=1190.0, monotonic=7.0, boot="two", stored=stored, clock="server")
    found = sent_before(sending(before), now)
    assert (now.wall - found.since.wall, found.clock_error) == (age, clock_error)


@pytest.mark.parametrize(
    ("record", "step"),
    [
        (None, Step.TAKE),
        (held(), Step.WAIT),
        (held().left(), Step.TAKE),
        (sending(sent(1)), Step.WAIT),
        (sending(sent(1)).left(), Step.SETTLE),
        (sending(sent(1)).not_executed().left(), Step.TAKE),
        (sending(sent(1)).done(ANSWER), Step.REPLAY),
        (held(asked="b"), Step.REFUSE),
        (held(asked="b").done(ANSWER), Step.REFUSE),
        (held(asked="b").left(), Step.REFUSE),
    ],
)
def test_step_follows_from_the_record(record: KeyRecord | None, step: Step) -> None:
    assert next_step(record, "a", NOW) is step


@pytest.mark.parametrize(
    ("now", "clock", "is_held"),
    [
        (1000, "boot", True),
        (1000 + LEASE_SECONDS - 0.01, "boot", True),
        (1000 + LEASE_SECONDS, "boot", False),
        (1000 - 0.01, "boot", False),  # the clock was set back: this lease ends too late to be a real one
        (1000, "another boot", False),
    ],
)
def test_lease_ends_with_its_time_or_its_clock(now: float, clock: str, is_held: bool) -> None:
    assert held().is_held(StoreTime(now, clock)) is is_held


@settings(max_examples=30)
@given(state=st.sampled_from(["held", "sending"]), first=st.none() | SENT, last=st.none() | SENT, body=st.binary())
def test_record_is_read_as_it_was_written(state: str, first: Sent | None, last: Sent | None, body: bytes) -> None:
    record = held(state=state, first=first, last=last, timeout=1.5)
    done = record.done(KeptAnswer(201, {"date": "x"}, KeptAnswer.packed(body), is_adopted=True, others=("a",)))
    assert KeyRecord.decoded(record.encoded()) == record
    assert KeyRecord.decoded(done.encoded()) == done
    assert done.answer is not None
    assert done.answer.content == body


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"asked": 1}', held().encoded()[:-1]])
def test_text_of_something_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="this is no record of a key"):
        KeyRecord.decoded(text)


def test_first_sending_is_kept_until_it_was_not_executed() -> None:
    record = sending(sent(1)).sending(sent(2), 30)
    assert (record.first, record.last, record.timeout) == (sent(1), sent(2), 30)
    again = record.not_executed().sending(sent(3), 60)
    assert (again.first, again.last) == (sent(3), sent(3))


def test_age_is_exact_when_the_boot_is_the_same() -> None:
    record = sending(sent(100)).sending(sent(110), 60)
    now = Sent(wall=9e9, monotonic=130, boot="boot", stored=-5, clock="another")
    found = sent_before(record, now)
    assert (found.since.monotonic, found.since.wall) == (100, 9e9 - 30)
    assert (found.waited, found.clock_error) == (20 - 60, 0)  # its owner gives it up in 40 seconds


def test_age_is_the_stores_when_the_machine_is_another() -> None:
    record = sending(sent(100, clock="redis", stored=7000))
    now = Sent(wall=5160, monotonic=3, boot="other", stored=7070, clock="redis")
    found = sent_before(record, now)
    assert (found.since.wall, found.since.monotonic, found.clock_error) == (5160 - 70, 3 - 70, 0)
    assert found.waited == 70 - 60


@pytest.mark.parametrize("stored", [7000 - 3600, 7000 + 3700])
def test_age_is_unknown_when_the_clocks_contradict_each_other(stored: float) -> None:
    record = sending(sent(100, clock="redis", stored=7000))
    now = Sent(wall=5160, monotonic=3, boot="other", stored=stored, clock="redis")
    found = sent_before(record, now)
    assert found.clock_error == abs(60 - (stored - 7000))
    assert found.since.wall == 5160 - max(60, stored - 7000)
    assert found.waited <= 0
    assert "clocks" in found.detail


@pytest.mark.parametrize(
    ("now", "clock_error"),
    [
        (Sent(wall=5100, monotonic=90, boot="boot", stored=0, clock="redis"), 0),
        (Sent(wall=5090, monotonic=90, boot="other", stored=6990, clock="redis"), 0),
        (Sent(wall=5090, monotonic=90, boot="other", stored=6000, clock="redis"), 990),
        (Sent(wall=5090, monotonic=90, boot="other", stored=0, clock="next"), UNKNOWN_CLOCK_SECONDS),
    ],
    ids=["same boot", "store", "contradiction", "no common clock"],
)
def test_age_is_never_negative(now: Sent, clock_error: float) -> None:
    found = sent_before(sending(sent(100, clock="redis", stored=7000)), now)
    assert (found.since.wall, found.since.monotonic, found.clock_error) == (now.wall, now.monotonic, clock_error)


def test_record_that_ended_is_held_by_no_call() -> None:
    record = sending(sent(100))
    assert (record.left().until, record.done(ANSWER).until) == (0.0, 0.0)
    assert (record.done(ANSWER).timeout, record.not_executed().timeout) == (0.0, 0.0)


def test_age_is_not_known_after_a_reboot() -> None:
    found = sent_before(sending(sent(100, clock="boot")), Sent(5160, 3, "next boot", 3, "next boot"))
    assert (found.since.wall, found.clock_error) == (5100, UNKNOWN_CLOCK_SECONDS)
    assert found.waited == -60


class Calls(RuleBasedStateMachine):
    """Calls with one key that begin, freeze, die and end, on a store that exchanges whole records."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.kept: KeyRecord | None = None
        self.own: dict[str, KeyRecord] = {}
        self.settling: set[str] = set()
        self.executed = 0
        self.number = 0

    def swap(self, owner: str, new: KeyRecord | None) -> bool:
        """Exchange a call's record for a new one, if it is still its own."""
        if owner not in self.own or self.own[owner] != self.kept:
            self.own.pop(owner, None)
            return False
        self.kept = new
        if new is not None:
            self.own[owner] = new
        return True

    @rule(seconds=st.floats(0, 2 * LEASE_SECONDS))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def call_begins(self) -> None:
        time = StoreTime(self.now, "boot")
        step = next_step(self.kept, "a", time)
        if step in (Step.TAKE, Step.SETTLE):
            self.number += 1
            owner = f"call {self.number}"
            record = self.kept or KeyRecord(asked="a", what="", state="held", owner="", until=0.0, clock="")
            self.kept = self.own[owner] = record.taken(owner, time)
            if step is Step.SETTLE:
                self.settling.add(owner)
        if step is Step.REPLAY:
            assert self.executed == 1

    @precondition(lambda self: self.own)
    @rule(data=st.data())
    def call_renews(self, data: st.DataObject) -> None:
        owner = data.draw(st.sampled_from(sorted(self.own)))
        self.swap(owner, self.own[owner].taken(owner, StoreTime(self.now, "boot")))

    @precondition(lambda self: self.own)
    @rule(data=st.data(), is_executed=st.booleans(), is_answered=st.booleans())
    def call_sends(self, data: st.DataObject, is_executed: bool, is_answered: bool) -> None:
        owner = data.draw(st.sampled_from(sorted(self.own)))
        if owner in self.settling:
            return
        if not self.swap(owner, self.own[owner].sending(sent(self.now), 60)):
            return
        self.settling.add(owner)  # if the answer is lost
        self.executed += is_executed
        if is_answered:
            self.swap(owner, self.own[owner].done(ANSWER) if is_executed else None)
            self.own.pop(owner)

    @precondition(lambda self: self.own)
    @rule(data=st.data(), is_known=st.booleans())
    def call_settles(self, data: st.DataObject, is_known: bool) -> None:
        owner = data.draw(st.sampled_from(sorted(self.own)))
        record = self.own[owner]
        if owner not in self.settling:
            return
        if not is_known:
            self.swap(owner, record.left())
            self.own.pop(owner, None)
        elif self.executed:
            self.swap(owner, record.done(ANSWER))
            self.own.pop(owner, None)
        else:
            self.swap(owner, record.not_executed())
            self.settling.discard(owner)

    @precondition(lambda self: self.own)
    @rule(data=st.data())
    def call_dies(self, data: st.DataObject) -> None:
        self.own.pop(data.draw(st.sampled_from(sorted(self.own))))

    @invariant()
    def is_executed_once_at_most(self) -> None:
        assert self.executed <= 1

    @invariant()
    def is_never_forgotten(self) -> None:
        if self.executed:
            assert self.kept is not None
            assert self.kept.state in ("sending", "done")


TestCalls = Calls.TestCase
TestCalls.settings = settings(max_examples=40, stateful_step_count=25)
