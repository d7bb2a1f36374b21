from __future__ import annotations

import asyncio
import errno
import json
import os
import re
import stat
import subprocess
import sys
import textwrap
import time
import warnings
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import anyio
import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from samples import NOON, action, json_values, moments

from gradient_async import boot as boots
from gradient_async.errors import (
    APITimeoutError,
    EarlierFailureError,
    JournalDamagedError,
    JournalError,
    JournalInUseError,
    JournalMismatchError,
)
from gradient_async.fleet import journal as journals
from gradient_async.fleet import journal_format
from gradient_async.fleet import plan as plans
from gradient_async.fleet.differences import difference_of
from gradient_async.fleet.journal import Journal, open_journal, recorded_run
from gradient_async.fleet.journal_format import Records, RunRecord
from gradient_async.fleet.journal_text import DamagedError, decode, encode
from gradient_async.fleet.outcome import Outcome
from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gradient_async.fleet.journal_text import Line

SIZE = "gpu-h100x8-640gb"
REBOOT = plans.plan_of("reboot", until_status=False).as_json()
RESIZE = plans.resize_plan(SIZE, disk=False, grace=1).as_json()
BOOT = "6b1ee0a8-7a8e-4f0c-a8f7-000000000001"
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
needs_devices = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no such devices")


def run(**changes: Any) -> RunRecord:
    values: dict[str, Any] = {
        "plan": REBOOT,
        "wait": True,
        "until": "action",
        "tag": None,
        "droplets": (11, 22, 33, 44),
        "began_at": NOON,
    }
    return RunRecord(**{**values, **changes})


def opened(path: Path, runs_after_failure: tuple[bool, ...] = (False,), **changes: Any) -> Journal:
    return open_journal(str(path), run(**changes), runs_after_failure)


def known_in(path: Path, **changes: Any) -> Records:
    journal = opened(path, **changes)
    journal.close()
    return journal.known


def outcome(droplet_id: int, status: str = "completed", **changes: Any) -> Outcome:
    return Outcome(**{"droplet_id": droplet_id, "status": status, "ended_at": NOON, **changes})


def timed_out(droplet_id: int) -> Outcome:
    error = APITimeoutError("no answer", method="POST", path="/v2/droplets/22/actions")
    return outcome(droplet_id, "failed", reason="no answer: 'äöü'", error=error, batch=2)


async def fill(journal: Journal) -> None:
    """Write a journal in which each Droplet has another state."""
    await journal.sending(11, 0, "reboot")
    journal.started(11, 0, 2_147_483_648)
    journal.step_ended(11, 0, "acted")
    journal.ended(outcome(11, action=action(status="completed"), started_at=NOON))
    await journal.sending(22, 0, "reboot")
    await journal.sending(22, 0, "reboot")
    journal.step_ended(22, 0, "failed", "422: no")
    journal.ended(timed_out(22))
    await journal.sending(33, 0, "reboot")
    journal.started(33, 0, 2_147_483_649)
    await journal.sending(44, 0, "reboot")
    journal.started(44, 0, 2_147_483_650)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.journal"


