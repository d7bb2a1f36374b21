# Generated from gradient_async/resources/projects.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.projects``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.endpoints import projects
from gradient_async.http.parameters import MAX_PER_PAGE
from gradient_async.resources.resource import RawResource, Resource

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from typing import Unpack

    from gradient_async.http.endpoint import Request
    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.project import (
        Project,
        ProjectAssignResourcesResponse,
        ProjectCreateResponse,
        ProjectListResourcesResponse,
        ProjectListResponse,
        ProjectResource,
        ProjectRetrieveResponse,
        ProjectUpdateResponse,
    )


class RawProjects(RawResource):
    """``Projects``, with HTTP answers as results."""

    async def create(
        self,
        *,
        name: str,
        purpose: str,
        description: str | None = None,
        environment: str | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ProjectCreateResponse]:
        """``Projects.create``, returning the HTTP answer."""
        body = {"name": name, "purpose": purpose, "description": description, "environment": environment}
        return await self._send(projects.CREATE.request(options, body=body))

    async def retrieve(
        self, project_id: str, **options: Unpack[RequestOptions]
    ) -> RawResponse[ProjectRetrieveResponse]:
        """``Projects.retrieve``, returning the HTTP answer."""
        return await self._send(projects.RETRIEVE.request(options, project_id))

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[ProjectListResponse]:
        """``Projects.list``, returning the HTTP answer."""
        return await self._send(projects.LIST.request(options, query={"page": page, "per_page": per_page}))

    async def update(
        self,
        project_id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        purpose: str | None = None,
        environment: str | None = None,
        is_default: bool | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ProjectUpdateResponse]:
        """``Projects.update``, returning the HTTP answer."""
        body = {
            "name": name,
            "description": description,
            "purpose": purpose,
            "environment": environment,
            "is_default": is_default,
        }
        return await self._send(projects.UPDATE.request(options, project_id, body=body))

    async def delete(self, project_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Projects.delete``, returning the HTTP answer."""
        return await self._send(projects.DELETE.request(options, project_id))

    async def list_resources(
        self,
        project_id: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ProjectListResourcesResponse]:
        """``Projects.list_resources``, returning the HTTP answer."""
        query = {"page": page, "per_page": per_page}
        return await self._send(projects.LIST_RESOURCES.request(options, project_id, query=query))

    async def assign_resources(
        self,
        project_id: str,
        *,
        resources: Sequence[str] | None = None,
        droplet_ids: Sequence[int] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ProjectAssignResourcesResponse]:
        """``Projects.assign_resources``, returning the HTTP answer."""
        body = projects.chosen(resources, droplet_ids)
        return await self._send(projects.ASSIGN_RESOURCES.request(options, project_id, body=body))


class GeneratedProjects(Resource):
    """Generated methods of ``Projects``."""

    @property
    def with_raw_response(self) -> RawProjects:
        """The same methods, with the HTTP answer as their result."""
        return RawProjects(self._send_raw)

    def list_all(self, **options: Unpack[RequestOptions]) -> AsyncIterator[Project]:
        """Iterate over all projects.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """

        def request(page: int) -> Request[ProjectListResponse]:
            per_page = MAX_PER_PAGE
            return projects.LIST.request(options, query={"page": page, "per_page": per_page})

        return self._all(request, lambda answer: answer.projects)

    def list_all_resources(self, project_id: str, **options: Unpack[RequestOptions]) -> AsyncIterator[ProjectResource]:
        """Iterate over all the resources in a project.

        One request reads 200 items. Each item is yielded once.

        Args:
            project_id: The project's UUID, or ``"default"``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The project does not exist.
        """

        def request(page: int) -> Request[ProjectListResourcesResponse]:
            per_page = MAX_PER_PAGE
            query = {"page": page, "per_page": per_page}
            return projects.LIST_RESOURCES.request(options, project_id, query=query)

        return self._all(request, lambda answer: answer.resources)
