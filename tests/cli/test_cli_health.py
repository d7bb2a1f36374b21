"""The health check that is a command: its placeholders, what it inherits, and what it refuses."""

from __future__ import annotations

import shlex
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from command import FIRST, posts
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.health_command import check_placeholders, health_check, quoted_placeholders, words_for
from gradient_async.emulator import DropletSpec, Emulator
from gradient_async.models.droplet import Droplet, Networks, NetworkV4

if TYPE_CHECKING:
    from pathlib import Path

    from command import Command

pytestmark = pytest.mark.once


def droplet(name: str = "trainer-1.example", address: str | None = "198.51.100.7") -> Droplet:
    networks = Networks(v4=(NetworkV4(ip_address=address, type="public"),) if address else ())
    return Droplet(id=7, name=name, status="active", networks=networks)


def test_placeholders_are_filled_in_when_they_are_known() -> None:
    words = ["check", "{name}", "root@{address}", "-{id}-", "{address}{address}"]
    assert words_for(words, droplet()) == [
        "check",
        "trainer-1.example",
        "root@198.51.100.7",
        "-7-",
        "198.51.100.7198.51.100.7",
    ]


@pytest.mark.parametrize(
    "name",
    ["a; rm -rf /", "-rf", "--help", "{address}", "{id}", "$(id)", "a b", "a\nb", "`id`", ".", "", "a'b", "\x1b[1m"],
)
def test_name_is_refused_when_a_command_could_misread_it(name: str) -> None:
    with pytest.raises(ValueError, match=r"^Droplet 7"):
        words_for(["check", "{name}"], droplet(name))
    assert words_for(["check", "{id}"], droplet(name)) == ["check", "7"]


def test_address_is_refused_when_the_droplet_has_none() -> None:
    with pytest.raises(ValueError, match="Droplet 7 has no address"):
        words_for(["nc", "{address}"], droplet(address=None))


@pytest.mark.parametrize("word", ["{addr}", "{}", "{0}", "{Name}", "x{ip}y", "{name!r}", "{id:>5}", "{droplet.id}"])
def test_placeholder_is_refused_when_there_is_none_of_that_name(word: str) -> None:
    with pytest.raises(UsageError, match=r"there is no placeholder \{.*allowed are \{id\}, \{name\}, \{address\}"):
        check_placeholders(["test", word])


@pytest.mark.parametrize("word", ["${HOME}", "{{.State.Running}}", "{ print }", '{"a": 1}', "{1,2}", "{ }", "{{}}"])
def test_braces_of_other_languages_stay(word: str) -> None:
    check_placeholders(["test", word])
    assert words_for([word], droplet()) == [word]


def test_quoted_placeholder_is_found_when_a_shell_reads_it(caplog: pytest.LogCaptureFixture) -> None:
    assert quoted_placeholders(["sh", "-c", "test {name}", "sh", "{name}", "a b"]) == ["test {name}"]
    health_check("sh -c 'test \"$1\"' sh {name}")
    assert caplog.messages == []
    health_check("sh -c 'test {name}'")
    assert "in 'test {name}' a placeholder stands inside quotes" in caplog.text


@pytest.mark.parametrize(
    "words", [["test", "{name"], ["test", "name}"], ["{id}", "}"], ["{", "{name}"], ["}", "{"]], ids=str
)
def test_brace_is_refused_when_it_has_no_partner(words: list[str]) -> None:
    with pytest.raises(UsageError, match=r"--health-check: .*: a brace has no partner\. Placeholders are \{id\}"):
        health_check(shlex.join(["test", *words]))


def test_nothing_is_sent_when_a_placeholder_is_wrong(command: Command) -> None:
    with Emulator(1, limits=None) as emulator:
        command.on(emulator)
        ended = command("reboot", FIRST, "--health-check", "test {addr}")
        assert ended.returncode == 2
        assert "--health-check: there is no placeholder {addr}; allowed are {id}, {name}, {address}" in ended.stderr
        assert posts(emulator) == 0