@pytest.fixture
def quick_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """For tests that open thousands of journals: the disk is never waited for."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


@pytest.fixture
async def filled(path: Path) -> Path:
    journal = opened(path)
    await fill(journal)
    journal.close()
    return path


def content_of(path: Path) -> bytes:
    return path.read_bytes()


def lines_of(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


# --- lines ---


@given(st.dictionaries(st.text(max_size=10), json_values, max_size=5))
@example({})
@example({"crc32": "00000000"})
@example({"a": ',"crc32":"00000000"}'})
@example({"a": "\n\r\u2028\ud800\x00", "b": [{"crc32": "00000000"}]})
def test_line_is_read_as_it_was_written_for_any_content(line: dict[str, object]) -> None:
    first = encode(run().as_line())
    written = encode(line)
    assert written.count(b"\n") == 1
    assert written.isascii(), "it is read with whatever tool is at hand"
    text = decode(first + written)
    assert (text.length, text.torn) == (len(first + written), 0)
    assert json.dumps(text.lines[1]) == json.dumps(line), "by text, since no NaN is like another"


def test_line_is_plain_json_when_other_tools_read_it() -> None:
    line = json.loads(encode(journal_format.started_line(11, 0, 7, 1.5)))
    assert re.fullmatch("[0-9a-f]{8}", line.pop("crc32"))
    assert line == {"event": "started", "droplet": 11, "step": 0, "action": 7, "at": 1.5}


def test_first_line_describes_the_run() -> None:
    line = json.loads(encode(run(tag="training").as_line()))
    del line["crc32"]
    assert line == {
        "event": "run",
        "version": 1,
        "plan": {"name": "reboot", "steps": [{"type": "reboot"}]},
        "wait": True,
        "until": "action",
        "tag": "training",
        "began_at": "2026-11-23T12:00:00+00:00",
        "droplets": [11, 22, 33, 44],
    }


@given(
    plan=st.sampled_from([REBOOT, RESIZE]),
    wait=st.booleans(),
    until=st.sampled_from(["action", "status"]),
    tag=st.none() | st.sampled_from(["training", "env:prod"]),
    droplets=st.lists(st.integers(1, 2**40), max_size=8, unique=True).map(tuple),
    began_at=moments,
)
def test_run_is_read_as_it_was_written(**values: Any) -> None:
    written = RunRecord(**values)
    assert journal_format.replay(decode(encode(written.as_line())).lines, None).run == written


@given(st.binary(max_size=200), st.booleans())
def test_any_file_is_read_or_is_damaged(junk: bytes, behind_a_run: bool) -> None:
    content = encode(run().as_line()) + junk if behind_a_run else junk
    try:
        text = decode(content)
    except DamagedError:
        return
    assert text.length + text.torn == len(content)
    if behind_a_run:
        assert len(text.lines) == 1


# --- what the lines add up to ---

ids = st.integers(1, 4)
steps = st.integers(0, 3)
events = st.one_of(
    st.tuples(st.just("sending"), ids, steps, st.floats(1e9, 2e9), st.floats(0, 1e9)),
    st.tuples(st.just("started"), ids, steps, st.integers(1, 2**60)),
    st.tuples(st.just("step"), ids, steps, st.sampled_from(["acted", "nothing", "failed"]), st.text(max_size=20)),
    st.tuples(st.just("ended"), ids, st.sampled_from(["completed", "failed"]), st.text(max_size=20), moments),
)


def line_of(event: tuple[Any, ...]) -> Line:
    match event:
        case ("sending", droplet_id, step, wall, monotonic):
            return journal_format.sending_line(
                droplet_id, step, "reboot", Timestamp(wall=wall, monotonic=monotonic), BOOT
            )
        case ("refused", droplet_id, step):
            return journal_format.refused_line(droplet_id, step, 1.0)
        case ("started", droplet_id, step, action_id):
            return journal_format.started_line(droplet_id, step, action_id, 1.0)
        case ("step", droplet_id, step, end, error):
            return journal_format.step_line(droplet_id, step, end, error, 1.0)
        case ("ended", droplet_id, status, reason, ended_at):
            return journal_format.ended_line(outcome(droplet_id, status, reason=reason, ended_at=ended_at), 1.0)
    raise AssertionError(event)


@given(st.lists(events, max_size=25))
def test_all_is_known_again_when_it_was_written_and_read(happened: list[tuple[Any, ...]]) -> None:
    content = b"".join(map(encode, [run().as_line(), *map(line_of, happened)]))
    found = journal_format.replay(decode(content).lines, BOOT)
    assert found.run == run()
    assert set(found.droplets) == {event[1] for event in happened}
    for droplet_id, record in found.droplets.items():
        own = [event for event in happened if event[1] == droplet_id]
        ended = [event for event in own if event[0] == "ended"]
        assert (record.outcome is None) is (not ended)
        if record.outcome is not None:
            _, _, status, reason, ended_at = ended[-1]
            assert record.outcome == outcome(droplet_id, status, reason=reason, ended_at=ended_at, is_resumed=True)
        assert set(record.steps) == {event[2] for event in own if event[0] != "ended"}
        for number, step in record.steps.items():
            of_step = [event for event in own if event[0] != "ended" and event[2] == number]
            sent = [Timestamp(wall=event[3], monotonic=event[4]) for event in of_step if event[0] == "sending"]
            started = [event[3] for event in of_step if event[0] == "started"]
            ends = [event[3:] for event in of_step if event[0] == "step"]
            assert (step.first_sent, step.last_sent) == ((sent[0], sent[-1]) if sent else (None, None))
            assert step.action_id == (started[-1] if started else None)
            assert (step.end, step.error) == (ends[-1] if ends else (None, ""))


@pytest.mark.parametrize(("boot", "monotonic"), [(BOOT, 5.0), ("another", float("inf")), (None, float("inf"))])
def test_monotonic_clock_is_trusted_only_within_one_boot(boot: str | None, monotonic: float) -> None:
    line = journal_format.sending_line(11, 0, "reboot", Timestamp(wall=100.0, monotonic=5.0), BOOT)
    found = journal_format.replay([run().as_line(), line], boot)
    assert found.droplets[11].steps[0].first_sent == Timestamp(wall=100.0, monotonic=monotonic)


def test_monotonic_clock_is_not_trusted_without_a_known_boot() -> None:
    line = journal_format.sending_line(11, 0, "reboot", Timestamp(wall=100.0, monotonic=5.0), None)
    sent = journal_format.replay([run().as_line(), line], None).droplets[11].steps[0].last_sent
    assert sent == Timestamp(wall=100.0, monotonic=float("inf"))
    assert sent.seconds_until(Timestamp(wall=103.0, monotonic=1.0)) == 3.0, "then the wall clock counts"


FULL_OUTCOMES = [
    outcome(11, action=action(status="completed", completed_at=NOON), started_at=NOON - timedelta(seconds=1.25)),
    outcome(11, action=action(region_slug="tor1", started_at=None), ended_at=NOON + timedelta(microseconds=1)),
    outcome(11, "failed", reason="errored: 'äöü'\n\ud800", action=action(status="errored"), batch=17),
    outcome(11, reason="off already"),
    outcome(11, action=action(status="a newer word", resource_id=None, resource_type=None)),
]


@pytest.mark.parametrize("before", FULL_OUTCOMES, ids=range(len(FULL_OUTCOMES)))
def test_ended_outcome_is_the_same_from_the_journal(before: Outcome, path: Path) -> None:
    journal = opened(path)
    journal.ended(before)
    journal.close()
    after = known_in(path).droplets[11].outcome
    assert after is not None
    assert after.is_resumed
    for name in ("droplet_id", "status", "reason", "action", "started_at", "ended_at", "batch"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.error is None
    assert after.attempts == ()


def test_ended_outcome_of_an_earlier_failure_has_its_own_error(path: Path) -> None:
    journal = opened(path)
    journal.ended(timed_out(22))
    journal.close()
    after = known_in(path).droplets[22].outcome
    assert after is not None
    assert isinstance(after.error, EarlierFailureError)
    assert after.error.error == "APITimeoutError"
    assert after.error.droplet_id == 22
    assert str(after.error) == "no answer: 'äöü'"


@pytest.mark.parametrize(
    "line",
    [
        {"event": "exploded", "droplet": 11, "step": 0},
        {"event": "sending", "droplet": 11, "step": 0},
        {"event": "sending", "droplet": 11, "step": 0, "at": "noon", "monotonic": 1, "boot": None},
        {"event": "started", "step": 0, "action": 1},
        {"event": "ended", "droplet": 11},
        {**journal_format.ended_line(outcome(11), 1.0), "ended_at": "yesterday"},
        {**journal_format.ended_line(outcome(11), 1.0), "action": {"id": "x"}},
        {**run().as_line()},
        {},
    ],
    ids=str,
)
def test_journal_is_damaged_when_a_whole_line_makes_no_sense(line: Any, path: Path) -> None:
    content = encode(run().as_line()) + encode(line)
    path.write_bytes(content)
    with pytest.raises(JournalDamagedError, match=r"line 2 makes no sense") as caught:
        opened(path)
    assert str(caught.value).startswith(f"{path}: this journal cannot be used")
    assert content_of(path) == content


def test_journal_of_a_later_version_is_refused(path: Path) -> None:
    path.write_bytes(encode({**run().as_line(), "version": 2}))
    with pytest.raises(JournalDamagedError, match="version"):
        opened(path)


# --- cut off ---


def whole_part(content: bytes) -> bytes:
    return content[: content.rfind(b"\n") + 1]


@pytest.mark.usefixtures("quick_disk")
def test_journal_continues_from_its_whole_lines_after_a_cut(filled: Path) -> None:
    content = content_of(filled)
    first = len(lines_of(content)[0])
    assert len(lines_of(content)) == 13
    for cut in range(len(content)):
        filled.write_bytes(content[:cut])
        whole = whole_part(content[:cut])
        journal = opened(filled, began_at=NOON + timedelta(hours=1))
        if cut < first:
            assert journal.known == Records(run=run(began_at=NOON + timedelta(hours=1))), "it is begun anew"
            assert content_of(filled) == encode(journal.known.run.as_line())
        else:
            assert content_of(filled) == whole
            expected = journal_format.replay(decode(whole).lines, journal._boot)
            if whole != content[:cut]:
                suppose(expected, whole)
            assert plain(journal.known) == plain(expected), cut
        journal.started(44, 0, 7)
        journal.close()
        again = decode(content_of(filled))
        assert again.torn == 0
        assert again.lines[-1]["event"] == "started"
        assert len(again.lines) == max(1, whole.count(b"\n")) + 1


def suppose(expected: Records, whole: bytes) -> None:
    """Assume a request for every Droplet that has neither an outcome, nor an action, nor an end."""
    lines = [json.loads(line) for line in lines_of(whole)]
    sendings = [line for line in lines if line["event"] == "sending"]
    is_comparable = bool(sendings) and sendings[-1]["boot"] == journals.boot_id() is not None
    monotonic = sendings[-1]["monotonic"] if is_comparable else float("inf")
    since = Timestamp(wall=lines[-1].get("at", NOON.timestamp()), monotonic=monotonic)
    for droplet_id in expected.run.droplets:
        record = expected.droplet(droplet_id)
        if record.outcome is None and not (0 in record.steps and record.steps[0].end):
            step = record.step(0)
            if step.action_id is None:
                step.is_assumed = step.first_sent is None
                step.first_sent = step.first_sent or since


def plain(known: Records) -> object:
    """Return the records without the last requests, which have a test of their own."""
    shown = attrs.evolve(known, droplets={})
    for droplet_id, record in known.droplets.items():
        steps = {number: attrs.evolve(step, last_sent=None) for number, step in record.steps.items()}
        shown.droplets[droplet_id] = attrs.evolve(record, steps=steps)
    return shown


def test_journal_says_so_when_its_last_line_was_cut_off(filled: Path, caplog: pytest.LogCaptureFixture) -> None:
    content = content_of(filled)
    filled.write_bytes(content[:-5])
    known_in(filled)
    assert f"{len(lines_of(content)[-1]) - 5} bytes dropped" in caplog.text
    caplog.clear()
    known_in(filled)
    assert "dropped" not in caplog.text


def test_journal_is_repaired_when_its_last_line_was_changed(filled: Path) -> None:
    """A machine that loses its power can leave a line's length on the disk, and zeros where it should stand."""
    content = content_of(filled)
    whole = b"".join(lines_of(content)[:-1])
    filled.write_bytes(whole + b"\0" * 40 + b"\n")
    known = known_in(filled)
    assert content_of(filled) == whole
    assert known.droplets[44].steps[0].action_id is None


