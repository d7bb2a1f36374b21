"""Which requests the polls of Droplets take, without a server. A page has two Droplets here."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from samples import action, droplet

from gradient_async import (
    APIConnectionError,
    BadRequestError,
    DropletGoneError,
    NotFoundError,
    PermissionDeniedError,
    PlacementLostError,
)
from gradient_async.http.budget import RateBudgetSnapshot
from gradient_async.http.request import Priority
from gradient_async.http.windows import WindowUse
from gradient_async.waiting import droplet_poller, poller
from gradient_async.waiting.awaited_droplet import AwaitedDroplet
from gradient_async.waiting.droplet_poller import DropletPoller

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.models.action import Action
    from gradient_async.models.droplet import Droplet

GPU, PLAIN = "gpu-h100x1-80gb", "s-1vcpu-1gb"
PATIENCE = 100.0  # a quarter of create_settle_seconds
AWAY = APIConnectionError("reset", method="GET", path="/v2/droplets")
FORBIDDEN = PermissionDeniedError("no", method="GET", path="/v2/droplets", status=403)
MISSING = NotFoundError("gone", method="GET", path="/v2/droplets/7", status=404)


class Account:
    """Answers polls. Its clock moves by hand.

    Args:
        gpus: The GPU Droplets, in the order of their list.
        plain: The others.

    Attributes:
        asked: The requests of this round, such as ``"gpus 2"`` for a page, ``"7"`` for a Droplet, ``"actions"``.
        errors: The errors of such requests.
        actions: The account's actions.
        now: The time.
        noted: Number of answers whose results were noted.
    """

    def __init__(self, gpus: Sequence[int] = (), plain: Sequence[int] = ()) -> None:
        self.lists = {"gpus": [*gpus], "plain": [*plain]}
        self.asked: list[str] = []
        self.errors: dict[str, BaseException] = {}
        self.actions: list[Action] = []
        self.now = 1000.0
        self.noted = 0
        self.budget: Any = None
        self.settings = SimpleNamespace(create_settle_seconds=4 * PATIENCE)
        self.poller = DropletPoller(self)  # type: ignore[arg-type]  # all of a sender that it calls

    async def send(self, request: Any) -> Any:
        assert request.priority is Priority.POLL
        name = request.path.rpartition("/")[2]
        number = int(request.query.get("page", 0))
        kind = request.query.get("type", "plain")
        label = f"{kind} {number}" if name == "droplets" else name
        self.asked.append(label)
        if label in self.errors:
            raise self.errors[label]
        if label == "actions":
            return SimpleNamespace(parse=lambda: SimpleNamespace(actions=self.actions))
        if name == "droplets":
            page = [self._droplet(one) for one in self.lists[kind][2 * number - 2 : 2 * number]]
            return SimpleNamespace(parse=lambda: SimpleNamespace(droplets=page))
        if int(name) not in self.lists["gpus"] + self.lists["plain"]:
            raise MISSING
        return SimpleNamespace(parse=lambda: SimpleNamespace(droplet=self._droplet(int(name))))

    def _droplet(self, droplet_id: int) -> Droplet:
        return droplet(id=droplet_id, size_slug=GPU if droplet_id in self.lists["gpus"] else PLAIN)

    def note_results(self, _: object) -> None:
        self.noted += 1

    async def round(self, awaited: Sequence[AwaitedDroplet]) -> list[str]:
        """Poll once, some seconds after the last time. Return the requests."""
        self.asked = []
        self.now += 10.0
        await self.poller.poll(awaited, {})
        return self.asked


@pytest.fixture(autouse=True)
def _short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (droplet_poller, poller):
        monkeypatch.setattr(module, "PAGE_LENGTH", 2)


@pytest.fixture
def account_of(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that makes an account, whose clock the polls follow."""

    def made(gpus: Sequence[int] = (), plain: Sequence[int] = ()) -> Account:
        account = Account(gpus, plain)
        monkeypatch.setattr(droplet_poller, "anyio", SimpleNamespace(current_time=lambda: account.now))
        return account

    return made


def waits(*gpus: int, plain: Sequence[int] = (), status: str = "active") -> list[AwaitedDroplet]:
    """Return waits for Droplets whose kinds are known."""
    found = [droplet(id=one, size_slug=GPU, status=status) for one in gpus]
    found += [droplet(id=one, size_slug=PLAIN, status=status) for one in plain]
    return [AwaitedDroplet.of(one) for one in found]


