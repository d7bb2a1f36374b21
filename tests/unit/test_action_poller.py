"""Which requests the polls of actions take, without a server. A page has two actions here."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON, action

from gradient_async import APIConnectionError, BadRequestError, NotFoundError, PermissionDeniedError
from gradient_async.endpoints.droplet_actions import trace_of
from gradient_async.http.action_trace import ActionOwner
from gradient_async.http.request import Priority
from gradient_async.models.responses import ActionListResponse, ActionRetrieveResponse
from gradient_async.waiting import poller
from gradient_async.waiting.poller import Awaited, Poller

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.models.action import Action

AWAY = APIConnectionError("reset", method="GET", path="/v2/actions")
GONE = NotFoundError("gone", method="GET", path="/v2/actions/7", status=404)
FORBIDDEN = PermissionDeniedError("no", method="GET", path="/v2/actions", status=403)


class Account:
    """Answers polls. The newest action comes first.

    Attributes:
        listed: The actions.
        asked: The requests of this round: ``"page 2"``, or an action's id.
        errors: The errors of such requests.
        noted: Number of answers whose results were noted.
    """

    budget = None

    def __init__(self, *listed: int | Action) -> None:
        self.listed = [action(id=one, started_at=NOON) if isinstance(one, int) else one for one in listed]
        self.asked: list[str] = []
        self.errors: dict[str, Exception] = {}
        self.noted = 0
        self.poller = Poller(self)  # type: ignore[arg-type]  # all of a sender that it calls

    async def send(self, request: Any) -> Any:
        assert request.priority is Priority.POLL
        page = int(request.query.get("page", 0))
        label = f"page {page}" if page else request.path.rpartition("/")[2]
        self.asked.append(label)
        if label in self.errors:
            raise self.errors[label]
        found = self.listed[poller.PAGE_LENGTH * (page - 1) : poller.PAGE_LENGTH * page]
        answer = (
            ActionListResponse(actions=tuple(found)) if page else ActionRetrieveResponse(action=action(id=int(label)))
        )
        return SimpleNamespace(parse=lambda: answer)

    def note_results(self, _: object) -> None:
        self.noted += 1

    async def round(self, awaited: Sequence[Awaited]) -> list[str]:
        self.asked = []
        await self.poller.poll(awaited, {})
        return self.asked


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "PAGE_LENGTH", 2)


def waits(*ids: int, minutes: float | None = None) -> list[Awaited]:
    """Return waits for actions; ``minutes`` is how long after noon they were started, if they were read before."""
    if minutes is None:
        return [Awaited(id=one) for one in ids]
    started_at = NOON + timedelta(minutes=minutes)
    return [Awaited(id=one, last=action(id=one, started_at=started_at)) for one in ids]


async def test_few_are_read_alone_and_many_from_the_list() -> None:
    account = Account(*range(1, 8))
    assert await account.round(waits(1, 2)) == ["1", "2"]
    three = waits(1, 2, 3)
    assert await account.round(three) == ["page 1", "page 2"]
    assert [(one.last.id, one.reads) for one in three if one.last] == [(1, 1), (2, 1), (3, 1)]
    assert account.noted == 2


async def test_no_more_pages_are_read_when_all_were_shown() -> None:
    account = Account(*range(1, 8))
    assert await account.round(waits(1, 2, 3, 4, 5)) == ["page 1", "page 2", "page 3"]
    assert await account.round([*waits(1, 2), Awaited(id=1)]) == ["page 1"]


async def test_rest_is_read_alone_when_the_list_has_ended() -> None:
    account = Account(1, 2, 3)
    awaited = waits(91, 92, 93)
    for number in ("91", "92", "93", "91"):
        assert await account.round(awaited) == ["page 1", "page 2", number]


async def test_later_page_is_read_every_second_round() -> None:
    account = Account(*range(1, 20))
    awaited = waits(91, 92, 93)
    assert await account.round(awaited) == ["page 1", "page 2", "page 3"]
    assert await account.round(awaited) == ["page 1", "page 2", "91"]
    assert await account.round(awaited) == ["page 1", "page 2", "page 4"]
    assert await account.round(awaited) == ["page 1", "page 2", "92"]


async def test_later_page_is_read_when_two_actions_are_left() -> None:
    account, awaited = Account(*range(1, 20)), waits(1, 91, 92)
    assert await account.round(awaited) == ["page 1", "page 2", "page 3"]
    assert await account.round(awaited) == ["page 1", "page 2", "91"]


async def test_later_pages_are_read_anew_after_the_last_one() -> None:
    account = Account(*range(1, 6))
    awaited = waits(91, 92, 93)
    assert await account.round(awaited) == ["page 1", "page 2", "page 3"]
    assert await account.round(awaited) == ["page 1", "page 2", "91"]
    assert await account.round(awaited) == ["page 1", "page 2", "page 3"]


async def test_second_page_is_the_first_of_the_later_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "PAGE_LENGTH", 3)
    account, awaited = Account(*range(1, 8)), waits(91, 92, 93)
    for later in ("page 2", "page 3", "page 2"):
        assert await account.round(awaited) == ["page 1", later]
        assert (await account.round(awaited))[0] == "page 1"


async def test_single_rest_is_read_alone() -> None:
    account = Account(*range(1, 20))
    awaited = waits(1, 2, 91)
    for _ in range(2):
        assert await account.round(awaited) == ["page 1", "page 2", "91"]
    assert [one.reads for one in awaited] == [2, 2, 2]


async def test_more_pages_than_before_skip_those_that_were_read() -> None:
    account = Account(*range(1, 40))
    assert await account.round(waits(91, 92, 93)) == ["page 1", "page 2", "page 3"]
    seven = waits(*range(91, 98))
    assert await account.round(seven) == ["page 1", "page 2", "page 3", "page 4", "91"]
    assert await account.round(seven) == ["page 1", "page 2", "page 3", "page 4", "page 5"]


@pytest.mark.parametrize(("minutes", "asked"), [(0, ["page 1", "page 2", "page 3"]), (1, ["page 1", "91"])])
async def test_list_is_left_when_it_has_passed_all_actions(minutes: float, asked: list[str]) -> None:
    account = Account(*range(1, 20))
    assert await account.round(waits(91, 92, 93, minutes=minutes)) == asked


async def test_list_is_read_on_when_a_start_is_not_known() -> None:
    pages = ["page 1", "page 2", "page 3"]
    unknown = [*waits(91, 92, minutes=1), *waits(93)]
    assert await Account(*range(1, 20)).round(unknown) == pages
    without = [*waits(91, 92, minutes=1), Awaited(id=93, last=action(id=93, started_at=None))]
    assert await Account(*range(1, 20)).round(without) == pages
    undated = [action(id=one, started_at=None) for one in range(1, 20)]
    assert await Account(*undated).round(waits(91, 92, 93, minutes=1)) == pages


async def test_oldest_action_decides_when_the_list_is_left() -> None:
    mixed = [*waits(91, minutes=1), *waits(92, minutes=0), *waits(93, minutes=2)]
    assert await Account(*range(1, 20)).round(mixed) == ["page 1", "page 2", "page 3"]


async def test_last_action_of_a_page_shows_how_far_it_goes_back() -> None:
    newer = [action(id=one, started_at=NOON + timedelta(minutes=5 - one)) for one in range(1, 20)]
    assert await Account(*newer).round(waits(91, 92, 93, minutes=3.5)) == ["page 1", "91"]
    assert await Account(*newer).round(waits(91, 92, 93, minutes=2.5)) == ["page 1", "page 2", "91"]


async def test_refused_later_page_is_the_end_of_the_list() -> None:
    account = Account(*range(1, 20))
    account.errors = {"page 2": BadRequestError("no such page", method="GET", path="/v2/actions", status=400)}
    assert await account.round(waits(91, 92, 93)) == ["page 1", "page 2", "91"]
    account = Account(*range(1, 20))
    account.errors = {"page 3": GONE}
    awaited = waits(91, 92, 93)
    assert await account.round(awaited) == ["page 1", "page 2", "page 3"]
    assert await account.round(awaited) == ["page 1", "page 2", "91"]
    assert await account.round(awaited) == ["page 1", "page 2", "page 3"]


async def test_error_of_the_list_is_one_of_each_action() -> None:
    account, awaited = Account(1, 2, 3), waits(1, 2, 3)
    for label, error in (("page 1", GONE), ("page 2", AWAY)):
        account.errors = {label: error}
        await account.round(awaited)
        assert [one.failure for one in awaited] == [error] * 3
        assert account.asked[-1] == label
    account.errors = {}
    await account.round(awaited)
    assert [one.failure for one in awaited] == [None] * 3


async def test_each_is_read_alone_when_the_list_is_forbidden() -> None:
    account, awaited = Account(1, 2, 3), waits(1, 2, 3)
    account.errors = {"page 1": FORBIDDEN}
    assert await account.round(awaited) == ["page 1", "1", "2", "3"]
    assert await account.round(awaited) == ["1", "2", "3"]


async def test_failed_read_is_an_error_of_its_action() -> None:
    account, awaited = Account(1, 2), waits(1, 2)
    account.errors = {"1": AWAY}
    await account.round(awaited)
    assert [(one.failure, one.reads) for one in awaited] == [(AWAY, 1), (None, 1)]
    account.errors = {}
    await account.round(awaited)
    assert [(one.failure, one.reads) for one in awaited] == [(None, 2), (None, 2)]


@pytest.mark.parametrize(
    ("one", "has_state", "is_finished", "is_unreadable"),
    [
        (Awaited(id=1), False, False, False),
        (Awaited(id=1, last=action(id=1)), True, False, False),
        (Awaited(id=1, last=action(id=1, status="completed")), True, True, False),
        (Awaited(id=1, last=action(id=1, status="errored")), True, True, False),
        (Awaited(id=1, failure=AWAY), False, False, False),
        (Awaited(id=1, failure=GONE), False, False, True),
    ],
)
def test_state_of_an_awaited_action(one: Awaited, has_state: bool, is_finished: bool, is_unreadable: bool) -> None:
    assert (one.has_state, one.is_finished, one.is_unreadable) == (has_state, is_finished, is_unreadable)
    assert one.end_round() is False


def test_second_wait_adds_what_it_knows() -> None:
    owner = ActionOwner(trace_of(3164444, "reboot").kind, 3164444)
    running, finished = action(id=1), action(id=1, status="completed")
    one = Awaited(id=1, last=running)
    one.merge(Awaited(id=1))
    assert (one.last, one.owner) == (running, None)
    one.merge(Awaited(id=1, last=action(id=1), owner=owner))
    assert one.last is running
    assert one.owner is owner
    one.merge(Awaited(id=1, last=finished, owner=None))
    assert one.last is finished
    assert one.owner is owner
