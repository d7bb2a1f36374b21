"""Journals that earlier versions have written are read, resumed, and written in the same format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from fleet_account import FIRST, acted, ids

from gradient_async.emulator import DropletSpec, Emulator
from gradient_async.fleet import journal_format, journal_text
from gradient_async.fleet.journal import journal_view

if TYPE_CHECKING:
    from flavours import Flavour

# Written by the version before the engine: a resize of six Droplets, killed half-way. The first is completed, the
# second is off, the third has its shutdown in progress, the fourth's request may have been sent, the fifth's was
# refused, and the sixth was not begun.
VERSION_1 = Path(__file__).parent / "journals" / "resize-version-1.journal"
SIZE = "gpu-h100x8-640gb"
UNDER_WAY = 900000121


def with_action(content: bytes, action_id: int) -> bytes:
    """Return the journal of an account in which the action in progress has this id."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in content.splitlines()]
    for line in lines:
        del line["crc32"]
        if line.get("action") == UNDER_WAY:
            line["action"] = action_id
    return b"".join(map(journal_text.encode, lines))


@pytest.mark.once
def test_format_is_as_it_was() -> None:
    content = VERSION_1.read_bytes()
    assert with_action(content, UNDER_WAY) == content
    text = journal_text.decode(content)
    records = journal_format.replay(text.lines, None)
    assert journal_text.encode(records.run.as_line()) == content.splitlines(keepends=True)[0]
    states = [(one.state, one.step_type, one.action_id) for one in journal_view(str(VERSION_1)).droplets]
    assert states == [
        ("ended", "power_on", 900000103),
        ("between steps", "power_off", 900000111),
        ("started", "shutdown", UNDER_WAY),
        ("sent", "shutdown", None),
        ("refused", None, None),
        ("not begun", None, None),
    ]


async def test_run_of_an_earlier_version_is_resumed(flavour: Flavour, tmp_path: Path) -> None:
    journal = tmp_path / "resize.journal"
    specs = [DropletSpec(size=SIZE), DropletSpec(status="off"), *[DropletSpec()] * 4]
    async with Emulator(specs, time_scale=600, limits=None) as emulator:
        under_way = emulator.account.start(FIRST + 2, "shutdown")
        journal.write_bytes(with_action(VERSION_1.read_bytes(), under_way.id))
        client = flavour.client(emulator)
        report = await flavour.call(client.fleet.resume, str(journal))
        assert report.counts["completed"] == 6, report
        whole = ["shutdown", "resize", "power_on"]
        assert acted(emulator) == {
            FIRST + 1: ["resize", "power_on"],
            FIRST + 2: ["resize", "power_on"],
            **dict.fromkeys(ids(6)[3:], whole),
        }
        assert {droplet.size.slug for droplet in emulator.account.droplets.values()} == {SIZE}
        again = await flavour.call(client.fleet.resume, str(journal), if_finished="report")
        assert all(outcome.is_resumed for outcome in again.outcomes)
