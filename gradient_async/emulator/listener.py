"""A listening socket of the emulator."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    import ssl

    from gradient_async.emulator.app import App

_BACKLOG = 1024
_GRACE_SECONDS = 0.5


class Listener:
    """A listening socket and the connections made to it, from `start` to `stop`.

    Args:
        app: Answers the requests.
        host: The address to listen on.
        port: The port; 0 takes a free one.
        keepalive_timeout: Seconds after which an idle connection is closed.
        tls: Serve HTTPS with this context.
    """

    def __init__(
        self, app: App, host: str, port: int, keepalive_timeout: float, tls: ssl.SSLContext | None = None
    ) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._tls = tls
        self._server = web.Server(app, handler_cancellation=True, access_log=None, keepalive_timeout=keepalive_timeout)
        self._runner = web.ServerRunner(self._server, shutdown_timeout=_GRACE_SECONDS)

    async def start(self) -> str:
        """Start to listen, and return the base URL."""
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, backlog=_BACKLOG, ssl_context=self._tls)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"

    async def stop(self) -> None:
        """Stop listening, cancel pending answers, and close every connection."""
        transports = [connection.transport for connection in self._server.connections]
        self._app.cancel()
        await self._runner.cleanup()
        for transport in transports:
            # A client that does not read would keep a closing connection open for ever.
            if transport is not None:
                transport.abort()
        await asyncio.sleep(0)
