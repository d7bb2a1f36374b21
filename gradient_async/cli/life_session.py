"""One run that creates, destroys or hibernates Droplets: its progress, and its state after an interruption."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from attrs import define

from gradient_async.cli.exit_codes import INTERRUPTED, TERMINATED
from gradient_async.cli.progress import ticking
from gradient_async.cli.screen import Screen
from gradient_async.cli.status_line import StatusLine
from gradient_async.cli.stop_signals import StopSignals

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from gradient_async.cli.account import Account
    from gradient_async.client import AsyncGradientAI

Report = TypeVar("Report")
Begin: TypeAlias = "Callable[[AsyncGradientAI, Callable[[str], None]], Awaitable[Report]]"
"""Starts the run. The second argument takes a text about how far it has come."""


@define(kw_only=True)
class LifeSession(Generic[Report]):
    """One run.

    Attributes:
        screen: Shows how far it has come.
        name: What the run does, such as ``"destroy"``.
        kind: The class of its report.
        clean_up: What an interrupted run still does, for people; empty if it does nothing.
        report: Its report; ``None`` if it was interrupted before there was one.
        stopped_with: The exit status of an interrupted run; ``None`` for one that was not interrupted.
    """

    screen: Screen
    name: str
    kind: type[Report]
    clean_up: str = ""
    report: Report | None = None
    stopped_with: int | None = None

    def run(self, opened: Account, begin: Begin[Report]) -> None:
        """Run it until it ends, or until Ctrl-C or ``kill``.

        Raises:
            GradientAIError: It did not begin, or could not continue.
        """
        with StopSignals() as signals:
            with suppress(KeyboardInterrupt, asyncio.CancelledError):
                asyncio.run(self._run(opened, begin, signals))
            if signals.is_received:
                self.stopped_with = TERMINATED if signals.is_terminated else INTERRUPTED

    async def _run(self, opened: Account, begin: Begin[Report], signals: StopSignals) -> None:
        signals.run_begins(self._say_clean_up)
        try:
            with StatusLine(self.screen, self.name) as line, ticking(line):
                async with opened.client() as client:
                    self.report = await begin(client, line.update)
        except asyncio.CancelledError as cancelled:
            # The report up to the interruption is part of the cancellation.
            found = getattr(cancelled, "report", None)
            self.report = found if isinstance(found, self.kind) else None
            raise
        finally:
            signals.run_ends()

    def _say_clean_up(self) -> None:
        if self.clean_up:
            self.screen.say(f"interrupted: {self.clean_up}. Ctrl-C again leaves at once", style="bold")
