"""The look-up of an action whose answer was lost, without a server."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON, action_request, attempt
from scripted_lists import ScriptedLists, at, stamp

from gradient_async import ActionOutcomeUnknownError, APIConnectionError
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.endpoints import volume_actions, volumes
from gradient_async.endpoints.droplet_actions import trace_of
from gradient_async.http.action_trace import ActionTrace
from gradient_async.waiting import lookup
from gradient_async.waiting.claims import ActionClaims
from gradient_async.waiting.lookup import ActionLookup, FoundAction, UnresolvedRequest

if TYPE_CHECKING:
    from collections.abc import Mapping

DROPLET = 3164444
TRACE = trace_of(DROPLET, "reboot")
AWAY = APIConnectionError("reset", method="GET", path="/v2/droplets/3164444/actions")


def unresolved(**changes: Any) -> UnresolvedRequest:
    facts = {"request": action_request(), "trace": TRACE, "since": at(0)}
    return UnresolvedRequest(**{**facts, "attempts": [attempt(outcome="unknown", detail="reset")], **changes})


def act(number: int, started: float | None = 0.0, **changes: Any) -> dict[str, Any]:
    """Return an action as the list shows it; ``started`` in seconds after the sending."""
    shown = {"id": number, "status": "in-progress", "type": "reboot", "resource_id": DROPLET}
    return {**shown, "resource_type": "droplet", "started_at": None if started is None else stamp(started), **changes}


def shown(*actions: dict[str, Any], total: int | None = None, more: bool = False) -> dict[str, Any]:
    links = {"pages": {"next": "https://api.digitalocean.com/v2/droplets/1/actions?page=2"}} if more else {}
    return {"actions": [*actions], "links": links, "meta": {"total": len(actions) if total is None else total}}


NONE = shown()


class Shared:
    """The claims of other processes.

    Attributes:
        taken: Actions that other processes have: ``claim`` refuses them.
        known: Actions of other processes that ``is_of_another`` knows.
        asked: The questions so far.
    """

    def __init__(self, taken: tuple[int, ...] = (), known: tuple[int, ...] = (), *, is_away: bool = False) -> None:
        self.taken, self.known, self.is_away = taken, known, is_away
        self.asked: list[tuple[str, int, str | None]] = []

    async def claim(self, action_id: int, origin: str | None) -> bool:
        self.asked.append(("claim", action_id, origin))
        return action_id not in self.taken

    async def is_of_another(self, action_id: int, origin: str | None) -> bool:
        self.asked.append(("is_of_another", action_id, origin))
        if self.is_away:
            raise StoreAwayError("no store")
        return action_id in self.known


@pytest.fixture
def find(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that looks an action up."""

    async def found(
        lists: ScriptedLists,
        one: UnresolvedRequest | None = None,
        claims: ActionClaims | None = None,
        *,
        settle_seconds: float = 0.0,
        waited: float = 0.0,
        shared: Shared | None = None,
    ) -> FoundAction | None:
        monkeypatch.setattr(lookup, "anyio", SimpleNamespace(sleep=lists.sleep))
        monkeypatch.setattr(lookup, "Timestamp", lists)
        search: Any = ActionLookup(lists, claims or ActionClaims(), settle_seconds, shared)  # type: ignore[arg-type]  # all that it asks
        result: FoundAction | None = await search.find(one or unresolved(), waited)
        return result

    return found


def id_of(found: FoundAction | None) -> int | None:
    return None if found is None else found.action.id


async def reason_of(find: Any, lists: ScriptedLists, *args: Any, **options: Any) -> str:
    with pytest.raises(ActionOutcomeUnknownError) as caught:
        await find(lists, *args, **options)
    return caught.value.message.partition(", and ")[2].rpartition(";")[0]


# Times.


async def test_list_is_read_until_the_settle_time_is_over(find: Any) -> None:
    lists = ScriptedLists(*[NONE] * 5)
    assert await find(lists, settle_seconds=12.0, waited=2.0) is None
    assert lists.pauses == [1.0, 2.0, 3.0, 4.0]
    assert lists.left == 0


