# Generated from gradient_async/resources/generated/projects.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Generated parts of ``gradient_async.resources.projects``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.http.raw_response import RawResponse
    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.project import (
        ProjectAssignResourcesResponse,
        ProjectCreateResponse,
        ProjectListResourcesResponse,
        ProjectListResponse,
        ProjectRetrieveResponse,
        ProjectUpdateResponse,
    )
    from gradient_async.resources.generated import projects as async_projects
    from gradient_sync._event_loop import EventLoop


class RawProjects:
    """``Projects``, with HTTP answers as results."""

    def __init__(self, source: async_projects.RawProjects, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def create(
        self,
        *,
        name: str,
        purpose: str,
        description: str | None = None,
        environment: str | None = None,
        **options: Unpack[KeyedOptions],
    ) -> RawResponse[ProjectCreateResponse]:
        """``Projects.create``, returning the HTTP answer."""
        return self._loop.run(
            self._async.create, name=name, purpose=purpose, description=description, environment=environment, **options
        )

    def retrieve(self, project_id: str, **options: Unpack[RequestOptions]) -> RawResponse[ProjectRetrieveResponse]:
        """``Projects.retrieve``, returning the HTTP answer."""
        return self._loop.run(self._async.retrieve, project_id, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> RawResponse[ProjectListResponse]:
        """``Projects.list``, returning the HTTP answer."""
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def update(
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
        return self._loop.run(
            self._async.update,
            project_id,
            name=name,
            description=description,
            purpose=purpose,
            environment=environment,
            is_default=is_default,
            **options,
        )

    def delete(self, project_id: str, **options: Unpack[RequestOptions]) -> RawResponse[None]:
        """``Projects.delete``, returning the HTTP answer."""
        return self._loop.run(self._async.delete, project_id, **options)

    def list_resources(
        self,
        project_id: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ProjectListResourcesResponse]:
        """``Projects.list_resources``, returning the HTTP answer."""
        return self._loop.run(self._async.list_resources, project_id, page=page, per_page=per_page, **options)

    def assign_resources(
        self,
        project_id: str,
        *,
        resources: Sequence[str] | None = None,
        droplet_ids: Sequence[int] | None = None,
        **options: Unpack[RequestOptions],
    ) -> RawResponse[ProjectAssignResourcesResponse]:
        """``Projects.assign_resources``, returning the HTTP answer."""
        return self._loop.run(
            self._async.assign_resources, project_id, resources=resources, droplet_ids=droplet_ids, **options
        )
