"""The verb ``doctor``: it finds out why requests to the API fail."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

from attrs import frozen
from cyclopts import Parameter

from gradient_async.cli import account as accounts
from gradient_async.cli.exit_codes import COMPLETED, FAILED, REFUSED
from gradient_async.cli.options import DEFAULTS, AccountOptions, OutputOptions
from gradient_async.cli.read_command import WHAT
from gradient_async.errors import MissingAccessTokenError

if TYPE_CHECKING:
    from gradient_async.cli.account import Account
    from gradient_async.cli.screen import Screen
    from gradient_async.doctor.facts import Facts


@frozen(kw_only=True)
class DoctorCommand:
    """The command behind ``doctor``.

    Attributes:
        is_conformance: Whether the answers are compared with the models.
        account: Options of the account.
        display: Options of the output.
    """

    is_conformance: bool
    account: AccountOptions
    display: OutputOptions

    def run(self, screen: Screen) -> int:
        """Read, show what was found, and return the exit status."""
        from gradient_async.doctor.report import diagnosis

        with accounts.opened(self.account) as opened:
            facts = asyncio.run(self._facts(opened))
        found = diagnosis(facts, is_conformance=self.is_conformance)
        if self.display.output == "table":
            screen.write(*found.lines())
        else:
            screen.write_json(found.as_json(), indent=self.display.indent)
        if not found.has_problem:
            return COMPLETED
        return REFUSED if found.is_refused else FAILED

    async def _facts(self, opened: Account) -> Facts:
        from gradient_async.doctor.collector import collect
        from gradient_async.doctor.facts import Facts

        try:
            client = opened.client()
        except MissingAccessTokenError:
            return Facts(has_token=False)
        async with client:
            return await collect(client._sender, is_conformance=self.is_conformance)  # noqa: SLF001 - as the fleet does


def doctor(
    *,
    conformance: Annotated[bool, Parameter(group=WHAT, negative=(), show_default=False)] = False,
    account: AccountOptions = DEFAULTS.account,
    display: OutputOptions = DEFAULTS.display,
) -> DoctorCommand:
    """Find out why requests fail: token, scopes, clock, proxy, TLS, DNS, rate limit.

    It only reads. The report names no ids, names, addresses or tokens, so that it
    can be shown to others.

    Args:
        conformance: Also read every list of the account, and report what this version does not know: fields, words,
            statuses, headers.
        account: The account and its token.
        display: The output.
    """
    return DoctorCommand(is_conformance=conformance, account=account, display=display)
