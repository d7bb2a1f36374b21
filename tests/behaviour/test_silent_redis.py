"""A Redis server that accepts connections and answers nothing, as behind a faulty firewall."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import anyio
import pytest

from gradient_async import RateBudget, RateBudgetStoreError, RequestKeyStoreError
from gradient_async.budget import held_key, redis_connection
from gradient_async.budget.held_key import HeldKey
from gradient_async.http.request_key import RequestKey

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

pytestmark = pytest.mark.once

ACCOUNT = b"0123456789abcdef"


@pytest.fixture
def silent_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Return the URL of a server that answers nothing, for 0.6 s at most."""
    monkeypatch.setattr(redis_connection, "_ANSWER_SECONDS", 0.6)
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


async def seconds_until_all_fail(count: int, kind: type[Exception], call: Callable[[int], Awaitable[object]]) -> float:
    """Return the seconds until all of some calls at once have raised an error."""
    began = time.monotonic()

    async def failing(number: int) -> None:
        with pytest.raises(kind, match="cannot be used: Timeout"):
            await call(number)

    async with anyio.create_task_group() as group:
        for number in range(count):
            group.start_soon(failing, number)
    return time.monotonic() - began


async def test_all_requests_fail_together_when_it_never_answers(silent_url: str) -> None:
    budget = RateBudget.shared(silent_url).bound_to(ACCOUNT)
    # One after the other, they would take 12 s.
    assert await seconds_until_all_fail(20, RateBudgetStoreError, lambda _: budget.acquire()) < 3 * 0.6 + 6
    assert await seconds_until_all_fail(1, RateBudgetStoreError, lambda _: budget.acquire()) > 0.5  # it is asked again


async def test_all_calls_with_a_key_fail_together(silent_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held_key, "PATIENCE_SECONDS", 0.3)
    store = RateBudget.shared(silent_url).bound_to(ACCOUNT).key_store
    assert store is not None

    def read(number: int) -> Awaitable[object]:
        return HeldKey(store, RequestKey(f"key {number}", 60.0, b""), ACCOUNT, "reboot").read()

    assert await seconds_until_all_fail(40, RequestKeyStoreError, read) < 4 * 0.6 + 8  # one after the other: 24 s
