"""What other processes have claimed, as far as it concerns the look-up of one request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.budget.store_errors import StoreAwayError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from gradient_async.budget.shared_claims import SharedClaims
    from gradient_async.models.action import Action
    from gradient_async.waiting.claims import ActionClaims
    from gradient_async.waiting.lookup import UnresolvedRequest

_ANOTHER_PROCESS: Final = "another process"


class ForeignClaims:
    """The claims of other processes, as far as they concern one request.

    Args:
        shared: The claims of all processes; ``None`` to ignore them.
        claims: The claims of this process. What another one has claimed is added.
        unresolved: The request.
    """

    def __init__(self, shared: SharedClaims | None, claims: ActionClaims, unresolved: UnresolvedRequest) -> None:
        self._shared = shared
        self._claims = claims
        self._unresolved = unresolved

    async def claim(self, action: Action) -> bool:
        """Claim an action. Return whether no other process has it."""
        if self._shared is None:
            return True
        is_free = await self._ask(self._shared.claim, action)
        if not is_free:
            self._note(action)
        return is_free

    async def note(self, actions: Iterable[Action]) -> bool:
        """Note which actions other processes have. Return whether there is any."""
        if self._shared is None:
            return False
        found = [action for action in actions if await self._ask(self._shared.is_of_another, action)]
        for action in found:
            self._note(action)
        return bool(found)

    async def _ask(self, question: Callable[[int, str | None], Awaitable[bool]], action: Action) -> bool:
        try:
            return await question(action.id, self._unresolved.request.origin)
        except StoreAwayError as error:
            raise self._unresolved.error(
                f"action {action.id} may be its result, or that of another process's request: the shared store cannot "
                f"be asked ({error})",
                (action,),
            ) from None

    def _note(self, action: Action) -> None:
        self._claims.add(action.id, self._unresolved.trace, _ANOTHER_PROCESS)
