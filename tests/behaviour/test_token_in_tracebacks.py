"""P8: whatever a call ends with, a crash reporter that sends local variables sends no token."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import anyio
import anyio.to_thread
import pytest
import sentry_sdk
from aiohttp.abc import AbstractResolver
from sentry_sdk.utils import event_from_exception
from wire_server import CLOSE, HANG, RESET, Reply, WireServer, action, reply

from gradient_async import APIConnectionError, APIError, AsyncGradientAI, ClientClosedError
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from flavours import Flavour

SECRET = "dop_v1_0123456789abcdef_secret"
PART = "0123456789abcdef"
DROPLET = 3164444


def chain(error: BaseException) -> Iterator[BaseException]:
    """Return the error with its causes and contexts, even those that its traceback does not print."""
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        left += [one.__cause__, one.__context__, *(one.exceptions if isinstance(one, BaseExceptionGroup) else ())]


SENTRY = sentry_sdk.Client(default_integrations=False, include_source_context=False, max_value_length=1_000_000)


def reported(error: BaseException) -> str:
    """Return sentry-sdk's event of it, before it removes the variables whose names it knows."""
    return "\n".join(repr(event_from_exception(one, client_options=SENTRY.options)[0]) for one in chain(error))


def assert_silent(error: BaseException) -> None:
    texts = [reported(error)]
    assert "'vars'" in texts[0]
    for one in chain(error):
        shown = traceback.TracebackException(type(one), one, one.__traceback__, capture_locals=True)
        texts += [*shown.format(), repr(one), repr(one.args), repr(vars(one))]
    assert PART not in "\n".join(texts)


async def raised(awaitable: Awaitable[object]) -> BaseException:
    try:
        await awaitable
    except BaseException as error:  # noqa: BLE001 - what is raised is looked at
        return error
    raise AssertionError("nothing was raised")


async def by_timeout(call: Callable[[], Awaitable[object]]) -> None:
    async with asyncio.timeout(0.05):
        await call()


async def by_wait_for(call: Callable[[], Awaitable[object]]) -> None:
    await asyncio.wait_for(call(), 0.05)


async def by_fail_after(call: Callable[[], Awaitable[object]]) -> None:
    with anyio.fail_after(0.05):
        await call()


async def by_cancel(call: Callable[[], Awaitable[object]]) -> None:
    task = asyncio.ensure_future(call())
    await asyncio.sleep(0.05)
    task.cancel("enough")
    await task


async def by_group(call: Callable[[], Awaitable[object]]) -> None:
    async def fail() -> None:
        await asyncio.sleep(0.05)
        raise LookupError("another task failed")

    async with asyncio.TaskGroup() as group:
        group.create_task(fail())
        await call()


@pytest.mark.parametrize("leave", [by_timeout, by_wait_for, by_fail_after, by_cancel, by_group])
@pytest.mark.parametrize("part", ["hang", "cut", "body"])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_token_when_a_call_is_cancelled(leave: Any, part: str, method: str) -> None:
    server = WireServer(SECRET)
    await server.start()
    answers = {
        "hang": HANG,
        "cut": reply(200, {"action": action(7)}, {"X-Echo": SECRET}, then="hang", cut=9),
        "body": reply(200, {"action": action(7)}, pause_seconds=1),
    }
    server.script(method, answers[part])
    async with AsyncGradientAI(SECRET, base_url=server.base_url, rate_budget=None) as client:
        error = await raised(leave(lambda: sent(client, method)))
    await server.stop()

    assert isinstance(error, TimeoutError | asyncio.CancelledError | ExceptionGroup)
    assert_silent(error)


def sent(client: AsyncGradientAI, method: str) -> Awaitable[object]:
    if method == "GET":
        return client.actions.retrieve(7)
    return client.gpu_droplets.actions.initiate(DROPLET, type="reboot")


TROUBLES: dict[str, Reply] = {
    "reset": RESET,
    "close": CLOSE,
    "hang": HANG,
    "cut-off": reply(200, {"action": action(7)}, then="close", cut=9),
    "no-http": Reply(data=b"SSH-2.0\r\n\r\n", then="close"),
    "echo-and-no-end": reply(200, f'{{"a": "{SECRET}"'.encode(), {"Content-Encoding": "identity"}, then="hang", cut=1),
    "echo-in-broken-head": Reply(
        data=b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\nX-Echo: " + SECRET.encode() + b"\r\n\r\nx", then="close"
    ),
    "echo-in-head-alone": Reply(
        data=b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\nX-Echo: " + SECRET.encode() + b"\r\n\r\n", then="close"
    ),
    "bad-gzip": reply(200, b"hello", {"Content-Encoding": "gzip"}),
    "no-json": reply(200, b"{" + SECRET.encode()),
    "wrong-shape": reply(200, {"action": {"id": SECRET}}),
    "echo": reply(400, {"id": SECRET, "message": f"Authorization: Bearer {SECRET}"}, {"X-Request-Id": SECRET}),
    "echo-json": reply(403, {SECRET: {"a": [SECRET]}, "request_id": SECRET, "message": "no"}),
    "echo-page": reply(502, f"<title>no {SECRET}</title>".encode(), {"Authorization": f"Bearer {SECRET}"}),
    "echo-long": reply(500, b" " * 20 + b"x" * 180 + SECRET.encode() * 2),
    "echo-place": reply(302, b"", {"Location": f"http://127.0.0.1:9/?t={SECRET}"}),
    "echo-cut": reply(200, {"action": SECRET}, {"X-Request-Id": SECRET}, then="close", cut=3),
}


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_token_when_the_answer_is_bad(flavour: Flavour, trouble: Reply, method: str) -> None:
    server = WireServer(SECRET)
    await server.start()
    server.script("GET", trouble)
    server.script("POST", trouble)
    client = flavour.client(server, timeout=0.1, max_retries=1, settle_seconds=0.01)
    error = await raised(flavour_sent(flavour, client, method))
    await flavour.close(client)
    await server.stop()

    assert isinstance(error, APIError) or type(error).__name__ == "ActionOutcomeUnknownError"
    assert_silent(error)


