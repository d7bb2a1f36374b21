"""Tracks all requests that must not be executed twice: each kind of look-up has its own part."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from gradient_async.budget.shared_claims import SharedClaims
from gradient_async.waiting.create_settlement import CreateSettlement
from gradient_async.waiting.settlement import ActionSettlement

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request
    from gradient_async.http.key_store import KeyStore
    from gradient_async.http.settlement import Send, Settlement
    from gradient_async.settings import Settings

T = TypeVar("T")


class Settlements:
    """Gives each request to the part that looks up its result: an action, or a created thing.

    Args:
        send: Sends a request that reads a list.
        settings: The sender's settings.
        store: The store that other processes share; ``None`` for none.
    """

    def __init__(self, send: Send, settings: Settings, store: KeyStore | None = None) -> None:
        self._actions = ActionSettlement(send, settings, None if store is None else SharedClaims(store, settings))
        self._creates = CreateSettlement(send, settings)

    def of(self, request: Request[T]) -> Settlement | None:
        """Return the part that looks up a request's result; ``None`` if none does."""
        if request.action is not None:
            return self._actions
        return self._creates if request.is_looked_up else None

    def note_results(self, answer: object) -> None:
        """Record what an answer shows. It is not the result of a request that is sent later."""
        self._actions.note_results(answer)
        self._creates.note_results(answer)
