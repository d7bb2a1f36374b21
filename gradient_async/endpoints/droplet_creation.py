"""The endpoint that creates Droplets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Annotated, Final, TypeVar, cast

from attrs import evolve, frozen

from gradient_async.arguments import checked_choice, checked_hostname, checked_tag
from gradient_async.bodies import Between, Example, Length, checked_field, with_rule
from gradient_async.endpoints import actions, droplets
from gradient_async.endpoints.droplet_names import has_number, new_nonce, nonce_of, numbered
from gradient_async.http.create_rule import CareRule, CreateRule, Listing, Match, Witness
from gradient_async.http.endpoint import Endpoint, ScopeRule
from gradient_async.models.backup_policy import BackupPolicy
from gradient_async.models.droplet_create import (
    GPUDropletCreateResponse,
    MultipleDropletResponse,
    SingleDropletResponse,
)

T = TypeVar("T")

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ReadOptions

MAX_NAMES: Final = 10
"""The largest number of names in one request by the API's documentation."""

ON_UNKNOWN: Final = ("raise", "resend")
"""What to do with a create whose answer was lost, and that the lists do not show."""

_MAX_USER_DATA_BYTES: Final = 64 * 1024
_PATH: Final = "/v2/droplets"
_FINGERPRINT: Final = Example("3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45")
_CREATE: Final = ("droplet:create",)
# The scopes that the API's documentation lists beside droplet:create, by the field that needs them.
_BY_FIELD: Final = (
    ScopeRule(field="image", scopes=("image:read",)),
    ScopeRule(field="ssh_keys", scopes=("ssh_key:read",)),
    ScopeRule(field="tags", scopes=("tag:create",)),
    ScopeRule(field="volumes", scopes=("block_storage:read",)),
    ScopeRule(field="vpc_uuid", scopes=("vpc:read",)),
)


def _user_data(path: str, value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{path}: expected a str such as '#cloud-config\\n…', got {type(value).__name__}")
    size = len(value.encode(errors="replace"))
    if size > _MAX_USER_DATA_BYTES:
        raise ValueError(f"{path}: expected at most 64 KiB, got {size} bytes")
    return value


def _image(path: str, value: object) -> int | str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"{path}: expected an id or a slug such as 'gpu-h100x1-base', got {type(value).__name__}")
    if value == "" or (isinstance(value, int) and value < 1):
        raise ValueError(f"{path}: expected an id or a slug such as 'gpu-h100x1-base', got {value!r:.80}")
    return value


def _one_of_both(given: Mapping[str, object]) -> str | None:
    if ("name" in given) == ("names" in given):
        return "name or names: pass one of the two"
    if given.get("ipv6") and given.get("public_networking") is False:
        return "ipv6: the API does not take it together with public_networking=False"
    return None


@with_rule(_one_of_both)
@frozen(kw_only=True)
class CreateDroplets:
    """The body of ``CREATE``."""

    image: Annotated[int | str, _image]
    size: Annotated[str, Example("gpu-h100x1-80gb")]
    name: Annotated[str, checked_hostname] | None = None
    names: Annotated[Sequence[Annotated[str, checked_hostname]], Length(1)] | None = None
    backup_policy: BackupPolicy | None = None
    backups: bool | None = None
    ipv6: bool | None = None
    monitoring: bool | None = None
    private_networking: bool | None = None
    public_networking: bool | None = None
    region: Annotated[str, Example("tor1")] | None = None
    ssh_keys: Sequence[Annotated[int, Between(1)] | Annotated[str, _FINGERPRINT]] | None = None
    tags: Sequence[Annotated[str, checked_tag]] | None = None
    user_data: Annotated[str, _user_data] | None = None
    volumes: Sequence[Annotated[str, Example("12e97116-7280-11ed-b3d0-0a58ac146812")]] | None = None
    vpc_uuid: Annotated[str, Example("760e09ef-dc84-11e8-981e-3cfdfeaae000")] | None = None
    with_droplet_agent: bool | None = None


