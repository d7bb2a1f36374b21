"""The clients under test, each with its defaults: typed results, validation, retries.

Each starts a reboot of the Droplet with the given id. A contender runs in its own process, and only there its packages
are imported. Over TLS all of them verify the server's certificate, which ``rounds.py`` puts into the environment.
"""

from __future__ import annotations

import importlib.util
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager, contextmanager
from typing import Final, NamedTuple, TypeAlias

import answers

AsyncCall: TypeAlias = Callable[[int], Awaitable[object]]
SyncCall: TypeAlias = Callable[[int], object]

_TOKEN: Final = "benchmark-token"  # noqa: S105 - the server accepts any token
_WINDOWS: Final = ((answers.OUT_OF_REACH, 60.0),)
_THREADS: Final = 16


class Contender(NamedTuple):
    """One client, and how to open it.

    Attributes:
        label: Its name in tables.
        needs: Modules that it needs.
        opens_async: Opens it at a base URL, for an async client.
        opens_sync: Opens it at a base URL, for a sync client.
        is_secure: Whether it uses TLS.
    """

    label: str
    needs: tuple[str, ...]
    opens_async: Callable[[str], AbstractAsyncContextManager[AsyncCall]] | None = None
    opens_sync: Callable[[str], AbstractContextManager[SyncCall]] | None = None
    is_secure: bool = False

    @property
    def missing(self) -> tuple[str, ...]:
        """Modules that it needs and that are not installed."""
        return tuple(name for name in self.needs if importlib.util.find_spec(name) is None)


@asynccontextmanager
async def _ours_async(url: str) -> AsyncIterator[AsyncCall]:
    from gradient_async import AsyncGradientAI, RateBudget

    async with AsyncGradientAI(_TOKEN, base_url=url, rate_budget=RateBudget(_WINDOWS)) as client:
        initiate = client.gpu_droplets.actions.initiate

        async def call(droplet_id: int) -> int:
            return (await initiate(droplet_id=droplet_id, type="reboot")).action.id

        yield call


@contextmanager
def _ours_sync(url: str) -> Iterator[SyncCall]:
    from gradient_async import RateBudget
    from gradient_sync import GradientAI

    with GradientAI(_TOKEN, base_url=url, rate_budget=RateBudget(_WINDOWS)) as client:
        initiate = client.gpu_droplets.actions.initiate
        yield lambda droplet_id: initiate(droplet_id=droplet_id, type="reboot").action.id


@asynccontextmanager
async def _bare_aiohttp(url: str) -> AsyncIterator[AsyncCall]:
    import json

    import aiohttp

    headers = {"Authorization": f"Bearer {_TOKEN}"}
    async with aiohttp.ClientSession(headers=headers, connector=aiohttp.TCPConnector(limit=0)) as session:

        async def call(droplet_id: int) -> int:
            target = f"{url}/v2/droplets/{droplet_id}/actions"
            async with session.post(target, json={"type": "reboot"}) as answer:
                action_id: int = json.loads(await answer.read())["action"]["id"]
                return action_id

        yield call


@asynccontextmanager
async def _gradient_httpx(url: str) -> AsyncIterator[AsyncCall]:
    from gradient import AsyncGradient

    async with AsyncGradient(access_token=_TOKEN, base_url=url) as client:
        initiate = client.gpu_droplets.actions.initiate

        async def call(droplet_id: int) -> object:
            return _known((await initiate(droplet_id, type="reboot")).action)

        yield call


@asynccontextmanager
async def _gradient_aiohttp(url: str) -> AsyncIterator[AsyncCall]:
    from gradient import AsyncGradient, DefaultAioHttpClient

    async with AsyncGradient(access_token=_TOKEN, base_url=url, http_client=DefaultAioHttpClient()) as client:
        initiate = client.gpu_droplets.actions.initiate

        async def call(droplet_id: int) -> object:
            return _known((await initiate(droplet_id, type="reboot")).action)

        yield call


@contextmanager
def _gradient_sync(url: str) -> Iterator[SyncCall]:
    from gradient import Gradient

    with Gradient(access_token=_TOKEN, base_url=url) as client:
        initiate = client.gpu_droplets.actions.initiate
        yield lambda droplet_id: _known(initiate(droplet_id, type="reboot").action)


@asynccontextmanager
async def _pydo_async(url: str) -> AsyncIterator[AsyncCall]:
    from pydo.aio import Client

    async with Client(_TOKEN, endpoint=url) as client:

        async def call(droplet_id: int) -> object:
            return (await client.droplet_actions.post(droplet_id, body={"type": "reboot"}))["action"]["id"]

        yield call


@contextmanager
def _pydo_sync(url: str) -> Iterator[SyncCall]:
    from pydo import Client

    with Client(_TOKEN, endpoint=url) as client:
        yield lambda droplet_id: client.droplet_actions.post(droplet_id, body={"type": "reboot"})["action"]["id"]


@contextmanager
def _requests(url: str) -> Iterator[SyncCall]:
    import requests

    with requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {_TOKEN}"
        # The default pool has 10 connections: 16 threads would open a new one for every other call.
        session.mount(url, requests.adapters.HTTPAdapter(pool_maxsize=_THREADS))

        def call(droplet_id: int) -> object:
            answer = session.post(f"{url}/v2/droplets/{droplet_id}/actions", json={"type": "reboot"}, timeout=60)
            return answer.json()["action"]["id"]

        yield call


def _known(action: object) -> object:
    """Return a value that is not None: all fields of that SDK's answers are optional."""
    action_id = getattr(action, "id", None)
    if action_id is None:
        raise ValueError("an answer without an action")
    return action_id


CONTENDERS: Final = {
    "ours": Contender("gradient_async", ("gradient_async",), opens_async=_ours_async),
    "aiohttp": Contender("bare aiohttp + json", ("aiohttp",), opens_async=_bare_aiohttp),
    "gradient-httpx": Contender("gradient (httpx)", ("gradient",), opens_async=_gradient_httpx),
    "gradient-aiohttp": Contender("gradient (aiohttp)", ("gradient", "httpx_aiohttp"), opens_async=_gradient_aiohttp),
    "ours-tls": Contender("gradient_async, TLS", ("gradient_async",), opens_async=_ours_async, is_secure=True),
    "pydo-aio": Contender("pydo.aio, TLS", ("pydo", "aiohttp"), opens_async=_pydo_async, is_secure=True),
    "ours-sync": Contender("gradient_sync", ("gradient_sync",), opens_sync=_ours_sync),
    "requests": Contender("requests + .json()", ("requests",), opens_sync=_requests),
    "gradient-sync": Contender("gradient, sync", ("gradient",), opens_sync=_gradient_sync),
    "ours-sync-tls": Contender("gradient_sync, TLS", ("gradient_sync",), opens_sync=_ours_sync, is_secure=True),
    "pydo-sync": Contender("pydo, TLS", ("pydo",), opens_sync=_pydo_sync, is_secure=True),
}
