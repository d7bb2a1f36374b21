"""The tags of new Droplets: those that were typed, and those of a lease."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.reads import check_tag
from gradient_async.fleet.lease_tags import MAX_SECONDS, lease_tags, mark_in

if TYPE_CHECKING:
    from collections.abc import Sequence


def tags_of(typed: Sequence[str], ttl: float | None, journal: str | None) -> list[str]:
    """Return the tags.

    Args:
        typed: The tags that were typed.
        ttl: Seconds until the lease ends; ``None`` without a lease.
        journal: The run's journal. A run that continues has the lease that it began with.

    Raises:
        UsageError: No tag can be like a typed one, or the lease is longer than 10 years.
        JournalError: The journal is damaged, or of another kind of run.
    """
    for tag in typed:
        check_tag(tag)
    if ttl is None:
        return list(typed)
    if ttl > MAX_SECONDS:
        raise UsageError(f"--ttl: expected at most 10 years ({MAX_SECONDS / 3600:.0f}h), got {ttl / 3600:g}h")
    recorded = _recorded(journal)
    until = datetime.now(UTC) + timedelta(seconds=ttl)
    return recorded if mark_in(recorded) is not None else [*typed, *lease_tags(secrets.token_hex(4), until)]


def _recorded(journal: str | None) -> list[str]:
    """Return the tags of the run in a journal."""
    from gradient_async.fleet.create.journal import recorded_creation

    records = None if journal is None else recorded_creation(journal)
    tags = records.run.call.get("tags") if records is not None else None
    return [str(tag) for tag in tags] if isinstance(tags, list) else []
