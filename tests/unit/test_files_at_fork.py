"""Files around a fork: what was closed is opened again, whatever happens to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gradient_async.budget import files_at_fork

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.once


class File:
    """Notes what is done to it. Its name says what closing it does."""

    def __init__(self, name: str, told: list[str]) -> None:
        self.name = name
        self.told = told
        files_at_fork.close_at_forks(self)

    def close_for_fork(self) -> Callable[[], None] | None:
        if self.name == "interrupted":
            raise KeyboardInterrupt
        if self.name == "in use":
            return None
        self.told.append(f"close {self.name}")
        return lambda: self.told.append(f"reopen {self.name}")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is done to the files of this test; those of others are left alone."""
    monkeypatch.setattr(files_at_fork, "_files", type(files_at_fork._files)())
    return []


def test_each_file_is_closed_before_a_fork_and_reopened_once(told: list[str]) -> None:
    files = [File(name, told) for name in ("a", "in use", "b")]
    files_at_fork._before_fork()
    assert told == ["close a", "close b"]
    for _ in range(2):
        files_at_fork._after_fork()
    assert told == ["close a", "close b", "reopen a", "reopen b"]
    assert len(files) == 3


def test_closed_files_are_reopened_after_an_interrupt(told: list[str]) -> None:
    files = [File(name, told) for name in ("a", "interrupted", "b")]
    with pytest.raises(KeyboardInterrupt):  # of which Python only shows a message; then it forks
        files_at_fork._before_fork()
    files_at_fork._after_fork()
    assert told == ["close a", "reopen a"]
    assert len(files) == 3


def test_collected_file_is_not_closed(told: list[str]) -> None:
    File("a", told)
    files_at_fork._before_fork()
    files_at_fork._after_fork()
    assert told == []
