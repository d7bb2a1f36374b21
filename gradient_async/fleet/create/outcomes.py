"""The outcomes of a creation run's Droplets, what the API answered, and how far the run has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import field, frozen

if TYPE_CHECKING:
    from gradient_async.models.rows import Cell

CreationStatus: TypeAlias = Literal["delivered", "destroyed", "lost", "destroying", "left", "unknown"]
"""The possible outcomes of a Droplet of a creation run."""

CREATION_STATUSES: Final[tuple[CreationStatus, ...]] = (
    "delivered",
    "destroyed",
    "lost",
    "destroying",
    "left",
    "unknown",
)


@frozen(kw_only=True)
class CreationOutcome:
    """The outcome of one Droplet of a creation run.

    Attributes:
        name: Its name.
        droplet_id: Its id; ``None`` if it was never seen.
        status: ``"delivered"``: it is usable, and billed. ``"destroyed"``: the run destroyed it, and it is gone: the
            API does not know its id any more, and no list shows it. ``"lost"``: it is gone, and the run did not destroy
            it: the API found no place for it. ``"destroying"``: the API accepted to destroy it, and it is not yet
            confirmed to be gone. ``"left"``: the run meant to destroy it, and it is not known whether the API accepted.
            ``"unknown"``: its create may have been executed, and no list shows it. Another one may have been created in
            its place. The last three may be billed.
        size: Slug of its size.
        region: Slug of its region.
        price_hourly: Its price in US dollars an hour; ``None`` if it is not known.
        reason: Why, for people; empty where there is nothing to say.
        sent_at: When its create was sent, UTC; ``None`` if that is not known.
        ready_at: When it was usable, UTC; ``None`` if it was not.
        ended_at: When it was seen to be gone, UTC; ``None`` if it was not.
    """

    name: str
    droplet_id: int | None
    status: CreationStatus
    size: str
    region: str
    price_hourly: float | None = None
    reason: str = ""
    sent_at: datetime | None = None
    ready_at: datetime | None = None
    ended_at: datetime | None = None

    @property
    def label(self) -> str:
        """The Droplet in a text: its id and its name, as in ``3164444 (train-1-5f0c2a91)``."""
        return f"{self.droplet_id} ({self.name})" if self.droplet_id is not None else self.name

    def to_row(self) -> dict[str, Cell]:
        """Return a flat row for a table, a log or a line of JSON."""
        return {
            "name": self.name,
            "droplet_id": self.droplet_id,
            "status": self.status,
            "size": self.size,
            "region": self.region,
            "price_hourly": self.price_hourly,
            "reason": self.reason,
            "sent_at": _iso(self.sent_at),
            "ready_at": _iso(self.ready_at),
            "ended_at": _iso(self.ended_at),
        }


@frozen(kw_only=True)
class CreationTry:
    """One create that was sent.

    Attributes:
        at: When its answer came, UTC.
        size: Slug of the size.
        region: Slug of the region.
        count: How many Droplets it asked for.
        status: ``"accepted"``, ``"refused"``, or ``"unknown"`` if its answer was lost.
        message: The API's refusal; empty without one.
    """

    at: datetime
    size: str
    region: str
    count: int
    status: Literal["accepted", "refused", "unknown"]
    message: str = ""

    def to_row(self) -> dict[str, Cell]:
        """Return a flat row. The time is ISO 8601, UTC."""
        return {
            "at": self.at.isoformat(),
            "size": self.size,
            "region": self.region,
            "count": self.count,
            "status": self.status,
            "message": self.message,
        }


@frozen(kw_only=True)
class OfferAnswers:
    """What the API answered to the creates of one size in one region.

    Attributes:
        size: Slug of the size.
        region: Slug of the region.
        price_hourly: Price of one Droplet in US dollars an hour; ``None`` if the API does not list it.
        posts: Creates that were sent.
        accepted: Droplets that the API accepted.
        refusals: How often each error was the answer, by the name of its class; ``"unknown"`` for a lost answer.
        last_message: The API's last refusal; empty without one.
    """

    size: str
    region: str
    price_hourly: float | None = None
    posts: int = 0
    accepted: int = 0
    refusals: Mapping[str, int] = field(factory=dict)
    last_message: str = ""

    def to_row(self) -> dict[str, Cell]:
        """Return a flat row."""
        return {
            "size": self.size,
            "region": self.region,
            "price_hourly": self.price_hourly,
            "posts": self.posts,
            "accepted": self.accepted,
            "refusals": ", ".join(f"{count} {name}" for name, count in self.refusals.items()),
            "last_message": self.last_message,
        }


@frozen(kw_only=True)
class CreationEvent:
    """Something that happened in a creation run.

    Attributes:
        seconds: Seconds since the run began.
        text: What happened, for people.
    """

    seconds: float
    text: str


@frozen(kw_only=True)
class CreationProgress:
    """How far a creation run has come.

    Attributes:
        count: How many Droplets are wanted.
        ready: Droplets that are usable.
        created: Droplets that exist, usable or not.
        unknown: Names whose create was lost, and that are looked up.
        rounds: Rounds that have begun.
        posts: Creates that were sent.
        hourly: What all Droplets that exist or may exist cost, in US dollars an hour, as far as prices are known.
        elapsed: Seconds since the run began.
        event: What happened now, for people.
        next_round: Seconds until the next round; ``None`` if none is planned.
    """

    count: int
    ready: int
    created: int
    unknown: int
    rounds: int
    posts: int
    hourly: float
    elapsed: float
    event: str
    next_round: float | None = None


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()
