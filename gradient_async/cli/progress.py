"""The progress of a run: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Protocol

from gradient_async.cli.durations import span, window_name
from gradient_async.cli.printable import printable
from gradient_async.cli.time_left import Pace, time_left
from gradient_async.cli.wording import in_typed_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType
    from typing import Self

    from rich.console import RenderableType

    from gradient_async.cli.screen import Screen
    from gradient_async.fleet.limits import Limit
    from gradient_async.fleet.outcome import FleetProgress, Outcome
    from gradient_async.fleet.plan import Plan
    from gradient_async.http.budget import RateBudget
    from gradient_async.http.windows import WindowUse

_REFRESHES_PER_SECOND: Final = 8
# Lines in a log stay. The pause grows: a short run gets enough lines, a long one not too many.
_FIRST_LINE_AFTER: Final = 5.0
_MAX_SECONDS_BETWEEN_LINES: Final = 60.0
_TICK_SECONDS: Final = 1.0
_STYLES: Final = {"failed": "red", "unknown": "yellow"}


class Ticking(Protocol):
    """A display that shows the present time."""

    def tick(self) -> None:
        """Show the present time, once a second."""


class ProgressDisplay(Ticking, Protocol):
    """A display of a run's progress."""

    def update(self, progress: FleetProgress) -> None:
        """Take in one more outcome."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class RunNumbers:
    """The numbers of a run's progress, for both displays.

    Args:
        plan: The steps for each Droplet.
        total: Number of Droplets; ``None`` until it is known.
        budget: Rate budget of the run.
        batch_size: Droplets in a batch; ``None`` for no batches.
        now: The clock, in seconds.
    """

    def __init__(
        self,
        plan: Plan,
        total: int | None,
        budget: RateBudget,
        *,
        batch_size: Limit | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name: str = plan.name.replace("_", "-")
        self.total: int | None = total
        self._requests_each = len(plan.steps)
        self._budget = budget
        self._batch_size = batch_size
        self._now = now
        self._began = self._latest = now()
        self.ended: int = 0
        self._started = self._resumed = self._peak = 0
        self.problems: dict[str, int] = {}
        self._seconds = 0.0
        self._timed = 0

    def update(self, progress: FleetProgress) -> None:
        """Take in one more outcome."""
        self.total = progress.total if progress.total is not None else self.total
        self._peak = max(self._peak, progress.started - self.ended)
        self.ended, self._started, self._latest = progress.ended, progress.started, self._now()
        counts = {
            "started": progress.not_awaited,
            "failed": progress.failed,
            "unknown": progress.unknown,
            "skipped": progress.skipped,
        }
        self.problems = {name: count for name, count in counts.items() if count}
        latest = progress.latest
        self._resumed += latest.is_resumed
        if latest.started_at is not None and not latest.is_resumed:
            self._seconds += (latest.ended_at - latest.started_at).total_seconds()
            self._timed += 1

    @property
    def counts(self) -> str:
        """Counts, such as ``412/1,000, batch 5 of 10, 2 failed``."""
        of = f"{self.ended:,}" if self.total is None else f"{self.ended:,}/{self.total:,}"
        batch = self._batch
        batches = [batch] if batch else []
        return ", ".join([of, *batches, *(f"{count:,} {name}" for name, count in self.problems.items())])

    @property
    def times(self) -> str:
        """Elapsed time, time left, and the use of the rate budget."""
        snapshot = self._budget.snapshot()
        elapsed = self._now() - self._began
        left = time_left(self._pace(elapsed, snapshot.windows))
        facts = [f"{span(round(elapsed))} so far", *([] if left is None else [str(left)])]
        if snapshot.paused_for > 0:
            facts.append(f"paused for {span(snapshot.paused_for)}")
        uses = ", ".join(use_of(window) for window in snapshot.windows)
        return ", ".join([*facts, f"requests {uses}"])

    @property
    def _batch(self) -> str:
        if self._batch_size is None or not self.total:
            return ""
        size = self._batch_size.of(self.total, least=1)
        batches = math.ceil(self.total / size)
        return f"batch {min(max(math.ceil(self._started / size), 1), batches):,} of {batches:,}"

    def _pace(self, elapsed: float, windows: Sequence[WindowUse]) -> Pace:
        return Pace(
            total=(self.total or 0) - self._resumed,
            started=self._started - self._resumed,
            ended=self.ended - self._resumed,
            timed=self._timed,
            peak=self._peak,
            elapsed=elapsed,
            quiet=self._now() - self._latest,
            action_seconds=self._seconds / self._timed if self._timed else 0.0,
            requests_each=self._requests_each,
            windows=windows,
        )


class LiveBar:
    """Two lines that change in place, with the problems above them.

    Args:
        numbers: The numbers.
        screen: Shows the bar.
    """

    def __init__(self, numbers: RunNumbers, screen: Screen) -> None:
        from rich.live import Live

        self._numbers = numbers
        self._screen = screen
        self._live = Live(
            get_renderable=self._rendered,
            console=screen.console,
            refresh_per_second=_REFRESHES_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def update(self, progress: FleetProgress) -> None:
        """Take in one more outcome."""
        self._numbers.update(progress)
        show_problem(self._screen, progress.latest)

    def tick(self) -> None:
        """Do nothing: the bar refreshes itself."""

    def __enter__(self) -> Self:
        self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._live.stop()

    def _rendered(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        numbers = self._numbers
        line = Table.grid(padding=(0, 1))
        line.add_column(no_wrap=True)
        line.add_column(ratio=1)
        line.add_column(no_wrap=True)
        bar = ProgressBar(total=numbers.total or 1, completed=numbers.ended, pulse=numbers.total is None)
        line.expand = True
        line.add_row(Text(printable(numbers.name), style="bold"), bar, Text(numbers.counts))
        return Group(line, Text(numbers.times, style="dim", no_wrap=True, overflow="ellipsis"))


class PlainLines:
    """A line from time to time, and one for each problem.

    Args:
        numbers: The numbers.
        screen: Shows the lines.
        now: The clock, in seconds.
    """

    def __init__(self, numbers: RunNumbers, screen: Screen, now: Callable[[], float] = time.monotonic) -> None:
        self._numbers = numbers
        self._screen = screen
        self._now = now
        self._pause = _FIRST_LINE_AFTER
        self._next = now() + self._pause

    def update(self, progress: FleetProgress) -> None:
        """Take in one more outcome."""
        self._numbers.update(progress)
        show_problem(self._screen, progress.latest)

    def tick(self) -> None:
        """Show the present time, once a second."""
        if self._now() >= self._next:
            self._screen.say(f"{self._numbers.name}: {self._numbers.counts}, {self._numbers.times}")
            self._pause = min(2 * self._pause, _MAX_SECONDS_BETWEEN_LINES)
            self._next = self._now() + self._pause

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


@contextmanager
def ticking(display: Ticking) -> Iterator[None]:
    """Call the display's ``tick`` each second, in the running loop."""
    loop = asyncio.get_running_loop()
    timers: list[asyncio.TimerHandle] = []

    def tick() -> None:
        display.tick()
        timers[:] = [loop.call_later(_TICK_SECONDS, tick)]

    timers.append(loop.call_later(_TICK_SECONDS, tick))
    try:
        yield
    finally:
        timers[0].cancel()


def progress_display(
    screen: Screen, plan: Plan, total: int | None, budget: RateBudget, batch_size: Limit | None
) -> ProgressDisplay:
    """Return the display for standard error: a live bar on a terminal, else plain lines."""
    numbers = RunNumbers(plan, total, budget, batch_size=batch_size)
    return LiveBar(numbers, screen) if screen.console.is_interactive else PlainLines(numbers, screen)


def show_problem(screen: Screen, outcome: Outcome) -> None:
    """Show a line for a Droplet that failed or is unknown. Skipped ones have one reason, which the summary shows."""
    if not outcome.is_problem:
        return
    reason = in_typed_words(outcome.reason)
    screen.say((outcome.status, _STYLES[outcome.status]), f"  {outcome.label}  {reason}")


def use_of(window: WindowUse) -> str:
    """Return the use of a window, such as ``212/250 in 60 s``."""
    return f"{window.used:,}/{window.limit:,} in {window_name(window.seconds)}"
