"""Claims of actions in a store that processes share, by a clock that stands still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio
import pytest
from budget_clock import Clock, stopped_clock

from gradient_async.budget import shared_claims
from gradient_async.budget.key_store import MemoryKeyStore
from gradient_async.budget.shared_claims import SharedClaims
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.settings import AccessToken, Settings

if TYPE_CHECKING:
    from gradient_async.http.key_store import Swap

pytestmark = pytest.mark.once


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return stopped_clock(monkeypatch, shared_claims)


class Store(MemoryKeyStore):
    """Notes each change; raises an error first, or hangs, as told."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str | None] = []
        self.durable: list[bool] = []
        self.failure: Exception | None = None
        self.hangs = False

    async def swap(self, name: str, old: str | None, new: str | None, ttl: float, *, is_durable: bool = True) -> Swap:
        self.texts.append(new)
        self.durable.append(is_durable)
        if self.hangs:
            await anyio.sleep_forever()
        if self.failure is not None:
            raise self.failure
        return await super().swap(name, old, new, ttl, is_durable=is_durable)


def claims_in(store: Any, base_url: str = "https://api.example.com") -> SharedClaims:
    return SharedClaims(store, Settings(access_token=AccessToken("dop_v1_x"), base_url=base_url))


@pytest.mark.parametrize(
    ("first", "second", "is_claimed", "is_of_another"),
    [("a", "a", True, False), ("a", "b", False, True), ("a", None, False, True), (None, "a", False, True)],
)
async def test_action_belongs_to_one_origin(
    first: str | None, second: str | None, is_claimed: bool, is_of_another: bool
) -> None:
    store = Store()
    one, other = claims_in(store), claims_in(store)
    assert not await other.is_of_another(7, second)
    assert await one.claim(7, first)
    assert await other.is_of_another(7, second) is is_of_another
    assert await other.claim(7, second) is is_claimed
    assert await other.claim(8, second)
    assert await claims_in(store, "https://another.example.com").claim(7, second)


async def test_request_without_an_origin_has_its_action_once() -> None:
    claims = claims_in(Store())
    assert await claims.claim(7, None)
    assert await claims.is_of_another(7, None)
    assert not await claims.claim(7, None)


async def test_texts_in_the_store_tell_no_origin_and_need_no_disk() -> None:
    store = Store()
    for number, origin in enumerate(("a", None, None)):
        await claims_in(store).claim(number, origin)
    assert [len(text or "") for text in store.texts] == [40] * 3
    assert len(set(store.texts)) == 3
    assert store.durable == [False] * 3


@pytest.mark.parametrize("fault", ["fails", "hangs"])
async def test_store_that_is_away_is_not_awaited_by_each(
    monkeypatch: pytest.MonkeyPatch, clock: Clock, fault: str
) -> None:
    monkeypatch.setattr(shared_claims, "_PUBLISH_SECONDS", 0.01)
    store = Store()
    claims = claims_in(store)
    store.failure, store.hangs = StoreAwayError("away") if fault == "fails" else None, fault == "hangs"
    for later, asked in ((0.0, 1), (4.9, 1), (0.1, 2)):
        clock.now += later
        await claims.publish(7, "a")
        assert len(store.texts) == asked
    store.failure, store.hangs = None, False
    clock.now += 5.0
    for number in (7, 8):
        await claims.publish(number, "a")
        assert await claims.is_of_another(number, "b")
