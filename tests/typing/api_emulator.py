"""The types of the emulator, in both flavours: read by mypy and basedpyright, never run."""

from __future__ import annotations

from typing import assert_type

from gradient_async import AsyncGradientAI
from gradient_async.emulator import (
    PUBLIC_CATALOGUE,
    Account,
    Behaviour,
    Clock,
    DropAfter,
    Droplet,
    DropletSpec,
    Emulator,
    ErroredAction,
    Fault,
    Lag,
    RateLimits,
    RecordedRequest,
    RequestLog,
    ServerError,
    Token,
    Visibility,
    faults,
)
from gradient_sync import GradientAI


async def emulate() -> None:
    async with Emulator(droplets=3, time_scale=60) as emulator:
        assert_type(emulator, Emulator)
        AsyncGradientAI(emulator.token, base_url=emulator.base_url)
        await emulator.requests.seen("POST /v2/droplets/{droplet_id}/actions", count=1, timeout=5)


def emulate_in_a_thread(one: Fault) -> None:
    specs = [DropletSpec(gpu=False, tags=["training"]), DropletSpec(status="off", backups=True)]
    with Emulator(specs, faults=[one, DropAfter(times=1), faults.Slow(1.0)], limits=RateLimits(burst=10)) as emulator:
        assert_type(emulator, Emulator)
        GradientAI(emulator.token, base_url=emulator.base_url)
        read(emulator)
    Emulator(limits=None, scopes={"droplet:read"}, durations={"reboot": 3}, behaviour=Behaviour(locked="always"))
    Emulator(
        visibility=Visibility(list=20, status=Lag(5.0, chance=0.5)),
        catalogue=PUBLIC_CATALOGUE.sold_out("gpu-h100x8-640gb"),
        tokens=[Token(value="dop_v1_reader", scopes={"droplet:read"}, limits=None)],
    )


def read(emulator: Emulator) -> None:
    assert_type((emulator.token, emulator.base_url), tuple[str, str])
    assert_type(emulator.clock, Clock)
    assert_type(emulator.account, Account)
    assert_type(emulator.account.droplet(3164444), Droplet | None)
    assert_type(emulator.requests, RequestLog)
    assert_type(emulator.requests[0], RecordedRequest)
    assert_type([request.status for request in emulator.requests], list[int | None])
    emulator.faults.add(ErroredAction(after=1), ServerError(503, executed=True, route="GET /v2/actions", rate=0.5))
    emulator.faults.clear()
    emulator.clock.advance(60)
