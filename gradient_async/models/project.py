"""A project: a named group of resources."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from attrs import field, frozen

from gradient_async.models.model import ListModel, Model
from gradient_async.models.own_fields import NOT_FROM_THE_API
from gradient_async.models.page import Links, Meta


@frozen(kw_only=True)
class Project(Model):
    """A project. Every resource is in exactly one; by default in the default project.

    Attributes:
        id: Its UUID.
        name: Its name, unique in the account.
        description: Its description.
        purpose: Its purpose, such as ``"Machine learning / AI / Data processing"``.
        environment: ``"Development"``, ``"Staging"`` or ``"Production"``; ``None`` if not set.
        is_default: Whether new resources go there by default.
        owner_uuid: UUID of its owner.
        owner_id: Id of its owner.
        created_at: When it was created, UTC.
        updated_at: When it was last changed, UTC.
    """

    id: str
    name: str | None = None
    description: str | None = None
    purpose: str | None = None
    environment: str | None = None
    is_default: bool | None = None
    owner_uuid: str | None = None
    owner_id: int | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None

    def __repr__(self) -> str:
        """Return the project in one line, without its texts and its owner."""
        return f"Project(id={self.id!r}, name={self.name!r:.80}, is_default={self.is_default})"


@frozen(kw_only=True)
class ProjectResource(Model):
    """A resource in a project.

    Attributes:
        urn: Its URN, such as ``"do:droplet:3164444"``.
        assigned_at: When it was assigned, UTC.
        status: ``"ok"``, ``"assigned"``, ``"already_assigned"``, ``"not_found"``, ``"service_down"``, or another word.
        links: Its URL, under ``"self"``.
    """

    urn: str
    assigned_at: datetime | None = None
    status: str | None = None
    links: Mapping[str, str] = field(factory=dict, hash=False)  # a dict has no hash

    @property
    def kind(self) -> str:
        """The kind of the resource, such as ``"droplet"``."""
        return self.urn.split(":")[1] if self.urn.count(":") > 1 else ""

    @property
    def id(self) -> str:
        """The id of the resource, such as ``"3164444"``."""
        return self.urn.split(":", 2)[-1]


@frozen(kw_only=True)
class ProjectCreateResponse(Model):
    """The project that was created.

    Attributes:
        project: The project.
        is_adopted: ``True`` if the answer was lost and the project was found in the account's list. This field is not
            from the API.
        is_replayed: ``True`` if an earlier call with the same key created it. This field is not from the API.
    """

    project: Project
    is_adopted: bool = field(default=False, metadata={NOT_FROM_THE_API: True})
    is_replayed: bool = field(default=False, metadata={NOT_FROM_THE_API: True})


@frozen(kw_only=True)
class ProjectRetrieveResponse(Model):
    """One project."""

    project: Project


@frozen(kw_only=True)
class ProjectUpdateResponse(Model):
    """The changed project."""

    project: Project


@frozen(kw_only=True, repr=False)
class ProjectListResponse(ListModel):
    """One page of projects."""

    projects: tuple[Project, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True, repr=False)
class ProjectListResourcesResponse(ListModel):
    """One page of the resources in a project, as far as the token's scopes show them."""

    resources: tuple[ProjectResource, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)


@frozen(kw_only=True)
class ProjectAssignResourcesResponse(Model):
    """The resources that a request named, each with its ``status``. A request can fail for some of them only."""

    resources: tuple[ProjectResource, ...]
