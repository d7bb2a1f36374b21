"""Faults and answers as a plain HTTP client meets them, over real sockets."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp
import pytest
from emulator_desk import FIRST, Visitor, public_key

from gradient_async.emulator import (
    CutOff,
    DropAfter,
    DropBefore,
    DropletSpec,
    EmptyBody,
    Emulator,
    ErroredAction,
    HTMLError,
    MalformedJSON,
    ServerError,
    Slow,
    TooManyRequests,
)

Visit = Callable[[Emulator], Visitor]
POST_ACTION = "POST /v2/droplets/{droplet_id}/actions"


async def test_action_runs_from_acceptance_to_completion(visit: Visit) -> None:
    async with Emulator(droplets=3, time_scale=600) as emulator:
        visitor = visit(emulator)
        async with visitor.act("reboot", FIRST + 2) as response:
            assert response.status == 201
            action = (await response.json())["action"]
        emulator.clock.advance(20)
        async with visitor.request("GET", f"/v2/actions/{action['id']}") as response:
            assert response.status == 200
            assert (await response.json())["action"]["status"] == "completed"
        assert emulator.account.actions_of(FIRST + 2, "reboot")[0].id == action["id"]


async def test_every_header_of_real_traces_is_there_when_answered(visit: Visit) -> None:
    async with Emulator() as emulator, visit(emulator).request("GET", "/v2/actions") as response:
        assert response.content_type == "application/json"
        for name in ("ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "x-request-id"):
            assert name in response.headers
        assert response.headers["x-gateway"] == "Edge-Gateway"
        assert response.headers["x-response-from"] == "service"
        assert response.headers["server"] == "cloudflare"
        assert len(response.headers.getall("Date")) == len(response.headers.getall("Server")) == 1


async def test_account_time_runs_faster_when_scaled(visit: Visit) -> None:
    async with Emulator(time_scale=200, durations={"reboot": 20}, limits=None) as emulator:
        visitor = visit(emulator)
        began = time.monotonic()
        async with visitor.act("reboot") as response:
            action_id = (await response.json())["action"]["id"]
        status = "in-progress"
        while status == "in-progress":
            async with visitor.request("GET", f"/v2/actions/{action_id}") as response:
                status = (await response.json())["action"]["status"]
        assert 0.1 <= time.monotonic() - began < 12


@pytest.mark.parametrize("skew", [0.0, 120.0, -3600.0])
async def test_date_is_wall_time_and_shifted_when_skewed(visit: Visit, skew: float) -> None:
    async with Emulator(time_scale=3600, clock_skew=skew) as emulator:
        async with visit(emulator).act("reboot") as response:
            date = parsedate_to_datetime(response.headers["Date"]).timestamp()
        assert abs(date - (time.time() + skew)) < 8
        assert abs(emulator.requests[0].at - (time.time() + skew)) < 8


@pytest.mark.parametrize("how", ["reset", "close"])
@pytest.mark.parametrize(("fault", "accepted"), [(DropBefore, 0), (DropAfter, 1)])
async def test_connection_is_lost_after_the_request_was_read_when_set(
    visit: Visit, fault: Any, accepted: int, how: Any
) -> None:
    expected = aiohttp.ClientOSError if how == "reset" else aiohttp.ServerDisconnectedError
    async with Emulator(faults=[fault(how=how, route=POST_ACTION)]) as emulator:
        visitor = visit(emulator)
        with pytest.raises(expected) as caught:
            await visitor.act("reboot")
        assert type(caught.value) is expected
        assert len(emulator.account.actions_of(FIRST, "reboot")) == accepted
        (request,) = emulator.requests.on(POST_ACTION)
        assert (request.status, request.fault, request.is_done) == (None, fault.__name__, True)
        async with visitor.request("GET", "/v2/actions") as response:
            assert response.status == 200


@pytest.mark.parametrize("how", ["reset", "close"])
async def test_client_sees_a_reset_or_an_end_of_a_lost_connection(how: Any) -> None:
    async with Emulator(faults=[DropBefore(how=how)]) as emulator:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(emulator.base_url.rsplit(":", 1)[1]))
        head = f"GET /v2/actions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {emulator.token}\r\n\r\n"
        writer.write(head.encode())
        if how == "reset":
            with pytest.raises(ConnectionResetError):
                await reader.read()
        else:
            assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("executed", [True, False])
async def test_body_ends_in_the_middle_when_cut_off(visit: Visit, executed: bool) -> None:
    async with Emulator(faults=[CutOff(executed=executed, times=1)]) as emulator:
        async with visit(emulator).act("reboot") as response:
            assert response.status == 201
            assert int(response.headers["content-length"]) > 0
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.read()
        assert len(emulator.account.actions_of(FIRST, "reboot")) == executed
        assert emulator.requests[0].status == 201


@pytest.mark.parametrize("executed", [True, False])
async def test_body_is_whole_but_no_json_when_malformed(visit: Visit, executed: bool) -> None:
    async with Emulator(faults=[MalformedJSON(executed=executed)]) as emulator:
        async with visit(emulator).act("reboot") as response:
            assert response.status == 201
            body = await response.read()
        assert body.startswith(b'{"action":')
        with pytest.raises(json.JSONDecodeError):
            json.loads(body)
        assert len(emulator.account.actions_of(FIRST, "reboot")) == executed


@pytest.mark.parametrize("target", ["/v2/actions", "/v2/droplets?type=gpus", f"/v2/droplets/{FIRST}", "/v2/actions/1"])
async def test_any_answer_can_be_malformed_when_set(visit: Visit, target: str) -> None:
    async with Emulator(faults=[MalformedJSON()]) as emulator, visit(emulator).request("GET", target) as response:
        with pytest.raises(json.JSONDecodeError):
            json.loads(await response.read())


@pytest.mark.parametrize(("executed", "status", "accepted"), [("before", 201, 1), ("after", 201, 1), ("never", 503, 0)])
async def test_answer_comes_late_when_slow(visit: Visit, executed: Any, status: int, accepted: int) -> None:
    async with Emulator(time_scale=1000, faults=[Slow(0.15, executed=executed)]) as emulator:
        began = time.monotonic()
        async with visit(emulator).act("reboot") as response:
            assert response.status == status
        assert 0.15 <= time.monotonic() - began < 12
        assert len(emulator.account.actions_of(FIRST, "reboot")) == accepted


@pytest.mark.parametrize(("executed", "accepted"), [("before", 1), ("after", 0)])
async def test_action_depends_on_the_order_when_the_client_goes_away(
    visit: Visit, executed: Any, accepted: int
) -> None:
    async with Emulator(faults=[Slow(30, executed=executed, times=1)]) as emulator:
        visitor = visit(emulator)
        with pytest.raises(TimeoutError):
            await visitor.session.post(
                f"{emulator.base_url}/v2/droplets/{FIRST}/actions",
                json={"type": "reboot"},
                headers={"Authorization": f"Bearer {emulator.token}"},
                timeout=aiohttp.ClientTimeout(total=0.1),
            )
        await emulator.requests.seen(count=1, done=True)
        request = emulator.requests[0]
        assert (request.disconnected, request.status, request.fault) == (True, None, "Slow")
        assert len(emulator.account.actions_of(FIRST, "reboot")) == accepted


@pytest.mark.parametrize(("kind", "retry_after"), [("burst", "29"), ("hourly", None)])
async def test_429_has_the_form_of_its_kind_when_set(visit: Visit, kind: Any, retry_after: str | None) -> None:
    async with Emulator(faults=[TooManyRequests(kind=kind, times=1)]) as emulator:
        visitor = visit(emulator)
        async with visitor.act("reboot") as response:
            assert response.status == 429
            assert response.headers.get("retry-after") == retry_after
            assert response.headers["ratelimit-remaining"] == "0"
        assert emulator.account.actions_of(FIRST, "reboot") == ()
        async with visitor.act("reboot") as response:
            assert response.status == 201


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize("status", [500, 503])
async def test_json_error_says_nothing_about_execution_when_set(visit: Visit, status: int, executed: bool) -> None:
    async with Emulator(faults=[ServerError(status, executed=executed)]) as emulator:
        async with visit(emulator).act("reboot") as response:
            assert response.status == status
            assert set(await response.json()) == {"id", "message"}
            assert "ratelimit-remaining" in response.headers
        assert len(emulator.account.actions_of(FIRST, "reboot")) == executed


@pytest.mark.parametrize("executed", [True, False])
@pytest.mark.parametrize("status", [502, 504, 520])
async def test_html_error_has_none_of_the_apis_headers_when_set(visit: Visit, status: int, executed: bool) -> None:
    async with Emulator(faults=[HTMLError(status, executed=executed)]) as emulator:
        async with visit(emulator).act("reboot") as response:
            assert (response.status, response.content_type) == (status, "text/html")
            assert (await response.text()).startswith("<!DOCTYPE html>")
            assert not [name for name in response.headers if name.lower().startswith(("ratelimit", "x-"))]
        assert len(emulator.account.actions_of(FIRST, "reboot")) == executed


@pytest.mark.parametrize(
    ("fault", "status", "accepted"),
    [
        (EmptyBody(), 201, 1),
        (EmptyBody(204), 204, 1),
        (EmptyBody(502, executed=False), 502, 0),
        (EmptyBody(executed=False), 503, 0),
    ],
)
async def test_body_is_empty_when_set(visit: Visit, fault: EmptyBody, status: int, accepted: int) -> None:
    async with Emulator(faults=[fault]) as emulator:
        async with visit(emulator).act("reboot") as response:
            assert (response.status, await response.read()) == (status, b"")
        assert len(emulator.account.actions_of(FIRST, "reboot")) == accepted


async def test_faults_can_change_when_the_emulator_runs(visit: Visit) -> None:
    async with Emulator() as emulator:
        visitor = visit(emulator)
        emulator.faults.add(ServerError(times=1, route="GET *"), ErroredAction())
        for expected in (500, 200):
            async with visitor.request("GET", "/v2/actions") as response:
                assert response.status == expected
        emulator.faults.clear()
        assert list(emulator.faults) == []


async def test_log_shows_what_was_sent_without_the_token_when_read(visit: Visit) -> None:
    async with Emulator(droplets=[DropletSpec(tags=("a:b",))]) as emulator:
        visitor = visit(emulator)
        await (await visitor.request("GET", "/v2/droplets?tag_name=a%3Ab&per_page=5")).read()
        await (await visitor.act("reboot")).read()
        first, second = emulator.requests
        assert (first.method, first.path, first.template, first.status) == ("GET", "/v2/droplets", "/v2/droplets", 200)
        assert first.query == (("tag_name", "a:b"), ("per_page", "5"))
        assert (first.body, first.fault, first.disconnected) == (None, None, False)
        assert second.template == "/v2/droplets/{droplet_id}/actions"
        assert second.body == {"type": "reboot"}
        assert second.headers["content-type"] == "application/json"
        assert emulator.token not in repr(list(emulator.requests)) + repr(emulator)
        assert [request.method for request in emulator.requests[-1:]] == ["POST"]


async def test_percent_signs_of_a_path_are_kept_in_the_log(visit: Visit) -> None:
    async with Emulator() as emulator:
        url = f"{emulator.base_url}/v2/actions/a%2Fb?x=%20"
        async with visit(emulator).session.get(aiohttp.client.URL(url, encoded=True)) as response:
            assert response.status == 401
        assert emulator.requests[0].target == "/v2/actions/a%2Fb?x=%20"


async def test_waiting_for_a_request_times_out_when_none_comes() -> None:
    async with Emulator() as emulator:
        with pytest.raises(TimeoutError):
            await emulator.requests.seen("POST *", timeout=0.05)
        with pytest.raises(TimeoutError):
            await asyncio.to_thread(emulator.requests.wait_seen, "POST *", timeout=0.05)


async def test_waiting_for_a_request_ends_when_it_has_arrived(visit: Visit) -> None:
    async with Emulator(faults=[Slow(30)]) as emulator:
        task = asyncio.ensure_future(visit(emulator).act("reboot").__aenter__())
        await emulator.requests.seen("POST *")
        assert emulator.requests[0].is_done is False
        task.cancel()
        await emulator.requests.seen("POST *", done=True)
        assert emulator.requests[0].disconnected is True


async def test_tokens_differ_when_emulators_do() -> None:
    tokens = {Emulator().token for _ in range(20)}
    assert len(tokens) == 20
    assert all(token.startswith("dop_v1_") and len(token) == 71 for token in tokens)


async def test_thousand_actions_run_at_once_when_the_fleet_is_large(visit: Visit) -> None:
    async with Emulator(droplets=1000, limits=None) as emulator:
        visitor = visit(emulator)

        async def act(droplet_id: int) -> None:
            async with visitor.act("reboot", droplet_id) as response:
                assert response.status == 201

        async with asyncio.TaskGroup() as group:
            for number in range(1000):
                group.create_task(act(FIRST + number))
        actions, total = emulator.account.action_page(None, 0, 1000)
        assert total == 2000
        assert {action.status for action in actions} == {"in-progress"}
        emulator.clock.advance(20)
        actions, _ = emulator.account.action_page(None, 0, 1000)
        assert {action.status for action in actions} == {"completed"}


async def test_server_answers_after_a_client_broke_off_a_request(visit: Visit) -> None:
    async with Emulator() as emulator:
        port = int(emulator.base_url.rsplit(":", 1)[1])
        with socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(b"POST /v2/droplets/3164444/actions HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{")
        async with visit(emulator).request("GET", "/v2/actions") as response:
            assert response.status == 200
        assert emulator.account.actions_of(FIRST, "reboot") == ()


# What other clients send.


async def test_head_is_a_get_without_a_body(visit: Visit) -> None:
    async with Emulator() as emulator:
        visitor = visit(emulator)
        for path, status in ((f"/v2/droplets/{FIRST}", 200), ("/v2/droplets/1", 404)):
            async with visitor.request("HEAD", path) as response:
                assert (response.status, await response.read()) == (status, b"")
                assert "ratelimit-remaining" in response.headers
        async with visitor.request("GET", "/v2/actions") as response:
            assert response.status == 200


async def test_preflight_is_answered_when_a_browser_asks(visit: Visit) -> None:
    async with Emulator() as emulator:
        headers = {"Origin": "https://example.org", "Access-Control-Request-Method": "POST"}
        url = f"{emulator.base_url}/v2/droplets/{FIRST}/actions"
        async with visit(emulator).session.options(url, headers=headers) as response:
            assert (response.status, await response.read()) == (204, b"")
            assert response.headers["Access-Control-Allow-Origin"] == "https://example.org"


@pytest.mark.parametrize(("given", "scheme"), [("https", "https"), ("https, http", "https"), ("gopher", "http")])
async def test_links_have_the_scheme_that_a_proxy_names(visit: Visit, given: str, scheme: str) -> None:
    async with Emulator(droplets=2) as emulator:
        url = f"{emulator.base_url}/v2/droplets?type=gpus&per_page=1"
        headers = {"Authorization": f"Bearer {emulator.token}", "X-Forwarded-Proto": given}
        async with visit(emulator).session.get(url, headers=headers) as response:
            links = (await response.json())["links"]["pages"]
        assert links["next"].startswith(f"{scheme}://127.0.0.1:")


async def test_body_that_is_too_large_is_a_json_413_in_the_log(visit: Visit) -> None:
    async with Emulator() as emulator:
        visitor = visit(emulator)
        async with visitor.request(
            "POST", f"/v2/droplets/{FIRST}/actions", data=io.BytesIO(bytes(3_000_000))
        ) as response:
            assert response.status == 413
            assert set(await response.json()) >= {"id", "message"}
        assert [(request.method, request.status) for request in emulator.requests] == [("POST", 413)]
        async with visitor.act("reboot") as response:
            assert response.status == 201


async def test_client_that_waits_for_100_continue_gets_it(visit: Visit) -> None:
    async with Emulator() as emulator:
        visitor = visit(emulator)
        async with visitor.request(
            "POST", f"/v2/droplets/{FIRST}/actions", json={"type": "reboot"}, expect100=True
        ) as response:
            assert response.status == 201
            assert (await response.json())["action"]["type"] == "reboot"


@pytest.mark.parametrize("body", [b"per_page=20", b"{", b"{}"])
async def test_body_of_a_get_is_ignored(visit: Visit, body: bytes) -> None:
    async with Emulator() as emulator:
        async with visit(emulator).request("GET", f"/v2/droplets/{FIRST}", data=body) as response:
            assert response.status == 200


async def test_slashes_too_many_are_ignored(visit: Visit) -> None:
    async with Emulator() as emulator:
        url = aiohttp.client.URL(f"{emulator.base_url}//v2//droplets/{FIRST}/actions/", encoded=True)
        headers = {"Authorization": f"Bearer {emulator.token}"}
        async with visit(emulator).session.post(url, json={"type": "reboot"}, headers=headers) as response:
            assert response.status == 201
        assert emulator.requests[0].template == "/v2/droplets/{droplet_id}/actions"


async def test_fingerprint_is_read_when_it_is_quoted(visit: Visit) -> None:
    async with Emulator() as emulator:
        visitor = visit(emulator)
        key = {"name": "laptop", "public_key": public_key("laptop")}
        async with visitor.request("POST", "/v2/account/keys", json=key) as response:
            fingerprint = (await response.json())["ssh_key"]["fingerprint"]
        for written in (fingerprint, fingerprint.replace(":", "%3A")):
            async with visitor.request("GET", f"/v2/account/keys/{written}") as response:
                assert response.status == 200
        async with visitor.request("DELETE", f"/v2/account/keys/{fingerprint}") as response:
            assert (response.status, await response.read()) == (204, b"")
            assert "content-type" not in response.headers
