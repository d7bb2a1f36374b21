"""The behaviour of each client under the same faults of the emulator, seen from the server's side.

Prints the table of ``docs/promises.md``. Needs no token and no network. Clients that are not installed are left out.
``--only-ours`` leaves out all others. With ``--faster 20``, a minute of the rate limits takes 3 seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.util
import pickle
import sys
from typing import TYPE_CHECKING, Final

from gradient_async import DOCUMENTED_WINDOWS, AsyncGradientAI, RateBudget
from gradient_async.emulator import Emulator, RateLimits, faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

    Act = Callable[[int, str], Awaitable[object]]
    Opens = Callable[[Emulator], contextlib.AbstractAsyncContextManager[Act]]
    Row = Callable[[Opens, float], Awaitable[str]]

_DROPLET: Final = 3164444
_MANY: Final = 500
_ACTIONS: Final = "POST /v2/droplets/{droplet_id}/actions"


@contextlib.asynccontextmanager
async def _ours(emulator: Emulator) -> AsyncIterator[Act]:
    # As fast as the account's clock, which the emulator's own limits follow.
    windows = [(limit, seconds / emulator.clock.scale) for limit, seconds in DOCUMENTED_WINDOWS]
    client = AsyncGradientAI(
        emulator.token, base_url=emulator.base_url, rate_budget=RateBudget(windows), settle_seconds=1.0
    )
    async with client:
        yield lambda droplet_id, type_: client.gpu_droplets.actions.initiate(droplet_id, type=type_)  # type: ignore[call-overload]  # a type that does not exist is one of the cases


@contextlib.asynccontextmanager
async def _gradient(emulator: Emulator) -> AsyncIterator[Act]:
    from gradient import AsyncGradient

    keys = dict.fromkeys(("access_token", "model_access_key", "agent_access_key"), emulator.token)
    async with AsyncGradient(**keys, base_url=emulator.base_url) as client:
        yield lambda droplet_id, type_: client.gpu_droplets.actions.initiate(droplet_id=droplet_id, type=type_)


@contextlib.asynccontextmanager
async def _pydo(emulator: Emulator) -> AsyncIterator[Act]:
    from pydo.aio import Client

    async with Client(token=emulator.token, endpoint=emulator.base_url) as client:
        # It refuses plain HTTP, unless each call allows it.
        yield lambda droplet_id, type_: client.droplet_actions.post(
            droplet_id=droplet_id, body={"type": type_}, enforce_https=False
        )


_CLIENTS: Final[dict[str, tuple[str, Opens]]] = {
    "this SDK": ("gradient_async", _ours),
    "`gradient`": ("gradient", _gradient),
    "`pydo`": ("pydo", _pydo),
}


async def _after(opens: Opens, *, fault: faults.Fault | None = None, type_: str = "reboot", id_: int = _DROPLET) -> str:
    """Return the result of one call, and how often its request reached the server."""
    async with Emulator(droplets=1, limits=None, faults=[fault] if fault else []) as emulator, opens(emulator) as act:
        try:
            answer = await act(id_, type_)
            is_action = "action" in answer if isinstance(answer, dict) else hasattr(answer, "action")
            ended = f"returns {'the action' if is_action else 'the error as a result'}"
        except Exception as error:  # noqa: BLE001 - whatever a client raises is what is shown
            ended = type(error).__name__
        posts = [request.method for request in emulator.requests].count("POST")
        return f"{ended}; {_times(posts)}"


async def _at_once(opens: Opens, faster: float) -> str:
    """Send 500 reboots at once, in an account with a faster clock."""
    async with Emulator(droplets=_MANY, limits=RateLimits(), time_scale=faster) as emulator, opens(emulator) as act:
        ids = list(emulator.account.droplets)
        ended = await asyncio.gather(*(act(droplet_id, "reboot") for droplet_id in ids), return_exceptions=True)
        failed = sum(isinstance(one, BaseException) for one in ended)
        refused = sum(request.status == 429 for request in emulator.requests)
        return f"{failed} failed; {refused:,} times 429 in {len(emulator.requests):,} requests"


async def _pickled(opens: Opens) -> str:
    """Return whether an error can be passed between processes."""
    async with Emulator(droplets=1) as emulator, opens(emulator) as act:
        try:
            await act(_DROPLET, "reboot")
            await act(_DROPLET, "reboot")
        except Exception as error:  # noqa: BLE001 - as above
            try:
                pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
            except Exception as fault:  # noqa: BLE001 - as above
                return f"no: {type(fault).__name__}"
            return "yes"
        return "no error"


def _times(count: int) -> str:
    return {0: "never sent", 1: "sent once", 2: "sent twice"}.get(count, f"sent {count} times")


_ROWS: Final[dict[str, Row]] = {
    "the connection breaks after a reboot was read": lambda opens, _: _after(
        opens, fault=faults.DropAfter(route=_ACTIONS, times=20)
    ),
    "a reboot that was executed is answered with 500": lambda opens, _: _after(
        opens, fault=faults.ServerError(500, executed=True, route=_ACTIONS, times=20)
    ),
    '`type="rebot"`': lambda opens, _: _after(opens, type_="rebot"),
    '`type="resize"` without a size': lambda opens, _: _after(opens, type_="resize"),
    "no Droplet has the id": lambda opens, _: _after(opens, id_=1),
    "500 reboots at once, 250 a minute allowed": _at_once,
    "an error can be pickled, for `multiprocessing`": lambda opens, _: _pickled(opens),
}


async def _table(clients: Sequence[str], faster: float) -> list[list[str]]:
    rows = [["", *clients]]
    for title, tries in _ROWS.items():
        rows.append([title, *[await tries(_CLIENTS[client][1], faster) for client in clients]])
    return rows


def main() -> int:
    """Print the table, as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only-ours", action="store_true")
    parser.add_argument("--faster", type=float, default=1.0, metavar="TIMES")
    options = parser.parse_args()
    clients = [name for name, (module, _) in _CLIENTS.items() if importlib.util.find_spec(module)]
    head, *rows = asyncio.run(_table(clients[:1] if options.only_ours else clients, options.faster))
    for row in (head, None, *rows):
        print("|" + "---|" * len(head) if row is None else f"| {' | '.join(row)} |".replace("|  |", "| |"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
