"""Droplets, actions and outcomes as rows of a table, and as JSON. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import attrs

from gradient_async.cli.tables import Column
from gradient_async.cli.wording import in_typed_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.fleet.outcome import Outcome
    from gradient_async.models.action import Action
    from gradient_async.models.droplet import Droplet
    from gradient_async.models.image import Image

Row = tuple[str, ...]

DROPLET_COLUMNS: Final = (
    Column("ID"),
    Column("NAME"),
    Column("STATUS"),
    Column("SIZE", min_width=11, drop=2),
    Column("REGION", drop=3),
    Column("ADDRESS", min_width=8, drop=1),
    Column("TAGS", min_width=8, hangs=True),
)
ACTION_COLUMNS: Final = (
    Column("ACTION"),
    Column("TYPE", min_width=12),
    Column("STATUS"),
    Column("DROPLET"),
    Column("STARTED", min_width=10, drop=2),
    Column("TOOK", drop=1),
)
OUTCOME_COLUMNS: Final = (
    Column("DROPLET"),
    Column("NAME", optional=True),
    Column("STATUS"),
    Column("ACTION"),
    Column("TOOK", drop=1),
    Column("REASON", min_width=24, hangs=True),
)


def droplet_row(droplet: Droplet) -> Row:
    """Return a Droplet's row in the table."""
    return (
        str(droplet.id),
        droplet.name,
        droplet.status,
        droplet.size_slug or "",
        droplet.region.slug if droplet.region and droplet.region.slug else "",
        address_of(droplet),
        ",".join(droplet.tags),
    )


def _image_text(image: Image) -> str:
    return " ".join(str(one) for one in (image.id, image.slug or image.name) if one)


def droplet_facts(droplet: Droplet, actions: Sequence[Action]) -> Sequence[tuple[str, str]]:
    """Return the facts about one Droplet, for ``show``."""
    gpu = droplet.gpu_info
    facts = [
        ("id", str(droplet.id)),
        ("name", droplet.name),
        ("status", droplet.status + (" (still billed)" if droplet.is_off and gpu else "")),
        ("size", droplet.size_slug or ""),
        ("gpus", f"{gpu.count} x {gpu.model}" if gpu else ""),
        ("memory", f"{droplet.memory:,} MB" if droplet.memory else ""),
        ("disk", f"{droplet.disk:,} GB" if droplet.disk else ""),
        ("region", droplet.region.slug if droplet.region and droplet.region.slug else ""),
        ("address", address_of(droplet)),
        ("image", _image_text(droplet.image) if droplet.image else ""),
        ("features", ", ".join(droplet.features)),
        ("tags", ", ".join(droplet.tags)),
        ("backups", ", ".join(map(str, droplet.backup_ids))),
        ("snapshots", ", ".join(map(str, droplet.snapshot_ids))),
        ("created", timestamp(droplet.created_at)),
    ]
    running = [action for action in actions if not action.is_finished]
    facts += [("running", f"{action.type} (action {action.id}, {action.status})") for action in running]
    return [(name, value) for name, value in facts if value]


def action_row(action: Action) -> Row:
    """Return an action's row in the table."""
    took = ""
    if action.started_at and action.completed_at:
        took = f"{(action.completed_at - action.started_at).total_seconds():.0f} s"
    is_of_droplet = action.resource_type in {None, "droplet"}
    resource = str(action.resource_id or "") if is_of_droplet else f"{action.resource_type} {action.resource_id or ''}"
    return str(action.id), action.type, action.status, resource.strip(), timestamp(action.started_at), took


def action_json(action: Action) -> Mapping[str, object]:
    """Return an action for programs. ``droplet_id`` lets the reader act on its Droplet."""
    fields = _json(action)
    is_of_droplet = action.resource_type in {None, "droplet"}
    return {"action_id": action.id, "droplet_id": action.resource_id if is_of_droplet else None, **fields}


def droplet_json(droplet: Droplet) -> Mapping[str, object]:
    """Return a Droplet for programs."""
    return _json(droplet)


def outcome_row(outcome: Outcome) -> Row:
    """Return an outcome's row in the table."""
    took = ""
    if outcome.started_at is not None:
        took = f"{(outcome.ended_at - outcome.started_at).total_seconds():.1f} s"
    action = f"{outcome.action.id}" if outcome.action else ""
    reason = "by an earlier run" if outcome.is_resumed and not outcome.reason else outcome.reason
    return str(outcome.droplet_id), outcome.name or "", outcome.status, action, took, in_typed_words(reason)


def address_of(droplet: Droplet) -> str:
    """Return the Droplet's address: the public one if it has one, else the private one."""
    addresses = sorted(droplet.networks.v4, key=lambda one: one.type != "public")
    return next((one.ip_address for one in addresses if one.ip_address), "")


def timestamp(at: datetime | None) -> str:
    """Return a timestamp in UTC to the second: ``2026-11-25 12:00:00Z``."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}" if at else ""


def _json(value: attrs.AttrsInstance) -> dict[str, object]:
    def serialize(_: object, __: object, one: object) -> object:
        return one.isoformat() if isinstance(one, datetime) else one

    return attrs.asdict(value, value_serializer=serialize)
