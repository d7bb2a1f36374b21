"""The verb ``rate-limit``: how much of the token's rate limit is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from gradient_async.cli.durations import seconds_in, span, window_name
from gradient_async.cli.exit_codes import COMPLETED, FAILED
from gradient_async.cli.options import DEFAULTS, AccountOptions, OutputOptions
from gradient_async.cli.rate_watch import watch as watched
from gradient_async.cli.read_command import WHAT, ReadCommand
from gradient_async.errors import APIStatusError, PermissionDeniedError
from gradient_async.http.budget import RateBudget

if TYPE_CHECKING:
    from gradient_async.cli.account import Account
    from gradient_async.cli.screen import Screen
    from gradient_async.client import AsyncGradientAI


def rate_limit(
    *,
    watch: Annotated[bool, Parameter(group=WHAT, negative=(), show_default=False)] = False,
    interval: Annotated[str, Parameter(group=WHAT, metavar="TIME")] = "1s",
    account: AccountOptions = DEFAULTS.account,
    display: OutputOptions = DEFAULTS.display,
) -> ReadCommand:
    """Show how much of the token's rate limit is used. Sends one request.

    Args:
        watch: Show the shared budget live until Ctrl-C: used, left, who waits, pauses, by process. Sends no request.
        interval: With --watch, time between two polls.
    """
    seconds = seconds_in("--interval", interval) or 1.0

    async def read(client: AsyncGradientAI, screen: Screen, opened: Account) -> int:
        if watch:
            return await watched(opened.budget, screen, display, seconds)
        headers, is_refused = await _rate_headers(client)
        snapshot = opened.budget.snapshot()
        reported = {name: headers.get(f"ratelimit-{name}") for name in ("limit", "remaining", "reset")}
        if display.output == "table":
            table = [
                (
                    window_name(one.seconds),
                    f"{one.limit:,}",
                    f"{one.used:,}",
                    f"{one.left:,}",
                    _source(one.limit, reported, opened.budget),
                )
                for one in snapshot.windows
            ]
            screen.table(("WINDOW", "LIMIT", "USED", "LEFT", "KNOWN FROM"), table)
        else:
            windows = [
                {"limit": one.limit, "seconds": one.seconds, "used": one.used, "left": one.left}
                for one in snapshot.windows
            ]
            answer = {"windows": windows, "paused_for": round(snapshot.paused_for, 1), "headers": reported}
            screen.write_json(answer, indent=display.indent)
        if is_refused:
            screen.failure(f"rate-limited (429): the next request can be sent in {span(snapshot.paused_for)}")
        return FAILED if is_refused else COMPLETED

    return ReadCommand(account=account, display=display, read=read)


async def _rate_headers(client: AsyncGradientAI) -> tuple[dict[str, str], bool]:
    """Return the headers of one answer, and whether it was a 429."""
    try:
        raw = await client.with_options(max_retries=0).gpu_droplets.with_raw_response.list(per_page=1)
    except PermissionDeniedError as error:
        return error.headers, False
    except APIStatusError as error:
        if error.status != 429:
            raise
        return error.headers, True
    return dict(raw.headers), False


def _source(limit: int, reported: dict[str, str | None], budget: RateBudget) -> str:
    if reported["limit"] == str(limit):
        return "the API's headers"
    return "this command's own requests" if type(budget) is RateBudget else "the shared budget"
