# Generated from gradient_async/resources/droplet_actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Actions on Droplets: ``client.gpu_droplets.actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_sync._event_loop import materialized

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Iterator
    from typing import Literal, Unpack

    from gradient_async.http.request import KeyedOptions, ReadOptions, RequestOptions
    from gradient_async.models.action import Action
    from gradient_async.models.action_requests import ActionRequest, BulkActionRequest
    from gradient_async.models.action_types import BulkActionType, PlainActionType, PlainBulkActionType
    from gradient_async.models.backup_policy import BackupPolicy, BackupPolicyParam
    from gradient_async.models.graceful_power_off import GracefulPowerOff
    from gradient_async.models.responses import (
        ActionBulkInitiateResponse,
        ActionInitiateResponse,
        ActionListResponse,
        ActionRetrieveResponse,
    )
    from gradient_async.resources import droplet_actions as async_droplet_actions
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.droplet_actions import RawDropletActions


class DropletActions:
    """Actions on Droplets."""

    def __init__(self, source: async_droplet_actions.DropletActions, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def initiate(
        self, droplet_id: int, type: ActionRequest, **options: Unpack[KeyedOptions]
    ) -> ActionInitiateResponse: ...

    @overload
    def initiate(
        self, droplet_id: int, *, action: ActionRequest, **options: Unpack[KeyedOptions]
    ) -> ActionInitiateResponse: ...

    @overload
    def initiate(
        self, droplet_id: int, type: PlainActionType, **options: Unpack[KeyedOptions]
    ) -> ActionInitiateResponse: ...

    @overload
    def initiate(
        self,
        droplet_id: int,
        type: Literal["enable_backups"],
        *,
        backup_policy: BackupPolicy | BackupPolicyParam | None = None,
        **options: Unpack[KeyedOptions],
    ) -> ActionInitiateResponse: ...

    @overload
    def initiate(
        self,
        droplet_id: int,
        type: Literal["change_backup_policy"],
        *,
        backup_policy: BackupPolicy | BackupPolicyParam,
        **options: Unpack[KeyedOptions],
    ) -> ActionInitiateResponse: ...

    @overload
    def initiate(
        self, droplet_id: int, type: Literal["restore"], *, image: int, **options: Unpack[KeyedOptions]
    ) -> ActionInitiateResponse: ...

    @overload
    def initiate(
        self, droplet_id: int, type: Literal["rebuild"], *, image: int | str, **options: Unpack[KeyedOptions]
    ) -> ActionInitiateResponse: ...

    @overload
    def initiate(
        self,
        droplet_id: int,
        type: Literal["resize"],
        *,
        size: str,
        disk: bool = False,
        **options: Unpack[KeyedOptions],
    ) -> ActionInitiateResponse: ...

    @overload
    def initiate(
        self, droplet_id: int, type: Literal["change_kernel"], *, kernel: int, **options: Unpack[KeyedOptions]
    ) -> ActionInitiateResponse: ...

    @overload
    def initiate(
        self, droplet_id: int, type: Literal["rename", "snapshot"], *, name: str, **options: Unpack[KeyedOptions]
    ) -> ActionInitiateResponse: ...

    def initiate(
        self,
        droplet_id: int,
        type: ActionRequest | str | None = None,
        *,
        action: ActionRequest | None = None,
        backup_policy: BackupPolicy | BackupPolicyParam | None = None,
        disk: bool | None = None,
        image: int | str | None = None,
        kernel: int | None = None,
        name: str | None = None,
        size: str | None = None,
        **options: Unpack[KeyedOptions],
    ) -> ActionInitiateResponse:
        """Start an action on one Droplet, once.

        The request is not sent twice without a look-up. If its answer is lost (reset, time-out, 5xx, cut off, about
        another action), the SDK reads the Droplet's list of actions. The action of this type that began in the second
        of the sending or later is the result. If there certainly is none, the request is sent again. If an action may
        have begun before the sending, ``ActionOutcomeUnknownError`` is raised.

        Args:
            droplet_id: The Droplet's id.
            type: The action's type, one of 16, with its parameters below; or the whole action as a request, such as
                ``Reboot()`` or ``Resize(size="gpu-h100x8-640gb")``.
            action: The action as a request, in place of ``type``.
            backup_policy: For ``"change_backup_policy"``; optional for ``"enable_backups"``.
            disk: For ``"resize"``: whether the disk grows too, which cannot be undone. ``False`` by default.
            image: For ``"restore"``, the id of a backup; for ``"rebuild"``, an id or slug.
            kernel: For ``"change_kernel"``, the id.
            name: For ``"rename"`` and ``"snapshot"``.
            size: For ``"resize"``, the slug.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Returns:
            The action, in ``.action``. It has just begun; see ``wait``.

        Raises:
            TypeError: A parameter is missing, not allowed or has the wrong type. Nothing was sent.
            ValueError: The type is unknown, or a value is out of range. Nothing was sent.
            PendingEventError: Another event runs on the Droplet.
            WrongPowerStateError: The Droplet is on and has to be off, or the other way round.
            ActionOutcomeUnknownError: The answer was lost, and the list of actions did not resolve the request.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        method: Callable[..., Coroutine[object, object, ActionInitiateResponse]] = self._async.initiate
        return self._loop.run(
            method,
            droplet_id,
            type,
            action=action,
            backup_policy=backup_policy,
            disk=disk,
            image=image,
            kernel=kernel,
            name=name,
            size=size,
            **options,
        )

    @overload
    def bulk_initiate(
        self, tag_name: str, type: BulkActionRequest, **options: Unpack[KeyedOptions]
    ) -> ActionBulkInitiateResponse: ...

    @overload
    def bulk_initiate(
        self, tag_name: str, *, action: BulkActionRequest, **options: Unpack[KeyedOptions]
    ) -> ActionBulkInitiateResponse: ...

    @overload
    def bulk_initiate(
        self, tag_name: str, type: Literal["snapshot"], *, name: str, **options: Unpack[KeyedOptions]
    ) -> ActionBulkInitiateResponse: ...

    @overload
    def bulk_initiate(
        self, tag_name: str, type: PlainBulkActionType, **options: Unpack[KeyedOptions]
    ) -> ActionBulkInitiateResponse: ...

    def bulk_initiate(
        self,
        tag_name: str,
        type: BulkActionType | BulkActionRequest | None = None,
        *,
        name: str | None = None,
        action: BulkActionRequest | None = None,
        **options: Unpack[KeyedOptions],
    ) -> ActionBulkInitiateResponse:
        """Start an action on all Droplets with a tag, in one request.

        The API allows eight types by tag; ``"reboot"`` is not one of them. If the answer is lost, the request cannot be
        looked up, and it is not sent again.

        Args:
            tag_name: The tag. Upper and lower case differ.
            type: The action's type, one of the eight; or the whole action as a request, such as ``PowerCycle()``.
            name: Name of the snapshots, for ``"snapshot"``.
            action: The action as a request, in place of ``type`` and ``name``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Returns:
            The actions, in ``.actions``, one for each Droplet.

        Raises:
            TypeError: A parameter is missing, not allowed or has the wrong type. Nothing was sent.
            ValueError: The API does not allow the type by tag, or a value is out of range. Nothing was sent.
            ActionOutcomeUnknownError: The answer was lost.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        method: Callable[..., Coroutine[object, object, ActionBulkInitiateResponse]] = self._async.bulk_initiate
        return self._loop.run(method, tag_name, type, name=name, action=action, **options)

    def retrieve(self, action_id: int, *, droplet_id: int, **options: Unpack[RequestOptions]) -> ActionRetrieveResponse:
        """Read one action of a Droplet.

        Args:
            action_id: The action's id.
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist, or does not have this action.
        """
        return self._loop.run(self._async.retrieve, action_id, droplet_id=droplet_id, **options)

    def list(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> ActionListResponse:
        """Read one page of actions of a Droplet, newest first; those that the platform started are included.

        Args:
            droplet_id: The Droplet's id.
            page: Number of the page, from 1; 1 by default.
            per_page: Actions on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        return self._loop.run(self._async.list, droplet_id, page=page, per_page=per_page, **options)

    @overload
    def wait(
        self,
        action: Action | int,
        *,
        droplet_id: int | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> Action: ...

    @overload
    def wait(
        self,
        action: Iterable[Action | int],
        *,
        droplet_id: int | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> tuple[Action, ...]: ...

    def wait(
        self,
        action: Action | int | Iterable[Action | int],
        *,
        droplet_id: int | None = None,
        timeout: float = 600.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> Action | tuple[Action, ...]:
        """Wait until one action, or each of several, is completed.

        Only ``status`` decides. A status that this SDK does not know counts as unfinished. A completed action does not
        mean that the Droplet has the state that the action promises: a guest can ignore ``shutdown``, and the Droplet's
        status can lag by some seconds.

        Args:
            action: The action, its id, or an iterable of actions and ids. Three or more are read from the account's
                list, 200 in one request, if the token has the scope ``actions:read``.
            droplet_id: The Droplet of actions that are given by id. With it they can be read without ``actions:read``.
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
            method, materialized(action), droplet_id=droplet_id, timeout=timeout, poll_interval=poll_interval, **options
        )

    def power_off_gracefully(
        self,
        droplet_id: int,
        *,
        timeout: float = 120.0,
        force_timeout: float = 60.0,
        poll_interval: float = 1.0,
        **options: Unpack[ReadOptions],
    ) -> GracefulPowerOff:
        """Shut a Droplet down. If it does not power off by itself, cut its power.

        The API's documentation recommends these two steps: first ``shutdown``, which a guest can ignore although the
        action completes; then ``power_off``, which cuts the power. A GPU Droplet that is off is still billed.

        Args:
            droplet_id: The Droplet's id.
            timeout: Seconds for the guest to shut down before its power is cut.
            force_timeout: Seconds for cutting the power. The call ends within the sum of both times, plus the time for
                a look-up of an action whose answer was lost.
            poll_interval: Seconds until the first poll of the Droplet. Later intervals are longer.
            **options: ``extra_headers``, ``extra_query``.

        Returns:
            The Droplet, which is off. ``.powered_off_by`` names the action that powered it off.

        Raises:
            ActionTimeoutError: The Droplet was on at the end of both times.
            ActionFailedError: ``power_off`` ended as ``errored``.
            ActionOutcomeUnknownError: One of the two actions may or may not have been executed. If it is ``shutdown``,
                the power is not cut.
        """
        return self._loop.run(
            self._async.power_off_gracefully,
            droplet_id,
            timeout=timeout,
            force_timeout=force_timeout,
            poll_interval=poll_interval,
            **options,
        )

    @property
    def with_raw_response(self) -> RawDropletActions:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.droplet_actions import RawDropletActions

        return RawDropletActions(self._async.with_raw_response, self._loop)

    def list_all(self, droplet_id: int, **options: Unpack[RequestOptions]) -> Iterator[Action]:
        """Iterate over all actions of a Droplet, newest first.

        One request reads 200 items. Each item is yielded once.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """
        return self._loop.iterate(self._async.list_all(droplet_id, **options))
