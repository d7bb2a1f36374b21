"""The open streams of a client's fleet runs. This module is imported with each client, so it stays small."""

from __future__ import annotations

import weakref
from typing import Protocol


class OpenStream(Protocol):
    """A stream that has not ended."""

    @property
    def is_of_this_loop(self) -> bool:
        """Whether the running event loop runs it."""
        ...

    async def aclose(self, *, is_by_client: bool = False) -> None:
        """End it."""


class OpenStreams:
    """The streams of a client that have not ended."""

    def __init__(self) -> None:
        self._streams: weakref.WeakSet[OpenStream] = weakref.WeakSet()

    def add(self, stream: OpenStream) -> None:
        """Add a stream that has started."""
        self._streams.add(stream)

    async def aclose(self) -> None:
        """Close the streams of this event loop. Their readers get ``ClientClosedError``."""
        for stream in list(self._streams):
            if stream.is_of_this_loop:
                await stream.aclose(is_by_client=True)
