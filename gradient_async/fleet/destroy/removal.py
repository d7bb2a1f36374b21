"""Decides what to do with one Droplet that has to be destroyed. Pure: answers and sights in, decisions out."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from attrs import define, field

from gradient_async.errors import (
    APIError,
    APIStatusError,
    ConflictError,
    GradientAIError,
    InternalServerError,
    NotFoundError,
    PendingEventError,
    RateLimitError,
    RequestOutcomeUnknownError,
)
from gradient_async.errors.requests import with_needed_scopes
from gradient_async.fleet.destroy.outcomes import BillingResource
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.errors import Attempt
    from gradient_async.fleet.destroy.outcomes import DestroyStatus

_FIRST_PAUSE_SECONDS: Final = 1.0
_MAX_PAUSE_SECONDS: Final = 15.0
# After so many seconds, a Droplet that still shows gets another request. The first may have failed; a second is
# harmless.
_ASK_AGAIN_SECONDS: Final = 60.0


class Sight(enum.Enum):
    """What reads show of a Droplet."""

    SHOWN = "a list or its id shows it"
    GONE = "its id is unknown, and no list shows it"
    UNCLEAR = "it could not be read"


class Answer(enum.Enum):
    """What an answer to a request to destroy a Droplet means."""

    ACCEPTED = "the Droplet is being destroyed"
    ABSENT = "the API does not know the Droplet"
    LATER = "the same request may succeed later"
    REFUSED = "the same request will not succeed"


class Verdict(NamedTuple):
    """The end of the work on a Droplet."""

    status: DestroyStatus
    reason: str


@define(eq=False)
class Removal:
    """A Droplet that has to be destroyed, and its progress.

    Attributes:
        droplet_id: The Droplet's id.
        droplet: The Droplet as last read; ``None`` if it was not read, or does not exist.
        price_hourly: US dollars an hour that it costs; ``None`` if unknown.
        is_only_an_id: Whether only the caller says that it ever existed.
        started_at: When the work on it began, UTC.
        is_on_the_wire: Whether a request is being sent.
        is_unresolved: Whether a request was sent whose answer is missing.
        is_accepted: Whether the API accepted a request.
        is_absent: Whether the API does not know the Droplet, and accepted no request before.
        failure: The last error; ``None`` after a success.
        sight: What the last reads show.
        snapshot_id: Id of the snapshot that was made before.
        snapshot_name: Its name.
        snapshot_failure: Why there is no snapshot, if an error says so.
        has_snapshot_run: Whether the run for its snapshot has begun, which switches it off.
        destroyed_with: Resources that were destroyed with it.
        left: Its resources that still exist; ``None`` if they could not be read.
        is_read: Whether ``left`` was read.
        resource_failure: Why resources could not be destroyed.
    """

    droplet_id: int
    droplet: Droplet | None = None
    price_hourly: float | None = None
    is_only_an_id: bool = False
    started_at: datetime | None = None
    is_on_the_wire: bool = False
    is_unresolved: bool = False
    is_accepted: bool = False
    is_absent: bool = False
    failure: GradientAIError | None = None
    sight: Sight = Sight.SHOWN
    snapshot_id: int | None = None
    snapshot_name: str | None = None
    snapshot_failure: Exception | None = None
    has_snapshot_run: bool = False
    destroyed_with: tuple[BillingResource, ...] = ()
    left: tuple[BillingResource, ...] | None = field(default=())
    is_read: bool = False
    resource_failure: str = ""

    async def note_sending(self, _: Sequence[Attempt]) -> None:
        """Record that a request is being sent. If its answer is cut off, it may have been executed."""
        self.is_on_the_wire = True

    def answered(self, error: GradientAIError | None) -> Answer:
        """Record the answer to a request. Return what it means."""
        answer = answer_of(error)
        self.is_on_the_wire = False
        self.failure = error if answer in (Answer.LATER, Answer.REFUSED) else None
        self.is_accepted = self.is_accepted or answer is Answer.ACCEPTED
        self.is_absent = answer is Answer.ABSENT and not self.is_accepted and not self.is_unresolved
        self.is_unresolved = self.is_unresolved or may_have_arrived(error)
        return answer


def answer_of(error: GradientAIError | None) -> Answer:
    """Return what the answer to a request to destroy a Droplet means; ``None`` is success."""
    if error is None:
        return Answer.ACCEPTED
    if isinstance(error, NotFoundError):
        return Answer.ABSENT
    # Another event runs on the Droplet, the API has a fault, or there is no connection. All of these are temporary.
    if isinstance(error, PendingEventError | ConflictError | RateLimitError | InternalServerError):
        return Answer.LATER
    if isinstance(error, APIStatusError) or not isinstance(error, APIError | RequestOutcomeUnknownError):
        return Answer.REFUSED
    return Answer.LATER


def may_have_arrived(error: GradientAIError | None) -> bool:
    """Return whether a request that ended with this error may have been executed."""
    if isinstance(error, RequestOutcomeUnknownError):
        return True
    return isinstance(error, APIError) and any(attempt.outcome == "unknown" for attempt in error.attempts)


def pause_after(attempts: int, first: float | None = None) -> float:
    """Return seconds until a request is sent again.

    Args:
        attempts: How often it was sent.
        first: The first pause; ``None`` means 1. The next are longer.
    """
    return min((_FIRST_PAUSE_SECONDS if first is None else first) * 2.0 ** min(attempts - 1, 10), _MAX_PAUSE_SECONDS)


def asks_again(seconds: float) -> bool:
    """Return whether a Droplet that still shows gets another request."""
    return seconds >= _ASK_AGAIN_SECONDS


def verdict_at_end(removal: Removal, *, until_gone: bool, fault: Exception | None = None) -> Verdict:
    """Return the outcome of a Droplet that is gone, or for which there is no time left.

    Args:
        removal: The Droplet.
        until_gone: Whether it has to be gone, and not only accepted.
        fault: An unexpected error that ended the work on it.
    """
    if fault is not None:
        return Verdict("unknown", f"unexpected error: {fault!r}")
    if removal.is_accepted and not until_gone:
        return Verdict("destroyed", "the API accepted the request")
    if removal.sight is Sight.GONE and (removal.is_accepted or removal.is_absent or removal.is_unresolved):
        if removal.is_absent and removal.is_only_an_id:
            return Verdict("not_found", "no Droplet of this account has the id, or not any more")
        return Verdict("destroyed", "it was gone already" if removal.is_absent else removal.resource_failure)
    if removal.is_accepted:
        shown = "it still shows" if removal.sight is Sight.SHOWN else "it could not be read"
        return Verdict("unknown", f"the API accepted the request, and {shown} at the end of the timeout")
    failure = removal.failure
    said = "the time was over before an answer" if failure is None else with_needed_scopes(failure)
    if removal.is_unresolved or removal.is_on_the_wire:
        return Verdict("unknown", f"the request may have been executed: {said}")
    if removal.is_absent:
        return Verdict("unknown", "the API does not know its id, and a list still shows it, or could not be read")
    return Verdict("failed", said)


def verdict_when_cut_off(removal: Removal, why: str) -> Verdict:
    """Return the outcome of a Droplet when the run ends early.

    Args:
        removal: The Droplet.
        why: Why the run ends.
    """
    if removal.is_accepted:
        return Verdict("unknown", f"the API accepted the request; {why} before it was gone")
    if removal.is_unresolved or removal.is_on_the_wire:
        return Verdict("unknown", f"the request may have been executed; {why} before that was known")
    if removal.snapshot_id is not None:
        return Verdict("kept", f"{why} after its snapshot; it is switched off")
    if removal.has_snapshot_run:
        return Verdict("kept", f"{why} before its snapshot was found; it may be switched off, and a snapshot may exist")
    return Verdict("kept", f"{why} before its turn")