def flavour_sent(flavour: Flavour, client: Any, method: str) -> Awaitable[object]:
    if method == "GET":
        return flavour.call(client.actions.retrieve, 7)
    return flavour.call(client.gpu_droplets.actions.initiate, DROPLET, type="reboot")


async def failing_middleware(request: Any, _handler: Any) -> Any:
    seen = dict(request.headers)
    headers = request.headers
    raise LookupError(f"no luck with {len(seen)} of {len(headers)}")


async def late_middleware(request: Any, handler: Any) -> Any:
    answer = await handler(request)
    answer.close()
    raise LookupError("no luck")


async def failing_trace(_session: Any, _context: Any, params: Any) -> None:
    value = params.headers.get("Authorization") if hasattr(params, "headers") else None
    raise LookupError("no luck" + "." * (value is None))


class FailingResolver(AbstractResolver):
    def __init__(self, error: Exception) -> None:
        self.error = error

    async def resolve(self, *_: Any, **__: Any) -> Any:
        raise self.error

    async def close(self) -> None:
        pass


def traced(signal_name: str) -> aiohttp.TraceConfig:
    trace = aiohttp.TraceConfig()
    getattr(trace, signal_name).append(failing_trace)
    return trace


SESSIONS: dict[str, Callable[[], dict[str, Any]]] = {
    "middleware": lambda: {"middlewares": (failing_middleware,)},
    "late-middleware": lambda: {"middlewares": (late_middleware,)},
    "resolver": lambda: {"connector": aiohttp.TCPConnector(resolver=FailingResolver(LookupError("no luck")))},
    "no-name": lambda: {"connector": aiohttp.TCPConnector(resolver=FailingResolver(OSError("no luck")))},
    **{
        name: lambda name=name: {"trace_configs": [traced(name)]}  # type: ignore[misc]
        for name in (
            "on_request_start",
            "on_request_end",
            "on_request_headers_sent",
            "on_request_chunk_sent",
            "on_response_chunk_received",
            "on_connection_create_start",
        )
    },
}


@pytest.mark.parametrize("options", SESSIONS.values(), ids=SESSIONS)
async def test_no_token_when_the_users_own_code_raises(flavour: Flavour, options: Any) -> None:
    server = WireServer(SECRET)
    await server.start()
    server.script("POST", reply(201, {"action": action(7)}))
    address = server.base_url.replace("127.0.0.1", "localhost")
    client = flavour.client(
        server, base_url=address, max_retries=0, http_session=lambda: aiohttp.ClientSession(**options())
    )
    error = await raised(flavour_sent(flavour, client, "POST"))
    await flavour.close(client)
    await server.stop()

    assert "no luck" in "".join(str(one) for one in chain(error))
    frames = {frame.f_code.co_name for one in chain(error) for frame, _ in traceback.walk_tb(one.__traceback__)}
    is_lost = options is SESSIONS["on_request_chunk_sent"]  # aiohttp keeps no more than its text
    assert is_lost or frames & {"failing_middleware", "late_middleware", "failing_trace", "resolve"}
    assert_silent(error)


async def test_no_token_when_the_server_is_down(flavour: Flavour) -> None:
    server = WireServer(SECRET)
    client = flavour.client(server, max_retries=0)
    error = await raised(flavour_sent(flavour, client, "POST"))
    await server.stop()
    assert_silent(error)


async def test_no_token_when_the_other_side_speaks_no_tls(flavour: Flavour, wire: WireServer) -> None:
    context = ssl.create_default_context()
    client = flavour.client(
        access_token=SECRET,
        base_url=wire.base_url.replace("http:", "https:"),
        max_retries=0,
        timeout=0.5,
        http_session=lambda: aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)),
    )
    error = await raised(flavour_sent(flavour, client, "GET"))
    assert_silent(error)


async def test_no_token_when_the_client_is_closed(flavour: Flavour) -> None:
    server = WireServer(SECRET)
    await server.start()
    server.script("GET", HANG)
    client = flavour.client(server, max_retries=0)
    errors: list[BaseException] = []

    async def call() -> None:
        errors.append(await raised(flavour_sent(flavour, client, "GET")))

    async with anyio.create_task_group() as group:
        group.start_soon(call)
        await server.seen()
        await flavour.close(client)
    errors.append(await raised(flavour_sent(flavour, client, "GET")))
    await server.stop()

    assert isinstance(errors[1], ClientClosedError)
    for error in errors:
        assert_silent(error)


