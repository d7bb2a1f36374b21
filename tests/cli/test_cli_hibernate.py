"""hibernate and wake: Droplets go after a snapshot, and come back from it, each once."""

from __future__ import annotations

import json
import signal
import sys
from typing import TYPE_CHECKING, TypeAlias

import pytest

from command import FIRST, Command
from gradient_async.emulator import DropletSpec, Emulator, faults
from gradient_async.fleet import restore_twins

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.once

SIZE, BIG = "gpu-h100x1-80gb", "gpu-h100x8-640gb"


@pytest.fixture
def emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    request.getfixturevalue("typed")  # which empties the environment
    specs = [
        DropletSpec(name="a", tags=("t",)),
        DropletSpec(name="b", tags=("t",), size=BIG),
        DropletSpec(name="neighbour"),
    ]
    monkeypatch.setattr(restore_twins, "_LAG_SECONDS", 0.1)
    with Emulator(specs, limits=None, time_scale=600) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        yield emulator


def names(emulator: Emulator) -> list[str]:
    return sorted(droplet.name for droplet in emulator.account.droplets.values())


def test_droplets_come_back_from_the_journal_once(typed: Typed, emulator: Emulator) -> None:
    code, output, errors = typed("hibernate", "--tag", "t", "--journal", "night.journal", "--yes")
    assert code == 0, errors
    assert "destroyed" in output
    assert "hibernate of 2 Droplets: 2 destroyed; $27.31 an hour less" in errors
    assert "to bring them back: gpu-droplets wake night.journal\n" in errors
    assert names(emulator) == ["neighbour"]
    _, output, _ = typed("journal", "show", "night.journal")
    assert "run       hibernate; 2 can be made again\n" in output
    assert "gpu-droplets wake night.journal" in typed("resume", "night.journal")[2]
    _, output, _ = typed("wake", "night.journal", "--dry-run")
    assert "wake 2 Droplets (a, b); nothing is sent (--dry-run)" in output
    assert "  price      $27.31 an hour" in output
    code, output, errors = typed("wake", "night.journal", "--yes", "-o", "name")
    assert code == 0, errors
    assert sorted(output.split()) == ["a", "b"]
    assert "the snapshots stay, and are billed; to delete them: gpu-droplets snapshots delete " in errors
    assert "wake of 2 Droplets: 2 restored; $27.31 an hour" in errors
    assert typed("wake", "night.journal", "--yes")[0] == 0
    assert names(emulator) == ["a", "b", "neighbour"]


def test_droplets_come_back_from_the_result(typed: Typed, emulator: Emulator, tmp_path: Path) -> None:
    code, output, errors = typed("hibernate", "a", "--yes", "-o", "json")
    assert code == 0, errors
    (tmp_path / "a.json").write_text(output)
    (one,) = json.loads(output)["droplets"]
    again = f"gpu-droplets wake --snapshot {one['snapshot_id']} --size {SIZE}\n"
    assert f"to bring them back, without tags and volumes: {again}" in errors
    code, output, errors = typed("wake", "a.json", "--yes", "-o", "json")
    assert (code, json.loads(output)["counts"]["restored"]) == (0, 1), errors
    assert names(emulator) == ["a", "b", "neighbour"]


def test_droplet_comes_back_from_its_snapshot(typed: Typed, emulator: Emulator) -> None:
    _, output, _ = typed("hibernate", "a", "--yes", "-o", "json")
    (one,) = json.loads(output)["droplets"]
    code, output, _ = typed("wake", "--snapshot", one["snapshot_id"], "--yes")
    assert code == 1
    assert "its size is not known: pass --size" in output
    code, _, errors = typed("wake", "--snapshot", one["snapshot_id"], "--size", SIZE, "--yes")
    assert code == 0, errors
    assert names(emulator) == ["a", "b", "neighbour"]


@pytest.mark.usefixtures("emulator")
def test_missing_journal_is_hinted_at_before_anything_is_lost(typed: Typed) -> None:
    _, _, errors = typed("hibernate", "a", "b", "--yes")
    assert errors.startswith("hint: Without --journal FILE, wake knows neither tags, VPC nor volumes")
    assert f"--size {SIZE}\n" in errors
    assert f"--size {BIG}\n" in errors
    assert "hint: " not in typed("hibernate", "neighbour", "--journal", "j", "--yes")[2]


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_interrupted_run_says_how_to_go_back_and_on(command: Command) -> None:
    specs = [DropletSpec(name="a"), DropletSpec(name="b", size=BIG)]
    with Emulator(specs, limits=None, time_scale=60, durations={"snapshot": 6000.0}) as emulator:
        command.on(emulator)
        process = command.started("hibernate", "a", "b", "--journal", "j", "--yes")
        while not any(action.type == "snapshot" for action in emulator.account.actions.values()):
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    assert f"to hibernate the rest: gpu-droplets hibernate {FIRST} {FIRST + 1} --journal j\n".encode() in errors
    assert f"to switch on again what is kept: gpu-droplets power-on {FIRST} {FIRST + 1}\n".encode() in errors
    assert b"to bring them back" not in errors


def test_droplet_stays_when_its_snapshot_fails(typed: Typed, emulator: Emulator) -> None:
    emulator.faults.add(faults.ErroredAction(type="snapshot", rate=1.0))
    code, output, errors = typed("hibernate", "a", "--yes")
    assert code == 1
    assert f"{FIRST}  a     kept" in output
    assert "to bring them back" not in errors
    assert names(emulator) == ["a", "b", "neighbour"]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["hibernate"], "no Droplets are given"),
        (["hibernate", "a", "--tag", "t"], "Droplets and --tag are both given"),
        (["hibernate", "--tag", "t", "--confirm-count", 3, "--yes"], "--confirm-count: expected 3 Droplets, and there"),
        (["hibernate", FIRST, 7, 8, "--yes"], "no Droplet of this account has the ids 7, 8, or not any more"),
        (["hibernate", "a", "--journal", "no/folder"], "--journal: no/folder cannot be written"),
        (
            ["hibernate", "a"],
            f"hibernate 1 Droplet ({FIRST} a): each is destroyed after a snapshot of its disk; memory, scratch disk",
        ),
        (["wake"], "expected the journal of hibernate, or --snapshot"),
        (["wake", "j", "--snapshot", 1], "expected the journal of hibernate, or --snapshot"),
        (["wake", "none.journal", "--yes"], "none.journal: there is no such file"),
        (["wake", "--snapshot", "none", "--yes"], "none"),
        (["wake", "-"], "a journal cannot be read from standard input"),
    ],
    ids=str,
)
def test_nothing_is_sent_when_it_is_not_clear(
    typed: Typed, emulator: Emulator, words: list[object], expected: str
) -> None:
    code, output, errors = typed(*words)
    assert (code, output) == (2, ""), errors
    assert expected in errors
    assert not any(request.method in {"POST", "DELETE"} for request in emulator.requests)
