"""The 16 actions that can be requested for a Droplet, one class for each.

Each class checks its values when an object is created, so that an invalid request fails before anything is sent. The
names are those of ``POST /v2/droplets/{droplet_id}/actions`` in the API's documentation.
"""

from __future__ import annotations

from typing import ClassVar, Literal, TypeAlias

from attrs import field, frozen

from gradient_async.arguments import checked_bool, checked_hostname, checked_id, checked_lines, checked_text
from gradient_async.models.backup_policy import BackupPolicy
from gradient_async.models.model import Model


@frozen(kw_only=True)
class Reboot(Model):
    """Restart the guest, as ``reboot`` inside it does. The Droplet must be on."""

    type: ClassVar[Literal["reboot"]] = "reboot"


@frozen(kw_only=True)
class PowerCycle(Model):
    """Cut the power and switch it on again. The Droplet must be on."""

    type: ClassVar[Literal["power_cycle"]] = "power_cycle"


@frozen(kw_only=True)
class Shutdown(Model):
    """Ask the guest to shut down. The guest may ignore this, and the action still completes."""

    type: ClassVar[Literal["shutdown"]] = "shutdown"


@frozen(kw_only=True)
class PowerOff(Model):
    """Cut the power. A GPU Droplet that is off is still billed."""

    type: ClassVar[Literal["power_off"]] = "power_off"


@frozen(kw_only=True)
class PowerOn(Model):
    """Switch the power on. The Droplet must be off."""

    type: ClassVar[Literal["power_on"]] = "power_on"


@frozen(kw_only=True)
class PasswordReset(Model):
    """Reset the root password and mail the new one. This power-cycles the Droplet."""

    type: ClassVar[Literal["password_reset"]] = "password_reset"


@frozen(kw_only=True)
class EnableIPv6(Model):
    """Give the Droplet an IPv6 address. This cannot be undone."""

    type: ClassVar[Literal["enable_ipv6"]] = "enable_ipv6"


@frozen(kw_only=True)
class EnableBackups(Model):
    """Enable backups.

    Attributes:
        backup_policy: The times of the backups; ``None`` for the API's daily plan.
    """

    type: ClassVar[Literal["enable_backups"]] = "enable_backups"
    backup_policy: BackupPolicy | None = field(default=None)

    @backup_policy.validator
    def _check(self, _: object, value: object) -> None:
        if value is not None:
            _check_policy(value)


@frozen(kw_only=True)
class DisableBackups(Model):
    """Disable backups. Existing backups stay."""

    type: ClassVar[Literal["disable_backups"]] = "disable_backups"


@frozen(kw_only=True)
class ChangeBackupPolicy(Model):
    """Change the times of the backups. Backups must be enabled.

    Attributes:
        backup_policy: The times of the backups.
    """

    type: ClassVar[Literal["change_backup_policy"]] = "change_backup_policy"
    backup_policy: BackupPolicy = field()

    @backup_policy.validator
    def _check(self, _: object, value: object) -> None:
        _check_policy(value)


@frozen(kw_only=True)
class Restore(Model):
    """Restore the disk from a backup. The present data is lost.

    Attributes:
        image: Id of a backup of this Droplet.
    """

    type: ClassVar[Literal["restore"]] = "restore"
    image: int = field()

    @image.validator
    def _check(self, _: object, value: object) -> None:
        checked_id("image", value)


@frozen(kw_only=True)
class Rebuild(Model):
    """Rebuild the disk from an image. The present data is lost.

    Attributes:
        image: Id or slug of the image.
    """

    type: ClassVar[Literal["rebuild"]] = "rebuild"
    image: int | str = field()

    @image.validator
    def _check(self, _: object, value: object) -> None:
        if isinstance(value, str):
            checked_text("image", value, "gpu-h100x1-base")
        else:
            checked_id("image", value)


@frozen(kw_only=True)
class Resize(Model):
    """Change the size. The Droplet must be off, and stays off.

    Attributes:
        size: Slug of the new size. It is not checked here, since the API does not list sizes by contract.
        disk: Whether the disk grows too, which cannot be undone.
    """

    type: ClassVar[Literal["resize"]] = "resize"
    size: str = field()
    disk: bool = field(default=False)

    @size.validator
    def _check_size(self, _: object, value: object) -> None:
        checked_text("size", value, "gpu-h100x8-640gb")

    @disk.validator
    def _check_disk(self, _: object, value: object) -> None:
        checked_bool("disk", value)


@frozen(kw_only=True)
class Rename(Model):
    """Change the name.

    Attributes:
        name: Letters, digits, dots and dashes, at most 255 characters. A full domain name also sets the PTR record.
    """

    type: ClassVar[Literal["rename"]] = "rename"
    name: str = field()

    @name.validator
    def _check(self, _: object, value: object) -> None:
        checked_hostname("name", value)


@frozen(kw_only=True)
class ChangeKernel(Model):
    """Change the kernel. Only for Droplets from before March 2017.

    Attributes:
        kernel: Id of the kernel.
    """

    type: ClassVar[Literal["change_kernel"]] = "change_kernel"
    kernel: int = field()

    @kernel.validator
    def _check(self, _: object, value: object) -> None:
        checked_id("kernel", value)


@frozen(kw_only=True)
class Snapshot(Model):
    """Take a snapshot of the disk. It does not include a scratch disk.

    Attributes:
        name: Name of the snapshot.
    """

    type: ClassVar[Literal["snapshot"]] = "snapshot"
    name: str = field()

    @name.validator
    def _check(self, _: object, value: object) -> None:
        checked_lines("name", value, "trainer-01-before-upgrade")


ActionRequest: TypeAlias = (
    Reboot
    | PowerCycle
    | Shutdown
    | PowerOff
    | PowerOn
    | PasswordReset
    | EnableIPv6
    | EnableBackups
    | DisableBackups
    | ChangeBackupPolicy
    | Restore
    | Rebuild
    | Resize
    | Rename
    | ChangeKernel
    | Snapshot
)
"""Any action that can be requested for one Droplet."""

BulkActionRequest: TypeAlias = (
    PowerCycle | PowerOn | PowerOff | Shutdown | EnableIPv6 | EnableBackups | DisableBackups | Snapshot
)
"""The eight actions that the API allows for all Droplets with a tag. ``Reboot`` is not one of them."""


def _check_policy(value: object) -> None:
    if not isinstance(value, BackupPolicy):
        raise TypeError(f"backup_policy: expected a BackupPolicy, got {type(value).__name__} {value!r:.80}")
