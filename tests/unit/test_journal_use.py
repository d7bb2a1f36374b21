"""A journal in use: what is read from it, what is said of it, and which files stay open."""

from __future__ import annotations

import importlib.util
import os
import stat
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async.errors import (
    JournalDamagedError,
    JournalError,
    JournalFinishedError,
    JournalInUseError,
    JournalMismatchError,
)
from gradient_async.fleet import journal_file, journal_format, journal_text
from gradient_async.fleet import plan as plans
from gradient_async.fleet.journal import (
    finished_droplets,
    journal_view,
    open_journal,
    plan_to_resume,
    recorded_droplets,
    recorded_run,
    recorded_run_to_resume,
)
from gradient_async.fleet.journal_format import RunRecord
from gradient_async.fleet.journal_text import DamagedError
from gradient_async.fleet.outcome import Outcome
from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.fleet.journal import Journal

pytestmark = [pytest.mark.once, pytest.mark.skipif(not hasattr(os, "fork"), reason="for files of POSIX")]

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
AT = NOON.timestamp()


def run(plan: plans.Plan | None = None, **changes: Any) -> RunRecord:
    given = plan or plans.plan_of("reboot", until_status=False)
    values: dict[str, Any] = {"wait": True, "until": "action", "tag": None, "droplets": (11, 22), "began_at": NOON}
    return RunRecord(plan=given.as_json(), **{**values, **changes})


def opened(path: Path, **options: Any) -> Journal:
    return open_journal(str(path), run(), [False], **options)


def outcome(number: int, status: Any = "completed") -> Outcome:
    return Outcome(droplet_id=number, status=status, ended_at=NOON)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.journal"


@pytest.fixture
def finished(path: Path) -> Path:
    journal = opened(path)
    journal.ended(outcome(11))
    journal.ended(outcome(22))
    journal.close()
    return path


def free_descriptor() -> int:
    """Return the lowest number that is free. It grows if a file stays open."""
    number = os.open(os.devnull, os.O_RDONLY)
    os.close(number)
    return number


# --- what is read ---


async def test_each_kind_of_line_is_written_and_read(path: Path) -> None:
    journal = opened(path)
    await journal.sending_to_all([11, 22], "reboot")
    journal.refused(11, 0)
    journal.started(22, 0, 7)
    journal.close()
    known = recorded_droplets(str(path))
    assert known is not None
    assert (known.droplets[11].steps[0].is_refused, known.droplets[11].steps[0].first_sent) == (True, None)
    assert (known.droplets[22].steps[0].action_id, known.droplets[22].steps[0].is_refused) == (7, False)


def test_nothing_is_known_without_a_journal(path: Path) -> None:
    name = str(path)
    assert (recorded_run(name), recorded_droplets(name), finished_droplets(name, run())) == (None, None, frozenset())
    with pytest.raises(JournalError, match="there is no journal to resume, or it holds nothing yet"):
        recorded_run_to_resume(name)
    with pytest.raises(JournalError, match="there is no journal, or it holds nothing yet"):
        journal_view(name)
    assert not path.exists()


def test_finished_droplets_are_those_with_an_outcome(path: Path) -> None:
    journal = opened(path)
    journal.started(22, 0, 7)
    journal.ended(outcome(11))
    journal.close()
    assert finished_droplets(str(path), run()) == {11}
    assert recorded_run_to_resume(str(path)) == run()
    assert [one.state for one in journal_view(str(path)).droplets] == ["ended", "started"]
    with pytest.raises(JournalMismatchError):
        finished_droplets(str(path), run(tag="other"))


def test_finished_run_is_an_error_unless_its_report_is_asked_for(
    finished: Path, caplog: pytest.LogCaptureFixture
) -> None:
    name = str(finished)
    for use in (
        lambda **options: opened(finished, **options),
        lambda **options: finished_droplets(name, run(), **options),
    ):
        with pytest.raises(JournalFinishedError, match="it ended 2026-11-29 12:00:00 UTC with 2 completed") as caught:
            use()
        assert (caught.value.finished_at, dict(caught.value.counts)) == (NOON, {"completed": 2})
    assert not caplog.records
    assert finished_droplets(name, run(), if_finished="report") == {11, 22}
    opened(finished, if_finished="report").close()
    assert caplog.messages == [f"{name}: this journal's run is finished, and nothing is left to do. Use a new journal"]


@pytest.mark.parametrize("if_finished", ["error", "report"])
async def test_unfinished_run_is_continued(path: Path, if_finished: Any, caplog: pytest.LogCaptureFixture) -> None:
    journal = opened(path)
    await journal.sending(11, 0, "reboot")
    journal.close()
    assert not caplog.records, "a new journal has nothing to say"
    opened(path, if_finished=if_finished).close()
    assert [one.partition(": ")[2] for one in caplog.messages] == [
        "1 request was pending when the earlier run ended; it is looked up first"
    ]


