"""A fleet run that is resumed from its journal alone."""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async import JournalDamagedError, JournalError
from gradient_async.emulator import DropletSpec, Emulator, faults
from gradient_async.fleet import journal as journals
from gradient_async.fleet import journal_format, journal_text
from gradient_async.fleet import plan as plans
from gradient_async.fleet.journal_format import RunRecord
from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour

pytestmark = pytest.mark.once

FIRST = 3164444
SIZE = "gpu-h100x8-640gb"


def ids(count: int) -> list[int]:
    return list(range(FIRST, FIRST + count))


def emulated(droplets: Any = 6, **options: Any) -> Emulator:
    return Emulator(droplets, **{"time_scale": 600.0, "limits": None, **options})


def acted(emulator: Emulator) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for action in emulator.account.actions.values():
        if action.by_request:
            found.setdefault(action.droplet_id, []).append(action.type)
    return found


def header(journal: Path) -> dict[str, Any]:
    return json.loads(journal.read_text().partition("\n")[0])  # type: ignore[no-any-return]


def change_header(journal: Path, change: Any) -> None:
    first, _, rest = journal.read_text().partition("\n")
    line = json.loads(first)
    del line["crc32"]
    change(line)
    text = json.dumps(line, separators=(",", ":")).encode()
    journal.write_bytes(text[:-1] + b',"crc32":"%08x"}\n' % zlib.crc32(text) + rest.encode())


async def stopped(flavour: Flavour, client: Any, journal: Path, **options: Any) -> None:
    """Return a run that stopped at its first failure."""
    options = {"max_errors": 0, "max_concurrency": 1, "poll_interval": 0.02, **options}
    report = await flavour.call(client.fleet.run, "reboot", journal=journal, **options)
    assert report.skipped


async def test_resume_finishes_what_was_stopped_and_does_nothing_twice(flavour: Flavour, tmp_path: Path) -> None:
    journal = tmp_path / "reboot.journal"
    async with emulated(faults=[faults.ErroredAction(times=1, skip=2)]) as emulator:
        client = flavour.client(emulator)
        await stopped(flavour, client, journal, droplets=ids(6))
        reported: list[int] = []
        report = await flavour.call(
            client.fleet.resume, str(journal), on_progress=lambda progress: reported.append(progress.latest.droplet_id)
        )
        assert report.counts == {"completed": 5, "started": 0, "failed": 1, "unknown": 0, "skipped": 0}
        assert acted(emulator) == {droplet_id: ["reboot"] for droplet_id in ids(6)}
        assert sorted(reported) == ids(6)


async def test_resume_keeps_the_options_that_the_run_began_with(flavour: Flavour, tmp_path: Path) -> None:
    journal = tmp_path / "reboot.journal"
    async with emulated(faults=[faults.ErroredAction(times=2)]) as emulator:
        client = flavour.client(emulator)
        await stopped(flavour, client, journal, droplets=ids(6), batch_size="50%", on_busy="fail", action_timeout=99)
        kept = header(journal)["options"]
        assert kept["batch_size"] == "50%"
        assert (kept["max_errors"], kept["on_busy"], kept["action_timeout"]) == (0, "fail", 99.0)
        # The second failure stops it again: max_errors=0 is still there.
        report = await flavour.call(client.fleet.resume, journal)
        assert report.counts == {"completed": 0, "started": 0, "failed": 2, "unknown": 0, "skipped": 4}
        assert max(outcome.batch for outcome in report.outcomes) == 2


async def test_resume_takes_other_options_in_place_of_the_first_ones(flavour: Flavour, tmp_path: Path) -> None:
    journal = tmp_path / "reboot.journal"
    async with emulated(faults=[faults.ErroredAction(times=2)]) as emulator:
        client = flavour.client(emulator)
        await stopped(flavour, client, journal, droplets=ids(6))
        report = await flavour.call(client.fleet.resume, journal, max_errors=None)
        assert report.counts == {"completed": 4, "started": 0, "failed": 2, "unknown": 0, "skipped": 0}


async def test_resume_acts_on_those_that_had_the_tag_at_first(flavour: Flavour, tmp_path: Path) -> None:
    journal = tmp_path / "reboot.journal"
    async with emulated([DropletSpec(tags=("t",))] * 3, faults=[faults.ErroredAction(times=1)]) as emulator:
        client = flavour.client(emulator)
        await stopped(flavour, client, journal, tag="t")
        emulator.account.add(DropletSpec(tags=("t",)))
        report = await flavour.call(client.fleet.resume, journal)
        assert sorted(outcome.droplet_id for outcome in report.outcomes) == ids(3)


