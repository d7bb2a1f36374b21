"""Endpoints of projects."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

from attrs import frozen

from gradient_async.arguments import checked_description, checked_text
from gradient_async.bodies import Length, with_rule
from gradient_async.endpoints.resource_lists import checked_droplet_ids
from gradient_async.http.create_rule import CreateRule, Listing, Match
from gradient_async.http.endpoint import Endpoint, Resend, ScopeRule
from gradient_async.models.project import (
    ProjectAssignResourcesResponse,
    ProjectCreateResponse,
    ProjectListResourcesResponse,
    ProjectListResponse,
    ProjectRetrieveResponse,
    ProjectUpdateResponse,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_URN: Final = re.compile(r"do:[a-z0-9_-]+:.+")
_MAX_NAME: Final = 175
_MAX_PURPOSE: Final = 255

# Beside the project's scope, a token needs that of each resource.
_RESOURCE_SCOPES: Final = tuple(
    ScopeRule(field="resources", value=f"do:{kind}:", scopes=(f"{scope}:read",))
    for kind, scope in (
        ("droplet", "droplet"),
        ("volume", "block_storage"),
        ("floatingip", "reserved_ip"),
        ("loadbalancer", "load_balancer"),
    )
)


def _checked_urn(path: str, value: object) -> str:
    urn = checked_text(path, value, "do:droplet:3164444")
    if not _URN.fullmatch(urn):
        raise ValueError(f"{path}: expected a URN such as 'do:droplet:3164444', got {urn!r:.80}")
    return urn


def _nothing_to_change(given: Mapping[str, object]) -> str | None:
    return None if given else "expected at least one of name, description, purpose, environment and is_default"


@frozen(kw_only=True)
class CreateProject:
    """The body of ``CREATE``."""

    name: Annotated[str, Length(1, _MAX_NAME)]
    purpose: Annotated[str, Length(1, _MAX_PURPOSE)]
    description: Annotated[str, checked_description] | None = None
    environment: str | None = None


@with_rule(_nothing_to_change)
@frozen(kw_only=True)
class UpdateProject:
    """The body of ``UPDATE``. The API keeps what it does not have."""

    name: Annotated[str, Length(1, _MAX_NAME)] | None = None
    description: Annotated[str, checked_description] | None = None
    purpose: Annotated[str, Length(1, _MAX_PURPOSE)] | None = None
    environment: str | None = None
    is_default: bool | None = None


@frozen(kw_only=True)
class AssignResources:
    """The body of ``ASSIGN_RESOURCES``."""

    resources: Annotated[tuple[Annotated[str, _checked_urn], ...], Length(1)]


def chosen(resources: Sequence[str] | None, droplet_ids: Sequence[int] | None) -> dict[str, object]:
    """Return the body for URNs and Droplets.

    Raises:
        TypeError: Neither is given, or one of them is no list.
        ValueError: Only Droplets are given, and there are none.
    """
    ids = checked_droplet_ids(resources, droplet_ids)
    return {"resources": [*(resources or ()), *(f"do:droplet:{droplet_id}" for droplet_id in ids)]}


LIST: Final[Endpoint[ProjectListResponse]] = Endpoint(
    "projects.list",
    "GET",
    "/v2/projects",
    answer=ProjectListResponse,
    items="projects",
    scopes=("project:read",),
)
CREATE: Final[Endpoint[ProjectCreateResponse]] = Endpoint(
    "projects.create",
    "POST",
    "/v2/projects",
    body=CreateProject,
    answer=ProjectCreateResponse,
    scopes=("project:create",),
    lookup=CreateRule(title="project", lists=(Listing(endpoint=LIST),), matches=(Match("name"),), item="project"),
)
RETRIEVE: Final[Endpoint[ProjectRetrieveResponse]] = Endpoint(
    "projects.retrieve",
    "GET",
    "/v2/projects/{project_id:uuid_or_default}",
    answer=ProjectRetrieveResponse,
    scopes=("project:read",),
)
# It sets values: a second execution changes nothing more.
UPDATE: Final[Endpoint[ProjectUpdateResponse]] = Endpoint(
    "projects.update",
    "PATCH",
    "/v2/projects/{project_id:uuid_or_default}",
    body=UpdateProject,
    answer=ProjectUpdateResponse,
    resend=Resend.IDEMPOTENT,
    scopes=("project:update",),
)
DELETE: Final[Endpoint[None]] = Endpoint(
    "projects.delete",
    "DELETE",
    "/v2/projects/{project_id:uuid}",
    scopes=("project:delete",),
)
LIST_RESOURCES: Final[Endpoint[ProjectListResourcesResponse]] = Endpoint(
    "projects.list_resources",
    "GET",
    "/v2/projects/{project_id:uuid_or_default}/resources",
    answer=ProjectListResourcesResponse,
    items="resources",
    key="urn",
    scopes=("project:read",),
)
# A resource is in one project: a second execution changes nothing more.
ASSIGN_RESOURCES: Final[Endpoint[ProjectAssignResourcesResponse]] = Endpoint(
    "projects.assign_resources",
    "POST",
    "/v2/projects/{project_id:uuid_or_default}/resources",
    body=AssignResources,
    answer=ProjectAssignResourcesResponse,
    resend=Resend.IDEMPOTENT,
    scopes=("project:assign_resource",),
    scope_rules=_RESOURCE_SCOPES,
)
