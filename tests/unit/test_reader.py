from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import action_request, attempt, header_texts, json_values, request, response

from gradient_async import errors
from gradient_async.http import reader
from gradient_async.http.request import ExchangeError
from gradient_async.http.windows import Allowance

NOW = 1_795_435_200.0
PROXY = "http://proxy.example:3128"
PENDING, POWER, PLAIN = errors.PendingEventError, errors.WrongPowerStateError, errors.UnprocessableEntityError

STATUSES = {
    400: errors.BadRequestError,
    401: errors.AuthenticationError,
    403: errors.PermissionDeniedError,
    404: errors.NotFoundError,
    409: errors.ConflictError,
    422: errors.UnprocessableEntityError,
    429: errors.RateLimitError,
    **dict.fromkeys([500, 501, 502, 503, 504, 520, 524, 599, 600, 999], errors.InternalServerError),
    **dict.fromkeys([300, 301, 302, 304, 307, 308, 402, 405, 408, 410, 412, 413, 418, 428, 451], errors.APIStatusError),
}


def body(id: str | None = None, message: str | None = None, **more: Any) -> bytes:
    given_fields = {"id": id, "message": message, **more}
    return json.dumps({name: value for name, value in given_fields.items() if value is not None}).encode()


def error_of(status: int, content: bytes = b"", headers: dict[str, str] | None = None, **changes: Any) -> Any:
    return reader.error_of(response(status, content, headers), request(**changes))


@pytest.mark.parametrize(("status", "error_class"), STATUSES.items())
@pytest.mark.parametrize("content", [b"", body("too_many_requests", "no"), b"<html></html>"])
def test_status_alone_chooses_the_error_class(status: int, error_class: type, content: bytes) -> None:
    error = error_of(status, content)
    assert type(error) is error_class
    assert error.status == error.status_code == status


@pytest.mark.parametrize(
    ("message", "error_class"),
    [
        ("Droplet already has a pending event.", PENDING),
        ("droplet already has a PENDING EVENT", PENDING),
        ("Droplet is currently on. Please power it off to run this event.", POWER),
        ("Droplet is already powered off.", POWER),
        ("Droplet is already powered on.", POWER),
        ("The droplet is already off.", POWER),
        ("Backups have already been disabled on this Droplet.", PLAIN),
        ("Backups have already been enabled on this Droplet.", PLAIN),
        ("Size is not available in this region.", errors.SizeNotInRegionError),
        ("This size is unavailable", errors.SizeRetiredError),
        ("This size is not available because it has a smaller disk.", PLAIN),
        ("Size can not decrease size of Droplet's disk image", PLAIN),
        ("Size can not be smaller than the Droplet's original size", PLAIN),
        ("Size is too large to fit on your droplet's server", PLAIN),
        ("The droplet is already set to this size.", PLAIN),
        ("creating this/these droplet(s) will exceed your droplet limit", errors.DropletLimitError),
        ("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)", PLAIN),
        ("This volume is already attached", PLAIN),
        ("Droplet is not on a server versioned for this migration.", PLAIN),
        ("", PLAIN),
    ],
)
def test_unprocessable_is_distinguished_by_its_message(message: str, error_class: type) -> None:
    error = error_of(422, body("unprocessable_entity", message))
    assert type(error) is error_class
    assert error.id == "unprocessable_entity"


def test_message_chooses_no_class_when_the_status_is_not_422() -> None:
    assert type(error_of(404, body("x", "Droplet already has a pending event."))) is errors.NotFoundError


@pytest.mark.parametrize(
    ("id", "message"), [("too_many_requests", "API Rate limit exceeded."), ("Too Many Requests", "Too many requests")]
)
def test_rate_limit_is_read_from_both_of_its_bodies(id: str, message: str) -> None:
    error = error_of(429, body(id, message), {"Retry-After": "29"})
    assert type(error) is errors.RateLimitError
    assert (error.id, error.message, error.retry_after) == (id, f"429 {id}: {message}", 29.0)


def test_error_with_root_causes_of_the_tags_endpoint_is_read() -> None:
    content = json.dumps({"error": "bad tag name", "messages": None, "root_causes": ["tag/x"]}).encode()
    error = error_of(400, content)
    assert error.message == "400: bad tag name"
    assert error.id is None
    assert error.body == {"error": "bad tag name", "messages": None, "root_causes": ["tag/x"]}


def test_error_attributes_stay_in_the_body() -> None:
    content = body("unprocessable_entity", "no capacity", error_attributes={"available_regions": ["nyc3"]})
    assert error_of(422, content).body["error_attributes"] == {"available_regions": ["nyc3"]}


