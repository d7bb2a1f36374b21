"""P9, async half: sessions belong to what made them, and one client lives through several event loops."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import aiohttp
import anyio.to_thread
import pytest
from wire_server import Reply, WireServer, action, created, listed, reply

from gradient_async import APIStatusError, AsyncGradientAI, ClientClosedError, GradientAIError
from gradient_async.emulator import Emulator
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444


async def run_program(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a program in development mode, every warning an error."""
    command = [sys.executable, "-X", "dev", "-W", "error", "-c", program, *arguments]
    return await anyio.to_thread.run_sync(
        lambda: subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    )


TWO_LOOPS = """
import asyncio, sys
from gradient_async import AsyncGradientAI

client = AsyncGradientAI(sys.argv[2], base_url=sys.argv[1])

async def use():
    asyncio.get_running_loop().slow_callback_duration = 60  # how busy the machine is, is not what is asked
    droplets = [droplet.id async for droplet in client.gpu_droplets.list_all()]
    await asyncio.gather(*(client.gpu_droplets.retrieve(id) for id in droplets))
    return len(droplets)

print(asyncio.run(use()), asyncio.run(use()), asyncio.run(use()))
{ending}
"""


@pytest.mark.parametrize(
    "ending",
    ["", "asyncio.run(client.aclose())", "del client; import gc; gc.collect()"],
    ids=["left", "closed", "dropped"],
)
async def test_one_client_serves_several_event_loops_without_warning(ending: str) -> None:
    async with Emulator(droplets=5) as emulator:
        ran = await run_program(TWO_LOOPS.format(ending=ending), emulator.base_url, emulator.token)

        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "5 5 5\n", "")
        assert len(emulator.requests) == 18


UNCLOSED = """
import asyncio, sys
from gradient_async import AsyncGradientAI

async def use():
    asyncio.get_running_loop().slow_callback_duration = 60  # how busy the machine is, is not what is asked
    client = AsyncGradientAI(sys.argv[2], base_url=sys.argv[1])
    {body}

try:
    asyncio.run(use())
except Exception as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize(
    ("body", "printed"),
    [
        ("await client.actions.list()", ""),
        ("await client.actions.retrieve(1)", "NotFoundError\n"),
        ("asyncio.ensure_future(client.gpu_droplets.actions.wait(1, droplet_id=3164444)); await asyncio.sleep(0)", ""),
        ("iterator = client.actions.list_all(); await anext(iterator)", ""),
    ],
    ids=["used", "failed", "task-left", "iteration-left"],
)
async def test_no_warning_when_the_client_is_not_closed(body: str, printed: str) -> None:
    async with Emulator(droplets=2) as emulator:
        ran = await run_program(UNCLOSED.format(body=body), emulator.base_url, emulator.token)

        assert (ran.returncode, ran.stdout, ran.stderr) == (0, printed, "")


FIRST_CALL = """
import asyncio, sys
from gradient_async import AsyncGradientAI

client = AsyncGradientAI(sys.argv[2], base_url=sys.argv[1])
before = set(sys.modules)

async def use():
    asyncio.get_running_loop().slow_callback_duration = 60  # how busy the machine is, is not what is asked
    async with client:
        await client.gpu_droplets.actions.initiate(3164444, type="reboot")