def test_run_is_known_when_a_later_line_makes_no_sense(path: Path) -> None:
    path.write_bytes(
        b"".join(map(journal_text.encode, [run().as_line(), {"event": "melted", "droplet": 1, "step": 0}]))
    )
    assert recorded_run(str(path)) == run()
    with pytest.raises(JournalDamagedError, match="line 2 makes no sense: unknown event 'melted'"):
        recorded_droplets(str(path))


@pytest.mark.parametrize(("grace", "expected"), [(7, 7.0), (7.5, 7.5), (None, 120.0), ("7", 120.0)])
def test_grace_of_a_resumed_run_is_the_recorded_one(grace: Any, expected: float) -> None:
    plan = plans.power_off_plan(graceful=True, grace=99.0)
    options: Mapping[str, object] = {} if grace is None else {"grace": grace}
    assert plan_to_resume(run(plan, options=options), "j").grace == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ({"event": "refused", "step": 0}, "there is no 'droplet' in it"),
        ({"event": "sending", "droplet": 1, "step": 0, "at": True, "monotonic": 1.0}, "expected a number, got True"),
        ({"event": "sending", "droplet": 1, "step": 0, "at": "1", "monotonic": 1.0}, "expected a number, got '1'"),
    ],
)
def test_line_that_makes_no_sense_is_explained(line: Mapping[str, object], reason: str) -> None:
    with pytest.raises(DamagedError, match=f"^line 2 makes no sense: {reason}$"):
        journal_format.replay([run().as_line(), line], None)


def test_error_of_a_step_is_written_only_when_there_is_one() -> None:
    assert "error" not in journal_format.step_line(11, 0, "acted", "", AT)
    assert journal_format.step_line(11, 0, "failed", "no", AT)["error"] == "no"


def test_request_that_is_sent_again_is_no_longer_refused() -> None:
    sending = journal_format.sending_line(11, 0, "reboot", Timestamp(AT, 5.0), None)
    lines = [run().as_line(), sending, journal_format.refused_line(11, 0, AT), sending]
    assert journal_format.replay(lines, None).droplets[11].steps[0].is_refused is False


@pytest.mark.parametrize("start", [b'{"event":"run","ver', b'{"event":"run","version":1,"x":'])
def test_torn_first_line_is_replaced(path: Path, start: bytes) -> None:
    path.write_bytes(start)
    opened(path).close()
    assert path.read_bytes() == journal_text.encode(run().as_line())


# --- its file ---


def test_file_is_not_left_open(path: Path) -> None:
    before = free_descriptor()
    first = opened(path)
    with_first = free_descriptor()
    with pytest.raises(JournalInUseError):
        opened(path)
    assert free_descriptor() == with_first
    first.close()
    assert recorded_run(str(path)) is not None
    journal_file.sync_folder(str(path))
    assert free_descriptor() == before


def test_pipe_that_replaced_the_file_is_refused_and_closed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(path)

    def absent(_: Path) -> Any:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "stat", absent)
    before = free_descriptor()
    with pytest.raises(JournalError, match="this is a named pipe"):
        journal_file.open_locked(str(path))
    assert free_descriptor() == before


def test_others_may_read_a_journal_and_not_write_it(path: Path) -> None:
    mask = os.umask(0)
    try:
        opened(path).close()
    finally:
        os.umask(mask)
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    found: list[int] = []
    monkeypatch.setattr(os, "fsync", found.append)
    return found


async def test_disk_is_asked_once_for_all_lines(path: Path, synced: list[int]) -> None:
    journal = opened(path)
    synced.clear()
    await journal.sync()
    assert synced == [], "nothing is written"
    journal.refused(11, 0)
    journal.refused(22, 0)
    await journal.sync()
    await journal.sync()
    assert len(synced) == 1
    journal.close()
    assert len(synced) == 2, "what was not waited for"
    journal.close()
    assert len(synced) == 2


async def test_closed_journal_takes_no_line(path: Path) -> None:
    journal = opened(path)
    journal.refused(11, 0)
    journal.close()
    with pytest.raises(JournalError, match="the journal is closed"):
        await journal.sync()
    with pytest.raises(JournalError, match="the journal is closed"):
        journal.refused(11, 0)


def test_forked_child_closes_the_file(path: Path) -> None:
    journal = opened(path)
    descriptor: int = journal._descriptor
    child = os.fork()
    if not child:
        code = 1
        try:
            os.fstat(descriptor)
        except OSError:
            journal.close()  # it is closed already
            code = 0
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    journal.close()


def test_file_is_locked_far_behind_its_end_on_windows(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, ...]] = []

    def locking(descriptor: int, mode: int, length: int) -> None:
        calls.append((os.lseek(descriptor, 0, os.SEEK_CUR), mode, length))
        if len(calls) > 1:
            raise OSError

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(locking=locking, LK_NBLCK=3))
    monkeypatch.setattr(sys, "platform", "win32")
    source = importlib.util.spec_from_file_location("windows_journal_file", journal_file.__file__)
    assert source is not None
    assert source.loader is not None
    module = importlib.util.module_from_spec(source)
    source.loader.exec_module(module)
    os.close(module.open_locked(str(path)))
    assert calls == [(1 << 40, 3, 1)]
    with pytest.raises(JournalInUseError):
        module.open_locked(str(path))
