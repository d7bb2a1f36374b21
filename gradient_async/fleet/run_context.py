"""The run context, which all Droplets of a run share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import anyio
from attrs import frozen

from gradient_async.fleet.engine.state import RunRules
from gradient_async.fleet.journal import Journal
from gradient_async.fleet.start_gate import StartGate
from gradient_async.fleet.step_keys import StepKeys
from gradient_async.http.request import ReadOptions
from gradient_async.http.sender import Sender
from gradient_async.waiting.watcher import Watcher

if TYPE_CHECKING:
    from gradient_async.http.request import Priority
    from gradient_async.models.droplet import Droplet


class DropletReader(Protocol):
    """Reads Droplets."""

    async def read(self, droplet_id: int, priority: Priority) -> Droplet:
        """Return the Droplet as it is now.

        Args:
            droplet_id: The Droplet's id.
            priority: ``ACT`` if an action waits for the read, ``POLL`` if the Droplet is only polled.

        Raises:
            APIError: It cannot be read.
        """
        ...


@frozen(kw_only=True)
class RunContext:
    """The run context, which all Droplets of a run share.

    Attributes:
        rules: The rules that apply to each of them.
        sender: Sends the run's requests.
        watcher: Waits for actions, with the client's other waits.
        droplets: Reads Droplets.
        gate: The start gate.
        wire: Limits the action requests on the wire at once; after a crash, this number has to be looked up.
        request_options: The caller's options for all requests.
        journal: The run's journal; ``None`` if it has none.
        keys: The keys of its requests; ``None`` if they have none.
    """

    rules: RunRules
    sender: Sender
    watcher: Watcher
    droplets: DropletReader
    gate: StartGate
    wire: anyio.Semaphore
    request_options: ReadOptions
    journal: Journal | None = None
    keys: StepKeys | None = None