async def test_no_more_lists_are_read_when_the_action_shows(find: Any) -> None:
    lists = ScriptedLists(NONE, NONE, shown(act(1, 0.0)))
    found = await find(lists, settle_seconds=10.0)
    assert id_of(found) == 1
    assert lists.pauses == [1.0, 2.0]
    assert [one.path for one in lists.requests] == ["/v2/droplets/3164444/actions"] * 3
    assert b'{"action":{"id":1,' in found.as_response().body.replace(b" ", b"")


async def test_list_is_read_again_at_a_better_time(find: Any) -> None:
    lists = ScriptedLists(shown(act(1, -1.0)), shown(act(1, -1.0)), read_at=0.5, date=0.7)
    text = "action 1 may be its result, or may have begun before the request was sent"
    assert await reason_of(find, lists) == text
    assert lists.pauses == [0.41]
    # Here the second list shows it.
    late = ScriptedLists(shown(act(1, 0.0)), shown(act(1, 0.0)), read_at=0.5, date=1.0)
    assert id_of(await find(late, settle_seconds=10.0)) == 1
    assert late.pauses == [0.41]


@pytest.mark.parametrize(
    ("actions", "settle_seconds", "pauses"),
    [
        ([act(1, -60.0)], 0.0, []),
        ([act(1, -60.0), act(2, -1.0)], 0.0, [0.41]),
        ([act(1, -60.0)], 10.0, [1.0, 2.0, 3.0, 4.0]),
    ],
)
async def test_better_time_is_awaited_only_for_what_may_become_clear(
    find: Any, actions: list[dict[str, Any]], settle_seconds: float, pauses: list[float]
) -> None:
    lists = ScriptedLists(*[shown(*actions)] * 5, read_at=0.5, date=0.7)
    assert "may have begun before the request was sent" in await reason_of(find, lists, settle_seconds=settle_seconds)
    assert lists.pauses == pauses


async def test_better_time_is_not_awaited_when_the_action_is_found(find: Any) -> None:
    lists = ScriptedLists(shown(act(2, 0.0), act(1, -1.0)), read_at=0.5)
    assert id_of(await find(lists, settle_seconds=10.0)) == 2
    assert lists.pauses == []


# What the list shows.


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        (shown(act(1)), 1),
        (shown(act(1, type="shutdown")), None),
        (shown(act(1, resource_id=None)), 1),
        (shown(act(1, resource_type="volume", resource_id=7)), None),
        (shown(act(1), act(2, -8000.0)), 1),
        (shown(act(2, -8000.0)), None),
    ],
)
async def test_result_is_an_action_of_the_type_since_the_sending(
    find: Any, answer: Mapping[str, Any], found: int | None
) -> None:
    assert id_of(await find(ScriptedLists(answer))) == found


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (shown(act(1), act(2)), "each of the actions 1, 2 may be its result"),
        (
            shown(act(1, -60.0), act(2, -61.0)),
            "one of the actions 1, 2 may be its result, or may have begun before the request was sent",
        ),
        (shown(*map(act, range(1, 6))), "each of the actions 1, 2, 3, 4, 5 may be its result"),
        (shown(*map(act, range(1, 7))), "each of the actions 1, 2, 3, 4, 5 and 1 more may be its result"),
        (shown(*map(act, range(1, 8))), "each of the actions 1, 2, 3, 4, 5 and 2 more may be its result"),
        (
            shown(act(1, None)),
            "action 1 may be its result, or may have begun before the request was sent",
        ),
        (shown(act(1, resource_id=7)), "its list of actions shows one of Droplet 7"),
        (shown(act(1, type="shutdown", resource_id=7)), "its list of actions shows one of Droplet 7"),
    ],
)
async def test_other_lists_leave_the_outcome_unknown(find: Any, answer: Mapping[str, Any], reason: str) -> None:
    assert await reason_of(find, ScriptedLists(answer)) == reason


