"""Converters that read the same answers: with all fast hooks, without shared values, and without fast hooks."""

from __future__ import annotations

from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Final

import answers
from contenders import Contender
from decoders import BODIES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from contenders import AsyncCall, SyncCall
    from gradient_async.converter import Converter

_NEEDS: Final = ("gradient_async",)


def _fast() -> Converter:
    from gradient_async import converter, fast_hooks

    return converter.Converter(fast_hooks.register)


def _unshared() -> Converter:
    from gradient_async import converter, fast_hooks

    return converter.Converter(partial(fast_hooks.register, shared=()))


def _careful() -> Converter:
    from gradient_async import converter

    return converter.Converter()


def _model(kind: str) -> type[object]:
    from gradient_async.models.responses import ActionInitiateResponse, ActionListResponse, GPUDropletListResponse

    models: dict[str, type[object]] = {
        "action": ActionInitiateResponse,
        "actions": ActionListResponse,
        "droplets": GPUDropletListResponse,
    }
    return models[kind]


@contextmanager
def _decode(make: Callable[[], Converter], kind: str, _: str) -> Iterator[SyncCall]:
    converter, body, model = make(), BODIES[kind](), _model(kind)
    yield lambda _: converter.decode(body, model)


@asynccontextmanager
async def _call(make: Callable[[], Converter], kind: str, url: str) -> AsyncIterator[AsyncCall]:
    from gradient_async import AsyncGradientAI, RateBudget

    converter, model = make(), _model(kind)
    budget = RateBudget(((answers.OUT_OF_REACH, 60.0),))
    async with AsyncGradientAI("benchmark-token", base_url=url, rate_budget=budget) as client:
        droplets = client.gpu_droplets.with_raw_response
        actions = client.gpu_droplets.actions.with_raw_response

        async def call(droplet_id: int) -> object:
            if kind == "droplets":
                raw = (await droplets.list(per_page=answers.PAGE_LENGTH)).body
            elif kind == "actions":
                raw = (await actions.list(droplet_id=droplet_id, per_page=answers.PAGE_LENGTH)).body
            else:
                raw = (await actions.initiate(droplet_id=droplet_id, type="reboot")).body
            return converter.decode(raw, model)

        yield call


READERS: Final = {
    f"{what}-{name}:{kind}": (
        Contender(label, _NEEDS, opens_sync=partial(_decode, make, kind))
        if what == "hooks"
        else Contender(label, _NEEDS, opens_async=partial(_call, make, kind))
    )
    for what in ("hooks", "call")
    for kind in BODIES
    for name, label, make in (
        ("fast", "fast hooks", _fast),
        ("unshared", "fast hooks, no shared values", _unshared),
        ("careful", "careful hooks", _careful),
    )
}
