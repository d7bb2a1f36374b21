"""Tags: ``client.tags``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import tags
from gradient_async.resources.generated.tags import GeneratedTags

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.request import RequestOptions
    from gradient_async.models.tag import (
        TagCreateResponse,
        TagListResponse,
        TagResource,
        TagResourceParam,
        TagRetrieveResponse,
    )


class Tags(GeneratedTags):
    """Tags, and the resources that have them."""

    async def create(self, *, name: str, **options: Unpack[RequestOptions]) -> TagCreateResponse:
        """Create a tag. A Droplet or a volume that is created with a new tag creates it too.

        If the answer is lost, the request is sent again: there are no two tags of one name.

        Args:
            name: The tag: letters, digits, ``_``, ``-`` and ``:``, at most 255 characters. Upper and lower case count
                in every later request, but two tags cannot differ in that alone.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(tags.CREATE.request(options, body={"name": name}))

    async def retrieve(self, tag_id: str, **options: Unpack[RequestOptions]) -> TagRetrieveResponse:
        """Read one tag, with the number of resources that have it.

        Args:
            tag_id: The tag, in its own upper and lower case.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The tag does not exist.
        """
        return await self._send(tags.RETRIEVE.request(options, tag_id))

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> TagListResponse:
        """Read one page of tags.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Tags on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(tags.LIST.request(options, query={"page": page, "per_page": per_page}))

    async def delete(self, tag_id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a tag. The resources that have it stay, and lose it.

        Args:
            tag_id: The tag, in its own upper and lower case.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The tag does not exist. After a lost answer, a 404 means that it is deleted; nothing is
                raised.
        """
        return await self._send(tags.DELETE.request(options, tag_id))

    async def assign_resources(
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
        return await self._send(
            tags.ASSIGN_RESOURCES.request(options, tag_id, body=tags.chosen(resources, droplet_ids))
        )

    async def unassign_resources(
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
        return await self._send(
            tags.UNASSIGN_RESOURCES.request(options, tag_id, body=tags.chosen(resources, droplet_ids))
        )
