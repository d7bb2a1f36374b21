"""The conditions and effects of each action type on a Droplet: one pure function for each type.

`plan` returns the refusal, or the change of the Droplet when the action completes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import attrs

from gradient_async.emulator import refusals
from gradient_async.emulator.actions import Change
from gradient_async.emulator.catalogue import Catalogue, Image, Size
from gradient_async.emulator.droplets import BackupPolicy, Droplet, DropletStatus
from gradient_async.emulator.profiles import Behaviour
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.wire import as_object, without_nulls

#: The types that the endpoint by tag accepts, according to the documentation; `reboot` is not among them. That of
#: private networking is no longer documented, and godo's `EnablePrivateNetworkingByTag` sends it.
BULK_TYPES = frozenset(
    {
        "disable_backups",
        "enable_backups",
        "enable_ipv6",
        "enable_private_networking",
        "power_cycle",
        "power_off",
        "power_on",
        "shutdown",
        "snapshot",
    }
)

_HOSTNAME = re.compile(r"[a-zA-Z0-9]?[a-z0-9A-Z.\-]*[a-z0-9A-Z]")
_HOSTNAME_LENGTH = 255
_BACKUP_HOURS = frozenset(range(0, 24, 4))
_WEEKDAYS = frozenset({"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"})


@attrs.frozen(kw_only=True)
class ActionRequest:
    """A requested action, and the facts that its rule needs beside the Droplet.

    Args:
        parameters: The request's body without `type`.
        catalogue: The account's catalogue.
        own_images: The Droplet's snapshots and backups by id.
    """

    type: str
    parameters: Mapping[str, object]
    behaviour: Behaviour
    catalogue: Catalogue
    own_images: Mapping[int, Image]


Rule = Callable[[Droplet, ActionRequest], Change | Refusal]


def plan(droplet: Droplet, asked: ActionRequest) -> Change | Refusal:
    """Return the refusal of an action on a Droplet without a pending event, or the change that it makes."""
    rule = RULES.get(asked.type)
    return rule(droplet, asked) if rule else refusals.UNKNOWN_TYPE


def is_hostname(name: str) -> bool:
    """Return whether a Droplet can have the name."""
    return len(name) <= _HOSTNAME_LENGTH and _HOSTNAME.fullmatch(name) is not None


def _unchanged(droplet: Droplet) -> Droplet:
    return droplet


def _status(status: DropletStatus) -> Change:
    return lambda droplet: droplet if droplet.status == status else attrs.evolve(droplet, status=status)


def _power_on(droplet: Droplet, asked: ActionRequest) -> Change | Refusal:
    if droplet.is_on and asked.behaviour.power_on_when_on == "refused":
        return refusals.ALREADY_ON
    return _status("active")


def _power_off(droplet: Droplet, _asked: ActionRequest) -> Change | Refusal:
    return _status("off") if droplet.is_on else refusals.ALREADY_OFF


def _shutdown(droplet: Droplet, asked: ActionRequest) -> Change | Refusal:
    if not droplet.is_on and asked.behaviour.shutdown_when_off == "refused":
        return refusals.ALREADY_OFF
    return _status("off") if droplet.is_on else _unchanged


def _restart(droplet: Droplet, _asked: ActionRequest) -> Change | Refusal:
    return _status("active") if droplet.is_on else refusals.CURRENTLY_OFF


def _password_reset(_droplet: Droplet, _asked: ActionRequest) -> Change | Refusal:
    # It power-cycles the Droplet, so that one that was off ends on (guess).
    return _status("active")


def _snapshot(droplet: Droplet, asked: ActionRequest) -> Change | Refusal:
    name = asked.parameters.get("name")
    if not (isinstance(name, str) and name):
        return refusals.missing_field("name")
    if droplet.is_on and asked.behaviour.snapshot_when_on == "refused":
        return refusals.CURRENTLY_ON
    return _unchanged


def _resize(droplet: Droplet, asked: ActionRequest) -> Change | Refusal:
    slug, with_disk = asked.parameters.get("size"), boolean_of(asked.parameters.get("disk", False))
    if not isinstance(slug, str):
        return refusals.missing_field("size")
    if with_disk is None:
        return refusals.missing_field("disk")
    size = asked.catalogue.size(slug)
    refusal = _resize_refusal(droplet, size, with_disk=with_disk)
    if refusal or size is None:
        return refusal or refusals.UNKNOWN_SIZE
    if droplet.is_on and asked.behaviour.resize_when_on == "refused":
        return refusals.CURRENTLY_ON
    return lambda droplet: attrs.evolve(droplet, size=size, disk=size.disk if with_disk else droplet.disk, status="off")


def boolean_of(value: object) -> bool | None:
    """Return a boolean, or the text of one, as some clients send it."""
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower())
    return value if isinstance(value, bool) else None


def _resize_refusal(droplet: Droplet, size: Size | None, *, with_disk: bool) -> Refusal | None:
    if size is None or (size.gpu is None) is droplet.is_gpu:  # guess: no change between GPU and CPU plans
        return refusals.UNKNOWN_SIZE
    if not size.has_room_in(droplet.region):
        return refusals.SIZE_NOT_IN_REGION
    if size.slug == droplet.size.slug and not (with_disk and size.disk > droplet.disk):
        return refusals.SAME_SIZE
    # Seen in production even without `disk`, which leaves the disk as it is.
    return refusals.SMALLER_DISK if size.disk < droplet.disk else None


def _rename(_droplet: Droplet, asked: ActionRequest) -> Change | Refusal:
    name = asked.parameters.get("name")
    if not isinstance(name, str):
        return refusals.missing_field("name")
    if not is_hostname(name):
        return refusals.BAD_HOSTNAME
    return lambda droplet: attrs.evolve(droplet, name=name)


def _rebuild(_droplet: Droplet, asked: ActionRequest) -> Change | Refusal:
    reference = asked.parameters.get("image")
    if not isinstance(reference, int | str) or isinstance(reference, bool):
        return refusals.missing_field("image")
    own = asked.own_images.get(reference) if isinstance(reference, int) else None
    image = own or asked.catalogue.find_image(reference)
    return _from_image(image) if image else refusals.UNKNOWN_IMAGE


def _restore(_droplet: Droplet, asked: ActionRequest) -> Change | Refusal:
    reference = asked.parameters.get("image")
    if not isinstance(reference, int) or isinstance(reference, bool):
        return refusals.missing_field("image")
    image = asked.own_images.get(reference)
    return _from_image(image) if image and image.type == "backup" else refusals.UNKNOWN_IMAGE


def _from_image(image: Image) -> Change:
    return lambda droplet: attrs.evolve(droplet, image=image, status="active")


def _change_kernel(droplet: Droplet, asked: ActionRequest) -> Change | Refusal:
    kernel = asked.parameters.get("kernel")
    if not isinstance(kernel, int) or isinstance(kernel, bool):
        return refusals.missing_field("kernel")
    if droplet.kernel is None:
        return refusals.INTERNAL_KERNEL
    return lambda droplet: attrs.evolve(droplet, kernel=kernel)


def _enable_ipv6(droplet: Droplet, asked: ActionRequest) -> Change | Refusal:
    if droplet.has_ipv6:
        return refusals.IPV6_ALREADY_ON
    if droplet.is_on and asked.behaviour.strict_ipv6:
        return refusals.CURRENTLY_ON
    return lambda droplet: droplet.with_feature("ipv6")


def _enable_private_networking(_droplet: Droplet, _asked: ActionRequest) -> Change | Refusal:
    return lambda droplet: droplet.with_feature("private_networking")


def _enable_backups(droplet: Droplet, asked: ActionRequest) -> Change | Refusal:
    if droplet.backup_policy is not None:
        return refusals.BACKUPS_ALREADY_ON
    policy = backup_policy_of(asked.parameters.get("backup_policy", {}))
    return _with_policy(policy) if policy else refusals.BAD_BACKUP_POLICY


def _disable_backups(droplet: Droplet, _asked: ActionRequest) -> Change | Refusal:
    if droplet.backup_policy is None:
        return refusals.BACKUPS_ALREADY_OFF
    return lambda droplet: attrs.evolve(droplet.without_feature("backups"), backup_policy=None)


def _change_backup_policy(droplet: Droplet, asked: ActionRequest) -> Change | Refusal:
    if "backup_policy" not in asked.parameters:
        return refusals.missing_field("backup_policy")
    if droplet.backup_policy is None:
        return refusals.BACKUPS_ARE_OFF
    policy = backup_policy_of(asked.parameters["backup_policy"])
    return _with_policy(policy) if policy else refusals.BAD_BACKUP_POLICY


def _with_policy(policy: BackupPolicy) -> Change:
    return lambda droplet: attrs.evolve(droplet.with_feature("backups"), backup_policy=policy)


def backup_policy_of(wanted: object) -> BackupPolicy | None:
    """Return the requested policy, with the documented defaults; None if it is invalid."""
    fields = as_object(wanted)
    if fields is None:
        return None
    fields = without_nulls(fields)
    # The official Go client sends an empty weekday with daily plans, and production accepts it.
    plan, hour, weekday = fields.get("plan", "daily"), fields.get("hour", 0), fields.get("weekday") or "SUN"
    if not isinstance(plan, str) or not plan:  # an open vocabulary: more plans are in preview
        return None
    if not isinstance(weekday, str) or weekday not in _WEEKDAYS:
        return None
    if not isinstance(hour, int) or isinstance(hour, bool) or hour not in _BACKUP_HOURS:
        return None
    return BackupPolicy(plan=plan, hour=hour, weekday=weekday)


RULES: Mapping[str, Rule] = {
    "change_backup_policy": _change_backup_policy,
    "change_kernel": _change_kernel,
    "disable_backups": _disable_backups,
    "enable_backups": _enable_backups,
    "enable_ipv6": _enable_ipv6,
    "enable_private_networking": _enable_private_networking,
    "password_reset": _password_reset,
    "power_cycle": _restart,
    "power_off": _power_off,
    "power_on": _power_on,
    "reboot": _restart,
    "rebuild": _rebuild,
    "rename": _rename,
    "resize": _resize,
    "restore": _restore,
    "shutdown": _shutdown,
    "snapshot": _snapshot,
}
