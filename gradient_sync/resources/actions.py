# Generated from gradient_async/resources/actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""The account's actions: ``client.actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_sync._event_loop import materialized

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator
    from typing import Unpack

    from gradient_async.http.request import ReadOptions, RequestOptions
    from gradient_async.models.action import Action
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse
    from gradient_async.resources import actions as async_actions
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.actions import RawActions


class Actions:
    """All actions of the account, on Droplets and other resources."""

    def __init__(self, source: async_actions.Actions, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def retrieve(self, action_id: int, **options: Unpack[RequestOptions]) -> ActionRetrieveResponse:
        """Read one action.

        Args:
            action_id: The action's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The action does not exist.
        """
        return self._loop.run(self._async.retrieve, action_id, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> ActionListResponse:
        """Read one page of actions, newest first.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Actions on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    @overload
    def wait(
        self,
        action: Action | int,
        *,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> Action: ...

    @overload
    def wait(
        self,
        action: Iterable[Action | int],
        *,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> tuple[Action, ...]: ...

    def wait(
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
        method: Callable[..., Coroutine[object, object, Action | tuple[Action, ...]]] = self._async.wait
        return self._loop.run(method, materialized(action), timeout=timeout, poll_interval=poll_interval, **options)

    @property
    def with_raw_response(self) -> RawActions:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.actions import RawActions

        return RawActions(self._async.with_raw_response, self._loop)

    def list_all(self, **options: Unpack[RequestOptions]) -> Iterator[Action]:
        """Iterate over all actions, newest first.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(**options))