@pytest.mark.parametrize("answer", [AWAY, {"actions": None}, {"actions": [None]}])
async def test_list_that_cannot_be_read_leaves_the_outcome_unknown(find: Any, answer: object) -> None:
    assert (await reason_of(find, ScriptedLists(answer))).startswith("the Droplet's actions cannot be read: ")


async def test_list_is_not_whole_when_it_ends_too_early(find: Any) -> None:
    text = "its list of actions is shorter than the list itself announces"
    assert await reason_of(find, ScriptedLists(shown(act(9, -60.0, type="shutdown"), total=2), shown(total=2))) == text
    assert await reason_of(find, ScriptedLists(shown(total=2))) == text
    assert id_of(await find(ScriptedLists(shown(act(1), total=2), shown(total=2)))) == 1


async def test_clocks_contradict_each_other_when_a_date_stands_still(find: Any) -> None:
    lists = ScriptedLists(*[NONE] * 5, date=0.0)
    answer = lists.sleep

    async def sleep(seconds: float) -> None:
        await answer(seconds)
        lists.date = 0.0

    lists.sleep = sleep  # type: ignore[method-assign]  # the list comes from a cache
    text = "the Date headers of its lists of actions contradict each other"
    assert await reason_of(find, lists, settle_seconds=10.0) == text


async def test_stamp_ahead_of_the_date_leaves_the_outcome_unknown(find: Any) -> None:
    lists = ScriptedLists(shown(act(3, 5.0, type="shutdown"), act(1)))
    assert (await reason_of(find, lists)).startswith("action 1 may be its result, or may have begun")
    lists = ScriptedLists(shown(act(1), act(3, -5.0, type="shutdown")))
    assert id_of(await find(lists)) == 1
    later = ScriptedLists(shown(act(3, 5.0, type="shutdown"), total=2), shown(act(1), total=2))
    assert (await reason_of(find, later)).startswith("action 1 may be its result, or may have begun")


async def test_action_that_began_before_stays_out(find: Any) -> None:
    """The longer the look-up takes, the less its duration proves."""
    old = act(1, -60.0, status="completed", completed_at=stamp(-50.0))
    assert await find(ScriptedLists(*[shown(old)] * 5), settle_seconds=50.0) is None
    new = ScriptedLists(shown(old), shown(old), shown(old, act(2, 5.0)))
    assert id_of(await find(new, settle_seconds=50.0)) == 2


# Pages.


def full(first: int, started: float, **changes: Any) -> list[dict[str, Any]]:
    return [act(first + number, started - number, **changes) for number in range(20)]


async def test_list_is_read_back_to_the_sending(find: Any) -> None:
    lists = ScriptedLists(
        shown(*full(100, -1.0, type="shutdown"), more=True),
        shown(act(1, -30.0), *full(200, -31.0, type="shutdown")[1:], more=True),
        shown(*full(300, -7300.0), more=True),
    )
    assert (await reason_of(find, lists)).startswith("action 1 may be its result")
    assert lists.pages == [1, 2, 3]
    assert {int(one.query["per_page"]) for one in lists.requests} == {20}


async def test_page_that_reaches_back_ends_the_list(find: Any) -> None:
    lists = ScriptedLists(shown(*full(300, -7300.0), more=True))
    assert await find(lists) is None
    assert lists.pages == [1]


async def test_full_page_is_followed_by_another(find: Any) -> None:
    lists = ScriptedLists(shown(*full(100, -1.0, type="shutdown")), NONE)
    assert await find(lists) is None
    assert lists.pages == [1, 2]
    short = ScriptedLists(shown(*full(100, -1.0, type="shutdown")[:19]))
    assert await find(short) is None
    assert short.pages == [1]


async def test_short_page_is_followed_when_more_is_announced(find: Any) -> None:
    lists = ScriptedLists(shown(act(5, type="shutdown"), total=2), shown(act(1), total=2))
    assert id_of(await find(lists)) == 1
    assert lists.pages == [1, 2]