def _in_small_letters(slug: object) -> str:
    return str(slug).lower()


def _rule(care: CareRule) -> CreateRule:
    # A list without type=gpus leaves GPU Droplets out by the documentation. One program seems to see them in it.
    return CreateRule(
        title="Droplet",
        lists=(
            Listing(endpoint=droplets.LIST, query={"type": "gpus"}, filters=("name",)),
            Listing(endpoint=droplets.LIST, filters=("name",)),
        ),
        matches=(
            Match("name"),
            Match("size", "size_slug"),
            Match("region", "region.slug", form=_in_small_letters, can_be_hidden=True),
        ),
        item="droplet",
        several="names",
        items="droplets",
        care=care,
        witness=Witness(actions=actions.LIST, type="create", retrieve=droplets.RETRIEVE),
    )


CREATE: Final[Endpoint[GPUDropletCreateResponse]] = Endpoint(
    "gpu_droplets.create",
    "POST",
    _PATH,
    body=CreateDroplets,
    answer=SingleDropletResponse,  # for several names, MultipleDropletResponse
    scopes=_CREATE,
    scope_rules=_BY_FIELD,
    lookup=_rule(CareRule()),
)


@cache
def _endpoint_with(care: CareRule, *, is_several: bool) -> Endpoint[GPUDropletCreateResponse]:
    return evolve(CREATE, lookup=_rule(care), answer=MultipleDropletResponse if is_several else SingleDropletResponse)


def create(given: Mapping[str, object], on_unknown: object, options: ReadOptions) -> Request[GPUDropletCreateResponse]:
    """Return the request that creates one Droplet, or one for each name. More names than ten need several requests.

    Args:
        given: The fields of the body; ``None`` counts as not given.
        on_unknown: ``"raise"`` or ``"resend"``.
        options: The caller's options.

    Raises:
        TypeError: A field is missing, unknown or has the wrong type.
        ValueError: A value is out of range, or fields exclude each other.
    """
    checked_choice("on_unknown", on_unknown, ON_UNKNOWN)
    if on_unknown == "resend" and options.get("key") is not None:
        raise ValueError("on_unknown: 'resend' can create twice, and a key promises once. Leave one of the two out")
    fields = dict(given)
    is_named_once = False
    for field in ("name", "names"):
        if has_number(fields.get(field)):
            # Calls with one key must ask for the same names. Another time, these names can be used again.
            key = options.get("key")
            fields[field] = numbered(fields[field], nonce_of(key) if isinstance(key, str) else new_nonce())
            is_named_once = key is None
    names = fields.get("names")
    if isinstance(names, Sequence) and len({*map(str, names)}) < len(names):
        raise ValueError(
            "names: expected different names, since equal ones cannot be distinguished if the answer is lost"
        )
    care = CareRule(may_send_again=on_unknown == "resend", is_named_once=is_named_once)
    return _endpoint_with(care, is_several=names is not None).request(options, body=fields)


def checked_ssh_keys(value: object) -> Sequence[int | str]:
    """Return ids and fingerprints of SSH keys, checked.

    Raises:
        TypeError: They are no list, or one of them has the wrong type.
        ValueError: One of them is out of range.
    """
    return cast("Sequence[int | str]", checked_field(CreateDroplets, "ssh_keys", value))


def is_create(request: Request[object]) -> bool:
    """Return whether a request creates Droplets."""
    return request.endpoint.name == CREATE.name


def parts_of(request: Request[T]) -> list[Request[T]]:
    """Return the requests that create the Droplets of one request: each with at most ten names."""
    names = (request.body or {}).get("names")
    if not isinstance(names, list) or len(names) <= MAX_NAMES:
        return [request]
    parts = [names[start : start + MAX_NAMES] for start in range(0, len(names), MAX_NAMES)]
    return [
        request._replace(
            body={**(request.body or {}), "names": part}, key=request.key and request.key._replace(part=number)
        )
        for number, part in enumerate(parts, 1)
    ]
