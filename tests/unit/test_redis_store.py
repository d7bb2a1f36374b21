"""What is asked of the script on a server, and how its answer is read."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from gradient_async import ProcessUse, WindowUse
from gradient_async.budget.redis_store import EndedRequest, OwnState, RedisStore, StoreAnswer, Wish
from gradient_async.budget.store_errors import StoreAwayError
from gradient_async.http.windows import Allowance, RateWindow

pytestmark = pytest.mark.once

FACTS: dict[str, Any] = {
    "epoch": "e",
    "got": 2,
    "sleep": 1_500_000,
    "processes": 3,
    "promised": 4,
    "free": 4,
    "windows": [[8, 3], [50, 60]],
    "paused_for": 250_000,
    "clock": 5_000_500_000,
}


async def asked(answer: object, **question: Any) -> tuple[dict[str, Any], StoreAnswer]:
    """Return what the server was asked, and its answer."""
    texts: list[str] = []

    async def run(_: object, keys: list[str], arguments: list[str]) -> object:
        assert keys[0] == "budget:answered"
        texts.append(arguments[0])
        return json.dumps(answer) if not isinstance(answer, str) else answer

    connection: Any = SimpleNamespace(run=run)
    windows = (RateWindow(8, 60.0), RateWindow(50, 600.0))
    store = RedisStore(connection=connection, name="budget", process="one", windows=windows, reserve=0.25)
    found = await store.ask(now=100.0, call=7, epoch="e", **question)
    return json.loads(texts[0]), found


async def test_question_has_only_what_there_is_to_say() -> None:
    question, _ = await asked(FACTS)
    assert question == {
        "process": "one",
        "call": 7,
        "epoch": "e",
        "windows": [[8, 60_000_000], [50, 600_000_000]],
        "share": 0.75,
    }


async def test_times_in_a_question_are_microseconds_from_now() -> None:
    ended = [
        EndedRequest(slot=1, at=98.5, is_answered=False, pause=None, allowance=None),
        EndedRequest(slot=2, at=99.0, is_answered=True, pause=2.0, allowance=Allowance(8, 1, 30.0)),
    ]
    question, _ = await asked(
        FACTS,
        ended=ended,
        returned=(5,),
        own=OwnState(holds=((3, 160.0),), answered=(99.5, 99.75)),
        wish=Wish(priority=1, wanted=2, lease=61.0, first=9),
        leaves=True,
        wants_uses=True,
    )
    assert question["ended"] == [
        {"slot": 1, "age": 1_500_000},
        {
            "slot": 2,
            "age": 1_000_000,
            "pause": 2_000_000,
            "answered": True,
            "news": {"limit": 8, "remaining": 1, "reset": 30_000_000},
        },
    ]
    assert (question["returned"], question["holds"]) == ([5], [[3, 60_000_000]])
    assert question["history"] == [500_000, 250_000]
    assert question["take"] == {"priority": 1, "wanted": 2, "lease": 61_000_000, "first": 9}
    assert (question["leaves"], question["uses"]) == (True, True)
    question, _ = await asked(FACTS, own=OwnState(holds=(), answered=None))
    assert question["holds"] == []
    assert "history" not in question


@pytest.mark.parametrize(("more", "next_in"), [({}, None), ({"next_in": 500_000}, 0.5)])
async def test_answer_is_read_in_seconds(more: dict[str, Any], next_in: float | None) -> None:
    uses = [
        {"process": "two", "used": [1, 3], "pending": 1, "waiting": 2},
        {"process": "one", "used": [1, 3], "pending": 0, "waiting": 0, "seen_ago": 250_000},
        {"process": "zero", "used": [2, 2], "pending": 0, "waiting": 0, "seen_ago": 0},
    ]
    _, found = await asked({**FACTS, **more, "uses": uses})
    assert found == StoreAnswer(
        epoch="e",
        got=2,
        sleep=1.5,
        processes=3,
        promised=4,
        free=4,
        windows=(
            WindowUse(limit=8, seconds=60.0, used=3, left=5),
            WindowUse(limit=50, seconds=600.0, used=60, left=0),
        ),
        next_in=next_in,
        paused_for=0.25,
        clock=5000.5,
        uses=(
            ProcessUse(process="zero", used=(2, 2), pending=0, waiting=0, seen_ago=0.0, is_this=False),
            ProcessUse(process="one", used=(1, 3), pending=0, waiting=0, seen_ago=0.25, is_this=True),
            ProcessUse(process="two", used=(1, 3), pending=1, waiting=2, seen_ago=None, is_this=False),
        ),
    )


async def test_new_state_and_late_calls_are_told() -> None:
    _, found = await asked({"is_anew": True, "epoch": "f"})
    assert found == StoreAnswer(epoch="f", is_anew=True)
    with pytest.raises(StoreAwayError, match="a later call of this process"):
        await asked({"is_late": True})


@pytest.mark.parametrize("answer", ["no json", "[]", "{}", '{"epoch": "e"}', {**FACTS, "windows": [[8, 3]]}])
async def test_answer_that_cannot_be_read_is_an_outage(answer: object) -> None:
    with pytest.raises(StoreAwayError, match="its answer cannot be read"):
        await asked(answer)
