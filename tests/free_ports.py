"""Ports for servers that another process starts."""

from __future__ import annotations

import secrets
import socket
from contextlib import suppress

# Below the ports that systems give to those who ask for any: until the server listens, no other test gets the port.
_FIRST, _COUNT = 20_000, 12_000
_TRIES = 100


def free_port() -> int:
    """Return a port of this machine that is free."""
    for _ in range(_TRIES):
        port = _FIRST + secrets.randbelow(_COUNT)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise OSError("found no free port")
