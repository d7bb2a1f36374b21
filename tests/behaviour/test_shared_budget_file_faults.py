"""The file of a shared rate budget fails in the middle of a transaction, or is replaced."""

from __future__ import annotations

import gc
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from shared_stores import send

from gradient_async import RateBudget
from gradient_async.budget import key_file, sqlite_store
from gradient_async.budget.key_file import FileKeyStore
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.budget.stored_budget import StoredRateBudget

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

pytestmark = pytest.mark.once

ACCOUNT = b"0123456789abcdef"


def budget_in(file: Path, *, limit: int = 4, span: float = 60.0) -> StoredRateBudget:
    """Return a budget as a process of its own has it."""
    budget = RateBudget.shared(f"sqlite://{file}", windows=((limit, span),)).bound_to(ACCOUNT)
    assert isinstance(budget, StoredRateBudget)
    return budget


def delete_all_in(folder: Path) -> None:
    """Delete the files of a folder."""
    for file in folder.iterdir():
        file.unlink()


@pytest.fixture
def full_disk() -> Iterator[Callable[[Path], None]]:
    """Return a function that lets no log of changes grow, as on a disk that is full."""
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    def fill(file: Path) -> None:
        log = file.with_name(f"{file.name}-wal")
        resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, before[1]))

    yield fill
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


async def test_full_disk_is_one_outage_with_one_share(
    tmp_path: Path, full_disk: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "budget.sqlite3"
    budgets = [budget_in(file, limit=12), budget_in(file, limit=12)]
    sent = list[float]()
    for budget in budgets:
        await send(budget, sent)
    budgets[0].snapshot()
    full_disk(file)
    with anyio.move_on_after(1.2):
        async with anyio.create_task_group() as group:
            for _ in range(12):
                group.start_soon(send, budgets[0], sent)
    assert len(sent) == 2 + 5
    assert sum("is away" in record.message for record in caplog.records) == 1


async def test_full_disk_is_named_by_the_store_of_keys(tmp_path: Path, full_disk: Callable[[Path], None]) -> None:
    file = tmp_path / "keys.sqlite3"
    store, other = FileKeyStore(file), FileKeyStore(file)
    await store.swap("a", None, "x", 60)
    await other.read("a")
    full_disk(file)
    with pytest.raises(StoreAwayError, match="disk") as caught:
        await store.swap("b", None, "y" * 10_000, 60)
    assert "rollback" not in str(caught.value)


@pytest.mark.parametrize("step", ["tidy", "hold", "wait_no_more"])
async def test_slot_that_the_collector_returns_is_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    budget = budget_in(tmp_path / "budget.sqlite3")
    abandoned = await budget.acquire()
    whole = getattr(sqlite_store.Transaction, step)

    def collecting(*args: object) -> object:
        monkeypatch.undo()
        budget.give_back(slot=abandoned)
        return whole(*args)

    monkeypatch.setattr(sqlite_store.Transaction, step, collecting)
    budget.give_back(slot=await budget.acquire())
    assert budget.snapshot().windows[0].used == 0


async def test_snapshot_survives_a_collection_inside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    budget = budget_in(tmp_path / "budget.sqlite3")
    abandoned = await budget.acquire()
    whole = sqlite_store.Transaction.tidy

    def collecting(transaction: sqlite_store.Transaction, now: float, longest: float) -> None:
        monkeypatch.undo()
        budget.release(200, {}, slot=abandoned)
        whole(transaction, now, longest)

    monkeypatch.setattr(sqlite_store.Transaction, "tidy", collecting)
    assert budget.snapshot().windows[0].used == 1
    await anyio.sleep(0.05)
    with closing(sqlite3.connect(tmp_path / "budget.sqlite3")) as file:
        assert file.execute(f"select count(*) from budget_{ACCOUNT.hex()[:16]}_pending").fetchone() == (0,)


async def test_slot_of_a_deleted_file_frees_no_other_slot(tmp_path: Path) -> None:
    file = tmp_path / "budget.sqlite3"
    budget, other = budget_in(file), budget_in(file)
    slot = await budget.acquire()
    delete_all_in(tmp_path)
    await other.acquire()
    budget.give_back(slot=slot)
    assert other.snapshot().windows[0].used == 1


async def test_collected_budget_closes_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = list[sqlite3.Connection]()

    def connected(*args: Any, **options: Any) -> sqlite3.Connection:
        opened.append(sqlite3.Connection(*args, **options))
        return opened[-1]

    monkeypatch.setattr(sqlite3, "connect", connected)
    budget = budget_in(tmp_path / "budget.sqlite3")
    budget.give_back(slot=await budget.acquire())
    assert budget.key_store is not None
    await budget.key_store.read("a")
    assert len(opened) == 2
    del budget
    gc.collect()
    for connection in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            connection.execute("select 1")


async def test_writes_of_keys_fail_together_when_the_file_is_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(key_file, "_BUSY_SECONDS", 0.4)
    store = FileKeyStore(tmp_path / "keys.sqlite3")
    await store.swap("a", None, "x", 60)
    failures = list[str]()

    async def write(number: int) -> None:
        with pytest.raises(StoreAwayError) as caught:
            await store.swap(f"{number}", None, "x", 60)
        failures.append(str(caught.value))

    with closing(sqlite3.connect(tmp_path / "keys.sqlite3", isolation_level=None)) as frozen:
        frozen.execute("begin immediate")
        began = time.monotonic()
        async with anyio.create_task_group() as group:
            for number in range(80):
                group.start_soon(write, number)
        assert time.monotonic() - began < 3 * 0.4 + 8.0  # one after the other would take 32 s
    assert failures == ["database is locked"] * 80
    assert (await store.swap("b", None, "x", 60)).is_done
