# Generated from gradient_async/resources/projects.py. Do not edit; run:
# python gradient_sync/_generate.py
"""Projects: ``client.projects``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Unpack

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
    from gradient_async.resources import projects as async_projects
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.projects import RawProjects


class Projects:
    """Projects: named groups of resources. Where a method takes an id, ``"default"`` is the default project."""

    def __init__(self, source: async_projects.Projects, loop: EventLoop) -> None:
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
    ) -> ProjectCreateResponse:
        """Create a project.

        If the answer is lost, the account's list is read. A project with this name that was created since is the
        result. If there is none, the request is sent again.

        Args:
            name: Its name, unique in the account; 1 to 175 characters.
            purpose: Its purpose, such as ``"Machine learning / AI / Data processing"``; 1 to 255 characters. The API
                stores one that it does not know as ``"Other: …"``.
            description: Its description; up to 255 characters.
            environment: ``"Development"``, ``"Staging"`` or ``"Production"``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Raises:
            CreateOutcomeUnknownError: The answer was lost, and the list does not show whether it was executed: see
                ``candidates``.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        return self._loop.run(
            self._async.create, name=name, purpose=purpose, description=description, environment=environment, **options
        )

    def retrieve(self, project_id: str, **options: Unpack[RequestOptions]) -> ProjectRetrieveResponse:
        """Read one project.

        Args:
            project_id: The project's UUID, or ``"default"``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The project does not exist.
        """
        return self._loop.run(self._async.retrieve, project_id, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> ProjectListResponse:
        """Read one page of projects.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Projects on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
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
    ) -> ProjectUpdateResponse:
        """Change a project. What is not given stays. After a lost answer, the request is sent again.

        Args:
            project_id: The project's UUID, or ``"default"``.
            name: Its name; 1 to 175 characters.
            description: Its description; up to 255 characters.
            purpose: Its purpose; 1 to 255 characters.
            environment: ``"Development"``, ``"Staging"`` or ``"Production"``.
            is_default: ``True`` makes it the default project.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The project does not exist.
            ValueError: Nothing is given to change.
        """
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

    def delete(self, project_id: str, **options: Unpack[RequestOptions]) -> None:
        """Delete a project. It must be empty: assign its resources to another one first.

        Args:
            project_id: The project's UUID.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The project does not exist. After a lost answer, a 404 means that it is deleted; nothing is
                raised.
            APIStatusError: 412: the project has resources, or is the default project.
        """
        return self._loop.run(self._async.delete, project_id, **options)

    def list_resources(
        self,
        project_id: str,
        *,
        page: int | None = None,
        per_page: int | None = None,
        **options: Unpack[RequestOptions],
    ) -> ProjectListResourcesResponse:
        """Read one page of the resources in a project.

        Args:
            project_id: The project's UUID, or ``"default"``.
            page: Number of the page, from 1; 1 by default.
            per_page: Resources on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The project does not exist.
        """
        return self._loop.run(self._async.list_resources, project_id, page=page, per_page=per_page, **options)

    def assign_resources(
        self,
        project_id: str,
        *,
        resources: Sequence[str] | None = None,
        droplet_ids: Sequence[int] | None = None,
        **options: Unpack[RequestOptions],
    ) -> ProjectAssignResourcesResponse:
        """Put resources into a project. They leave the project that they are in.

        The answer has a ``status`` for each resource: look at it, since the request can fail for some of them only.
        After a lost answer, the request is sent again. The token also needs the scope to read each resource, such as
        ``droplet:read``.

        Args:
            project_id: The project's UUID, or ``"default"``.
            resources: URNs, such as ``"do:droplet:3164444"`` or ``"do:volume:506f78a4-…"``.
            droplet_ids: Ids of Droplets.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The project does not exist.
            TypeError: Neither ``resources`` nor ``droplet_ids`` is given, or one of them has the wrong type.
        """
        return self._loop.run(
            self._async.assign_resources, project_id, resources=resources, droplet_ids=droplet_ids, **options
        )

    @property
    def with_raw_response(self) -> RawProjects:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.projects import RawProjects

        return RawProjects(self._async.with_raw_response, self._loop)

    def list_all(self, **options: Unpack[RequestOptions]) -> Iterator[Project]:
        """Iterate over all projects.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(**options))

    def list_all_resources(self, project_id: str, **options: Unpack[RequestOptions]) -> Iterator[ProjectResource]:
        """Iterate over all the resources in a project.

        One request reads 200 items. Each item is yielded once.

        Args:
            project_id: The project's UUID, or ``"default"``.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The project does not exist.
        """
        return self._loop.iterate(self._async.list_all_resources(project_id, **options))
