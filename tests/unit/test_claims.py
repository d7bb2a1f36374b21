from __future__ import annotations

import attrs
import pytest

from gradient_async.endpoints.droplet_actions import trace_of
from gradient_async.http.request import Timestamp
from gradient_async.waiting import claims as module
from gradient_async.waiting.claims import ActionClaims, CreateClaims

TRACE = trace_of(1, "reboot")


@pytest.fixture(autouse=True)
def _short_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MAX_ACTIONS", 3)


def at(seconds: float) -> Timestamp:
    return Timestamp(wall=seconds, monotonic=seconds)


def test_oldest_result_is_forgotten_when_there_are_too_many() -> None:
    claims = ActionClaims()
    for action_id in range(1, 6):
        claims.add(action_id, TRACE)
    assert [one for one in range(1, 6) if one in claims] == [3, 4, 5]
    assert claims.has(5, TRACE)
    assert not claims.has(5, TRACE._replace(type="snapshot"))


def test_oldest_sight_is_forgotten_when_there_are_too_many() -> None:
    claims = ActionClaims()
    claims.note_existing(range(1, 6), at(10))
    assert [one for one in range(1, 6) if claims.was_seen_before(one, at(11))] == [3, 4, 5]


def test_first_sight_of_an_action_counts() -> None:
    claims = ActionClaims()
    claims.note_existing([1], at(10))
    claims.note_existing([1], at(20))
    assert claims.was_seen_before(1, at(15))
    assert not claims.was_seen_before(1, at(10))
    assert not claims.was_seen_before(2, at(15))


def test_requests_are_rivals_when_one_does_not_name_its_resource() -> None:
    assert TRACE.is_rival_of(TRACE._replace(resource_id=None))
    assert TRACE._replace(resource_id=None).is_rival_of(TRACE)
    assert not TRACE.is_rival_of(TRACE._replace(resource_id=2))
    assert not TRACE.is_rival_of(TRACE._replace(type="snapshot"))
    other = attrs.evolve(TRACE.kind, title="Volume")
    assert not TRACE.is_rival_of(TRACE._replace(kind=other))


LISTING = ("account", "SSH key")
KEY = ("SSH key", 512189)


def test_thing_was_absent_when_a_whole_list_did_not_show_it() -> None:
    claims = CreateClaims()
    assert not claims.was_absent(KEY, LISTING, at(10))
    claims.note_whole(LISTING, at(10))
    assert claims.was_absent(KEY, LISTING, at(10))
    assert claims.was_absent(KEY, LISTING, at(610))
    assert not claims.was_absent(KEY, LISTING, at(611))
    assert not claims.was_absent(KEY, ("other", "SSH key"), at(10))


def test_thing_was_absent_when_it_appeared_in_a_later_list() -> None:
    claims = CreateClaims()
    claims.note_existing([KEY], at(10))
    claims.note_whole(LISTING, at(10))
    assert not claims.was_absent(KEY, LISTING, at(9))
    later = ("SSH key", 512190)
    claims.note_existing([later], at(11))
    assert claims.was_absent(later, LISTING, at(9))
