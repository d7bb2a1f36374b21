"""The command behind a verb that only reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from attrs import field, frozen
from cyclopts import Group

from gradient_async.cli import account as accounts
from gradient_async.cli.options import AccountOptions, ListOutputOptions, OutputOptions

if TYPE_CHECKING:
    from gradient_async.cli.account import Account
    from gradient_async.cli.screen import Screen
    from gradient_async.client import AsyncGradientAI

WHAT: Final = Group("What", sort_key=0)

Read: TypeAlias = "Callable[[AsyncGradientAI, Screen, Account], Awaitable[int]]"


@frozen(kw_only=True)
class ReadCommand:
    """The command behind a verb that only reads.

    Attributes:
        account: Options of the account.
        display: Options of the output.
        read: Reads, and shows the result.
        tag: Tag of the emulated Droplets.
    """

    account: AccountOptions
    display: OutputOptions | ListOutputOptions
    read: Read = field(repr=False)
    tag: str | None = None

    def run(self, screen: Screen) -> int:
        """Read, and return the exit status."""
        with accounts.opened(self.account, tag=self.tag) as opened:
            return asyncio.run(self._read(opened, screen))

    async def _read(self, opened: Account, screen: Screen) -> int:
        async with opened.client() as client:
            return await self.read(client, screen, opened)
