# Generated from gradient_async/resources/tags.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Tags: ``client.tags``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.tag import (
        Tag,
        TagCreateResponse,
        TagListResponse,
        TagResource,
        TagResourceParam,
        TagRetrieveResponse,
    )
    from gradient_async.resources import tags as async_tags
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.tags import RawTags


class Tags:
    """Tags, and the resources that have them."""

    def __init__(self, source: async_tags.Tags, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def create(self, *, name: str, **options: Unpack[RequestOptions]) -> TagCreateResponse:
        """Create a tag. A Droplet or a volume that is created with a new tag creates it too.

        If the answer is lost, the request is sent again: there are no two tags of one name.

        Args:
            name: The tag: letters, digits, ``_``, ``-`` and ``:``, at most 255 characters. Upper and lower case count
                in every later request, but two tags cannot differ in that alone.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.create, name=name, **options)

    def retrieve(self, tag_id: str, **options: Unpack[RequestOptions]) -> TagRetrieveResponse:
        """Read one tag, with the number of resources that have it.

        Args:
            tag_id: The tag, in its own upper and lower case.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The tag does not exist.
        """
        return self._loop.run(self._async.retrieve, tag_id, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> TagListResponse:
        """Read one page of tags.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Tags on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def delete(self, tag_id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a tag. The resources that have it stay, and lose it.

        Args:
            tag_id: The tag, in its own upper and lower case.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The tag does not exist. After a lost answer, a 404 means that it is deleted; nothing is
                raised.
        """
        return self._loop.run(self._async.delete, tag_id, **options)

    def assign_resources(
        self,
        tag_id: str,
        *,
        resources: Sequence[TagResource | TagResourceParam] | None = None,
        droplet_ids: Sequence[int] | None = None,
        **options: Unpack[RequestOptions],
    ) -> None:
        """Tag resources. A resource that has the tag already keeps it. After a lost answer, the request is sent again.

        The token also needs the scope to update each resource, such as ``droplet:update``.

        Args:
            tag_id: The tag, in its own upper and lower case. It must exist.
            resources: Resources of any kind: ``TagResource`` objects, or dicts of the same shape.
            droplet_ids: Ids of Droplets.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The tag or a resource does not exist.
            TypeError: Neither ``resources`` nor ``droplet_ids`` is given, or one of them has the wrong type.
        """
        return self._loop.run(
            self._async.assign_resources, tag_id, resources=resources, droplet_ids=droplet_ids, **options
        )

    def unassign_resources(
        self,
        tag_id: str,
        *,
        resources: Sequence[TagResource | TagResourceParam] | None = None,
        droplet_ids: Sequence[int] | None = None,
        **options: Unpack[RequestOptions],
    ) -> None:
        """Untag resources. After a lost answer, the request is sent again.

        The token also needs the scope to update each resource, such as ``droplet:update``.

        Args:
            tag_id: The tag, in its own upper and lower case.
            resources: Resources of any kind: ``TagResource`` objects, or dicts of the same shape.
            droplet_ids: Ids of Droplets.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The tag or a resource does not exist.
            TypeError: Neither ``resources`` nor ``droplet_ids`` is given, or one of them has the wrong type.
        """
        return self._loop.run(
            self._async.unassign_resources, tag_id, resources=resources, droplet_ids=droplet_ids, **options
        )

    @property
    def with_raw_response(self) -> RawTags:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.tags import RawTags

        return RawTags(self._async.with_raw_response, self._loop)

    def list_all(self, **options: Unpack[RequestOptions]) -> Iterator[Tag]:
        """Iterate over all tags.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(**options))
