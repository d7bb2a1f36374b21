"""What ``gpu-droplets doctor`` reads, and how it names what went wrong."""

from __future__ import annotations

import itertools
import socket
import ssl
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import attrs
import pytest
from samples import endpoint

from gradient_async.doctor import collector
from gradient_async.doctor.facts import Probe
from gradient_async.endpoints import account_keys, actions, droplets
from gradient_async.errors import APIConnectionError, APIError, APITimeoutError
from gradient_async.settings import DEFAULT_BASE_URL, AccessToken, Settings


def chained(*links: BaseException, by_cause: bool = True) -> APIError:
    """Return an error whose chain has these links."""
    error: BaseException = APIConnectionError("lost", method="GET", path="/v2/account", attempts=())
    first = error
    for link in links:
        if by_cause:
            error.__cause__ = link
        else:
            error.__context__ = link
        error = link
    assert isinstance(first, APIError)
    return first


class ClientProxyConnectionError(Exception):
    """Named as aiohttp's."""


def certificate_error(message: str) -> ssl.SSLCertVerificationError:
    error = ssl.SSLCertVerificationError()
    error.verify_message = message
    return error


def handshake_error(reason: str) -> ssl.SSLError:
    error = ssl.SSLError(1, "[SSL] it failed")
    error.reason = reason
    return error


@pytest.mark.parametrize("by_cause", [True, False])
@pytest.mark.parametrize(
    ("links", "expected"),
    [
        ((OSError(), ClientProxyConnectionError(), ConnectionRefusedError()), ("proxy", "")),
        ((OSError(), ssl.SSLError()), ("handshake", "")),
        ((OSError(), handshake_error("WRONG_VERSION_NUMBER")), ("handshake", "wrong version number")),
        ((OSError(), certificate_error("self-signed, for host.example")), ("certificate", "self-signed")),
        ((OSError(), socket.gaierror(-2, "no such name")), ("dns", "no such name")),
        ((OSError(), socket.gaierror()), ("dns", "")),
        ((OSError(), ConnectionRefusedError()), ("refused", "")),
        ((OSError(), ConnectionResetError()), ("closed", "")),
        ((), ("closed", "")),
    ],
)
def test_chain_of_errors_names_the_reason(
    links: tuple[BaseException, ...], expected: tuple[str, str], by_cause: bool
) -> None:
    assert collector._failure(chained(*links, by_cause=by_cause)) == expected


def test_time_limit_and_other_errors_have_a_name() -> None:
    facts: Any = {"method": "GET", "path": "/v2/account", "attempts": ()}
    assert collector._failure(APITimeoutError("late", **facts)) == ("timeout", "")
    assert collector._failure(APIError("odd", **facts)) == ("other", "")


# --- what is read ---


def test_droplets_are_read_first_and_each_path_once() -> None:
    paths = [one.path_template.text for one in collector.read_endpoints()]
    assert paths[0] == "/v2/droplets"
    assert paths[1:] == sorted(set(paths) - {"/v2/droplets"})
    assert {one.method for one in collector.read_endpoints()} == {"GET"}


def test_each_request_without_a_value_in_its_path_is_read() -> None:
    requests = list(collector._requests(7))
    assert [dict(one.query) for one in requests[:2]] == [
        {"type": "gpus", "per_page": "7"},
        {"type": "droplets", "per_page": "7"},
    ]
    assert {one.path: dict(one.query) for one in requests}["/v2/account"] == {}
    assert not any("{" in one.endpoint.path_template.text for one in requests)


def read(of: Any, body: object, status: int = 200) -> Probe:
    return Probe(endpoint=of, status=status, body=body)


def test_requests_below_the_first_item_are_read() -> None:
    listed = [
        read(droplets.LIST, {"droplets": [{"id": 31}, {"id": 32}]}),
        read(droplets.LIST, {"droplets": [{"id": 33}]}),
    ]
    below = {one.path: dict(one.query) for one in collector._requests_below(listed)}
    assert below["/v2/droplets/31"] == {}
    assert below["/v2/droplets/31/actions"] == {"per_page": "200"}
    assert all(path.startswith("/v2/droplets/31") for path in below)
    assert not any("/actions/" in path for path in below), "those need a second value"


def test_key_that_a_path_does_not_take_leaves_out_its_requests() -> None:
    listed = [read(droplets.LIST, {"droplets": [{"id": "no number"}]}), read(actions.LIST, {"actions": [{"id": 7}]})]
    assert [one.path for one in collector._requests_below(listed)] == ["/v2/actions/7"]


