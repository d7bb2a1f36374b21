"""The common base of the parts of ``client.fleet``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradient_async.fleet.open_streams import OpenStreams
    from gradient_async.http.sender import Sender
    from gradient_async.waiting.watcher import Watcher


class FleetPart:
    """A base of ``Fleet`` with some of its methods.

    Args:
        sender: Sends the requests.
        watcher: Waits for actions, with all other waits of the client.
        streams: The client's open streams.
    """

    def __init__(self, sender: Sender, watcher: Watcher, streams: OpenStreams) -> None:
        self._sender = sender
        self._watcher = watcher
        self._streams = streams
