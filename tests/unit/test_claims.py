from __future__ import annotations

from datetime import UTC, datetime

import attrs
import pytest

from gradient_async.endpoints import account_keys
from gradient_async.endpoints.droplet_actions import trace_of
from gradient_async.http.create_rule import CreateTrace
from gradient_async.http.create_rule import trace_of as trace_of_create
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


# Requests.

OTHER = TRACE._replace(type="snapshot")


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return the time, which stands still until it is changed."""
    found = [100.0]
    monkeypatch.setattr(Timestamp, "now", lambda: at(found[0]))
    return found


def test_request_under_way_is_a_rival_of_its_like() -> None:
    claims = ActionClaims()
    claims.begin("one", OTHER)
    assert not claims.is_contested(TRACE, at(1))
    claims.begin("two", TRACE)
    assert claims.is_contested(TRACE, at(1))
    claims.end("two")
    claims.end("never begun")
    assert not claims.is_contested(TRACE, at(1))
    assert claims.is_contested(OTHER, at(1))


@pytest.mark.parametrize(
    ("since", "is_contested"),
    [
        (at(80), True),
        (at(104), True),
        (at(105), False),
        (at(106), False),
        # Only the longer one of two spans is certain, when a clock was set or stood still.
        (Timestamp(wall=200, monotonic=104), True),
        (Timestamp(wall=104, monotonic=200), True),
    ],
)
@pytest.mark.usefixtures("now")
def test_abandoned_request_is_a_rival_until_it_is_over(since: Timestamp, is_contested: bool) -> None:
    claims = ActionClaims()
    claims.abandon("another", OTHER, at(90), 50)
    claims.abandon("over", TRACE, at(20), -90)
    claims.abandon("one", TRACE, at(90), 5)
    assert claims.is_contested(TRACE, since) is is_contested


@pytest.mark.parametrize(("since", "is_contested"), [(89, False), (90, False), (91, True)])
@pytest.mark.usefixtures("now")
def test_abandoned_request_may_be_the_same_in_another_process(since: float, is_contested: bool) -> None:
    claims = ActionClaims()
    claims.abandon("one", TRACE, at(90), 5)
    assert claims.is_contested(TRACE, at(since), is_of_another_process=True) is is_contested
    assert claims.is_contested(TRACE, at(since))


def test_abandoned_request_stays_a_rival_of_older_ones(now: list[float]) -> None:
    """A request that was sent before it was over can still be looked up when it is over."""
    claims = ActionClaims()
    claims.abandon("one", TRACE, at(90), 5)
    now[0] = 705.0
    claims.abandon("another", OTHER, at(700), 5)
    assert claims.is_contested(TRACE, at(104))
    now[0] = 705.5
    claims.abandon("a third", OTHER, at(700), 5)
    assert not claims.is_contested(TRACE, at(104))


# Results.


def test_result_belongs_to_the_origin_of_its_request() -> None:
    claims = ActionClaims()
    claims.add(1, TRACE, "run")
    claims.add(2, TRACE)
    origins = ("run", "other", None)
    assert [claims.is_of_another(1, origin) for origin in origins] == [False, True, True]
    assert [claims.is_of_another(2, origin) for origin in origins] == [True, True, True]
    assert [claims.is_of_another(3, origin) for origin in origins] == [False, False, False]
    assert claims.has(1, TRACE)
    assert not claims.has(1, OTHER)
    assert not claims.has(3, TRACE)
    assert 1 in claims
    assert 3 not in claims


@pytest.mark.parametrize(
    ("sent_at", "was_seen"),
    [
        (at(11), True),
        (at(10), False),
        (at(9), False),
        (Timestamp(wall=11, monotonic=10), False),
        (Timestamp(wall=10, monotonic=11), False),
        (Timestamp(wall=9, monotonic=11), False),
        (Timestamp(wall=11, monotonic=9), False),
    ],
)
def test_thing_was_seen_before_only_by_both_clocks(sent_at: Timestamp, was_seen: bool) -> None:
    claims = ActionClaims()
    claims.note_existing([1], at(10))
    assert claims.was_seen_before(1, sent_at) is was_seen


def test_latest_clocks_are_kept() -> None:
    claims = ActionClaims()
    for number in range(20):
        claims.measure((datetime.fromtimestamp(number, UTC), None, at(0), at(number)))
    assert [one.before for one in claims.skews] == [at(number) for number in range(4, 20)]


def test_one_whole_list_is_enough_to_show_an_absence() -> None:
    claims = CreateClaims()
    for when in (10, 900):
        claims.note_whole(LISTING, at(when))
    claims.note_existing([KEY], at(500))
    assert claims.was_absent(KEY, LISTING, at(600))
    assert not claims.was_absent(KEY, LISTING, at(620))


def test_forked_child_forgets_the_requests_of_its_parent() -> None:
    actions, creates = module.claims_of("https://fork.example"), module.creates_of("https://fork.example")
    trace = create_trace()
    actions.begin("call", TRACE)
    actions.abandon("another", OTHER, at(1), 60)
    creates.begin("call", trace)
    module._forget_other_threads()
    assert not actions.is_contested(TRACE, at(1))
    assert not actions.is_contested(OTHER, at(1))
    assert not creates.is_contested(trace, at(1))


def create_trace() -> CreateTrace:
    found = trace_of_create(account_keys.CREATE.request({}, body={"name": "laptop", "public_key": "ssh-rsa AAAA"}))
    assert found is not None
    return found


def test_clients_of_one_api_share_their_claims() -> None:
    one = module.claims_of("https://one.example")
    assert module.claims_of("https://one.example") is one
    assert module.claims_of("https://two.example") is not one
    creates = module.creates_of("https://one.example")
    assert module.creates_of("https://one.example") is creates