def ids(awaited: Sequence[AwaitedDroplet], **facts: object) -> list[int]:
    """Return the ids of those with these facts."""
    return [one.id for one in awaited if all(getattr(one, name) == value for name, value in facts.items())]


# Single reads and lists.


async def test_few_are_read_alone_and_many_from_lists(account_of: Any) -> None:
    account = account_of(range(1, 8), plain=range(11, 14))
    assert await account.round(waits(1)) == ["1"]
    assert await account.round(waits(1, 2)) == ["1", "2"]
    assert account.noted == 3
    three = waits(1, 2, 3)
    assert await account.round(three) == ["gpus 1", "gpus 2"]
    assert account.noted == 5
    assert [(one.last.id, one.reads, one.read_at) for one in three if one.last] == [(n, 1, 1030.0) for n in (1, 2, 3)]
    assert await account_of(plain=range(11, 14)).round(waits(plain=[11, 12, 13])) == ["plain 1", "plain 2"]


async def test_one_of_a_kind_is_read_alone_beside_a_list(account_of: Any) -> None:
    account = account_of([1, 2], plain=[11])
    assert await account.round(waits(1, 2, plain=[11])) == ["gpus 1", "11"]


async def test_both_lists_are_read_when_requests_suffice(account_of: Any) -> None:
    account = account_of([1, 2, 3], plain=[11, 12, 13])
    assert await account.round(waits(1, 2, 3, plain=[11, 12, 13])) == ["gpus 1", "gpus 2", "plain 1", "plain 2"]


async def test_second_list_is_left_out_when_requests_are_few(account_of: Any) -> None:
    """One request looks up the ``create`` actions."""
    account = account_of([1, 2, 3], plain=[11, 12, 13])
    awaited = waits(1, 2, 3, plain=[11, 12, 13])
    awaited[0].miss(MISSING, account.now)
    assert await account.round(awaited) == ["actions", "gpus 1", "gpus 2", "11"]


async def test_rest_is_read_alone_as_far_as_requests_are_left(account_of: Any) -> None:
    account = account_of([1, 2, 3])
    awaited = waits(91, 92, 93)
    assert await account.round(awaited) == ["gpus 1", "gpus 2", "91"]
    assert ids(awaited, misses=1) == [91]
    account = account_of()
    assert await account.round(waits(91, 92, 93)) == ["gpus 1", "91", "92"]


async def test_rarely_read_ones_are_read_alone_first(account_of: Any) -> None:
    account = account_of()
    awaited = waits(*range(91, 97))
    for number, one in enumerate(awaited):
        one.reads, one.read_at = 5, account.now - number
    awaited[1].reads = 4
    awaited[2].misses = awaited[2].known_misses = 1
    awaited[3].is_absent = True
    account.poller._may_list = False
    assert (await account.round(awaited))[:3] == ["94", "93", "92"]
    assert account.asked[3:] == ["96", "95", "91"]


async def test_one_of_several_waits_for_a_droplet_reads_for_all(account_of: Any) -> None:
    account = account_of([1, 2, 3])
    awaited = [*waits(1, 1), *waits(2, 3, 3)]
    assert await account.round(awaited) == ["gpus 1", "gpus 2"]
    assert {one.reads for one in awaited} == {1}
    alone = waits(1, 1, 99, 99)
    assert await account.round(alone) == ["1", "99"]
    assert [one.reads for one in alone] == [1, 1, 1, 1]
    assert [one.misses for one in alone] == [0, 0, 1, 1]


# Pages.


async def test_droplet_is_looked_for_page_by_page(account_of: Any) -> None:
    account, awaited = account_of(range(1, 8)), waits(1, 2, 7)
    assert await account.round(awaited) == ["gpus 1", "gpus 2", "7"]
    assert await account.round(awaited) == ["gpus 1", "gpus 3", "7"]
    assert await account.round(awaited) == ["gpus 1", "gpus 4"]
    assert await account.round(awaited) == ["gpus 1", "gpus 4"]


