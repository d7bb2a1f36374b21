"""Requests go through the proxy that the environment or an argument names, and errors say so."""

from __future__ import annotations

import asyncio
import itertools
import logging
import ssl
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import anyio.to_thread
import pytest
from proxy_server import ProxyServer
from wire_server import HANG, WireServer, action, created, listed, reply

from gradient_async import APIConnectionError, APIStatusError, APITimeoutError, AsyncGradientAI
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

DROPLET = 3164444
# All these tests are about one API, which gives no two actions the same id.
IDS = itertools.count(1000)
API = "http://gpu.example.com"
CERTIFICATE = Path(__file__).with_name("gpu.example.com.pem")
PASSWORD = "s3cr3t-p@ss"
USER_INFO = "user:s3cr3t-p%40ss"


@pytest.fixture(autouse=True)
def _expected_warning(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR, logger="gradient_async")


def port_of(server: WireServer) -> int:
    return urlsplit(server.base_url).port or 0


@pytest.fixture
async def proxy(wire: WireServer) -> AsyncIterator[ProxyServer]:
    wire.script("GET", listed([]))
    wire.script("POST", created(next(IDS)))
    async with ProxyServer(port_of(wire)) as server:
        yield server


async def test_environment_names_the_proxy(
    flavour: Flavour, wire: WireServer, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    client = flavour.client(wire, base_url=API)
    monkeypatch.delenv("HTTP_PROXY")
    await flavour.call(client.actions.list)
    await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")

    assert proxy.first_lines()[0] == f"GET {API}/v2/actions HTTP/1.1"
    assert [request.method for request in wire.requests] == ["GET", "POST"]
    assert wire.requests[0].headers["authorization"] == f"Bearer {wire.token}"
    assert wire.requests[0].headers["host"] == "gpu.example.com"


async def test_api_on_this_machine_needs_no_proxy(
    flavour: Flavour, wire: WireServer, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
    await flavour.call(flavour.client(wire).actions.list)
    assert (proxy.heads, len(wire.requests)) == ([], 1)

    await flavour.call(flavour.client(wire, proxy=proxy.url).actions.list)
    assert len(proxy.heads) == 1


@pytest.mark.parametrize("where", ["argument", "with_options"])
async def test_no_proxy_is_used_when_none_is_asked_for(
    flavour: Flavour, wire: WireServer, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch, where: str
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    address = "http://gpu.invalid"
    if where == "argument":
        client = flavour.client(wire, base_url=address, proxy=None, max_retries=0)
    else:
        client = flavour.client(wire, base_url=address, max_retries=0).with_options(proxy=None)
    with pytest.raises(APIConnectionError, match=r"gpu\.invalid"):
        await flavour.call(client.actions.list)
    assert proxy.heads == []


async def test_another_address_has_another_proxy_of_the_environment(
    flavour: Flavour, wire: WireServer, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    here = flavour.client(wire)
    await flavour.call(here.with_options(base_url=API).actions.list)
    assert len(proxy.heads) == 1
    await flavour.call(here.with_options(base_url=API).with_options(base_url=wire.base_url).actions.list)
    await flavour.call(here.with_options(timeout=3).actions.list)
    assert len(proxy.heads) == 1
    await flavour.call(here.with_options(proxy=proxy.url).actions.list)
    assert len(proxy.heads) == 2


async def test_encrypted_requests_go_through_a_tunnel(flavour: Flavour) -> None:
    wire = WireServer()
    wire.script("GET", listed([]))
    wire.script("POST", created(next(IDS)))
    ours, theirs = ssl.create_default_context(cafile=str(CERTIFICATE)), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(CERTIFICATE)
    server = await asyncio.start_server(wire._talk, "127.0.0.1", 0, ssl=theirs)
    async with ProxyServer(server.sockets[0].getsockname()[1], credentials=f"user:{PASSWORD}") as proxy:
        client = flavour.client(
            wire,
            base_url="https://gpu.example.com",
            proxy=proxy.url.replace("//", f"//{USER_INFO}@"),
            http_session=lambda: aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=ours)),
        )
        await flavour.call(client.actions.list)
        await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")
        await flavour.close(client)
    server.close()
    await wire.stop()

    assert proxy.first_lines() == ["CONNECT gpu.example.com:443 HTTP/1.1"], "the tunnel is used again"
    assert wire.token not in proxy.heads[0], "the token is for the API alone"
    assert [request.method for request in wire.requests] == ["GET", "POST"]
    assert not [request for request in wire.requests if "proxy-authorization" in request.headers]


async def test_credentials_go_to_the_proxy_and_nowhere_else(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", listed([]))
    async with ProxyServer(port_of(wire), credentials=f"user:{PASSWORD}") as proxy:
        client = flavour.client(wire, base_url=API, proxy=proxy.url.replace("//", f"//{USER_INFO}@"))
        await flavour.call(client.actions.list)
        await flavour.close(client)

    assert "Proxy-Authorization: Basic " in proxy.heads[0]
    assert "proxy-authorization" not in wire.requests[0].headers
    assert PASSWORD not in f"{client!r} {client.actions!r}"


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("status", [407, 502])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_error_names_the_proxy_when_that_refuses(
    flavour: Flavour, wire: WireServer, scheme: str, status: int, method: str
) -> None:
    async with ProxyServer(1, refusal=status) as proxy:
        address = proxy.url.replace("//", f"//{USER_INFO}@")
        client = flavour.client(wire, base_url=f"{scheme}://gpu.example.com", proxy=address, max_retries=1)
        error = await failure(flavour, client, method)

        if scheme == "https":
            assert isinstance(error, APIConnectionError)
            assert [one.outcome for one in error.attempts] == ["not_sent", "not_sent"]
            assert f"the proxy {proxy.url} refused to connect (status {status})" in str(error)
        elif method == "GET" or status == 407:
            assert isinstance(error, APIStatusError)
            assert error.status == status
            assert proxy.url in str(error)
        if status == 407 and (scheme == "https" or isinstance(error, APIStatusError)):
            assert "credentials" in str(error)
        assert_no_password(error)


async def failure(flavour: Flavour, client: Any, method: str = "GET") -> Exception:
    try:
        if method == "GET":
            await flavour.call(client.actions.list)
        else:
            await flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")
    except Exception as error:  # noqa: BLE001 - what is raised is looked at
        return error
    raise AssertionError("nothing was raised")


def assert_no_password(error: BaseException) -> None:
    link: BaseException | None = error
    while link is not None:
        shown = traceback.TracebackException(type(link), link, link.__traceback__, capture_locals=True)
        text = "".join(shown.format())
        ours = [part for part in text.split("  File ") if "/tests/" not in part.partition("\n")[0]]
        assert "s3cr3t" not in "".join(ours)
        assert "s3cr3t" not in str(link)
        link = link.__cause__ or link.__context__


async def test_error_names_the_proxy_when_it_does_not_answer(flavour: Flavour, wire: WireServer) -> None:
    async with ProxyServer(1) as proxy:
        address = proxy.url
    for scheme in ("http", "https"):
        client = flavour.client(wire, base_url=f"{scheme}://gpu.example.com", proxy=address, max_retries=0)
        error = await failure(flavour, client, "POST")
        assert isinstance(error, APIConnectionError)
        assert f"cannot connect to the proxy {address} [" in str(error)
        assert "nothing was sent" in str(error)


async def test_error_names_the_proxy_when_no_answer_comes(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", HANG)
    async with ProxyServer(port_of(wire)) as proxy:
        client = flavour.client(wire, base_url=API, proxy=proxy.url, max_retries=0, timeout=0.2)
        error = await failure(flavour, client)
        await flavour.close(client)
    assert isinstance(error, APITimeoutError)
    assert f"no whole answer within 0.2 s, through the proxy {proxy.url}" in str(error)


async def test_error_names_the_proxy_when_the_answer_may_be_its_own(
    flavour: Flavour, wire: WireServer, proxy: ProxyServer
) -> None:
    wire.script("GET", reply(503, b"busy"))
    error = await failure(flavour, flavour.client(wire, base_url=API, proxy=proxy.url, max_retries=0))
    assert f"through the proxy {proxy.url}" in str(error)


async def test_session_of_the_user_keeps_its_own_proxy(
    wire: WireServer, proxy: ProxyServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    wire.script("GET", reply(200, {"action": action(7)}))
    async with aiohttp.ClientSession(proxy=proxy.url) as session:
        async with AsyncGradientAI(wire.token, base_url=API, http_session=session, rate_budget=None) as client:
            assert (await client.actions.retrieve(7)).action.id == 7
    assert len(proxy.heads) == 1


@pytest.mark.parametrize("client_class", [AsyncGradientAI, GradientAI])
@pytest.mark.parametrize(
    ("given", "named"),
    [
        ("socks5://user:s3cr3t@h:1080", "socks5"),
        ("ftp://user:s3cr3t@h", "expected http"),
        ("http://", "expected http"),
        ("http://user:s3cr3t@h:x", "expected http"),
        ("http://h:3128/path", "expected http"),
        ("http://h\r\n:1", "expected http"),
        (7, "int"),
    ],
)
def test_refused_without_being_shown_when_it_is_no_http_proxy(
    client_class: Any, given: Any, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises((TypeError, ValueError), match=r"^proxy: ") as caught:
        client_class("dop_v1_token", proxy=given)
    assert named in str(caught.value)
    assert_no_password(caught.value)
    if isinstance(given, str):
        monkeypatch.setenv("HTTPS_PROXY", given)
        with pytest.raises(ValueError, match=r"^HTTPS_PROXY in the environment: ") as caught:
            client_class("dop_v1_token")
        assert_no_password(caught.value)
        client_class("dop_v1_token", proxy=None)


async def test_command_goes_through_the_proxy_that_is_named(wire: WireServer, proxy: ProxyServer) -> None:
    wire.script("GET", reply(200, {"droplets": [], "links": {}, "meta": {"total": 0}}))

    async def run(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gradient_async.cli", "list", "--base-url", API, *words]
        environment = {
            "DIGITALOCEAN_ACCESS_TOKEN": wire.token,
            "PYTHONPATH": ":".join(sys.path),
            "http_proxy": proxy.url,
        }
        return await anyio.to_thread.run_sync(
            lambda: subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)
        )

    for words in ((), ("--proxy", proxy.url)):
        ran = await run(*words)
        assert (ran.returncode, "unencrypted" in ran.stderr) == (0, True), ran.stderr
    assert len(proxy.heads) == len(wire.requests) == 2
    ran = await run("--proxy", "socks5://127.0.0.1:1")
    assert ran.returncode == 2
    assert "--proxy" in ran.stderr
