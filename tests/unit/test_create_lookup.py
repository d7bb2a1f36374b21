"""The look-up of a created thing over some time, without a server."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from scripted_creates import DROPLET_BODY, KEY_BODY, NO_ACTIONS, NONE, key, keys, shown, thing, unresolved
from scripted_lists import ScriptedLists

from gradient_async import (
    APIConnectionError,
    BadRequestError,
    CreateOutcomeUnknownError,
    InternalServerError,
    RateLimitError,
)
from gradient_async.http.create_rule import NOT_GIVEN
from gradient_async.settings import AccessToken, Settings
from gradient_async.waiting import create_lookup
from gradient_async.waiting.claims import CreateClaims
from gradient_async.waiting.create_lookup import CreateLookup

if TYPE_CHECKING:
    from gradient_async.waiting.found_things import Adopted
    from gradient_async.waiting.unresolved_create import UnresolvedCreate

AWAY = APIConnectionError("reset", method="GET", path="/v2/droplets")
BROKEN = InternalServerError("broken", method="GET", path="/v2/droplets", status=500)
LIMITED = RateLimitError("too many", method="GET", path="/v2/droplets", status=429)
REFUSED = BadRequestError("no", method="GET", path="/v2/droplets", status=400)


@pytest.fixture
def find(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that looks a create up."""

    async def found(
        lists: ScriptedLists,
        one: UnresolvedCreate,
        claims: CreateClaims | None = None,
        *,
        settle_seconds: float = 0.0,
        waited: float = 0.0,
    ) -> Adopted | None:
        """``settle_seconds`` counts for things that cost little and, four times as long, for expensive ones."""
        monkeypatch.setattr(create_lookup, "anyio", SimpleNamespace(sleep=lists.sleep))
        monkeypatch.setattr(create_lookup, "Timestamp", lists)
        settings = Settings(
            access_token=AccessToken("t"),
            base_url="https://example.com",
            settle_seconds=settle_seconds,
            create_settle_seconds=4 * settle_seconds,
        )
        return await CreateLookup(lists, claims or CreateClaims(), settings, "account").find(one, waited)

    return found


def ids_of(found: Adopted | None) -> list[int]:
    return [] if found is None else [one.key[1] for one in found.found]  # type: ignore[misc]  # ids


async def test_cheap_things_are_looked_for_until_the_settle_time_ends(find: Any) -> None:
    lists = ScriptedLists(*[keys()] * 5)
    assert await find(lists, unresolved(KEY_BODY), settle_seconds=12.0, waited=2.0) is None
    assert lists.pauses == [1.0, 2.0, 3.0, 4.0]
    assert lists.left == 0


async def test_no_more_lists_are_read_when_the_thing_shows(find: Any) -> None:
    lists = ScriptedLists(keys(), keys(key(7)))
    claims = CreateClaims()
    assert ids_of(await find(lists, unresolved(KEY_BODY, was_created=True), claims, settle_seconds=10.0)) == [7]
    assert lists.pauses == [1.0]


@pytest.mark.parametrize(
    ("can_be_sent_again", "waited", "pauses"),
    [
        (False, 0.0, [0.5, 1.0, 2.0, 4.0, 0.5]),
        (False, 2.0, [0.5, 1.0, 2.0, 2.5]),
        (True, 0.0, [0.25, 0.5, 1.0, 0.25]),
        (True, 2.0, []),
    ],
)
async def test_expensive_things_are_looked_for_longer(
    find: Any, can_be_sent_again: bool, waited: float, pauses: list[float]
) -> None:
    one = unresolved(can_be_sent_again=can_be_sent_again)
    reads = 1 + len(pauses)
    lists = ScriptedLists(*[NONE] * (2 * reads), NO_ACTIONS)
    if can_be_sent_again:
        assert await find(lists, one, settle_seconds=2.0, waited=waited) is None
    else:
        with pytest.raises(CreateOutcomeUnknownError, match="the lists of Droplets do not show it"):
            await find(lists, one, settle_seconds=2.0, waited=waited)
    assert lists.pauses == pauses
    assert lists.left == 0


# A better reading of the server's clock.


