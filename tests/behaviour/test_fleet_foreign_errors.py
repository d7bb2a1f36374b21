"""A fleet run whose requests end with an exception of the user's own code, such as an aiohttp middleware."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from fleet_account import INITIATE, QUICK, acted, each, emulated, ids
from wire_server import RESET, WireServer, action, created, listed

from gradient_async import ActionOutcomeUnknownError
from gradient_async.emulator import DropletSpec, faults

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour

DROPLET = 3164444


def session_that_fails(*methods: str) -> Any:
    """Return a function that makes a session whose middleware raises after the answers to some methods."""

    async def middleware(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        answer = await handler(request)
        if request.method in methods:
            raise LookupError("no place for the answer")
        return answer

    return lambda: aiohttp.ClientSession(middlewares=(middleware,))


async def test_droplet_is_unknown_when_a_middleware_raises_afterwards(flavour: Flavour, tmp_path: Path) -> None:
    given: Any = {"journal": tmp_path / "run.journal", **QUICK}
    async with emulated(2) as emulator:
        client = flavour.client(emulator, http_session=session_that_fails("POST"))
        report = await flavour.call(client.fleet.reboot, ids(2), **given)
        assert [outcome.status for outcome in report.outcomes] == ["unknown"] * 2
        assert "LookupError" in report.outcomes[0].reason
        assert "its reboot may or may not have been started" in report.outcomes[0].reason

        again = await flavour.call(flavour.client(emulator).fleet.reboot, ids(2), **given)
        assert len(again.completed) == 2
        assert acted(emulator) == each(ids(2), ["reboot"])


async def test_each_is_looked_up_when_a_middleware_raises_by_tag(flavour: Flavour) -> None:
    async with emulated([DropletSpec(tags=("training",))] * 2) as emulator:
        client = flavour.client(emulator, http_session=session_that_fails("POST"))
        report = await flavour.call(client.fleet.power_cycle, tag="training", by_tag=True, **QUICK)
        assert len(report.completed) == 2
        assert acted(emulator) == each(ids(2), ["power_cycle"])


async def test_droplet_unknown_when_a_middleware_raises_in_the_look_up(flavour: Flavour, tmp_path: Path) -> None:
    lost = faults.DropAfter(route=INITIATE)
    async with emulated(1, faults=[lost]) as emulator:
        for _ in range(2):
            client = flavour.client(emulator, http_session=session_that_fails("GET"))
            report = await flavour.call(client.fleet.reboot, ids(1), journal=tmp_path / "run.journal")
            assert [outcome.status for outcome in report.outcomes] == ["unknown"]
        assert acted(emulator) == each(ids(1), ["reboot"])


async def test_action_stays_its_own_requests_when_a_middleware_raised(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", created(7), RESET)
    wire.script("GET", lambda _: listed([action(7)]))
    first = flavour.client(wire, http_session=session_that_fails("POST"))
    with pytest.raises(LookupError, match="no place"):
        await flavour.call(first.gpu_droplets.actions.initiate, DROPLET, type="reboot")

    with pytest.raises(ActionOutcomeUnknownError, match="another"):
        await flavour.call(flavour.client(wire).gpu_droplets.actions.initiate, DROPLET, type="reboot")
