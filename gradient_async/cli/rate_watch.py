"""``rate-limit --watch``: the shared rate budget as it is, again and again, until Ctrl-C. It sends no request."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import anyio

from gradient_async.cli.durations import span, window_name
from gradient_async.cli.exit_codes import COMPLETED, UsageError
from gradient_async.cli.tables import Column, laid_out
from gradient_async.http.budget import RateBudget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gradient_async.cli.options import OutputOptions
    from gradient_async.cli.screen import Screen
    from gradient_async.http.budget import RateBudgetSnapshot
    from gradient_async.http.windows import ProcessUse

_MAX_IN_A_LINE: Final = 3


async def watch(budget: RateBudget, screen: Screen, display: OutputOptions, interval: float) -> int:
    """Show the budget at each interval, until the output is closed. Return the exit status.

    Raises:
        UsageError: The budget is this process's alone, so that there is nothing to see.
    """
    if type(budget) is RateBudget:
        raise UsageError(
            "--watch: there is no shared budget to watch. Set GRADIENT_RATE_BUDGET to its URL, such as sqlite: or the "
            "one that the other processes use"
        )
    is_live = display.output == "table" and screen.console.is_interactive
    with _live(screen) if is_live else nullcontext() as show:
        while not screen.out.is_closed:
            await budget.refresh()
            snapshot, processes = budget.snapshot(), budget.processes()
            if show is not None:
                show(lines_of(snapshot, processes))
            elif display.output == "table":
                screen.write(f"{datetime.now(UTC):%H:%M:%S}Z  {line_of(snapshot, processes)}")
            else:
                screen.write_json(facts_of(snapshot, processes, datetime.now(UTC)))
            await anyio.sleep(interval)
    return COMPLETED


def lines_of(snapshot: RateBudgetSnapshot, processes: Sequence[ProcessUse]) -> list[str]:
    """Return the budget as it stands on a terminal. Pure."""
    windows = [
        (window_name(one.seconds), f"{one.limit:,}", f"{one.used:,}", f"{one.left:,}", _bar(one.used, one.limit))
        for one in snapshot.windows
    ]
    uses: list[tuple[str, ...]] = [
        (
            _name(one),
            *(f"{used:,}" for used in one.used),
            f"{one.pending:,}",
            f"{one.waiting:,}",
            "" if one.seen_ago is None else f"{span(round(one.seen_ago))} ago",
        )
        for one in _shown(processes)
    ]
    names = [window_name(one.seconds) for one in snapshot.windows]
    if any(others := _others(snapshot, processes)):
        uses.append(("other programs", *(f"{used:,}" for used in others), "", "", ""))
    return [
        *laid_out([Column(name) for name in ("WINDOW", "LIMIT", "USED", "LEFT", "")], windows, None).lines,
        "",
        f"next request  {_next_in(snapshot)}",
        f"pause         {_pause_in(snapshot)}",
        f"waiting       {_waiting_in(processes)}",
        "",
        *laid_out([Column(name) for name in ("PROCESS", *names, "PENDING", "WAITING", "SEEN")], uses, None).lines,
        *([] if uses else ["no process has used it in the last minute"]),
    ]


def line_of(snapshot: RateBudgetSnapshot, processes: Sequence[ProcessUse]) -> str:
    """Return the budget in one line, for a log. Pure."""
    windows = ", ".join(f"{one.used:,}/{one.limit:,} in {window_name(one.seconds)}" for one in snapshot.windows)
    shown = _shown(processes)
    busiest = [
        f"{_name(one)} {one.used[0] if one.used else 0:,}{f' (+{one.waiting:,} waiting)' if one.waiting else ''}"
        for one in shown[:_MAX_IN_A_LINE]
    ]
    more = [f"{len(shown) - _MAX_IN_A_LINE:,} more"] if len(shown) > _MAX_IN_A_LINE else []
    facts = [windows, f"next {_next_in(snapshot)}", f"pause {_pause_in(snapshot)}", f"waiting {_waiting_in(processes)}"]
    return "; ".join([*facts, ", ".join([*busiest, *more]) or "no process"])


def facts_of(snapshot: RateBudgetSnapshot, processes: Sequence[ProcessUse], at: datetime) -> dict[str, object]:
    """Return the budget for programs. Pure."""
    return {
        "at": at.isoformat(),
        "windows": [
            {"limit": one.limit, "seconds": one.seconds, "used": one.used, "left": one.left} for one in snapshot.windows
        ],
        "next_free_in": None if snapshot.next_free_in is None else round(snapshot.next_free_in, 3),
        "paused_for": round(snapshot.paused_for, 3),
        "waiting": sum(one.waiting for one in processes),
        "processes": [
            {
                "process": one.process,
                "used": list(one.used),
                "pending": one.pending,
                "waiting": one.waiting,
                "seen_ago": None if one.seen_ago is None else round(one.seen_ago, 3),
                "is_this": one.is_this,
            }
            for one in processes
        ],
    }


def _shown(processes: Sequence[ProcessUse]) -> list[ProcessUse]:
    """Return the processes without this command, which only shows them."""
    return [one for one in processes if not one.is_this or any(one.used) or one.waiting]


def _others(snapshot: RateBudgetSnapshot, processes: Sequence[ProcessUse]) -> list[int]:
    """Return the requests in each window that the API's headers counted, and that no process of the store sent."""
    return [
        max(0, window.used - sum(one.used[index] for one in processes)) for index, window in enumerate(snapshot.windows)
    ]


def _name(one: ProcessUse) -> str:
    return f"{one.process} (this command)" if one.is_this else one.process


def _next_in(snapshot: RateBudgetSnapshot) -> str:
    if snapshot.next_free_in is None:
        return "after a pending answer"
    return f"in {span(snapshot.next_free_in)}" if snapshot.next_free_in > 0 else "now"


def _pause_in(snapshot: RateBudgetSnapshot) -> str:
    return f"{span(snapshot.paused_for)} more, after a 429 or an outage" if snapshot.paused_for > 0 else "none"


def _waiting_in(processes: Sequence[ProcessUse]) -> str:
    waiting = [one.waiting for one in processes if one.waiting]
    if not waiting:
        return "0"
    return f"{sum(waiting):,} in {len(waiting):,} process{'' if len(waiting) == 1 else 'es'}"


def _bar(used: int, limit: int, width: int = 30) -> str:
    filled = min(width, round(width * used / max(limit, 1)))
    return "#" * filled + "." * (width - filled)


@contextmanager
def _live(screen: Screen) -> Iterator[Callable[[Sequence[str]], None]]:
    """Show lines on a terminal, and replace them in place."""
    from rich.live import Live
    from rich.text import Text

    with Live(console=screen.console, auto_refresh=False) as live:

        def show(lines: Sequence[str]) -> None:
            live.update(Text("\n").join(map(screen.styled, lines)), refresh=True)

        yield show
