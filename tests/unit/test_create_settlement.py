"""What the sender says to the settlement of a create, and what it hears."""

from __future__ import annotations

import itertools
import json
import logging
from types import SimpleNamespace
from typing import Any

import pytest
from samples import response
from scripted_lists import SENT, ScriptedLists, at, stamp

from gradient_async import CreateOutcomeUnknownError
from gradient_async.endpoints import account_keys, droplet_creation, droplets, volumes
from gradient_async.http.call import Call
from gradient_async.http.create_rule import trace_of
from gradient_async.http.raw_response import RawResponse
from gradient_async.http.request import ExchangeError, Timestamp
from gradient_async.http.results import Result
from gradient_async.http.token_budgets import account_of
from gradient_async.models.page import Meta
from gradient_async.settings import AccessToken, Settings
from gradient_async.waiting import create_lookup
from gradient_async.waiting.create_settlement import CreateSettlement

LOST = ExchangeError("reset by peer", was_sent=True)
KEY_REQUEST = account_keys.CREATE.request({}, body={"name": "laptop", "public_key": "ssh-ed25519 AAAA"})
DROPLET_REQUEST = droplet_creation.CREATE.request(
    {}, body={"name": "a", "size": "gpu", "region": "tor1", "image": 1}
)._replace(origin="run")
_NUMBERS = itertools.count()


def settlement(*answers: object, **changes: Any) -> CreateSettlement:
    """Return the settlement of an API of its own: clients of one API share the claims."""
    url = f"https://creates-{next(_NUMBERS)}.example"
    short = {"settle_seconds": 0.0, "create_settle_seconds": 0.0}
    settings = Settings(**{"access_token": AccessToken("t"), "base_url": url, **short, **changes})
    return CreateSettlement(ScriptedLists(*answers), settings)


def thing(number: int, name: str = "a", created: float | None = 0.0) -> dict[str, Any]:
    shown = {"id": number, "name": name, "size_slug": "gpu", "status": "new", "region": {"slug": "tor1"}}
    return {**shown, **({} if created is None else {"created_at": stamp(created)})}


def reply(request: Any, *things: dict[str, Any]) -> RawResponse[Any]:
    """Return a request's own answer, received after a second attempt."""
    field = "ssh_key" if request is KEY_REQUEST else "droplet"
    body = {field: things[0]} if len(things) == 1 else {f"{field}s": things}
    made = response(201, json.dumps(body).encode(), {"date": "Mon, 23 Nov 2026 12:00:00 GMT"})
    made = made._replace(received_at=at(0.5))
    return RawResponse(made, request, [Result.of_answer(made, at(started)) for started in (-30.0, 0.0)])


def created(*things: dict[str, Any]) -> Any:
    return reply(DROPLET_REQUEST, *things).parse()


def key(number: int, name: str = "laptop") -> dict[str, Any]:
    return {"id": number, "name": name, "public_key": "ssh-ed25519 AAAA", "fingerprint": f"f{number}"}


def call_at(after: float | None = 0.0, request: Any = DROPLET_REQUEST) -> Call[Any]:
    """Return a call that was sent then, or now."""
    call: Call[Any] = Call(request)
    call.begin()
    if after is not None:
        call.sent_at = at(after)
    return call


# Answers.


@pytest.mark.parametrize(
    ("made", "sent", "is_wrong"),
    [(0.0, 60.0, True), (60.0, 0.0, True), (0.0, 7199.0, True), (0.0, 7200.0, False), (None, 60.0, False)],
)
def test_answer_about_an_earlier_creates_thing_is_wrong(made: float | None, sent: float, is_wrong: bool) -> None:
    """A test server may answer every request with one thing, of a fixed time."""
    part = settlement()
    part.accept(reply(DROPLET_REQUEST, thing(7, created=made)))
    mismatch = part.mismatch(call_at(sent), created(thing(7, created=made)))
    assert (mismatch is not None) is is_wrong
    if mismatch is not None:
        assert mismatch.reason == "the answer is about 7 'a', which an earlier request created"
    assert part.mismatch(call_at(sent), created(thing(8, created=made))) is None


