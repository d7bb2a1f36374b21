"""SQLite files around ``os.fork``: they are closed before it, and each process opens its own again.

SQLite knows all open files of a process, and a child inherits that knowledge, but none of the parent's locks. If the
child opens such a file, it trusts locks that it does not have. After the parent has ended, others remove the log that
the child writes to, and it sees another state than they do. And what another thread held then, stays locked for ever.
"""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable


class OpenFile(Protocol):
    """A store with an open file."""

    def close_for_fork(self) -> Callable[[], None] | None:
        """Close the file.

        Returns:
            What allows the file to be opened again; ``None`` if it stays in use for long.
        """
        ...


def close_at_forks(file: OpenFile) -> None:
    """Close a store's file whenever this process forks."""
    _files[id(file)] = file


class _Fork(threading.local):
    """The fork that the present thread makes."""

    def __init__(self) -> None:
        self.reopen: list[Callable[[], None]] = []


_files: Final[weakref.WeakValueDictionary[int, OpenFile]] = weakref.WeakValueDictionary()
_fork: Final = _Fork()


def _before_fork() -> None:
    for reference in _files.valuerefs():
        file = reference()
        reopen = None if file is None else file.close_for_fork()
        if reopen is not None:
            _fork.reopen.append(reopen)  # at once: Python forks although an interrupt ends this function


def _after_fork() -> None:
    """Continue, in the parent and in the child."""
    reopen, _fork.reopen = _fork.reopen, []
    for allow in reopen:
        allow()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
