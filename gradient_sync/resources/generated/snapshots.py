# Generated from gradient_async/resources/generated/snapshots.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.snapshots``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Literal, Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import RequestOptions
    from gradient_async.models.snapshot import SnapshotListResponse, SnapshotRetrieveResponse
    from gradient_async.resources.generated import snapshots as async_snapshots
    from gradient_sync._event_loop import EventLoop


class RawSnapshotsResource:
    """``SnapshotsResource``, with HTTP answers as results."""

    def __init__(self, source: async_snapshots.RawSnapshotsResource, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def retrieve(
        self, snapshot_id: int | str, **options: Unpack[RequestOptions]
    ) -> RawResponse[SnapshotRetrieveResponse]:
        """``SnapshotsResource.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, snapshot_id, **options)

    def list(
        self,
        *,
        resource_type: Literal["droplet", "volume"] | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[SnapshotListResponse]:
        """``SnapshotsResource.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, resource_type=resource_type, page=page, per_page=per_page, **options)

    def delete(self, snapshot_id: int | str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``SnapshotsResource.delete``, returning the HTTP answer."""
        return self._loop.run(self._async.delete, snapshot_id, **options)
