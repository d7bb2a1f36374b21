"""Checks and questions before a run sends its first action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async import log
from gradient_async.cli import dangers, question
from gradient_async.cli.selection import described
from gradient_async.errors import (
    APIConnectionError,
    APIStatusError,
    AuthenticationError,
    GradientAIError,
    MissingAccessTokenError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.cli.account import Account
    from gradient_async.cli.screen import Screen
    from gradient_async.cli.selection import Selection
    from gradient_async.fleet.plan import Plan
    from gradient_async.fleet.run_spec import RunSpec


_PAGE_LENGTH: Final = 200


def is_agreed(screen: Screen, plan: Plan, selection: Selection, *, tag: str | None, loss: str) -> bool:
    """Warn the operator, and ask for confirmation.

    Raises:
        UsageError: There is no terminal for the question.
    """
    return question.is_agreed(screen, dangers.warning(plan, described(selection, tag), loss))


async def check_access(opened: Account) -> None:
    """Check the token and the connection with one request, before the run sends one for each Droplet.

    Raises:
        AuthenticationError: The token is refused.
        APIConnectionError: The API cannot be reached.
    """
    async with opened.client() as client:
        try:
            await client.gpu_droplets.list(per_page=1)
        except AuthenticationError:
            raise
        except APIStatusError:
            # The token may have no read scope, or the API may be down for a moment. The run handles both.
            return


async def known_names(opened: Account, droplets: Sequence[int], tag: str | None) -> Mapping[int, str]:
    """Check the same with the lists that name the Droplets of a resumed run, and return the names.

    A journal holds no names. The lists take a request for 200 Droplets. Reading ends when all names are known, or after
    twice as many Droplets as the run has: an account can have far more.

    Raises:
        AuthenticationError: The token is refused.
        APIConnectionError: The API cannot be reached.
    """
    wanted, names, seen = set(droplets), dict[int, str](), 0
    async with opened.client() as client:
        try:
            async for droplet in client.gpu_droplets.list_all(tag_name=tag):
                seen += 1
                if droplet.id in wanted:
                    names[droplet.id] = droplet.name
                if len(names) == len(wanted) or seen >= max(_PAGE_LENGTH, 2 * len(wanted)):
                    break
        except (AuthenticationError, APIConnectionError):
            raise
        except GradientAIError:
            # The run does without names. The token may have no read scope, or a list may be wrong.
            return names
    return names


async def check_plan(opened: Account, spec: RunSpec) -> None:
    """Check what the plan's later steps need, as the run would. Without a token, log that this was not checked.

    Raises:
        PreflightError: The run would be refused.
    """
    from gradient_async.fleet.size_check import checked_size

    if not spec.options.check_first or spec.plan.needed_size is None:
        return
    try:
        client = opened.client()
    except MissingAccessTokenError:
        log.size_not_checked(spec.plan.needed_size)
        return
    async with client:
        await checked_size(client._sender, spec.plan)  # noqa: SLF001 - the SDK's own command
