"""The look-up of a lease's Droplets at its end: those with its tag, and those of creates whose ids are not known."""

from __future__ import annotations

from contextlib import aclosing
from typing import TYPE_CHECKING

import anyio

from gradient_async.errors import APIStatusError, GradientAIError, InternalServerError, RateLimitError
from gradient_async.fleet.cost import price_of
from gradient_async.fleet.journal_targets import ids_with_name
from gradient_async.fleet.targets import droplets_with_tag
from gradient_async.resources.gpu_droplets import GPUDroplets

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from gradient_async.fleet.create.outcomes import CreationOutcome
    from gradient_async.http.sender import Sender
    from gradient_async.waiting.watcher import Watcher


class LeaseSearch:
    """Looks up the Droplets of a lease that are not known by their ids.

    Args:
        sender: The client's.
        watcher: The client's.
        tag: The tag of the lease.
        left: What creating left, and may exist.
        known: Ids of the Droplets that are known.

    Attributes:
        unseen: The Droplets that no list has shown, and that may exist.
        failure: Why the last search could not read all lists; ``None`` if it could.
    """

    def __init__(
        self, sender: Sender, watcher: Watcher, tag: str, left: Iterable[CreationOutcome], known: Iterable[int]
    ) -> None:
        self._sender = sender
        self._client = GPUDroplets(sender, watcher)
        self._tag = tag
        self._known = set(known)
        self.unseen: list[CreationOutcome] = [one for one in left if one.droplet_id is None]
        self.failure: Exception | None = None

    @property
    def may_find_more(self) -> bool:
        """Whether another search may find what the last one did not."""
        if self.failure is not None:
            return not self._sender.is_closed and _is_temporary(self.failure)
        return bool(self.unseen)

    async def run(self, now: datetime, until: float) -> dict[int, float | None]:
        """Read the lists once. Return the prices of the Droplets that are found for the first time, by their ids.

        Args:
            now: The time.
            until: When it has to end, by the event loop's clock. What was found until then is returned.
        """
        found: dict[int, float | None] = {}
        failure, self.failure = self.failure, None
        # The list by tag is read although one by name cannot be.
        with anyio.CancelScope(deadline=until) as scope:
            for read in (self._find_names, self._find_tagged):
                try:
                    await read(now, found)
                except Exception as error:  # noqa: BLE001 - such as of a middleware; what is known is destroyed
                    self.failure = error
        if scope.cancelled_caught:
            late = GradientAIError("the destroy_timeout was over before they were read")
            self.failure = self.failure or failure or late
        new = {droplet_id: price for droplet_id, price in found.items() if droplet_id not in self._known}
        self._known.update(new)
        return new

    async def _find_names(self, now: datetime, found: dict[int, float | None]) -> None:
        """Find the Droplets of creates whose ids are not known.

        A list that does not show one proves that there is none only after the settle time of its create.
        """
        settle = self._sender.settings.create_settle_seconds
        for one in list(self.unseen):
            ids = await ids_with_name(self._sender, one.name)
            found |= dict.fromkeys(ids, one.price_hourly)
            is_settled = one.sent_at is None or (now - one.sent_at).total_seconds() >= settle
            if ids or is_settled:
                self.unseen.remove(one)

    async def _find_tagged(self, _: datetime, found: dict[int, float | None]) -> None:
        async with aclosing(droplets_with_tag(self._client, self._tag)) as droplets:
            async for droplet in droplets:
                found.setdefault(droplet.id, price_of(droplet, {}))
                self.unseen = [one for one in self.unseen if one.name != droplet.name]


def _is_temporary(error: Exception) -> bool:
    if isinstance(error, APIStatusError):
        return isinstance(error, InternalServerError | RateLimitError)
    return isinstance(error, GradientAIError)
