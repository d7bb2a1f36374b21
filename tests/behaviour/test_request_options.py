"""The requests that are sent: headers, query and body, defaults, a call's extras; and copies with other options."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from unittest.mock import MagicMock

import pytest
from wire_server import HANG, WireServer, action, created, listed, reply

from gradient_async import APITimeoutError, InternalServerError, RateBudget

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
EXTRAS: Any = {
    "extra_headers": {"X-Run": "42", "accept": "application/vnd.custom+json"},
    "extra_query": {"per_page": 7, "flag": True, "odd": "a b&c=d/ü"},
    "extra_body": {"note": "ü"},
    "timeout": 3,
}
QUERY = {"per_page": "7", "flag": "true", "odd": "a b&c=d/ü"}


async def answer_everything(wire: WireServer) -> None:
    droplet = {"id": DROPLET, "name": "gpu", "status": "off"}
    wire.script(
        "GET", reply(200, {"action": action(7, status="completed"), "actions": [], "droplet": droplet, "droplets": []})
    )
    wire.script("POST", reply(201, {"action": action(7), "actions": [action(7, type="shutdown")]}))


def calls(client: Any) -> dict[str, tuple[Any, tuple[object, ...], dict[str, object]]]:
    droplets, actions = client.gpu_droplets, client.gpu_droplets.actions
    return {
        "actions.retrieve": (client.actions.retrieve, (7,), {}),
        "actions.list": (client.actions.list, (), {}),
        "droplets.retrieve": (droplets.retrieve, (DROPLET,), {}),
        "droplets.list": (droplets.list, (), {}),
        "initiate": (actions.initiate, (DROPLET,), {"type": "reboot"}),
        "bulk_initiate": (actions.bulk_initiate, (), {"tag_name": "ml", "type": "shutdown"}),
        "droplet.retrieve": (actions.retrieve, (7,), {"droplet_id": DROPLET}),
        "droplet.list": (actions.list, (DROPLET,), {}),
        "raw.initiate": (actions.with_raw_response.initiate, (DROPLET,), {"type": "reboot"}),
        "raw.list": (client.actions.with_raw_response.list, (), {}),
        "raw.droplets": (droplets.with_raw_response.list, (), {}),
    }


METHODS = list(calls(MagicMock()))


@pytest.mark.parametrize("name", METHODS)
async def test_extras_sent_when_a_call_has_some(flavour: Flavour, wire: WireServer, name: str) -> None:
    await answer_everything(wire)
    method, positional, named = calls(flavour.client(wire))[name]

    await flavour.call(method, *positional, **named, **EXTRAS)

    (request,) = wire.requests
    assert request.headers["x-run"] == "42"
    assert request.headers["accept"] == "application/vnd.custom+json"
    assert wire.heads_with_several("accept") == []
    assert QUERY.items() <= request.query.items()
    if request.method == "POST":
        assert request.json == {"type": named["type"], "note": "ü"}
        assert request.headers["content-type"] == "application/json"
    else:
        assert request.body == b""


@pytest.mark.parametrize("iterator", ["actions", "droplets", "droplet-actions"])
async def test_extras_sent_with_every_page_when_an_iteration_has_some(
    flavour: Flavour, wire: WireServer, iterator: str
) -> None:
    wire.script(
        "GET",
        reply(
            200, {"actions": [action(1)], "droplets": [{"id": 1, "name": "a", "status": "off"}], "meta": {"total": 2}}
        ),
        reply(
            200, {"actions": [action(2)], "droplets": [{"id": 2, "name": "b", "status": "off"}], "meta": {"total": 2}}
        ),
    )
    client = flavour.client(wire)
    options: Any = {"extra_headers": {"X-Run": "42"}, "extra_query": {"flag": True}, "timeout": 3}
    items = {
        "actions": lambda: client.actions.list_all(**options),
        "droplets": lambda: client.gpu_droplets.list_all(**options),
        "droplet-actions": lambda: client.gpu_droplets.actions.list_all(DROPLET, **options),
    }[iterator]()

    assert [one.id for one in await flavour.items(items)] == [1, 2]

    assert [request.headers["x-run"] for request in wire.requests] == ["42", "42"]
    assert [request.query["flag"] for request in wire.requests] == ["true", "true"]
    assert [request.query["page"] for request in wire.requests] == ["1", "2"]


async def test_headers_of_the_call_win_over_client_and_sdk(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", listed([]))
    client = flavour.client(
        wire,
        default_headers={"User-Agent": "mine/1", "X-Team": "ml", "X-Run": "0"},
        default_query={"trace": True, "run": 0},
    )

    await flavour.call(client.actions.list, page=2, extra_headers={"x-run": "42"}, extra_query={"run": 42})
    copy = client.with_options(default_headers={"X-Team": "ops"}, default_query={"more": 1})
    await flavour.call(copy.actions.list)

    first, second = wire.requests
    assert (first.headers["user-agent"], first.headers["x-team"], first.headers["x-run"]) == ("mine/1", "ml", "42")
    assert wire.heads_with_several("x-run") == wire.heads_with_several("user-agent") == []
    assert first.query == {"trace": "true", "run": "42", "page": "2"}
    assert (second.headers["user-agent"], second.headers["x-team"], second.headers["x-run"]) == ("mine/1", "ops", "0")
    assert second.query == {"trace": "true", "run": "0", "more": "1"}


SPELLINGS = [("Authorization", "authorization"), ("authorization", "AUTHORIZATION"), ("X-Team", "x-team")]


@pytest.mark.parametrize(("first", "second"), [*SPELLINGS, *((second, first) for first, second in SPELLINGS)])
@pytest.mark.parametrize("more", [{}, {"X-Run": "42"}], ids=["alone", "beside another"])
async def test_later_header_wins_when_its_case_differs(
    flavour: Flavour, wire: WireServer, first: str, second: str, more: dict[str, str]
) -> None:
    wire.script("GET", listed([]))
    client = flavour.client(wire, default_headers={first: "client's"})
    copy = client.with_options(default_headers={second: "copy's"})
    again = copy.with_options(default_headers={first: "other copy's"})
    for one in (client, copy, again):
        await flavour.call(one.actions.list, extra_headers=more)
    await flavour.call(again.actions.list, extra_headers={second: "call's", **more})
    await flavour.call(client.actions.list, extra_headers=more)

    assert [request.headers[first.lower()] for request in wire.requests] == [
        "client's",
        "copy's",
        "other copy's",
        "call's",
        "client's",
    ]
    assert wire.heads_with_several(first.lower()) == []


async def test_usual_headers_sent_when_nothing_is_said(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", created(7))

    await flavour.call(flavour.client(wire).gpu_droplets.actions.initiate, DROPLET, type="reboot")

    (request,) = wire.requests
    assert request.target == f"/v2/droplets/{DROPLET}/actions"
    assert request.body == b'{"type":"reboot"}'
    assert request.headers["authorization"] == f"Bearer {wire.token}"
    assert request.headers["accept"] == "application/json"
    assert request.headers["user-agent"].startswith("gradient-async/")
    assert "cookie" not in request.headers


async def test_no_cookie_sent_back_when_the_gateway_sets_one(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(200, {"actions": []}, {"Set-Cookie": "__cf_bm=abc; path=/"}))
    client = flavour.client(wire)

    await flavour.call(client.actions.list)
    await flavour.call(client.actions.list)

    assert all("cookie" not in request.headers for request in wire.requests)


@pytest.mark.parametrize(
    ("suffix", "path"),
    [("", "/v2/actions"), ("/", "/v2/actions"), ("/v2", "/v2/actions"), ("/a/b/", "/a/b/v2/actions")],
)
async def test_path_put_behind_the_base_url_when_that_has_one(
    flavour: Flavour, wire: WireServer, suffix: str, path: str
) -> None:
    wire.script("GET", listed([]))
    client = flavour.client(access_token="t", base_url=wire.base_url + suffix)

    await flavour.call(client.actions.list)

    assert wire.requests[0].target == path


async def test_environment_used_when_no_arguments_are_given(
    flavour: Flavour, wire: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.script("GET", listed([]))
    monkeypatch.setenv("GRADIENT_BASE_URL", wire.base_url)
    for name, value in (("DIGITALOCEAN_TOKEN", "second"), ("DIGITALOCEAN_ACCESS_TOKEN", ' "first"\n')):
        monkeypatch.setenv(name, value)
        await flavour.call(flavour.client().actions.list)
    await flavour.call(flavour.client(access_token="'third' ").actions.list)

    sent = [request.headers["authorization"] for request in wire.requests]
    assert sent == ["Bearer second", "Bearer first", "Bearer third"]


async def test_copy_shares_connections_and_changes_no_original(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", listed([]))
    client = flavour.client(wire, max_retries=2)
    copy = client.with_options(max_retries=0, access_token="another-token")
    for one in (client, copy, client):
        await flavour.call(one.actions.list)

    sent = [request.headers["authorization"] for request in wire.requests]
    assert sent == [f"Bearer {wire.token}", "Bearer another-token", f"Bearer {wire.token}"]
    assert wire.connections == 1

    wire.script("GET", reply(503))
    for one, attempts in ((copy, 1), (client, 3)):
        with pytest.raises(InternalServerError) as caught:
            await flavour.call(one.actions.list)
        assert len(caught.value.attempts) == attempts


async def test_own_time_limit_counts_when_a_copy_has_one(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", HANG)
    client = flavour.client(wire, timeout=30, max_retries=0)
    started = time.monotonic()

    with pytest.raises(APITimeoutError):
        await flavour.call(client.with_options(timeout=0.1).actions.list)

    assert time.monotonic() - started < 12


async def test_budget_kept_unless_a_copy_is_of_another_account(flavour: Flavour, wire: WireServer) -> None:
    own = RateBudget()
    client = flavour.client(wire, rate_budget="shared")

    assert client.with_options(timeout=1).rate_budget is client.rate_budget
    assert client.with_options(access_token="another").rate_budget is not client.rate_budget
    assert client.with_options(rate_budget=own).rate_budget is own
    assert client.with_options(rate_budget=None).rate_budget is None
    assert flavour.client(wire, rate_budget=None).with_options(timeout=1).rate_budget is None


@pytest.mark.parametrize(
    "options",
    [
        {"timeout": 0},
        {"max_retries": -1},
        {"max_retries": 1.5},
        {"max_retry_after": -1},
        {"settle_seconds": float("nan")},
    ],
    ids=str,
)
async def test_refused_at_once_when_an_option_is_impossible(flavour: Flavour, wire: WireServer, options: Any) -> None:
    client = flavour.client(wire)

    with pytest.raises((TypeError, ValueError), match=next(iter(options))):
        flavour.client(wire, **options)
    with pytest.raises((TypeError, ValueError), match=next(iter(options))):
        client.with_options(**options)


@pytest.mark.parametrize("name", METHODS)
async def test_refused_before_sending_when_an_option_does_not_exist(
    flavour: Flavour, wire: WireServer, name: str
) -> None:
    method, positional, named = calls(flavour.client(wire))[name]

    with pytest.raises(TypeError, match="extra_header"):
        await flavour.call(method, *positional, **named, extra_header={"X-Run": "42"})

    assert wire.requests == []


async def test_header_that_could_smuggle_another_is_refused(flavour: Flavour, wire: WireServer) -> None:
    client = flavour.client(wire, max_retries=0)

    with pytest.raises(ValueError, match="header"):
        await flavour.call(client.actions.list, extra_headers={"X-Run": "1\r\nX-Evil: 2"})

    assert wire.requests == []
