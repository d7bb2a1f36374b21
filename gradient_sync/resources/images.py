# Generated from gradient_async/resources/images.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Images: ``client.gpu_droplets.images``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence
    from typing import Literal, Unpack

    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.image import Image
    from gradient_async.models.image_responses import ImageCreateResponse, ImageRetrieveResponse, ImageUpdateResponse
    from gradient_async.models.responses import ImageListResponse
    from gradient_async.resources import images as async_images
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.images import RawImages
    from gradient_sync.resources.image_actions import ImageActions


class Images:
    """Images of the API, and of the account: snapshots, backups and custom images."""

    def __init__(self, source: async_images.Images, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @cached_property
    def actions(self) -> ImageActions:
        """Actions on images: transfer to a region, and conversion of a backup."""
        from gradient_sync.resources.image_actions import ImageActions

        return ImageActions(self._async.actions, self._loop)

    @overload
    def create(
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
    def create(self, **options: Unpack[KeyedOptions]) -> ImageCreateResponse: ...

    def create(
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
        method: Callable[..., Coroutine[object, object, ImageCreateResponse]] = self._async.create
        return self._loop.run(
            method,
            name=name,
            url=url,
            region=region,
            description=description,
            distribution=distribution,
            tags=tags,
            **options,
        )

    def retrieve(self, image_id: int | str, **options: Unpack[RequestOptions]) -> ImageRetrieveResponse:
        """Read one image.

        Args:
            image_id: The image's id, or the slug of a public image.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The image does not exist.
        """
        return self._loop.run(self._async.retrieve, image_id, **options)

    def update(
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
        return self._loop.run(
            self._async.update, image_id, name=name, description=description, distribution=distribution, **options
        )

    def list(
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
        return self._loop.run(
            self._async.list, type=type, private=private, tag_name=tag_name, page=page, per_page=per_page, **options
        )

    def delete(self, image_id: int, **options: Unpack[RequestOptions]) -> None:
        """Delete a snapshot, backup or custom image. One that is deleted already is no error.

        Args:
            image_id: The image's id.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The account never had such an image. After a lost answer, a 404 means that it is deleted;
                nothing is raised.
        """
        return self._loop.run(self._async.delete, image_id, **options)

    @property
    def with_raw_response(self) -> RawImages:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.images import RawImages

        return RawImages(self._async.with_raw_response, self._loop)

    def list_all(
        self,
        *,
        type: Literal["application", "distribution"] | None = None,
        private: bool | None = None,
        tag_name: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Iterator[Image]:
        """Iterate over all images.

        One request reads 200 items. Each item is yielded once.

        Args:
            type: ``"distribution"`` or ``"application"`` images only.
            private: ``True``: the account's own images only.
            tag_name: Images with this tag only.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(type=type, private=private, tag_name=tag_name, **options))
