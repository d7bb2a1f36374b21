"""The Droplets of a creation run by its journal: which may exist, how their ids are found, and what is recorded."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from virtual_time import BEGIN, FakeSender, run

from gradient_async.errors import JournalError, JournalInUseError
from gradient_async.fleet import journal_targets
from gradient_async.fleet.create.records import Leftover
from gradient_async.fleet.journal_targets import (
    ids_of_run,
    ids_with_name,
    note_destroyed,
    note_destroying,
    opened_journal,
    targets_in,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

pytestmark = pytest.mark.once


def left(name: str, number: int | None, state: Any = "created") -> Leftover:
    return Leftover(name=name, droplet_id=number, state=state)


ALL = [left("a", 1), left("b", 2, "ready"), left("c", 3, "destroying"), left("d", None, "sent")]


@pytest.mark.parametrize(
    ("end", "is_lease", "with_delivered", "names"),
    [
        (None, False, False, "abcd"),
        ("over", False, False, "cd"),
        ("over", True, False, "abcd"),
        ("over", False, True, "abcd"),
        (None, True, True, "abcd"),
    ],
)
def test_delivered_droplets_are_kept_unless_asked_for(
    end: str | None, names: str, *, is_lease: bool, with_delivered: bool
) -> None:
    records: Any = SimpleNamespace(end=end, run=SimpleNamespace(is_lease=is_lease), leftovers=ALL)
    assert "".join(one.name for one in targets_in(records, with_delivered=with_delivered)) == names


class Log:
    """A creation journal in memory.

    Args:
        sent: Seconds since the last create of each name was sent; ``None`` for never.
        surplus: Ids of further Droplets.
    """

    def __init__(self, sent: dict[str, float | None] | None = None, surplus: Sequence[int] = ()) -> None:
        now = time.time()
        names = {
            name: SimpleNamespace(last_sent=None if age is None else SimpleNamespace(wall=now - age))
            for name, age in (sent or {}).items()
        }
        self.records = SimpleNamespace(names=names, surplus=set(surplus))
        self.lines: list[tuple[Any, ...]] = []

    def created(self, *line: Any) -> None:
        self.lines.append(("created", *line))

    def surplus(self, *line: Any) -> None:
        self.lines.append(("surplus", *line))

    def absent(self, *line: Any) -> None:
        self.lines.append(("absent", *line))

    def destroying(self, *line: Any) -> None:
        self.lines.append(("destroying", *line))

    def destroyed(self, *line: Any) -> None:
        self.lines.append(("destroyed", *line))


class Lists(FakeSender):
    """Lists of Droplets.

    Args:
        gpus: Returns name, id and time of the Droplets with GPUs that are listed.
        plain: Likewise without GPUs.
    """

    def __init__(
        self,
        gpus: Callable[[], Sequence[tuple[str, int, str]]],
        plain: Callable[[], Sequence[tuple[str, int, str]]] = lambda: (),
    ) -> None:
        super().__init__(self._listed, settle=30.0)
        self.gpus, self.plain = gpus, plain
        self.ended_at = 0.0

    def _listed(self, request: Any) -> Any:
        assert (request.query["page"], request.query["per_page"]) == ("1", "200")
        shown = self.gpus() if request.query.get("type") == "gpus" else self.plain()
        droplets = [
            {"id": number, "name": name, "status": "active", "created_at": f"2026-11-30T{at}:00Z"}
            for name, number, at in shown
        ]
        return {"droplets": droplets, "meta": {"total": len(droplets)}}


def test_ids_with_a_name_come_with_the_oldest_first() -> None:
    lists: Any = Lists(
        lambda: [("a", 9, "10:00"), ("b", 1, "09:00"), ("a", 7, "12:00")],
        lambda: [("a", 8, "10:00"), ("a", 9, "10:00")],
    )
    assert run(ids_with_name(lists, "a")) == [8, 9, 7]
    assert [one.query["name"] for one in lists.sent] == ["a", "a"]


def looked_up(lists: Lists, log: Log, *targets: Leftover) -> dict[int, str]:
    sender: Any = lists
    opened: Any = log

    async def work() -> dict[int, str]:
        found = await ids_of_run(sender, opened, targets)
        lists.ended_at = anyio.current_time() - BEGIN
        return found

    return run(work())


def test_known_ids_are_not_looked_up() -> None:
    lists, log = Lists(lambda: ()), Log()
    assert looked_up(lists, log, left("a", 1), left("b", 2)) == {1: "a", 2: "b"}
    assert (lists.sent, log.lines) == ([], [])


def test_id_of_a_name_is_looked_up_and_recorded() -> None:
    lists = Lists(lambda: [("d", 5, "10:00"), ("d", 6, "11:00"), ("d", 7, "12:00")])
    log = Log({"d": 1000.0})
    assert looked_up(lists, log, left("a", 1), left("d", None)) == {1: "a", 5: "d", 6: "d", 7: "d"}
    assert log.lines == [("created", "d", 5), ("surplus", "d", 6), ("surplus", "d", 7)]
    assert len(lists.sent) == 2


@pytest.mark.parametrize(
    ("ages", "seconds"),
    [
        ({"d": 10.0}, 20.0),
        ({"d": 1000.0}, 0.0),
        ({"d": None}, 0.0),
        ({"d": -1000.0}, 30.0),
        ({}, 0.0),
        ({"d": 1000.0, "e": 25.0}, 5.0),
    ],
)
def test_recent_create_is_looked_up_until_its_time_is_over(ages: dict[str, float | None], seconds: float) -> None:
    lists, log = Lists(lambda: ()), Log(ages)
    names = list(ages) or ["d"]
    assert looked_up(lists, log, *(left(name, None) for name in names)) == {}
    assert lists.times[-1] == pytest.approx(seconds, abs=0.5)
    assert log.lines == [("absent", names, "no list shows it")]


def test_droplet_that_shows_late_is_found() -> None:
    lists = Lists(lambda: [("d", 5, "10:00")] if len(lists.sent) > 8 else [])
    log = Log({"d": 0.0, "e": 0.0})
    assert looked_up(lists, log, left("d", None), left("e", None)) == {5: "d"}
    assert log.lines == [("created", "d", 5), ("absent", ["e"], "no list shows it")]
    asked = [one.query["name"] for one in lists.sent]
    assert asked[-2:] == ["e", "e"]


def test_look_up_ends_when_all_are_found() -> None:
    lists = Lists(lambda: [("d", 5, "10:00")])
    looked_up(lists, Log({"d": 0.0}), left("d", None))
    assert (lists.times, lists.ended_at) == ([0.0, 0.0], 0.0)


def test_each_droplet_is_recorded_as_destroyed() -> None:
    log = Log(surplus=[2])
    opened: Any = log
    names = {1: "a", 2: "a", 3: "b"}
    note_destroying(opened, names)
    report: Any = SimpleNamespace(destroyed=[SimpleNamespace(droplet_id=number) for number in (1, 2, 9)])
    note_destroyed(opened, names, report)
    why = "destroyed by its journal"
    assert log.lines == [
        ("destroying", "a", 1, why),
        ("destroying", "b", 3, why),
        ("destroyed", "a", 1, why),
        ("destroyed", "a", 2, why),
    ]


def test_journal_is_closed_behind_the_block(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[Any] = []
    records: Any = SimpleNamespace(run="run")
    log = SimpleNamespace(close=lambda: events.append("closed"))

    def opening(path: str, creation: Any, **options: Any) -> Any:
        events.append((path, creation, options))
        return log

    monkeypatch.setattr(journal_targets, "recorded_creation", lambda _: records)
    monkeypatch.setattr(journal_targets, "open_creation", opening)

    def fail() -> None:
        with opened_journal("j") as found:
            events.append(found)
            raise JournalInUseError("used", path="j")

    with pytest.raises(JournalInUseError):
        fail()
    assert events == [("j", "run", {"if_finished": "continue"}), log, "closed"]


def test_journal_must_exist(tmp_path: Path) -> None:
    path = str(tmp_path / "none")
    with pytest.raises(JournalError, match=r"there is no such journal\. Nothing was sent"), opened_journal(path):
        pass
