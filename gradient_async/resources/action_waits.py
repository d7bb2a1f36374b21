"""Waits for actions of any resource, for the ``wait`` of each group."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from gradient_async.arguments import checked_id, checked_seconds
from gradient_async.http.action_trace import ActionOwner
from gradient_async.http.request import WAIT_OPTIONS, check_options
from gradient_async.models.action import Action
from gradient_async.waiting.poller import Awaited

if TYPE_CHECKING:
    from gradient_async.http.action_trace import ActionKind
    from gradient_async.http.request import ReadOptions
    from gradient_async.waiting.watcher import Watcher

EMPTY_KINDS: Final[Mapping[str | None, ActionKind]] = MappingProxyType({})


async def wait(
    watcher: Watcher,
    action: Action | int | Iterable[Action | int],
    *,
    owner: ActionOwner | None = None,
    kinds: Mapping[str | None, ActionKind] = EMPTY_KINDS,
    timeout: float,
    poll_interval: float,
    options: ReadOptions,
) -> Action | tuple[Action, ...]:
    """Wait until one action, or each of several, is completed.

    Args:
        watcher: Polls.
        action: The action, its id, or an iterable of actions and ids.
        owner: The resource that the caller names, for actions that do not name one; ``None`` for none.
        kinds: The kinds whose actions name their resource, by ``resource_type``.
        timeout: Maximum seconds of the wait.
        poll_interval: Seconds until the first poll.
        options: The caller's options.

    Raises:
        ActionFailedError: An action ended as ``errored``. It is raised when all actions are finished.
        ActionTimeoutError: An action was unfinished at the end of ``timeout``.
    """
    checked_seconds("timeout", timeout)
    checked_seconds("poll_interval", poll_interval)
    check_options(options, WAIT_OPTIONS)
    many = action if isinstance(action, Iterable) and not isinstance(action, str | bytes) else None
    awaited = [_awaited(one, owner, kinds) for one in ((action,) if many is None else many)]
    ended = await watcher.wait(awaited, timeout=timeout, poll_interval=poll_interval, options=options)
    return ended[0] if many is None else ended


def _awaited(action: object, owner: ActionOwner | None, kinds: Mapping[str | None, ActionKind]) -> Awaited:
    if isinstance(action, Action):
        return Awaited(id=action.id, owner=_owner_of(action, owner, kinds), last=action)
    if hasattr(action, "action") or hasattr(action, "actions"):
        raise TypeError("action: expected an Action or an id, got a response; pass its .action or .actions")
    return Awaited(id=checked_id("action", action), owner=owner)


def _owner_of(action: Action, named: ActionOwner | None, kinds: Mapping[str | None, ActionKind]) -> ActionOwner | None:
    """Return the resource that an action is on: the one that it names, or else the caller's if it can be that."""
    kind = kinds.get(action.resource_type)
    if kind is not None and action.resource_id is not None:
        return ActionOwner(kind, action.resource_id)
    is_other = named is not None and action.resource_type not in (None, named.kind.resource_type)
    return None if is_other and named is not None and named.kind.resource_type else named