@pytest.mark.parametrize(
    ("method", "arguments", "expected"),
    [
        ("run", {"action": "power_cycle", "until": "status"}, ["power_cycle"]),
        ("power_off", {"grace": 7.5}, ["shutdown"]),
        ("power_off", {"graceful": False}, ["power_off"]),
        ("snapshot", {"name": "{name}-{id}"}, ["snapshot"]),
        ("resize", {"size": SIZE, "disk": True, "grace": 9.0}, ["shutdown", "resize", "power_on"]),
    ],
)
async def test_resume_knows_what_each_method_does(
    flavour: Flavour, tmp_path: Path, method: str, arguments: dict[str, Any], expected: list[str]
) -> None:
    journal = tmp_path / "run.journal"
    async with emulated(2) as emulator:
        client = flavour.client(emulator)
        options = {"droplets": ids(2), "journal": journal, "poll_interval": 0.02}
        first = await flavour.call(getattr(client.fleet, method), **arguments, **options)
        # As after a kill before anything was sent: only what the run is of is left.
        journal.write_text(journal.read_text().partition("\n")[0] + "\n")
        emulator.account.actions  # noqa: B018 - settles what is due
        assert acted(emulator) == dict.fromkeys(ids(2), expected)
        assert first.counts["completed"] == 2
        before = header(journal)
        second = await flavour.call(client.fleet.resume, journal)
        assert second.action == ("power_cycle" if method == "run" else method)
        assert header(journal) == before
        if "grace" in arguments:
            assert before["options"]["grace"] == arguments["grace"]


async def test_resume_of_a_journal_from_before_options_were_kept(flavour: Flavour, tmp_path: Path) -> None:
    journal = tmp_path / "reboot.journal"
    async with emulated(faults=[faults.ErroredAction(times=1)]) as emulator:
        client = flavour.client(emulator)
        await stopped(flavour, client, journal, droplets=ids(6))
        change_header(journal, lambda line: line.pop("options"))
        report = await flavour.call(client.fleet.resume, journal)
        assert report.counts == {"completed": 5, "started": 0, "failed": 1, "unknown": 0, "skipped": 0}


async def test_resume_wants_the_health_check_again(flavour: Flavour, tmp_path: Path) -> None:
    journal = tmp_path / "reboot.journal"
    async with emulated(faults=[faults.ErroredAction(times=1)]) as emulator:
        client = flavour.client(emulator)
        await stopped(flavour, client, journal, droplets=ids(6), health_check=lambda _: True)
        with pytest.raises(TypeError, match="health_check: the run had one, which a journal cannot keep"):
            await flavour.call(client.fleet.resume, journal)
        assert len(acted(emulator)) == 1
        report = await flavour.call(client.fleet.resume, journal, health_check=None)
        assert len(report.completed) == 5


async def test_resume_refuses_what_it_cannot_continue(flavour: Flavour, tmp_path: Path) -> None:
    journal = tmp_path / "reboot.journal"
    async with emulated() as emulator:
        client = flavour.client(emulator)
        with pytest.raises(JournalError, match="there is no journal to resume"):
            await flavour.call(client.fleet.resume, journal)
        with pytest.raises(JournalError, match="expected a regular file for the journal, but this is a folder"):
            await flavour.call(client.fleet.resume, tmp_path)
        journal.write_text("milk, bread\n")
        with pytest.raises(JournalDamagedError):
            await flavour.call(client.fleet.resume, journal)
        journal.unlink()
        await flavour.call(client.fleet.run, "reboot", droplets=ids(1), journal=journal, poll_interval=0.02)
        with pytest.raises(TypeError, match=re.escape("wait, until: cannot be changed when a run is resumed")):
            await flavour.call(client.fleet.resume, journal, wait=False, until="status")
        change_header(journal, lambda line: line["plan"]["steps"].append({"type": "defragment"}))
        with pytest.raises(JournalError, match="this version executes in other steps"):
            await flavour.call(client.fleet.resume, journal)
        change_header(journal, lambda line: line["plan"].update(steps=[{"type": "defragment"}]))
        with pytest.raises(JournalError, match="this version does not know"):
            await flavour.call(client.fleet.resume, journal)
        assert acted(emulator) == {FIRST: ["reboot"]}


@pytest.mark.parametrize(("verb", "status"), [("power_off", "off"), ("power_on", "active")])
@pytest.mark.parametrize("is_executed", [False, True])
async def test_nothing_is_sent_when_an_unresolved_droplet_is_right(
    flavour: Flavour, tmp_path: Path, verb: str, status: str, is_executed: bool
) -> None:
    """The run was killed before its request left, or after, and the Droplet reached its state anyway."""
    journal = tmp_path / "run.journal"
    plan = plans.power_on_plan() if verb == "power_on" else plans.power_off_plan(graceful=False, grace=120.0)
    before = "active" if verb == "power_off" else "off"
    async with emulated([DropletSpec(status=before if is_executed else status)]) as emulator:
        run = RunRecord(
            plan=plan.as_json(), wait=True, until="action", tag=None, droplets=ids(1), began_at=datetime.now(UTC)
        )
        line = journal_format.sending_line(FIRST, 0, verb, Timestamp.now(), journals.boot_id())
        journal.write_bytes(journal_text.encode(run.as_line()) + journal_text.encode(line))
        if is_executed:
            emulator.account.start(FIRST, verb)
            await asyncio.sleep(0.1)
        report = await flavour.call(flavour.client(emulator).fleet.resume, journal)
        assert report.counts["completed"] == 1
        assert emulator.requests.on("POST *") == []
        action = report.outcomes[0].action
        assert (action is not None) is is_executed
        assert action is None or action.type == verb
