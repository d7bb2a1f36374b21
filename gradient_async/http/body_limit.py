"""A bound on the size of an answer, after decompression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PIECE_BYTES: Final = 1 << 20


class BodyTooLargeError(Exception):
    """The body is larger than the limit.

    Args:
        limit: The most bytes that it may have.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(f"the answer is larger than {limit:,} bytes")


class Stream(Protocol):
    """The part of aiohttp's stream of a body that reading it whole needs."""

    async def read(self, n: int = -1) -> bytes:
        """Up to so many bytes; none at the end."""

    def exception(self) -> BaseException | None:
        """Why it is broken, if it is."""

    def set_exception(self, exc: BaseException, exc_cause: BaseException = ..., /) -> None:
        """Break it."""


class BoundedStream:
    """A stream of a body that gives no more than so many bytes.

    aiohttp decompresses no more at once than the next read asks for. Without a size it decompresses all of it.

    Args:
        stream: Where the body comes from.
        limit: The most bytes that it may have.
    """

    def __init__(self, stream: Stream, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self.exception: Callable[[], BaseException | None] = stream.exception
        self.set_exception: Callable[..., None] = stream.set_exception

    async def read(self) -> bytes:
        """The whole body.

        Raises:
            BodyTooLargeError: It is larger than the limit.
        """
        pieces: list[bytes] = []
        left = self._limit
        while piece := await self._stream.read(min(_PIECE_BYTES, left + 1)):
            left -= len(piece)
            if left < 0:
                raise BodyTooLargeError(self._limit)
            pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def announced_length(headers: Mapping[str, str]) -> int | None:
    """The body's length where the head of the answer is sure to tell it; ``None`` for a body that is decoded.

    aiohttp refuses a ``Content-Length`` that is no number, and reads no byte more than it says.
    """
    length = headers.get("Content-Length")
    if length is None or "Content-Encoding" in headers or "Transfer-Encoding" in headers:
        return None
    try:
        return int(length)
    except ValueError:
        return None
