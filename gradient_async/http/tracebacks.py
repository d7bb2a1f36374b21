"""Tracebacks without the frames that hold a request's headers.

Crash reporters send the local variables of every frame. Those of aiohttp, and of what it calls, hold the headers of the
request and the token in them, as text and as the bytes to send. Those that read an answer hold what the server sent,
which may be the request's headers again.
"""

from __future__ import annotations

from types import TracebackType
from typing import Final, TypeVar

E = TypeVar("E", bound=BaseException)

# Frames of the program's own code stay: its middlewares, resolvers and trace configs, where the fault may be.
_LEFT_OUT: Final = frozenset(
    {
        "aiohttp",
        "gradient_async.http.body_limit",
        "aiohappyeyeballs",
        "asyncio",
        "concurrent",
        "multidict",
        "selectors",
        "socket",
        "ssl",
        "uvloop",
        "yarl",
    }
)


def without_wire_frames(error: E) -> E:
    """The same error. Those frames are gone from its traceback, and from those of all that led to it."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        link = left.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        link.__traceback__ = _kept(link.__traceback__)
        left += [link.__cause__, link.__context__]
        if isinstance(link, BaseExceptionGroup):
            left += link.exceptions
    return error


def _kept(traceback: TracebackType | None) -> TracebackType | None:
    entries: list[TracebackType] = []
    while traceback is not None:
        module = str(traceback.tb_frame.f_globals.get("__name__", ""))
        if module not in _LEFT_OUT and module.partition(".")[0] not in _LEFT_OUT:
            entries.append(traceback)
        traceback = traceback.tb_next
    kept: TracebackType | None = None
    for entry in reversed(entries):
        kept = TracebackType(kept, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return kept