asyncio.run(use())
own = ("gradient_async.resources", "gradient_async.endpoints", "gradient_async.models")  # the touched group's
print(sorted(name for name in set(sys.modules) - before if not name.startswith(own)))
"""


async def test_first_request_loads_only_its_group() -> None:
    async with Emulator(droplets=1) as emulator:
        ran = await run_program(FIRST_CALL, emulator.base_url, emulator.token)

        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "[]\n", "")


async def test_session_used_and_left_open_when_it_is_the_users(wire: WireServer) -> None:
    wire.script("POST", created(7))
    wire.script("GET", listed([]))
    async with aiohttp.ClientSession(headers={"X-Theirs": "1"}) as session:
        async with AsyncGradientAI(wire.token, base_url=wire.base_url, http_session=session) as client:
            await client.gpu_droplets.actions.initiate(DROPLET, type="reboot")
            await client.with_options(timeout=3).actions.list()

        assert not session.closed
        assert [request.headers["x-theirs"] for request in wire.requests] == ["1", "1"]
        assert wire.connections == 1
        with pytest.raises(ClientClosedError):
            await client.actions.list()


async def test_clear_error_when_the_users_session_is_closed(wire: WireServer) -> None:
    async with aiohttp.ClientSession() as session:
        pass
    client = AsyncGradientAI(wire.token, base_url=wire.base_url, http_session=session)

    with pytest.raises(ClientClosedError, match="http_session"):
        await client.actions.list()

    assert wire.connections == 0


@pytest.mark.parametrize("status", [404, 500])
async def test_our_own_error_when_the_users_session_raises_for_status(wire: WireServer, status: int) -> None:
    wire.script("GET", reply(status))
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        client = AsyncGradientAI(wire.token, base_url=wire.base_url, http_session=session, max_retries=0)

        with pytest.raises(GradientAIError, match=str(status)):
            await client.actions.list()


async def test_base_url_of_the_users_session_is_not_used(wire: WireServer) -> None:
    wire.script("GET", listed([]))
    async with aiohttp.ClientSession("http://127.0.0.1:9/") as session:
        client = AsyncGradientAI(wire.token, base_url=wire.base_url, http_session=session)

        await client.actions.list()

    assert [request.path for request in wire.requests] == ["/v2/actions"]


async def test_our_time_limit_counts_over_the_users_sessions(wire: WireServer) -> None:
    wire.script("GET", reply(200, {"action": action(7)}, pause_seconds=0.0005))
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=0.001, connect=0.001)) as session:
        client = AsyncGradientAI(wire.token, base_url=wire.base_url, http_session=session, max_retries=0)

        assert (await client.actions.retrieve(7)).action.id == 7


async def test_factory_is_called_once_and_its_session_closed(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", listed([]))
    made: list[aiohttp.ClientSession] = []

    def make() -> aiohttp.ClientSession:
        made.append(aiohttp.ClientSession(headers={"X-Theirs": "1"}))
        return made[-1]

    client = flavour.client(wire, http_session=make)
    assert made == []
    for _ in range(3):
        await flavour.call(client.actions.list)
    await flavour.call(client.with_options(timeout=3).actions.list)

    assert len(made) == 1
    assert not made[0].closed
    assert {request.headers["x-theirs"] for request in wire.requests} == {"1"}

    await flavour.close(client)
    assert made[0].closed


async def test_one_session_made_when_many_first_calls_come_at_once(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", listed([]))
    made: list[aiohttp.ClientSession] = []

    def make() -> aiohttp.ClientSession:
        made.append(aiohttp.ClientSession())
        return made[-1]

    client = flavour.client(wire, http_session=make)
    await asyncio.gather(*(flavour.call(client.actions.list) for _ in range(10)))

    assert len(made) == 1
    assert len(wire.requests) == 10


async def test_new_session_made_when_the_factorys_was_closed(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", listed([]))
    made: list[aiohttp.ClientSession] = []

    def make() -> aiohttp.ClientSession:
        made.append(aiohttp.ClientSession())
        return made[-1]

    client = flavour.client(wire, http_session=make)
    await flavour.call(client.actions.list)
    if flavour.name == "async":
        await made[0].close()
    else:
        await anyio.to_thread.run_sync(
            lambda: client._loop.run(made[0].close)  # the loop that the session belongs to
        )

    await flavour.call(client.actions.list)
    assert len(made) == 2


async def test_error_of_the_factory_reaches_the_caller_when_it_fails(flavour: Flavour, wire: WireServer) -> None:
    def make() -> aiohttp.ClientSession:
        raise LookupError("no proxy configured")

    client = flavour.client(wire, http_session=make)

    for _ in range(2):
        with pytest.raises(LookupError, match="no proxy"):
            await flavour.call(client.actions.list)


async def test_sync_client_refuses_a_session_of_another_loop(wire: WireServer) -> None:
    async with aiohttp.ClientSession() as session:
        with pytest.raises(TypeError, match="http_session"):
            GradientAI(wire.token, base_url=wire.base_url, http_session=session)


async def test_request_is_sent_when_the_session_is_made_by_its_class(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", listed([]))
    await flavour.call(flavour.client(wire, http_session=aiohttp.ClientSession).actions.list)
    assert len(wire.sent("GET")) == 1


@pytest.mark.parametrize("nonsense", ["session", 7])
async def test_refused_at_once_when_the_session_is_none(flavour: Flavour, wire: WireServer, nonsense: Any) -> None:
    with pytest.raises(TypeError, match="http_session"):
        flavour.client(wire, http_session=nonsense)


async def test_connection_is_closed_when_its_server_is_not_http(
    wire: WireServer,
) -> None:
    switching = b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    wire.script("GET", Reply(data=switching), listed([]))
    # Then aiohttp warns of an answer that is dropped while it holds its connection.
    asyncio.get_running_loop().set_debug(True)
    async with AsyncGradientAI(wire.token, base_url=wire.base_url, max_retries=0) as client:
        with pytest.raises(APIStatusError) as caught:
            await client.actions.list()
        assert caught.value.status == 101
        await wire.left(1)
        await client.actions.list()
    assert [request.connection for request in wire.requests] == [1, 2]