async def test_first_page_follows_the_last_one(account_of: Any) -> None:
    account, awaited = account_of(range(1, 6)), waits(91, 92, 93)
    assert await account.round(awaited) == ["gpus 1", "gpus 2", "91"]
    awaited[0].misses = 0
    assert await account.round(awaited) == ["gpus 3", "gpus 1", "92"]
    awaited[1].misses = 0
    assert await account.round(awaited) == ["gpus 2", "gpus 3", "93"]


async def test_page_with_the_oldest_states_is_read_first(account_of: Any) -> None:
    account, awaited = account_of(range(1, 9)), waits(1, 2, 5, 7)
    account.poller._pages = {1: 1, 2: 1, 5: 3, 7: 4}
    for one, age in zip(awaited, (1.0, 1.0, 3.0, 2.5), strict=True):
        one.read_at = account.now + 10.0 - age
    assert await account.round(awaited) == ["gpus 3", "gpus 4", "2"] or account.asked == ["gpus 3", "gpus 4", "1"]
    for one, age in zip(awaited, (2.0, 2.0, 3.0, 2.5), strict=True):
        one.read_at = account.now + 10.0 - age
    assert (await account.round(awaited))[:2] == ["gpus 1", "gpus 3"]


async def test_old_state_counts_for_an_hour_at_most(account_of: Any) -> None:
    account, awaited = account_of(range(1, 9)), waits(1, 2, 5)
    account.poller._pages = {1: 1, 2: 1, 5: 3}
    for one, age in zip(awaited, (3000.0, 3000.0, 9000.0), strict=True):
        one.read_at = account.now + 10.0 - age
    assert (await account.round(awaited))[0] == "gpus 1"


async def test_droplet_that_left_its_page_is_looked_for_again(account_of: Any) -> None:
    account, awaited = account_of(range(1, 8)), waits(1, 2, 3)
    assert await account.round(awaited) == ["gpus 1", "gpus 2"]
    account.lists["gpus"] = [8, 9, *range(1, 8)]  # two new ones come first
    assert await account.round(awaited) == ["gpus 1", "gpus 3", "1"]
    assert await account.round(awaited) == ["gpus 4", "gpus 5", "2"]
    assert await account.round(awaited) == ["gpus 1", "gpus 2", "3"]
    assert await account.round(awaited) == ["gpus 2", "gpus 3"]


async def test_all_pages_are_read_when_the_list_has_become_short(account_of: Any) -> None:
    account, awaited = account_of(range(1, 10)), waits(91, 92, 93, 94, 95)
    assert await account.round(awaited) == ["gpus 1", "gpus 2", "gpus 3", "91"]
    account.lists["gpus"] = [1, 2, 3]
    account.poller._pages = {95: 2}
    awaited[0].misses = 0
    assert await account.round(awaited) == ["gpus 4", "gpus 1", "gpus 2", "92"]
    assert ids(awaited, is_absent=True) == [91, 92, 93, 94, 95]


async def test_pages_are_read_from_the_first_when_none_is_likely(account_of: Any) -> None:
    account, awaited = account_of(range(1, 10)), waits(5, 91, 92, 93, 94)
    account.poller._pages = {5: 3}
    account.poller._next_page["gpus"] = 7
    account.lists["gpus"] = [1, 2, 3, 4, 5]
    awaited[0].read_at = -1e9
    for one in awaited[1:]:
        one.read_at = account.now
    assert await account.round(awaited) == ["gpus 3", "gpus 1", "gpus 2", "91"]
    assert ids(awaited, is_absent=True) == [91, 92, 93, 94]


@pytest.mark.parametrize(("number", "status"), [(2, 400), (3, 400), (2, 404)])
async def test_refused_later_page_is_the_end_of_the_list(account_of: Any, number: int, status: int) -> None:
    account, awaited = account_of(range(1, 8)), waits(1, 91, 92, 93, 94)
    kind = BadRequestError if status == 400 else NotFoundError
    account.errors = {f"gpus {number}": kind("no such page", method="GET", path="/v2/droplets", status=status)}
    assert (await account.round(awaited))[:number] == [f"gpus {one}" for one in range(1, number + 1)]
    assert ids(awaited, is_absent=True) == [91, 92, 93, 94]
    assert account.poller._next_page["gpus"] == 1


