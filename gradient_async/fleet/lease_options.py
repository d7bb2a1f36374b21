"""The options of a lease's Droplets."""

from __future__ import annotations

import os  # noqa: TC003 - the hints of LeaseOptions are resolved at run time
from collections.abc import Iterable, Sequence  # noqa: TC003 - as above
from typing import Literal, TypedDict

from gradient_async.fleet.create.spec import CreationCallback  # noqa: TC001 - as above
from gradient_async.models.backup_policy import BackupPolicy, BackupPolicyParam  # noqa: TC001 - as above
from gradient_async.waiting.readiness import Until  # noqa: TC001 - as above


class LeaseOptions(TypedDict, total=False):
    """Options of the Droplets of a lease. Each key is the parameter of ``client.fleet.create`` with the same name."""

    regions: str | Sequence[str] | None
    name: str
    image: int | str
    min_count: int | None
    prefer: Literal["size", "region", "price"]
    same_region: bool
    same_size: bool
    max_hourly: float | None
    contract: Iterable[tuple[str, str]]
    until: Until | None
    ready_timeout: float
    deadline: float | None
    retry_every: float
    cancel_timeout: float
    poll_interval: float | None
    ssh_port: int
    address: Literal["public", "private"]
    on_unknown: Literal["raise", "resend"]
    on_unknown_refusal: Literal["stop", "retry"]
    journal: str | os.PathLike[str] | None
    on_progress: CreationCallback | None
    backup_policy: BackupPolicy | BackupPolicyParam | None
    backups: bool | None
    ipv6: bool | None
    monitoring: bool | None
    public_networking: bool | None
    ssh_keys: Sequence[int | str] | None
    tags: Sequence[str] | None
    user_data: str | None
    vpc_uuid: str | None
    with_droplet_agent: bool | None