@pytest.mark.parametrize(
    ("of", "body", "status", "key"),
    [
        (droplets.LIST, {"droplets": [{"id": 31}]}, 200, 31),
        (droplets.LIST, {"droplets": [{"id": 31}]}, 500, None),
        (droplets.LIST, {"droplets": []}, 200, None),
        (droplets.LIST, {"droplets": None}, 200, None),
        (droplets.LIST, {"droplets": "text"}, 200, None),
        (droplets.LIST, {"droplets": ["text"]}, 200, None),
        (droplets.LIST, [{"id": 31}], 200, None),
        (droplets.LIST, None, 200, None),
        (attrs.evolve(endpoint(), items=""), {"": [{"id": 31}]}, 200, None),
        (account_keys.LIST, {"ssh_keys": [{"id": 5}]}, 200, 5),
    ],
)
def test_first_key_is_that_of_a_whole_list(of: Any, body: object, status: int, key: object) -> None:
    assert collector._first_key(read(of, body, status)) == key


# --- each request ---


@attrs.define
class FakeSender:
    """Answers as it is told, and notes what it is asked."""

    answer: Callable[[Any], Any]
    settings: Settings = attrs.field(factory=lambda: Settings(access_token=AccessToken("t"), base_url=DEFAULT_BASE_URL))
    budget: None = None
    sent: list[Any] = attrs.field(factory=list)

    def copy(self, settings: Settings, budget: None) -> FakeSender:
        self.settings, self.budget = settings, budget
        return self

    async def send(self, request: Any) -> Any:
        self.sent.append(request)
        return self.answer(request)


def reply(body: bytes = b"{}") -> Any:
    return SimpleNamespace(status=200, headers={"X-Request-Id": "1"}, body=body)


def lose(_: Any) -> Any:
    raise chained(ConnectionRefusedError())


async def collected(answer: Callable[[Any], Any], *, is_conformance: bool = False, **settings: Any) -> Any:
    sender: Any = FakeSender(answer)
    sender.settings = sender.settings.changed(**settings)
    return await collector.collect(sender, is_conformance=is_conformance), sender


@pytest.mark.parametrize(("timeout", "expected"), [(9.0, 9.0), (60.0, 15.0)])
async def test_no_request_is_repeated_or_takes_long(timeout: float, expected: float) -> None:
    _, sender = await collected(lambda _: reply(), timeout=timeout)
    assert (sender.settings.max_retries, sender.settings.timeout) == (0, expected)


@pytest.mark.parametrize(("is_conformance", "per_page"), [(False, "1"), (True, "200")])
async def test_whole_pages_are_read_to_compare_them(is_conformance: bool, per_page: str) -> None:
    facts, sender = await collected(lambda _: reply(b'{"droplets":[{"id":31}]}'), is_conformance=is_conformance)
    assert sender.sent[0].query["per_page"] == per_page
    paths = [one.path for one in sender.sent]
    assert ("/v2/droplets/31" in paths) is is_conformance
    assert "/v2/vpcs" in paths
    assert [one.operation for one in facts.probes] == [one.endpoint.name for one in sender.sent]


async def test_nothing_is_read_after_the_first_was_lost() -> None:
    facts, sender = await collected(lose)
    assert len(sender.sent) == 1
    assert [one.failure for one in facts.probes] == ["refused"]


async def test_all_is_read_although_the_second_was_lost() -> None:
    numbers = itertools.count()
    facts, _ = await collected(lambda request: lose(request) if next(numbers) == 1 else reply())
    assert [one.failure for one in facts.probes][:3] == [None, "refused", None]
    assert len(facts.probes) > 5


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, (False, True, True)),
        ({"proxy": "http://proxy.example:3128"}, (True, True, True)),
        ({"base_url": "http://localhost:8080"}, (False, False, False)),
        ({"base_url": "HTTPS://api.example"}, (False, False, True)),
    ],
)
async def test_way_to_the_api_is_a_fact(settings: dict[str, Any], expected: tuple[bool, ...]) -> None:
    facts, _ = await collected(lose, **settings)
    assert (facts.has_proxy, facts.is_default_host, facts.is_encrypted) == expected


@pytest.mark.parametrize(
    ("body", "failure", "content"),
    [
        (b'{"a":1}', None, {"a": 1}),
        (b"", None, None),
        (b"<html>", "unreadable", None),
        (b"[" * 99999, "unreadable", None),
    ],
)
async def test_answer_that_is_no_json_is_unreadable(body: bytes, failure: str | None, content: object) -> None:
    facts, _ = await collected(lambda _: reply(body))
    first = facts.probes[0]
    assert (first.status, first.failure, first.body) == (200, failure, content)
    assert first.headers == {"x-request-id": "1"}
    assert 0 <= first.seconds < 10
    assert time.time() - 10 < first.sent_at <= time.time()