def test_token_is_not_inherited_when_the_check_runs(command: Command, tmp_path: Path) -> None:
    check = "sh -c 'env > seen'"
    with Emulator(1, time_scale=600, limits=None) as emulator:
        command.on(emulator)
        ended = command("reboot", FIRST, "--health-check", check, DIGITALOCEAN_TOKEN="second", KEPT="yes")
        seen = (tmp_path / "seen").read_text()
        assert ended.returncode == 0, ended.stderr
        assert "KEPT=yes" in seen
        assert "DIGITALOCEAN_ACCESS_TOKEN" not in seen
        assert "DIGITALOCEAN_TOKEN" not in seen
        assert emulator.token not in seen


def test_token_is_not_inherited_when_it_has_another_name(command: Command, tmp_path: Path) -> None:
    check = "sh -c 'env > seen'"
    token = "dop_v1_" + "0" * 64
    with Emulator(1, time_scale=600, limits=None, token=token) as emulator:
        command.on(emulator)
        copies = {"MY_COPY": token, "HEADER": f"Bearer {token}", "KEPT": "yes"}
        ended = command("reboot", FIRST, "--health-check", check, **copies)
        assert ended.returncode == 0, ended.stderr
        seen = (tmp_path / "seen").read_text()
        assert "KEPT=yes" in seen
        assert token not in seen
        (tmp_path / "token").write_text(token)
        del command.environment["DIGITALOCEAN_ACCESS_TOKEN"]
        words = ("--token-file", "token", "--journal", "j")
        ended = command("reboot", FIRST, "--health-check", check, *words, **copies)
        assert ended.returncode == 0, ended.stderr
        assert token not in (tmp_path / "seen").read_text()


@pytest.mark.parametrize(("check", "said"), [("exit 3", "exit status 3"), ("kill -9 $$", "killed by signal 9")])
def test_exit_status_is_in_the_reason_when_a_droplet_fails(command: Command, check: str, said: str) -> None:
    with Emulator(1, time_scale=600, limits=None) as emulator:
        command.on(emulator)
        ended = command("reboot", FIRST, "--health-check", f"sh -c '{check}'", "--health-retries", 0)
        assert ended.returncode == 1
        assert f"the health check of Droplet {FIRST} did not pass ({said})" in ended.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="process groups of POSIX")
def test_children_of_the_check_end_when_its_time_is_over(command: Command, tmp_path: Path) -> None:
    check = "sh -c 'sleep 101 & echo $! > child; wait'"
    with Emulator(1, time_scale=600, limits=None) as emulator:
        command.on(emulator)
        words = ("--health-check", check, "--health-timeout", "0.5s", "--health-retries", 0)
        assert command("reboot", FIRST, *words).returncode == 1
    child = int((tmp_path / "child").read_text())
    for _ in range(100):
        if not is_running(child):
            break
        time.sleep(0.02)
    assert not is_running(child)


def is_running(pid: int) -> bool:
    """Return whether a process runs. One that was killed and is not waited for yet does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return state.strip() != "" and not state.startswith("Z")


def test_nothing_is_sent_when_a_known_name_is_unsafe(command: Command) -> None:
    with Emulator([DropletSpec(name=name, tags=("t",)) for name in ("ok", "x;id")], limits=None) as emulator:
        command.on(emulator)
        ended = command("reboot", "--tag", "t", "--health-check", "echo {name}")
        assert ended.returncode == 2
        assert f"error: --health-check: Droplet {FIRST + 1}: its name 'x;id' is not safe" in ended.stderr
        assert posts(emulator) == 0


def test_hostile_name_is_no_code_when_a_shell_reads_it(command: Command, tmp_path: Path) -> None:
    with Emulator([DropletSpec(name="x;touch pwned")], time_scale=600, limits=None) as emulator:
        command.on(emulator)
        check = shlex.join(["sh", "-c", "echo {name}"])
        began = time.monotonic()
        ended = command("reboot", FIRST, "--health-check", check, "--health-interval", "30s")
        assert time.monotonic() - began < 30, "the check is not repeated"
        assert ended.returncode == 1
        assert f"  Droplet {FIRST}: its name 'x;touch pwned' is not safe in a command" in ended.stdout
        assert "ValueError" not in ended.stdout
        assert not (tmp_path / "pwned").exists()
