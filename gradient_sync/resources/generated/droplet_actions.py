# Generated from gradient_async/resources/generated/droplet_actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.droplet_actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Literal, Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.action_requests import ActionRequest, BulkActionRequest
    from gradient_async.models.action_types import BulkActionType, PlainActionType, PlainBulkActionType
    from gradient_async.models.backup_policy import BackupPolicy, BackupPolicyParam
    from gradient_async.models.responses import (
        ActionBulkInitiateResponse,
        ActionInitiateResponse,
        ActionListResponse,
        ActionRetrieveResponse,
    )
    from gradient_async.resources.generated import droplet_actions as async_droplet_actions
    from gradient_sync._event_loop import EventLoop


class RawDropletActions:
    """``DropletActions``, with HTTP answers as results."""

    def __init__(self, source: async_droplet_actions.RawDropletActions, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @overload
    def initiate(
        self, droplet_id: int, type: ActionRequest, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    def initiate(
        self, droplet_id: int, *, action: ActionRequest, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    def initiate(
        self, droplet_id: int, type: PlainActionType, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    def initiate(
        self,
        droplet_id: int,
        type: Literal["enable_backups"],
        *,
        backup_policy: BackupPolicy | BackupPolicyParam | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    def initiate(
        self,
        droplet_id: int,
        type: Literal["change_backup_policy"],
        *,
        backup_policy: BackupPolicy | BackupPolicyParam,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    def initiate(
        self, droplet_id: int, type: Literal["restore"], *, image: int, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    def initiate(
        self, droplet_id: int, type: Literal["rebuild"], *, image: int | str, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    def initiate(
        self,
        droplet_id: int,
        type: Literal["resize"],
        *,
        size: str,
        disk: bool = False,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    def initiate(
        self, droplet_id: int, type: Literal["change_kernel"], *, kernel: int, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    def initiate(
        self, droplet_id: int, type: Literal["rename", "snapshot"], *, name: str, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

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
    ) -> RawResponse[ActionInitiateResponse]:
        """``DropletActions.initiate``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[ActionInitiateResponse]]] = self._async.initiate
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
    ) -> RawResponse[ActionBulkInitiateResponse]: ...

    @overload
    def bulk_initiate(
        self, tag_name: str, *, action: BulkActionRequest, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionBulkInitiateResponse]: ...

    @overload
    def bulk_initiate(
        self, tag_name: str, type: Literal["snapshot"], *, name: str, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionBulkInitiateResponse]: ...

    @overload
    def bulk_initiate(
        self, tag_name: str, type: PlainBulkActionType, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionBulkInitiateResponse]: ...

    def bulk_initiate(
        self,
        tag_name: str,
        type: BulkActionType | BulkActionRequest | None = None,
        *,
        name: str | None = None,
        action: BulkActionRequest | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionBulkInitiateResponse]:
        """``DropletActions.bulk_initiate``, returning the HTTP answer."""
        method: Callable[..., Coroutine[object, object, RawResponse[ActionBulkInitiateResponse]]] = (
            self._async.bulk_initiate
        )
        return self._loop.run(method, tag_name, type, name=name, action=action, **options)

    def retrieve(
        self, action_id: int, *, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[ActionRetrieveResponse]:
        """``DropletActions.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, action_id, droplet_id=droplet_id, **options)

    def list(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ActionListResponse]:
        """``DropletActions.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, droplet_id, page=page, per_page=per_page, **options)
