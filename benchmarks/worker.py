"""One contender in its own process. It reads jobs from its input, runs them, and reports on its output.

``rounds.py`` starts it, with the contender's name and its base URL as arguments. A job is a line of JSON, and so is a
report.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from typing import TYPE_CHECKING

import answers
from contests import contender_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from contenders import AsyncCall, SyncCall


def orders() -> Iterator[tuple[int, int]]:
    """Yield jobs: the number of calls, and how many are in flight at a time."""
    for line in sys.stdin:
        order = json.loads(line)
        yield order["calls"], order["lanes"]


def report(calls: int, seconds: float, processor_seconds: float) -> None:
    """Report the result of a job."""
    sys.stdout.write(json.dumps({"calls": calls, "seconds": seconds, "processor_seconds": processor_seconds}) + "\n")
    sys.stdout.flush()


async def serve_async(call: AsyncCall) -> None:
    """Run jobs in one event loop."""
    for calls, lanes in orders():
        droplet_ids = iter(range(answers.FIRST_DROPLET, answers.FIRST_DROPLET + calls))

        async def lane(ids: Iterator[int] = droplet_ids) -> None:
            for droplet_id in ids:
                await call(droplet_id)

        began, processor_began = time.perf_counter(), time.process_time()
        await asyncio.gather(*(lane() for _ in range(lanes)))
        report(calls, time.perf_counter() - began, time.process_time() - processor_began)


def serve_sync(call: SyncCall) -> None:
    """Run jobs in this thread, or in one thread per lane."""
    for calls, lanes in orders():
        began, processor_began = time.perf_counter(), time.process_time()
        if lanes == 1:
            for droplet_id in range(answers.FIRST_DROPLET, answers.FIRST_DROPLET + calls):
                call(droplet_id)
        else:
            _call_from_threads(call, calls, lanes)
        report(calls, time.perf_counter() - began, time.process_time() - processor_began)


def _call_from_threads(call: SyncCall, calls: int, lanes: int) -> None:
    failures: list[BaseException] = []

    def lane(share: range) -> None:
        try:
            for droplet_id in share:
                call(droplet_id)
        except BaseException as error:  # noqa: BLE001 - raised again below, where it ends the process
            failures.append(error)

    last = answers.FIRST_DROPLET + calls
    shares = [range(answers.FIRST_DROPLET + number, last, lanes) for number in range(lanes)]
    threads = [threading.Thread(target=lane, args=(share,)) for share in shares]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


async def _main_async(name: str, url: str) -> None:
    opens = contender_of(name).opens_async
    if opens is None:
        raise ValueError(f"{name} is no async contender")
    async with opens(url) as call:
        await serve_async(call)


def main(name: str, url: str) -> None:
    """Open the contender, and run jobs until the input ends."""
    opens = contender_of(name).opens_sync
    if opens is None:
        asyncio.run(_main_async(name, url))
        return
    with opens(url) as call:
        serve_sync(call)


if __name__ == "__main__":
    main(*sys.argv[1:])
