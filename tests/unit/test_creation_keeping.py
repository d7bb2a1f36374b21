"""How the Droplets of a creation run are watched and destroyed, and what is recorded of that."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import anyio
import pytest
from creation_stage import context, create, send

from gradient_async.errors import APIConnectionError
from gradient_async.fleet.create import keeping
from gradient_async.fleet.create.keeping import DestroyTarget, Keeper, destroy_all, destroy_at_once
from gradient_async.fleet.create.usability import NotPlacedError, NotUsableError
from gradient_async.fleet.destroy.outcomes import DestroyOutcome, DestroyProgress
from gradient_async.models.droplet import Droplet
from gradient_async.task_group import TaskGroup

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gradient_async.fleet.create.context import CreationContext
    from gradient_async.fleet.destroy.engine import DestroyOptions
    from gradient_async.fleet.destroy.removal import Removal

pytestmark = pytest.mark.once

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def api_error(message: str = "no route") -> APIConnectionError:
    return APIConnectionError(message, method="DELETE", path="/v2/droplets/11")


class Destroyed:
    """Destroys without requests: each Droplet is gone, but for those with a change in ``changes``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.options: list[DestroyOptions] = []
        self.ids: list[list[int]] = []
        self.counts: list[int] = []
        self.changes: dict[int, dict[str, Any]] = {}
        self.reasons: dict[int, str] = {}
        self.error: Exception | None = None
        self.hangs = False
        monkeypatch.setattr(keeping, "Destroyer", self.destroyer)

    def destroyer(self, _: object, options: DestroyOptions) -> Destroyed:
        self.options.append(options)
        return self

    async def run(self, removals: Sequence[Removal], count: int) -> None:
        self.ids.append([one.droplet_id for one in removals])
        self.counts.append(count)
        for one in removals:
            if one.droplet_id in self.changes:
                for name, value in self.changes[one.droplet_id].items():
                    setattr(one, name, value)
                continue
            one.is_accepted = True
            await self.report(one.droplet_id)
        if self.error is not None:
            raise self.error
        if self.hangs:
            await anyio.sleep(60)

    async def report(self, droplet_id: int) -> None:
        reason = self.reasons.get(droplet_id, "")
        outcome = DestroyOutcome(
            droplet_id=droplet_id, status="unknown" if reason else "destroyed", reason=reason, ended_at=NOON
        )
        progress = DestroyProgress(
            total=1, destroyed=0, not_found=0, kept=0, failed=0, unknown=0, elapsed=1.0, latest=outcome
        )
        note: Any = self.options[-1].on_progress
        await note(progress)


@pytest.fixture
def destroyed(monkeypatch: pytest.MonkeyPatch) -> Destroyed:
    return Destroyed(monkeypatch)


def notes(of: CreationContext) -> list[str]:
    return [event.text for event in of.events]


def states(of: CreationContext) -> list[tuple[str, str]]:
    return [(one.state, one.reason) for one in of.records.names.values()]


async def watched(of: CreationContext, name: str, droplet: Droplet | int) -> None:
    async with TaskGroup() as group:
        Keeper(of, group).watch(name, droplet)


def answering(monkeypatch: pytest.MonkeyPatch, answer: Callable[[Any], Droplet]) -> None:
    async def usable(_: CreationContext, droplet: Droplet | int) -> Droplet:
        return answer(droplet)

    monkeypatch.setattr(keeping, "usable", usable)


def raising(error: Exception) -> Callable[[Any], Droplet]:
    def raise_it(_: object) -> Droplet:
        raise error

    return raise_it


@pytest.mark.parametrize("is_known_by_id", [True, False])
async def test_usable_droplet_is_recorded_as_read_last(
    monkeypatch: pytest.MonkeyPatch, *, is_known_by_id: bool
) -> None:
    run = context()
    [name] = await send(run, 1)
    create(run, [name])
    first, last = run.droplets.pop(name), Droplet(id=11, name=name, status="active", vcpus=8)
    answering(monkeypatch, lambda _: last)
    async with TaskGroup() as group:
        Keeper(run, group).watch(name, 11 if is_known_by_id else first)
        assert run.droplets == ({} if is_known_by_id else {name: first})
    assert (states(run), run.droplets) == ([("ready", "")], {name: last})
    assert notes(run) == [f"{name} is usable: Droplet 11"]


async def test_droplet_that_is_ready_already_keeps_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    run = context()
    [name] = await send(run, 1)
    create(run, [name], ready=[name])
    run.records.names[name].ready_at = 5.0
    answering(monkeypatch, lambda _: Droplet(id=11, name=name, status="active"))
    await watched(run, name, 11)
    assert run.records.names[name].ready_at == 5.0


async def test_droplet_without_a_place_is_lost(monkeypatch: pytest.MonkeyPatch, destroyed: Destroyed) -> None:
    run = context()
    [name] = await send(run, 1)
    create(run, [name])
    answering(monkeypatch, raising(NotPlacedError("the API found no place for it")))
    await watched(run, name, run.droplets[name])
    assert states(run) == [("lost", "the API found no place for it")]
    assert notes(run) == [f"{name} is lost: the API found no place for it"]
    assert destroyed.ids == []


async def test_droplet_that_is_not_usable_is_destroyed(monkeypatch: pytest.MonkeyPatch, destroyed: Destroyed) -> None:
    run = context(poll_interval=7.0)
    [name] = await send(run, 1)
    create(run, [name])
    answering(monkeypatch, raising(NotUsableError("it is off")))
    await watched(run, name, 11)
    assert states(run) == [("destroyed", "it is off")]
    assert notes(run) == [f"{name} is destroyed: it is off", f"{name} is gone"]
    assert (destroyed.ids, destroyed.counts) == ([[11]], [1])
    [options] = destroyed.options
    assert (options.poll_interval, options.is_fresh, options.timeout) == (7.0, True, 600.0)


