"""What each method of the fleet asks a run for, and how a finished run and its open streams are told apart."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from samples import NOON

from gradient_async.fleet import plan as plans
from gradient_async.fleet import runs
from gradient_async.fleet.finish import Finish, finish_of
from gradient_async.fleet.fleet import Fleet
from gradient_async.fleet.journal import open_journal
from gradient_async.fleet.journal_format import DropletRecord, Records, RunRecord
from gradient_async.fleet.limits import Limit
from gradient_async.fleet.open_streams import OpenStreams
from gradient_async.fleet.options import recorded_options, run_options
from gradient_async.fleet.outcome import Outcome

if TYPE_CHECKING:
    from pathlib import Path

    from gradient_async.fleet.run_spec import RunSpec

pytestmark = pytest.mark.once

SIZE = "gpu-h100x8-640gb"


class Specs:
    """Takes the specifications of runs in place of executing them."""

    def __init__(self) -> None:
        self.seen: list[RunSpec] = []

    def __call__(self, _: Any, __: Any, spec: RunSpec) -> Specs:
        self.seen.append(spec)
        return self

    async def run(self) -> None:
        """End at once."""

    async def execute(self, _: Any) -> None:
        """Likewise, without an outcome."""


@pytest.fixture
def specs(monkeypatch: pytest.MonkeyPatch) -> Specs:
    found = Specs()
    monkeypatch.setattr(runs, "Execution", found)
    return found


@pytest.fixture
def fleet() -> Fleet:
    nothing: Any = None
    return Fleet(nothing, nothing, OpenStreams())


@pytest.mark.parametrize(("until", "has_state"), [("status", True), ("action", False)])
@pytest.mark.parametrize("name", ["run", "stream", "reboot", "power_cycle"])
async def test_status_is_awaited_only_when_asked_for(
    name: str, until: Any, fleet: Fleet, specs: Specs, *, has_state: bool
) -> None:
    if name == "stream":
        async for _ in fleet.stream("reboot", [1], until=until):
            pass
    else:
        first = ["reboot"] if name == "run" else []
        await getattr(fleet, name)(*first, [1], until=until)
    (spec,) = specs.seen
    assert spec.plan.name == ("power_cycle" if name == "power_cycle" else "reboot")
    assert (spec.plan.steps[0].expected_state is not None, spec.options.until) == (has_state, until)


@pytest.mark.parametrize("size", [7, [1, 2]])
async def test_size_comes_before_the_droplets(size: Any, fleet: Fleet, specs: Specs) -> None:
    with pytest.raises(TypeError, match=r"^size: expected a str .*The size comes first: fleet\.resize\("):
        await fleet.resize(size, [1])
    assert specs.seen == []


@pytest.mark.parametrize(("tag", "droplets"), [(None, (1, 2)), ("train", None)])
async def test_resumed_run_is_of_the_recorded_droplets(
    tag: str | None, droplets: Any, fleet: Fleet, specs: Specs, tmp_path: Path
) -> None:
    record = RunRecord(
        plan=plans.resize_plan(SIZE, disk=False, grace=7.0).as_json(),
        wait=True,
        until="action",
        tag=tag,
        droplets=(1, 2),
        began_at=NOON,
        options={**recorded_options(run_options({"max_errors": 3})), "grace": 7.0},
    )
    path = tmp_path / "run.journal"
    open_journal(str(path), record, [False] * 4).close()
    await fleet.resume(path)
    (spec,) = specs.seen
    found: Any = spec.droplets
    assert (spec.tag, found and tuple(found)) == (tag, droplets)
    assert (spec.plan.grace, spec.options.journal) == (7.0, str(path))
    assert spec.options.max_errors == Limit(count=3)


# --- whether a run is finished ---


def records(ends: dict[int, datetime | None], *ids: int) -> Records:
    run = RunRecord(plan={}, wait=True, until="action", tag=None, droplets=ids, began_at=NOON)
    known = {
        number: DropletRecord(
            outcome=None if end is None else Outcome(droplet_id=number, status="completed", ended_at=end)
        )
        for number, end in ends.items()
    }
    return Records(run=run, droplets=known)


LATER = NOON + timedelta(seconds=5)


@pytest.mark.parametrize(
    ("known", "finish"),
    [
        (records({}), None),
        (records({}, 1), None),
        (records({1: None}, 1), None),
        (records({1: NOON}, 1), Finish(at=NOON, counts={"completed": 1})),
        (records({1: LATER, 2: NOON}, 1, 2), Finish(at=LATER, counts={"completed": 2})),
        (records({1: LATER}, 1, 2), None),
        (records({1: LATER, 2: None}, 1, 2), None),
    ],
)
def test_run_is_finished_when_each_droplet_has_its_outcome(known: Records, finish: Finish | None) -> None:
    assert finish_of(known) == finish


# --- open streams ---


class Stream:
    """A stream that knows how it was closed."""

    def __init__(self, *, is_of_this_loop: bool) -> None:
        self.is_of_this_loop = is_of_this_loop
        self.closed: list[bool] = []

    async def aclose(self, *, is_by_client: bool = False) -> None:
        self.closed.append(is_by_client)


async def test_closed_client_ends_the_streams_of_this_loop() -> None:
    streams = OpenStreams()
    mine, other = Stream(is_of_this_loop=True), Stream(is_of_this_loop=False)
    for one in (mine, other):
        streams.add(one)
    await streams.aclose()
    assert (mine.closed, other.closed) == ([True], [])
