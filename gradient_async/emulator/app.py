"""The only module that reads requests from sockets and writes answers to them."""

from __future__ import annotations

import asyncio
import socket
import struct
import sys
from typing import TYPE_CHECKING

from aiohttp import web

from gradient_async.emulator.delivery import spoilt
from gradient_async.emulator.request_log import RecordedRequest, RequestLog
from gradient_async.emulator.wire import Answer, Incoming

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradient_async.emulator.gateway import Exchange, Gateway

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CREDENTIALS = "Bearer [redacted]"
# l_onoff = 1, l_linger = 0: closing sends RST instead of FIN.
_RESET_ON_CLOSE = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)


class App:
    """Answers the requests of `aiohttp.web.Server`, as the gateway decides.

    Args:
        gateway: Decides the answers.
        log: Records every request.
    """

    def __init__(self, gateway: Gateway, log: RequestLog) -> None:
        self._gateway = gateway
        self._log = log
        self._handlers: set[asyncio.Task[object]] = set()

    async def __call__(self, web_request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request. The task is cancelled when the client disconnects."""
        handler = asyncio.current_task()
        assert handler is not None  # noqa: S101 - coroutines run in tasks
        self._handlers.add(handler)
        try:
            return await self._answered(web_request)
        finally:
            self._handlers.discard(handler)

    def cancel(self) -> None:
        """Cancel every pending answer."""
        for handler in self._handlers:
            handler.cancel()

    async def _answered(self, web_request: web.BaseRequest) -> web.StreamResponse:
        exchange = self._gateway.receive(await _incoming(web_request))
        number = self._log.add(self._recorded(exchange))
        status, disconnected = None, False
        try:
            response = await self._deliver(exchange, web_request)
            status = response.status if response.prepared else None
        except asyncio.CancelledError:
            disconnected = _is_gone(web_request)
            raise
        except ConnectionError:
            # The client disconnected before the answer was sent. This is no error of the server.
            disconnected = True
            response = web.Response()
        finally:
            self._log.finish(number, status=status, disconnected=disconnected)
        return response

    async def _deliver(self, exchange: Exchange, web_request: web.BaseRequest) -> web.StreamResponse:
        delivery = exchange.delivery
        answer = self._gateway.execute(exchange) if delivery.executed == "before" else None
        if delivery.pause:
            await asyncio.sleep(delivery.pause)
        if delivery.executed == "after":
            answer = self._gateway.execute(exchange)
        if delivery.ending in ("reset", "close"):
            return _lose(web_request, is_reset=delivery.ending == "reset")
        finished = self._gateway.finished(exchange, answer)
        if delivery.ending == "cut":
            return await _cut(web_request, finished)
        body = spoilt(finished.body(), delivery.ending)
        response = web.Response(status=finished.status, headers=finished.headers, body=body)
        await response.prepare(web_request)
        await response.write_eof()
        return response

    def _recorded(self, exchange: Exchange) -> RecordedRequest:
        request = exchange.request
        return RecordedRequest(
            method=request.method,
            path=request.path,
            target=request.target,
            template=exchange.match.template,
            query=request.query,
            headers=_without_credentials(request.headers),
            body=exchange.body,
            at=self._gateway.time(),
            fault="+".join(exchange.faults) or None,
        )


async def _incoming(web_request: web.BaseRequest) -> Incoming:
    headers = {name.lower(): value for name, value in web_request.headers.items()}
    if headers.get("expect", "").lower() == "100-continue":
        await web_request.writer.write(_CONTINUE)
        web_request.writer.output_size = 0
    try:
        body, is_too_large = await web_request.read(), False
    except web.HTTPRequestEntityTooLarge:
        body, is_too_large = b"", True
    return Incoming(
        method=web_request.method,
        path=web_request.path,
        target=web_request.raw_path,
        origin=f"{_scheme(web_request, headers)}://{web_request.host}",
        query=tuple(web_request.query.items()),
        headers=headers,
        body=body,
        is_too_large=is_too_large,
    )


def _scheme(web_request: web.BaseRequest, headers: Mapping[str, str]) -> str:
    """Return the scheme that the client used, according to the headers of a proxy."""
    forwarded = headers.get("x-forwarded-proto", "").split(",")[0].strip().lower()
    return forwarded if forwarded in ("http", "https") else web_request.scheme


def _without_credentials(headers: Mapping[str, str]) -> Mapping[str, str]:
    return {name: _CREDENTIALS if name == "authorization" else value for name, value in headers.items()}


def _is_gone(web_request: web.BaseRequest) -> bool:
    return web_request.transport is None or web_request.transport.is_closing()


def _lose(web_request: web.BaseRequest, *, is_reset: bool) -> web.StreamResponse:
    """End the connection without an answer. The returned response is never sent."""
    transport = web_request.transport
    if transport is not None:
        peer: socket.socket | None = transport.get_extra_info("socket")
        if is_reset and peer is not None:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()
    return web.Response()


async def _cut(web_request: web.BaseRequest, answer: Answer) -> web.StreamResponse:
    """Announce the whole body, send half of it, and end the connection."""
    body = answer.body()
    response = web.StreamResponse(status=answer.status, headers=answer.headers)
    response.content_length = len(body)
    await response.prepare(web_request)
    await response.write(spoilt(body, "cut"))
    if web_request.transport is not None:
        web_request.transport.close()
    return response
