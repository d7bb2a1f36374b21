"""The endpoint that creates Droplets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Final

from attrs import frozen

from gradient_async.arguments import checked_hostname, checked_tag
from gradient_async.bodies import Example, Length, with_rule
from gradient_async.http.endpoint import Endpoint, ScopeRule
from gradient_async.models.backup_policy import BackupPolicy
from gradient_async.models.droplet_create import (
    GPUDropletCreateResponse,
    MultipleDropletResponse,
    SingleDropletResponse,
)

if TYPE_CHECKING:
    from gradient_async.http.endpoint import Request
    from gradient_async.http.request import ReadOptions

MAX_NAMES: Final = 10
"""The largest number of names in one request by the API's documentation."""

_MAX_USER_DATA_BYTES: Final = 64 * 1024
_POLICY_FIELDS: Final = ("plan", "weekday", "hour")
_PATH: Final = "/v2/droplets"
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
        raise ValueError(f"{path}: expected an id or a slug such as 'gpu-h100x1-base', got {value!r}")
    return value


def _policy(path: str, value: object) -> object:
    if isinstance(value, Mapping):
        stray = [str(name) for name in value if name not in _POLICY_FIELDS]
        if stray:
            raise TypeError(f"{path}.{stray[0]}: unknown field. Allowed are {', '.join(_POLICY_FIELDS)}")
        if "plan" not in value:
            raise TypeError(f"{path}.plan: missing; it is 'daily' or 'weekly'")
        value = BackupPolicy(**value)
    if not isinstance(value, BackupPolicy):
        raise TypeError(f"{path}: expected a BackupPolicy or a dict of its fields, got {type(value).__name__}")
    given = {name: getattr(value, name) for name in _POLICY_FIELDS}
    return {name: one for name, one in given.items() if one is not None}


def _one_of_both(given: Mapping[str, object]) -> str | None:
    if ("name" in given) == ("names" in given):
        return "name or names: pass one of the two"
    if given.get("ipv6") and given.get("public_networking") is False:
        return "ipv6: the API does not take it together with public_networking=False"
    return None


@with_rule(_one_of_both)
@frozen(kw_only=True)
class CreateDroplets:
    """The body of ``CREATE`` and ``CREATE_SEVERAL``."""

    image: Annotated[int | str, _image]
    size: Annotated[str, Example("gpu-h100x1-80gb")]
    name: Annotated[str, checked_hostname] | None = None
    names: Annotated[Sequence[Annotated[str, checked_hostname]], Length(1)] | None = None
    backup_policy: Annotated[BackupPolicy, _policy] | None = None
    backups: bool | None = None
    ipv6: bool | None = None
    monitoring: bool | None = None
    private_networking: bool | None = None
    public_networking: bool | None = None
    region: Annotated[str, Example("tor1")] | None = None
    ssh_keys: Sequence[int | Annotated[str, Example("3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45")]] | None = None
    tags: Sequence[Annotated[str, checked_tag]] | None = None
    user_data: Annotated[str, _user_data] | None = None
    volumes: Sequence[Annotated[str, Example("12e97116-7280-11ed-b3d0-0a58ac146812")]] | None = None
    vpc_uuid: Annotated[str, Example("760e09ef-dc84-11e8-981e-3cfdfeaae000")] | None = None
    with_droplet_agent: bool | None = None


CREATE: Final[Endpoint[SingleDropletResponse]] = Endpoint(
    "gpu_droplets.create",
    "POST",
    _PATH,
    body=CreateDroplets,
    answer=SingleDropletResponse,
    scopes=_CREATE,
    scope_rules=_BY_FIELD,
)
CREATE_SEVERAL: Final[Endpoint[MultipleDropletResponse]] = Endpoint(
    "gpu_droplets.create",
    "POST",
    _PATH,
    body=CreateDroplets,
    answer=MultipleDropletResponse,
    scopes=_CREATE,
    scope_rules=_BY_FIELD,
)


def create(given: Mapping[str, object], options: ReadOptions) -> Request[GPUDropletCreateResponse]:
    """Return the request that creates one Droplet, or one for each name.

    Args:
        given: The fields of the body; ``None`` counts as not given.
        options: The caller's options.

    Raises:
        TypeError: A field is missing, unknown or has the wrong type.
        ValueError: A value is out of range, or fields exclude each other.
    """
    endpoint: Endpoint[GPUDropletCreateResponse] = CREATE if given.get("names") is None else CREATE_SEVERAL
    return endpoint.request(options, body=given)
