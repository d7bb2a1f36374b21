"""Prices of sizes that change while the account is in use."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.droplets import Droplet


class Prices:
    """Changes of prices: `account.part(Prices)`, `emulator.prices`.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    def set(self, size: str, dollars: float, *, after: float = 0.0) -> None:
        """Change the price of a size.

        Args:
            size: The size's slug.
            dollars: US dollars an hour.
            after: Seconds of the account's time from now until the change.

        Raises:
            ValueError: There is no such size, or a number is negative.
        """
        if self._account.catalogue.size(size) is None:
            raise ValueError(f"size {size!r} is not in the catalogue")
        for name, number in (("price", dollars), ("time", after)):
            if not 0 <= number < math.inf:
                raise ValueError(f"the {name} of {size} must be a number from 0, not {number:g}")
        if after:
            self._account.after(after, partial(self._change, size, dollars))
        else:
            self._change(size, dollars)

    def set_all(self, prices: Mapping[str, Mapping[float, float]]) -> None:
        """Set future prices, by size and by seconds from now. The arguments are those of `set`."""
        for size, changes in prices.items():
            for after, dollars in changes.items():
                self.set(size, dollars, after=after)

    def _change(self, slug: str, dollars: float) -> None:
        account = self._account
        with account.settled():
            size = account.catalogue.size(slug)
            if size is None:  # the catalogue was replaced since then
                return
            account.catalogue = account.catalogue.with_sizes(attrs.evolve(size, price_hourly=dollars))
            if account.behaviour.price_changes == "all":
                for droplet in account.droplets.values():
                    if droplet.size.slug == slug:
                        account.change(droplet.id, partial(_priced, dollars=dollars))


def _priced(droplet: Droplet, *, dollars: float) -> Droplet:
    return attrs.evolve(droplet, size=attrs.evolve(droplet.size, price_hourly=dollars))
