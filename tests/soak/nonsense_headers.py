"""Nonsense at random in the heads and bodies of answers: every call ends, in time, with a result or a typed error.

Run it as ``python tests/soak/nonsense_headers.py --seconds 60 --seed 1``. It exits with 1 at the first fault found, and
prints the seed and the answers. A fault is an error that is none of this SDK's, a call that does not end, or the token
in anything that an error shows: its text, its attributes, its pickle, or the variables of its traceback.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import json
import logging
import pickle
import random
import sys
import time
import traceback
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

from flavours import FLAVOURS  # noqa: E402 - found by the path above
from wire_server import Reply, WireRequest, WireServer, action  # noqa: E402 - likewise

from gradient_async import GradientAIError  # noqa: E402 - likewise

if TYPE_CHECKING:
    from collections.abc import Callable

SECRET = "dop_v1_0123456789abcdef_of_the_soak"
DROPLET = 3164444
TIMEOUT_SECONDS = 0.15
# One call has two attempts, a look-up with two more for each of five looks, and the machine may be busy.
MAX_CALL_SECONDS = 30.0
CALLS_AT_A_TIME = 24
STATUSES = (
    200,
    201,
    202,
    204,
    206,
    100,
    101,
    103,
    301,
    304,
    400,
    401,
    403,
    404,
    408,
    409,
    422,
    425,
    429,
    500,
    502,
    503,
    599,
    999,
)
NAMES = (
    "Date", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "X-Request-Id", "Location",
    "Content-Encoding", "Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Set-Cookie", "Link",
    "X-Echo", "Server", "Vary", "Keep-Alive", "Authorization", "Trailer", "Upgrade", "X\x00Y", " Leading",
    "No Colon Here", "",
)  # fmt: skip
VALUES = (
    "", " ", "0", "-1", "1", "1e9", "99999999999999999999999", "٣", "NaN", "inf", "0x10", "1, 2", "1;2", "gzip", "br",
    "zstd", "deflate", "identity", "chunked", "chunked, chunked", "gzip, chunked", "close", "keep-alive", "upgrade",
    "websocket", "text/html", "application/json; charset=nonsense", "Thu, 01 Jan 1970 00:00:00 GMT",
    "Thu, 32 Foo 2026 99:99:99 XXX",
    "Fri, 31 Dec 9999 23:59:59 GMT", "http://127.0.0.1:9/", "//x", "\\", "a=b; Path=/", "=;;", "é", "\x7f", "x" * 9000,
    f"Bearer {SECRET}", SECRET,
)  # fmt: skip


def json_values(rng: random.Random, depth: int = 0) -> Any:
    """Return random JSON."""
    plain: list[Any] = [
        None,
        True,
        0,
        -1,
        7,
        10**30,
        1.5,
        "",
        "reboot",
        "completed",
        SECRET,
        "é\u202e\x1b[31m",
        "x" * 300,
    ]
    kind = rng.random()
    if depth > 3 or kind < 0.5:
        return rng.choice(plain)
    if kind < 0.7:
        return [json_values(rng, depth + 1) for _ in range(rng.randrange(4))]
    names = [
        "action",
        "actions",
        "id",
        "message",
        "status",
        "type",
        "links",
        "meta",
        "request_id",
        "started_at",
        SECRET,
    ]
    return {rng.choice(names): json_values(rng, depth + 1) for _ in range(rng.randrange(5))}


def body(rng: random.Random) -> bytes:
    """Return a body, sometimes a correct one."""
    kind = rng.randrange(9)
    if kind == 0:
        return json.dumps({"action": action(rng.randrange(1, 99))}).encode()
    if kind == 1:
        return json.dumps(
            {"action": {**action(7), rng.choice(["id", "status", "region", "type"]): json_values(rng)}}
        ).encode()
    if kind == 2:
        return json.dumps({"actions": [action(7), json_values(rng)], "links": {}, "meta": {"total": 1}}).encode()
    if kind == 3:
        return json.dumps({"id": json_values(rng), "message": json_values(rng)}).encode()
    if kind == 4:
        return rng.randbytes(rng.randrange(200))
    if kind == 5:
        return f"<html><title>{SECRET}</title>".encode() * rng.randrange(1, 5)
    if kind == 6:
        return b"[" * rng.choice([1, 50, 100_000])
    if kind == 7:
        return b" " * rng.choice([0, 1, 3_000_000])
    return json.dumps(json_values(rng)).encode()


def answer(rng: random.Random, request: WireRequest) -> Reply:
    """Return a complete answer, or a damaged one."""
    content = body(rng)
    if rng.random() < 0.1:
        content = f"you sent {dict(request.headers)}".encode() + content
    lines = [f"HTTP/1.1 {rng.choice(STATUSES)} {rng.choice(['OK', '', 'x' * 50, SECRET])}"]
    packing = rng.choice(["", "", "gzip", "deflate"])
    if packing:
        content = gzip.compress(content) if packing == "gzip" else zlib.compress(content)
        lines.append(f"Content-Encoding: {packing}")
        if rng.random() < 0.3:
            content = content[: rng.randrange(len(content) + 1)]
    length = rng.choice([len(content)] * 6 + [0, len(content) + 5, max(0, len(content) - 5), 10**18])
    lines.append(f"Content-Length: {length}" if rng.random() < 0.8 else "Transfer-Encoding: chunked")
    lines += [f"{rng.choice(NAMES)}: {rng.choice(VALUES)}" for _ in range(rng.randrange(5))]
    rng.shuffle(lines[1:])
    data = "\r\n".join([*lines, "", ""]).encode("utf-8", "replace")
    data += (
        content
        if "chunked" not in lines[-1] or rng.random() < 0.5
        else b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content)
    )
    if rng.random() < 0.1:
        place = rng.randrange(len(data))
        data = data[:place] + rng.randbytes(rng.randrange(1, 9)) + data[place + rng.randrange(5) :]
    if rng.random() < 0.1:
        data = data[: rng.randrange(len(data))]
    return Reply(data=data, then=rng.choices(["keep", "close", "reset", "hang"], [6, 3, 1, 1])[0])  # type: ignore[arg-type]


def leak_in(error: BaseException) -> str | None:
    """Return where an error, a cause or a context of it shows the token."""
    left: list[BaseException | None] = [error]
    seen: set[int] = set()
    while left:
        one = left.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        frames = traceback.TracebackException(type(one), one, one.__traceback__, capture_locals=True)
        texts = {"text": str(one), "attributes": repr(vars(one)), "frames": "".join(frames.format())}
        for place, text in texts.items():
            if SECRET in text:
                lines = [line for line in text.splitlines() if SECRET in line]
                at = lines[0].index(SECRET)
                return f"{type(one).__name__}: {place}: {lines[0][max(0, at - 200) : at + 50]}"
        if isinstance(one, GradientAIError) and SECRET.encode() in pickle.dumps(one):
            return f"{type(one).__name__}: pickle"
        left += [one.__cause__, one.__context__]
    return None


class Soak:
    """One run: what was sent last, what was found, and how much was tried."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.count = 0
        self.errors: dict[str, int] = {}
        self.fault: str | None = None
        self.last: list[bytes] = []

    def reply(self, request: WireRequest) -> Reply:
        """Return the next answer."""
        made = answer(self.rng, request)
        self.last = [*self.last[-CALLS_AT_A_TIME:], made.data[:2000]]
        return made

    async def call(self, name: str, start: Callable[[], Any]) -> None:
        """Make one call, and check its outcome."""
        self.count += 1
        try:
            await asyncio.wait_for(start(), MAX_CALL_SECONDS)
        except GradientAIError as error:
            self.errors[type(error).__name__] = self.errors.get(type(error).__name__, 0) + 1
            if leak := leak_in(error):
                self.fault = f"{name}: the token is shown: {leak}"
        except TimeoutError:
            self.fault = f"{name}: no end within {MAX_CALL_SECONDS:g} s"
        except Exception:  # noqa: BLE001 - which is the fault that is looked for
            self.fault = f"{name}: no typed error\n{traceback.format_exc()}"


