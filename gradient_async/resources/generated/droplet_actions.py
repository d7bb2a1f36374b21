# Generated from gradient_async/resources/droplet_actions.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.droplet_actions``."""

from __future__ import annotations

from typing import TYPE_CHECKING, overload

from gradient_async.arguments import checked_id
from gradient_async.endpoints import droplet_actions
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.models.action_types import action_request, bulk_action_request
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Literal, Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.action import Action
    from gradient_async.models.action_requests import ActionRequest, BulkActionRequest
    from gradient_async.models.action_types import BulkActionType, PlainActionType, PlainBulkActionType
    from gradient_async.models.backup_policy import BackupPolicy, BackupPolicyParam
    from gradient_async.models.responses import (
        ActionBulkInitiateResponse,
        ActionInitiateResponse,
        ActionListResponse,
        ActionRetrieveResponse,
    )


class RawDropletActions(RawResource):
    """``DropletActions``, with HTTP answers as results."""

    @overload
    async def initiate(
        self, droplet_id: int, type: ActionRequest, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    async def initiate(
        self, droplet_id: int, *, action: ActionRequest, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    async def initiate(
        self, droplet_id: int, type: PlainActionType, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    async def initiate(
        self,
        droplet_id: int,
        type: Literal["enable_backups"],
        *,
        backup_policy: BackupPolicy | BackupPolicyParam | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    async def initiate(
        self,
        droplet_id: int,
        type: Literal["change_backup_policy"],
        *,
        backup_policy: BackupPolicy | BackupPolicyParam,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    async def initiate(
        self, droplet_id: int, type: Literal["restore"], *, image: int, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    async def initiate(
        self, droplet_id: int, type: Literal["rebuild"], *, image: int | str, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    async def initiate(
        self,
        droplet_id: int,
        type: Literal["resize"],
        *,
        size: str,
        disk: bool = False,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    async def initiate(
        self, droplet_id: int, type: Literal["change_kernel"], *, kernel: int, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

    @overload
    async def initiate(
        self, droplet_id: int, type: Literal["rename", "snapshot"], *, name: str, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionInitiateResponse]: ...

    async def initiate(
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
        given = {
            "backup_policy": backup_policy,
            "disk": disk,
            "image": image,
            "kernel": kernel,
            "name": name,
            "size": size,
        }
        droplet_id = checked_id("droplet_id", droplet_id)
        return await self._send(droplet_actions.initiate(droplet_id, action_request(action, type, given), options))

    @overload
    async def bulk_initiate(
        self, tag_name: str, type: BulkActionRequest, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionBulkInitiateResponse]: ...

    @overload
    async def bulk_initiate(
        self, tag_name: str, *, action: BulkActionRequest, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionBulkInitiateResponse]: ...

    @overload
    async def bulk_initiate(
        self, tag_name: str, type: Literal["snapshot"], *, name: str, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionBulkInitiateResponse]: ...

    @overload
    async def bulk_initiate(
        self, tag_name: str, type: PlainBulkActionType, **options: Unpack[KeyedOptions]
    ) -> RawResponse[ActionBulkInitiateResponse]: ...

    async def bulk_initiate(
        self,
        tag_name: str,
        type: BulkActionType | BulkActionRequest | None = None,
        *,
        name: str | None = None,
        action: BulkActionRequest | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ActionBulkInitiateResponse]:
        """``DropletActions.bulk_initiate``, returning the HTTP answer."""
        wanted = bulk_action_request(action, type, {"name": name})
        return await self._send(droplet_actions.bulk_initiate(tag_name, wanted, options))

    async def retrieve(
        self, action_id: int, *, droplet_id: int, **options: Unpack[RequestOptions]
    ) -> RawResponse[ActionRetrieveResponse]:
        """``DropletActions.retrieve``, returning the HTTP answer."""
        return await self._send(droplet_actions.RETRIEVE.request(options, droplet_id, action_id))

    async def list(
        self,
        droplet_id: int,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ActionListResponse]:
        """``DropletActions.list``, returning the HTTP answer."""
        pages = {"page": page, "per_page": per_page}
        return await self._send(droplet_actions.LIST.request(options, droplet_id, query=pages))


class GeneratedDropletActions(Resource):
    """Generated methods of ``DropletActions``."""

    @property
    def with_raw_response(self) -> RawDropletActions:
        """The same methods, with the HTTP answer as their result."""
        return RawDropletActions(self._send_raw)

    def list_all(self, droplet_id: int, **options: Unpack[RequestOptions]) -> AsyncIterator[Action]:
        """Iterate over all actions of a Droplet, newest first.

        One request reads 200 items. Each item is yielded once.

        Args:
            droplet_id: The Droplet's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The Droplet does not exist.
        """

        def request(page: int) -> Request[ActionListResponse]:
            per_page = MAX_PER_PAGE
            pages = {"page": page, "per_page": per_page}
            return droplet_actions.LIST.request(options, droplet_id, query=pages)

        return self._all(request, lambda answer: answer.actions)
