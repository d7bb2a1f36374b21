"""Images: ``client.gpu_droplets.images``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from gradient_async.endpoints import images
from gradient_async.resources.generated.images import GeneratedImages

if TYPE_CHECKING:
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.responses import ImageListResponse


class Images(GeneratedImages):
    """Images of the API, and of the account: snapshots, backups and custom images."""

    async def list(
        self,
        *,
        type: Literal["application", "distribution"] | None = None,
        private: bool | None = None,
        tag_name: str | None = None,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> ImageListResponse:
        """Read one page of images.

        Args:
            type: ``"distribution"`` or ``"application"`` images only.
            private: ``True``: the account's own images only.
            tag_name: Images with this tag only.
            page: Number of the page, from 1, which is the default.
            per_page: Images on a page, 1 to 200; the API's default is 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        query = {"type": type, "private": private, "tag_name": tag_name, "page": page, "per_page": per_page}
        return await self._send(images.LIST.request(options, query=query))
