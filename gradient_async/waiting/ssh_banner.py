"""Asks whether an SSH server answers at an address."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio

if TYPE_CHECKING:
    from anyio.abc import ByteReceiveStream

_TRY_SECONDS: Final = 5.0
_MAX_BYTES: Final = 8192
_BEGINNING: Final = b"SSH-"


async def answers(host: str, port: int) -> bool:
    """Return whether a server sends an SSH banner within five seconds. Nothing is sent to it.

    Args:
        host: The address.
        port: The TCP port.
    """
    try:
        with anyio.fail_after(_TRY_SECONDS):
            async with await anyio.connect_tcp(host, port) as stream:
                return await _sends_banner(stream)
    except (OSError, anyio.EndOfStream, anyio.BrokenResourceError):  # TimeoutError is an OSError
        return False


async def _sends_banner(stream: ByteReceiveStream) -> bool:
    """Return whether a line begins with the banner. By the protocol, a server may send other lines before it."""
    received = b"\n"
    while len(received) < _MAX_BYTES:
        received += await stream.receive()
        if b"\n" + _BEGINNING in received:
            return True
    return False
