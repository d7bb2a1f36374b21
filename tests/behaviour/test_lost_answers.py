"""P1 for every way to lose an answer: executed at most once, and the result is correct."""

from __future__ import annotations

import asyncio
import itertools
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from lost_answers import LOST, REFUSED, SUCCESSES
from wire_server import Reply, WireRequest, WireServer, action, reply

from gradient_async import ActionOutcomeUnknownError, APIError

if TYPE_CHECKING:
    from flavours import Flavour


class Account:
    """A Droplet for each fault, which meets the first request to it.

    Attributes:
        executed: The actions of each Droplet, newest first.
    """

    def __init__(self, wire: WireServer, faults: dict[str, Any], *, is_executed: bool, date_ahead: float = 0) -> None:
        self._faults = list(faults.values())
        self._is_executed = is_executed
        self._date_ahead = date_ahead
        self._ids = itertools.count(100)
        self._calls: dict[int, int] = dict.fromkeys(range(len(faults)), 0)
        self.executed: dict[int, list[dict[str, Any]]] = {number: [] for number in self._calls}
        wire.script("POST", self._start)
        wire.script("GET", self._list)

    def _start(self, request: WireRequest) -> Reply:
        droplet_id = int(request.path.split("/")[3])
        started = action(next(self._ids), resource_id=droplet_id)
        is_first = not self._calls[droplet_id - 1]
        self._calls[droplet_id - 1] += 1
        if self._is_executed or not is_first:
            self.executed[droplet_id - 1].insert(0, started)
        body = {"action": started}
        return self._faults[droplet_id - 1](body) if is_first else reply(201, body)

    def _list(self, request: WireRequest) -> Reply:
        actions = self.executed[int(request.path.split("/")[3]) - 1]
        date = formatdate(time.time() + self._date_ahead, usegmt=True)
        return reply(200, {"actions": actions, "links": {}, "meta": {"total": len(actions)}}, {"Date": date})


async def outcomes(flavour: Flavour, wire: WireServer, faults: dict[str, Any]) -> dict[str, Any]:
    """Return the outcomes of one reboot of each Droplet, all at once."""
    client = flavour.client(wire, timeout=0.5, settle_seconds=0.05)
    calls = (
        flavour.call(client.gpu_droplets.actions.initiate, number, type="reboot")
        for number in range(1, len(faults) + 1)
    )
    return dict(zip(faults, await asyncio.gather(*calls, return_exceptions=True), strict=True))


def report_of(name: str, outcome: Any, executed: list[dict[str, Any]]) -> str:
    """Check an outcome against what happened, and return it in words."""
    ids = [one["id"] for one in executed]
    assert len(ids) <= 1, f"{name}: executed {len(ids)} times"
    if isinstance(outcome, ActionOutcomeUnknownError):
        return "unknown"
    if isinstance(outcome, APIError):
        assert ids == [], f"{name}: executed, and {outcome!r}"
        return "refused"
    assert not isinstance(outcome, BaseException), f"{name}: {outcome!r}"
    assert [outcome.action.id] == ids, f"{name}: {outcome}"
    return "adopted" if outcome.is_adopted else "answered"


async def test_every_executed_action_adopted_when_its_answer_is_lost(flavour: Flavour, wire: WireServer) -> None:
    account = Account(wire, LOST, is_executed=True)
    reported = {
        name: report_of(name, outcome, account.executed[number])
        for number, (name, outcome) in enumerate((await outcomes(flavour, wire, LOST)).items())
    }
    assert reported == dict.fromkeys(LOST, "adopted")


async def test_unexecuted_action_is_resent_unless_success_was_answered(flavour: Flavour, wire: WireServer) -> None:
    account = Account(wire, LOST, is_executed=False)
    reported = {
        name: report_of(name, outcome, account.executed[number])
        for number, (name, outcome) in enumerate((await outcomes(flavour, wire, LOST)).items())
    }
    assert reported == {name: "unknown" if name in SUCCESSES else "answered" for name in LOST}


@pytest.mark.parametrize("date_ahead", [15, 300, 3600, -15, -300, -3600])
async def test_no_action_executed_twice_when_date_is_wrong(
    flavour: Flavour, wire: WireServer, date_ahead: float
) -> None:
    account = Account(wire, LOST, is_executed=True, date_ahead=date_ahead)
    reported = {
        name: report_of(name, outcome, account.executed[number])
        for number, (name, outcome) in enumerate((await outcomes(flavour, wire, LOST)).items())
    }
    assert reported == dict.fromkeys(LOST, "unknown")


async def test_no_refused_action_executed_except_after_a_429(flavour: Flavour, wire: WireServer) -> None:
    refusals = {name: lambda _, make=make: make() for name, make in REFUSED.items()}
    account = Account(wire, refusals, is_executed=False)
    reported = {
        name: report_of(name, outcome, account.executed[number])
        for number, (name, outcome) in enumerate((await outcomes(flavour, wire, refusals)).items())
    }
    assert reported == {"429": "answered", "422": "refused", "404": "refused"}
