"""The lines of a creation run's journal, as they are written. ``records`` says what they mean. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from gradient_async.fleet.journal_text import Line
    from gradient_async.http.request import Timestamp


def sending_line(
    names: Sequence[str], *, size: str, region: str, price_hourly: float | None, now: Timestamp, boot: str | None
) -> Line:
    """Return the line for a create that is about to go on the wire."""
    return {
        "event": "sending",
        "names": list(names),
        "size": size,
        "region": region,
        "price": price_hourly,
        "at": now.wall,
        "monotonic": now.monotonic,
        "boot": boot,
    }


def names_line(
    event: Literal["refused", "absent", "unknown"],
    names: Sequence[str],
    reason: str,
    at: float,
    *,
    is_answered: bool = False,
) -> Line:
    """Return the line for the result of a create of several names.

    Args:
        event: The result.
        names: The names.
        reason: Why, for people.
        at: When, in seconds since the epoch.
        is_answered: Whether the API's own answer says that these Droplets do not exist.
    """
    line: dict[str, object] = {"event": event, "names": list(names), "reason": reason, "at": at}
    return {**line, "answered": True} if is_answered else line


def droplet_line(
    event: Literal["created", "ready", "lost", "destroying", "destroyed", "surplus"],
    name: str,
    droplet_id: int,
    at: float,
    reason: str = "",
) -> Line:
    """Return the line for a change of one Droplet."""
    line: dict[str, object] = {"event": event, "name": name, "droplet": droplet_id, "at": at}
    return {**line, "reason": reason} if reason else line


def ended_line(counts: Mapping[str, int], reason: str, ended_at: datetime) -> Line:
    """Return the line for the end of a run."""
    return {
        "event": "ended",
        "counts": dict(counts),
        "reason": reason,
        "ended_at": ended_at.isoformat(),
        "at": ended_at.timestamp(),
    }