@pytest.mark.parametrize(
    ("name", "made", "reason"),
    [
        ("a", 0.0, ""),
        ("b", 0.0, "the answer is about 7 'b', and not about ('a',)"),
        (None, 0.0, ""),
        ("b", -7300.0, ""),
        ("b", None, ""),
    ],
)
def test_answer_about_a_droplet_of_another_name_is_wrong(name: str | None, made: float | None, reason: str) -> None:
    answer = SimpleNamespace(droplet=created(thing(7, created=made)).droplet, droplets=())
    if name != "a":
        facts = SimpleNamespace(id=7, name=name, created_at=answer.droplet.created_at)
        answer = SimpleNamespace(droplet=facts, droplets=())
    mismatch = settlement().mismatch(call_at(), answer)
    assert (mismatch.reason if mismatch else "") == reason


def test_things_that_cost_little_may_have_another_name() -> None:
    facts = SimpleNamespace(id=7, name="b", created_at=created(thing(7)).droplet.created_at)
    assert settlement().mismatch(call_at(request=KEY_REQUEST), SimpleNamespace(ssh_key=facts)) is None


def test_answer_about_an_earlier_creates_volume_is_wrong() -> None:
    create = volumes.CREATE.request({}, body={"name": "data", "region": "tor1", "size_gigabytes": 10})
    trace, part = trace_of(create), settlement()
    assert trace is not None
    created_at = created(thing(7)).droplet.created_at
    answer = SimpleNamespace(volume=SimpleNamespace(id="506f78a4", name="data", created_at=created_at))
    assert part.mismatch(call_at(request=create), answer) is None
    part._claims.add(("volume", "506f78a4"), trace)
    mismatch = part.mismatch(call_at(request=create), answer)
    assert mismatch is not None
    assert mismatch.reason == "the answer is about 506f78a4 'data', which an earlier request created"


def test_answer_without_a_droplet_is_wrong() -> None:
    mismatch = settlement().mismatch(call_at(), SimpleNamespace(droplet=None))
    assert mismatch is not None
    assert mismatch.reason == "the answer names no Droplet"
    assert settlement().mismatch(call_at(request=KEY_REQUEST), SimpleNamespace(ssh_key=None)) is None


def test_own_answer_claims_its_thing_and_measures_the_clocks() -> None:
    part = settlement()
    part.accept(reply(DROPLET_REQUEST, thing(7, created=3.0)))
    trace = trace_of(DROPLET_REQUEST)
    assert trace is not None
    assert part._claims.has(("Droplet", 7), trace)
    assert not part._claims.is_of_another(("Droplet", 7), "run")
    (skew,) = part._claims.skews
    assert skew.stamp.timestamp() == SENT + 3
    assert skew[1:] == ("Mon, 23 Nov 2026 12:00:00 GMT", at(0.0), at(0.5))


def test_answer_without_a_time_measures_nothing() -> None:
    part = settlement()
    part.accept(reply(KEY_REQUEST, key(7)))
    assert part._claims.skews == []
    assert ("SSH key", 7) in part._claims


# Requests.


def test_create_under_way_is_a_rival_until_its_end() -> None:
    part, call = settlement(), call_at()
    trace = trace_of(DROPLET_REQUEST)
    assert trace is not None
    part.begin(call)
    assert part._claims.is_contested(trace, at(0))
    part.end(call)
    assert not part._claims.is_contested(trace, at(0))


@pytest.mark.parametrize(("create", "seconds"), [(KEY_REQUEST, 5.0), (DROPLET_REQUEST, 50.0)])
def test_abandoned_create_can_be_executed_for_some_time(create: Any, seconds: float) -> None:
    part, call = settlement(settle_seconds=5.0, create_settle_seconds=50.0), call_at(None, create)
    trace = trace_of(create)
    assert trace is not None
    part.abandon(call)
    now = Timestamp.now()
    for after, is_contested in ((seconds + 1.5, True), (seconds + 2.5, False)):
        later = Timestamp(now.wall + after, now.monotonic + after)
        assert part._claims.is_contested(trace, later) is is_contested


