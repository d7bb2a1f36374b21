"""Standard output and standard error, which may be closed at any moment by whoever reads them."""

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
"""Text, or text and the style that it is shown in."""


class Outlet:
    """A stream whose reader may go away: then what is written is dropped, and the command goes on.

    A run that acts on Droplets must not end because ``| head`` has seen enough, or because a disk is full.

    Args:
        stream: The stream; ``None`` where the process was started without one.

    Attributes:
        is_closed: Whether nothing more can be written.
        fault: Why, if it is not that the reader went away.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream or io.StringIO()
        self.is_closed: bool = stream is None
        self.fault: OSError | None = None
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that knows no such letter gets a question mark and no traceback.
            stream.reconfigure(errors="replace")

    @property
    def encoding(self) -> str:
        """The stream's."""
        return getattr(self._stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write, while there is a reader."""
        self._attempt(lambda: self._stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Have the reader see it. Also called by Python at exit, which would tell of a closed pipe."""
        self._attempt(self._stream.flush)

    def write_through(self, text: str) -> None:
        """Write to the reader at once, past the buffer where there is one."""
        try:
            descriptor = self._stream.fileno()
        except io.UnsupportedOperation:  # somebody has put a stream of their own in its place
            self.write(text)
            return
        self._attempt(lambda: _write_bytes(descriptor, text.encode(self.encoding, "replace")))

    def isatty(self) -> bool:
        """Whether a person reads it."""
        return self._stream.isatty()

    def fileno(self) -> int:
        """The stream's."""
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
    """Standard error for all that does not write through ``Screen``: warnings, logs of other packages, tracebacks."""

    def write(self, text: str) -> int:
        """Write, with control characters as escapes."""
        return super().write(printable_lines(text))


class LineWriter:
    """Writes lines in a thread of its own: a reader that is slow, such as a pager, holds up nobody.

    The thread goes around the stream's buffer, whose lock it would otherwise hold when the process ends.

    Args:
        outlet: Where the lines go.
    """

    def __init__(self, outlet: Outlet) -> None:
        self._outlet = outlet
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write_all, name="gpu-droplets output", daemon=True)
        outlet.flush()
        self._thread.start()

    def put(self, line: str) -> None:
        """Have a line written."""
        self._lines.put(line)

    def close(self) -> None:
        """Wait until all lines are written, or nobody reads them any more."""
        self._lines.put(None)
        self._thread.join()

    def _write_all(self) -> None:
        while (line := self._lines.get()) is not None:
            self._outlet.write_through(f"{line}\n")


class _LogLines(logging.Handler):
    """Shows the SDK's log where it does not break the live bar."""

    def __init__(self, screen: Screen, *, is_verbose: bool) -> None:
        super().__init__()
        self._screen = screen
        self._is_verbose = is_verbose
        self._has_told_of_waits = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Leave out what is said otherwise: what came of each attempt, and all waits for the rate but the first."""
        if self._is_verbose:
            return True
        is_first_wait = record.funcName == "paced" and not self._has_told_of_waits
        self._has_told_of_waits |= is_first_wait
        return is_first_wait or record.funcName not in {"attempt_ended", "paced"}

    def emit(self, record: logging.LogRecord) -> None:
        """One line."""
        self._screen.say(f"{record.levelname.lower()}: {in_typed_words(record.getMessage())}", style="dim")


class Screen:
    """Both streams: results go to one, everything else to the other."""

    def __init__(self) -> None:
        from rich.console import Console

        self.out: Outlet = Outlet(sys.stdout)
        self.error: Outlet = Outlet(sys.stderr)
        others = PrintableOutlet(sys.stderr)
        sys.stdout, sys.stderr = cast("TextIO", self.out), cast("TextIO", others)
        self.console: Console = Console(file=cast("TextIO", self.error))

    def take_log(self, *, is_verbose: bool) -> None:
        """Show the SDK's log: its warnings, or all of it."""
        logger.addHandler(_LogLines(self, is_verbose=is_verbose or settings.log_level() is not None))
        if is_verbose:
            logger.setLevel(logging.DEBUG)

    @property
    def is_interactive(self) -> bool:
        """Whether somebody can be asked: who reads the question, and types the answer."""
        return sys.stdin is not None and sys.stdin.isatty() and self.error.isatty()

    def write(self, *lines: str) -> None:
        """Write lines of the result. No text can begin another line."""
        self._result("\n".join(map(printable, lines)))

    def write_script(self, text: str) -> None:
        """Write a text that is all the command's own, as it is."""
        self._result(text)

    def write_json(self, value: object, *, indent: int | None = None) -> None:
        """Write a document of the result, in ASCII; ``indent`` in spaces, ``None`` for one line."""
        self._result(printable_json(json.dumps(value, indent=indent)))

    def table(self, columns: Sequence[str | Column], rows: Sequence[Sequence[str]]) -> None:
        """Write a table of the result: as wide as the terminal, or unbroken where a program reads it.

        Args:
            columns: The columns; one that is text stays whole.
            rows: A cell for each column in each row.
        """
        from gradient_async.cli.tables import Column, laid_out

        of = [Column(column) if isinstance(column, str) else column for column in columns]
        layout = laid_out(of, rows, self._width())
        head = int(layout.has_header)
        self._result("\n".join([*map(self._heading, layout.lines[:head]), *layout.lines[head:]]))
        if layout.left_out:
            self.say(f"no room for {', '.join(layout.left_out)}: widen the terminal, or pass --output json")

    def say(self, *parts: Part, style: str | None = None) -> None:
        """Show a line to the person who watches. No part can style itself, or begin another line.

        Args:
            parts: What is said, and the styles of its parts.
            style: The style of all.
        """
        is_unbroken = not self.console.is_terminal
        self.console.print(_styled(parts), style=style, highlight=False, soft_wrap=is_unbroken)

    def waiting(self, text: str) -> AbstractContextManager[object]:
        """Show on a terminal that something is being waited for."""
        return self.console.status(_styled([text])) if self.console.is_interactive else nullcontext()

    def failure(self, text: str) -> None:
        """What went wrong."""
        self.say(("error: ", "bold red"), text)

    def _width(self) -> int | None:
        """Columns of the terminal that the result goes to; ``None`` if it goes elsewhere."""
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
    """The parts as one text, in which brackets and control characters mean nothing."""
    from rich.text import Text

    pairs = [(part, "") if isinstance(part, str) else part for part in parts]
    return Text.assemble(*((printable(text), style) for text, style in pairs))
