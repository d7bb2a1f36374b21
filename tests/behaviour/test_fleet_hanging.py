"""A fleet run with a timeout whose API takes every request and answers none."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import Reply, WireServer, action, created, listed

from gradient_async import PreflightError

if TYPE_CHECKING:
    from flavours import Flavour

DROPLET = 3164444
HANG = Reply(then="hang")
REQUEST_SECONDS = 0.5
SETTLE_SECONDS = 0.1
RUN_SECONDS = 0.2
# The request that is on its way, the look-up's rest, and what a busy machine adds.
MAX_SECONDS = RUN_SECONDS + REQUEST_SECONDS + SETTLE_SECONDS + REQUEST_SECONDS + 5.0


async def timed(flavour: Flavour, wire: WireServer, verb: str, **arguments: Any) -> tuple[Any, float]:
    client = flavour.client(wire, timeout=REQUEST_SECONDS, settle_seconds=SETTLE_SECONDS, max_retries=0)
    began = time.monotonic()
    report = await flavour.call(getattr(client.fleet, verb), **{"timeout": RUN_SECONDS, **arguments})
    return report, time.monotonic() - began


async def test_run_ends_unknown_when_answer_and_look_up_hang(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", HANG)
    wire.script("GET", HANG)
    report, seconds = await timed(flavour, wire, "reboot", droplets=[DROPLET, 7])
    assert seconds < MAX_SECONDS
    assert [outcome.status for outcome in report.outcomes] == ["unknown"] * 2
    assert "the look-up did not end within the time that the run's timeout leaves it" in report.outcomes[0].reason
    assert len(wire.sent("POST")) == 2


async def test_action_adopted_when_its_answer_is_lost_at_the_end(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", HANG)
    wire.script("GET", lambda _: listed([action(7)]))
    report, seconds = await timed(flavour, wire, "reboot", droplets=[DROPLET])
    assert seconds < MAX_SECONDS
    assert [(outcome.status, outcome.action.id) for outcome in report.outcomes] == [("started", 7)]


async def test_action_not_sent_again_when_the_timeout_is_over(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", HANG, created(7))
    wire.script("GET", listed([]))
    report, seconds = await timed(flavour, wire, "reboot", droplets=[DROPLET])
    assert seconds < MAX_SECONDS
    assert [outcome.status for outcome in report.outcomes] == ["failed"]
    assert "was not executed" in report.outcomes[0].reason
    assert len(wire.sent("POST")) == 1


@pytest.mark.parametrize("verb", ["power_off", "power_on"])
async def test_droplet_skipped_when_it_cannot_be_read_in_time(flavour: Flavour, wire: WireServer, verb: str) -> None:
    wire.script("GET", HANG)
    report, seconds = await timed(flavour, wire, verb, droplets=[DROPLET])
    assert seconds < MAX_SECONDS
    assert [outcome.status for outcome in report.outcomes] == ["skipped"]
    assert wire.sent("POST") == []


async def test_run_refused_when_the_tag_cannot_be_read_in_time(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", HANG)
    began = time.monotonic()
    with pytest.raises(PreflightError, match=r"timeout of 0\.2 s was over before the Droplets were known"):
        await timed(flavour, wire, "reboot", tag="training")
    assert time.monotonic() - began < MAX_SECONDS
    assert wire.sent("POST") == []
