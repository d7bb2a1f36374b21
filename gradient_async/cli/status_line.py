"""One line about how far a command has come: it changes in place on a terminal, and is repeated elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from gradient_async.cli.durations import span

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from rich.status import Status

    from gradient_async.cli.screen import Screen

# Lines in a log stay. The pause grows: a short run gets enough lines, a long one not too many.
_FIRST_LINE_AFTER: Final = 5.0
_MAX_SECONDS_BETWEEN_LINES: Final = 60.0


class StatusLine:
    """The line. ``tick`` has to be called each second.

    Args:
        screen: Shows it.
        name: What the command does, at the beginning of the line.
        now: The clock, in seconds.
    """

    def __init__(self, screen: Screen, name: str, now: Callable[[], float] = time.monotonic) -> None:
        self._screen = screen
        self._name = name
        self._now = now
        self._text = ""
        self._began = now()
        self._pause = _FIRST_LINE_AFTER
        self._next = self._began + self._pause
        self._status: Status | None = None

    def update(self, text: str) -> None:
        """Take in how far the command has come."""
        self._text = text
        if self._status is not None:
            self._status.update(self._screen.styled(self._line()))

    def tick(self) -> None:
        """Show the present time, once a second."""
        if self._status is not None:
            self._status.update(self._screen.styled(self._line()))
        elif self._now() >= self._next:
            self._screen.say(self._line())
            self._pause = min(2 * self._pause, _MAX_SECONDS_BETWEEN_LINES)
            self._next = self._now() + self._pause

    def _line(self) -> str:
        facts = [self._text] if self._text else []
        return f"{self._name}: {', '.join([*facts, f'{span(round(self._now() - self._began))} so far'])}"

    def __enter__(self) -> Self:
        if self._screen.console.is_interactive:
            self._status = self._screen.console.status(self._screen.styled(self._line()))
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None
