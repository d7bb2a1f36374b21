"""What ``gpu-droplets rate-limit --watch`` shows of a shared budget."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import attrs
import pytest

from gradient_async import ProcessUse, RateBudget, RateBudgetSnapshot, WindowUse
from gradient_async.cli import rate_watch
from gradient_async.cli.exit_codes import COMPLETED, UsageError
from gradient_async.cli.rate_watch import facts_of, line_of, lines_of

pytestmark = pytest.mark.once


def use(process: str, *used: int, waiting: int = 0, seen_ago: float | None = 0.0, is_this: bool = False) -> ProcessUse:
    return ProcessUse(process=process, used=used, pending=0, waiting=waiting, seen_ago=seen_ago, is_this=is_this)


def state(used: int = 0, limit: int = 250, *, next_in: float | None = 0.0, pause: float = 0.0) -> RateBudgetSnapshot:
    windows = (WindowUse(limit=limit, seconds=60.0, used=used, left=limit - used),)
    return RateBudgetSnapshot(windows=windows, next_free_in=next_in, paused_for=pause, waiting=0)


def row(lines: list[str], start: str) -> list[str]:
    return next(line for line in lines if line.startswith(start)).split()


def test_processes_are_shown_with_their_numbers() -> None:
    uses = [use("a", 1200, waiting=1000, seen_ago=None), use("b", 5, seen_ago=3.4)]
    lines = lines_of(state(1300, 5000), uses)
    assert row(lines, "60 s") == ["60", "s", "5,000", "1,300", "3,700", "#" * 8 + "." * 22]
    assert row(lines, "PROCESS") == ["PROCESS", "60", "s", "PENDING", "WAITING", "SEEN"]
    assert row(lines, "a") == ["a", "1,200", "0", "1,000"]
    assert row(lines, "b") == ["b", "5", "0", "0", "3", "s", "ago"]
    assert row(lines, "other programs") == ["other", "programs", "95"]
    assert "no process has used it in the last minute" not in lines


def test_budget_that_nothing_uses_says_so() -> None:
    watcher = use("this", 0, is_this=True)
    for uses in ([], [watcher]):
        lines = lines_of(state(), uses)
        assert lines[-1] == "no process has used it in the last minute"
        assert not any(line.startswith(("other programs", "this")) for line in lines)
        assert line_of(state(), uses) == "0/250 in 60 s; next now; pause none; waiting 0; no process"


def test_requests_of_no_process_are_those_of_other_programs() -> None:
    assert row(lines_of(state(7), []), "other programs") == ["other", "programs", "7"]
    assert not any(line.startswith("other") for line in lines_of(state(7), [use("a", 8)]))
    hour = WindowUse(limit=5000, seconds=3600.0, used=9, left=4991)
    both = attrs.evolve(state(2), windows=(*state(2).windows, hour))
    assert row(lines_of(both, [use("a", 2, 4)]), "other programs") == ["other", "programs", "0", "5"]


@pytest.mark.parametrize(
    ("one", "is_shown"),
    [
        (use("this", 0, 0, is_this=True), False),
        (use("this", 0, 1, is_this=True), True),
        (use("this", 0, 0, waiting=1, is_this=True), True),
        (use("this", 0, 0), True),
    ],
)
def test_command_that_only_watches_is_not_shown(one: ProcessUse, is_shown: bool) -> None:
    assert ("this" in line_of(state(), [one])) is is_shown
    assert ("this (this command)" in line_of(state(), [one])) is (is_shown and one.is_this)


@pytest.mark.parametrize(
    ("count", "shown"),
    [(3, "p0 9, p1 9, p2 9"), (4, "p0 9, p1 9, p2 9, 1 more"), (1004, "p0 9, p1 9, p2 9, 1,001 more")],
)
def test_line_names_the_three_busiest_processes(count: int, shown: str) -> None:
    assert line_of(state(), [use(f"p{number}", 9) for number in range(count)]).endswith(f"; {shown}")


@pytest.mark.parametrize(
    ("next_in", "pause", "text"),
    [
        (None, 0.0, "next after a pending answer; pause none"),
        (0.0, 0.0, "next now; pause none"),
        (0.5, 0.5, "next in 0.5 s; pause 0.5 s more, after a 429 or an outage"),
        (30.0, 12.0, "next in 30 s; pause 12 s more, after a 429 or an outage"),
    ],
)
def test_wait_and_pause_are_spans(next_in: float | None, pause: float, text: str) -> None:
    assert f"; {text}; " in line_of(state(next_in=next_in, pause=pause), [])


@pytest.mark.parametrize(
    ("waiting", "text"), [((0, 0), "0"), ((3, 0), "3 in 1 process"), ((3, 1000), "1,003 in 2 processes")]
)
def test_waiting_requests_are_counted_with_their_processes(waiting: tuple[int, ...], text: str) -> None:
    uses = [use("a", 0, waiting=one) for one in waiting]
    assert f"waiting       {text}" in lines_of(state(), uses)
    assert facts_of(state(), uses, datetime.now(UTC))["waiting"] == sum(waiting)


@pytest.mark.parametrize(
    ("used", "limit", "filled"), [(0, 250, 0), (125, 250, 15), (250, 250, 30), (999, 250, 30), (1, 1, 30), (4, 250, 0)]
)
def test_bar_is_filled_by_the_share_that_is_used(used: int, limit: int, filled: int) -> None:
    assert row(lines_of(state(used, limit), []), "60 s")[-1] == "#" * filled + "." * (30 - filled)


def test_facts_for_programs_have_milliseconds() -> None:
    at = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
    uses = [use("a", 3, seen_ago=0.12345), use("b", 0, seen_ago=None, is_this=True)]
    shown = {"process": "a", "used": [3], "pending": 0, "waiting": 0, "seen_ago": 0.123, "is_this": False}
    assert facts_of(state(3, next_in=1.23456, pause=2.34567), uses, at) == {
        "at": "2026-11-30T12:00:00+00:00",
        "windows": [{"limit": 250, "seconds": 60.0, "used": 3, "left": 247}],
        "next_free_in": 1.235,
        "paused_for": 2.346,
        "waiting": 0,
        "processes": [shown, {**shown, "process": "b", "used": [0], "seen_ago": None, "is_this": True}],
    }
    assert facts_of(state(next_in=None), [], at)["next_free_in"] is None


# --- the loop ---


class FakeBudget(RateBudget):
    """A shared budget, as far as the command can see."""

    refreshed = 0

    async def refresh(self) -> None:
        self.refreshed += 1


class FakeScreen:
    """Collects what is written, and is closed after a number of writes."""

    def __init__(self, count: int, *, is_interactive: bool) -> None:
        self.written: list[Any] = []
        self._count = count
        self.console = SimpleNamespace(is_interactive=is_interactive)

    @property
    def out(self) -> Any:
        return SimpleNamespace(is_closed=len(self.written) >= self._count)

    def write(self, text: str) -> None:
        self.written.append(text)

    write_json = write


@pytest.mark.parametrize(
    ("output", "is_interactive", "pattern"),
    [
        ("table", False, r"\d\d:\d\d:\d\dZ  0/250 in 60 s, .*; no process"),
        ("jsonl", False, r"\{'at': '20.*"),
        ("jsonl", True, r"\{'at': '20.*"),
    ],
)
async def test_budget_is_asked_again_before_each_line(
    monkeypatch: pytest.MonkeyPatch, output: str, is_interactive: bool, pattern: str
) -> None:
    pauses: list[float] = []

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(rate_watch, "anyio", SimpleNamespace(sleep=sleep))
    budget, screen, display = FakeBudget(), FakeScreen(3, is_interactive=is_interactive), SimpleNamespace(output=output)
    code: Any = await rate_watch.watch(budget, screen, display, 4.0)  # type: ignore[arg-type]  # as far as it looks
    assert (code, budget.refreshed, pauses) == (COMPLETED, 3, [4.0, 4.0, 4.0])
    assert all(re.fullmatch(pattern, f"{one}") for one in screen.written)


async def test_lines_on_a_terminal_are_replaced_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    from rich.console import Console
    from rich.text import Text

    async def sleep(_: float) -> None:
        screen.written.append(screen.console.file.getvalue())

    monkeypatch.setattr(rate_watch, "anyio", SimpleNamespace(sleep=sleep))
    screen: Any = FakeScreen(2, is_interactive=True)
    screen.console = Console(
        force_terminal=True, force_interactive=True, file=io.StringIO(), width=90, color_system=None
    )
    screen.styled = Text
    display: Any = SimpleNamespace(output="table")
    await rate_watch.watch(FakeBudget(), screen, display, 1.0)
    assert [one.count("\nnext request  now\n") for one in screen.written] == [1, 2]


async def test_budget_of_this_process_alone_cannot_be_watched() -> None:
    with pytest.raises(UsageError, match="there is no shared budget to watch"):
        await rate_watch.watch(RateBudget(), SimpleNamespace(), SimpleNamespace(), 1.0)  # type: ignore[arg-type]  # unused
