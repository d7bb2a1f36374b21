"""The state of a Droplet in a wait, and the rule for a final 404."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from attrs import define, field

from gradient_async.errors import APIError, NotFoundError
from gradient_async.models.action import Action
from gradient_async.models.droplet import Droplet, DropletStatus
from gradient_async.waiting.poller import TRANSIENT_ERRORS

if TYPE_CHECKING:
    from typing import Self

ListKind: TypeAlias = Literal["gpus", "plain"]

# A Droplet that was read before is gone after this number of 404s in a row.
_MAX_MISSES: Final = 2


@define(kw_only=True, eq=False)
class AwaitedDroplet:
    """A Droplet that a wait is about.

    Attributes:
        id: The Droplet's id.
        given: The Droplet as the caller knows it; ``None`` if only the id is known.
        last: The Droplet as last read.
        failure: Error of the last poll; ``None`` if it succeeded, or if it was a 404 that is not final.
        reads: Number of attempts to read it.
        read_at: When it was last read, by the event loop's clock.
        kind: The list that should show it.
        is_absent: Whether the last complete list did not show it.
        misses: Number of 404s since it was last read.
        missing_since: When the first of these was received, by the event loop's clock.
        not_found: The last of these.
        known_misses: Number of these when its ``create`` action was last looked up.
        create: Its ``create`` action, if it was found.
        is_changed: Whether the last poll showed another state than the one before.
        news: Set after each poll.
    """

    id: int
    given: Droplet | None = None
    last: Droplet | None = None
    failure: APIError | None = None
    reads: int = 0
    read_at: float = -math.inf
    kind: ListKind = "gpus"
    is_absent: bool = False
    misses: int = 0
    missing_since: float = 0.0
    not_found: NotFoundError | None = None
    known_misses: int = 0
    create: Action | None = None
    is_changed: bool = False
    news: asyncio.Event = field(factory=asyncio.Event)

    @classmethod
    def of(cls, droplet: Droplet | int) -> Self:
        """Return what a wait knows of a Droplet or of an id."""
        if not isinstance(droplet, Droplet):
            return cls(id=droplet)
        return cls(id=droplet.id, given=droplet, kind=kind_of(droplet))

    @property
    def key(self) -> Self:
        """The wait's own object: two waits for a Droplet can end at different states."""
        return self

    @property
    def has_state(self) -> bool:
        """Whether the first poll can wait: a Droplet that is created now is not ready at once."""
        return self.given is not None and self.given.status == DropletStatus.NEW

    @property
    def is_finished(self) -> bool:
        """``False``: the wait that needs the polls ends them."""
        return False

    @property
    def is_unreadable(self) -> bool:
        """Whether the last poll failed with an error that the next poll would get too."""
        return self.failure is not None and not isinstance(self.failure, TRANSIENT_ERRORS)

    @property
    def was_seen(self) -> bool:
        """Whether the Droplet surely existed, so that a 404 does not mean "not yet"."""
        return self.last is not None or (self.given is not None and self.given.status != DropletStatus.NEW)

    @property
    def is_young(self) -> bool:
        """Whether it may have been created just now."""
        droplet = self.last or self.given
        return droplet is None or droplet.status == DropletStatus.NEW

    def merge(self, other: Self) -> None:
        """Do nothing: each wait has its own entry."""

    def read(self, droplet: Droplet, now: float) -> None:
        """Record a read."""
        before = self.last
        self.is_changed = before is not None and (before.status, before.networks) != (droplet.status, droplet.networks)
        self.last, self.failure, self.kind = droplet, None, kind_of(droplet)
        self.reads, self.read_at = self.reads + 1, now
        self.misses, self.known_misses, self.is_absent = 0, 0, False

    def miss(self, error: NotFoundError, now: float) -> None:
        """Record a 404."""
        if not self.misses:
            self.missing_since = now
        self.misses += 1
        self.reads, self.read_at = self.reads + 1, now
        self.not_found, self.failure = error, None

    def note_absence(self) -> None:
        """Record that a complete list does not show it. If its kind is not known, the other list is read next."""
        self.is_absent = True
        if self.given is None and self.last is None:
            self.kind = "plain" if self.kind == "gpus" else "gpus"

    def is_gone(self, now: float, patience: float) -> bool:
        """Return whether a 404 is final.

        Args:
            now: The current time by the event loop's clock.
            patience: Seconds in which a new Droplet may not be readable yet. Answers from replicas can alternate.
        """
        if self.is_young:
            return self.misses > 0 and now - self.missing_since >= patience
        return self.misses >= _MAX_MISSES or (self.misses > 0 and self.is_absent)

    def end_round(self) -> bool:
        """Wake the wait. Return whether the intervals begin anew: after a change, and while the Droplet is missing."""
        self.news.set()
        restarts, self.is_changed = self.is_changed or self.misses > 0, False
        return restarts


def kind_of(droplet: Droplet) -> ListKind:
    """Return the list that shows a Droplet. Pure."""
    return "gpus" if droplet.has_gpus or (droplet.size_slug or "gpu").startswith("gpu") else "plain"