async def soak(seconds: float, seed: int) -> int:
    """Run for so long; returns the exit status."""
    run = Soak(seed)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and run.fault is None:
        server = WireServer(SECRET)
        await server.start()
        for method in ("GET", "POST"):
            server.script(method, run.reply)
        for name, make in FLAVOURS.items():
            flavour = make()
            client = flavour.client(
                server,
                timeout=TIMEOUT_SECONDS,
                max_retries=1,
                settle_seconds=0.02,
                max_retry_after=0,
                max_response_bytes=1 << 20,
            )
            calls: list[Callable[[], Any]] = [
                lambda f=flavour, c=client: f.call(c.actions.retrieve, 7),  # type: ignore[misc]
                lambda f=flavour, c=client: f.call(c.actions.list),  # type: ignore[misc]
                lambda f=flavour, c=client: f.call(c.gpu_droplets.retrieve, DROPLET),  # type: ignore[misc]
                lambda f=flavour, c=client: f.call(c.gpu_droplets.actions.initiate, DROPLET, type="reboot"),  # type: ignore[misc]
            ]
            for _ in range(5):
                starts = [run.rng.choice(calls) for _ in range(CALLS_AT_A_TIME)]
                async with asyncio.TaskGroup() as group:
                    for start in starts:
                        group.create_task(run.call(name, start))
                if run.fault is not None:
                    break
            await flavour.close_all()
        await server.stop()
    print(f"seed {seed}: {run.count:,} calls; {dict(sorted(run.errors.items()))}")
    if run.fault is None:
        return 0
    print(f"FAULT: {run.fault}\nthe last answers:", *run.last, sep="\n")
    return 1


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None)
    options = parser.parse_args()
    logging.getLogger("gradient_async").setLevel(logging.CRITICAL)
    seed = random.SystemRandom().randrange(1 << 32) if options.seed is None else options.seed
    return asyncio.run(soak(options.seconds, seed))


if __name__ == "__main__":
    raise SystemExit(main())
