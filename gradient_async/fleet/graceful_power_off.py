"""Graceful power-off, as the API's documentation recommends: ask the guest first, then cut the power."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

import anyio
from attrs import frozen

from gradient_async.endpoints import droplets
from gradient_async.errors import ActionTimeoutError, APIError, ClientClosedError
from gradient_async.fleet.engine import machine
from gradient_async.fleet.engine.state import RunRules
from gradient_async.fleet.journal_format import DropletRecord
from gradient_async.fleet.options import RunOptions
from gradient_async.fleet.plan import power_off_plan
from gradient_async.fleet.run_context import RunContext
from gradient_async.fleet.runner import DropletRunner
from gradient_async.fleet.start_gate import StartGate
from gradient_async.http.request import Priority, ReadOptions
from gradient_async.http.sender import Sender
from gradient_async.models.graceful_power_off import GracefulPowerOff

if TYPE_CHECKING:
    from gradient_async.fleet.engine.state import DropletState, Ending
    from gradient_async.models.droplet import Droplet
    from gradient_async.waiting.watcher import Watcher


async def power_off_gracefully(
    sender: Sender,
    watcher: Watcher,
    droplet_id: int,
    *,
    grace_seconds: float,
    force_seconds: float,
    poll_interval: float,
    options: ReadOptions,
) -> GracefulPowerOff:
    """Shut a Droplet down. If it does not power off by itself, cut its power.

    The steps are those of ``fleet.power_off``, and the Droplet's state decides: see ``RunRules.state_decides``.

    Raises:
        ActionTimeoutError: The Droplet was on at the end of both times.
        ActionFailedError: ``power_off`` ended as ``errored``.
        ActionOutcomeUnknownError: One of the two actions may or may not have been executed. If it is ``shutdown``, the
            power is not cut.
    """
    rules = RunRules(
        plan=power_off_plan(graceful=True, grace=grace_seconds),
        options=RunOptions(action_timeout=force_seconds, poll_interval=poll_interval),
        began_at=datetime.now(UTC),
        deadline=math.inf,
        rate_patience=0.0,
        state_decides=True,
    )
    context = RunContext(
        rules=rules,
        sender=sender,
        watcher=watcher,
        droplets=_SingleReader(sender=sender, options=options),
        gate=StartGate(),
        wire=anyio.Semaphore(1, fast_acquire=True),
        request_options=options,
    )
    record = DropletRecord()
    runner = DropletRunner(machine.state_from(droplet_id, rules.plan, record), record, context)
    ending = await runner.run()
    return result_of(runner.state, ending, f"{grace_seconds:g} s for shutdown and {force_seconds:g} s for power_off")


def result_of(state: DropletState, ending: Ending, times: str) -> GracefulPowerOff:
    """Return the result of a graceful power-off. Pure code.

    Args:
        state: The final state of the Droplet's run.
        ending: How the run ended.
        times: Description of the allowed times.

    Raises:
        ActionTimeoutError: The Droplet is not off.
        GradientAIError: The error of the run.
    """
    if ending.error is None and ending.status != "completed":
        raise ClientClosedError(ending.reason)  # only a closed client ends it early: it has no journal and no deadline
    is_timeout = isinstance(ending.error, TimeoutError) and not isinstance(ending.error, APIError)
    if ending.error is not None and not is_timeout:
        raise ending.error
    droplet = state.droplet
    if is_timeout or droplet is None or not droplet.is_off:
        raise ActionTimeoutError(
            f"Droplet {state.droplet_id} is not off after {times}; "
            f"its status was last read as {droplet.status if droplet else None!r}",
            action=state.action,
        )
    shutdown, power_off = (step.action for step in state.steps)
    powered_off_by: Literal["shutdown", "power_off", "nobody"] = "nobody"
    if power_off is not None or shutdown is not None:
        powered_off_by = "shutdown" if power_off is None else "power_off"
    return GracefulPowerOff(droplet=droplet, powered_off_by=powered_off_by, shutdown=shutdown, power_off=power_off)


@frozen(kw_only=True)
class _SingleReader:
    """Reads one Droplet, with the caller's options."""

    sender: Sender
    options: ReadOptions

    async def read(self, droplet_id: int, priority: Priority) -> Droplet:
        request = droplets.RETRIEVE.request(self.options, droplet_id)._replace(priority=priority)
        return (await self.sender.send(request)).parse().droplet
