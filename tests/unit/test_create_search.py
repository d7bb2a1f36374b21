"""The search for a created thing in lists, without a server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from scripted_creates import DROPLET_BODY, KEY_BODY, NO_ACTIONS, NONE, TWO, key, keys, shown, thing, unresolved
from scripted_lists import ScriptedLists, at, stamp

from gradient_async import APIConnectionError, CreateOutcomeUnknownError
from gradient_async.http.create_rule import CareRule
from gradient_async.waiting.claims import CreateClaims
from gradient_async.waiting.create_decision import Ending
from gradient_async.waiting.create_search import Search

if TYPE_CHECKING:
    from gradient_async.waiting.unresolved_create import UnresolvedCreate

ACCOUNT = "account"
ADOPT, WAIT, AGAIN = Ending.ADOPT, Ending.WAIT, Ending.SEND_AGAIN
AWAY = APIConnectionError("reset", method="GET", path="/v2/droplets")


def search_for(one: UnresolvedCreate, lists: ScriptedLists, claims: CreateClaims | None = None) -> Search:
    return Search(lists, claims or CreateClaims(), one, ACCOUNT)


async def reason_of(search: Search, ending: Ending) -> str:
    with pytest.raises(CreateOutcomeUnknownError) as caught:
        search.resolved(ending)
    return caught.value.message.partition(", and ")[2].rpartition(";")[0]


# Pages.


async def test_lists_are_read_to_their_ends() -> None:
    lists = ScriptedLists(shown(thing(1, "x"), more=True), shown(thing(2, "y"), more=True), shown(thing(3)), NONE)
    search = search_for(unresolved(), lists)
    assert await search.read(is_last=False) is ADOPT
    assert lists.pages == [1, 2, 3, 1]
    assert [one.query.get("type") for one in lists.requests] == ["gpus"] * 3 + [None]
    assert {int(one.query["per_page"]) for one in lists.requests} == {200}
    found = search.resolved(ADOPT)
    assert found is not None
    assert [one.id for one in found.things] == [3]  # type: ignore[attr-defined]  # a Droplet


async def test_next_page_is_read_when_the_total_is_not_reached() -> None:
    lists = ScriptedLists(shown(thing(1, "x"), total=2), shown(thing(2, "y"), total=2), NONE, NO_ACTIONS)
    assert await search_for(unresolved(), lists).read(is_last=True) is AGAIN
    assert lists.pages == [1, 2, 1, 1]


@pytest.mark.parametrize("is_first", [True, False])
async def test_list_is_not_whole_when_it_ends_too_early(is_first: bool) -> None:
    short = [shown(thing(1, "x"), total=2), shown(total=2)]
    answers = [*short, NONE] if is_first else [NONE, *short]
    lists, claims = ScriptedLists(*answers, NO_ACTIONS), CreateClaims()
    search = search_for(unresolved(), lists, claims)
    assert await search.read(is_last=True) is Ending.NOT_WHOLE
    assert lists.left == 0
    assert await reason_of(search, Ending.NOT_WHOLE) == "the list of Droplets is shorter than the list itself announces"


async def test_search_gives_up_after_ten_pages() -> None:
    lists = ScriptedLists(*(shown(thing(number, "x"), more=True) for number in range(1, 12)))
    with pytest.raises(CreateOutcomeUnknownError, match="10 pages of the list of Droplets are not the whole list"):
        await search_for(unresolved(), lists).read(is_last=False)
    assert lists.pages == [*range(1, 11)]


@pytest.mark.parametrize(
    ("answer", "text"), [(AWAY, "reset"), ({"droplets": None}, "the list is null"), ({"droplets": [None]}, "null")]
)
async def test_list_that_cannot_be_read_leaves_the_outcome_unknown(answer: object, text: str) -> None:
    with pytest.raises(CreateOutcomeUnknownError, match=f"the list of Droplets cannot be read: .*{text}"):
        await search_for(unresolved(), ScriptedLists(answer)).read(is_last=False)


# What the lists show.


@pytest.mark.parametrize(
    ("things", "at_first", "at_last"),
    [
        ([thing(1)], ADOPT, ADOPT),
        ([thing(1, "x")], WAIT, AGAIN),
        ([thing(1, size_slug="other")], WAIT, AGAIN),
        ([thing(1, created=-60)], WAIT, Ending.UNCLEAR),
        ([thing(1, created=-700)], WAIT, AGAIN),
        ([thing(1, created=None)], WAIT, Ending.UNCLEAR),
        ([thing(1, size_slug=None)], WAIT, Ending.UNCLEAR),
        ([thing(1, region=None)], ADOPT, ADOPT),
        ([thing(1), thing(2, created=-700)], ADOPT, ADOPT),
    ],
)
async def test_ending_is_that_of_the_things_in_the_list(
    things: list[dict[str, Any]], at_first: Ending, at_last: Ending
) -> None:
    for is_last, ending in ((False, at_first), (True, at_last)):
        lists = ScriptedLists(shown(*things), NONE, NO_ACTIONS)
        assert await search_for(unresolved(), lists).read(is_last=is_last) is ending


@pytest.mark.parametrize(("created", "may"), [(-1.0, True), (-2.0, False), (0.0, False), (-60.0, False)])
async def test_better_reading_may_decide_about_the_sendings_second(created: float, may: bool) -> None:
    lists = ScriptedLists(shown(thing(1, "x", created=-1.0), thing(2, created=created)), NONE, read_at=0.5)
    search = search_for(unresolved(), lists)
    await search.read(is_last=False)
    assert search.may_become_clear is may


async def test_names_are_found_each_by_itself() -> None:
    for names, ending in ((["a", "b"], ADOPT), (["a", "x"], Ending.PART), (["x", "y"], AGAIN)):
        found = [thing(number, name) for number, name in enumerate(names, 1)]
        search = search_for(unresolved(TWO), ScriptedLists(shown(*found), NONE, NO_ACTIONS))
        assert await search.read(is_last=True) is ending
    search = search_for(unresolved(TWO), ScriptedLists(shown(thing(1), thing(2, "x")), NONE, NO_ACTIONS))
    assert await search.read(is_last=True) is Ending.PART
    assert await reason_of(search, Ending.PART) == "the lists show only some of what it asked for: 1 'a'"


@pytest.mark.parametrize(("body", "is_several"), [(DROPLET_BODY, False), ({**TWO, "names": ["a"]}, True)])
async def test_answer_has_the_form_that_was_asked_for(body: dict[str, Any], is_several: bool) -> None:
    search = search_for(unresolved(body), ScriptedLists(shown(thing(1)), NONE))
    found = search.resolved(await search.read(is_last=False))
    assert found is not None
    assert found.is_several is is_several


async def test_key_is_not_one_of_several() -> None:
    search = search_for(unresolved(KEY_BODY, was_created=True, was_accepted=True), ScriptedLists(keys(key(1))))
    found = search.resolved(await search.read(is_last=False))
    assert found is not None
    assert found.is_several is False


async def test_oldest_of_several_with_the_asked_tags_is_adopted() -> None:
    body = {**DROPLET_BODY, "tags": ["Run", "b"]}
    asked: dict[str, Any] = {"tags": ["RUN", "b", "more"]}
    several = [
        thing(9, created=0.0),
        thing(5, created=2.0, **asked),
        thing(7, created=1.0, **asked),
        thing(6, created=1.0, **asked),
        thing(3, created=0.0, tags=["run"]),
        thing(8, created=2.0, tags=["run", "B"]),
        thing(2, created=-60.0, **asked),
    ]
    search = search_for(unresolved(body), ScriptedLists(shown(*several), NONE, read_at=3.0, date=3.0))
    found = search.resolved(await search.read(is_last=False))
    assert found is not None
    assert [one.id for one in found.things] == [6]  # type: ignore[attr-defined]  # a Droplet
    assert [one.id for one in found.others] == [7, 5, 8, 3, 9]  # type: ignore[attr-defined]  # likewise


async def test_smaller_id_is_adopted_of_two_of_the_same_second() -> None:
    several = [thing(number, created=0.0) for number in (100, 9, 10)]
    search = search_for(unresolved(), ScriptedLists(shown(*several), NONE, read_at=1.0, date=1.0))
    found = search.resolved(await search.read(is_last=False))
    assert found is not None
    assert [one.id for one in (*found.things, *found.others)] == [9, 10, 100]  # type: ignore[attr-defined]  # Droplets


@pytest.mark.parametrize("care", [None, CareRule(adopts_oldest=False)])
async def test_several_results_are_refused_when_one_is_as_good(care: CareRule | None) -> None:
    several = shown(thing(1), thing(2, created=None))
    search = search_for(unresolved(care=care), ScriptedLists(several, NONE))
    assert await search.read(is_last=False) is ADOPT
    search = search_for(unresolved(care=care), ScriptedLists(shown(thing(1), thing(2)), NONE))
    assert await search.read(is_last=False) is Ending.SEVERAL
    assert await reason_of(search, Ending.SEVERAL) == "each of the Droplets 1 'a', 2 'a' may be its result"


# What this process knows.


async def test_thing_of_another_request_is_left_out() -> None:
    one, claims = unresolved(), CreateClaims()
    claims.add(("Droplet", 1), one.trace)
    search = search_for(one, ScriptedLists(shown(thing(1)), NONE, NO_ACTIONS), claims)
    assert await search.read(is_last=True) is AGAIN


@pytest.mark.parametrize("is_of_another_process", [True, False])
async def test_thing_that_was_seen_before_is_not_the_result(is_of_another_process: bool) -> None:
    """The clock of another process may differ, so that its request may be older than what was seen."""
    claims = CreateClaims()
    claims.note_existing([("Droplet", 1)], at(-1))
    one = unresolved(is_of_another_process=is_of_another_process)
    search = search_for(one, ScriptedLists(shown(thing(1)), NONE, NO_ACTIONS), claims)
    assert await search.read(is_last=True) is (ADOPT if is_of_another_process else AGAIN)


async def test_search_remembers_what_it_has_seen() -> None:
    claims = CreateClaims()
    await search_for(unresolved(), ScriptedLists(shown(thing(1)), NONE), claims).read(is_last=False)
    assert claims.was_seen_before(("Droplet", 1), at(5))
    assert claims.was_absent(("Droplet", 2), (ACCOUNT, "Droplet"), at(5))
    short = CreateClaims()
    await search_for(unresolved(), ScriptedLists(shown(total=1), NONE), short).read(is_last=False)
    assert not short.was_absent(("Droplet", 2), (ACCOUNT, "Droplet"), at(5))


async def test_key_without_a_time_is_the_result_when_it_was_absent() -> None:
    for was_whole, ending in ((True, ADOPT), (False, WAIT)):
        claims = CreateClaims()
        if was_whole:
            claims.note_whole((ACCOUNT, "SSH key"), at(-1))
        search = search_for(unresolved(KEY_BODY), ScriptedLists(keys(key(1))), claims)
        assert await search.read(is_last=False) is ending


async def test_absence_proves_nothing_when_things_show_their_time() -> None:
    claims = CreateClaims()
    claims.note_whole((ACCOUNT, "Droplet"), at(-1))
    search = search_for(unresolved(), ScriptedLists(shown(thing(1, created=None)), NONE), claims)
    assert await search.read(is_last=False) is WAIT


@pytest.mark.parametrize(("was_created", "ending"), [(True, ADOPT), (False, WAIT)])
async def test_only_such_key_is_the_result_of_a_201(was_created: bool, ending: Ending) -> None:
    search = search_for(unresolved(KEY_BODY, was_created=was_created), ScriptedLists(keys(key(1))))
    assert await search.read(is_last=False) is ending


async def test_201_proves_nothing_about_things_that_can_be_twice() -> None:
    search = search_for(unresolved(was_created=True), ScriptedLists(shown(thing(1, created=-60)), NONE))
    assert await search.read(is_last=False) is WAIT


async def test_thing_is_contested_by_another_request_for_it() -> None:
    one, claims = unresolved(), CreateClaims()
    claims.begin("another call", one.trace)
    search = search_for(one, ScriptedLists(shown(thing(1)), NONE), claims)
    assert await search.read(is_last=True) is Ending.CONTESTED
    text = "Droplet 1 'a' may be its result, or that of another such request of this process"
    assert await reason_of(search, Ending.CONTESTED) == text


# Clocks.


@pytest.mark.parametrize("read_at", [0.25, 0.0])
async def test_age_is_known_when_the_request_is_from_the_past(read_at: float) -> None:
    one = unresolved(is_of_another_process=True, clock_error=2.0)
    search = search_for(one, ScriptedLists(NONE, NONE, read_at=read_at))
    assert await search.read(is_last=False) is WAIT


async def test_age_is_not_known_when_the_request_is_from_the_future() -> None:
    one = unresolved(is_of_another_process=True, clock_error=2.0)
    with pytest.raises(CreateOutcomeUnknownError, match="it was sent in the future, so its age is not known"):
        await search_for(one, ScriptedLists(NONE, NONE, read_at=-0.25)).read(is_last=False)


async def test_nothing_is_adopted_when_a_time_is_ahead_of_the_date() -> None:
    for ahead, ending in ((1.0, ADOPT), (3.0, WAIT)):
        things = shown(thing(1), thing(2, "x", created=ahead), thing(3, "x", created=None))
        search = search_for(unresolved(), ScriptedLists(things, NONE))
        assert await search.read(is_last=False) is ending


async def test_clocks_contradict_each_other_when_a_date_stands_still() -> None:
    lists = ScriptedLists(NONE, NONE, NONE, NONE, NO_ACTIONS)
    search = search_for(unresolved(), lists)
    assert await search.read(is_last=False) is WAIT
    lists.read_at = 5.0
    assert await search.read(is_last=True) is Ending.CONTRADICTORY
    text = "the Date headers of the lists of Droplets contradict each other"
    assert await reason_of(search, Ending.CONTRADICTORY) == text


async def test_this_machines_clock_counts_when_lists_have_no_date() -> None:
    search = search_for(unresolved(), ScriptedLists(shown(thing(1)), NONE, date=None))
    assert await search.read(is_last=False) is ADOPT


# The account's actions.


def created(number: int, started: float = 0.0) -> dict[str, Any]:
    facts = {"id": 100 + number, "status": "completed", "type": "create", "started_at": stamp(started)}
    return {**facts, "resource_id": number, "resource_type": "droplet"}


async def test_droplet_that_no_list_shows_is_found_by_its_action() -> None:
    actions = {"actions": [created(1), created(2, -599.0), created(3, -601.0)], "links": {}, "meta": {"total": 3}}
    lists = ScriptedLists(NONE, NONE, actions, {"droplet": thing(1)}, {"droplet": thing(2, created=-599.0)})
    search = search_for(unresolved(), lists)
    found = search.resolved(await search.read(is_last=True))
    assert found is not None
    assert [one.id for one in found.things] == [1]  # type: ignore[attr-defined]  # a Droplet
    assert lists.left == 0


async def test_actions_are_not_read_when_the_lists_may_show_more_later() -> None:
    lists = ScriptedLists(NONE, NONE)
    assert await search_for(unresolved(), lists).read(is_last=False) is WAIT


async def test_actions_are_read_when_a_name_is_missing() -> None:
    actions = {"actions": [created(1), created(2)], "links": {}, "meta": {"total": 2}}
    lists = ScriptedLists(shown(thing(1)), NONE, actions, {"droplet": thing(2, "b")})
    assert await search_for(unresolved(TWO), lists).read(is_last=True) is ADOPT
    lists = ScriptedLists(shown(thing(1), thing(2, "b")), NONE)
    assert await search_for(unresolved(TWO), lists).read(is_last=True) is ADOPT


async def test_things_of_other_requests_do_not_count_as_found() -> None:
    one, claims = unresolved(), CreateClaims()
    for number in (1, 2):
        claims.add(("Droplet", number), one.trace)
    actions = {"actions": [created(2), created(3)], "links": {}, "meta": {"total": 2}}
    lists = ScriptedLists(shown(thing(1)), NONE, actions, {"droplet": thing(3)})
    search = search_for(one, lists, claims)
    found = search.resolved(await search.read(is_last=True))
    assert found is not None
    assert [one.id for one in found.things] == [3]  # type: ignore[attr-defined]  # a Droplet


async def test_key_has_no_actions() -> None:
    lists = ScriptedLists(keys())
    assert await search_for(unresolved(KEY_BODY), lists).read(is_last=True) is AGAIN


# The outcome of a create that no list shows.


@pytest.mark.parametrize(
    ("one", "found", "reason"),
    [
        (unresolved(KEY_BODY), keys(), None),
        (
            unresolved(KEY_BODY, exists_by_refusal=True),
            keys(),
            "the API then refused it: one like it exists, and the list of SSH keys shows none yet",
        ),
        (
            unresolved(KEY_BODY, exists_by_refusal=True),
            keys(key(1, public_key="ssh-ed25519 BBBB")),
            "the API then refused it: one like it exists, and the list of SSH keys shows none yet",
        ),
    ],
)
async def test_key_is_sent_again_when_no_list_shows_it(
    one: UnresolvedCreate, found: dict[str, Any], reason: str | None
) -> None:
    search = search_for(one, ScriptedLists(found))
    assert await search.read(is_last=True) is AGAIN
    if reason is None:
        assert search.resolved(AGAIN) is None
    else:
        assert await reason_of(search, AGAIN) == reason


async def test_key_that_existed_before_lets_the_refusal_pass() -> None:
    claims = CreateClaims()
    claims.note_existing([("SSH key", 1)], at(-1))
    search = search_for(unresolved(KEY_BODY, exists_by_refusal=True), ScriptedLists(keys(key(1), key(2, "x"))), claims)
    assert await search.read(is_last=True) is AGAIN
    assert search.resolved(AGAIN) is None


@pytest.mark.parametrize("can_be_sent_again", [True, False])
async def test_droplet_is_sent_again_only_when_it_may(can_be_sent_again: bool) -> None:
    one = unresolved(can_be_sent_again=can_be_sent_again)
    search = search_for(one, ScriptedLists(NONE, NONE, NO_ACTIONS))
    assert await search.read(is_last=True) is AGAIN
    if can_be_sent_again:
        assert search.resolved(AGAIN) is None
    else:
        assert await reason_of(search, AGAIN) == "the lists of Droplets do not show it"


async def test_accepted_create_that_no_list_shows_is_missing() -> None:
    search = search_for(unresolved(was_accepted=True), ScriptedLists(NONE, NONE, NO_ACTIONS))
    assert await search.read(is_last=True) is Ending.MISSING
    text = "the list of Droplets shows none, though the server answered with a success"
    assert await reason_of(search, Ending.MISSING) == text


async def test_unclear_things_are_named_once() -> None:
    body = {**TWO, "names": ["a", "a"]}
    search = search_for(unresolved(body), ScriptedLists(shown(thing(1, created=-60)), NONE, NO_ACTIONS))
    assert await search.read(is_last=True) is Ending.UNCLEAR
    with pytest.raises(CreateOutcomeUnknownError, match="Droplet 1 'a' may be its result, or may have") as caught:
        search.resolved(Ending.UNCLEAR)
    assert len(caught.value.candidates) == 1


@pytest.mark.parametrize(("body", "is_patient"), [(KEY_BODY, False), (DROPLET_BODY, True)])
def test_search_for_expensive_things_is_patient(body: dict[str, Any], is_patient: bool) -> None:
    search = search_for(unresolved(body), ScriptedLists())
    assert search.is_patient is is_patient
    assert search.may_become_clear is False
