"""How far a run has come: a live bar on a terminal, plain lines elsewhere."""

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
    from gradient_async.fleet.options import Limit
    from gradient_async.fleet.outcome import FleetProgress, Outcome
    from gradient_async.fleet.plan import Plan
    from gradient_async.http.budget import RateBudget
    from gradient_async.http.windows import WindowUse

_REFRESHES_PER_SECOND: Final = 8
# Without a terminal each line stays: in a log of an hour they should be few, in one of a minute enough.
_FIRST_LINE_AFTER: Final = 5.0
_MOST_SECONDS_BETWEEN_LINES: Final = 60.0
_SECONDS_OF_TICK: Final = 1.0
_STYLES: Final = {"failed": "red", "unknown": "yellow"}


class Watch(Protocol):
    """Someone who is told how far a run has come."""

    def tell(self, progress: FleetProgress) -> None:
        """An outcome is known."""

    def tick(self) -> None:
        """Time has passed."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Course:
    """What is known of a run's course; the numbers behind both kinds of display.

    Args:
        plan: What is done to each Droplet.
        total: How many there are; ``None`` until they have been found.
        budget: What paces the run.
        batch_size: How many Droplets a batch has; ``None`` for no batches.
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
        self._started = self._resumed = self._widest = 0
        self.problems: dict[str, int] = {}
        self._seconds = 0.0
        self._timed = 0

    def learn(self, progress: FleetProgress) -> None:
        """An outcome is known."""
        self.total = progress.total if progress.total is not None else self.total
        self._widest = max(self._widest, progress.started - self.ended)
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
        """``412/1,000, batch 5 of 10, 2 failed``."""
        of = f"{self.ended:,}" if self.total is None else f"{self.ended:,}/{self.total:,}"
        batch = self._batch
        batches = [batch] if batch else []
        return ", ".join([of, *batches, *(f"{count:,} {name}" for name, count in self.problems.items())])

    @property
    def rest(self) -> str:
        """How long the run has taken, how long it will, and the rate budget's use."""
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
            widest=self._widest,
            elapsed=elapsed,
            quiet=self._now() - self._latest,
            action_seconds=self._seconds / self._timed if self._timed else 0.0,
            requests_each=self._requests_each,
            windows=windows,
        )


class LiveBar:
    """Two lines that change in place, with the failures above them.

    Args:
        course: The numbers.
        screen: Where it is shown.
    """

    def __init__(self, course: Course, screen: Screen) -> None:
        from rich.live import Live

        self._course = course
        self._screen = screen
        self._live = Live(
            get_renderable=self._rendered,
            console=screen.console,
            refresh_per_second=_REFRESHES_PER_SECOND,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )

    def tell(self, progress: FleetProgress) -> None:
        """An outcome is known."""
        self._course.learn(progress)
        say_problem(self._screen, progress.latest)

    def tick(self) -> None:
        """Time has passed, which the bar shows by itself."""

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

        course = self._course
        line = Table.grid(padding=(0, 1))
        line.add_column(no_wrap=True)
        line.add_column(ratio=1)
        line.add_column(no_wrap=True)
        bar = ProgressBar(total=course.total or 1, completed=course.ended, pulse=course.total is None)
        line.expand = True
        line.add_row(Text(printable(course.name), style="bold"), bar, Text(course.counts))
        return Group(line, Text(course.rest, style="dim", no_wrap=True, overflow="ellipsis"))


class PlainLines:
    """A line now and then, whether there is news or not, and one for each failure.

    Args:
        course: The numbers.
        screen: Where they go.
        now: The clock, in seconds.
    """

    def __init__(self, course: Course, screen: Screen, now: Callable[[], float] = time.monotonic) -> None:
        self._course = course
        self._screen = screen
        self._now = now
        self._pause = _FIRST_LINE_AFTER
        self._next = now() + self._pause

    def tell(self, progress: FleetProgress) -> None:
        """An outcome is known."""
        self._course.learn(progress)
        say_problem(self._screen, progress.latest)

    def tick(self) -> None:
        """Time has passed."""
        if self._now() >= self._next:
            self._screen.say(f"{self._course.name}: {self._course.counts}, {self._course.rest}")
            self._pause = min(2 * self._pause, _MOST_SECONDS_BETWEEN_LINES)
            self._next = self._now() + self._pause

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


@contextmanager
def ticking(watch: Watch) -> Iterator[None]:
    """Tell the watch each second, in the running loop, that time has passed."""
    loop = asyncio.get_running_loop()
    timers: list[asyncio.TimerHandle] = []

    def tick() -> None:
        watch.tick()
        timers[:] = [loop.call_later(_SECONDS_OF_TICK, tick)]

    timers.append(loop.call_later(_SECONDS_OF_TICK, tick))
    try:
        yield
    finally:
        timers[0].cancel()


def watch(screen: Screen, plan: Plan, total: int | None, budget: RateBudget, batch_size: Limit | None) -> Watch:
    """The display that fits where standard error goes."""
    course = Course(plan, total, budget, batch_size=batch_size)
    return LiveBar(course, screen) if screen.console.is_interactive else PlainLines(course, screen)


def say_problem(screen: Screen, outcome: Outcome) -> None:
    """A line for a Droplet that failed or is unknown; thousands can be skipped, for one reason, which the run tells."""
    if not outcome.is_problem:
        return
    reason = in_typed_words(outcome.reason)
    screen.say((outcome.status, _STYLES[outcome.status]), f"  {outcome.label}  {reason}")


def use_of(window: WindowUse) -> str:
    """``212/250 in 60 s``."""
    return f"{window.used:,}/{window.limit:,} in {window_name(window.seconds)}"
