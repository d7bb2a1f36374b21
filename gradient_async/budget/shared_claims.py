"""Claims of actions that all processes share: two requests never adopt one action."""

from __future__ import annotations

import hashlib
import math
import secrets
import time
from typing import TYPE_CHECKING, Final

import anyio

from gradient_async.budget.store_errors import StoreAwayError

if TYPE_CHECKING:
    from gradient_async.http.key_store import KeyStore
    from gradient_async.settings import Settings

# A look-up reads back two hours.
_KEPT_SECONDS: Final = 3 * 3600.0
_LENGTH: Final = 40
_PUBLISH_SECONDS: Final = 1.0
# While a store is away, not every action waits for it.
_AWAY_SECONDS: Final = 5.0


class SharedClaims:
    """The claims of all processes that share a store. Tokens of one account have them together.

    Args:
        store: The store.
        settings: A sender's settings.
    """

    def __init__(self, store: KeyStore, settings: Settings) -> None:
        self._store = store
        self._base_url = settings.base_url
        self._away_until = -math.inf

    async def publish(self, action_id: int, origin: str | None) -> None:
        """Claim the action that a request's own answer names. A store that is away holds it up for a moment only.

        Those that look the action up cannot ask the store either, and adopt nothing then.

        Args:
            action_id: The action.
            origin: As for ``claim``.
        """
        if time.monotonic() < self._away_until:
            return
        with anyio.move_on_after(_PUBLISH_SECONDS) as scope:
            try:
                await self.claim(action_id, origin)
            except StoreAwayError:
                scope.cancel()
        if scope.cancel_called:
            self._away_until = time.monotonic() + _AWAY_SECONDS

    async def claim(self, action_id: int, origin: str | None) -> bool:
        """Claim an action for a request. Return whether no request of another origin has it.

        Args:
            action_id: The action.
            origin: The request's origin; ``None`` for a request that only this call asks for.

        Raises:
            StoreAwayError: The store cannot be used.
        """
        own = secrets.token_hex(_LENGTH // 2) if origin is None else _digest(origin)
        swap = await self._store.swap(self._name(action_id), None, own, _KEPT_SECONDS, is_durable=False)
        return swap.is_done or not await self.is_of_another(action_id, origin)

    async def is_of_another(self, action_id: int, origin: str | None) -> bool:
        """Return whether a request of another origin has an action.

        Args:
            action_id: The action.
            origin: The request's origin; ``None`` for a request that has claimed nothing.

        Raises:
            StoreAwayError: The store cannot be used.
        """
        text = (await self._store.read(self._name(action_id))).text
        return text is not None and (origin is None or text != _digest(origin))

    def _name(self, action_id: int) -> str:
        return _digest(f"claim {self._base_url} {action_id}")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