async def test_look_up_gives_up_after_ten_pages(find: Any) -> None:
    lists = ScriptedLists(*[shown(*full(100, -1.0, type="shutdown"), more=True)] * 11)
    text = "10 pages of the Droplet's actions do not reach back to the request"
    assert await reason_of(find, lists) == text
    assert lists.pages == [*range(1, 11)]


# What this process knows.


@pytest.mark.parametrize("is_of_another_process", [True, False])
async def test_action_that_was_seen_before_is_not_the_result(find: Any, is_of_another_process: bool) -> None:
    claims = ActionClaims()
    claims.note_existing([1], at(-1))
    one = unresolved(is_of_another_process=is_of_another_process)
    assert id_of(await find(ScriptedLists(shown(act(1))), one, claims)) == (1 if is_of_another_process else None)


async def test_look_up_remembers_what_it_has_seen(find: Any) -> None:
    claims = ActionClaims()
    await find(ScriptedLists(shown(act(1), act(2, type="shutdown"))), claims=claims)
    assert claims.was_seen_before(1, at(5))
    assert claims.was_seen_before(2, at(5))


async def test_action_of_another_request_is_left_out(find: Any) -> None:
    claims = ActionClaims()
    claims.add(1, TRACE)
    assert await find(ScriptedLists(shown(act(1))), claims=claims) is None
    assert id_of(await find(ScriptedLists(shown(act(1), act(2))), claims=claims)) == 2


async def test_action_is_contested_by_another_request_for_it(find: Any) -> None:
    claims = ActionClaims()
    claims.begin("another call", TRACE)
    lists = ScriptedLists(*[shown(act(1))] * 5, read_at=0.25)
    text = "action 1 may be its result, or that of another such request of this process"
    assert await reason_of(find, lists, None, claims, settle_seconds=10.0) == text
    assert lists.pauses == [1.0, 2.0, 3.0, 4.0]


async def test_better_time_is_awaited_when_the_action_is_contested(find: Any) -> None:
    claims = ActionClaims()
    claims.begin("another call", TRACE)
    lists = ScriptedLists(*[shown(act(1), act(2, -1.0))] * 2, read_at=0.5, date=0.7)
    assert "of another such request" in await reason_of(find, lists, None, claims)
    assert lists.pauses == [0.41]


@pytest.mark.parametrize("read_at", [0.25, 0.0])
async def test_age_is_known_when_the_request_is_from_the_past(find: Any, read_at: float) -> None:
    one = unresolved(is_of_another_process=True, clock_error=2.0)
    assert await find(ScriptedLists(NONE, read_at=read_at), one) is None


async def test_age_is_not_known_when_the_request_is_from_the_future(find: Any) -> None:
    one = unresolved(is_of_another_process=True, clock_error=2.0)
    text = "by this machine's clock it was sent in the future, so its age is not known"
    assert await reason_of(find, ScriptedLists(NONE, read_at=-0.25), one) == text


async def test_clocks_of_earlier_answers_count(find: Any) -> None:
    claims = ActionClaims()
    claims.measure((NOON, "Mon, 23 Nov 2026 11:59:00 GMT", at(-1), at(-1)))
    assert (await reason_of(find, ScriptedLists(shown(act(1))), None, claims)).startswith("action 1 may be its result")


# What other processes know.


async def test_action_that_another_process_claims_is_not_the_result(find: Any) -> None:
    shared, claims = Shared(taken=(1,)), ActionClaims()
    lists = ScriptedLists(shown(act(1)), NONE)
    assert await find(lists, unresolved(request=action_request(origin="run")), claims, shared=shared) is None
    assert shared.asked == [("is_of_another", 1, "run"), ("claim", 1, "run")]
    assert claims.has(1, TRACE)
    assert lists.left == 0