async def test_refused_first_page_is_an_error_of_all(account_of: Any) -> None:
    account, awaited = account_of([1, 2, 3]), waits(1, 2, 3)
    refused = BadRequestError("no", method="GET", path="/v2/droplets", status=400)
    account.errors = {"gpus 1": refused}
    assert await account.round(awaited) == ["gpus 1"]
    assert [one.failure for one in awaited] == [refused] * 3


async def test_error_of_a_list_is_one_of_each_droplet(account_of: Any) -> None:
    account, awaited = account_of([1, 2, 3]), waits(1, 2, 3)
    account.errors = {"gpus 2": AWAY}
    assert await account.round(awaited) == ["gpus 1", "gpus 2"]
    assert [one.failure for one in awaited] == [AWAY] * 3


# Droplets that a list does not show.


async def test_droplet_is_absent_when_the_whole_list_was_read(account_of: Any) -> None:
    account, awaited = account_of([1, 2]), [*waits(1, 2), AwaitedDroplet.of(99)]
    assert await account.round(awaited) == ["gpus 1", "gpus 2", "99"]
    assert ids(awaited, is_absent=True) == [99]
    assert ids(awaited, kind="plain") == [99]


async def test_droplet_is_not_absent_when_only_the_last_page_was_read(account_of: Any) -> None:
    account, awaited = account_of([1, 2, 3], plain=[50]), waits(3, 99, plain=[50])
    assert await account.round(awaited) == ["gpus 1", "3", "99"]
    assert await account.round(awaited) == ["actions", "gpus 2", "99"]
    assert ids(awaited, is_absent=True) == []


async def test_droplet_is_not_absent_when_there_are_more_pages(account_of: Any) -> None:
    account, awaited = account_of(range(1, 8)), waits(91, 92, 93)
    await account.round(awaited)
    assert ids(awaited, is_absent=True) == []


async def test_every_second_round_keeps_a_request_for_an_absent_one(account_of: Any) -> None:
    account, awaited = account_of([1, 2], plain=[11, 12, 13]), waits(1, 2, 99, plain=[11, 12, 13])
    account.errors = {"99": AWAY}
    lists = ["gpus 1", "gpus 2", "plain 1", "plain 2"]
    assert await account.round(awaited) == lists
    assert await account.round(awaited) == lists
    assert await account.round(awaited) == ["gpus 1", "gpus 2", "99", "11"]
    assert await account.round(awaited) == lists
    assert await account.round(awaited) == ["gpus 1", "gpus 2", "99", "12"]


async def test_pages_of_one_list_are_not_forgotten_for_another(account_of: Any) -> None:
    account, awaited = account_of([1, 2], plain=[11, 12]), waits(1, 2, 99, plain=[11, 12])
    account.errors = {"99": AWAY}
    for _ in range(4):
        assert await account.round(awaited) == ["gpus 1", "gpus 2", "plain 1", "99"]


# Rounds.


async def test_round_that_was_left_is_continued(account_of: Any) -> None:
    account, awaited = account_of([1, 2]), waits(1, 2)
    account.errors = {"2": asyncio.CancelledError()}
    with pytest.raises(asyncio.CancelledError):
        await account.round(awaited)
    account.errors = {}
    for pause, asked in ((-5.0, ["2"]), (-5.0, ["1", "2"])):  # the next round is due in 5 seconds
        account.now += pause
        assert await account.round(awaited) == asked


async def test_round_that_was_left_for_long_begins_anew(account_of: Any) -> None:
    account, awaited = account_of([1, 2]), waits(1, 2)
    account.errors = {"2": asyncio.CancelledError()}
    with pytest.raises(asyncio.CancelledError):
        await account.round(awaited)
    account.errors, account.now = {}, account.now - 4.9
    assert await account.round(awaited) == ["2", "1"]


# What a token may not read.


async def test_each_is_read_alone_when_lists_are_forbidden(account_of: Any) -> None:
    account, awaited = account_of([1, 2, 3, 4, 5]), waits(1, 2, 3, 4, 5)
    account.errors = {"gpus 1": FORBIDDEN}
    assert await account.round(awaited) == ["gpus 1", "1", "2", "3", "4", "5"]
    assert await account.round(awaited) == ["1", "2", "3", "4", "5"]


async def test_actions_are_not_read_again_when_they_are_forbidden(account_of: Any) -> None:
    account, awaited = account_of(), waits(91, 92)
    account.errors = {"actions": FORBIDDEN}
    assert await account.round(awaited) == ["91", "92"]
    assert await account.round(awaited) == ["actions", "91"]
    assert await account.round(awaited) == ["92", "91"]
    assert [type(one.failure) for one in awaited] == [DropletGoneError] * 2


