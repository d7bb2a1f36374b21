"""The start and the end of an emulator: on the running event loop, or on a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from gradient_async.emulator.listener import Listener
    from gradient_async.emulator.ssh_ports import SSHPorts


class Serving:
    """The part of `Emulator` that serves, once.

    Args:
        listen: Makes the listener.
        ssh: The Droplets' SSH ports; None if there are none.
    """

    def __init__(self, listen: Callable[[], Listener], ssh: SSHPorts | None) -> None:
        self._listen = listen
        self._ssh = ssh
        self._ssh_port: int | None = None
        self._listener: Listener | None = None
        self._base_url: str | None = None
        self._is_spent = False
        self._thread: threading.Thread | None = None
        self._stop_serving: Callable[[], object] | None = None

    @property
    def base_url(self) -> str:
        """The base URL, such as ``http://127.0.0.1:40123``.

        Raises:
            RuntimeError: It is not running.
        """
        if self._base_url is None:
            raise RuntimeError(f"the emulator {'has been closed' if self._is_spent else 'has not been started'}")
        return self._base_url

    @property
    def ssh_port(self) -> int | None:
        """The port at which Droplets answer with an SSH banner, None if they do not or it is not running."""
        return self._ssh_port

    def __repr__(self) -> str:
        return f"<Emulator at {self._base_url or 'no address'}>"

    async def __aenter__(self) -> Self:
        self._claim()
        listener = self._listen()
        self._base_url = await listener.start()
        self._listener = listener
        if self._ssh is not None:
            try:
                self._ssh_port = await self._ssh.start()
            except BaseException:
                await self.__aexit__(None, None, None)
                raise
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._base_url = self._ssh_port = None
        if self._ssh is not None:
            await self._ssh.stop()
        if self._listener is not None:
            await self._listener.stop()
            self._listener = None

    def __enter__(self) -> Self:
        # Not anyio's start_blocking_portal: entered and never left, it keeps the interpreter, and forked
        # children, from exiting. A daemon thread of our own does not.
        started: Future[Callable[[], object]] = Future()
        thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), name="gradient-emulator", daemon=True
        )
        thread.start()
        failure = started.exception()
        if failure is not None:
            thread.join()
            raise failure
        self._thread, self._stop_serving = thread, started.result()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._thread is not None and self._stop_serving is not None:
            self._stop_serving()
            self._thread.join()

    def _claim(self) -> None:
        if self._is_spent:
            raise RuntimeError("an Emulator serves once; make a new one")
        self._is_spent = True

    async def _serve(self, started: Future[Callable[[], object]]) -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        try:
            await self.__aenter__()
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits for it
            started.set_exception(error)
            return
        started.set_result(partial(loop.call_soon_threadsafe, stopped.set))
        try:
            await stopped.wait()
        finally:
            await self.__aexit__(None, None, None)
