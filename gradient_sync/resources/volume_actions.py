# Generated from gradient_async/resources/volume_actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Actions on volumes: ``client.gpu_droplets.volumes.actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_sync._event_loop import materialized

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
    from typing import Literal, Unpack

    from gradient_async.http.request import KeyedOptions, ReadOptions, RequestOptions
    from gradient_async.models.action import Action
    from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse
    from gradient_async.models.volume_action import ActionInitiateByIDResponse, ActionInitiateByNameResponse
    from gradient_async.resources import volume_actions as async_volume_actions
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.volume_actions import RawVolumeActions


class VolumeActions:
    """Actions on volumes: attach, detach and resize."""

    def __init__(self, source: async_volume_actions.VolumeActions, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def initiate_by_id(
        self,
        volume_id: str,
        *,
        type: Literal["attach"],
        droplet_id: int,
        region: str | None = None,
        tags: Sequence[str] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> ActionInitiateByIDResponse: ...

    @overload
    def initiate_by_id(
        self,
        volume_id: str,
        *,
        type: Literal["detach"],
        droplet_id: int,
        region: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> ActionInitiateByIDResponse: ...

    @overload
    def initiate_by_id(
        self,
        volume_id: str,
        *,
        type: Literal["resize"],
        size_gigabytes: int,
        region: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> ActionInitiateByIDResponse: ...

    def initiate_by_id(
        self,
        volume_id: str,
        *,
        type: Literal["attach", "detach", "resize"],
        droplet_id: int | None = None,
        region: str | None = None,
        size_gigabytes: int | None = None,
        tags: Sequence[str] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> ActionInitiateByIDResponse:
        """Attach a volume to a Droplet, detach it, or make it larger; once.

        The request is not sent twice without a look-up. If its answer is lost, the SDK reads the volume's list of
        actions. The action of this type that began in the second of the sending or later is the result. If there
        certainly is none, the request is sent again. If an action may have begun before the sending,
        ``ActionOutcomeUnknownError`` is raised.

        Args:
            volume_id: The volume's id.
            type: ``"attach"``, ``"detach"`` or ``"resize"``. The API shows the first two as ``attach_volume`` and
                ``detach_volume``.
            droplet_id: For ``"attach"`` and ``"detach"``: the Droplet's id. It is in the volume's region.
            region: Slug of the volume's region.
            size_gigabytes: For ``"resize"``: the new size in GiB, up to 16,384. A volume cannot be made smaller. The
                filesystem on it does not grow by itself.
            tags: For ``"attach"``: tags for the volume. New tags are created.
            page: As in the retired SDK, and without effect: one action has no pages.
            per_page: As ``page``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Returns:
            The action, in ``.action``. It has just begun; see ``wait``.

        Raises:
            TypeError: A parameter has the wrong type. Nothing was sent.
            ValueError: A parameter is missing, not allowed with this type, or out of range. Nothing was sent.
            PendingEventError: Another event runs on the volume or the Droplet.
            UnprocessableEntityError: The volume is attached already, or to another Droplet, or is in another region.
            ActionOutcomeUnknownError: The answer was lost, and the list of actions did not resolve the request.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        method: Callable[..., Coroutine[object, object, ActionInitiateByIDResponse]] = self._async.initiate_by_id
        return self._loop.run(
            method,
            volume_id,
            type=type,
            droplet_id=droplet_id,
            region=region,
            size_gigabytes=size_gigabytes,
            tags=tags,
            page=page,
            per_page=per_page,
            **options,
        )

    @overload
    def initiate_by_name(
        self,
        *,
        volume_name: str,
        droplet_id: int,
        type: Literal["attach"],
        region: str | None = None,
        tags: Sequence[str] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> ActionInitiateByNameResponse: ...

    @overload
    def initiate_by_name(
        self,
        *,
        volume_name: str,
        droplet_id: int,
        type: Literal["detach"],
        region: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> ActionInitiateByNameResponse: ...

    def initiate_by_name(
        self,
        *,
        volume_name: str | None = None,
        droplet_id: int,
        type: Literal["attach", "detach"],
        region: str | None = None,
        tags: Sequence[str] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[KeyedOptions],
    ) -> ActionInitiateByNameResponse:
        """Attach the volume with a name to a Droplet, or detach it; once.

        If the answer is lost, the SDK finds the volume by its name and looks the action up as ``initiate_by_id`` does.

        Args:
            volume_name: The volume's name, which the API needs. The retired SDK did not have this parameter. For its
                scripts, a name in ``extra_body`` is enough.
            droplet_id: The Droplet's id. It is in the volume's region.
            type: ``"attach"`` or ``"detach"``.
            region: Slug of the volume's region. A name is unique only in its region.
            tags: For ``"attach"``: tags for the volume. New tags are created.
            page: As in the retired SDK, and without effect: one action has no pages.
            per_page: As ``page``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Returns:
            The action, in ``.action``. It has just begun; see ``wait``.

        Raises:
            TypeError: A parameter is missing or has the wrong type. Nothing was sent.
            ValueError: A parameter is not allowed with this type, or out of range. Nothing was sent.
            NotFoundError: There is no volume of this name.
            PendingEventError: Another event runs on the volume or the Droplet.
            ActionOutcomeUnknownError: The answer was lost, and the list of actions did not resolve the request.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        method: Callable[..., Coroutine[object, object, ActionInitiateByNameResponse]] = self._async.initiate_by_name
        return self._loop.run(
            method,
            volume_name=volume_name,
            droplet_id=droplet_id,
            type=type,
            region=region,
            tags=tags,
            page=page,
            per_page=per_page,
            **options,
        )

    def retrieve(
        self,
        action_id: int,
        *,
        volume_id: str,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> ActionRetrieveResponse:
        """Read one action of a volume.

        Args:
            action_id: The action's id.
            volume_id: The volume's id.
            page: As in the retired SDK, and without effect: one action has no pages.
            per_page: As ``page``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The volume or the action does not exist.
        """
        return self._loop.run(
            self._async.retrieve, action_id, volume_id=volume_id, page=page, per_page=per_page, **options
        )

    def list(
        self, volume_id: str, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> ActionListResponse:
        """Read one page of actions of a volume, newest first.

        Args:
            volume_id: The volume's id.
            page: Number of the page, from 1; 1 by default.
            per_page: Actions on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The volume does not exist.
        """
        return self._loop.run(self._async.list, volume_id, page=page, per_page=per_page, **options)

    @overload
    def wait(
        self,
        action: Action | int,
        *,
        volume_id: str | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> Action: ...

    @overload
    def wait(
        self,
        action: Iterable[Action | int],
        *,
        volume_id: str | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> tuple[Action, ...]: ...

    def wait(
        self,
        action: Action | int | Iterable[Action | int],
        *,
        volume_id: str | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> Action | tuple[Action, ...]:
        """Wait until one action, or each of several, is completed.

        All waits of a client share their polls, on any resource.

        Args:
            action: The action, its id, or an iterable of actions and ids. Three or more are read from the account's
                list, 200 in one request, if the token has the scope ``actions:read``.
            volume_id: The volume of the actions, which do not name it. With it they can be read without
                ``actions:read``.
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
        return self._loop.run(
            method, materialized(action), volume_id=volume_id, timeout=timeout, poll_interval=poll_interval, **options
        )

    @property
    def with_raw_response(self) -> RawVolumeActions:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.volume_actions import RawVolumeActions

        return RawVolumeActions(self._async.with_raw_response, self._loop)

    def list_all(self, volume_id: str, **options: Unpack[RequestOptions]) -> Iterator[Action]:
        """Iterate over all actions of a volume, newest first.

        One request reads 200 items. Each item is yielded once.

        Args:
            volume_id: The volume's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The volume does not exist.
        """
        return self._loop.iterate(self._async.list_all(volume_id, **options))