@pytest.mark.usefixtures("quick_disk")
def test_unfinished_steps_count_as_sent_when_a_line_is_lost(path: Path) -> None:
    lines = [
        run().as_line(),
        journal_format.ended_line(outcome(11), 1700.0),
        journal_format.started_line(22, 0, 5, 1800.0),
    ]
    path.write_bytes(b"".join(map(encode, lines)) + b'{"event":"se')
    known = known_in(path)
    since = Timestamp(wall=1800.0, monotonic=float("inf"))
    assert known.droplets[11].steps == {}, "it is done"
    assert known.droplets[22].steps == {0: journal_format.StepRecord(action_id=5)}, "it has its action"
    for droplet_id in (33, 44):
        assert list(known.droplets[droplet_id].steps) == [0]
        step = known.droplets[droplet_id].steps[0]
        assert (step.first_sent, step.action_id, step.end) == (since, None, None)


def test_lost_line_may_be_of_a_request_sent_just_now(path: Path) -> None:
    """``waited``, from ``last_sent`` on, must not count time in which the lost request had not been sent yet."""
    lines = [run().as_line(), journal_format.sending_line(33, 0, "reboot", Timestamp(wall=1700.0, monotonic=1.0), None)]
    path.write_bytes(b"".join(map(encode, lines)) + b'{"event":"se')
    before = Timestamp.now()
    known = known_in(path)
    for droplet_id in (33, 44):
        step = known.droplets[droplet_id].steps[0]
        assert step.first_sent is not None
        assert step.first_sent.wall <= 1700.0
        assert step.last_sent is not None
        assert step.last_sent.wall >= before.wall


