"""The parts of an autoscale pool: how many Droplets it has, and what they are like.

Each part is a class, and beside it a dict of the same shape; requests take both. Answers have the classes, so that the
parts of an answer can be sent again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Final, Required, TypeAlias, TypedDict

from attrs import field, frozen

from gradient_async.arguments import checked_id, checked_tag, checked_text
from gradient_async.bodies import NEEDED_IN_REQUESTS, Between, Example, Length, with_rule
from gradient_async.models.model import Model
from gradient_async.models.own_fields import IF_ABSENT

_MAX_USER_DATA_BYTES: Final = 64 * 1024
_SHARE: Final = Between(0.05, 1)


def _reference(path: str, value: object) -> str:
    """Return an id, a slug or a fingerprint as text, as the API takes it here."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(checked_id(path, value)) if is_number else checked_text(path, value, "gpu-h100x1-base")


def _as_texts(keys: Sequence[int | str] | None) -> tuple[str, ...] | None:
    """Return keys in the form in which they are compared: a caller's ids equal the texts that an answer has."""
    return None if keys is None else tuple(map(str, keys))


def _maybe_empty(path: str, value: object) -> str:
    """Check a text that answers have empty."""
    if not isinstance(value, str):
        raise TypeError(f"{path}: expected a str, got {type(value).__name__} {value!r:.80}")
    return value


def _user_data(path: str, value: object) -> str:
    text = _maybe_empty(path, value)
    size = len(text.encode(errors="replace"))
    if size > _MAX_USER_DATA_BYTES:
        raise ValueError(f"{path}: expected at most 64 KiB, got {size} bytes")
    return text


def _range(given: Mapping[str, object]) -> str | None:
    smallest, largest = given["min_instances"], given["max_instances"]
    assert isinstance(smallest, int)  # noqa: S101 - checked before
    assert isinstance(largest, int)  # noqa: S101 - checked before
    if smallest <= largest:
        return None
    return f"min_instances, max_instances: expected a range, got {smallest} and {largest}"


def _network(given: Mapping[str, object]) -> str | None:
    if given.get("ipv6") and given.get("public_networking") is False:
        return "ipv6: the API does not take it together with public_networking=False"
    return None


class AutoscalePoolStaticConfigParam(TypedDict):
    """A fixed number of Droplets as a plain dict, as the retired SDK takes it."""

    target_number_instances: int


@frozen(kw_only=True)
class AutoscalePoolStaticConfig(Model):
    """A fixed number of Droplets: the pool replaces those that are lost.

    Attributes:
        target_number_instances: Number of Droplets, 1 to 1000; 0 if an answer leaves it out.
    """

    target_number_instances: Annotated[int, Between(1, 1000)] = field(metadata={IF_ABSENT: 0})


class AutoscalePoolDynamicConfigParam(TypedDict, total=False):
    """A number of Droplets by their load as a plain dict, as the retired SDK takes it."""

    min_instances: Required[int]
    max_instances: Required[int]
    target_cpu_utilization: float
    target_memory_utilization: float
    cooldown_minutes: int


@with_rule(_range)
@frozen(kw_only=True)
class AutoscalePoolDynamicConfig(Model):
    """A number of Droplets by their load. Of two targets, the API takes the one that needs more Droplets.

    Attributes:
        min_instances: Smallest number of Droplets, 1 to 500; 0 if an answer leaves it out.
        max_instances: Largest number of Droplets, 1 to 1000; 0 if an answer leaves it out.
        target_cpu_utilization: Share of the CPUs that is to be used, 0.05 to 1.
        target_memory_utilization: Share of the memory that is to be used, 0.05 to 1.
        cooldown_minutes: Minutes between two changes of the pool, 5 to 20; by default 10.
    """

    min_instances: Annotated[int, Between(1, 500)] = field(metadata={IF_ABSENT: 0})
    max_instances: Annotated[int, Between(1, 1000)] = field(metadata={IF_ABSENT: 0})
    target_cpu_utilization: Annotated[float, _SHARE] | None = None
    target_memory_utilization: Annotated[float, _SHARE] | None = None
    cooldown_minutes: Annotated[int, Between(5, 20)] | None = None


class AutoscalePoolDropletTemplateParam(TypedDict, total=False):
    """The template of a pool's Droplets as a plain dict, as the retired SDK takes it."""

    image: Required[int | str]
    region: Required[str]
    size: Required[str]
    ssh_keys: Required[Sequence[int | str]]
    name: str
    tags: Sequence[str]
    ipv6: bool
    public_networking: bool
    vpc_uuid: str
    project_id: str
    user_data: str
    with_droplet_agent: bool


@with_rule(_network)
@frozen(kw_only=True)
class AutoscalePoolDropletTemplate(Model):
    """The template of a pool's Droplets.

    A request needs an image, a region, a size and SSH keys. In an answer that leaves one of the first three out, it is
    ``""``.

    Attributes:
        image: Slug or id of their image.
        region: Slug of their region.
        size: Slug of their size.
        ssh_keys: Ids or fingerprints of their SSH keys. A request needs them; an answer has none for a token without
            the scope ``ssh_key:read``.
        name: What their names begin with.
        tags: Their tags; a load balancer or a firewall with such a tag includes them.
        ipv6: Whether they have IPv6 addresses; not without public networking.
        public_networking: Whether they have public addresses; by default ``True``.
        vpc_uuid: Id of their VPC; by default that of the region.
        project_id: Id of their project.
        user_data: What cloud-init does at their first start, at most 64 KiB.
        with_droplet_agent: Whether they have the Droplet agent. A pool that scales by load needs it.
    """

    image: Annotated[int | str, _reference] = field(eq=str, metadata={IF_ABSENT: ""})
    region: Annotated[str, Example("tor1")] = field(metadata={IF_ABSENT: ""})
    size: Annotated[str, Example("gpu-h100x1-80gb")] = field(metadata={IF_ABSENT: ""})
    ssh_keys: Annotated[Sequence[Annotated[int | str, _reference]], Length(1)] | None = field(
        default=None, eq=_as_texts, metadata={NEEDED_IN_REQUESTS: True}
    )
    name: Annotated[str, _maybe_empty] | None = None
    tags: Sequence[Annotated[str, checked_tag]] = field(default=(), eq=tuple)
    ipv6: bool | None = None
    public_networking: bool | None = None
    vpc_uuid: Annotated[str, _maybe_empty] | None = None
    project_id: Annotated[str, _maybe_empty] | None = None
    # A script may hold secrets, which a log must not show.
    user_data: Annotated[str, _user_data] | None = field(default=None, repr=False)
    with_droplet_agent: bool | None = None


AutoscalePoolConfig: TypeAlias = AutoscalePoolStaticConfig | AutoscalePoolDynamicConfig
"""How many Droplets a pool has: a fixed number, or a number by their load."""
AutoscalePoolConfigParam: TypeAlias = AutoscalePoolStaticConfigParam | AutoscalePoolDynamicConfigParam
"""The same as a plain dict."""
