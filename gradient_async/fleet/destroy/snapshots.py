"""Makes a snapshot of each Droplet before it is destroyed, and checks that the snapshot exists."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import anyio

from gradient_async.errors import GradientAIError
from gradient_async.fleet.execution import Execution
from gradient_async.fleet.options import run_options
from gradient_async.fleet.plan import off_and_snapshot_plan, power_on_plan
from gradient_async.fleet.run_spec import RunSpec
from gradient_async.http import retry
from gradient_async.resources.gpu_droplets import GPUDroplets

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from gradient_async.fleet.destroy.removal import Removal
    from gradient_async.fleet.options import FleetOptions
    from gradient_async.fleet.outcome import Outcome
    from gradient_async.fleet.plan import Plan
    from gradient_async.http.sender import Sender
    from gradient_async.models.droplet_parts import DropletSnapshot
    from gradient_async.waiting.watcher import Watcher

# The list of a Droplet's snapshots can lag behind the completed action.
_SETTLE_SECONDS: Final = 30.0


class SnapshotMaker:
    """Switches Droplets off, and makes a snapshot of each.

    A snapshot of a Droplet that is on is allowed, and misses what the guest has not written to its disk yet. These
    Droplets are destroyed afterwards, so nothing is gained by leaving them on.

    Args:
        sender: Sends the requests.
        watcher: Waits for actions.
        grace: Seconds that a guest has to shut down before its power is cut.
        options: Options of the fleet run that does it.
    """

    def __init__(self, sender: Sender, watcher: Watcher, *, grace: float, options: FleetOptions) -> None:
        self._sender = sender
        self._watcher = watcher
        self._grace = grace
        self._options = options
        self._client = GPUDroplets(sender, watcher)

    async def make(self, removals: Sequence[Removal], emit: Callable[[Removal, str], Awaitable[bool]]) -> None:
        """Make the snapshots. A Droplet that stays is switched on again, if it was on.

        Args:
            removals: The Droplets.
            emit: Called with each Droplet that is done, and with why it has no snapshot; ``""`` if it has one. Returns
                whether the Droplet stays.
        """
        known = {removal.droplet_id: removal for removal in removals}
        nonce, stamp = secrets.token_hex(2), datetime.now(UTC).strftime("%Y%m%d-%H%M")
        left_off: list[int] = []

        async def take(outcome: Outcome) -> None:
            removal = known[outcome.droplet_id]
            stays = await emit(removal, await self._checked(removal, outcome, nonce))
            if stays and removal.droplet is not None and removal.droplet.is_active:
                left_off.append(removal.droplet_id)

        plan = off_and_snapshot_plan(f"{{name}}-{stamp}-{{id}}-{nonce}", grace=self._grace)
        await self._execution(plan, list(known)).execute(take)
        if left_off:
            await self._execution(power_on_plan(), left_off).run()

    def _execution(self, plan: Plan, ids: list[int]) -> Execution:
        options = run_options(self._options)
        return Execution(self._sender, self._watcher, RunSpec(plan=plan, droplets=ids, tag=None, options=options))

    async def _checked(self, removal: Removal, outcome: Outcome, nonce: str) -> str:
        """Find the snapshot of a Droplet. Return why there is none; ``""`` if there is one."""
        if not outcome.is_completed:
            removal.snapshot_failure = outcome.error
            return f"no snapshot: {outcome.reason or outcome.status}"
        for pause in (0.0, *retry.growing_pauses(_SETTLE_SECONDS)):
            await anyio.sleep(pause)
            try:
                found = await self._snapshot_of(removal.droplet_id, nonce)
            except GradientAIError as error:
                removal.snapshot_failure = error
                continue
            if found is not None:
                removal.snapshot_id, removal.snapshot_name = found.id, found.name
                return ""
        return "no snapshot: its action completed, and the Droplet's list of snapshots does not show it"

    async def _snapshot_of(self, droplet_id: int, nonce: str) -> DropletSnapshot | None:
        """Return the snapshot that this run made of a Droplet. Its name has a unique end."""
        ending = f"-{droplet_id}-{nonce}"
        async for snapshot in self._client.list_all_snapshots(droplet_id):
            if (snapshot.name or "").endswith(ending):
                return snapshot
        return None
