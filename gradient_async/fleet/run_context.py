"""What all Droplets of a run share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import anyio
from attrs import frozen

from gradient_async.fleet.engine.state import RunRules
from gradient_async.fleet.journal import Journal
from gradient_async.fleet.start_gate import StartGate
from gradient_async.http.request import ReadOptions
from gradient_async.http.sender import Sender
from gradient_async.waiting.watcher import Watcher

if TYPE_CHECKING:
    from gradient_async.http.request import Priority
    from gradient_async.models.droplet import Droplet


class DropletReader(Protocol):
    """Reads Droplets."""

    async def read(self, droplet_id: int, priority: Priority) -> Droplet:
        """A Droplet as it is now.

        Args:
            droplet_id: The Droplet's id.
            priority: ``ACT`` if something waits to be done to it, ``POLL`` if it is only polled.

        Raises:
            APIError: It cannot be read.
        """
        ...


@frozen(kw_only=True)
class RunContext:
    """What all Droplets of a run share.

    Attributes:
        rules: What decides about each of them.
        sender: Sends the run's requests.
        watcher: Waits for actions, with the client's other waits.
        droplets: Reads Droplets.
        gate: Who may still start.
        wire: How many action requests may be on the way at once; after a crash, so many have to be resolved.
        request_options: The caller's options for all requests.
        journal: What has been done; ``None`` if no journal is kept.
    """

    rules: RunRules
    sender: Sender
    watcher: Watcher
    droplets: DropletReader
    gate: StartGate
    wire: anyio.Semaphore
    request_options: ReadOptions
    journal: Journal | None = None
