"""Standard output and standard error. Their reader may close them at any time."""

from __future__ import annotations

import io
import json
import logging
import os
import queue
import sys
import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING, TextIO, TypeAlias, cast

from gradient_async import settings
from gradient_async.cli.printable import printable, printable_json, printable_lines
from gradient_async.cli.wording import in_typed_words
from gradient_async.log import logger

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager

    from rich.console import Console
    from rich.text import Text

    from gradient_async.cli.tables import Column

Part: TypeAlias = "str | tuple[str, str]"
"""Text, or text with its style."""


class Outlet:
    """A stream that drops all text after a write has failed.

    A run that acts on Droplets must not stop because ``| head`` has ended, or because a disk is full.

    Args:
        stream: The stream; ``None`` if the process has none.

    Attributes:
        is_closed: Whether nothing more can be written.
        fault: The error, unless the reader closed the stream.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream or io.StringIO()
        self.is_closed: bool = stream is None
        self.fault: OSError | None = None
        if isinstance(stream, io.TextIOWrapper):
            # A character outside the terminal's encoding becomes a question mark.
            stream.reconfigure(errors="replace")

    @property
    def encoding(self) -> str:
        """The stream's encoding."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write, unless the stream is closed."""
        self._attempt(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Flush the stream. Python calls this at exit too, and must not see a closed pipe."""
        self._attempt(self._stream.flush)

    def write_through(self, text: str) -> None:
        """Write without the buffer, if the stream has a descriptor."""
        try:
            descriptor = self._stream.fileno()
        except io.UnsupportedOperation:  # a replaced stream, as in tests
            self.write(text)
            return
        self._attempt(lambda: _write_bytes(descriptor, text.encode(self.encoding, "replace")))

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """Return the stream's file descriptor."""
        return self._stream.fileno()

    def _attempt(self, write: Callable[[], object]) -> None:
        if self.is_closed:
            return
        try:
            write()
        except OSError as error:
            self.is_closed = True
            self.fault = None if isinstance(error, BrokenPipeError) else error


class PrintableOutlet(Outlet):
    """Standard error for text that does not go through ``Screen``: warnings, logs of other packages, tracebacks."""

    def write(self, text: str) -> int:
        """Write with control characters escaped."""
        return super().write(printable_lines(text))


class LineWriter:
    """Writes lines in its own thread, so that a slow reader such as a pager does not block the run.

    The thread does not use the stream's buffer: it could still hold the buffer's lock when the process ends.

    Args:
        outlet: The stream.
    """

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="gpu-droplets output", daemon=True)
        outlet.flush()
        self._thread.start()

    def put(self, line: str) -> None:
        """Queue a line."""
        self._lines.put(line)

    def close(self) -> None:
        """Wait until all lines are written or dropped."""
        self._lines.put(None)
        self._thread.join()

    def _write_all(self) -> None:
        while (line := self._lines.get()) is not None:
            self._outlet.write_through(f"{line}\n")