def test_nothing_is_assumed_when_no_line_is_lost(filled: Path) -> None:
    filled.write_bytes(b"".join(lines_of(content_of(filled))[:1]))
    assert known_in(filled).droplets == {}


def test_last_timestamp_is_the_runs_when_nothing_followed() -> None:
    assert journal_format.last_timestamp([run().as_line()]).wall == NOON.timestamp()
    assert journal_format.last_timestamp([run().as_line(), journal_format.started_line(11, 0, 1, 5.5)]).wall == 5.5


@pytest.mark.parametrize(("boot", "monotonic"), [(BOOT, 5.0), ("another", float("inf")), (None, float("inf"))])
def test_last_monotonic_timestamp_is_the_last_sending(boot: str | None, monotonic: float) -> None:
    sending = journal_format.sending_line(11, 0, "reboot", Timestamp(wall=100.0, monotonic=5.0), BOOT)
    lines = [run().as_line(), sending, journal_format.started_line(11, 0, 1, 105.5)]
    assert journal_format.last_timestamp(lines, boot) == Timestamp(wall=105.5, monotonic=monotonic)


RESIZING = {"plan": RESIZE, "droplets": (11,)}
EARLIER = Timestamp(wall=1500.0, monotonic=float("inf"))


def supposed(path: Path, *events_of_11: tuple[Any, ...]) -> dict[int, Timestamp | None]:
    """Return the first possible times of each step's request, after a run whose last line was cut off."""
    lines = [run(**RESIZING).as_line(), *map(line_of, events_of_11)]
    path.write_bytes(b"".join(map(encode, lines)) + b'{"event":"se')
    journal = opened(path, (False, False, False, True), **RESIZING)
    journal.close()
    return {number: step.first_sent for number, step in journal.known.droplets[11].steps.items()}


def ends(*words: str) -> list[tuple[Any, ...]]:
    return [("step", 11, number, word, "422: no" if word == "failed" else "") for number, word in enumerate(words)]


LAST = Timestamp(wall=1.0, monotonic=float("inf"))  # of the lines that ``line_of`` makes


def test_next_step_of_several_may_have_been_sent(path: Path) -> None:
    assert supposed(path) == {0: Timestamp(wall=NOON.timestamp(), monotonic=float("inf"))}
    assert supposed(path, *ends("acted")) == {0: None, 1: LAST}
    assert supposed(path, *ends("acted", "nothing")) == {0: None, 1: None, 2: LAST}
    assert supposed(path, *ends("nothing", "nothing"), ("started", 11, 2, 7)) == {0: None, 1: None, 2: None}


def test_nothing_more_was_sent_when_all_steps_have_ended(path: Path) -> None:
    assert supposed(path, *ends("acted", "nothing", "acted", "acted")) == dict.fromkeys(range(4))


def test_the_earliest_sending_stays_when_a_later_one_may_be_lost(path: Path) -> None:
    sending = ("sending", 11, 0, EARLIER.wall, 1e9)
    found = supposed(path, sending, ("sending", 11, 0, 1600.0, 1e9))
    assert found[0] is not None
    assert found[0].wall == EARLIER.wall


def test_step_after_a_failure_may_have_been_sent(path: Path) -> None:
    """Off went well, cutting the power failed: the next request is to switch on again, and the resize is left out."""
    assert supposed(path, *ends("acted", "failed")).get(3) is not None


def test_step_counts_as_sent_when_its_sending_is_on_the_disk(path: Path) -> None:
    """The end of a line was changed that stands between the end of a step and the sending of the next one."""
    happened = [("started", 11, 0, 7), *ends("acted"), ("sending", 11, 1, 1600.0, 1e9)]
    *before, ended, sending = map(encode, [run(**RESIZING).as_line(), *map(line_of, happened)])
    path.write_bytes(b"".join(before) + ended[:-1] + b"\x0b" + sending)
    with pytest.raises(JournalDamagedError):  # else power_off would be sent a second time, unasked
        opened(path, (False, False, False, True), **RESIZING)


# --- changed ---


@pytest.mark.usefixtures("quick_disk")
def test_journal_is_damaged_when_a_byte_before_the_end_changed(filled: Path) -> None:
    content = content_of(filled)
    end = len(content) - len(lines_of(content)[-1]) - 1  # the last line begins with its newline
    for place in range(end):
        changed = bytearray(content)
        changed[place] ^= 0xFF
        for byte in (changed[place], content[place] ^ 0x01, content[place] ^ 0x20, 0x0A):
            if byte != content[place]:
                changed[place] = byte
                with pytest.raises(DamagedError):
                    decode(bytes(changed))
        filled.write_bytes(changed)
        with pytest.raises(JournalDamagedError, match="this journal cannot be used"):
            opened(filled)
        assert content_of(filled) == changed, "it is left as it is"