# Droplets that answer 404.


async def test_create_action_is_looked_up_once_after_each_404(account_of: Any) -> None:
    account, awaited = account_of(), waits(91, 92, status="new")
    assert await account.round(awaited) == ["91", "92"]
    assert await account.round(awaited) == ["actions", "91"]
    assert await account.round(awaited) == ["actions", "92"]
    assert [one.failure for one in awaited] == [None, None]
    account.errors = {"91": AWAY, "92": AWAY, "actions": AWAY}
    await account.round(awaited)
    assert sorted(await account.round(awaited)) == ["91", "92"]


@pytest.mark.parametrize("is_read", [True, False])
async def test_droplet_whose_create_action_errored_has_lost_its_place(account_of: Any, is_read: bool) -> None:
    account = account_of()
    account.actions = [
        action(id=5, type="create", status="errored", resource_id=91),
        action(id=6, type="create", status="completed", resource_id=92),
    ]
    awaited = waits(91, 92, 93, status="new") if not is_read else [AwaitedDroplet.of(one) for one in (91, 92, 93)]
    for one in awaited:
        if is_read:
            one.read(droplet(id=one.id, status="new"), 0.0)
        one.miss(MISSING, account.now)
    await account.round(awaited)
    failure = awaited[0].failure
    assert isinstance(failure, PlacementLostError)
    assert failure.droplet is (awaited[0].last or awaited[0].given)
    assert failure.droplet is not None
    assert [one.failure for one in awaited[1:]] == [None, None]


@pytest.mark.parametrize(("later", "is_gone"), [(PATIENCE - 0.5, False), (PATIENCE, True)])
async def test_new_droplet_is_gone_after_some_time(account_of: Any, later: float, is_gone: bool) -> None:
    account, awaited = account_of(), [AwaitedDroplet.of(91)]
    awaited[0].miss(MISSING, account.now)
    await account.round(awaited)
    account.now += later - 20.0
    await account.round(awaited)
    failure = awaited[0].failure
    assert isinstance(failure, DropletGoneError) is is_gone
    if failure is not None:
        assert failure.message == "Droplet 91 did not appear: the API does not know it"


async def test_droplet_is_not_gone_before_its_action_was_looked_up(account_of: Any) -> None:
    account, awaited = account_of(), waits(91, 92)
    awaited[0].is_absent = True
    for _ in range(2):
        awaited[1].miss(MISSING, account.now)
    assert await account.round(awaited) == ["actions", "91"]
    assert [type(one.failure) for one in awaited] == [type(None), DropletGoneError]
    assert await account.round(awaited) == ["actions", "91"]
    assert type(awaited[0].failure) is DropletGoneError
    assert str(awaited[0].failure).startswith("Droplet 91 (trainer-01) does not exist any more")


async def test_failed_read_is_an_error_of_its_droplet(account_of: Any) -> None:
    account, awaited = account_of([1, 2]), waits(1, 1, 2)
    account.errors = {"1": AWAY}
    assert await account.round(awaited) == ["1", "2"]
    assert [one.failure for one in awaited] == [AWAY, AWAY, None]
    assert [one.reads for one in awaited] == [1, 1, 1]


# The rate budget.


def used(used_up: int) -> RateBudgetSnapshot:
    window = WindowUse(limit=100, seconds=60.0, used=used_up, left=100 - used_up)
    return RateBudgetSnapshot(windows=(window,), next_free_in=0.0, paused_for=0.0, waiting=0)


@pytest.mark.parametrize(
    ("used_up", "count", "seconds"),
    [(90, 2, 40.0), (90, 5, 60.0), (0, 2, 0.0), (0, 5, 12.0), (None, 5, 0.0)],
)
def test_gap_between_polls_leaves_room_for_other_requests(
    account_of: Any, used_up: int | None, count: int, seconds: float
) -> None:
    account = account_of()
    if used_up is not None:
        account.budget = SimpleNamespace(snapshot=lambda: used(used_up))
    assert account.poller.min_gap(count) == pytest.approx(seconds)
    assert account.poller.reads_lists(count) is (count > 2)
