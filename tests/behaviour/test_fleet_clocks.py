"""P6 with two clocks: an interrupted run's journal is resumed where its stamps cannot be trusted."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import Reply, WireRequest, WireServer, action, created, listed, reply

from gradient_async.fleet import journal as journals
from gradient_async.fleet import journal_format, journal_text
from gradient_async.fleet import plan as plans
from gradient_async.fleet.journal_format import RunRecord
from gradient_async.http.request import Timestamp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from flavours import Flavour

DROPLET = 3164444
HOUR = 3600.0


@pytest.fixture
async def server() -> AsyncIterator[WireServer]:
    server = WireServer()
    await server.start()
    yield server
    await server.stop()


def interrupted(path: Path, *, sent_ago: float, ahead: float, torn: bool = False) -> Path:
    """Return the journal of a run on another boot with a fast clock, killed while its request was being sent."""
    run = RunRecord(
        plan=plans.plan_of("reboot", until_status=False).as_json(),
        wait=False,
        until="action",
        tag=None,
        droplets=(DROPLET,),
        began_at=datetime.fromtimestamp(time.time() - sent_ago - 1 + ahead, UTC),
    )
    sent = Timestamp(wall=time.time() - sent_ago + ahead, monotonic=12.5)
    line = journal_text.encode(journal_format.sending_line(DROPLET, 0, "reboot", sent, None))
    path.write_bytes(journal_text.encode(run.as_line()) + (line[:30] if torn else line))
    return path


def serve(server: WireServer, *actions: dict[str, Any]) -> None:
    def get(request: WireRequest) -> Reply:
        return listed(actions) if request.path.partition("?")[0].endswith("/actions") else reply(404, {})

    server.script("GET", *[get] * 40)
    server.script("POST", created(99))


def own(age: float, **changes: Any) -> dict[str, Any]:
    return action(7, age=age, **changes)


AGES = [0.0, 20.0, 3 * HOUR]
AHEAD = [20.0, 300.0, 9 * HOUR, -20.0, -9 * HOUR]


@pytest.mark.parametrize("ahead", AHEAD)
@pytest.mark.parametrize("age", AGES)
async def test_no_second_post_when_the_clock_was_wrong(
    flavour: Flavour, server: WireServer, tmp_path: Path, age: float, ahead: float
) -> None:
    serve(server, own(age))
    journal = interrupted(tmp_path / "j", sent_ago=age + 0.5, ahead=ahead)
    report = await flavour.call(flavour.client(server).fleet.resume, journal)
    assert server.sent("POST") == []
    assert [one.status for one in report.outcomes] == ["unknown"]
    error = report.outcomes[0].error
    assert type(error).__name__ == "ActionOutcomeUnknownError"


async def test_no_second_post_when_the_action_took_longer(flavour: Flavour, server: WireServer, tmp_path: Path) -> None:
    done = own(60, status="completed", completed_at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    serve(server, done)
    report = await flavour.call(
        flavour.client(server).fleet.resume, interrupted(tmp_path / "j", sent_ago=60.5, ahead=40)
    )
    assert server.sent("POST") == []
    assert [one.status for one in report.outcomes] == ["unknown"]


@pytest.mark.parametrize("torn", [False, True])
async def test_it_is_sent_when_the_list_shows_that_it_never_was(
    flavour: Flavour, server: WireServer, tmp_path: Path, torn: bool
) -> None:
    serve(server, own(30 * HOUR), own(60, type="snapshot"))
    journal = interrupted(tmp_path / "j", sent_ago=60, ahead=20, torn=torn)
    report = await flavour.call(flavour.client(server).fleet.resume, journal)
    assert len(server.sent("POST")) == 1
    assert [one.status for one in report.outcomes] == ["completed"]


async def test_unknown_when_the_sending_lies_in_the_future(
    flavour: Flavour, server: WireServer, tmp_path: Path
) -> None:
    serve(server)
    journal = interrupted(tmp_path / "j", sent_ago=5, ahead=20)
    report = await flavour.call(flavour.client(server).fleet.resume, journal)
    assert server.sent("POST") == []
    assert [one.status for one in report.outcomes] == ["unknown"]
    assert "future" in report.outcomes[0].reason


async def test_torn_journal_of_the_future_is_resumed(flavour: Flavour, server: WireServer, tmp_path: Path) -> None:
    serve(server)
    journal = interrupted(tmp_path / "j", sent_ago=5, ahead=9 * HOUR, torn=True)
    report = await flavour.call(flavour.client(server).fleet.resume, journal)
    assert len(server.sent("POST")) == 1
    assert [one.status for one in report.outcomes] == ["completed"]


async def test_one_warning_counts_all_unresolved_requests(
    flavour: Flavour, server: WireServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    droplets = range(DROPLET, DROPLET + 12)

    def get(request: WireRequest) -> Reply:
        droplet_id = int(request.target.split("/")[3])
        return listed([action(droplet_id, resource_id=droplet_id)])

    server.script("GET", *[get] * 100)
    run = RunRecord(
        plan=plans.plan_of("reboot", until_status=False).as_json(),
        wait=False,
        until="action",
        tag=None,
        droplets=droplets,
        began_at=datetime.now(UTC),
    )
    sent = [journal_format.sending_line(one, 0, "reboot", Timestamp.now(), journals.boot_id()) for one in droplets]
    (tmp_path / "j").write_bytes(b"".join(map(journal_text.encode, [run.as_line(), *sent])))
    await flavour.call(flavour.client(server).fleet.resume, tmp_path / "j")
    warnings = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert warnings == [
        f"{tmp_path / 'j'}: 12 requests were pending when the earlier run ended; each is looked up first"
    ]