def test_journal_is_damaged_when_two_lines_became_one(filled: Path) -> None:
    """The end of the last line but one was changed: two lines are lost, of which the first was on the disk."""
    content = bytearray(content_of(filled))
    content[len(content) - len(lines_of(bytes(content))[-1]) - 1] ^= 0xFF
    filled.write_bytes(content)
    with pytest.raises(JournalDamagedError):
        opened(filled)


def test_journal_is_damaged_when_its_last_two_lines_were_changed(filled: Path) -> None:
    """A run writes one line at a time. A second torn line was on the disk, and may record a request."""
    lines = lines_of(content_of(filled))
    changed = b"".join([*lines[:-2], lines[-2].replace(b"44", b"45"), lines[-1].replace(b"44", b"45")])
    filled.write_bytes(changed)
    with pytest.raises(JournalDamagedError):
        opened(filled)


@pytest.mark.parametrize(
    "change",
    [
        lambda lines: [b"x" + lines[0], *lines[1:]],
        lambda lines: [lines[0], b"\n", *lines[1:]],
        lambda lines: [lines[0], b"a note of mine\n", *lines[1:]],
        lambda lines: [lines[0], lines[1].replace(b"\n", b"\r\n"), *lines[2:]],
        lambda lines: [b"\xef\xbb\xbf" + lines[0], *lines[1:]],
        lambda lines: [lines[0], lines[1][:-10] + lines[2], *lines[3:]],
        lambda lines: lines[1:],
    ],
    ids=["a byte", "an empty line", "a note", "a carriage return", "a mark", "half a line", "no first line"],
)
def test_journal_is_damaged_when_it_was_edited(change: Callable[[list[bytes]], list[bytes]], filled: Path) -> None:
    changed = b"".join(change(lines_of(content_of(filled))))
    filled.write_bytes(changed)
    with pytest.raises(JournalDamagedError) as caught:
        opened(filled)
    assert caught.value.path == str(filled)
    assert content_of(filled) == changed


def test_damage_in_the_middle_is_reported_with_its_line(filled: Path) -> None:
    lines = lines_of(content_of(filled))
    filled.write_bytes(b"".join([*lines[:4], b"?" + lines[4], *lines[5:]]))
    with pytest.raises(JournalDamagedError, match=r"line 5 is not as it was written"):
        opened(filled)


# --- no journal ---


@pytest.mark.parametrize(
    "content",
    [
        b"#!/bin/sh\nrm -rf /\n",
        b"notes",
        b"\n",
        b"\0",
        b"\xff\xfe" + bytes(range(256)) * 10,
        b'{"event": "run", "version": 1}\n',
        b'{"event":"run","version":1}\n',
        b'{"event":"running"}',
        b'{"event":"run"}',
        b"{}",
        b"[]\n",
        b"\x1f\x8b" + b"\0" * 100,
        b' {"event":"run","version":1}\n',
        b'{"event":"run","who":"me","at":"2026-11-23"}\n',
    ],
    ids=repr,
)
def test_file_is_refused_and_left_as_it_is_when_it_is_no_journal(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(JournalDamagedError) as caught:
        opened(path)
    assert str(path) in str(caught.value)
    assert content_of(path) == content
    with pytest.raises(JournalDamagedError):
        recorded_run(str(path))


def test_foreign_file_that_begins_like_a_journal_is_left_alone(path: Path) -> None:
    content = b'{"event":"run","who":"me","at":"2026-11-23","distance":"10 km"}'
    path.write_bytes(content)
    with pytest.raises(JournalDamagedError):
        opened(path)
    assert content_of(path) == content


def test_journal_is_begun_when_the_file_is_empty(path: Path) -> None:
    path.touch(mode=0o600)
    assert known_in(path) == Records(run=run())
    assert content_of(path) == encode(run().as_line())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_journal_is_begun_when_there_is_no_file(path: Path) -> None:
    assert known_in(path) == Records(run=run())
    assert content_of(path) == encode(run().as_line())


def test_journal_is_not_begun_when_its_folder_does_not_exist(path: Path) -> None:
    with pytest.raises(JournalError, match=f"{re.escape(str(path))}.*its folder does not exist"):
        opened(path / "run.journal")


def test_directory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match=f"{re.escape(str(tmp_path))}.*a folder"):
        opened(tmp_path)


@needs_devices
def test_device_that_cannot_be_read_again_is_refused() -> None:
    with pytest.raises(JournalError):
        opened(Path("/dev/null"))
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@needs_devices
def test_refusal_of_a_device_says_which_file_is_meant() -> None:
    with pytest.raises(JournalError, match=r"/dev/null: .* a device"):
        opened(Path("/dev/null"))


