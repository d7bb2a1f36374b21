"""A limit on the size of an answer, after decompression."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_PIECE_BYTES: Final = 1 << 20


class BodyTooLargeError(Exception):
    """The body is larger than the limit.

    Args:
        limit: Maximum number of bytes.
    """

    def __init__(self, limit: int) -> None:
        super().__init__(f"the answer is larger than {limit:,} bytes")


class Stream(Protocol):
    """The part of aiohttp's body stream that is needed to read the whole body."""

    async def read(self, n: int = -1) -> bytes:
        """Return at most ``n`` bytes; no bytes at the end."""

    def exception(self) -> BaseException | None:
        """Return the error of the stream, if it has one."""

    def set_exception(self, exc: BaseException, exc_cause: BaseException = ..., /) -> None:
        """End the stream with an error."""


class BoundedStream:
    """A body stream with a limit.

    aiohttp decompresses only what the next read asks for. A read without a size decompresses the whole body.

    Args:
        stream: The stream of the body.
        limit: Maximum number of bytes.
    """

    def __init__(self, stream: Stream, limit: int) -> None:
        self._stream = stream
        self._limit = limit
        self.exception: Callable[[], BaseException | None] = stream.exception
        self.set_exception: Callable[..., None] = stream.set_exception

    async def read(self) -> bytes:
        """Return the whole body.

        Raises:
            BodyTooLargeError: The body is larger than the limit.
        """
        pieces: list[bytes] = []
        left = self._limit
        while piece := await self._stream.read(min(_PIECE_BYTES, left + 1)):
            left -= len(piece)
            if left < 0:
                raise BodyTooLargeError(self._limit)
            pieces.append(piece)
        return b"".join(pieces)


def announced_length(headers: Mapping[str, str]) -> int | None:
    """Return the body's length if the headers give it; ``None`` for a body with an encoding.

    aiohttp refuses a ``Content-Length`` that is no number. It does not read more bytes than that.
    """
    length = headers.get("Content-Length")
    if length is None or "Content-Encoding" in headers or "Transfer-Encoding" in headers:
        return None
    try:
        return int(length)
    except ValueError:
        return None