async def test_run_fails_when_a_probe_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    run, error = context(), ValueError("no such argument")
    [name] = await send(run, 1)
    create(run, [name])
    answering(monkeypatch, raising(error))
    await watched(run, name, 11)
    why = "Droplet 11 cannot be checked: ValueError('no such argument')"
    assert (run.hunt.stopped_by, run.hunt.error, run.hunt.has_failed, notes(run)) == (why, error, True, [why])
    assert states(run) == [("created", "")]


async def test_destroy_runs_in_the_background(destroyed: Destroyed) -> None:
    run = context()
    [name] = await send(run, 1)
    create(run, [name])
    async with TaskGroup() as group:
        Keeper(run, group).destroy(DestroyTarget(name, 11, "not needed"))
        assert destroyed.ids == []
    assert (destroyed.ids, states(run)) == ([[11]], [("destroyed", "not needed")])


async def test_nothing_is_destroyed_when_nothing_is_to_be(destroyed: Destroyed) -> None:
    run = context()
    await destroy_all(run, [])
    await destroy_at_once(run, [], anyio.current_time() + 5.0)
    assert (destroyed.options, notes(run)) == ([], [])


async def test_droplet_that_is_not_gone_is_named(destroyed: Destroyed) -> None:
    run = context()
    names = await send(run, 2)
    create(run, names)
    run.troubles = {11: "of an earlier try", 12: "of an earlier try"}
    destroyed.reasons = {12: "it still shows"}
    await destroy_all(run, [DestroyTarget(names[0], 11, "not needed"), DestroyTarget(names[1], 12, "not needed")])
    assert states(run) == [("destroyed", "not needed"), ("destroying", "not needed")]
    assert (run.troubles, run.accepted) == ({12: "it still shows"}, {11, 12})
    assert notes(run) == [f"{names[0]} is gone", f"{names[1]} is not known to be gone: it still shows"]


@pytest.mark.parametrize("error", [api_error(), ExceptionGroup("several", [ValueError("x")])])
async def test_error_of_the_destroyer_is_noted(destroyed: Destroyed, error: Exception) -> None:
    run = context()
    names = await send(run, 2)
    create(run, names)
    destroyed.reasons, destroyed.error = {12: "it still shows"}, error
    destroyed.changes = {11: {}}
    await destroy_all(run, [DestroyTarget(names[0], 11, ""), DestroyTarget(names[1], 12, "")])
    assert run.troubles == {11: str(error), 12: "it still shows"}
    assert notes(run)[-1] == f"Droplets could not be destroyed: {error}"
    assert run.accepted == {12}


@pytest.mark.usefixtures("destroyed")
async def test_foreign_droplet_with_a_runs_name_is_noted_as_gone() -> None:
    run = context()
    [name] = await send(run, 1)
    create(run, [name], ready=[name])
    run.log.surplus(name, 91)
    await destroy_all(run, [DestroyTarget(name, 91, "not needed")])
    assert (states(run), run.records.surplus[91].is_destroyed) == ([("ready", "")], True)


@pytest.mark.parametrize(("poll_interval", "expected"), [(None, 0.5), (0.1, 0.1), (10.0, 0.5)])
async def test_polls_are_quick_when_there_is_little_time(
    destroyed: Destroyed, poll_interval: float | None, expected: float
) -> None:
    run = context(poll_interval=poll_interval)
    [name] = await send(run, 1)
    create(run, [name])
    await destroy_at_once(run, [DestroyTarget(name, 11, "cancelled")], anyio.current_time() + 5.0)
    assert (destroyed.options[0].poll_interval, run.troubles) == (expected, {})
    assert notes(run) == [f"{name} is gone"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"is_accepted": True}, "the API accepted the request to destroy it; it is not yet confirmed to be gone"),
        ({"is_absent": True}, "the API does not know its id; it is not yet confirmed to be gone"),
        ({"failure": api_error("no scope")}, "the API did not accept the request to destroy it: no scope"),
        (
            {"failure": api_error("no scope"), "is_unresolved": True},
            "the request may have been executed; the time was over before that was known",
        ),
        ({"is_on_the_wire": True}, "the request may have been executed; the time was over before that was known"),
        ({}, "the time was over before its turn"),
    ],
)
async def test_reason_says_why_a_droplet_is_left_in_a_short_time(
    destroyed: Destroyed, changes: dict[str, Any], reason: str
) -> None:
    run = context()
    names = await send(run, 2)
    create(run, names)
    run.log.surplus(names[0], 91)
    run.log.surplus(names[0], 92)
    destroyed.changes, destroyed.hangs = {12: changes, 92: changes}, True
    destroyed.reasons = {91: "it still shows"}
    targets = [DestroyTarget(names[0], 11, "cancelled"), DestroyTarget(names[1], 12, "cancelled")]
    targets += [DestroyTarget(names[0], 91, "cancelled"), DestroyTarget(names[0], 92, "cancelled")]
    began = anyio.current_time()
    await destroy_at_once(run, targets, began + 0.05)
    assert anyio.current_time() - began < 5.0
    assert run.troubles == {12: reason, 91: "it still shows", 92: reason}
    assert states(run) == [("destroyed", "cancelled"), ("destroying", "cancelled")]
    assert notes(run) == [
        f"{names[0]} is gone",
        f"{names[0]} is not known to be gone: it still shows",
        f"{names[1]} is not known to be gone: {reason}",
        f"{names[0]} is not known to be gone: {reason}",
    ]
    assert run.accepted == ({11, 91, 12, 92} if changes.get("is_accepted") else {11, 91})
