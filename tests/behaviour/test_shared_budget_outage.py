"""The store of a shared rate budget is away, comes back empty, or was never there."""

from __future__ import annotations

import logging
import time
import traceback
from typing import TYPE_CHECKING

import anyio
import pytest
from shared_stores import STORES, most_in, process_like, processes_of, send, state_of

from gradient_async import RateBudget, RateBudgetStoreError
from gradient_async.boot import boot_id
from gradient_async.budget.sqlite_store import SqliteStore
from gradient_async.budget.stored_budget import StoredRateBudget
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from pathlib import Path

    from shared_stores import Store

pytestmark = pytest.mark.once

TOKEN = "dop_v1_0123456789abcdef"


async def test_emptied_store_is_begun_anew_with_what_is_known(store: Store) -> None:
    budget, sent = process_like(store, limit=4, span=1.0), list[float]()
    await send(budget, sent)
    await send(budget, sent)
    slot = await budget.acquire()
    store.bring_back_empty()
    assert (await state_of(budget)).windows[0].used == 3
    budget.release(200, {}, slot=slot)
    async with anyio.create_task_group() as group:
        for _ in range(2):
            group.start_soon(send, budget, sent)
    assert most_in(1.0, sent) <= 3


async def test_process_keeps_to_its_share_while_the_store_is_away(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    budgets = [process_like(store, limit=4, span=0.6), process_like(store, limit=4, span=0.6)]
    sent = list[float]()
    for budget in budgets:
        await send(budget, sent)
    assert len(await processes_of(budgets[0])) == 2
    await state_of(budgets[0])  # it now knows that there are two
    store.take_away()
    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(send, budgets[0], sent)
    assert most_in(0.6, sent) <= 4
    assert most_in(0.6, sent[2:]) <= 2
    warnings = [record for record in caplog.records if "is away" in record.message]
    assert len(warnings) == 1
    assert warnings[0].message.endswith("until it is back, this process uses a share of 1/2")
    assert await processes_of(budgets[0]) == ()
    store.bring_back_empty()
    began = time.monotonic()
    await anyio.sleep(0.5)  # the store is asked again
    await send(budgets[0], sent)
    assert time.monotonic() - began > 0.9  # the others may not have reported their own yet
    await send(budgets[1], sent)
    assert most_in(0.6, sent) <= 4


async def test_429_during_an_outage_pauses_the_process(store: Store) -> None:
    budget = process_like(store, limit=9, span=0.3)
    await send(budget, [])
    store.take_away()
    await send(budget, [], status=429, headers={"retry-after": "1"})
    began = time.monotonic()
    await send(budget, [])
    assert time.monotonic() - began > 0.9


async def test_waiting_for_the_store_can_be_chosen(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    budget = process_like(store, on_outage="wait")
    await send(budget, [])
    store.take_away()
    with anyio.move_on_after(0.2) as scope:
        await send(budget, [])
    assert scope.cancelled_caught
    assert "until it is back, this process sends nothing" in caplog.text
    store.bring_back_empty()
    await send(budget, [])


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("sqlite://{folder}/file/budget.sqlite3", r"file/budget\.sqlite3 cannot be used: .*GRADIENT_RATE_BUDGET"),
        ("redis://:pass-word@127.0.0.1:1/0", r"redis://…@127\.0\.0\.1:1/0 cannot be used: .*GRADIENT_RATE_BUDGET"),
    ],
)
def test_store_that_was_never_reached_is_an_error_with_its_place(tmp_path: Path, url: str, text: str) -> None:
    (tmp_path / "file").write_text("no directory")
    budget = RateBudget.shared(url.format(folder=tmp_path))
    with (
        GradientAI(TOKEN, base_url="http://127.0.0.1:1", rate_budget=budget) as client,
        pytest.raises(RateBudgetStoreError, match=text) as caught,
    ):
        client.gpu_droplets.retrieve(1)
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "pass-word" not in str(caught.value)
    assert not any("pass-word" in str(frame.locals) for frame in shown.stack if frame.filename != __file__)


async def test_process_keeps_to_its_share_when_the_file_stays_locked(tmp_path: Path) -> None:
    """A process that was stopped within a transaction must not stop all others."""
    budget = process_like(STORES["sqlite"](tmp_path), limit=4, span=60.0)
    assert isinstance(budget, StoredRateBudget)
    await send(budget, [])
    other = SqliteStore(budget._path, budget._name, "other", boot_id())
    with other.transaction():
        with anyio.fail_after(30):
            await send(budget, [])
        assert budget.processes() == ()
    await anyio.sleep(0.3)
    assert budget.snapshot().windows[0].used == 2


async def test_refresh_fails_only_if_the_store_was_never_reached(store: Store) -> None:
    budget = process_like(store)
    store.take_away()
    with pytest.raises(RateBudgetStoreError, match="cannot be used: "):
        await budget.refresh()
    store.bring_back_empty()
    await budget.refresh()
    store.take_away()
    await budget.refresh()
    assert budget.snapshot().windows[0].used == 0
