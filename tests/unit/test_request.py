from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import action_request, endpoint, response
from yarl import URL

from gradient_async.endpoints import actions, droplet_actions, droplets
from gradient_async.endpoints.droplet_actions import trace_of
from gradient_async.http.request import Priority, Timestamp, check_options, target_of
from gradient_async.models.action_requests import Reboot

if TYPE_CHECKING:
    from collections.abc import Callable

# Every text that HTTP can carry: UTF-8 has no lone surrogates.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@pytest.mark.parametrize("stray", ["../account", "1/actions", "1", "", 1.0, None, b"1"])
@pytest.mark.parametrize(
    "request_of",
    [
        lambda stray: droplets.RETRIEVE.request({}, stray),
        lambda stray: droplet_actions.initiate(stray, Reboot(), {}),
        lambda stray: droplet_actions.LIST.request({}, stray),
        lambda stray: actions.retrieve(stray, None, {}),
        lambda stray: actions.retrieve(stray, droplet_actions.owner_of(1), {}),
    ],
)
def test_nothing_but_an_int_gets_into_a_path(request_of: Callable[[object], object], stray: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        request_of(stray)


@given(texts, st.dictionaries(texts, texts, max_size=4))
def test_url_says_the_same_when_it_is_taken_apart_again(segment: str, query: dict[str, str]) -> None:
    url = "https://api.digitalocean.com" + target_of(f"/v2/tags/{quote(segment, safe='')}", query)
    parts = urlsplit(url)
    assert (parts.scheme, parts.netloc, parts.fragment) == ("https", "api.digitalocean.com", "")
    assert unquote(parts.path.removeprefix("/v2/tags/")) == segment
    assert dict(parse_qsl(parts.query, keep_blank_values=True)) == query
    # What goes out on the wire is this very text.
    assert str(URL(url, encoded=True)) == url


def test_url_has_no_question_mark_when_there_is_no_query() -> None:
    assert target_of("/v2/actions", {}) == "/v2/actions"


def test_space_is_no_plus_sign_when_it_stands_in_a_query() -> None:
    assert target_of("/p", {"name": "a b+c"}) == "/p?name=a%20b%2Bc"


def test_options_are_worked_into_the_request() -> None:
    built = endpoint("POST", items="actions", query=("name:text",), scopes=("droplet:update",)).request(
        {
            "timeout": 5,
            "extra_headers": {"X-A": "1"},
            "extra_query": {"page": 3, "flag": True},
            "extra_body": {"type": "b", "new": 1},
        },  # type: ignore[typeddict-unknown-key]
        query={"page": 1, "name": None, "per_page": 200},
        body={"type": "a", "size": "s"},
    )
    assert built.timeout == 5.0
    assert built.headers == {"X-A": "1"}
    assert built.query == {"page": "3", "per_page": "200", "flag": "true"}
    assert built.body == {"type": "b", "size": "s", "new": 1}
    assert built.scopes == ("droplet:update",)


def test_options_change_nothing_when_there_are_none() -> None:
    made = endpoint()
    built = made.request({})
    assert built == (made, "/v2/droplets/3164444/actions", (), {}, {}, None, None, None, Priority.ACT, None, None, None)
    assert built.timeout is None


def test_extra_body_is_left_out_when_a_request_has_no_body() -> None:
    assert endpoint("GET").request({"extra_body": {"a": 1}}).body is None


def test_callers_body_is_not_changed_when_something_is_added() -> None:
    body = {"type": "a"}
    endpoint("POST").request({"extra_body": {"type": "b"}}, body=body)
    assert body == {"type": "a"}


def test_lookup_is_for_the_sent_type_when_extra_body_changes_it() -> None:
    built = endpoint("POST").request(
        {"extra_body": {"type": "enable_private_networking"}},
        body={"type": "reboot"},
        action=trace_of(1, "reboot"),
    )
    assert built.action == trace_of(1, "enable_private_networking")


@pytest.mark.parametrize("timeout", [0, -1, math.inf, math.nan])
def test_timeout_is_refused_when_it_is_out_of_range(timeout: float) -> None:
    with pytest.raises(ValueError, match="timeout: expected a finite number of seconds above 0"):
        endpoint("GET").request({"timeout": timeout})  # type: ignore[typeddict-unknown-key]


def test_timeout_is_the_clients_own_when_it_is_none() -> None:
    assert endpoint("GET").request({"timeout": None}).timeout is None  # type: ignore[typeddict-unknown-key]


@pytest.mark.parametrize("option", ["extra_headers", "extra_query", "extra_body"])
@pytest.mark.parametrize("value", ["abc", 5, [1]])
def test_option_is_refused_with_its_name_when_it_is_no_mapping(option: str, value: Any) -> None:
    with pytest.raises(TypeError, match=f"{option}: expected a mapping"):
        endpoint("POST").request({option: value}, body={"type": "a"})  # type: ignore[misc]


@pytest.mark.parametrize("option", ["extra_headers", "extra_query", "extra_body"])
def test_option_counts_as_not_given_when_it_is_none(option: str) -> None:
    built = endpoint("POST").request({option: None}, body={"type": "a"})  # type: ignore[misc]
    assert built[1:] == endpoint("POST").request({}, body={"type": "a"})[1:]


@pytest.mark.parametrize("option", ["droplet", "time_out", "extra_header", "idempotency_key"])
def test_unknown_option_is_named_with_those_that_there_are(option: str) -> None:
    with pytest.raises(
        TypeError, match=f"{option}: unknown parameter. .*timeout, extra_headers, extra_query, extra_body"
    ):
        check_options({option: 1})  # type: ignore[misc]
    with pytest.raises(TypeError, match=f"{option}: unknown parameter"):
        endpoint("GET").request({option: 1})  # type: ignore[misc]


def test_request_shows_no_header_and_no_body() -> None:
    made = action_request(headers={"X-Key": "secret"}, body={"type": "reboot", "note": "secret"})
    for shown in (repr(made), str(made), f"{made}", repr([made]), repr({"request": made})):
        assert "secret" not in shown
        assert "POST /v2/droplets/3164444/actions" in shown


def test_request_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        action_request().path = "/v2/other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("status", "is_success"), [(199, False), (200, True), (204, True), (299, True), (300, False), (422, False)]
)
def test_answer_is_a_success_when_its_status_is_200_to_299(status: int, is_success: bool) -> None:
    assert response(status).is_success is is_success


