"""The tags of a lease: its id, and when it ends. Pure.

A cron job on another machine sees only these tags of a lease whose program has died.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

LEASE: Final = "gradient-lease:"
UNTIL: Final = "gradient-lease-until:"
MAX_SECONDS: Final = 10 * 365 * 86_400.0
"""The longest time of a lease, 10 years. A longer one is a mistake, and its end may be no valid date."""

# Only characters that a tag may have. The API may change the case of a tag that exists.
_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
_UNTIL: Final = re.compile(rf"{UNTIL}(\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ)", re.IGNORECASE)
_LEASE: Final = re.compile(rf"{LEASE}([\w-]+)", re.IGNORECASE)


class LeaseMark(NamedTuple):
    """What the tags of a Droplet say about its lease.

    Attributes:
        lease_id: Id of the lease.
        until: When it ends, UTC.
    """

    lease_id: str
    until: datetime


def lease_tags(lease_id: str, until: datetime) -> tuple[str, str]:
    """Return the tags of a lease's Droplets. A part of a second counts as a whole one."""
    whole = until.astimezone(UTC)
    if whole.microsecond:
        whole += timedelta(seconds=1)  # the format leaves the part out
    return f"{LEASE}{lease_id}", f"{UNTIL}{whole.strftime(_FORMAT)}"


def mark_in(tags: Iterable[str]) -> LeaseMark | None:
    """Return what the tags say about a lease; ``None`` if one of the two is missing, or is not as a lease writes it.

    Of several times the latest counts.
    """
    leases: list[str] = []
    times: list[datetime] = []
    for tag in tags:
        if lease := _LEASE.fullmatch(tag):
            leases.append(lease[1])
        elif until := _UNTIL.fullmatch(tag):
            try:
                times.append(datetime.strptime(until[1].upper(), _FORMAT).replace(tzinfo=UTC))
            except ValueError:
                return None
    return LeaseMark(leases[0], max(times)) if leases and times else None


def is_over(tags: Iterable[str], now: datetime, older_than: float) -> bool:
    """Return whether tags are of a lease that ended so many seconds ago. Tags without a lease are of none."""
    mark = mark_in(tags)
    return mark is not None and (now - mark.until).total_seconds() >= older_than


def without_past_lease(tags: Iterable[str], now: datetime) -> list[str]:
    """Return tags without those of a lease that is over: a new Droplet with them would be reaped at once."""
    given = list(tags)
    if not is_over(given, now, 0.0):
        return given
    return [tag for tag in given if not (_LEASE.fullmatch(tag) or _UNTIL.fullmatch(tag))]
