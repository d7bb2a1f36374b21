"""ssh: it finds the Droplet, and starts the user's own ssh with nothing but its address."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, TypeAlias

import pytest

from command import FIRST
from gradient_async import Droplet
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.ssh_verb import ssh_line
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from command import Command

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = [pytest.mark.once, pytest.mark.skipif(sys.platform == "win32", reason="a program as a shell script")]

ADDRESS = "198.18.73.28"


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program named ssh, first on the path, that writes down how it was started."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "ssh"
    program.write_text(
        '#!/bin/sh\nfor word; do echo "$word"; done > "$HOME/words"\nenv > "$HOME/environment"\nexit 7\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def words_in(folder: Path) -> list[str]:
    return (folder / "words").read_text().splitlines()


def test_ssh_has_the_address_and_gives_its_status(ssh: Path, command: Command) -> None:
    with Emulator([DropletSpec(name="trainer-01")], limits=None) as emulator:
        command.on(emulator)
        ended = command.in_own_process(
            "ssh", "Trainer-01", "--user", "ubuntu", "--", "-p", 2222, "-", "a b", PATH=os.environ["PATH"]
        )
    assert (ended.returncode, ended.stdout, ended.stderr) == (7, "", "")
    assert words_in(ssh) == [f"ubuntu@{ADDRESS}", "-p", "2222", "-", "a b"]
    assert emulator.token not in (ssh / "environment").read_text()


def test_ssh_runs_as_a_child_when_the_account_is_emulated(ssh: Path, typed: Typed) -> None:
    assert typed("ssh", FIRST, "nvidia-smi", "--emulated", 1) == (7, "", "")
    assert words_in(ssh) == [f"root@{ADDRESS}", "nvidia-smi"]


def test_ssh_is_started_after_the_droplet_answers(ssh: Path, typed: Typed) -> None:
    if sys.platform == "darwin":
        pytest.skip("no loopback addresses beside 127.0.0.1")
    assert typed("ssh", FIRST, "--wait", "10m", "--emulated", 1) == (7, "", "")
    (target,) = words_in(ssh)
    assert target.startswith("root@127.")


def test_port_is_an_option_of_ssh(typed: Typed) -> None:
    code, output, _ = typed("ssh", FIRST, "--port", 2222, "--emulated", 1, "--dry-run")
    assert (code, output) == (0, f"ssh -p 2222 root@{ADDRESS}\n")
    code, _, errors = typed("ssh", FIRST, "--port", 0, "--emulated", 1, "--dry-run")
    assert (code, errors) == (2, "error: --port: expected 1 to 65535, got 0\n")


def test_dry_run_shows_the_line_and_starts_nothing(ssh: Path, typed: Typed) -> None:
    code, output, _ = typed("ssh", FIRST, "--emulated", 1, "--dry-run", "--", "-v", "echo 1; id")
    assert (code, output) == (0, f"ssh root@{ADDRESS} -v 'echo 1; id'\n")
    assert not (ssh / "words").exists()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--", "-oProxyCommand=id"], "'-oProxyCommand=id' is neither a Droplet's id (a number) nor its name"),
        ([FIRST, "--user", "-oProxyCommand=id"], "--user requires an argument"),
        ([FIRST, "--user=-oProxyCommand=id"], "--user: expected a user's name, such as root or ubuntu"),
        ([FIRST, "--user", "a b"], "--user: expected a user's name, such as root or ubuntu"),
        (["twin"], f"2 Droplets have the name 'twin': {FIRST} (twin, active, tor1), {FIRST + 1} (twin, active, tor1)"),
        (["nothing"], "no Droplet has the name 'nothing'"),
        (["off"], f"Droplet {FIRST + 2} (off) is off. Switch it on: gpu-droplets power-on {FIRST + 2}"),
        ([FIRST, FIRST + 1, "-v"], "there is no option -v. Options of ssh stand after --: gpu-droplets ssh NAME -- -v"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_nothing_is_started_when_it_is_not_clear(
    ssh: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch, words: list[object], expected: str
) -> None:
    specs = [DropletSpec(name="twin"), DropletSpec(name="twin"), DropletSpec(name="off", status="off")]
    with Emulator(specs, limits=None) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        code, output, errors = typed("ssh", *words)
    assert (code, output) == (2, "")
    assert expected in errors
    assert not (ssh / "words").exists()


def droplet(*addresses: tuple[str | None, str], v6: tuple[tuple[str, str], ...] = ()) -> Droplet:
    return Droplet.from_dict(
        {
            "id": 1,
            "name": "-oProxyCommand=id",
            "status": "active",
            "networks": {
                "v4": [{"ip_address": address, "type": kind} for address, kind in addresses],
                "v6": [{"ip_address": address, "type": kind} for address, kind in v6],
            },
        }
    )


def test_address_is_public_unless_the_private_one_is_wanted() -> None:
    both = droplet(("10.0.0.2", "private"), ("192.0.2.1", "public"))
    assert ssh_line(both, user="u", words=(), is_private=False) == ["ssh", "u@192.0.2.1"]
    assert ssh_line(both, user="u", words=(), is_private=True) == ["ssh", "u@10.0.0.2"]
    only_v6 = droplet(("10.0.0.2", "private"), v6=(("2001:db8::1", "public"),))
    assert ssh_line(only_v6, user="u", words=(), is_private=False) == ["ssh", "u@2001:db8::1"]


@pytest.mark.parametrize(
    ("addresses", "is_private", "expected"),
    [
        ((), False, "has no public address yet. Pass --wait 5m"),
        ((("10.0.0.2", "private"),), False, "has no public address yet. Pass --wait 5m, or pass --private"),
        ((("192.0.2.1", "public"),), True, "has no private address yet. Pass --wait 5m, or leave out --private"),
        ((("-oProxyCommand=id", "public"), (None, "public")), False, "has no public address yet. Pass --wait 5m"),
    ],
)
def test_address_is_checked_before_it_is_used(
    addresses: tuple[tuple[str | None, str], ...], is_private: bool, expected: str
) -> None:
    with pytest.raises(UsageError) as raised:
        ssh_line(droplet(*addresses), user="root", words=(), is_private=is_private)
    assert str(raised.value).endswith(expected)
