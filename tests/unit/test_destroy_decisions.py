"""What answers and reads mean for a Droplet that has to be destroyed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gradient_async import (
    APIConnectionError,
    Attempt,
    BillingResource,
    ClientClosedError,
    ConflictError,
    GradientAIError,
    InternalServerError,
    NotFoundError,
    PendingEventError,
    PermissionDeniedError,
    RateLimitError,
    RequestOutcomeUnknownError,
    UnprocessableEntityError,
)
from gradient_async.fleet.destroy.removal import (
    Answer,
    Removal,
    Sight,
    answer_of,
    asks_again,
    may_have_arrived,
    pause_after,
    verdict_at_end,
    verdict_when_cut_off,
)
from gradient_async.fleet.destroy.resource_choice import (
    RESOURCE_KINDS,
    checked_kinds,
    chosen,
    ids_by_kind,
    progress_of,
    resources_in,
)
from gradient_async.models.associated_resources import (
    DestroyWithAssociatedResourceCheckStatusResponse,
    DestroyWithAssociatedResourceListResponse,
)

VOLUME = BillingResource(kind="volumes", id="v1", name="data", cost="10.00")
SNAPSHOT = BillingResource(kind="snapshots", id="7", name="old")
STATUSES: dict[type[Any], int] = {
    NotFoundError: 404,
    PendingEventError: 422,
    ConflictError: 409,
    RateLimitError: 429,
    InternalServerError: 500,
    PermissionDeniedError: 403,
    UnprocessableEntityError: 422,
}


def error(kind: type[Any], *outcomes: str) -> Any:
    attempts = tuple(
        Attempt(number=number, outcome=outcome, started_at=datetime.now(UTC), seconds=0.1)  # type: ignore[arg-type]  # one of the words
        for number, outcome in enumerate(outcomes or ("rejected",), 1)
    )
    made: Any = Exception.__new__(kind)
    Exception.__init__(made, "said")
    made.__dict__.update(message="said", attempts=attempts, status_code=STATUSES.get(kind))
    return made


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (NotFoundError, Answer.ABSENT),
        (PendingEventError, Answer.LATER),
        (ConflictError, Answer.LATER),
        (RateLimitError, Answer.LATER),
        (InternalServerError, Answer.LATER),
        (APIConnectionError, Answer.LATER),
        (PermissionDeniedError, Answer.REFUSED),
        (UnprocessableEntityError, Answer.REFUSED),
        (ClientClosedError, Answer.REFUSED),
        (GradientAIError, Answer.REFUSED),
    ],
)
def test_each_error_has_its_meaning(kind: type[Any], answer: Answer) -> None:
    assert answer_of(error(kind)) is answer
    assert answer_of(None) is Answer.ACCEPTED


def removal(*answers: Any, sight: Sight = Sight.SHOWN) -> Removal:
    one = Removal(droplet_id=7, sight=sight)
    for answer in answers:
        one.answered(answer)
    return one


LOST = error(APIConnectionError, "unknown")
NOT_SENT = error(APIConnectionError, "not_sent")
GONE = error(NotFoundError)


@pytest.mark.parametrize(
    ("failure", "may"),
    [
        (None, False),
        (LOST, True),
        (NOT_SENT, False),
        (GONE, False),
        # One attempt without an answer is enough, whatever the others say.
        (error(InternalServerError, "unknown", "rejected"), True),
        (error(InternalServerError, "rejected", "unknown"), True),
        (error(RequestOutcomeUnknownError), True),
        (error(ClientClosedError, "unknown"), False),
    ],
)
def test_request_may_have_arrived_if_one_answer_is_missing(failure: Any, may: bool) -> None:
    assert may_have_arrived(failure) is may


@pytest.mark.parametrize(
    ("one", "status", "part"),
    [
        (removal(None, sight=Sight.GONE), "destroyed", ""),
        (removal(GONE, sight=Sight.GONE), "destroyed", "it was gone already"),
        (removal(LOST, GONE, sight=Sight.GONE), "destroyed", ""),
        (removal(None, GONE, sight=Sight.GONE), "destroyed", ""),
        (removal(None, sight=Sight.SHOWN), "unknown", "it still shows"),
        (removal(None, sight=Sight.UNCLEAR), "unknown", "could not be read"),
        (removal(LOST), "unknown", "may have been executed"),
        (removal(GONE, sight=Sight.SHOWN), "unknown", "a list still shows it"),
        (removal(NOT_SENT), "failed", "said"),
        (removal(NOT_SENT, sight=Sight.GONE), "failed", "said"),
        (removal(error(PermissionDeniedError)), "failed", "said"),
        (removal(), "failed", "before an answer"),
    ],
)
def test_outcome_says_what_is_proved(one: Removal, status: str, part: str) -> None:
    verdict = verdict_at_end(one, until_gone=True)
    assert verdict.status == status
    assert part in verdict.reason
    assert bool(part) is bool(verdict.reason)


def test_accepted_is_enough_only_where_it_is_asked_for() -> None:
    assert verdict_at_end(removal(None), until_gone=False).status == "destroyed"
    assert verdict_at_end(removal(None), until_gone=True).status == "unknown"
    assert verdict_at_end(removal(None), until_gone=False, fault=ZeroDivisionError()).status == "unknown"


@pytest.mark.parametrize(
    ("one", "status"),
    [(removal(), "kept"), (removal(NOT_SENT), "kept"), (removal(LOST), "unknown"), (removal(None), "unknown")],
)
def test_cut_off_is_kept_only_if_nothing_was_sent(one: Removal, status: str) -> None:
    assert verdict_when_cut_off(one, "it was cancelled").status == status


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({}, "it ended before its turn"),
        ({"is_accepted": True}, "the API accepted the request; it ended before it was gone"),
        ({"is_unresolved": True}, "the request may have been executed; it ended before that was known"),
        ({"is_on_the_wire": True}, "the request may have been executed; it ended before that was known"),
        ({"has_snapshot_run": True, "snapshot_id": 9}, "it ended after its snapshot; it is switched off"),
        (
            {"has_snapshot_run": True},
            "it ended before its snapshot was found; it may be switched off, and a snapshot may exist",
        ),
    ],
)
def test_cut_off_says_what_may_have_happened(facts: dict[str, Any], reason: str) -> None:
    assert verdict_when_cut_off(Removal(droplet_id=7, **facts), "it ended").reason == reason


async def test_request_on_the_wire_may_be_executed() -> None:
    one = removal()
    await one.note_sending(())
    assert verdict_when_cut_off(one, "it was cancelled").status == "unknown"
    one.answered(NOT_SENT)
    assert verdict_when_cut_off(one, "it was cancelled").status == "kept"


def test_pauses_grow_up_to_a_limit() -> None:
    assert [pause_after(attempts) for attempts in (1, 2, 3, 5, 99)] == [1.0, 2.0, 4.0, 15.0, 15.0]
    assert pause_after(2, 0.1) == 0.2
    # A pause is doubled ten times at most.
    assert [pause_after(attempts, 0.001) for attempts in (10, 11, 12, 5000)] == [0.512, 1.024, 1.024, 1.024]
    assert not asks_again(59.9)
    assert asks_again(60.0)


def test_new_snapshot_is_never_destroyed() -> None:
    both = (VOLUME, SNAPSHOT)
    assert chosen(both, RESOURCE_KINDS, None) == both
    assert chosen(both, RESOURCE_KINDS, 7) == (VOLUME,)
    assert chosen(both, ["snapshots"], 8) == (SNAPSHOT,)
    # A volume with the snapshot's id is another thing.
    assert chosen((BillingResource(kind="volumes", id="7"),), RESOURCE_KINDS, 7) != ()
    assert ids_by_kind(both) == {"volumes": ["v1"], "snapshots": ["7"], "volume_snapshots": [], "reserved_ips": []}


def test_kinds_are_checked() -> None:
    assert checked_kinds(True) == set(RESOURCE_KINDS)
    assert checked_kinds(False) == set()
    assert checked_kinds(("volumes",)) == {"volumes"}
    with pytest.raises(TypeError, match="with_resources"):
        checked_kinds("volumes")
    with pytest.raises(ValueError, match="floating_ips"):
        checked_kinds(["floating_ips"])


def test_floating_ip_is_counted_once() -> None:
    ip = {"id": "1", "name": "10.0.0.1", "cost": "5.00"}
    listed = DestroyWithAssociatedResourceListResponse.from_dict({"reserved_ips": [ip], "floating_ips": [ip]})
    (only,) = resources_in(listed)
    assert str(only) == "reserved IP 1 (10.0.0.1), $5.00 a month"


def test_progress_names_what_is_left_and_why() -> None:
    done = {"id": "7", "destroyed_at": "2026-11-30T10:00:00Z"}
    attached = {"id": "v1", "destroyed_at": None, "error_message": "it is attached"}
    status = {
        "droplet": {"id": "1", "destroyed_at": "2026-11-30T10:00:00Z"},
        "resources": {"volumes": [attached], "snapshots": [done]},
        "completed_at": "2026-11-30T10:01:00Z",
        "failures": 1,
    }
    shown = DestroyWithAssociatedResourceCheckStatusResponse.from_dict(status)
    progress = progress_of(shown, (VOLUME, SNAPSHOT))
    assert progress.is_ended
    assert progress.is_droplet_destroyed
    assert progress.destroyed == (SNAPSHOT,)
    assert progress.left == (VOLUME,)
    assert progress.error == "volume v1 (data), $10.00 a month: it is attached"
