"""Fleet methods called in the ways that people type them, in both flavours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async.emulator import Emulator
from gradient_async.waiting import poller

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour

FIRST = 3164444


@pytest.fixture(autouse=True)
def _quick_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(poller, "_FIRST_INTERVAL_SECONDS", 0.02)


def account() -> Emulator:
    return Emulator(3, time_scale=200.0, limits=None)


def acted(emulator: Emulator) -> dict[int, str]:
    """Return the type of each Droplet's last action, for those that had one."""
    found = {droplet_id: emulator.account.actions_of(droplet_id)[0].type for droplet_id in emulator.account.droplets}
    return {droplet_id: action_type for droplet_id, action_type in found.items() if action_type != "create"}


@pytest.mark.parametrize("kind", ["one id", "one Droplet", "ids", "Droplets"])
async def test_droplets_are_rebooted_when_they_have_no_name(flavour: Flavour, kind: str) -> None:
    async with account() as emulator:
        client = flavour.client(emulator)
        read = await flavour.call(client.gpu_droplets.retrieve, FIRST)
        given: dict[str, Any] = {
            "one id": FIRST,
            "one Droplet": read.droplet,
            "ids": [FIRST, FIRST + 1],
            "Droplets": [read.droplet],
        }
        report = await flavour.call(client.fleet.reboot, given[kind])
        assert len(report.completed) == len(report.outcomes) == (2 if kind == "ids" else 1)
        assert acted(emulator) == dict.fromkeys((one.droplet_id for one in report.outcomes), "reboot")


async def test_droplets_come_after_the_action_when_they_have_no_name(flavour: Flavour) -> None:
    async with account() as emulator:
        client = flavour.client(emulator)
        await flavour.call(client.fleet.run, "power_cycle", [FIRST])
        await flavour.items(client.fleet.stream("reboot", FIRST + 1))
        await flavour.call(client.fleet.snapshot, "nightly", [FIRST + 2])
        assert acted(emulator) == {FIRST: "power_cycle", FIRST + 1: "reboot", FIRST + 2: "snapshot"}


@pytest.mark.parametrize(
    ("values", "named", "text"),
    [
        ([], {"tags": "training"}, 'tags: unknown option. For a tag pass tag="training".'),
        ([], {"ids": [FIRST]}, "ids: unknown option. For Droplets pass droplets=["),
        (["training"], {}, "droplets: expected Droplets or their ids, got str 'training'. For a tag pass tag=\"tra"),
        ([[str(FIRST)]], {}, f"An id is an int: pass {FIRST}, without quotes"),
        ([FIRST, FIRST + 1], {}, "Pass several Droplets in a list"),
    ],
)
async def test_nothing_is_sent_when_a_call_is_wrong(
    flavour: Flavour, values: list[Any], named: dict[str, Any], text: str
) -> None:
    async with account() as emulator:
        client = flavour.client(emulator)
        with pytest.raises(TypeError, match=re.escape(text)):
            await flavour.call(client.fleet.reboot, *values, **named)
        with pytest.raises(TypeError, match=re.escape("Pass its .droplets")):
            await flavour.call(client.fleet.reboot, await flavour.call(client.gpu_droplets.list))
        assert not acted(emulator)


async def test_order_of_values_is_explained_when_droplets_come_first(flavour: Flavour) -> None:
    fleet = flavour.client(access_token="token").fleet
    first = {
        fleet.run: ([FIRST], "reboot"),
        fleet.snapshot: ([FIRST],),
        fleet.resize: ([FIRST], "gpu-h100x8-640gb"),
    }
    for method, values in first.items():
        with pytest.raises(TypeError, match=r" comes first: fleet\.\w+\('[^']+', \[3164444\]\)$"):
            await flavour.call(method, *values)


async def test_options_of_a_dict_hold_when_they_are_passed_on(flavour: Flavour, tmp_path: Path) -> None:
    journal = tmp_path / "reboot.journal"
    async with account() as emulator:
        client = flavour.client(emulator)
        seen: list[int] = []
        options: dict[str, Any] = {
            "health_check": lambda droplet: bool(seen.append(droplet.id)) or True,
            "journal": str(journal),
        }
        await flavour.call(client.fleet.reboot, FIRST, **options)
        assert seen == [FIRST]
        with pytest.raises(TypeError, match="health_check: the run had one"):
            await flavour.call(client.fleet.resume, journal, health_check="unchanged")
