"""The request to create Droplets, read from the JSON body. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.droplet_rules import backup_policy_of, boolean_of, is_hostname
from gradient_async.emulator.droplets import BackupPolicy
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.wire import as_object

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_NAMES = 10
_MAX_USER_DATA = 64 * 1024
_FLAGS = ("backups", "ipv6", "monitoring", "private_networking", "public_networking", "with_droplet_agent")
_ON_BY_DEFAULT = frozenset({"public_networking", "with_droplet_agent"})


@attrs.frozen(kw_only=True)
class CreationRequest:
    """A request to create Droplets.

    Args:
        names: One for each Droplet.
        is_list: The names were given as a list, so that the answer is one.
        image: An id or slug.
        region: A region's slug, the beginning of one, or empty for any.
        ssh_keys: Ids and fingerprints.
        vpc_uuid: A VPC; empty for the region's default one.
        volumes: Ids of volumes to attach.
    """

    names: Sequence[str]
    is_list: bool
    size: str
    image: int | str
    region: str = ""
    ssh_keys: Sequence[int | str] = ()
    tags: Sequence[str] = ()
    volumes: Sequence[str] = ()
    vpc_uuid: str = ""
    backups: bool = False
    backup_policy: BackupPolicy | None = None
    ipv6: bool = False
    monitoring: bool = False
    private_networking: bool = False
    public_networking: bool = True
    with_droplet_agent: bool = True


def creation_request(fields: Mapping[str, object]) -> CreationRequest | Refusal:
    """Read the body of a create, or return a refusal."""
    names, size, image = _names(fields), fields.get("size"), fields.get("image")
    if isinstance(names, Refusal):
        return names
    if not isinstance(size, str) or not size:
        return refusals.missing_field("size")
    if not isinstance(image, int | str) or isinstance(image, bool) or image == "":
        return refusals.missing_field("image")
    texts = {name: fields.get(name, "") for name in ("region", "vpc_uuid", "user_data")}
    lists = {name: _list(fields.get(name, [])) for name in ("ssh_keys", "tags", "volumes")}
    volumes = [_volume_id(volume) for volume in lists["volumes"] or ()]
    flags = {name: boolean_of(fields.get(name, name in _ON_BY_DEFAULT)) for name in _FLAGS}
    wrong = [name for name, value in texts.items() if not isinstance(value, str)]
    wrong += [name for name, value in lists.items() if value is None]
    wrong += [name for name, value in flags.items() if value is None]
    wrong += ["volumes"] if None in volumes else []
    if wrong:
        return refusals.missing_field(wrong[0])
    if len(str(texts["user_data"]).encode()) > _MAX_USER_DATA:
        return refusals.USER_DATA_TOO_LARGE
    if flags["ipv6"] and not flags["public_networking"]:
        return refusals.IPV6_WITHOUT_PUBLIC_NETWORK
    policy = backup_policy_of(fields["backup_policy"]) if "backup_policy" in fields else None
    if policy is None and "backup_policy" in fields:
        return refusals.BAD_BACKUP_POLICY
    tags = [str(tag) for tag in lists["tags"] or ()]
    if any(not is_tag(tag) for tag in tags):
        return refusals.BAD_TAG
    return CreationRequest(
        names=names,
        is_list="names" in fields,
        size=size,
        image=image,
        region=str(texts["region"]),
        ssh_keys=[key if isinstance(key, int) else str(key) for key in lists["ssh_keys"] or ()],
        tags=tags,
        volumes=[volume for volume in volumes if volume is not None],
        vpc_uuid=str(texts["vpc_uuid"]),
        backup_policy=policy,
        **{name: bool(value) for name, value in flags.items()},
    )


def is_tag(text: str) -> bool:
    """Return whether the API's documentation allows a text as a tag."""
    return 0 < len(text) <= 255 and all(one.isascii() and (one.isalnum() or one in "_-:") for one in text)


def _names(fields: Mapping[str, object]) -> Sequence[str] | Refusal:
    """Return the names of a request, which has either a `name` or a list of `names` (guess on both)."""
    given = _list(fields["names"]) if "names" in fields else [fields.get("name")]
    if "name" in fields and "names" in fields:
        return refusals.NAME_AND_NAMES
    if not given or not all(isinstance(name, str) and name for name in given):
        return refusals.missing_field("names" if "names" in fields else "name")
    if len(given) > _MAX_NAMES:
        return refusals.TOO_MANY_NAMES
    names = [str(name) for name in given]
    return names if all(map(is_hostname, names)) else refusals.BAD_HOSTNAME


def _volume_id(given: object) -> str | None:
    """Return the id of a volume: a text, or as godo's `DropletCreateVolume` writes it, in an object."""
    fields = as_object(given)
    volume_id = given if fields is None else fields.get("id")
    return volume_id if isinstance(volume_id, str) else None


def _list(value: object) -> Sequence[object] | None:
    return cast("list[object]", value) if isinstance(value, list) else None