@pytest.mark.parametrize(
    ("in_body", "in_header", "expected"),
    [("b", "h", "b"), (None, "h", "h"), ("b", None, "b"), (None, None, None), ("", "h", "h")],
)
def test_request_id_comes_from_the_body_and_else_from_the_header(
    in_body: str | None, in_header: str | None, expected: str | None
) -> None:
    headers = {"X-Request-Id": in_header} if in_header else {}
    error = error_of(500, body("server_error", "x", request_id=in_body), headers)
    assert error.request_id == expected
    assert (f"request id {expected}" in str(error)) is (expected is not None)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "502: an answer without a body"),
        (b"\n", "502: an answer without a body"),
        (b"Bad Gateway", "502: Bad Gateway"),
        (
            b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>cloudflare</body></html>",
            "502: a page instead of JSON, titled '502 Bad Gateway'",
        ),
        (b"[1, 2]", "502: [1, 2]"),
        (b'{"message": "only text"}', "502: only text"),
        (b'{"id": "only_id"}', '502: {"id": "only_id"}'),
        (b'{"id": 5, "message": ["x"]}', '502: {"id": 5, "message": ["x"]}'),
    ],
)
def test_message_quotes_the_body_when_it_is_not_the_apis(content: bytes, message: str) -> None:
    error = error_of(502, content)
    assert error.message == message
    assert str(error).startswith(message)


@given(st.sampled_from(list(STATUSES)), st.binary(max_size=2000))
def test_error_is_made_and_bounded_when_the_body_is_any_bytes(status: int, content: bytes) -> None:
    error = error_of(status, content)
    assert len(error.excerpt) <= 200
    assert "\n" not in error.message
    assert len(str(error)) < 2000


@given(st.sampled_from(list(STATUSES)), json_values)
def test_error_is_made_when_the_body_is_any_json(status: int, value: Any) -> None:
    error = error_of(status, json.dumps(value).encode())
    assert isinstance(error, errors.APIStatusError)
    assert error.body is None or error.body == value or value != value


@pytest.mark.parametrize(
    "content",
    [
        b"<html>" + b"x" * 10_000_000,
        b"\x00" * 5_000_000,
        b"\xf0\x9f\x98\x80" * 1_000_000,
        b"[" * 1_000_000,
        body("x" * 1_000_000, "y" * 1_000_000),
        body("unprocessable_entity", "y" * 1_000_000),
    ],
    ids=["html", "binary", "emoji", "nested", "huge-id", "huge-message"],
)
def test_error_text_is_bounded_when_the_body_is_huge(content: bytes) -> None:
    error = error_of(502, content)
    assert len(error.excerpt) <= 200
    assert len(str(error)) < 2000


def test_excerpt_shows_that_it_is_one_when_the_body_continues() -> None:
    assert reader.excerpt_of(b"a" * 200) == "a" * 200
    assert reader.excerpt_of(b"a" * 201) == "a" * 199 + "…"
    assert reader.excerpt_of("\U0001f600".encode() * 300).endswith("…")


@pytest.mark.parametrize(("spaces", "excerpt"), [(798, "a b"), (799, "a…"), (900, "a…")])
def test_excerpt_ends_in_long_white_space(spaces: int, excerpt: str) -> None:
    assert reader.excerpt_of(b"a" + b" " * spaces + b"b") == excerpt


def test_excerpt_shows_the_text_after_much_white_space() -> None:
    assert reader.excerpt_of(b"\n" * 5_000 + b"<html>  502\n</html>") == "<html> 502 </html>"


def test_headers_are_kept_under_names_in_lower_case() -> None:
    assert error_of(500, b"", {"X-Gateway": "Edge-Gateway"}).headers == {"x-gateway": "Edge-Gateway"}


def test_error_carries_the_request_and_the_attempts() -> None:
    attempts = (attempt(), attempt(number=2))
    error = reader.error_of(response(404), request("DELETE", path="/v2/droplets/1"), attempts)
    assert (error.method, error.path, error.attempts) == ("DELETE", "/v2/droplets/1", attempts)
    assert "DELETE /v2/droplets/1" in str(error)
    assert "2 attempts" in str(error)