async def test_no_token_when_the_users_session_is_closed() -> None:
    async with aiohttp.ClientSession() as session:
        pass
    error = await raised(sent(AsyncGradientAI(SECRET, http_session=session), "GET"))
    assert isinstance(error, ClientClosedError)
    assert_silent(error)


async def test_no_token_when_a_fleet_run_is_cancelled() -> None:
    server = WireServer(SECRET)
    await server.start()
    server.script("POST", HANG)
    async with AsyncGradientAI(SECRET, base_url=server.base_url, rate_budget=None) as client:
        run = asyncio.ensure_future(client.fleet.run("reboot", droplets=[1, 2, 3]))
        await server.seen(3)
        run.cancel()
        error = await raised(run)
    await server.stop()
    assert type(error).__name__ == "FleetCancelled"
    assert_silent(error)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill to send a signal with")
async def test_no_token_when_ctrl_c_ends_a_sync_call() -> None:
    server = WireServer(SECRET)
    await server.start()
    server.script("GET", HANG)
    here = Path(__file__).parent
    program = f"""
import signal, sys, threading, os
sys.path[:0] = {[str(here), str(here.parent)]!r}
from test_token_in_tracebacks import assert_silent
from gradient_sync import GradientAI
signal.signal(signal.SIGINT, signal.default_int_handler)
client = GradientAI({SECRET!r}.replace("x", "x"), base_url={server.base_url!r}, rate_budget=None)
def call():
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    client.actions.retrieve(7)
try:
    call()
except KeyboardInterrupt as error:
    error.__traceback__ = error.__traceback__.tb_next  # this module's own variables are not what is looked at
    assert_silent(error)
    print("silent", type(error.__context__).__name__)
"""
    ran = await anyio.to_thread.run_sync(
        lambda: subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    )
    await server.stop()
    assert (ran.returncode, ran.stdout.split()[:1]) == (0, ["silent"]), ran.stderr


@pytest.mark.parametrize(
    "options",
    [{"timeout": -1}, {"max_retries": "x"}, {"base_url": "ftp://x"}, {"rate_budget": "x"}, {"http_session": 7}],
)
@pytest.mark.parametrize("client_class", [AsyncGradientAI, GradientAI])
def test_no_token_when_the_client_refuses_its_arguments(client_class: Any, options: Any) -> None:
    for make in (lambda: client_class(token_of_theirs(), **options), lambda: changed(client_class, options)):
        with pytest.raises((TypeError, ValueError)) as caught:
            make()
        assert_silent(caught.value.with_traceback(within_the_package(caught.value)))


def token_of_theirs() -> str:
    return SECRET


def changed(client_class: Any, options: Any) -> None:
    if "http_session" in options:
        raise TypeError("no option of with_options")
    client_class("dop_v1_another").with_options(access_token=token_of_theirs(), **options)


def within_the_package(error: BaseException) -> Any:
    found = error.__traceback__
    while found is not None and found.tb_next is not None and "gradient_" not in found.tb_frame.f_globals["__name__"]:
        found = found.tb_next
    return found


@pytest.mark.parametrize("token", [f"two words {PART}", f"sécrét {PART}"])
@pytest.mark.parametrize("client_class", [AsyncGradientAI, GradientAI])
def test_no_token_when_it_is_refused_itself(client_class: Any, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", token)
    del token
    with pytest.raises(ValueError, match=r"^DIGITALOCEAN_ACCESS_TOKEN in the environment: ") as caught:
        client_class()
    assert_silent(caught.value.with_traceback(within_the_package(caught.value)))


@pytest.mark.parametrize("client_class", [AsyncGradientAI, GradientAI])
def test_no_token_when_it_is_given_as_bytes(client_class: Any) -> None:
    with pytest.raises(TypeError, match="access_token: expected a str, got bytes") as caught:
        client_class(SECRET.encode())
    assert_silent(caught.value.with_traceback(within_the_package(caught.value)))


def test_a_report_with_the_token_is_noticed() -> None:
    def hold() -> None:
        headers = {"Authorization": f"Bearer {SECRET}"}
        raise LookupError(str(len(headers)))

    with pytest.raises(LookupError) as caught:
        hold()
    with pytest.raises(AssertionError):
        assert_silent(caught.value)


@pytest.mark.parametrize("answer", [RESET, CLOSE], ids=["reset", "close"])
async def test_no_token_in_any_frame_when_the_answer_is_lost(wire: WireServer, answer: Any) -> None:
    wire.script("GET", answer)
    token = "dop_v1_" + "secret"
    client = AsyncGradientAI(token, base_url=wire.base_url, rate_budget=None, max_retries=0)
    try:
        await client.actions.retrieve(7)
    except APIConnectionError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
        del error
    assert token not in shown.replace(f"token = '{token}'", "")
    await client.aclose()
