# Generated from gradient_async/resources/image_actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Actions on images: ``client.gpu_droplets.images.actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_sync._event_loop import materialized

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator
    from typing import Literal, Unpack

    from gradient_async.http.request import KeyedOptions, ReadOptions, RequestOptions
    from gradient_async.models.action import Action
    from gradient_async.models.responses import ActionListResponse
    from gradient_async.resources import image_actions as async_image_actions
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.image_actions import RawImageActions


class ImageActions:
    """Actions on images: transfer to another region, and conversion of a backup."""

    def __init__(self, source: async_image_actions.ImageActions, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def create(
        self, image_id: int, *, type: Literal["transfer"], region: str, **options: Unpack[KeyedOptions]
    ) -> Action: ...

    @overload
    def create(self, image_id: int, *, type: Literal["convert"], **options: Unpack[KeyedOptions]) -> Action: ...

    def create(
        self,
        image_id: int,
        *,
        type: Literal["convert", "transfer"],
        region: str | None = None,
        **options: Unpack[KeyedOptions],
    ) -> Action:
        """Copy an image to another region, or convert a backup into a snapshot; once.

        The request is not sent twice without a look-up. If its answer is lost, the SDK reads the image's list of
        actions. The action of this type that began in the second of the sending or later is the result. If there
        certainly is none, the request is sent again. If an action may have begun before the sending,
        ``ActionOutcomeUnknownError`` is raised.

        Args:
            image_id: The image's id.
            type: ``"transfer"`` copies the image to a region. ``"convert"`` makes a snapshot of a backup.
            region: For ``"transfer"``: slug of the region. The API ignores it for ``"convert"``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Returns:
            The action, without an envelope, as in the retired SDK. It has just begun; see ``wait``.

        Raises:
            TypeError: A parameter is missing or has the wrong type. Nothing was sent.
            ValueError: ``type`` is unknown, or ``region`` is missing for ``"transfer"``. Nothing was sent.
            NotFoundError: The image does not exist.
            UnprocessableEntityError: The region has the image already, or the image is no backup.
            ActionOutcomeUnknownError: The answer was lost, and the list of actions did not resolve the request.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        method: Callable[..., Coroutine[object, object, Action]] = self._async.create
        return self._loop.run(method, image_id, type=type, region=region, **options)

    def retrieve(self, action_id: int, *, image_id: int, **options: Unpack[RequestOptions]) -> Action:
        """Read one action of an image.

        Args:
            action_id: The action's id.
            image_id: The image's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The image or the action does not exist.
        """
        return self._loop.run(self._async.retrieve, action_id, image_id=image_id, **options)

    def list(
        self, image_id: int, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> ActionListResponse:
        """Read one page of actions of an image, newest first.

        Args:
            image_id: The image's id.
            page: Number of the page, from 1; 1 by default.
            per_page: Actions on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The image does not exist.
        """
        return self._loop.run(self._async.list, image_id, page=page, per_page=per_page, **options)

    @overload
    def wait(
        self,
        action: Action | int,
        *,
        image_id: int | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> Action: ...

    @overload
    def wait(
        self,
        action: Iterable[Action | int],
        *,
        image_id: int | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> tuple[Action, ...]: ...

    def wait(
        self,
        action: Action | int | Iterable[Action | int],
        *,
        image_id: int | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> Action | tuple[Action, ...]:
        """Wait until one action, or each of several, is completed.

        All waits of a client share their polls, on any resource.

        Args:
            action: The action, its id, or an iterable of actions and ids. Three or more are read from the account's
                list, 200 in one request, if the token has the scope ``actions:read``.
            image_id: The image of actions that are given by id. With it they can be read without ``actions:read``.
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
            method, materialized(action), image_id=image_id, timeout=timeout, poll_interval=poll_interval, **options
        )

    @property
    def with_raw_response(self) -> RawImageActions:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.image_actions import RawImageActions

        return RawImageActions(self._async.with_raw_response, self._loop)

    def list_all(self, image_id: int, **options: Unpack[RequestOptions]) -> Iterator[Action]:
        """Iterate over all actions of an image, newest first.

        One request reads 200 items. Each item is yielded once.

        Args:
            image_id: The image's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The image does not exist.
        """
        return self._loop.iterate(self._async.list_all(image_id, **options))