@needs_fork
def test_pipe_is_refused_at_once(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(JournalError, match="a named pipe"):
        opened(path)


def test_no_descriptor_is_left_open_when_a_journal_is_refused(path: Path) -> None:
    path.write_bytes(b"notes\n")
    before = _descriptors()
    for _ in range(5):
        with pytest.raises(JournalDamagedError):
            opened(path)
    assert _descriptors() == before


def _descriptors() -> set[int]:
    found = set()
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.add(number)
    return found


# --- of another run ---


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"plan": plans.plan_of("power_cycle", until_status=False).as_json()},
            ["the action 'reboot'", "this run's action is 'power cycle'"],
        ),
        ({"wait": False}, ["waits for the end of its actions", "only starts its actions"]),
        ({"until": "status"}, ["waits for the end of its actions alone", "the Droplets' status too"]),
        ({"tag": "training"}, ["Droplets that were named", "this run is of the tag 'training'"]),
        ({"droplets": (11, 22, 33)}, ["4 Droplets", "of 3", ": 1 (44) only in the journal. "]),
        ({"droplets": (11, 22, 33, 44, 55)}, ["4 Droplets", "of 5", ": 1 (55) only in this run. "]),
        ({"droplets": (11, 22, 33, 66)}, [": 1 (44) only in the journal, 1 (66) only in this run. "]),
        ({"droplets": ()}, ["of 0", "4 (11, 22, 33, …) only in the journal"]),
        (
            {"droplets": range(100, 200)},
            ["100 (100, 101, 102, …) only in this run", "4 (11, 22, 33, …) only in the journal"],
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, dict) else "",
)
def test_journal_of_another_run_is_refused_with_the_difference(
    change: dict[str, Any], said: list[str], filled: Path
) -> None:
    content = content_of(filled)[:-5]
    filled.write_bytes(content)
    with pytest.raises(JournalMismatchError) as caught:
        opened(filled, **change)
    text = str(caught.value)
    assert text.startswith(f"{filled}: this journal is not this run's: ")
    assert all(part in text for part in said), text
    assert "Pass another file" in text
    assert content_of(filled) == content, "what is not this run's is not this run's to heal"


def test_journal_of_another_tag_is_refused(path: Path) -> None:
    known_in(path, tag="training")
    with pytest.raises(JournalMismatchError, match=r"the tag 'training', and this run is of the tag 'testing'"):
        opened(path, tag="testing")
    with pytest.raises(JournalMismatchError, match=r"the tag 'training', and this run is of Droplets that were named"):
        opened(path)


@pytest.mark.parametrize("droplets", [(44, 33, 22, 11), (22, 11, 44, 33), [11, 22, 33, 44]])
def test_journal_continues_when_the_droplets_are_reordered(droplets: Any, filled: Path) -> None:
    assert known_in(filled, droplets=droplets).run.droplets == (11, 22, 33, 44)


def test_journal_is_resumed_when_others_have_the_tag_by_now(path: Path) -> None:
    known_in(path, tag="training")
    assert known_in(path, tag="training", droplets=(11, 99)).run.droplets == (11, 22, 33, 44)


def test_journal_is_resumed_when_the_run_begins_later(filled: Path) -> None:
    assert known_in(filled, began_at=NOON + timedelta(days=3)).run.began_at == NOON


@given(st.permutations([11, 22, 33, 44]))
def test_run_has_no_difference_from_itself_in_any_order(droplets: list[int]) -> None:
    assert difference_of(run(), run(droplets=droplets)) is None


def test_difference_in_the_plan_is_seen_in_a_read_journal(path: Path) -> None:
    known_in(path, plan=RESIZE)
    assert known_in(path, plan=RESIZE).run.plan == RESIZE
    other = plans.resize_plan(SIZE, disk=True, grace=1).as_json()
    with pytest.raises(JournalMismatchError, match="disk"):
        opened(path, plan=other)


# --- what the run was ---


def test_recorded_run_is_the_run_when_there_is_a_journal(filled: Path) -> None:
    assert recorded_run(str(filled)) == run()


def test_recorded_run_is_none_when_there_is_no_journal_yet(path: Path) -> None:
    assert recorded_run(str(path)) is None
    assert not path.exists()
    path.touch()
    assert recorded_run(str(path)) is None
    path.write_bytes(encode(run().as_line())[:-1])
    assert recorded_run(str(path)) is None, "its first line was cut off: nothing was sent"


def test_recorded_run_is_read_while_the_journal_is_open(path: Path) -> None:
    journal = opened(path)
    assert recorded_run(str(path)) == run()
    journal.close()


def test_recorded_run_is_refused_when_the_journal_is_damaged(filled: Path) -> None:
    content = content_of(filled)
    filled.write_bytes(content.replace(b"crc32", b"crc33", 1))
    with pytest.raises(JournalDamagedError, match=re.escape(str(filled))):
        recorded_run(str(filled))


# --- one at a time ---

HOLDER = """
    import sys
    from datetime import UTC, datetime
    from gradient_async.errors import JournalInUseError
    from gradient_async.fleet.journal import open_journal
    from gradient_async.fleet.journal_format import RunRecord

    run = RunRecord(plan={plan!r}, wait=True, until="action", tag=None, droplets=(11, 22, 33, 44),
                    began_at=datetime.now(UTC))
    try:
        journal = open_journal(sys.argv[1], run, [False])
    except JournalInUseError as error:
        print("in use:", error, flush=True)
    else:
        journal.started(11, 0, 77)
        print("open", flush=True)
        sys.stdin.read()
"""


