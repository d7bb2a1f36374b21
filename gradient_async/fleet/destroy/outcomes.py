"""The outcomes of Droplets that had to be destroyed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import field, frozen

from gradient_async.fleet.outcome import label_of

if TYPE_CHECKING:
    from gradient_async.models.rows import Cell

DestroyStatus: TypeAlias = Literal["destroyed", "not_found", "kept", "failed", "unknown"]
"""The possible outcomes of a Droplet that has to be destroyed."""

DESTROY_STATUSES: Final[tuple[DestroyStatus, ...]] = ("destroyed", "not_found", "kept", "failed", "unknown")


def in_words(status: DestroyStatus) -> str:
    """Return a status as it stands in a text for people."""
    return status.replace("_", " ")


@frozen(kw_only=True)
class BillingResource:
    """A resource that was a Droplet's, and is billed for as long as it exists.

    Attributes:
        kind: ``"volumes"``, ``"snapshots"``, ``"volume_snapshots"`` or ``"reserved_ips"``.
        id: Its id.
        name: Its name; for an IP, its address where the API says it.
        cost: Its price in US dollars a month, as the API says it; ``None`` if it does not.
    """

    kind: str
    id: str
    name: str | None = None
    cost: str | None = None

    def __str__(self) -> str:
        name = " ".join((self.name or "").split())
        kind = "reserved IP" if self.kind == "reserved_ips" else self.kind.removesuffix("s").replace("_", " ")
        cost = f", ${self.cost} a month" if self.cost is not None else ""
        return f"{kind} {self.id}{f' ({name})' if name and name != self.id else ''}{cost}"


@frozen(kw_only=True)
class UnseenDroplet:
    """A Droplet that may exist, and whose id is not known: the answer to its create was lost, and no list has shown it.

    Attributes:
        name: Its name.
        price_hourly: US dollars an hour that it costs if it exists; ``None`` if unknown.
    """

    name: str
    price_hourly: float | None = None


@frozen(kw_only=True)
class DestroyOutcome:
    """The outcome of one Droplet that had to be destroyed. Each Droplet has exactly one.

    Attributes:
        droplet_id: The Droplet's id.
        status: ``"destroyed"``: it is gone: the API knows its id no more, and no list shows it (with
            ``until="accepted"``: the API accepted the request). ``"not_found"``: no Droplet of the account has the id,
            or not any more. ``"kept"``: no request to destroy it was sent. ``"failed"``: the API refused.
            ``"unknown"``: a request was sent, and it is not known that the Droplet is gone. The last three may still be
            billed.
        name: The Droplet's name, where it was read; else ``None``.
        reason: Why, for people; empty where there is nothing to say.
        error: What went wrong, if the API or the connection said so.
        price_hourly: US dollars an hour that the Droplet costs; ``None`` if it is unknown.
        snapshot_id: Id of the snapshot that was made before; ``None`` without one.
        snapshot_name: Its name.
        destroyed_with: Resources that were destroyed with the Droplet.
        left: Resources of the Droplet that still exist and are billed; ``None`` if they could not be read.
        started_at: When the work on the Droplet began, UTC.
        ended_at: When the outcome was known, UTC.
    """

    droplet_id: int
    status: DestroyStatus
    name: str | None = None
    reason: str = ""
    error: Exception | None = field(default=None, eq=False)
    price_hourly: float | None = None
    snapshot_id: int | None = None
    snapshot_name: str | None = None
    destroyed_with: tuple[BillingResource, ...] = ()
    left: tuple[BillingResource, ...] | None = ()
    started_at: datetime | None = None
    ended_at: datetime

    @property
    def is_destroyed(self) -> bool:
        """Whether the Droplet was there, and is gone."""
        return self.status == "destroyed"

    @property
    def is_absent(self) -> bool:
        """Whether there is no such Droplet now: it is gone, or was not found."""
        return self.status in {"destroyed", "not_found"}

    @property
    def label(self) -> str:
        """The Droplet in a text: its id, and its name where that is known, as in ``3164444 (trainer-01)``."""
        return label_of(self.droplet_id, self.name)

    def to_row(self) -> dict[str, Cell]:
        """Return a flat row for a table, a log or a line of JSON. Times are ISO 8601, UTC."""
        seconds = (self.ended_at - self.started_at).total_seconds() if self.started_at else None
        return {
            "droplet_id": self.droplet_id,
            "name": self.name,
            "status": self.status,
            "reason": self.reason,
            "error": type(self.error).__name__ if self.error else None,
            "price_hourly": self.price_hourly,
            "snapshot_id": self.snapshot_id,
            "snapshot_name": self.snapshot_name,
            "destroyed_with": "; ".join(map(str, self.destroyed_with)),
            "left": None if self.left is None else "; ".join(map(str, self.left)),
            "started_at": self.started_at.isoformat() if self.started_at else None,
            "ended_at": self.ended_at.isoformat(),
            "seconds": None if seconds is None else round(seconds, 3),
        }


@frozen(kw_only=True)
class DestroyProgress:
    """How far destroying has come.

    Attributes:
        total: How many Droplets there are.
        destroyed: Outcomes of that status so far.
        not_found: Likewise.
        kept: Likewise.
        failed: Likewise.
        unknown: Likewise.
        elapsed: Seconds since the beginning.
        latest: The latest outcome.
    """

    total: int
    destroyed: int
    not_found: int
    kept: int
    failed: int
    unknown: int
    elapsed: float
    latest: DestroyOutcome

    @property
    def ended(self) -> int:
        """Droplets that have an outcome."""
        return self.destroyed + self.not_found + self.kept + self.failed + self.unknown
