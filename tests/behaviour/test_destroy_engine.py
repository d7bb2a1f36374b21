"""Destroying Droplets by their ids: each once, and proved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from fleet_account import FIRST, emulated, ids

from gradient_async import AsyncGradientAI, PermissionDeniedError
from gradient_async.emulator import Behaviour, Visibility, faults
from gradient_async.fleet.destroy.engine import DestroyOptions, destroy_ids
from gradient_async.fleet.destroy.report import DestroyCancelled

if TYPE_CHECKING:
    from gradient_async.emulator import Emulator

pytestmark = pytest.mark.once

DELETE = "DELETE /v2/droplets/{droplet_id}"


def client_of(emulator: Emulator, **options: Any) -> AsyncGradientAI:
    usual: dict[str, Any] = {"rate_budget": None, "timeout": 5.0, "create_settle_seconds": 0.4}
    return AsyncGradientAI(emulator.token, base_url=emulator.base_url, **{**usual, **options})


async def destroyed(emulator: Emulator, droplet_ids: list[int], **options: Any) -> Any:
    async with client_of(emulator) as client:
        return await destroy_ids(client._sender, droplet_ids, DestroyOptions(**{"poll_interval": 0.02, **options}))


async def test_only_the_given_ones_are_gone() -> None:
    async with emulated(6) as emulator:
        report = await destroyed(emulator, ids(4))
        assert [outcome.status for outcome in report.outcomes] == ["destroyed"] * 4
        assert list(emulator.account.droplets) == [FIRST + 4, FIRST + 5]
        assert sum(request.method == "DELETE" for request in emulator.requests) == 4


async def test_gone_once_when_answers_are_lost_and_servers_fail() -> None:
    lost = [faults.DropAfter(route=DELETE, rate=0.5), faults.ServerError(route=DELETE, rate=0.3)]
    async with emulated(8, faults=lost, seed=3) as emulator:
        report = await destroyed(emulator, ids(6))
        assert report.counts == {"destroyed": 6, "not_found": 0, "kept": 0, "failed": 0, "unknown": 0}
        assert list(emulator.account.droplets) == ids(8)[6:]


async def test_busy_droplets_are_waited_for() -> None:
    async with emulated(3, behaviour=Behaviour(destroy_when_busy="refused")) as emulator:
        emulator.account.start(FIRST, "snapshot", name="a")
        report = await destroyed(emulator, ids(2))
        assert report.is_complete
        assert list(emulator.account.droplets) == [FIRST + 2]


@pytest.mark.parametrize("count", [1, 3])
async def test_not_gone_before_the_lists_say_so(count: int) -> None:
    async with emulated(4, visibility=Visibility(list=240.0)) as emulator:
        report = await destroyed(emulator, ids(count))
        assert report.is_complete
        assert report.duration > 0.4


async def test_unknown_when_it_still_shows_at_the_end() -> None:
    async with emulated(2, visibility=Visibility(get=6000.0)) as emulator:
        report = await destroyed(emulator, ids(1), timeout=0.3)
        (outcome,) = report.outcomes
        assert outcome.status == "unknown"
        assert "it still shows" in outcome.reason


async def test_failed_when_the_token_must_not_destroy() -> None:
    async with emulated(2, scopes=["droplet:read"]) as emulator, client_of(emulator) as client:
        report = await destroy_ids(client._sender, ids(2))
        assert [outcome.status for outcome in report.outcomes] == ["failed"] * 2
        assert all(isinstance(outcome.error, PermissionDeniedError) for outcome in report.outcomes)


async def test_absent_ones_are_distinguished() -> None:
    async with emulated(2) as emulator:
        report = await destroyed(emulator, [FIRST, 7])
        assert [(one.droplet_id, one.reason) for one in report.outcomes if one.reason] == [(7, "it was gone already")]
        assert report.is_complete


async def test_fresh_one_is_asked_for_again_when_it_shows_up_late() -> None:
    unknown_yet = faults.ServerError(status=404, route=DELETE, times=2)
    async with emulated(2, faults=[unknown_yet]) as emulator:
        report = await destroyed(emulator, ids(1), is_fresh=True)
        assert report.is_complete
        assert list(emulator.account.droplets) == [FIRST + 1]


async def test_fresh_one_is_given_half_of_the_time_to_show_up() -> None:
    async with emulated(1) as emulator, client_of(emulator, create_settle_seconds=60.0) as client:
        options = DestroyOptions(poll_interval=0.02, is_fresh=True, timeout=4.0)
        report = await destroy_ids(client._sender, [7], options)
        assert report.counts["destroyed"] == 1
        assert 1.9 < report.duration < 3.9


async def test_report_is_carried_when_it_is_cancelled() -> None:
    async with emulated(4, time_scale=1.0) as emulator, client_of(emulator) as client:
        options = DestroyOptions(max_concurrency=2, poll_interval=0.02)
        task = asyncio.create_task(destroy_ids(client._sender, ids(4), options))
        await asyncio.sleep(0.3)
        task.cancel()
        with pytest.raises(DestroyCancelled) as cancelled:
            await task
        assert [one.status for one in cancelled.value.report.outcomes] == ["unknown", "unknown", "kept", "kept"]
        sent = len(emulator.requests)
        await asyncio.sleep(0.1)
        assert len(emulator.requests) == sent


async def test_fault_of_foreign_code_is_one_outcome() -> None:
    async def faulty(request: Any, handler: Any) -> Any:
        if request.method == "DELETE" and request.url.path.endswith(str(FIRST)):
            raise ZeroDivisionError
        return await handler(request)

    def session() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(middlewares=[faulty])

    async with emulated(3) as emulator, client_of(emulator, http_session=session) as client:
        report = await destroy_ids(client._sender, ids(2), DestroyOptions(poll_interval=0.02))
        assert [one.status for one in report.outcomes] == ["unknown", "destroyed"]
