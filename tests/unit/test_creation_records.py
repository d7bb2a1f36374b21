"""What the journal of a creation run says, and what a later process reads from it."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.errors import (
    JournalDamagedError,
    JournalError,
    JournalFinishedError,
    JournalInUseError,
    JournalMismatchError,
)
from gradient_async.fleet import journal as run_journals
from gradient_async.fleet import journal_text
from gradient_async.fleet.create import lines
from gradient_async.fleet.create.creation_run import CreationRun
from gradient_async.fleet.create.journal import open_creation, recorded_creation
from gradient_async.fleet.create.records import CreationRecords, replay
from gradient_async.fleet.journal_text import DamagedError, OtherKindError
from gradient_async.http.request import Timestamp

pytestmark = pytest.mark.once

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
NOW = Timestamp(1000.0, 50.0)
BOOT = "boot"


def run(**changes: Any) -> CreationRun:
    call: dict[str, object] = {"count": 4, "sizes": ["a"]}
    values: dict[str, Any] = {"nonce": "5f0c2a91", "name": "t-{n}.x", "call": call, "began_at": NOON}
    return CreationRun(**{**values, **changes})


def sending(*names: str) -> journal_text.Line:
    return lines.sending_line(names, size="a", region="tor1", price_hourly=3.0, now=NOW, boot=BOOT)


def records() -> CreationRecords:
    return CreationRecords(run=run())


def states(known: CreationRecords) -> dict[str, str]:
    return {one.name: one.state for one in known.names.values()}


def test_names_have_numbers_and_the_nonce() -> None:
    known = records()
    names = known.next_names(2)
    assert names == ["t-1-5f0c2a91.x", "t-2-5f0c2a91.x"]
    assert [known.run.number_of(name) for name in names] == [1, 2]


def test_only_refused_names_are_used_again() -> None:
    known = records()
    one, two, three, four = known.next_names(4)
    known.apply(sending(one, two))
    known.apply(sending(three, four))
    known.apply(lines.names_line("refused", [two], "full", 1.0))
    known.apply(lines.names_line("absent", [three], "", 1.0))
    known.apply(lines.droplet_line("created", four, 7, 1.0))
    known.apply(lines.droplet_line("destroyed", four, 7, 1.0))
    assert known.next_names(2) == [two, "t-5-5f0c2a91.x"]
    assert [one.name for one in known.billable] == [one]
    for name in (three, four):
        with pytest.raises(ValueError, match="is sent again, although it is"):
            known.apply(sending(name))


def test_unlisted_is_what_no_list_and_no_answer_decides() -> None:
    known = records()
    unanswered, answered, twin, found = known.next_names(4)
    known.apply(sending(unanswered, answered, twin, found))
    known.apply(lines.names_line("absent", [answered], "", 1.0, is_answered=True))
    known.apply(lines.names_line("absent", [unanswered, twin, found], "", 1.0))
    known.apply(lines.droplet_line("surplus", twin, 9, 1.0))
    known.apply(lines.droplet_line("created", found, 10, 1.0))
    assert [one.name for one in known.unlisted] == [unanswered]


def test_leftovers_are_all_that_may_exist() -> None:
    known = records()
    names = known.next_names(6)
    known.apply(sending(*names))
    known.apply(lines.droplet_line("created", names[0], 10, 1.0))
    known.apply(lines.droplet_line("ready", names[0], 10, 1.0))
    known.apply(lines.names_line("refused", [names[1]], "full", 1.0))
    known.apply(lines.names_line("absent", [names[2]], "", 1.0))
    known.apply(lines.droplet_line("created", names[3], 13, 1.0))
    known.apply(lines.droplet_line("destroying", names[3], 13, 1.0, "not usable"))
    known.apply(lines.droplet_line("created", names[4], 14, 1.0))
    known.apply(lines.droplet_line("lost", names[4], 14, 1.0, "no place"))
    known.apply(lines.droplet_line("surplus", names[0], 99, 1.0))
    assert {(one.name, one.droplet_id, one.state) for one in known.leftovers} == {
        (names[0], 10, "ready"),
        (names[2], None, "absent"),
        (names[3], 13, "destroying"),
        (names[5], None, "sent"),
        (names[0], 99, "destroying"),
    }
    assert known.hourly == 9.0
    known.apply(lines.droplet_line("destroyed", names[0], 99, 1.0))
    assert states(known)[names[0]] == "ready"
    assert 99 not in {one.droplet_id for one in known.leftovers}


def test_name_without_an_answer_is_unresolved_when_read_again() -> None:
    known = replay([run().as_line(), sending("t-1-5f0c2a91.x")], BOOT)
    [record] = known.in_state("sent")
    assert (record.was_unknown, record.first_sent, record.last_sent) == (True, NOW, NOW)
    [record] = replay([run().as_line(), sending("t-1-5f0c2a91.x")], "another").in_state("sent")
    assert record.last_sent == Timestamp(1000.0, float("inf"))


def test_repeated_create_keeps_its_first_time() -> None:
    known = records()
    kept, refused = known.next_names(2)
    later = Timestamp(2000.0, 60.0)
    known.apply(sending(kept, refused), BOOT)
    known.apply(lines.names_line("unknown", [kept, refused], "", 1.0))
    known.apply(lines.names_line("refused", [refused], "", 1.0))
    known.apply(
        lines.sending_line([kept, refused], size="b", region="nyc2", price_hourly=None, now=later, boot=BOOT), BOOT
    )
    assert [(one.first_sent, one.last_sent) for one in known.names.values()] == [(NOW, later), (later, later)]
    assert {(one.size, one.region, one.price_hourly, one.was_unknown) for one in known.billable} == {
        ("b", "nyc2", None, True)
    }
    assert known.hourly == 0.0


@pytest.mark.parametrize(
    ("events", "was_unknown"),
    [
        ((), False),
        (("refused",), False),
        (("created", "ready"), False),
        (("unknown",), True),
        (("absent",), True),
        (("unknown", "created", "ready"), True),
    ],
)
def test_unknown_outcome_of_a_name_is_remembered(events: tuple[Any, ...], *, was_unknown: bool) -> None:
    known = records()
    [name] = known.next_names(1)
    known.apply(sending(name))
    for event in events:
        is_of_droplet = event in ("created", "ready")
        known.apply(
            lines.droplet_line(event, name, 7, 1.0) if is_of_droplet else lines.names_line(event, [name], "", 1.0)
        )
    assert known.names[name].was_unknown == was_unknown


@pytest.mark.parametrize(
    ("events", "ready_at", "ended_at"),
    [
        (("created",), None, None),
        (("created", "ready"), 2.0, None),
        (("created", "lost"), None, 2.0),
        (("created", "ready", "destroying"), 2.0, None),
        (("created", "ready", "destroying", "destroyed"), 2.0, 4.0),
    ],
)
def test_times_of_a_droplet_are_those_of_its_lines(
    events: tuple[Any, ...], ready_at: float | None, ended_at: float | None
) -> None:
    known = records()
    [name] = known.next_names(1)
    known.apply(sending(name))
    for at, event in enumerate(events, 1):
        known.apply(lines.droplet_line(event, name, 7, float(at)))
    assert (known.names[name].ready_at, known.names[name].ended_at) == (ready_at, ended_at)
    known.apply({"event": "lost", "name": name, "droplet": 7})
    assert known.names[name].ended_at is None, "a line without a time"


def test_line_has_a_reason_only_if_there_is_one() -> None:
    usual = {"event": "lost", "name": "t", "droplet": 7, "at": 1.0}
    assert lines.droplet_line("lost", "t", 7, 1.0) == usual
    assert lines.droplet_line("lost", "t", 7, 1.0, "no place") == {**usual, "reason": "no place"}


@pytest.mark.parametrize("template", ["t-{n}.x", "{n}", "a-b-{n}-2"])
def test_number_of_a_name_is_read_from_any_template(template: str) -> None:
    known = CreationRecords(run=run(name=template))
    known.apply(sending(*known.next_names(11)))
    assert [known.run.number_of(name) for name in known.names] == [*range(1, 12)]
    assert known.next_names(1) == [template.replace("{n}", "12-5f0c2a91")]


KNOWN = "t-1-5f0c2a91.x"


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ({"event": "created", "name": "t-1-n", "droplet": 1}, ""),
        ({"event": "nonsense", "names": [KNOWN]}, "unknown event 'nonsense'"),
        ({"event": "sending"}, "there is no 'at' in it"),
        (sending("other"), "invalid literal for int"),
        ({"event": "unknown", "at": 1.0}, "expected names, got None"),
        ({"event": "refused", "names": []}, r"expected names, got \[\]"),
        ({"event": "created", "name": KNOWN, "droplet": "7"}, "expected an id, got '7'"),
        ({"event": "created", "name": KNOWN, "droplet": True}, "expected an id, got True"),
        ({"event": "created", "name": KNOWN}, "there is no 'droplet' in it"),
        ({**sending("t-2-5f0c2a91.x"), "monotonic": "1"}, "expected a number, got '1'"),
        ({**sending("t-2-5f0c2a91.x"), "monotonic": True}, "expected a number, got True"),
        ({"event": "ended", "counts": {}}, "there is no "),
    ],
)
def test_journal_is_damaged_when_a_line_makes_no_sense(line: journal_text.Line, why: str) -> None:
    with pytest.raises(DamagedError, match=f"line 3 makes no sense: {why}"):
        replay([run().as_line(), sending(KNOWN), line], BOOT)


def test_journal_is_damaged_when_a_created_name_is_sent_again() -> None:
    created = lines.droplet_line("created", KNOWN, 7, 1.0)
    with pytest.raises(DamagedError, match=f"line 4 makes no sense: '{KNOWN}' is sent again, although it is created"):
        replay([run().as_line(), sending(KNOWN), created, sending(KNOWN)], BOOT)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"version": 2}, "expected a run of version 1"),
        ({"name": "trainer"}, "its name 'trainer' has no {n}"),
        ({"call": []}, r"expected an object, got \[\]"),
        ({"began_at": "yesterday"}, "yesterday"),
    ],
)
def test_journal_is_damaged_when_its_first_line_is_wrong(change: dict[str, object], why: str) -> None:
    with pytest.raises(DamagedError, match=f"line 1 makes no sense: .*{why}"):
        replay([{**run().as_line(), **change}])
    with pytest.raises(DamagedError, match="it is empty"):
        replay([])


@pytest.mark.parametrize("change", [{"event": "sending"}, {"kind": "reboot"}], ids=str)
def test_journal_of_another_kind_is_not_called_damaged(change: dict[str, object]) -> None:
    with pytest.raises(OtherKindError, match=r"^this journal is of another kind of run, and not of fleet\.create$"):
        replay([{**run().as_line(), **change}])


EVENTS = ("refused", "absent", "unknown", "created", "ready", "lost", "destroying", "destroyed")


@given(data=st.data())
def test_replay_gives_what_was_known_when_it_was_written(data: st.DataObject) -> None:
    known, written = records(), [run().as_line()]
    for number in range(data.draw(st.integers(0, 12))):
        names = known.next_names(data.draw(st.integers(1, 3)))
        some = data.draw(st.sampled_from(EVENTS))
        line = sending(*names)
        if number % 2 and known.names:
            name = data.draw(st.sampled_from(sorted(known.names)))
            group: Any = some
            is_of_names = some in ("refused", "absent", "unknown")
            line = lines.names_line(group, [name], "", 1.0) if is_of_names else lines.droplet_line(group, name, 5, 1)
        known.apply(line, BOOT)
        written.append(line)
    content = b"".join(map(journal_text.encode, written))
    again = replay(journal_text.decode(content).lines, BOOT)
    assert states(again) == states(known)
    assert again.next_names(3) == known.next_names(3)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "j")


async def test_journal_is_continued_by_the_same_call(path: str) -> None:
    first = open_creation(path, run())
    with pytest.raises(JournalInUseError):
        open_creation(path, run())
    names = first.records.next_names(2)
    await first.sending(names, size="a", region="tor1", price_hourly=None, now=Timestamp.now())
    first.created(names[0], 7)
    first.close()
    second = open_creation(path, run(nonce="00000000"))
    assert second.records.run.nonce == "5f0c2a91"
    assert states(second.records) == {names[0]: "created", names[1]: "sent"}
    await second.ended(lines.ended_line({"delivered": 1, "destroyed": 0}, "", NOON))
    second.close()
    with pytest.raises(JournalFinishedError, match="it ended 2026-09-01 12:00:00 UTC with 1 delivered") as caught:
        open_creation(path, run())
    assert caught.value.counts == {"delivered": 1, "destroyed": 0}
    open_creation(path, run(), if_finished="report").close()


async def test_journal_is_refused_when_it_is_of_another_call(path: str) -> None:
    open_creation(path, run()).close()
    with pytest.raises(JournalMismatchError, match=r"its count is 4, and not 5"):
        open_creation(path, run(call={"count": 5, "sizes": ["a"]}))


def test_journals_of_actions_and_creates_are_distinguished(path: str, tmp_path: Path) -> None:
    open_creation(path, run()).close()
    with pytest.raises(
        JournalDamagedError,
        match=r": this journal is of a fleet\.create, and only that continues it\. Pass the right file",
    ):
        run_journals.recorded_run(path)
    other = tmp_path / "actions"
    line = {"event": "run", "version": 1, "plan": {"name": "reboot", "steps": []}}
    other.write_bytes(journal_text.encode(line))
    with pytest.raises(JournalDamagedError, match=r"another kind of run, and not of fleet\.create"):
        open_creation(str(other), run())
    assert recorded_creation(str(tmp_path / "none")) is None


async def test_nothing_more_is_sent_when_the_journal_cannot_be_written(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = open_creation(path, run())
    names = log.records.next_names(1)
    await log.sending(names, size="a", region="tor1", price_hourly=None, now=Timestamp.now())

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    # What has happened is known all the same.
    log.created(names[0], 7)
    assert log.failure is not None
    assert states(log.records) == {names[0]: "created"}
    with pytest.raises(JournalError, match="the journal could not be written, and ends there"):
        await log.sending(log.records.next_names(1), size="a", region="tor1", price_hourly=None, now=Timestamp.now())
    assert [*log.records.names] == names
    monkeypatch.undo()
    log.close()


def cut(path: str, count: int) -> None:
    os.truncate(path, Path(path).stat().st_size - count)


async def test_sends_and_the_end_are_on_the_disk_at_once(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    log = open_creation(path, run())
    monkeypatch.setattr(os, "fsync", lambda descriptor: sizes.append(os.fstat(descriptor).st_size))
    names = log.records.next_names(1)
    await log.sending(names, size="a", region="tor1", price_hourly=None, now=Timestamp.now())
    [sent] = sizes
    log.created(names[0], 7)
    await log.ended(lines.ended_line({"delivered": 1}, "", NOON))
    log.close()
    assert sent < sizes[1] == sizes[2], "the sync of the end has all of the file"


async def test_end_that_does_not_reach_the_disk_is_a_failure(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    log = open_creation(path, run())
    monkeypatch.setattr(os, "fsync", broken)
    await log.ended(lines.ended_line({"delivered": 0}, "", NOON))
    assert "Input/output error" in str(log.failure)
    log.close()


async def test_log_says_what_an_opened_journal_has(path: str, caplog: pytest.LogCaptureFixture) -> None:
    log = open_creation(path, run())
    names = log.records.next_names(2)
    await log.sending(names, size="a", region="tor1", price_hourly=None, now=Timestamp.now())
    log.close()
    assert not caplog.messages
    log = open_creation(path, run())
    assert caplog.messages == [
        f"{path}: 2 requests were pending when the earlier run ended; each is looked up first",
    ]
    await log.ended(lines.ended_line({"delivered": 0}, "", NOON))
    log.close()
    caplog.clear()
    open_creation(path, run(), if_finished="continue").close()
    assert not [text for text in caplog.messages if "finished" in text]
    open_creation(path, run(), if_finished="report").close()
    assert "this journal's run is finished, and nothing is left to do" in caplog.text


async def test_last_line_is_dropped_when_it_is_cut_off(path: str) -> None:
    log = open_creation(path, run())
    names = log.records.next_names(1)
    await log.sending(names, size="a", region="tor1", price_hourly=None, now=Timestamp.now())
    log.created(names[0], 7)
    log.close()
    cut(path, 9)
    again = open_creation(path, run())
    assert states(again.records) == {names[0]: "sent"}
    again.created(names[0], 8)
    again.close()
    known = recorded_creation(path)
    assert known is not None
    assert known.names[names[0]].droplet_id == 8