def test_request_id_is_found_in_any_case_of_its_name() -> None:
    assert response(headers={"X-Request-ID": "abc"}).request_id == "abc"
    assert response().request_id is None


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_span_is_never_too_short_when_a_clock_stops_or_is_set(set_by: float, passed: float) -> None:
    earlier = Timestamp(wall=1e9, monotonic=50.0)
    wall_was_set = Timestamp(wall=1e9 + passed + set_by, monotonic=50.0 + passed)
    slept = Timestamp(wall=1e9 + passed, monotonic=50.0)
    assert earlier.seconds_until(wall_was_set) >= passed - 1e-3
    assert earlier.seconds_until(slept) >= passed - 1e-3


@pytest.mark.parametrize(
    ("by_wall", "by_monotonic", "shortest"),
    [(5.0, 3.0, 3.0), (2.0, 3.0, 2.0), (2.0, -math.inf, 2.0), (-4.0, 3.0, -4.0)],
)
def test_shortest_span_is_by_the_clock_that_shows_fewer(by_wall: float, by_monotonic: float, shortest: float) -> None:
    earlier = Timestamp(wall=100.0, monotonic=50.0)
    later = Timestamp(wall=100.0 + by_wall, monotonic=50.0 + by_monotonic)
    assert earlier.min_seconds_until(later) == shortest


def test_timestamp_is_now() -> None:
    before, after = Timestamp.now(), Timestamp.now()
    assert 0 <= before.seconds_until(after) < 60
