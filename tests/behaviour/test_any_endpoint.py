"""Paths that the SDK does not know: read and changed with the same budget, retries, errors and raw answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs
import pytest
from lost_answers import LOST, timeout_for
from wire_server import RESET, WireServer, reply

from gradient_async import (
    APIResponseValidationError,
    NotFoundError,
    RateBudget,
    RateWindow,
    RequestOutcomeUnknownError,
    TagRetrieveResponse,
)
from gradient_async.emulator import Emulator

if TYPE_CHECKING:
    from flavours import Flavour

pytestmark = pytest.mark.once

METHODS = ("get", "post", "put", "patch", "delete")
ENDPOINT = {"id": "19f06b6a", "origin": "a.nyc3.digitaloceanspaces.com"}


@attrs.frozen(kw_only=True)
class CDNEndpoint:
    """A class of the caller's own."""

    id: str
    origin: str
    ttl: int = 3600


@attrs.frozen(kw_only=True)
class CDNAnswer:
    endpoint: CDNEndpoint


async def test_emulated_api_is_read_and_changed_by_paths(flavour: Flavour) -> None:
    async with Emulator(droplets=1) as emulator:
        client = flavour.client(emulator)
        listed = await flavour.call(client.get, "/v2/droplets", query={"type": "gpus", "per_page": 10})
        assert [one["id"] for one in listed["droplets"]] == [3164444]
        made = await flavour.call(client.post, "tags", body={"name": "training"})
        assert made["tag"]["name"] == "training"
        typed = await flavour.call(client.get, "v2/tags/training", cast_to=TagRetrieveResponse)
        assert typed.tag.name == "training"
        # As callers of the retired SDK write it.
        assert await flavour.call(client.get, "/v2/tags/training", cast_to=object) == made
        assert await flavour.call(client.delete, "/v2/tags/training") == {}
        with pytest.raises(NotFoundError):
            await flavour.call(client.get, "/v2/tags/training")


@pytest.mark.parametrize("method", METHODS)
async def test_request_is_sent_as_it_is_given(flavour: Flavour, wire: WireServer, method: str) -> None:
    wire.script(method.upper(), reply(200, {"endpoint": ENDPOINT}))
    client = flavour.client(wire)
    body = {} if method == "get" else {"body": {"ttl": 3600, "n": [1, {"a": None}]}}
    answer = await flavour.call(
        getattr(client, method),
        "cdn/endpoints/a b",
        query={"page": 2, "x": "ä"},
        extra_headers={"X-Test": "1"},
        extra_query={"y": 1},
        **body,
    )
    assert answer == {"endpoint": ENDPOINT}
    (request,) = wire.requests
    assert (request.path, request.query) == ("/v2/cdn/endpoints/a%20b", {"page": "2", "x": "ä", "y": "1"})
    assert request.headers["x-test"] == "1"
    assert request.headers["authorization"] == f"Bearer {wire.token}"
    assert (request.json if method != "get" else {}) == body.get("body", {})


@pytest.mark.parametrize("method", METHODS)
async def test_answer_is_of_the_callers_class(flavour: Flavour, wire: WireServer, method: str) -> None:
    wire.script(method.upper(), reply(200, {"endpoint": ENDPOINT | {"new": 1}}))
    client = flavour.client(wire)
    answer = await flavour.call(getattr(client, method), "/v2/cdn/endpoints/1", cast_to=CDNAnswer)
    assert answer == CDNAnswer(endpoint=CDNEndpoint(id="19f06b6a", origin="a.nyc3.digitaloceanspaces.com"))
    raw = await flavour.call(getattr(client.with_raw_response, method), "/v2/cdn/endpoints/1", cast_to=CDNAnswer)
    assert (raw.status, raw.parse()) == (200, answer)


REPEATED = {"get", "put", "delete"}
FAULTS = {name: lost for name, lost in LOST.items() if name in {"reset", "close", "hang", "cut-head", "500", "504"}}


@pytest.mark.parametrize("lost", FAULTS)
@pytest.mark.parametrize("method", METHODS)
async def test_post_and_patch_are_sent_once_when_the_answer_is_lost(
    flavour: Flavour, wire: WireServer, method: str, lost: str
) -> None:
    wire.script(method.upper(), FAULTS[lost]({}), reply(200, {"ok": True}))
    client = flavour.client(wire, timeout=timeout_for(lost))
    if method in REPEATED:
        assert await flavour.call(getattr(client, method), "/v2/cdn/endpoints/1") == {"ok": True}
        assert len(wire.requests) == 2
    else:
        with pytest.raises(RequestOutcomeUnknownError, match=f"{method.upper()} /v2/cdn/endpoints/1 may or may not"):
            await flavour.call(getattr(client, method), "/v2/cdn/endpoints/1", body={})
        assert len(wire.requests) == 1


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/v2/droplets", {"tag_name": "a"}),
        ("/v2/droplets/1/destroy_with_associated_resources/dangerous", None),
        ("droplets/1/destroy_with_associated_resources/selective", None),
    ],
)
async def test_delete_of_many_things_is_sent_once(flavour: Flavour, wire: WireServer, path: str, query: Any) -> None:
    wire.script("DELETE", RESET, reply(204))
    with pytest.raises(RequestOutcomeUnknownError):
        await flavour.call(flavour.client(wire).delete, path, query=query)
    assert len(wire.requests) == 1