@pytest.fixture
def holder(path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Another process that opens the journal, prints the result, and keeps it open."""
    processes: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(HOLDER).replace("{plan!r}", repr(REBOOT)), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def said_by(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_journal_is_in_use_when_opened_twice_in_a_process(path: Path) -> None:
    first = opened(path)
    with pytest.raises(
        JournalInUseError, match=rf"^{re.escape(str(path))}: another run is writing this journal\. Wait for its end"
    ):
        opened(path)
    first.started(11, 0, 5)
    with pytest.raises(JournalInUseError):
        opened(path)
    first.close()
    assert known_in(path).droplets[11].steps[0].action_id == 5


def test_journal_is_in_use_when_it_is_opened_by_another_name(path: Path) -> None:
    first = opened(path)
    link = path.with_name("link.journal")
    link.symlink_to(path)
    with pytest.raises(JournalInUseError):
        opened(link)
    first.close()
    opened(link).close()


def test_journal_in_use_is_reported_before_another_run(path: Path) -> None:
    first = opened(path)
    with pytest.raises(JournalInUseError):
        opened(path, wait=False)
    first.close()


def test_journal_is_free_again_when_it_was_closed_even_twice(path: Path) -> None:
    first = opened(path)
    first.close()
    second = opened(path)
    first.close()
    with pytest.raises(JournalInUseError):
        opened(path)
    second.close()


def test_journal_is_free_again_when_it_was_refused(path: Path) -> None:
    known_in(path)
    with pytest.raises(JournalMismatchError) as caught:
        opened(path, wait=False)
    assert caught.value.path == str(path)
    opened(path).close()


def test_journal_is_in_use_when_another_process_asks_for_it(
    path: Path, holder: Callable[[], subprocess.Popen[str]]
) -> None:
    journal = opened(path)
    assert said_by(holder()) == f"in use: {path}: another run is writing this journal. Wait for its end, or end it"
    journal.close()


def test_journal_is_in_use_until_its_process_is_killed(path: Path, holder: Callable[[], subprocess.Popen[str]]) -> None:
    process = holder()
    assert said_by(process) == "open"
    with pytest.raises(JournalInUseError):
        opened(path)
    process.kill()
    process.wait()
    assert known_in(path).droplets[11].steps[0].action_id == 77, "what it wrote is there"


def forked(work: Callable[[], None], *, until: int | None = None) -> int:
    """Fork a child that does its work and waits for the end of a pipe. Its status is 0 if nothing failed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of forks beside threads, from Python 3.12 on
        child = os.fork()
    if child:
        return child
    status = 1
    try:
        work()
        if until is not None:
            os.read(until, 1)
        status = 0
    finally:
        os._exit(status)


def status_of(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@needs_fork
def test_journal_is_free_again_when_a_forked_child_lives_on(path: Path) -> None:
    journal = opened(path)
    reading, writing = os.pipe()

    def close_own_end() -> None:
        os.close(writing)

    child = forked(close_own_end, until=reading)
    journal.close()
    try:
        deadline = time.monotonic() + 20
        while True:  # the child lets go as soon as it runs
            try:
                opened(path).close()
                break
            except JournalInUseError:
                assert time.monotonic() < deadline, "the child keeps the lock"
                time.sleep(0.01)
        assert os.waitpid(child, os.WNOHANG) == (0, 0), "it lives"
    finally:
        os.close(writing)
        assert status_of(child) == 0
        os.close(reading)


@needs_fork
def test_journal_stays_in_use_when_a_forked_child_closes_it(path: Path) -> None:
    journal = opened(path)
    assert status_of(forked(journal.close)) == 0
    with pytest.raises(JournalInUseError):
        opened(path)
    journal.started(11, 0, 5)
    journal.close()
    assert known_in(path).droplets[11].steps[0].action_id == 5


@needs_fork
def test_forked_child_writes_nothing_into_its_parents_journal(path: Path) -> None:
    journal = opened(path)
    before = content_of(path)

    def write() -> None:
        with pytest.raises(JournalError):
            journal.started(11, 0, 5)

    assert status_of(forked(write)) == 0
    assert content_of(path) == before
    journal.close()


# --- a disk that fails ---


def test_line_is_written_whole_when_taken_in_pieces(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:7]))
    journal = opened(path)
    journal.started(11, 0, 5)
    journal.close()
    assert known_in(path).droplets[11].steps[0].action_id == 5


