# Generated from gradient_async/resources/floating_ip_actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Actions on floating IPs: ``client.gpu_droplets.floating_ips.actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_sync._event_loop import materialized

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator
    from typing import Literal, Unpack

    from gradient_async.http.request import KeyedOptions, ReadOptions, RequestOptions
    from gradient_async.models.action import Action
    from gradient_async.models.reserved_ip import ActionCreateResponse
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse
    from gradient_async.resources import floating_ip_actions as async_floating_ip_actions
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.floating_ip_actions import RawFloatingIPActions


class FloatingIPActions:
    """Actions on floating IPs: the former name of reserved IPs."""

    def __init__(self, source: async_floating_ip_actions.FloatingIPActions, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def create(
        self, floating_ip: str, *, type: Literal["assign"], droplet_id: int, **options: Unpack[KeyedOptions]
    ) -> ActionCreateResponse: ...

    @overload
    def create(
        self, floating_ip: str, *, type: Literal["unassign"], **options: Unpack[KeyedOptions]
    ) -> ActionCreateResponse: ...

    def create(
        self, floating_ip: str, *, type: str, droplet_id: int | None = None, **options: Unpack[KeyedOptions]
    ) -> ActionCreateResponse:
        """Assign an IP to a Droplet, or take it away from its Droplet.

        If the answer is lost, the action is looked up in the IP's list of actions, as for actions on Droplets.

        Args:
            floating_ip: The address.
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
        method: Callable[..., Coroutine[object, object, ActionCreateResponse]] = self._async.create
        return self._loop.run(method, floating_ip, type=type, droplet_id=droplet_id, **options)

    def retrieve(
        self, action_id: int, *, floating_ip: str, **options: Unpack[RequestOptions]
    ) -> ActionRetrieveResponse:
        """Read one action on an IP.

        Args:
            action_id: The action's id.
            floating_ip: The address.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The account does not have this IP, or the IP does not have this action.
        """
        return self._loop.run(self._async.retrieve, action_id, floating_ip=floating_ip, **options)

    def list(
        self,
        floating_ip: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> ActionListResponse:
        """Read one page of actions on an IP, newest first.

        Args:
            floating_ip: The address.
            page: Number of the page, from 1; 1 by default.
            per_page: Actions on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The account does not have this IP.
        """
        return self._loop.run(self._async.list, floating_ip, page=page, per_page=per_page, **options)

    @overload
    def wait(
        self,
        action: Action | int,
        *,
        floating_ip: str | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> Action: ...

    @overload
    def wait(
        self,
        action: Iterable[Action | int],
        *,
        floating_ip: str | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> tuple[Action, ...]: ...

    def wait(
        self,
        action: Action | int | Iterable[Action | int],
        *,
        floating_ip: str | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> Action | tuple[Action, ...]:
        """Wait until one action, or each of several, is completed. It is ``gpu_droplets.actions.wait`` for IPs.

        Args:
            action: The action, its id, or an iterable of actions and ids.
            floating_ip: The address that the actions are on. With it they can be read without ``actions:read``.
            timeout: Maximum seconds of the wait.
            poll_interval: Seconds until the first poll. Later intervals grow up to 15 seconds.
            **options: ``extra_headers``, ``extra_query``.

        Returns:
            The action as last read; of several, a tuple in the order given.

        Raises:
            ActionFailedError: An action ended as ``errored``. It is raised when all actions are finished.
            ActionTimeoutError: An action was unfinished at the end of ``timeout``.
        """
        method: Callable[..., Coroutine[object, object, Action | tuple[Action, ...]]] = self._async.wait
        return self._loop.run(
            method,
            materialized(action),
            floating_ip=floating_ip,
            timeout=timeout,
            poll_interval=poll_interval,
            **options,
        )

    @property
    def with_raw_response(self) -> RawFloatingIPActions:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.floating_ip_actions import RawFloatingIPActions

        return RawFloatingIPActions(self._async.with_raw_response, self._loop)

    def list_all(self, floating_ip: str, **options: Unpack[RequestOptions]) -> Iterator[Action]:
        """Iterate over all actions on an IP, newest first.

        One request reads 200 items. Each item is yielded once.

        Args:
            floating_ip: The address.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The account does not have this IP.
        """
        return self._loop.iterate(self._async.list_all(floating_ip, **options))