async def test_delete_is_done_when_nothing_is_there_after_lost_answer(flavour: Flavour, wire: WireServer) -> None:
    wire.script("DELETE", RESET, reply(404, {"id": "not_found", "message": "gone"}))
    assert await flavour.call(flavour.client(wire).delete, "/v2/cdn/endpoints/1") == {}


@pytest.mark.parametrize("body", [b"[1]", b'"text"', b"{", b"<html>"])
async def test_answer_that_is_no_object_is_an_error(flavour: Flavour, wire: WireServer, body: bytes) -> None:
    wire.script("GET", reply(200, body))
    with pytest.raises(APIResponseValidationError, match="GET /v2/cdn"):
        await flavour.call(flavour.client(wire).get, "/v2/cdn")


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("https://evil.example/v2/account", "no host"),
        ("//evil.example/v2/account", "no host"),
        ("/v2//evil.example", "'//' is not allowed"),
        ("/v3/account", "begins with '/v2/'"),
        ("/", "begins with '/v2/'"),
        ("/v2/", "begins with '/v2/'"),
        ("/v2", "begins with '/v2/'"),
        ("/v2/../v1/account", "'.' and '..' are not allowed"),
        ("..", "'.' and '..' are not allowed"),
        ("/v2/%2e%2e/x", "'.' and '..' are not allowed"),
        ("/v2/a/%2e./x", "'.' and '..' are not allowed"),
        ("/v2/a%2f..%2fx", "'.' and '..' are not allowed"),
        ("/v2/a\\b", "not allowed in a path"),
        ("/v2/a?x=1", "pass query="),
        ("/v2/a#b", "not allowed in a path"),
        ("/v2/a\r\nX: 1", "not allowed in a path"),
        ("/v2/a%zz", "not allowed in a path"),
        ("", "path: expected text"),
    ],
)
@pytest.mark.parametrize("method", METHODS)
async def test_path_is_refused_when_it_leaves_the_api(
    flavour: Flavour, wire: WireServer, method: str, path: str, error: str
) -> None:
    with pytest.raises(ValueError, match=error):
        await flavour.call(getattr(flavour.client(wire), method), path)
    assert wire.requests == []


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        ({"a": float("nan")}, ValueError, "{}.a: expected a finite number, got nan"),
        ({"a": [1, float("-inf")]}, ValueError, r"{}.a\[1\]: expected a finite number, got -inf"),
        ({"a": {"b": "\ud800"}}, ValueError, "{}.a.b: expected text without lone surrogates"),
        ({"\ud800": 1}, ValueError, "{}: name: expected text without lone surrogates"),
        ({"a": [{1: 2}]}, TypeError, r"{}.a\[0\]: expected names that are texts, got int 1"),
    ],
    ids=["nan", "infinity", "surrogate", "surrogate-in-a-name", "number-as-a-name"],
)
@pytest.mark.parametrize("parameter", ["body", "extra_body"])
async def test_body_is_refused_when_it_is_no_json(
    flavour: Flavour, wire: WireServer, parameter: str, body: dict[Any, Any], error: type[Exception], said: str
) -> None:
    given = {"body": {}, parameter: body}
    with pytest.raises(error, match=said.format(parameter)):
        await flavour.call(flavour.client(wire).post, "/v2/cdn/endpoints", **given)
    assert wire.requests == []


@pytest.mark.parametrize("parameter", ["body", "extra_body"])
async def test_body_is_refused_when_it_has_no_end(flavour: Flavour, wire: WireServer, parameter: str) -> None:
    """It is refused long before Python's own limit, where a destructor that the collector runs would fail, too."""
    endless: dict[str, object] = {}
    endless["a"] = [endless]
    given = {"body": {}, parameter: endless}
    with pytest.raises(ValueError, match=f"^{parameter}: it has too many levels$"):
        await flavour.call(flavour.client(wire).post, "/v2/cdn/endpoints", **given)
    assert wire.requests == []


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"body": [1]}, "body: expected a mapping"),
        ({"body": {"a": object()}}, "body: expected a JSON value, got object"),
        ({"query": "a=1"}, "query: expected a mapping"),
        ({"query": {"a": [1]}}, "query: expected texts and numbers"),
        ({"cast_to": list}, "cast_to: expected an attrs class"),
        ({"cast_to": "Droplet"}, "cast_to: expected an attrs class"),
        ({"retries": 3}, "retries: unknown parameter"),
    ],
)
async def test_argument_is_refused_when_it_is_impossible(
    flavour: Flavour, wire: WireServer, given: Any, error: str
) -> None:
    with pytest.raises(TypeError, match=error):
        await flavour.call(flavour.client(wire).post, "/v2/cdn/endpoints", **given)
    assert wire.requests == []


async def test_requests_are_paced_by_the_budget(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", *[reply(200, {})] * 3)
    budget = RateBudget([RateWindow(2, 0.4)])
    client = flavour.client(wire, rate_budget=budget)
    for _ in range(3):
        await flavour.call(client.get, "/v2/cdn/endpoints")
    times = [request.at for request in wire.requests]
    assert times[2] - times[0] > 0.35
