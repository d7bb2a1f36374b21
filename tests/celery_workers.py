"""Workers of ``examples/celery_reboots.py`` for tests, in processes that can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from celery import Celery
    from redis_servers import RedisServer

    from gradient_async.emulator import Emulator

EXAMPLES = Path(__file__).parent.parent / "examples"
# The example as it is, with short times: of a key's lease, of a request and its look-up, and of Celery. What a
# first request imports is imported before the fork, so that a slow machine has begun a task before it is run again.
COMMAND = """
import functools
import celery.app.autoretry
import celery_reboots
import redis.asyncio
import gradient_async.budget.keyed_call, gradient_async.fleet.runner, gradient_async.http.transport
from celery.__main__ import main
from gradient_async.budget import key_record

celery.app.autoretry.get_exponential_backoff_interval = lambda **_: 1
key_record.LEASE_SECONDS = 0.5
celery_reboots.ga.GradientAI = functools.partial(celery_reboots.ga.GradientAI, timeout=1.0, settle_seconds=0.3)
times = {"visibility_timeout": 3, "unacked_restore_interval": 0.2, "unacked_mutex_expire": 5}
celery_reboots.app.conf.broker_transport_options |= times
main()
"""


class CeleryWorker:
    """A worker with one process for tasks.

    Args:
        name: Its name.
        folder: Where its own folder is made, which has its log and its journals.
        environ: Its environment.
    """

    def __init__(self, name: str, folder: Path, environ: dict[str, str]) -> None:
        self.name = name
        self.folder = folder / name
        self.log = self.folder / "log"
        self.folder.mkdir()
        self._environ = environ
        self.start()

    def start(self) -> None:
        """Start it."""
        options = ["--concurrency", "1", "--loglevel", "info", "--hostname", f"{self.name}@localhost"]
        options += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        command = [sys.executable, "-c", COMMAND, "--app", "celery_reboots", "worker", *options]
        with self.log.open("a") as output:
            self.process = subprocess.Popen(
                command,
                cwd=self.folder,
                env=self._environ,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def has(self, task_id: str) -> bool:
        """Return whether it has received a task."""
        return f"[{task_id}] received" in self.log.read_text()

    def kill(self) -> None:
        """End it as a machine's loss does: all its processes at once."""
        with suppress(ProcessLookupError):  # it is dead already
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def kill_task_process(self) -> None:
        """Kill the process that runs its tasks. The worker starts another one."""
        for pid in self.task_processes():
            os.kill(pid, signal.SIGKILL)

    def task_processes(self) -> list[int]:
        """Return the ids of the processes that run its tasks."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]


@contextmanager
def celery_workers(
    count: int, folder: Path, emulator: Emulator, server: RedisServer, *, journals: Path | None = None
) -> Iterator[tuple[Celery, list[CeleryWorker]]]:
    """Run some workers inside the block, and return what sends them tasks.

    Args:
        count: Number of workers.
        folder: Where they have their folders.
        emulator: The account.
        server: The broker, and the store of budget and keys.
        journals: The folder of their journals; by default each has its own, as on hosts of their own.
    """
    from celery import Celery  # it is installed only for the oldest Python

    account = {"DIGITALOCEAN_ACCESS_TOKEN": emulator.token, "GRADIENT_BASE_URL": emulator.base_url}
    stores = {"CELERY_BROKER_URL": server.url, "GRADIENT_RATE_BUDGET": server.url, "TOKEN_OF_RESEARCH": emulator.token}
    environ = {**os.environ, **account, **stores, "PYTHONPATH": os.pathsep.join([str(EXAMPLES), *sys.path])}
    environ |= {} if journals is None else {"JOURNALS": str(journals)}
    workers = [CeleryWorker(f"worker{number}", folder, environ) for number in range(count)]
    app = Celery(broker=server.url, backend=server.url)
    try:
        yield app, workers
    finally:
        app.close()
        for worker in workers:
            worker.kill()