async def test_action_that_another_process_has_is_left_out(find: Any) -> None:
    shared, claims = Shared(known=(1,)), ActionClaims()
    assert id_of(await find(ScriptedLists(shown(act(1), act(2))), None, claims, shared=shared)) == 2
    assert claims.has(1, TRACE)
    unclear = Shared(known=(3,))
    assert await find(ScriptedLists(shown(act(3, -60.0))), shared=unclear) is None
    assert unclear.asked == [("is_of_another", 3, None)]


async def test_outcome_is_unknown_when_the_store_cannot_be_asked(find: Any) -> None:
    text = await reason_of(find, ScriptedLists(shown(act(1))), shared=Shared(is_away=True))
    assert text.startswith("action 1 may be its result, or that of another process's request: the shared store cannot")


@pytest.mark.parametrize(
    ("origin", "is_of_another_process", "is_asked"),
    [(None, False, True), (None, True, False), ("run", True, True), ("run", False, True)],
)
async def test_store_is_asked_only_when_its_own_claim_is_known(
    find: Any, origin: str | None, is_of_another_process: bool, is_asked: bool
) -> None:
    shared = Shared()
    one = unresolved(request=action_request(origin=origin), is_of_another_process=is_of_another_process)
    assert id_of(await find(ScriptedLists(shown(act(1))), one, shared=shared)) == 1
    assert bool(shared.asked) is is_asked


# Requests without the resource's id.


async def test_request_by_tag_cannot_be_looked_up(find: Any) -> None:
    lists = ScriptedLists()
    one = unresolved(trace=TRACE._replace(resource_id=None))
    text = "a request by tag cannot be looked up: check the actions of the Droplets"
    assert await reason_of(find, lists, one) == text
    assert lists.requests == []


VOLUMES = [f"506f78a4-e098-11e5-ad9f-000f53306ae{number}" for number in range(3)]


def named(count: int) -> ScriptedLists:
    """Return lists that show so many volumes with a name, and then the actions of one."""
    found = [{"id": one, "name": "data"} for one in VOLUMES[:count]]
    attached = act(1, type="attach_volume", resource_type="volume", resource_id=7)
    return ScriptedLists({"volumes": found, "links": {}, "meta": {"total": count}}, shown(attached))


def attachment() -> UnresolvedRequest:
    search = volumes.LIST.request({}, query={"name": "data"})
    trace = ActionTrace(volume_actions.KIND, None, "attach", search)
    return unresolved(trace=trace, request=action_request(timeout=7.0))


async def test_resource_is_searched_by_its_name(find: Any) -> None:
    lists = named(1)
    assert id_of(await find(lists, attachment())) == 1
    assert [one.path for one in lists.requests] == ["/v2/volumes", f"/v2/volumes/{VOLUMES[0]}/actions"]
    assert [one.timeout for one in lists.requests] == [7.0, 7.0]


@pytest.mark.parametrize("count", [0, 2, 3])
async def test_name_of_no_or_several_resources_is_unclear(find: Any, count: int) -> None:
    assert await reason_of(find, named(count), attachment()) == f"a list shows {count} volumes with its name"


async def test_id_that_cannot_be_read_leaves_the_outcome_unknown(find: Any) -> None:
    assert (await reason_of(find, ScriptedLists(AWAY), attachment())).startswith("the volume's id cannot be read: ")


# The error.


@pytest.mark.parametrize(("request_ids", "request_id"), [((None, None), None), (("a", "b"), "b"), (("a", None), "a")])
def test_error_has_the_facts_of_the_request(request_ids: tuple[str | None, ...], request_id: str | None) -> None:
    attempts = [
        attempt(number=1, outcome="rejected", detail="status 429", request_id=request_ids[0]),
        attempt(number=2, outcome="unknown", detail="reset", request_id=request_ids[1]),
    ]
    error = unresolved(attempts=attempts).error("no list shows it")
    text = "reboot of Droplet 3164444 may or may not have been executed (reset), and no list shows it; "
    assert error.message == f"{text}it was not sent again"
    assert (error.request_id, error.droplet_id, error.type) == (request_id, DROPLET, "reboot")
    assert error.attempts == tuple(attempts)
