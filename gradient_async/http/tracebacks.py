"""Removes the frames that hold a request's headers from tracebacks.

Crash reporters send the local variables of every frame. Frames of aiohttp, and of the modules that it calls, hold the
request's headers with the token, as text and as bytes. Frames that read an answer hold the server's bytes, which can
repeat the request's headers.
"""

from __future__ import annotations

from types import TracebackType
from typing import Final, TypeVar

E = TypeVar("E", bound=BaseException)

# Frames of the program stay: the fault may be in its middlewares, resolvers or trace configs.
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
    """Remove these frames from an error's traceback, and from those of its causes. Return the error."""
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