def test_only_an_open_create_is_abandoned() -> None:
    part, call = settlement(settle_seconds=5.0), call_at(None)
    trace = trace_of(DROPLET_REQUEST)
    assert trace is not None
    call.failed(ExchangeError("connection refused", was_sent=False))
    part.abandon(call)
    assert not part._claims.is_contested(trace, Timestamp.now())


# Lists.


def soon() -> Timestamp:
    now = Timestamp.now()
    return Timestamp(now.wall + 1, now.monotonic + 1)


@pytest.mark.parametrize(("total", "is_whole"), [(1, True), (2, False), (0, False), (None, False)])
def test_list_shows_which_things_exist(total: int | None, is_whole: bool) -> None:
    part = settlement()
    answer = account_keys.LIST.answer
    assert answer is not None
    listed = answer(ssh_keys=(SimpleNamespace(id=7),), meta=Meta(total=total))  # type: ignore[arg-type]  # a key
    part.note_results(listed)
    assert part._claims.was_seen_before(("SSH key", 7), soon())
    listing = (account_of(part._settings), "SSH key")
    assert part._claims.was_absent(("SSH key", 8), listing, soon()) is is_whole


def test_list_of_droplets_proves_no_absence() -> None:
    """A Droplet shows the time of its creation. A list of some kinds is not whole."""
    part = settlement()
    answer = droplets.LIST.answer
    assert answer is not None
    part.note_results(answer(droplets=(created(thing(7)).droplet,), meta=Meta(total=1)))
    assert part._claims.was_seen_before(("Droplet", 7), soon())
    assert not part._claims.was_absent(("Droplet", 8), (account_of(part._settings), "Droplet"), soon())


def test_other_answers_show_nothing() -> None:
    part = settlement()
    part.note_results(SimpleNamespace(ssh_keys=(SimpleNamespace(id=7),)))
    assert not part._claims.was_seen_before(("SSH key", 7), soon())


# Lookups.


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(create_lookup, "Timestamp", SimpleNamespace(now=lambda: at(0.25)))


def lost(request: Any = DROPLET_REQUEST) -> Call[Any]:
    call = call_at(0.0, request)
    call.failed(LOST)
    return call


def shown(*things: dict[str, Any]) -> dict[str, Any]:
    return {"droplets": [*things], "links": {}, "meta": {"total": len(things)}}


@pytest.mark.parametrize("is_of_another_process", [True, False])
async def test_found_thing_is_the_answer(caplog: pytest.LogCaptureFixture, is_of_another_process: bool) -> None:
    caplog.set_level(logging.INFO)
    part, call = settlement(shown(thing(7), thing(8)), shown()), lost()
    call.is_of_another_process = is_of_another_process
    found = await part.find(call, 0.0)
    assert found is not None
    assert found.is_adopted
    assert found.parse().droplet.id == 7
    assert [one.id for one in found.others] == [8]  # type: ignore[attr-defined]  # a Droplet
    assert ("Droplet", 7) in part._claims
    assert ("Droplet", 8) not in part._claims
    assert not part._claims.is_of_another(("Droplet", 7), "run")
    text = "the answer was lost; the account's list shows that it created 7 'a'"
    levels = [one.levelno for one in caplog.records if text in one.message]
    assert levels == [logging.INFO if is_of_another_process else logging.WARNING]


async def test_nothing_is_found_when_nothing_was_created() -> None:
    none = {"ssh_keys": [], "links": {}, "meta": {"total": 0}}
    assert await settlement(none).find(lost(KEY_REQUEST), 0.0) is None


async def test_droplet_that_is_not_found_is_not_sent_again() -> None:
    actions: dict[str, Any] = {"actions": [], "links": {}, "meta": {"total": 0}}
    with pytest.raises(CreateOutcomeUnknownError, match="the lists of Droplets do not show it"):
        await settlement(shown(), shown(), actions, max_retries=3).find(lost(), 0.0)
