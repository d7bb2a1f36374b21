"""Ways to destroy a Droplet: which requests are sent, when, and what is known of the resources afterwards."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import Any

import pytest
from virtual_time import FakeSender, run

from gradient_async import (
    BillingResource,
    ConflictError,
    GradientAIError,
    InternalServerError,
    NotFoundError,
    RequestOutcomeUnknownError,
    UnprocessableEntityError,
)
from gradient_async.fleet.destroy.removal import Removal
from gradient_async.fleet.destroy.ways import ById, WithResources, read_resources
from gradient_async.http.request import Priority

VOLUME = BillingResource(kind="volumes", id="v1", name="data", cost="10.00")
SNAPSHOT = BillingResource(kind="snapshots", id="9", name="old", cost=None)
LISTED = {"volumes": [{"id": "v1", "name": "data", "cost": "10.00"}], "snapshots": [{"id": "9", "name": "old"}]}
AT = "2026-11-30T10:00:00Z"


def error(kind: type[Any], message: str = "no", status: int = 400) -> Any:
    return kind(message, method="DELETE", path="/v2/droplets/7", status=status)


MISSING = error(NotFoundError, status=404)
DOWN = error(InternalServerError, status=500)
LOST = RequestOutcomeUnknownError("lost", method="DELETE", path="/v2/droplets/7", attempts=())


def status(*, droplet: bool = True, volume: bool = True, ended: bool = True, why: str = "") -> dict[str, Any]:
    """Return the state of a request: what is destroyed, and whether the API has finished."""
    state = {"id": "v1", "destroyed_at": AT if volume else None, "error_message": why}
    return {
        "droplet": {"id": "7", "destroyed_at": AT if droplet else None},
        "resources": {"volumes": [state]},
        "completed_at": AT if ended else None,
    }


def sender(**answers: Any) -> FakeSender:
    """Answer each endpoint with its answers in turn; the last one stays."""
    given: dict[str, deque[Any]] = defaultdict(lambda: deque([{}]))
    for name, answer in answers.items():
        given[name] = deque(answer if isinstance(answer, list) else [answer])

    def answer_of(request: Any) -> Any:
        of = given[request.endpoint.name.rpartition(".")[2]]
        return of.popleft() if len(of) > 1 else of[0]

    return FakeSender(answer_of)


def removed(
    one: FakeSender, removal: Removal, *, kinds: tuple[str, ...] = ("volumes",), timeout: float = 100.0
) -> None:
    async def work() -> None:
        await WithResources(one, kinds, timeout, 1.0).send(removal)  # type: ignore[arg-type]  # a fake

    run(work())


@pytest.mark.parametrize(
    ("names_rest", "is_read", "sent"),
    [(True, False, ["list", "delete"]), (True, True, ["delete"]), (False, False, ["delete"])],
)
def test_rest_is_read_once_and_only_if_it_is_named(names_rest: bool, is_read: bool, sent: list[str]) -> None:
    one, removal = sender(list=LISTED), Removal(droplet_id=7, is_read=is_read)

    async def work() -> None:
        await ById(one, names_rest=names_rest).send(removal)  # type: ignore[arg-type]  # a fake

    run(work())
    assert one.names == sent
    assert one.sent[-1].path == "/v2/droplets/7"
    assert removal.is_on_the_wire
    assert removal.left == ((VOLUME, SNAPSHOT) if "list" in sent else ())


def test_rest_is_not_named_unless_it_is_asked_for() -> None:
    one = sender()

    async def work() -> None:
        await ById(one).send(Removal(droplet_id=7))  # type: ignore[arg-type]  # a fake

    run(work())
    assert one.names == ["delete"]


@pytest.mark.parametrize(
    ("answer", "is_needed", "left", "is_read"),
    [
        (LISTED, False, (VOLUME, SNAPSHOT), True),
        (LISTED, True, (VOLUME, SNAPSHOT), True),
        (MISSING, False, (), True),
        (MISSING, True, (), True),
        (DOWN, False, None, True),
        (DOWN, True, None, False),
    ],
)
def test_resources_are_known_or_known_to_be_unknown(answer: Any, is_needed: bool, left: Any, is_read: bool) -> None:
    one, removal = sender(list=answer), Removal(droplet_id=7)

    async def work() -> GradientAIError | None:
        try:
            await read_resources(one, removal, is_needed=is_needed)  # type: ignore[arg-type]  # a fake
        except GradientAIError as raised:
            return raised
        return None

    assert run(work()) is (answer if is_needed and isinstance(answer, GradientAIError) else None)
    assert (removal.left, removal.is_read) == (left, is_read)


def test_error_of_the_needed_list_is_no_rest_by_default() -> None:
    one, removal = sender(list=DOWN), Removal(droplet_id=7)

    async def work() -> None:
        await read_resources(one, removal)  # type: ignore[arg-type]  # a fake

    run(work())
    assert removal.left is None


def test_droplet_stays_when_its_resources_cannot_be_read() -> None:
    one = sender(list=DOWN)
    with pytest.raises(InternalServerError):
        removed(one, Removal(droplet_id=7))
    assert one.names == ["list"]


def test_chosen_kinds_go_and_the_others_are_left() -> None:
    one, removal = sender(list=LISTED, check_status=status()), Removal(droplet_id=7)
    removed(one, removal)
    assert one.names == ["list", "delete_selective", "check_status"]
    body = one.sent[1].body
    assert body == {"volumes": ["v1"], "snapshots": [], "volume_snapshots": [], "reserved_ips": []}
    assert one.sent[2].priority is Priority.POLL
    assert (removal.destroyed_with, removal.left, removal.resource_failure) == ((VOLUME,), (SNAPSHOT,), "")
    assert (removal.is_accepted, removal.is_on_the_wire) == (True, False)


def test_resources_are_not_read_a_second_time() -> None:
    one, removal = sender(check_status=status()), Removal(droplet_id=7, left=(VOLUME,), is_read=True)
    removed(one, removal)
    assert one.names == ["delete_selective", "check_status"]


@pytest.mark.parametrize("left", [(), None, (SNAPSHOT,)])
def test_droplet_goes_alone_when_nothing_is_chosen(left: Any) -> None:
    one, removal = sender(), Removal(droplet_id=7, left=left, is_read=True)
    removed(one, removal)
    assert one.names == ["delete"]
    assert not removal.is_accepted


@pytest.mark.parametrize(
    ("left", "answers", "sent"),
    [
        # The API knows of the request: it arrived, so it is not sent again.
        ((VOLUME,), [status()], ["check_status", "check_status"]),
        ((), [status()], ["check_status", "check_status"]),
        ((VOLUME,), [MISSING, status()], ["check_status", "delete_selective", "check_status"]),
    ],
)
def test_request_that_may_have_arrived_is_looked_up(left: Any, answers: list[Any], sent: list[str]) -> None:
    one = sender(check_status=answers)
    removal = Removal(droplet_id=7, left=left, is_read=True, is_unresolved=True)
    removed(one, removal)
    assert one.names == sent
    assert removal.is_accepted


@pytest.mark.parametrize("kind", [ConflictError, UnprocessableEntityError])
def test_destroy_in_progress_counts_as_accepted(kind: type[Any]) -> None:
    said = error(kind, "A Destroy is already in progress for it", 409)
    one = sender(list=LISTED, delete_selective=said, check_status=status())
    removal = Removal(droplet_id=7)
    removed(one, removal)
    assert removal.is_accepted
    with pytest.raises(kind, match="another event"):
        removed(sender(list=LISTED, delete_selective=error(kind, "another event", 409)), Removal(droplet_id=7))


def test_lost_answer_is_decided_by_the_state_that_the_api_keeps() -> None:
    one, removal = sender(list=LISTED, delete_selective=LOST, check_status=status()), Removal(droplet_id=7)
    removed(one, removal)
    assert removal.is_accepted
    assert one.names == ["list", "delete_selective", "check_status", "check_status"]
    removal = Removal(droplet_id=7)
    with pytest.raises(RequestOutcomeUnknownError):
        removed(sender(list=LISTED, delete_selective=LOST, check_status=MISSING), removal)
    assert not removal.is_accepted


def test_state_is_read_ever_later_for_a_share_of_the_time() -> None:
    one = sender(list=LISTED, check_status=status(volume=False, ended=False, why="it is held"))
    removal = Removal(droplet_id=7)
    removed(one, removal, timeout=100.0)
    assert one.times[2:] == [0.0, 1.0, 3.0, 7.0, 15.0, 30.0, 45.0, 60.0]
    assert (removal.destroyed_with, removal.left) == ((), (SNAPSHOT, VOLUME))
    assert removal.resource_failure == "volume v1 (data), $10.00 a month: it is held"
    short = sender(list=LISTED, check_status=status(volume=False, ended=False))
    removed(short, Removal(droplet_id=7), timeout=12.5)
    assert short.times[2:] == [0.0, 1.0, 3.0, 7.0, 7.5]


def test_failed_resources_are_tried_again_at_the_end() -> None:
    states = [status(volume=False, ended=False), status(volume=False), status(volume=False), status()]
    one = sender(list=LISTED, check_status=states, retry=[{}, DOWN])
    removed(one, removal := Removal(droplet_id=7))
    polls = ["check_status", "check_status", "retry", "check_status", "retry", "check_status"]
    assert one.names == ["list", "delete_selective", *polls]
    assert removal.left == (SNAPSHOT,)
    lost = sender(list=LISTED, check_status=[status(volume=False), status()], retry=LOST)
    removed(lost, Removal(droplet_id=7))
    assert lost.names[2:] == ["check_status", "retry", "check_status"]


@pytest.mark.parametrize(
    ("state", "sent"),
    [
        (status(droplet=False), ["delete"]),  # the Droplet is there, though its resources are gone
        (status(droplet=False, volume=False, ended=False), ["delete"]),
        (status(volume=False, ended=False), []),
        (status(ended=False), []),
    ],
)
def test_droplet_goes_alone_when_the_time_ends_before_that(state: Any, sent: list[str]) -> None:
    one = sender(list=LISTED, check_status=state)
    removed(one, Removal(droplet_id=7), timeout=10.0)
    assert one.names[one.names.index("check_status") :].count("delete") == len(sent)
    assert one.times[-1] == 6.0


def test_droplet_goes_alone_when_the_api_forgets_the_request() -> None:
    one = sender(list=LISTED, check_status=MISSING)
    removed(one, Removal(droplet_id=7))
    assert one.names == ["list", "delete_selective", "check_status", "delete"]