@pytest.mark.parametrize(
    ("status", "message", "scopes", "headers", "hint"),
    [
        (401, "Unable to authenticate you.", (), {}, "DIGITALOCEAN_ACCESS_TOKEN"),
        (
            403,
            "You are not authorized to perform this operation",
            ("droplet:update", "tag:read"),
            {},
            "droplet:update and tag:read",
        ),
        (422, "Droplet already has a pending event.", (), {}, "one event at a time"),
        (302, "", (), {"Location": "https://elsewhere.example"}, "follows no redirects"),
        *((status, "", (), {"Location": "/v2/droplets/7"}, None) for status in (304, 400, 409, 418)),
        (404, "", (), {}, None),
        (403, "", (), {}, None),
    ],
)
def test_hint_says_what_to_do_when_that_is_known(
    status: int, message: str, scopes: tuple[str, ...], headers: dict[str, str], hint: str | None
) -> None:
    error = error_of(status, body("x", message), headers, scopes=scopes)
    assert (error.hint is None) if hint is None else hint in error.hint and error.hint in str(error)


@pytest.mark.parametrize(
    ("status", "proxy", "hint"),
    [
        (407, PROXY, f"The proxy {PROXY} asks for credentials. Add them to its URL: http://user:password@host:port."),
        (502, PROXY, f"The answer came through the proxy {PROXY}. It may be the proxy's own answer."),
        (407, None, None),
        (502, None, None),
    ],
)
def test_hint_names_the_proxy_that_may_have_answered(status: int, proxy: str | None, hint: str | None) -> None:
    assert reader.error_of(response(status)._replace(proxy=proxy), request()).hint == hint


def test_too_large_answer_is_an_error_with_status_and_limit() -> None:
    failure = ExchangeError("the answer is larger than 10 bytes", was_sent=True, status=404, limit=10)
    error = reader.too_large(failure, request(), (attempt(),))
    assert (error.status, error.limit, error.attempts) == (404, 10, (attempt(),))
    assert str(error).startswith("status 404, but the answer is larger than 10 bytes; it was not read further")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"message": "a", "error": "b"}', "a"),
        (b'{"error": "b"}', "b"),
        (b'{"message": "", "error": "b"}', "b"),
        (b'{"id": "x"}', ""),
        (b"<html>", ""),
    ],
)
def test_message_is_under_either_name(content: bytes, message: str) -> None:
    assert reader.message_of(response(422, content)) == message


# --- Retry-After and its kin ---


def http_date(at: float) -> str:
    return format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True)


@given(st.integers(0, 10**9 - 1))
def test_retry_after_is_read_when_it_is_given_in_seconds(seconds: int) -> None:
    assert reader.retry_after_of({"retry-after": f" {seconds} "}, NOW) == seconds


@given(st.integers(-(10**8), 10**8))
def test_retry_after_is_read_when_it_is_a_date(offset: int) -> None:
    assert reader.retry_after_of({"retry-after": http_date(NOW + offset)}, NOW) == max(0, offset)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "soon",
        "-1",
        "-0.5",
        "1e3",
        "inf",
        "nan",
        "0x10",
        "١٢",
        "1,5",
        "1 2",
        "Thu",
        "Thu, 32 Foo 2026",
        "12:00",
    ],
)
def test_retry_after_says_nothing_when_it_is_garbage(value: str) -> None:
    assert reader.retry_after_of({"retry-after": value}, NOW) is None


@given(header_texts)
def test_retry_after_is_never_negative_and_never_raises(value: str) -> None:
    for seconds in (
        reader.retry_after_of({"retry-after": value}, NOW),
        reader.advised_pause({"retry-after": value}, NOW),
    ):
        assert seconds is None or seconds >= 0
    reader.date_of({"date": value})


@given(st.integers(10**9, 10**400))
def test_retry_after_stays_long_when_it_is_huge(seconds: int) -> None:
    read = reader.retry_after_of({"retry-after": str(seconds)}, NOW)
    assert read is not None
    assert read >= 10**9


