"""The windows on a shared state decide as those in memory do."""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gradient_async.budget.sqlite_store import SqliteStore
from gradient_async.budget.store_errors import StoreBusyError
from gradient_async.budget.stored_windows import StoredWindows
from gradient_async.http.windows import Allowance, RateWindow, SlidingWindows

if TYPE_CHECKING:
    from pathlib import Path

WINDOWS = (RateWindow(4, 10.0), RateWindow(9, 40.0))

pytestmark = pytest.mark.once

_traces = itertools.count()

steps = st.one_of(
    st.tuples(st.just("start")),
    st.tuples(st.just("end")),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("pause"), st.floats(0.1, 20.0)),
    st.tuples(st.just("succeed")),
    st.tuples(st.just("learn"), st.sampled_from([4, 9, 12]), st.integers(0, 12), st.floats(-5.0, 50.0)),
    st.tuples(st.just("pass"), st.floats(0.0, 15.0)),
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(trace=st.lists(steps, max_size=40), reserve=st.sampled_from([0.0, 0.3]))
@example(trace=[("start",), ("end",), ("learn", 9, 2, 30.0)], reserve=0.0)  # others use the window too
def test_both_decide_alike(tmp_path: Path, trace: list[tuple[object, ...]], reserve: float) -> None:
    store = SqliteStore(tmp_path / "budget.db", f"trace_{next(_traces)}", "one", "boot")
    inside = SlidingWindows(WINDOWS, reserve)
    now, slots = 100.0, list[int]()
    for step in trace:
        with store.transaction() as transaction:
            stored = StoredWindows(WINDOWS, reserve, transaction)
            transaction.tidy(now, stored.longest)
            match step:
                case ("start",):
                    inside.start()
                    slots += transaction.hold(1, math.inf)
                case ("end",) if slots:
                    inside.end(now)
                    transaction.end(slots.pop(0), now, math.inf)
                case ("cancel",) if slots:
                    inside.cancel()
                    transaction.give_back(slots.pop(0), math.inf)
                case ("pause", float(seconds)):
                    inside.pause(now, seconds)
                    stored.pause(now, seconds)
                case ("succeed",):
                    inside.succeed(now)
                    stored.succeed(now)
                case ("learn", int(limit), int(remaining), float(reset)):
                    for windows in (inside, stored):
                        windows.learn(Allowance(limit=limit, remaining=min(limit, remaining), reset_in=reset), now)
                case ("pass", float(seconds)):
                    now += seconds
            stored.refresh()
            stored.save()
        with store.transaction() as transaction:
            stored = StoredWindows(WINDOWS, reserve, transaction)
            assert stored.free_at(now) == inside.free_at(now)
            assert stored.use(now) == inside.use(now)
            free = stored.free_now(now)
            assert free == 0 or inside.free_at(now, free - 1) <= now
            assert inside.free_at(now, free) > now
    store.close()


def test_limit_that_the_server_reported_is_kept(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "budget.db", "budget", "one", "boot")
    documented = (RateWindow(250, 60.0), RateWindow(5000, 3600.0))
    with store.transaction() as transaction:
        windows = StoredWindows(documented, 0.0, transaction)
        windows.learn(Allowance(limit=7000, remaining=6000, reset_in=60.0), 100.0)
        windows.save()
    with store.transaction() as transaction:
        assert [one.limit for one in StoredWindows(documented, 0.0, transaction).windows] == [250, 7000]
        assert StoredWindows(documented[:1], 0.0, transaction).windows == documented[:1], "they are other windows"
    store.close()


def test_one_request_is_free_as_soon_as_a_pause_ends(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "budget.db", "budget", "one", "boot")
    with store.transaction() as transaction:
        windows = StoredWindows(WINDOWS, 0.0, transaction)
        windows.pause(100.0, 5.0)
        assert [windows.free_now(now) for now in (104.9, 105.0, 106.0)] == [0, 1, 1]
        transaction.hold(1, 200.0)
        windows.refresh()
        assert windows.free_now(105.0) == 0
    store.close()


def test_requests_of_others_and_own_ones_leave_the_rest_free(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "budget.db", "budget", "one", "boot")
    with store.transaction() as transaction:
        windows = StoredWindows([RateWindow(9, 40.0)], 0.0, transaction)
        transaction.hold(1, 200.0)
        transaction.answer([99.0])
        windows.refresh()
        assert windows.free_now(100.0) == 7
        windows.learn(Allowance(limit=9, remaining=2, reset_in=30.0), 100.0)
        assert windows.free_now(100.0) == 2
        assert windows.free_now(130.0) == 7
    store.close()


def test_holder_that_never_answered_counts_from_its_deadline(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "budget.db", "budget", "one", "boot")
    with store.transaction() as transaction:
        transaction.hold(3, until=105.0)
    with store.transaction() as transaction:
        transaction.tidy(104.9, 40.0)
        assert (transaction.pending, transaction.answered_since(90.0)) == (3, 0)
        transaction.tidy(105.0, 40.0)
        assert (transaction.pending, transaction.answered_since(104.0)) == (0, 3)
        assert transaction.newest_answer(1) == 105.0
        transaction.end(1, at=130.0, deadline=105.0)
        transaction.give_back(2, deadline=105.0)
        assert (transaction.answered_since(104.0), transaction.answered_since(129.0)) == (2, 1)
    store.close()


def test_state_begins_anew_after_a_reboot(tmp_path: Path) -> None:
    before = SqliteStore(tmp_path / "budget.db", "budget", "one", "boot-1")
    with before.transaction() as transaction:
        transaction.answer([1e9])
        epoch = transaction.value("epoch")
    before.close()
    after = SqliteStore(tmp_path / "budget.db", "budget", "two", "boot-2")
    with after.transaction() as transaction:
        assert transaction.answered_since(0.0) == 0
        assert transaction.value("epoch") != epoch
    after.close()


def test_lock_of_another_process_is_no_outage(tmp_path: Path) -> None:
    first = SqliteStore(tmp_path / "budget.db", "budget", "one", "boot")
    second = SqliteStore(tmp_path / "budget.db", "budget", "two", "boot")
    with second.transaction():
        pass
    with first.transaction(), pytest.raises(StoreBusyError), second.transaction():
        pass
    with second.transaction() as transaction:
        assert transaction.pending == 0
    first.close()
    second.close()


def test_block_that_raises_changes_nothing(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "budget.db", "budget", "one", "boot")

    def fail_inside() -> None:
        with store.transaction() as transaction:
            transaction.hold(1, 1e9)
            raise LookupError

    with pytest.raises(LookupError):
        fail_inside()
    with store.transaction() as transaction:
        assert transaction.pending == 0
    store.close()


def test_file_is_the_users_own(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "budget.db"
    store = SqliteStore(path, "budget", "one", "boot")
    with store.transaction():
        pass
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    store.close()
