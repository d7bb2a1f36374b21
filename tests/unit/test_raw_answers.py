"""An answer that is not parsed yet: what parsing adds, and what a copy keeps."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from samples import action_request, droplet, request, response

from gradient_async import APIResponseValidationError
from gradient_async.endpoints import droplet_creation, droplets
from gradient_async.http.raw_response import RawResponse, accept, mismatch_in, parsed_as
from gradient_async.http.request import Timestamp
from gradient_async.http.results import Result

STARTED = b'{"action": {"id": 5, "status": "in-progress", "type": "reboot", "resource_id": 3164444}}'
MADE = b'{"droplet": {"id": 3164444, "name": "a", "status": "new"}}'
OTHER = b'{"droplet": {"id": 7, "name": "b", "status": "new"}}'
SENT_AT = Timestamp(wall=1000.0, monotonic=10.0)


def created(**facts: Any) -> RawResponse[Any]:
    body = {"name": "a", "size": "gpu-h100x1-80gb", "image": "gpu-h100x1-base", "region": "nyc2"}
    return RawResponse(response(202, MADE), droplet_creation.create(body, "raise", {}), **facts)


@pytest.mark.parametrize("is_adopted", [True, False])
@pytest.mark.parametrize("is_replayed", [True, False])
@pytest.mark.parametrize("others", [(), (droplet(id=9),)])
def test_parsed_answer_says_where_it_comes_from(is_adopted: bool, is_replayed: bool, others: tuple[Any, ...]) -> None:
    answer = created(is_adopted=is_adopted, is_replayed=is_replayed, others=others).parse()
    assert (answer.is_adopted, answer.is_replayed) == (is_adopted, is_replayed)
    assert answer.others == (others if is_adopted else ())


def test_answer_without_these_fields_is_parsed_as_it_is() -> None:
    raw = RawResponse(response(200, b'{"droplets": []}'), droplets.LIST.request({}), is_adopted=True, is_replayed=True)
    assert raw.parse().droplets == ()
    started = RawResponse(response(201, STARTED), action_request(), is_adopted=True, others=(droplet(),)).parse()
    assert started.is_adopted


def test_answer_is_parsed_once() -> None:
    raw = created()
    assert raw.parse() is raw.parse()
    other = object()
    assert parsed_as(raw, other).parse() is other


def test_answer_about_another_thing_is_an_error_unless_accepted() -> None:
    raw = RawResponse(response(200, OTHER, {"x-request-id": "r1"}), droplets.RETRIEVE.request({}, 3164444))
    with pytest.raises(APIResponseValidationError) as caught:
        raw.parse()
    error = caught.value
    assert str(error).startswith("status 200, but the answer is about droplet 7, but droplet 3164444 was requested")
    assert (error.status, error.fault_path, error.request_id) == (200, "$.droplet.id", "r1")
    assert error.excerpt == OTHER.decode()
    accept(raw)
    assert raw.parse().droplet.id == 7
    assert mismatch_in(raw) is not None


def test_answer_shows_what_was_received() -> None:
    results = [Result(None, {}, was_sent=True, is_whole=False, started=SENT_AT, ended=SENT_AT)]
    raw = RawResponse(response(202, b'{"a": 1}\xff', {"X-Request-Id": "r1"}), request("DELETE"), results)
    assert (raw.status, raw.status_code, raw.request_id, raw.headers["x-request-id"]) == (202, 202, "r1", "r1")
    assert (raw.body, raw.text()) == (b'{"a": 1}\xff', '{"a": 1}\ufffd')
    assert [attempt.outcome for attempt in raw.attempts] == ["unknown"]
    assert repr(raw) == "<RawResponse 202 DELETE /v2/droplets/3164444/actions request_id=r1>"
    assert created().json() == {"droplet": {"id": 3164444, "name": "a", "status": "new"}}


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda raw: pickle.loads(pickle.dumps(raw))])
@pytest.mark.parametrize("is_parsed", [True, False])
def test_copy_has_all_that_the_answer_has(copied: Any, is_parsed: bool) -> None:
    results = [Result.of_answer(response(503, headers={"x-request-id": one}), SENT_AT) for one in ("r1", "r2")]
    raw = created(results=results, is_adopted=True, is_replayed=True, others=(droplet(id=9),))
    if is_parsed:
        raw.parse()
    made = copied(raw)
    assert made.parse() == raw.parse()
    assert made.parse().others == (droplet(id=9),)
    assert (made.is_adopted, made.is_replayed, made.status, made.body) == (True, True, 202, MADE)
    assert [attempt.request_id for attempt in made.attempts] == ["r1", "r2"]
    assert made.attempts == raw.attempts


def test_copy_of_an_accepted_answer_is_accepted() -> None:
    raw = RawResponse(response(200, OTHER), droplets.RETRIEVE.request({}, 3164444))
    accept(raw)
    assert copy.copy(raw).parse().droplet.id == 7


@pytest.mark.parametrize("is_adopted", [True, False])
@pytest.mark.parametrize("is_replayed", [True, False])
def test_parsed_answer_keeps_the_facts_of_the_answer(is_adopted: bool, is_replayed: bool) -> None:
    raw = created(is_adopted=is_adopted, is_replayed=is_replayed, others=(droplet(id=9),))
    made = parsed_as(raw, raw.parse())
    assert (made.is_adopted, made.is_replayed, made.others) == (is_adopted, is_replayed, raw.others)
    assert (made.response, made.request, made.results) == (raw.response, raw.request, raw.results)