class _LogLines(logging.Handler):
    """Shows the SDK's log above the live bar."""

    def __init__(self, screen: Screen, *, is_verbose: bool) -> None:
        super().__init__()
        self._screen = screen
        self._is_verbose = is_verbose
        self._has_shown_waits = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Drop the records of single attempts, and of rate-limit waits after the first."""
        if self._is_verbose:
            return True
        is_first_wait = record.funcName == "paced" and not self._has_shown_waits
        self._has_shown_waits |= is_first_wait
        return is_first_wait or record.funcName not in {"attempt_ended", "paced"}

    def emit(self, record: logging.LogRecord) -> None:
        """Show one line."""
        self._screen.say(f"{record.levelname.lower()}: {in_typed_words(record.getMessage())}", style="dim")


class Screen:
    """Both streams: results go to standard output, everything else to standard error."""

    def __init__(self) -> None:
        from rich.console import Console

        self.out: Outlet = Outlet(sys.stdout)
        self.error: Outlet = Outlet(sys.stderr)
        others = PrintableOutlet(sys.stderr)
        sys.stdout, sys.stderr = cast("TextIO", self.out), cast("TextIO", others)
        self.console: Console = Console(file=cast("TextIO", self.error))
        self._log_lines: _LogLines | None = None

    def take_log(self, *, is_verbose: bool) -> None:
        """Show the SDK's log: warnings, or everything if ``is_verbose``."""
        self._log_lines = _LogLines(self, is_verbose=is_verbose or settings.log_level() is not None)
        logger.addHandler(self._log_lines)
        if is_verbose:
            logger.setLevel(logging.DEBUG)

    def leave_log(self) -> None:
        """Stop showing the SDK's log, for a program that runs the command in its own process."""
        if self._log_lines is not None:
            logger.removeHandler(self._log_lines)

    @property
    def is_interactive(self) -> bool:
        """Whether a person can read a question and type an answer."""
        return sys.stdin is not None and sys.stdin.isatty() and self.error.isatty()

    def write(self, *lines: str) -> None:
        """Write lines of the result. Line breaks in a text are escaped."""
        self._result("\n".join(map(printable, lines)))

    def write_script(self, text: str) -> None:
        """Write the command's own text unchanged."""
        self._result(text)

    def write_json(self, value: object, *, indent: int | None = None) -> None:
        """Write a JSON document in ASCII. ``indent`` is in spaces; ``None`` gives one line."""
        self._result(printable_json(json.dumps(value, indent=indent)))

    def table(self, columns: Sequence[str | Column], rows: Sequence[Sequence[str]]) -> None:
        """Write a table: as wide as the terminal, or without line breaks if the output is no terminal.

        Args:
            columns: The columns, or only their titles.
            rows: The rows, with one cell for each column.
        """
        from gradient_async.cli.tables import Column, laid_out

        of = [Column(column) if isinstance(column, str) else column for column in columns]
        layout = laid_out(of, rows, self._width())
        head = int(layout.has_header)
        self._result("\n".join([*map(self._heading, layout.lines[:head]), *layout.lines[head:]]))
        if layout.left_out:
            self.say(
                f"left out for lack of width: {', '.join(layout.left_out)}. Widen the terminal, or pass --output json"
            )

    def say(self, *parts: Part, style: str | None = None) -> None:
        """Show a line on standard error. Markup and line breaks in a part have no effect.

        Args:
            parts: The texts, with or without a style.
            style: The style of the whole line.
        """
        is_unbroken = not self.console.is_terminal
        self.console.print(_styled(parts), style=style, highlight=False, soft_wrap=is_unbroken)

    def waiting(self, text: str) -> AbstractContextManager[object]:
        """Show on a terminal what the command waits for, until the block ends."""
        return self.console.status(_styled([text])) if self.console.is_interactive else nullcontext()

    def styled(self, text: str) -> Text:
        """Return a text for a display that changes, without markup and control characters."""
        return _styled([text])

    def failure(self, text: str) -> None:
        """Show an error."""
        self.say(("error: ", "bold red"), text)

    def _width(self) -> int | None:
        """Return the width of the terminal of the result; ``None`` if it is no terminal."""
        return self._result_console().width if self.out.isatty() else None

    def _heading(self, text: str) -> str:
        from rich.text import Text

        console = self._result_console()
        with console.capture() as captured:
            console.print(Text(text, style="bold"), soft_wrap=True, end="")
        return captured.get()

    def _result_console(self) -> Console:
        from rich.console import Console

        return Console(file=cast("TextIO", self.out))

    def _result(self, text: str) -> None:
        self.out.write(f"{text}\n")
        self.out.flush()


def _write_bytes(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def _styled(parts: Sequence[Part]) -> Text:
    """Return the parts as one text without markup and control characters."""
    from rich.text import Text

    pairs = [(part, "") if isinstance(part, str) else part for part in parts]
    return Text.assemble(*((printable(text), style) for text, style in pairs))
