"""Actions on reserved IPs: ``client.reserved_ips.actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, overload

from gradient_async.endpoints import reserved_ips
from gradient_async.resources import action_waits
from gradient_async.resources.generated.reserved_ip_actions import GeneratedReservedIPActions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Unpack

    from gradient_async.http.request import KeyedOptions, ReadOptions, RequestOptions
    from gradient_async.http.sender import Sender
    from gradient_async.models.action import Action
    from gradient_async.models.reserved_ip import ActionCreateResponse
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse
    from gradient_async.waiting.watcher import Watcher


class ReservedIPActions(GeneratedReservedIPActions):
    """Actions on reserved IPs."""

    def __init__(self, sender: Sender, watcher: Watcher) -> None:
        super().__init__(sender)
        self._watcher = watcher

    @overload
    async def create(
        self, reserved_ip: str, *, type: Literal["assign"], droplet_id: int, **options: Unpack[KeyedOptions]
    ) -> ActionCreateResponse: ...

    @overload
    async def create(
        self, reserved_ip: str, *, type: Literal["unassign"], **options: Unpack[KeyedOptions]
    ) -> ActionCreateResponse: ...

    async def create(
        self, reserved_ip: str, *, type: str, droplet_id: int | None = None, **options: Unpack[KeyedOptions]
    ) -> ActionCreateResponse:
        """Assign an IP to a Droplet, or take it away from its Droplet.

        If the answer is lost, the action is looked up in the IP's list of actions, as for actions on Droplets.

        Args:
            reserved_ip: The address.
            type: ``"assign"`` or ``"unassign"``.
            droplet_id: The Droplet that gets the IP; only for ``"assign"``. It must be in the IP's region.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Raises:
            ActionOutcomeUnknownError: The answer was lost, and the look-up did not find out whether the action was
                started.
            NotFoundError: The account does not have this IP.
            PendingEventError: Another action on the IP, or on the Droplet, runs.
            UnprocessableEntityError: The Droplet cannot get the IP, or no Droplet has it.
            ValueError: ``droplet_id`` is missing, or does not belong to the type.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        endpoint = reserved_ips.CREATE_ACTION
        return await self._send(reserved_ips.action(endpoint, reserved_ip, type, droplet_id, options))

    async def retrieve(
        self, action_id: int, *, reserved_ip: str, **options: Unpack[RequestOptions]
    ) -> ActionRetrieveResponse:
        """Read one action on an IP.

        Args:
            action_id: The action's id.
            reserved_ip: The address.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The account does not have this IP, or the IP does not have this action.
        """
        return await self._send(reserved_ips.RETRIEVE_ACTION.request(options, reserved_ip, action_id))

    async def list(
        self,
        reserved_ip: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> ActionListResponse:
        """Read one page of actions on an IP, newest first.

        Args:
            reserved_ip: The address.
            page: Number of the page, from 1; 1 by default.
            per_page: Actions on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The account does not have this IP.
        """
        pages = {"page": page, "per_page": per_page}
        return await self._send(reserved_ips.LIST_ACTIONS.request(options, reserved_ip, query=pages))

    @overload
    async def wait(
        self,
        action: Action | int,
        *,
        reserved_ip: str | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> Action: ...

    @overload
    async def wait(
        self,
        action: Iterable[Action | int],
        *,
        reserved_ip: str | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> tuple[Action, ...]: ...

    async def wait(
        self,
        action: Action | int | Iterable[Action | int],
        *,
        reserved_ip: str | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> Action | tuple[Action, ...]:
        """Wait until one action, or each of several, is completed. It is ``gpu_droplets.actions.wait`` for IPs.

        Args:
            action: The action, its id, or an iterable of actions and ids.
            reserved_ip: The address that the actions are on. With it they can be read without ``actions:read``.
            timeout: Maximum seconds of the wait.
            poll_interval: Seconds until the first poll. Later intervals grow up to 15 seconds.
            **options: ``extra_headers``, ``extra_query``.

        Returns:
            The action as last read; of several, a tuple in the order given.

        Raises:
            ActionFailedError: An action ended as ``errored``. It is raised when all actions are finished.
            ActionTimeoutError: An action was unfinished at the end of ``timeout``.
        """
        return await action_waits.wait(
            self._watcher,
            action,
            owner=None if reserved_ip is None else reserved_ips.owner_of(reserved_ip),
            timeout=timeout,
            poll_interval=poll_interval,
            options=options,
        )
