# Generated from gradient_async/resources/snapshots.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.snapshots``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import snapshots
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Literal, Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.snapshot import SnapshotListResponse, SnapshotRetrieveResponse, Snapshots


class RawSnapshotsResource(RawResource):
    """``SnapshotsResource``, with HTTP answers as results."""

    async def retrieve(
        self, snapshot_id: int | str, **options: Unpack[RequestOptions]
    ) -> RawResponse[SnapshotRetrieveResponse]:
        """``SnapshotsResource.retrieve``, returning the HTTP answer."""
        return await self._send(snapshots.RETRIEVE.request(options, snapshot_id))

    async def list(
        self,
        *,
        resource_type: Literal["droplet", "volume"] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[SnapshotListResponse]:
        """``SnapshotsResource.list``, returning the HTTP answer."""
        query = {"resource_type": resource_type, "page": page, "per_page": per_page}
        return await self._send(snapshots.LIST.request(options, query=query))

    async def delete(self, snapshot_id: int | str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``SnapshotsResource.delete``, returning the HTTP answer."""
        return await self._send(snapshots.DELETE.request(options, snapshot_id))


class GeneratedSnapshotsResource(Resource):
    """Generated methods of ``SnapshotsResource``."""

    @property
    def with_raw_response(self) -> RawSnapshotsResource:
        """The same methods, with the HTTP answer as their result."""
        return RawSnapshotsResource(self._send_raw)

    def list_all(
        self, *, resource_type: Literal["droplet", "volume"] | None = None, **options: Unpack[RequestOptions]
    ) -> AsyncIterator[Snapshots]:
        """Iterate over all snapshots.

        One request reads 200 items. Each item is yielded once.

        Args:
            resource_type: Only snapshots of Droplets, or only those of volumes. By default both.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[SnapshotListResponse]:
            per_page = MAX_PER_PAGE
            query = {"resource_type": resource_type, "page": page, "per_page": per_page}
            return snapshots.LIST.request(options, query=query)

        return self._all(request, lambda answer: answer.snapshots)
