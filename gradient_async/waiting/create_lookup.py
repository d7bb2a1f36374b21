"""Looks up a create whose answer was lost (promise P1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio

from gradient_async.errors import (
    APIConnectionError,
    CreateOutcomeUnknownError,
    InternalServerError,
    RateLimitError,
)
from gradient_async.http import retry
from gradient_async.http.request import Timestamp
from gradient_async.waiting import reconciliation
from gradient_async.waiting.create_decision import Ending
from gradient_async.waiting.create_search import Search

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from gradient_async.http.settlement import Send
    from gradient_async.settings import Settings
    from gradient_async.waiting.claims import CreateClaims
    from gradient_async.waiting.found_things import Adopted
    from gradient_async.waiting.unresolved_create import UnresolvedCreate

# Errors that can pass while the lists are read again.
_PASSING: Final = (APIConnectionError, InternalServerError, RateLimitError)
_SHARE_BEFORE_SENDING_AGAIN: Final = 0.25


class CreateLookup:
    """Searches the account's lists for what an unresolved request created.

    Args:
        send: Sends a request that reads a list.
        claims: What the requests of this process created.
        settings: The sender's settings, with the maximum seconds until a created thing shows in the lists.
        account: Key of the account.
    """

    def __init__(self, send: Send, claims: CreateClaims, settings: Settings, account: Hashable) -> None:
        self._send = send
        self._claims = claims
        self._settings = settings
        self._account = account

    async def find(self, unresolved: UnresolvedCreate, waited: float = 0.0) -> Adopted | None:
        """Return what the request created; ``None`` if it certainly was not executed.

        The lists are read until its things show, or until ``settle_seconds`` have passed.

        Args:
            unresolved: The request.
            waited: Seconds of ``settle_seconds`` that have already passed.

        Raises:
            RequestOutcomeUnknownError: A list shows several things that may be the request's, or one that may have
                existed before, or it cannot be read.
        """
        if not unresolved.trace.can_be_found:
            raise unresolved.error("nothing in it identifies what it creates")
        search = Search(self._send, self._claims, unresolved, self._account)
        pauses = [*self._pauses(unresolved, waited)]
        ending = await self._read(search, is_last=not pauses)
        was_best = False
        while ending is Ending.WAIT or (ending is Ending.UNCLEAR and search.may_become_clear and not was_best):
            if search.may_become_clear and not was_best:
                pause = reconciliation.seconds_until_best_reading(unresolved.since, Timestamp.now())
                was_best = True
            else:
                pause = pauses.pop(0)
            await anyio.sleep(pause)
            ending = await self._read(search, is_last=not pauses)
        return search.resolved(ending)

    async def _read(self, search: Search, *, is_last: bool) -> Ending:
        """Read the lists. Of expensive things, a list that cannot be read now is read again later."""
        try:
            return await search.read(is_last=is_last)
        except CreateOutcomeUnknownError as error:
            is_passing = isinstance(error.__cause__, _PASSING) and search.is_patient
            if is_last or not is_passing:
                raise
            return Ending.WAIT

    def _pauses(self, unresolved: UnresolvedCreate, waited: float) -> Sequence[float]:
        if unresolved.trace.rule.care is None:
            return retry.settling_pauses(self._settings.settle_seconds - waited)
        share = _SHARE_BEFORE_SENDING_AGAIN if unresolved.can_be_sent_again else 1.0
        return retry.growing_pauses(share * self._settings.create_settle_seconds - waited)
