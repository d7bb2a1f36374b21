"""The account's actions: ``client.actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, overload

from gradient_async.endpoints import actions, droplet_actions, image_actions
from gradient_async.resources import action_waits
from gradient_async.resources.generated.actions import GeneratedActions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    from gradient_async.http.action_trace import ActionKind
    from gradient_async.http.request import ReadOptions, RequestOptions
    from gradient_async.http.sender import Sender
    from gradient_async.models.action import Action
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse
    from gradient_async.waiting.watcher import Watcher


_KINDS: Final[dict[str | None, ActionKind]] = {
    kind.resource_type: kind for kind in (droplet_actions.KIND, image_actions.KIND)
}


class Actions(GeneratedActions):
    """All actions of the account, on Droplets and other resources."""

    def __init__(self, sender: Sender, watcher: Watcher) -> None:
        super().__init__(sender)
        self._watcher = watcher

    async def retrieve(self, action_id: int, **options: Unpack[RequestOptions]) -> ActionRetrieveResponse:
        """Read one action.

        Args:
            action_id: The action's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The action does not exist.
        """
        return await self._send(actions.RETRIEVE.request(options, action_id))

    async def list(
        self,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> ActionListResponse:
        """Read one page of actions, newest first.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Actions on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(actions.LIST.request(options, query={"page": page, "per_page": per_page}))

    @overload
    async def wait(
        self,
        action: Action | int,
        *,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> Action: ...

    @overload
    async def wait(
        self,
        action: Iterable[Action | int],
        *,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> tuple[Action, ...]: ...

    async def wait(
        self,
        action: Action | int | Iterable[Action | int],
        *,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> Action | tuple[Action, ...]:
        """Wait until one action, or each of several, is completed.

        The actions may be on Droplets, volumes, images and IPs, also of several kinds in one call. All waits of a
        client share their polls. A token without ``actions:read`` can wait for actions on Droplets and images, which
        name their resource. For others, use the ``wait`` of their group, with the resource's id.

        Args:
            action: The action, its id, or an iterable of actions and ids. Three or more are read from the account's
                list, 200 in one request, if the token has the scope ``actions:read``.
            timeout: Maximum seconds of the wait.
            poll_interval: Seconds until the first poll. Later intervals grow up to 15 seconds. An action that is given
                by id is polled at once.
            **options: ``extra_headers``, ``extra_query``.

        Returns:
            The action as last read; of several, a tuple in the order given.

        Raises:
            ActionFailedError: An action ended as ``errored``. It is raised when all actions are finished.
            ActionTimeoutError: An action was unfinished at the end of ``timeout``. The error has the actions as last
                read. The actions continue by themselves.
        """
        return await action_waits.wait(
            self._watcher,
            action,
            kinds=_KINDS,
            timeout=timeout,
            poll_interval=poll_interval,
            options=options,
        )
