"""An asyncio worker that reboots Droplets from a Redis stream, with no more packages than redis-py.

Start as many as you like, on any number of hosts. An entry is acknowledged when it is done. If its worker dies, or
hangs for a minute, another one takes it, and the entry's id, as `key=`, sees to it that the action is executed once.
Run it from the repository's root, with an account or with the emulator (see README.md), and with a Redis server:

    export QUEUE_URL=redis://localhost:6379/0 GRADIENT_RATE_BUDGET=redis://localhost:6379/0
    python examples/stream_worker.py
    redis-cli XADD reboots '*' droplet_id 3164444

What cannot be done, and what is too old, is in the stream "reboots:failed", with the reason. SIGTERM and Ctrl-C let the
worker finish what it has begun.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import time
from typing import Final

import redis.asyncio as redis
from redis.exceptions import RedisError, ResponseError

import gradient_async as ga

STREAM: Final = "reboots"
GROUP: Final = "workers"
ME: Final = f"{socket.gethostname()}-{os.getpid()}"
AT_ONCE: Final = 20
IDLE_SECONDS: Final = 60.0  # an entry whose worker gave no sign for so long is another one's
MAX_AGE_SECONDS: Final = 6 * 3600.0  # less than a key is kept for (key_ttl, 24 hours)
RETRIED: Final = (
    ga.APIConnectionError,
    ga.InternalServerError,
    ga.RateLimitError,
    ga.PendingEventError,
    ga.ActionTimeoutError,
    ga.RateBudgetStoreError,
    ga.RequestKeyBusyError,
    ga.RequestKeyStoreError,
)

log = logging.getLogger("worker")


class Worker:
    """Takes entries from the stream, and runs some of them at once.

    Args:
        queue: The Redis client.
        client: Sends the actions.
    """

    def __init__(self, queue: redis.Redis, client: ga.AsyncGradientAI) -> None:
        self.queue = queue
        self.client = client
        self.running: dict[str, asyncio.Task[None]] = {}
        self.is_stopping = False

    async def run(self) -> None:
        """Work until ``is_stopping`` is set, and finish what was begun."""
        while not self.is_stopping:
            try:
                await self.keep()
                for entry_id, fields in await self.next_entries():
                    self.running[entry_id] = asyncio.create_task(self.handle(entry_id, fields))
            except (RedisError, OSError) as error:
                log.warning("the queue is away: %s", error)
                await asyncio.sleep(1)
        while self.running:
            await asyncio.wait(self.running.values(), timeout=IDLE_SECONDS / 4)
            await self.keep()

    async def next_entries(self) -> list[tuple[str, dict[str, str]]]:
        """Return entries whose worker died or hangs, else new ones. Wait a second for them."""
        free = AT_ONCE - len(self.running)
        if not free:
            await asyncio.wait(self.running.values(), timeout=1, return_when=asyncio.FIRST_COMPLETED)
            return []
        try:
            left = await self.queue.xautoclaim(STREAM, GROUP, ME, min_idle_time=int(IDLE_SECONDS * 1000), count=free)
            new = [] if left[1] else await self.queue.xreadgroup(GROUP, ME, {STREAM: ">"}, count=free, block=1000)
        except ResponseError:  # the group is missing: this is the first worker, or the server came back empty
            await self.queue.xgroup_create(STREAM, GROUP, id="0", mkstream=True)
            return []
        entries = left[1] or [entry for _, entries in new for entry in entries]
        return [(entry_id, fields) for entry_id, fields in entries if entry_id not in self.running]

    async def keep(self) -> None:
        """Tell the server that the running entries are not idle."""
        if self.running:
            await self.queue.xclaim(STREAM, GROUP, ME, 0, list(self.running), justid=True)

    async def handle(self, entry_id: str, fields: dict[str, str]) -> None:
        """Do one entry. One that is not acknowledged is done again when it has been idle for long enough."""
        try:
            try:
                check_age(entry_id)
                action = await self.reboot(int(fields["droplet_id"]), key=f"{STREAM}:{entry_id}")
                log.info("%s: action %d is %s", entry_id, action.id, action.status)
            except RETRIED as error:
                log.warning("%s: again in %g s: %s", entry_id, IDLE_SECONDS, error)
                return
            except (ga.GradientAIError, KeyError, ValueError) as error:  # an unknown outcome is among them
                log.warning("%s failed: %s", entry_id, error)
                await self.queue.xadd(f"{STREAM}:failed", {**fields, "entry": entry_id, "error": str(error)})
            await self.queue.xack(STREAM, GROUP, entry_id)
            await self.queue.xdel(STREAM, entry_id)
        except (RedisError, OSError) as error:
            log.warning("%s is done, but not acknowledged: %s", entry_id, error)
        finally:
            del self.running[entry_id]

    async def reboot(self, droplet_id: int, *, key: str) -> ga.Action:
        """Reboot one Droplet, and wait for it. A second run of an entry gets the action of the first, and waits too."""
        actions = self.client.gpu_droplets.actions
        return await actions.wait((await actions.initiate(droplet_id, type="reboot", key=key)).action, timeout=300)

    def stop(self) -> None:
        """Take no more entries."""
        self.is_stopping = True


def check_age(entry_id: str) -> None:
    """Refuse an old entry: its key may be forgotten, and its reboot may be unexpected.

    Raises:
        ValueError: It is too old.
    """
    made = int(entry_id.partition("-")[0]) / 1000  # an entry's id begins with the server's time
    if time.time() - made > MAX_AGE_SECONDS:
        raise ValueError(f"this was asked for more than {MAX_AGE_SECONDS / 3600:g} hours ago")


async def main() -> None:
    """Run one worker until SIGTERM or Ctrl-C."""
    url = os.environ.get("QUEUE_URL", "redis://localhost:6379/0")
    async with redis.Redis.from_url(url, decode_responses=True) as queue, ga.AsyncGradientAI() as client:
        worker = Worker(queue, client)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, worker.stop)
        await worker.run()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    asyncio.run(main())