@pytest.fixture
def far_from_greenwich(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("far_from_greenwich")
@pytest.mark.parametrize("form", ["%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT", "%a %b %d %H:%M:%S %Y"])
def test_date_is_read_as_utc_in_all_three_forms_of_http(form: str) -> None:
    text = datetime.fromtimestamp(NOW + 30, UTC).strftime(form)
    assert reader.date_of({"date": text}) == NOW + 30
    assert reader.retry_after_of({"retry-after": text}, NOW) == 30


def test_date_is_none_when_there_is_none_or_it_is_garbage() -> None:
    assert reader.date_of({}) is None
    assert reader.date_of({"date": "now"}) is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"ratelimit-remaining": "0", "ratelimit-reset": str(int(NOW) + 90)}, 90.0),
        ({"ratelimit-remaining": "1", "ratelimit-reset": str(int(NOW) + 90)}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": str(int(NOW) + 1)}, 1.0),
        ({"ratelimit-remaining": "0", "ratelimit-reset": str(int(NOW))}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": str(int(NOW) - 3597)}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "soon"}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "-5"}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": "٣" * 10}, None),
        ({"ratelimit-remaining": "0"}, None),
        ({"ratelimit-reset": str(int(NOW) + 90)}, None),
        ({"ratelimit-remaining": "0", "ratelimit-reset": str(int(NOW) + 90), "retry-after": "29"}, 29.0),
        ({}, None),
    ],
)
def test_reset_is_advice_only_when_the_window_is_used_up(headers: dict[str, str], expected: float | None) -> None:
    assert reader.advised_pause(headers, NOW) == expected


ALLOWANCE = {"ratelimit-limit": "5000", "ratelimit-remaining": "17", "ratelimit-reset": str(int(NOW) + 90)}


def test_allowance_is_read_when_all_three_headers_are_there() -> None:
    assert reader.allowance_of(ALLOWANCE, NOW) == Allowance(limit=5000, remaining=17, reset_in=90.0)
    assert reader.allowance_of(ALLOWANCE | {"ratelimit-remaining": "0"}, NOW) == Allowance(5000, 0, 90.0)


@pytest.mark.parametrize("name", ALLOWANCE)
@pytest.mark.parametrize("value", [None, "", "many", "-1", "1" * 13])
def test_allowance_is_none_when_a_header_is_missing_or_no_number(name: str, value: str | None) -> None:
    """A missing ratelimit-remaining is no zero, which would pause all requests until the reset."""
    headers = {**ALLOWANCE, name: value} if value is not None else {k: v for k, v in ALLOWANCE.items() if k != name}
    assert reader.allowance_of(headers, NOW) is None


def test_allowance_is_none_when_the_limit_is_zero() -> None:
    assert reader.allowance_of(ALLOWANCE | {"ratelimit-limit": "0"}, NOW) is None
    assert reader.allowance_of(ALLOWANCE | {"ratelimit-limit": "1"}, NOW) == Allowance(1, 17, 90.0)


@pytest.mark.parametrize(("remaining", "is_read"), [("9" * 12, True), ("1" + "0" * 12, False), ("0" * 13, True)])
def test_allowance_is_read_up_to_twelve_digits(remaining: str, is_read: bool) -> None:
    assert (reader.allowance_of(ALLOWANCE | {"ratelimit-remaining": remaining}, NOW) is not None) is is_read


# --- successful answers ---


@pytest.mark.parametrize(
    ("status", "content", "read"),
    [
        (200, b'{"name": "a"}', {"name": "a"}),
        (200, b"", {}),
        (204, b" \n", {}),
        (404, b'{"id": "not_found"}', {}),
        (404, b"", {}),
    ],
)
def test_any_object_is_empty_without_a_successful_body(status: int, content: bytes, read: dict[str, str]) -> None:
    assert reader.read(response(status, content), request("DELETE", answer=dict)) == read


def test_model_is_read_from_a_successful_answer() -> None:
    content = b'{"action": {"id": 1, "status": "completed", "type": "reboot"}}'
    assert reader.read(response(201, content), action_request()).action.id == 1


@pytest.mark.parametrize(
    ("content", "path"),
    [
        (b"", "$"),
        (b"<html>not the API</html>", "$"),
        (b'{"action": {"id": 1,', "$"),
        (b'{"action": {"id": "1", "status": "x", "type": "y"}}', "$.action.id"),
        (b'{"actions": []}', "$.action"),
    ],
)
def test_validation_error_has_the_place_and_an_excerpt(content: bytes, path: str) -> None:
    attempts = (attempt(),)
    with pytest.raises(errors.APIResponseValidationError) as caught:
        reader.read(response(201, content, {"x-request-id": "abc"}), action_request(), lambda: attempts)
    error = caught.value
    assert (error.status, error.fault_path, error.request_id, error.attempts) == (201, path, "abc", attempts)
    assert error.excerpt == reader.excerpt_of(content)
    assert path in str(error)
    assert error.__cause__ is error.__context__ is None


def test_validation_error_is_bounded_when_the_body_is_huge() -> None:
    with pytest.raises(errors.APIResponseValidationError) as caught:
        reader.read(response(200, b"<p>" + b"\xff" * 5_000_000), request())
    assert len(str(caught.value)) < 3000
    assert len(caught.value.excerpt) <= 200
