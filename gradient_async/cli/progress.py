"""How far a run has come: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Protocol

from gradient_async.cli.durations import span, window_name
from gradient_async.cli.estimate import seconds_left
from gradient_async.cli.printable import printable

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.console import RenderableType

    from gradient_async.cli.screen import Screen
    from gradient_async.fleet.outcome import FleetProgress, Outcome
    from gradient_async.fleet.plan import Plan
    from gradient_async.http.budget import RateBudget
    from gradient_async.http.windows import WindowUse

_REFRESHES_PER_SECOND: Final = 8
# Without a terminal each line stays: in a log of an hour they should be few, in one of a minute enough.
_FIRST_LINE_AFTER: Final = 5.0
_MOST_SECONDS_BETWEEN_LINES: Final = 60.0
_STYLES: Final = {"failed": "red", "unknown": "yellow"}


class Watch(Protocol):
    """Someone who is told how far a run has come."""

    def tell(self, progress: FleetProgress) -> None:
        """An outcome is known."""

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
    """

    def __init__(self, plan: Plan, total: int | None, budget: RateBudget) -> None:
        self.name: str = plan.name.replace("_", "-")
        self.total: int | None = total
        self._requests_each = len(plan.steps)
        self._budget = budget
        self._began = time.monotonic()
        self.ended: int = 0
        self._started = 0
        self.problems: dict[str, int] = {}
        self._seconds = 0.0
        self._timed = 0

    def learn(self, progress: FleetProgress) -> None:
        """An outcome is known."""
        self.total = progress.total if progress.total is not None else self.total
        self.ended, self._started = progress.ended, progress.started
        counts = {"failed": progress.failed, "unknown": progress.unknown, "skipped": progress.skipped}
        self.problems = {name: count for name, count in counts.items() if count}
        latest = progress.latest
        if latest.started_at is not None and not latest.is_resumed:
            self._seconds += (latest.ended_at - latest.started_at).total_seconds()
            self._timed += 1

    @property
    def counts(self) -> str:
        """``412/1,000, 2 failed``."""
        of = f"{self.ended:,}" if self.total is None else f"{self.ended:,}/{self.total:,}"
        return ", ".join([of, *(f"{count:,} {name}" for name, count in self.problems.items())])

    @property
    def rest(self) -> str:
        """The rate budget's use, and how long it will take."""
        snapshot = self._budget.snapshot()
        uses = ", ".join(use_of(window) for window in snapshot.windows)
        facts = [f"requests {uses}"]
        if snapshot.paused_for > 0:
            facts.append(f"paused for {span(snapshot.paused_for)}")
        left = seconds_left(
            total=self.total or 0,
            ended=self.ended,
            started=self._started,
            elapsed=time.monotonic() - self._began,
            action_seconds=self._seconds / self._timed if self._timed else 0.0,
            requests_each=self._requests_each,
            windows=snapshot.windows,
        )
        facts.append(f"{span(time.monotonic() - self._began)} so far" if left is None else f"about {span(left)} left")
        return ", ".join(facts)


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
    """A line now and then, and one for each failure.

    Args:
        course: The numbers.
        screen: Where they go.
    """

    def __init__(self, course: Course, screen: Screen) -> None:
        self._course = course
        self._screen = screen
        self._pause = _FIRST_LINE_AFTER
        self._next = time.monotonic() + self._pause

    def tell(self, progress: FleetProgress) -> None:
        """An outcome is known."""
        self._course.learn(progress)
        say_problem(self._screen, progress.latest)
        if time.monotonic() >= self._next:
            self._screen.say(f"{self._course.name}: {self._course.counts}, {self._course.rest}")
            self._pause = min(2 * self._pause, _MOST_SECONDS_BETWEEN_LINES)
            self._next = time.monotonic() + self._pause

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass


def watch(screen: Screen, plan: Plan, total: int | None, budget: RateBudget) -> Watch:
    """The display that fits where standard error goes."""
    course = Course(plan, total, budget)
    return LiveBar(course, screen) if screen.console.is_interactive else PlainLines(course, screen)


def say_problem(screen: Screen, outcome: Outcome) -> None:
    """A line for a Droplet that failed or is unknown; thousands can be skipped, for one reason, which the run tells."""
    if not outcome.is_problem:
        return
    reason = " ".join(outcome.reason.split())
    screen.say((outcome.status, _STYLES[outcome.status]), f"  {outcome.droplet_id}  {reason}")


def use_of(window: WindowUse) -> str:
    """``212/250 in 60 s``."""
    return f"{window.used:,}/{window.limit:,} in {window_name(window.seconds)}"
