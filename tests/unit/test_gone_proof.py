"""The proof that Droplets are gone: which reads are sent, when, and what they show."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from virtual_time import BEGIN, FakeSender, run

from gradient_async import InternalServerError, NotFoundError
from gradient_async.fleet.destroy.proof import GoneProof
from gradient_async.fleet.destroy.removal import Sight
from gradient_async.http.request import Priority

if TYPE_CHECKING:
    from collections.abc import Collection

DOWN = InternalServerError("down", method="GET", path="/v2/droplets", status=500)
MISSING = NotFoundError("missing", method="GET", path="/v2/droplets/7", status=404)


def item(number: int) -> dict[str, Any]:
    return {"id": number, "name": f"train-{number}", "status": "active"}


def sender_of(
    known: Collection[int] = (), listed: Collection[int] = (), *, fails: Collection[object] = (), total: bool = True
) -> FakeSender:
    """Answer reads: ``known`` ids exist, and the list of GPU Droplets has those in ``listed``.

    Reads of the ids in ``fails`` fail, and those of lists if it has ``"list"``.
    """

    def answer(request: Any) -> Any:
        name = request.endpoint.name.rpartition(".")[2]
        if name == "list":
            if "list" in fails:
                return DOWN
            shown = [item(one) for one in listed] if "type" in request.query else []
            page, length = int(request.query["page"]), int(request.query["per_page"])
            meta = {"total": len(shown)} if total else {}
            return {"droplets": shown[(page - 1) * length : page * length], "meta": meta}
        number = int(request.path.rpartition("/")[2])
        if number in fails:
            return DOWN
        return {"droplet": item(number)} if number in known else MISSING

    return FakeSender(answer)


def sights(one: FakeSender, *numbers: int, since: float = BEGIN) -> list[Sight]:
    """Return what one round of reads shows of Droplets."""

    async def work() -> list[Sight]:
        proof = GoneProof(one, 0.5)  # type: ignore[arg-type]  # a fake
        serving = asyncio.create_task(proof.serve())
        found = await asyncio.gather(*(proof.check(number, since) for number in numbers))
        serving.cancel()
        return found

    return run(work())


def rounds(count: int, *, poll_interval: float | None = None, budget: Any = None, waits: int = 1) -> list[float]:
    """Return when the rounds are that read Droplets whose request was accepted at the beginning."""
    one = sender_of(known=range(1, 10), listed=range(1, 10))
    one.budget = budget

    async def work() -> None:
        proof = GoneProof(one, poll_interval)  # type: ignore[arg-type]  # a fake
        serving = asyncio.create_task(proof.serve())
        for _ in range(count):
            await asyncio.gather(*(proof.check(number, BEGIN) for number in range(1, waits + 1)))
        serving.cancel()

    run(work())
    return sorted(set(one.times))


@pytest.mark.parametrize(
    ("known", "listed", "fails", "sight"),
    [
        ((7,), (), (), Sight.SHOWN),
        ((), (7,), (), Sight.SHOWN),
        ((), (8,), (), Sight.GONE),
        ((), (), ("list",), Sight.UNCLEAR),
        ((7,), (), ("list",), Sight.SHOWN),
        ((), (), (7,), Sight.UNCLEAR),
    ],
)
@pytest.mark.parametrize("others", [(), (1, 2, 3)])
def test_gone_only_if_its_id_and_the_lists_say_so(
    known: tuple[int, ...], listed: tuple[int, ...], fails: tuple[object, ...], sight: Sight, others: tuple[int, ...]
) -> None:
    one = sender_of((*known, *others), listed, fails=fails)
    assert sights(one, 7, *others) == [sight, *[Sight.SHOWN] * len(others)]


def test_few_are_read_by_their_ids_before_any_list() -> None:
    one = sender_of(known=(7, 8))
    assert sights(one, 7, 8) == [Sight.SHOWN, Sight.SHOWN]
    assert one.names == ["retrieve", "retrieve"]
    one = sender_of(known=(7,))
    assert sights(one, 7, 8) == [Sight.SHOWN, Sight.GONE]
    assert one.names == ["retrieve", "retrieve", "list", "list"]


def test_many_are_read_by_lists_and_only_the_missing_by_id() -> None:
    one = sender_of(known=(7, 8, 9), listed=(7, 8))
    assert sights(one, 7, 8, 9) == [Sight.SHOWN] * 3
    assert one.names == ["list", "list", "retrieve"]
    assert [dict(request.query) for request in one.sent[:2]] == [
        {"type": "gpus", "page": "1", "per_page": "200"},
        {"page": "1", "per_page": "200"},
    ]
    assert {request.priority for request in one.sent} == {Priority.POLL}


def test_many_are_read_by_id_when_no_list_can_be_read() -> None:
    one = sender_of(known=(7,), fails=("list",))
    assert sights(one, 7, 8, 9) == [Sight.SHOWN, Sight.UNCLEAR, Sight.UNCLEAR]
    assert one.names == ["list", "retrieve", "retrieve", "retrieve"]


@pytest.mark.parametrize(
    ("count", "total", "pages"),
    [
        (0, True, [1]),
        (200, True, [1]),
        (201, True, [1, 2]),
        (401, True, [1, 2, 3]),
        (199, False, [1]),
        (200, False, [1, 2]),
        (401, False, [1, 2, 3]),
    ],
)
def test_all_pages_are_read_and_no_more(count: int, total: bool, pages: list[int]) -> None:
    # The Droplet that is looked for is the last one of the list.
    one = sender_of(listed=range(1, count + 1), total=total)
    assert sights(one, max(count, 7)) == [Sight.SHOWN if count else Sight.GONE]
    assert [int(request.query["page"]) for request in one.sent if "type" in request.query] == pages


def test_rounds_are_further_apart_the_longer_it_takes() -> None:
    assert rounds(8) == pytest.approx([1, 2, 3, 4, 5, 6.25, 7.8125, 9.765625])
    late = rounds(25)
    assert late[-1] - late[-2] == 10.0
    assert rounds(4, poll_interval=0.25) == pytest.approx([0.25, 0.5, 0.75, 1.0])
    assert rounds(3, poll_interval=20.0) == [20.0, 40.0, 60.0]


def test_youngest_request_decides_when_the_reads_come() -> None:
    one = sender_of(known=(7, 8))

    async def work() -> None:
        proof = GoneProof(one, None)  # type: ignore[arg-type]  # a fake
        await anyio.sleep(100.0)
        asks = [asyncio.create_task(proof.check(7, BEGIN)), asyncio.create_task(proof.check(8, BEGIN + 92.0))]
        await asyncio.sleep(0)
        serving = asyncio.create_task(proof.serve())
        await asyncio.gather(*asks)
        serving.cancel()

    run(work())
    assert set(one.times) == {102.0}


@pytest.mark.parametrize(("waits", "gap"), [(1, 2.0), (2, 4.0), (3, 4.0), (9, 4.0)])
def test_rounds_leave_room_in_a_scarce_budget(waits: int, gap: float) -> None:
    # While other requests wait, polls get 3 % of a window: here 30 requests in 60 seconds.
    use = SimpleNamespace(limit=1000, left=0, seconds=60.0)
    budget = SimpleNamespace(snapshot=lambda: SimpleNamespace(windows=(use,), waiting=5))
    assert rounds(1, budget=budget, waits=waits) == pytest.approx([gap])


def test_gap_is_the_longer_one_of_age_and_budget() -> None:
    use = SimpleNamespace(limit=1000, left=1000, seconds=60.0)
    budget = SimpleNamespace(snapshot=lambda: SimpleNamespace(windows=(use,), waiting=0))
    assert rounds(2, budget=budget) == [1.0, 2.0]


def test_one_read_serves_all_who_ask_for_a_droplet() -> None:
    one = sender_of(known=(7,))
    assert sights(one, 7, 7, 7) == [Sight.SHOWN] * 3
    assert one.names == ["retrieve"]


def test_nothing_is_read_while_nothing_is_asked() -> None:
    one = sender_of(known=(7,))

    async def work() -> None:
        proof = GoneProof(one, 1.0)  # type: ignore[arg-type]  # a fake
        serving = asyncio.create_task(proof.serve())
        await proof.check(7, BEGIN)
        await anyio.sleep(50.0)
        await proof.check(7, anyio.current_time())
        serving.cancel()

    run(work())
    assert one.times == [1.0, 52.0]


def test_fault_of_foreign_code_is_logged_and_read_again(caplog: pytest.LogCaptureFixture) -> None:
    faults: list[Exception] = [ZeroDivisionError("foreign")]
    one = FakeSender(lambda _: faults.pop() if faults else {"droplet": item(7)})

    async def work() -> list[Sight]:
        proof = GoneProof(one, 1.0)  # type: ignore[arg-type]  # a fake
        serving = asyncio.create_task(proof.serve())
        found = [await proof.check(7, BEGIN) for _ in range(2)]
        serving.cancel()
        return found

    with caplog.at_level(logging.WARNING, "gradient_async"):
        assert run(work()) == [Sight.UNCLEAR, Sight.SHOWN]
    (text,) = caplog.messages
    assert "could not be read" in text
    assert "They are read again" in text