async def test_lists_are_read_at_a_better_time_first(find: Any) -> None:
    """The pauses come after it, one by one."""
    unclear = shown(thing(1, created=-1.0))
    lists = ScriptedLists(unclear, NONE, unclear, NONE, shown(thing(2)), NONE, read_at=0.5, date=0.7)
    assert ids_of(await find(lists, unresolved(), settle_seconds=2.0)) == [2]
    assert lists.pauses == [0.41, 0.5]


async def test_last_lists_are_read_once_more_at_a_better_time(find: Any) -> None:
    unclear = shown(thing(1, created=-1.0))
    lists = ScriptedLists(unclear, NONE, unclear, NONE, read_at=0.5, date=0.7)
    with pytest.raises(CreateOutcomeUnknownError, match="may have existed before the request was sent"):
        await find(lists, unresolved())
    assert lists.pauses == [0.41]
    assert lists.left == 0


async def test_better_time_is_awaited_once(find: Any) -> None:
    """A list that always takes long shows no better time."""
    lists = ScriptedLists(*[shown(thing(1, created=-1.0)), NONE] * 7, read_at=0.5, date=0.7)

    async def sleep(seconds: float) -> None:
        lists.pauses.append(round(seconds, 6))

    lists.sleep = sleep  # type: ignore[method-assign]  # the clock stands still
    with pytest.raises(CreateOutcomeUnknownError, match="may have existed before the request was sent"):
        await find(lists, unresolved(), settle_seconds=2.0)
    assert lists.pauses == [0.41, 0.5, 1.0, 2.0, 4.0, 0.5]
    assert lists.left == 0


async def test_clear_ending_needs_no_better_time(find: Any) -> None:
    for things in ([thing(1, created=-60.0)], [thing(1, created=-700.0)]):
        lists = ScriptedLists(shown(*things), NONE, read_at=0.5, date=0.7)
        with pytest.raises(CreateOutcomeUnknownError):
            await find(lists, unresolved())
        assert lists.pauses == []
    lists = ScriptedLists(shown(thing(2), thing(1, created=-1.0)), NONE, read_at=0.5, date=0.7)
    assert ids_of(await find(lists, unresolved(), settle_seconds=2.0)) == [2]
    assert lists.pauses == []


async def test_thing_is_adopted_when_the_better_time_shows_it(find: Any) -> None:
    late = shown(thing(1, created=0.0))
    lists = ScriptedLists(late, NONE, late, NONE, read_at=0.5, date=1.0)
    assert ids_of(await find(lists, unresolved())) == [1]
    assert lists.pauses == [0.41]


# Lists that cannot be read.


@pytest.mark.parametrize("error", [AWAY, BROKEN, LIMITED])
async def test_list_of_droplets_is_read_again_after_a_passing_error(find: Any, error: Exception) -> None:
    lists = ScriptedLists(error, NONE, error, shown(thing(1)), NONE)
    assert ids_of(await find(lists, unresolved(), settle_seconds=2.0)) == [1]
    assert lists.pauses == [0.5, 1.0]


@pytest.mark.parametrize(
    ("error", "body", "settle_seconds"),
    [(AWAY, DROPLET_BODY, 0.0), (REFUSED, DROPLET_BODY, 2.0), (AWAY, KEY_BODY, 2.0), (REFUSED, KEY_BODY, 2.0)],
)
async def test_other_errors_end_the_look_up(
    find: Any, error: Exception, body: dict[str, Any], settle_seconds: float
) -> None:
    lists = ScriptedLists(error)
    with pytest.raises(CreateOutcomeUnknownError, match="cannot be read"):
        await find(lists, unresolved(body), settle_seconds=settle_seconds)
    assert lists.pauses == []


async def test_create_without_a_value_to_find_it_by_is_unknown(find: Any) -> None:
    one = unresolved()
    bare = unresolved(trace=one.trace._replace(wanted=((NOT_GIVEN, NOT_GIVEN, NOT_GIVEN),)))
    lists = ScriptedLists()
    with pytest.raises(CreateOutcomeUnknownError, match="nothing in it identifies what it creates"):
        await find(lists, bare)
    assert lists.requests == []
