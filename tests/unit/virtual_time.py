"""An event loop whose pauses take no time, and a sender whose answers are functions of the request."""

from __future__ import annotations

import asyncio
import json
import selectors
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
from samples import response

from gradient_async.http.raw_response import RawResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine

    from gradient_async.http.endpoint import Request

T = TypeVar("T")

BEGIN = 1000.0
_MAX_REQUESTS = 2000


class _Selector(selectors.SelectSelector):
    """Lets the time of the next pause come at once."""

    now = BEGIN

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("all tasks wait, and none of them for a time")
        ready = super().select(0)
        if not ready:
            self.now += max(timeout, 0.0)
        return ready


def _loop() -> asyncio.AbstractEventLoop:
    selector = _Selector()
    loop = asyncio.SelectorEventLoop(selector)
    loop.time = lambda: selector.now  # type: ignore[method-assign]  # that is what this loop is for
    return loop


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine in an event loop whose time begins at ``BEGIN``."""
    with asyncio.Runner(loop_factory=_loop) as runner:
        return runner.run(work)


class FakeSender:
    """Answers requests without a connection.

    Args:
        answer: Returns the JSON of the answer to a request; an exception is raised.
        settle: Seconds in which a new Droplet can be missing in the lists.

    Attributes:
        sent: The requests.
        times: When they were sent, in seconds since ``BEGIN``.
        headers: The headers of all answers.
    """

    def __init__(self, answer: Callable[[Request[Any]], object], *, settle: float = 30.0) -> None:
        self.sent: list[Request[Any]] = []
        self.times: list[float] = []
        self.settings = SimpleNamespace(create_settle_seconds=settle, base_url="https://api.example.com")
        self.counter = SimpleNamespace(requests=0, refused=0)
        self.budget: Any = None
        self.is_closed = False
        self.headers: dict[str, str] = {}
        self._answer = answer

    @property
    def names(self) -> list[str]:
        """The last parts of the names of the endpoints, in the order of the requests."""
        return [one.endpoint.name.rpartition(".")[2] for one in self.sent]

    async def send(
        self, request: Request[Any], before: Callable[[tuple[()]], Awaitable[None]] | None = None
    ) -> RawResponse[Any]:
        """Answer a request."""
        assert len(self.sent) < _MAX_REQUESTS, "requests without an end"
        self.sent.append(request)
        self.times.append(round(anyio.current_time() - BEGIN, 6))
        self.counter.requests += 1
        if before is not None:
            await before(())
        found = self._answer(request)
        await asyncio.sleep(0)
        if isinstance(found, BaseException):
            raise found
        return RawResponse(response(200, json.dumps(found).encode(), self.headers), request)

    def note_results(self, answer: object) -> None:
        """Take no note of an answer."""

    def copy(self, *_: object) -> FakeSender:
        """Return the sender itself."""
        return self
