"""Images: ``client.gpu_droplets.images``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal, overload

from gradient_async.endpoints import images
from gradient_async.resources.generated.images import GeneratedImages

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.http.sender import Sender
    from gradient_async.models.image_responses import ImageCreateResponse, ImageRetrieveResponse, ImageUpdateResponse
    from gradient_async.models.responses import ImageListResponse
    from gradient_async.resources.image_actions import ImageActions
    from gradient_async.waiting.watcher import Watcher


class Images(GeneratedImages):
    """Images of the API, and of the account: snapshots, backups and custom images."""

    def __init__(self, sender: Sender, watcher: Watcher) -> None:
        super().__init__(sender)
        self._watcher = watcher

    @cached_property
    def actions(self) -> ImageActions:
        """Actions on images: transfer to a region, and conversion of a backup."""
        from gradient_async.resources.image_actions import ImageActions

        return ImageActions(self._sender, self._watcher)

    @overload
    async def create(
        self,
        *,
        name: str,
        url: str,
        region: str,
        description: str | None = None,
        distribution: str | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[KeyedOptions],
    ) -> ImageCreateResponse: ...

    @overload
    async def create(self, **options: Unpack[KeyedOptions]) -> ImageCreateResponse: ...

    async def create(
        self,
        *,
        name: str | None = None,
        url: str | None = None,
        region: str | None = None,
        description: str | None = None,
        distribution: str | None = None,
        tags: Sequence[str] | None = None,
        **options: Unpack[KeyedOptions],
    ) -> ImageCreateResponse:
        """Import a custom image.

        The API downloads it in the background. The image can be used when its ``status`` is ``"available"``. If the
        answer is lost, the list of the account's images is read. An image with this name that was created since is the
        result. If there is none, the request is sent again. A list that shows a new image later than the client's
        ``settle_seconds`` leads to a second image, whose storage is billed; delete it.

        Args:
            name: The image's name.
            url: Where the API downloads it from: a raw, qcow2, vhdx, vdi or vmdk file, which gzip or bzip2 may have
                compressed, of less than 100 GB uncompressed.
            region: Slug of the region that gets it first. The API needs these three. A call without any field is
                sent, as in the retired SDK, for those who give the fields in ``extra_body``.
            description: A description.
            distribution: Its distribution, such as ``"Ubuntu"``. The API takes one that it does not know for
                ``"Unknown"``.
            tags: Its tags. New tags are created.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Raises:
            TypeError: Some fields were given, and one that the API needs is missing. Nothing was sent.
            RequestOutcomeUnknownError: The answer was lost, and the list does not show whether it was executed: see
                ``candidates``.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        body = {
            "name": name,
            "url": url,
            "region": region,
            "description": description,
            "distribution": distribution,
            "tags": tags,
        }
        given = body if any(value is not None for value in body.values()) else None
        return await self._send(images.CREATE.request(options, body=given))

    async def retrieve(self, image_id: int | str, **options: Unpack[RequestOptions]) -> ImageRetrieveResponse:
        """Read one image.

        Args:
            image_id: The image's id, or the slug of a public image.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The image does not exist.
        """
        return await self._send(images.RETRIEVE.request(options, image_id))

    async def update(
        self,
        image_id: int,
        *,
        name: str | None = None,
        description: str | None = None,
        distribution: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> ImageUpdateResponse:
        """Change the name, the description or the distribution of an image of the account.

        Args:
            image_id: The image's id.
            name: Its new name.
            description: Its new description.
            distribution: Its new distribution.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The image does not exist, or is a public one.
        """
        body = {"name": name, "description": description, "distribution": distribution}
        return await self._send(images.UPDATE.request(options, image_id, body=body))

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

    async def delete(self, image_id: int, **options: Unpack[RequestOptions]) -> None:
        """Delete a snapshot, backup or custom image. One that is deleted already is no error.

        Args:
            image_id: The image's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The account never had such an image. After a lost answer, a 404 means that it is deleted;
                nothing is raised.
        """
        return await self._send(images.DELETE.request(options, image_id))
