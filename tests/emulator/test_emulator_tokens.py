"""Several tokens, each with its own scopes and rate windows; and browsers of other origins."""

from __future__ import annotations

import pytest
from emulator_desk import FIRST, Desk, public_key

from gradient_async.emulator import RateLimits, Token

READER = Token(value="dop_v1_reader", scopes={"droplet:read"}, limits=RateLimits(burst=2))


def test_each_token_has_its_own_scopes() -> None:
    desk = Desk(tokens=(READER,))
    path = f"/v2/droplets/{FIRST}"
    assert "tags" in desk.get(path).data["droplet"]
    assert "tags" not in desk.ask("GET", path, token=READER.value).data["droplet"]
    assert desk.ask("POST", f"{path}/actions", {"type": "reboot"}, token=READER.value).status == 403
    assert desk.act("reboot").status == 201


def test_each_token_has_its_own_windows() -> None:
    desk = Desk(limits=RateLimits(hourly=50), tokens=(READER,))
    for expected in (200, 200, 429):
        assert desk.ask("GET", f"/v2/droplets/{FIRST}", token=READER.value).status == expected
    assert desk.get("/v2/actions").headers["ratelimit-remaining"] == "49"


def test_wrong_token_does_not_see_the_quota_of_the_right_one() -> None:
    desk = Desk(limits=RateLimits(hourly=50))
    for _ in range(7):
        desk.get("/v2/actions")
    reply = desk.ask("GET", "/v2/actions", token="wrong")
    assert reply.status == 401
    assert (reply.headers["ratelimit-limit"], reply.headers["ratelimit-remaining"]) == ("5000", "5000")


def test_token_is_hidden_when_it_is_written() -> None:
    assert "reader" not in repr(READER)


def test_scheme_of_the_credentials_may_be_in_any_case() -> None:
    desk = Desk()
    assert desk.ask("GET", "/v2/actions", headers={"authorization": "bearer dop_v1_test"}).status == 200
    assert desk.ask("GET", "/v2/actions", headers={"authorization": "Basic dop_v1_test"}).status == 401


def test_list_of_keys_has_a_window_of_its_own() -> None:
    desk = Desk(limits=RateLimits())
    for _ in range(10):
        assert desk.get("/v2/account/keys").status == 200
    reply = desk.get("/v2/account/keys")
    assert (reply.status, reply.headers["retry-after"]) == (429, "60")
    assert desk.get("/v2/actions").status == 200
    body = {"name": "k", "public_key": public_key("k")}
    assert desk.ask("POST", "/v2/account/keys", body).status == 201
    desk.clock.advance(60)
    assert desk.get("/v2/account/keys").status == 200


def test_preflight_needs_no_token() -> None:
    reply = Desk().ask("OPTIONS", "/v2/droplets", token=None, headers={"origin": "https://example.org"})
    assert reply.status == 204
    assert reply.headers["Access-Control-Allow-Origin"] == "https://example.org"
    assert "DELETE" in reply.headers["Access-Control-Allow-Methods"]
    assert "Authorization" in reply.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("path", ["/v2/actions", "/v2/actions/1"])
def test_page_of_another_origin_may_read_the_answer(path: str) -> None:
    assert "Access-Control-Allow-Origin" not in Desk().get(path).headers
    reply = Desk().ask("GET", path, headers={"origin": "https://example.org"})
    assert reply.headers["Access-Control-Allow-Origin"] == "https://example.org"
    assert "RateLimit-Remaining" in reply.headers["Access-Control-Expose-Headers"]
