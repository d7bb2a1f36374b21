"""Endpoints of actions on volumes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final, Literal

from attrs import frozen

from gradient_async.arguments import checked_id
from gradient_async.bodies import Between, Example, Length, body_of, with_rule
from gradient_async.endpoints import volumes
from gradient_async.http.action_trace import ActionKind, ActionOwner, ActionTrace
from gradient_async.http.endpoint import Endpoint, Resend, ScopeRule
from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse
from gradient_async.models.volume_action import ActionInitiateByIDResponse, ActionInitiateByNameResponse

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ReadOptions

_READ: Final = ("block_storage_action:read",)
_CREATE: Final = ("block_storage_action:create",)
# The API's documentation gives single actions the parameters of a list.
_PAGES: Final = ("page:page", "per_page:per_page")
_TAGS: Final = (ScopeRule(field="tags", scopes=("tag:create",)),)

# The fields of each type: those that it needs, and all that it may have. The retired SDK's own example of a resize has
# the type "attach", a size and no Droplet: such a request is left to the API, which refuses it.
_NEEDED: Final = {"detach": ("droplet_id",), "resize": ("size_gigabytes",)}
_ALLOWED: Final = {
    "attach": ("droplet_id", "region", "tags", "size_gigabytes"),
    "detach": ("droplet_id", "region"),
    "resize": ("size_gigabytes", "region"),
}


def _fault(body: Mapping[str, object]) -> str | None:
    kind = str(body["type"])
    missing = [name for name in _NEEDED.get(kind, ()) if name not in body]
    if missing:
        return f"{', '.join(missing)}: missing; type={kind!r} needs it"
    stray = [name for name in body if name not in (*_ALLOWED[kind], "type", "volume_name")]
    return f"{', '.join(stray)}: not allowed with type={kind!r}" if stray else None


@with_rule(_fault)
@frozen(kw_only=True)
class VolumeActionBody:
    """The body of ``INITIATE_BY_ID``."""

    type: Literal["attach", "detach", "resize"]
    droplet_id: Annotated[int, checked_id] | None = None
    region: Annotated[str, Example("nyc3")] | None = None
    size_gigabytes: Annotated[int, Between(1, volumes.MAX_GIGABYTES)] | None = None
    tags: Sequence[Annotated[str, Example("training")]] | None = None


@with_rule(_fault)
@frozen(kw_only=True)
class NamedVolumeActionBody:
    """The body of ``INITIATE_BY_NAME``."""

    type: Literal["attach", "detach"]
    droplet_id: Annotated[int, checked_id]
    volume_name: Annotated[str, Example("training-data"), Length(1, 64)] | None = None
    region: Annotated[str, Example("nyc3")] | None = None
    tags: Sequence[Annotated[str, Example("training")]] | None = None


INITIATE_BY_ID: Final[Endpoint[ActionInitiateByIDResponse]] = Endpoint(
    "gpu_droplets.volumes.actions.initiate_by_id",
    "POST",
    "/v2/volumes/{volume_id:uuid}/actions",
    body=VolumeActionBody,
    query=_PAGES,
    answer=ActionInitiateByIDResponse,
    resend=Resend.AFTER_LOOKUP,
    scopes=_CREATE,
    scope_rules=_TAGS,
)
INITIATE_BY_NAME: Final[Endpoint[ActionInitiateByNameResponse]] = Endpoint(
    "gpu_droplets.volumes.actions.initiate_by_name",
    "POST",
    "/v2/volumes/actions",
    body=NamedVolumeActionBody,
    query=_PAGES,
    answer=ActionInitiateByNameResponse,
    resend=Resend.AFTER_LOOKUP,
    scopes=(*_CREATE, "api:write"),
    scope_rules=_TAGS,
)
RETRIEVE: Final[Endpoint[ActionRetrieveResponse]] = Endpoint(
    "gpu_droplets.volumes.actions.retrieve",
    "GET",
    "/v2/volumes/{volume_id:uuid}/actions/{action_id:id}",
    query=_PAGES,
    answer=ActionRetrieveResponse,
    identity="action.id",
    scopes=_READ,
)
LIST: Final[Endpoint[ActionListResponse]] = Endpoint(
    "gpu_droplets.volumes.actions.list",
    "GET",
    "/v2/volumes/{volume_id:uuid}/actions",
    answer=ActionListResponse,
    items="actions",
    scopes=_READ,
)

# The resource_id of these actions is null, since a volume's id is no number.
KIND: Final = ActionKind(title="volume", list=LIST, retrieve=RETRIEVE, suffix="volume")


def owner_of(volume_id: str) -> ActionOwner:
    """Return a volume as the resource of actions."""
    return ActionOwner(KIND, volume_id)


def initiate_by_id(
    volume_id: str, body: Mapping[str, object], pages: Mapping[str, object], options: ReadOptions
) -> Request[ActionInitiateByIDResponse]:
    """Return the request that starts an action on a volume."""
    trace = ActionTrace(KIND, volume_id, str(body["type"]))
    return INITIATE_BY_ID.request(options, volume_id, query=pages, body=body, action=trace)


def initiate_by_name(
    body: Mapping[str, object], pages: Mapping[str, object], options: ReadOptions
) -> Request[ActionInitiateByNameResponse]:
    """Return the request that starts an action on the volume with a name."""
    # Scripts of the retired SDK, which had no parameter for the name, pass it in extra_body.
    given = {**body, **{name: value for name, value in _extra(options).items() if name in ("volume_name", "region")}}
    checked = body_of(NamedVolumeActionBody, given)
    name, region = checked.get("volume_name"), checked.get("region")
    search = None if name is None else volumes.LIST.request({}, query={"name": name, "region": region})
    trace = ActionTrace(KIND, None, str(checked["type"]), search)
    return INITIATE_BY_NAME.request(options, query=pages, body=body, action=trace)


def _extra(options: ReadOptions) -> Mapping[str, object]:
    extra = options.get("extra_body")
    return extra if isinstance(extra, Mapping) else {}
