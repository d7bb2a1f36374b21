"""A stream over any number of Droplets keeps only those in progress."""

from __future__ import annotations

import asyncio
import os
import sys
import textwrap
from pathlib import Path

import pytest

from gradient_async import AsyncGradientAI

pytestmark = pytest.mark.once

SERVER = """
    import asyncio

    BODY = (
        '{"action":{"id":%d,"status":"completed","type":"reboot","started_at":"2026-01-01T00:00:00Z",'
        '"completed_at":"2026-01-01T00:00:01Z","resource_id":%d,"resource_type":"droplet"}}'
    )

    async def serve(reader, writer):
        try:
            while True:
                head = (await reader.readuntil(b"\\r\\n\\r\\n")).decode()
                length = int(head.lower().split("content-length:")[1].split("\\r\\n")[0])
                await reader.readexactly(length)
                droplet = int(head.split("/droplets/")[1].split("/")[0])
                body = BODY % (10**9 + droplet, droplet)
                writer.write(
                    f"HTTP/1.1 201 Created\\r\\nContent-Type: application/json\\r\\n"
                    f"Content-Length: {len(body)}\\r\\n\\r\\n{body}".encode()
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def main():
        server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(main())
"""


def resident_megabytes() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


async def growth_over(count: int) -> tuple[int, float]:
    """Return the number of completed Droplets, and the growth in megabytes after the first 500."""
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-c", textwrap.dedent(SERVER), stdout=asyncio.subprocess.PIPE
    )
    try:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(await server.stdout.readline())}"
        completed, early = 0, 0.0
        async with AsyncGradientAI("token", base_url=url, rate_budget=None) as client:
            async for outcome in client.fleet.stream("reboot", droplets=range(1, count + 1)):
                completed += outcome.is_completed
                if completed == 500:
                    early = resident_megabytes()
            return completed, resident_megabytes() - early
    finally:
        server.kill()
        await server.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
async def test_memory_does_not_grow_when_a_stream_is_long() -> None:
    completed, growth = await growth_over(3000)
    assert completed == 3000
    assert growth < 25