@pytest.mark.parametrize("taken", [0, 1, 30])
async def test_journal_ends_where_it_is_when_the_disk_is_full(
    taken: int, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(path)
    journal.started(11, 0, 5)
    whole = content_of(path)
    write, calls = os.write, []

    def full(descriptor: int, data: bytes) -> int:
        calls.append(data)
        if len(calls) == 1 and taken:
            return write(descriptor, data[:taken])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(JournalError, match="No space left on device") as caught:
        journal.started(22, 0, 6)
    assert caught.value.path == str(path)
    assert isinstance(caught.value.__cause__, OSError)
    monkeypatch.setattr(os, "write", write)  # there is room again, which is too late
    at_end = content_of(path)
    assert len(at_end) == len(whole) + taken
    with pytest.raises(JournalError, match="could not be written, and ends there"):
        await journal.sending(33, 0, "reboot")
    with pytest.raises(JournalError):
        journal.started(22, 0, 6)
    with pytest.raises(JournalError):
        journal.step_ended(11, 0, "acted")
    with pytest.raises(JournalError):
        journal.ended(outcome(11))
    with pytest.raises(JournalError):
        await journal.sending_to_all([33, 44], "reboot")
    assert content_of(path) == at_end
    journal.close()
    known = known_in(path)
    assert known.droplets[11].steps[0].action_id == 5
    assert content_of(path) == whole


@needs_devices
async def test_nothing_may_be_sent_when_the_device_is_full() -> None:
    journal = Journal("/dev/full", os.open("/dev/full", os.O_WRONLY), Records(run=run()), None)
    with pytest.raises(JournalError, match="No space left on device"):
        await journal.sending(11, 0, "reboot")
    journal.close()


def test_journal_is_free_again_when_it_could_not_be_begun(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises((OSError, JournalError), match="No space left on device"):
            opened(path)
    assert known_in(path) == Records(run=run())


async def test_nothing_is_sent_when_the_line_cannot_reach_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = opened(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _broken)
        with pytest.raises(JournalError, match=r"cannot be written: .*Input/output error"):
            await journal.sending(11, 0, "reboot")
    journal.close()


async def test_journal_ends_when_it_could_not_reach_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an ``fsync`` that failed the next one can succeed, and the data of the first one is still lost.

    https://wiki.postgresql.org/wiki/Fsync_Errors
    """
    journal = opened(path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _broken)
        with pytest.raises(JournalError):
            await journal.sending(11, 0, "reboot")
    try:
        with pytest.raises(JournalError):
            await journal.sending(22, 0, "reboot")
    finally:
        journal.close()


def _broken(_: object) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_closed_journal_writes_into_no_other_file(path: Path, tmp_path: Path) -> None:
    journal = opened(path)
    number = journal._descriptor
    journal.close()
    other = os.open(tmp_path / "of another program", os.O_RDWR | os.O_CREAT)
    try:
        assert other == number, "the system gives the lowest number that is free"
        with pytest.raises(JournalError):
            journal.ended(outcome(11))
        assert os.fstat(other).st_size == 0
    finally:
        os.close(other)


def test_closed_journal_refuses_lines(path: Path) -> None:
    journal = opened(path)
    journal.close()
    with pytest.raises(JournalError):
        journal.ended(outcome(11))
    assert content_of(path) == encode(run().as_line())


# --- on the disk before it is sent ---


async def test_sendings_are_on_the_disk_and_share_the_writes(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = opened(path)
    on_disk = [0]

    def slow(descriptor: int) -> None:
        size = os.fstat(descriptor).st_size
        time.sleep(0.02)
        on_disk.append(size)

    monkeypatch.setattr(os, "fsync", slow)

    async def send(droplet_id: int) -> None:
        await asyncio.sleep(0.001 * (droplet_id % 30))
        await journal.sending(droplet_id, 0, "reboot")
        synced = content_of(path)[: max(on_disk)]
        assert droplet_id in {line.get("droplet") for line in decode(synced).lines}, droplet_id

    async with anyio.create_task_group() as group:
        for droplet_id in range(1, 101):
            group.start_soon(send, droplet_id)
    assert len(on_disk) - 1 <= 8, "a hundred at the same time wait for a few"
    monkeypatch.undo()
    journal.close()


async def test_sending_to_all_is_on_the_disk_at_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = opened(path)
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size))
    await journal.sending_to_all([11, 22, 33], "power_cycle")
    assert sizes == [len(content_of(path))]
    monkeypatch.undo()
    journal.close()
    known = known_in(path)
    assert set(known.droplets) == {11, 22, 33}
    moments_sent = [record.steps[0].first_sent for record in known.droplets.values()]
    assert len(set(moments_sent)) == 1


async def test_time_of_sending_is_known_in_the_same_boot(path: Path) -> None:
    before = Timestamp.now()
    journal = opened(path)
    await journal.sending(11, 0, "reboot")
    journal.close()
    after = Timestamp.now()
    sent = known_in(path).droplets[11].steps[0].first_sent
    assert sent is not None
    assert before.wall <= sent.wall <= after.wall
    if journals.boot_id() is not None:
        assert before.monotonic <= sent.monotonic <= after.monotonic


async def test_clocks_are_not_compared_after_another_boot(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = opened(path)
    await journal.sending(11, 0, "reboot")
    journal.close()
    (tmp_path / "boot_id").write_text("another\n", encoding="ascii")
    monkeypatch.setattr(boots, "_LINUX", tmp_path / "boot_id")
    sent = known_in(path).droplets[11].steps[0].first_sent
    assert sent is not None
    assert sent.monotonic == float("inf")


async def test_lines_of_several_runs_follow_each_other(filled: Path) -> None:
    content = content_of(filled)
    journal = opened(filled)
    assert content_of(filled) == content, "opening it again adds nothing"
    journal.ended(outcome(33))
    journal.close()
    assert content_of(filled).startswith(content)
    known = known_in(filled)
    assert cast("Outcome", known.droplets[11].outcome).is_completed
    assert cast("Outcome", known.droplets[22].outcome).status == "failed"
    assert cast("Outcome", known.droplets[33].outcome).is_completed
    assert known.droplets[44].outcome is None


@pytest.mark.parametrize(
    ("events", "count"),
    [
        ([], 0),
        ([("sending", 11, 0, 1.0, 1.0)], 1),
        ([("sending", 11, 0, 1.0, 1.0), ("refused", 11, 0)], 0),
        ([("sending", 11, 0, 1.0, 1.0), ("started", 11, 0, 7)], 0),
        ([("sending", 11, 0, 1.0, 1.0), ("sending", 11, 0, 2.0, 2.0), ("sending", 22, 0, 2.0, 2.0)], 2),
    ],
)
def test_requests_without_answers_are_counted(events: list[tuple[Any, ...]], count: int) -> None:
    assert journal_format.replay([run().as_line(), *map(line_of, events)], None).unanswered == count


def test_no_request_is_counted_when_a_line_is_only_supposed(path: Path) -> None:
    path.write_bytes(encode(run().as_line()) + b'{"event":"se')
    assert known_in(path).unanswered == 0
