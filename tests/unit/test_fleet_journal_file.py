"""A journal's file: what is no regular file is refused at once, and what was mended is on the disk."""

from __future__ import annotations

import os
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gradient_async.errors import JournalError
from gradient_async.fleet import journal_file
from gradient_async.fleet import plan as plans
from gradient_async.fleet.journal import finished_droplets, open_journal, recorded_run
from gradient_async.fleet.journal_format import RunRecord

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no such files")

RUN = RunRecord(
    plan=plans.plan_of("reboot", until_status=False).as_json(),
    wait=True,
    until="action",
    tag=None,
    droplets=(11,),
    began_at=datetime(2026, 8, 7, tzinfo=UTC),
)
USES: dict[str, Callable[[str], object]] = {
    "run": lambda path: open_journal(path, RUN, [False]).close(),
    "look": recorded_run,
    "rehearse": lambda path: finished_droplets(path, RUN),
}


@pytest.fixture(params=USES)
def use(request: pytest.FixtureRequest) -> Callable[[str], object]:
    found: Callable[[str], object] = USES[request.param]
    return found


def refusal(use: Callable[[str], object], path: Path) -> str:
    """Return the text of the refusal, which has to come without waiting."""
    said: list[str] = []

    def attempt() -> None:
        with pytest.raises(JournalError) as caught:
            use(str(path))
        assert caught.value.path == str(path)
        said.append(str(caught.value))

    thread = threading.Thread(target=attempt, daemon=True)
    thread.start()
    thread.join(20)
    assert said, "it hangs, or raises something else"
    return said[0]


def test_pipe_is_refused_at_once_when_it_has_no_writer(use: Callable[[str], object], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "expected a regular file for the journal, but this is a named pipe" in refusal(use, tmp_path / "pipe")


def test_pipe_is_refused_when_a_link_leads_to_it(use: Callable[[str], object], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    assert "a named pipe" in refusal(use, tmp_path / "link")


def test_device_is_not_even_opened(use: Callable[[str], object], monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[object] = []
    open_file = os.open
    monkeypatch.setattr(os, "open", lambda path, *rest, **more: opened.append(path) or open_file(path, *rest, **more))
    assert "a device" in refusal(use, Path("/dev/zero"))
    assert opened == []


def test_socket_and_folder_are_refused(use: Callable[[str], object], tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        assert "a socket" in refusal(use, tmp_path / "socket")
    assert "a folder" in refusal(use, tmp_path)


@pytest.mark.skipif(getattr(os, "geteuid", lambda: 0)() == 0, reason="root may open everything")
def test_file_is_refused_when_it_may_not_be_opened(use: Callable[[str], object], tmp_path: Path) -> None:
    (tmp_path / "secret").touch(mode=0)
    assert "Permission denied" in refusal(use, tmp_path / "secret")


def test_file_is_refused_when_the_system_says_no(
    use: Callable[[str], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no(path: object, *_: object) -> int:
        raise PermissionError(13, "Permission denied", path)

    (tmp_path / "secret").touch()
    monkeypatch.setattr(os, "open", no)
    assert refusal(use, tmp_path / "secret").endswith("secret: the journal cannot be opened: Permission denied")


def test_file_is_refused_when_it_cannot_be_read(
    use: Callable[[str], object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> bytes:
        raise OSError(5, "Input/output error")

    (tmp_path / "broken").touch()
    monkeypatch.setattr(os, "read", broken)
    assert "Input/output error" in refusal(use, tmp_path / "broken")


def synced(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Return a list that takes the inode and the size of each file and folder that is synced."""
    seen: list[tuple[int, int]] = []

    def sync(descriptor: int) -> None:
        found = os.fstat(descriptor)
        seen.append((found.st_ino, found.st_size))

    monkeypatch.setattr(os, "fsync", sync)
    return seen


def test_new_journal_is_on_the_disk_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, seen = tmp_path / "journal", synced(monkeypatch)
    journal = open_journal(str(path), RUN, [False])
    assert (path.stat().st_ino, len(path.read_bytes())) in seen
    assert tmp_path.stat().st_ino in {number for number, _ in seen}
    journal.close()


def test_healed_journal_is_on_the_disk_before_it_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal"
    open_journal(str(path), RUN, [False]).close()
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"event":"sen')
    seen = synced(monkeypatch)
    journal = open_journal(str(path), RUN, [False])
    assert (path.stat().st_ino, len(whole)) in seen
    assert tmp_path.stat().st_ino in {number for number, _ in seen}
    journal.close()


def test_journal_error_is_raised_when_the_healing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "journal"
    open_journal(str(path), RUN, [False]).close()
    path.write_bytes(path.read_bytes() + b'{"event":"sen')

    def broken(_: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    with pytest.raises(JournalError, match="Input/output error"):
        open_journal(str(path), RUN, [False])


def test_content_is_read_from_the_beginning_each_time(tmp_path: Path) -> None:
    (tmp_path / "journal").write_bytes(b"a\nb\n")
    descriptor = journal_file.open_locked(str(tmp_path / "journal"))
    assert journal_file.content_of(descriptor) == journal_file.content_of(descriptor) == b"a\nb\n"
    os.close(descriptor)


def test_missing_file_is_nothing_to_read(tmp_path: Path) -> None:
    assert journal_file.read(str(tmp_path / "none")) is None
    assert journal_file.read(str(tmp_path / "nowhere" / "none")) is None
    assert list(tmp_path.iterdir()) == []
