"""Ready-made probes run commands on a Droplet through the user's own ``ssh``."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING, Any

import pytest

import gradient_async
import gradient_sync
from gradient_async import Droplet, DropletWaitTimeoutError, Networks, NetworkV4, UnhealthyDropletError, probes
from gradient_async.emulator import Emulator

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour

pytestmark = [pytest.mark.once, pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")]

FIRST = 3164444
ACCEPTS = "StrictHostKeyChecking=accept-new"
# A stand-in for ssh. It writes down how it was started, and runs the remote command here.
RUNS = 'for last; do :; done\neval "$last"\n'


@pytest.fixture
def ssh(tmp_path: Path) -> Any:
    def stand_in(behaviour: str = RUNS) -> str:
        program = tmp_path / "ssh"
        program.write_text(
            f'#!/bin/sh\nprintf "%s\\n" "$@" > {tmp_path}/words\nenv > {tmp_path}/environment\n{behaviour}',
            encoding="utf-8",
        )
        program.chmod(0o755)
        return str(program)

    return stand_in


def droplet(address: str | None = "198.51.100.7", name: str = "-oProxyCommand=x") -> Droplet:
    found = (NetworkV4(ip_address=address, type="public"), NetworkV4(ip_address="10.0.0.7", type="private"))
    return Droplet(id=7, name=name, status="active", networks=Networks(v4=found))


async def test_command_passes_by_its_exit_status(ssh: Any) -> None:
    program = ssh()
    assert await probes.command("true # comment", program=program)(droplet())
    assert await probes.command(["test", "a b", "=", "a b"], program=program)(droplet())
    assert await probes.command("yes | head -c 200000", program=program)(droplet())
    assert await probes.command("printf 'no end of the line'", program=program)(droplet())
    assert not await probes.command("exit 3", program=program)(droplet())
    assert not await probes.nvidia_smi(program=program)(droplet())
    assert not await probes.rocm_smi(program=program)(droplet())


async def test_command_does_not_pass_when_a_login_only_prints_a_text(ssh: Any) -> None:
    program = ssh("echo Please wait while we get your droplet ready...\n")
    with pytest.raises(ConnectionError, match="did not run the command, status 0: Please wait"):
        await probes.nvidia_smi(program=program)(droplet())


async def test_ssh_gets_the_options_and_no_token(ssh: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_from_the_environment")
    monkeypatch.setenv("HOME", "/home/me")
    probe = probes.command(
        "true", user="ubuntu", key_file="~/key", port=2222, address="private", ssh_options=[ACCEPTS], program=ssh()
    )

    assert await probe(droplet())

    words = (tmp_path / "words").read_text(encoding="utf-8").splitlines()
    assert words[:5] == ["-T", "-o", "BatchMode=yes", "-o", ACCEPTS]
    assert words[words.index("-i") :][:8] == ["-i", "/home/me/key", "-p", "2222", "-l", "ubuntu", "10.0.0.7", "--"]
    assert "dop_v1" not in (tmp_path / "environment").read_text(encoding="utf-8")


async def test_token_of_the_client_is_hidden_under_any_name(
    flavour: Flavour, ssh: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Emulator(droplets=1, limits=None) as emulator:
        monkeypatch.setenv("MY_OWN_VARIABLE", emulator.token)
        client = flavour.client(emulator)
        probe = probes.command("true", program=ssh())

        assert (await flavour.call(client.gpu_droplets.wait, FIRST, until=["active", probe], timeout=20)).id == FIRST

    environment = (tmp_path / "environment").read_text(encoding="utf-8")
    assert "PATH=" in environment
    assert emulator.token not in environment


@pytest.mark.parametrize(("status", "passes"), [(0, True), (2, True), (3, False)])
async def test_cloud_init_passes_when_it_is_done(
    ssh: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, passes: bool
) -> None:
    command = tmp_path / "cloud-init"
    command.write_text(f'#!/bin/sh\ntest "$*" = "status --wait" && exit {status}\n', encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")

    assert await probes.cloud_init(program=ssh())(droplet()) is passes


@pytest.mark.parametrize("behaviour", ["echo 'status: error'", "echo 'status: error' >&2", "printf 'status: error'"])
async def test_cloud_init_that_failed_is_quoted(
    ssh: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behaviour: str
) -> None:
    command = tmp_path / "cloud-init"
    command.write_text(f"#!/bin/sh\n{behaviour}\nexit 1\n", encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    # ssh writes a warning of its own when it meets a new Droplet.
    program = ssh(f"echo 'Warning: Permanently added the host' >&2\n{RUNS}")
    text = "'cloud-init' of Droplet 7 cannot pass: it ended with status 1: status: error"
    with pytest.raises(UnhealthyDropletError, match=f"{text}$"):
        await probes.cloud_init(program=program)(droplet())


async def test_another_try_is_made_only_where_it_can_help(ssh: Any) -> None:
    program = ssh("echo 'connect: Connection refused' >&2\nexit 255\n")
    with pytest.raises(ConnectionError, match="did not reach Droplet 7: connect: Connection refused"):
        await probes.command("true", program=program)(droplet())
    with pytest.raises(ConnectionError, match="has no public address yet"):
        await probes.command("true", program=program)(droplet(address=None))
    for address in ("-oProxyCommand=x", "example.com", "1.2.3.4 x"):
        with pytest.raises(UnhealthyDropletError, match="is no IP address"):
            await probes.command("true", program=program)(droplet(address))
    with pytest.raises(UnhealthyDropletError, match="there is no program 'no-such-ssh'"):
        await probes.command("true", program="no-such-ssh")(droplet())
    program = ssh("echo 'Host key verification failed.' >&2\nexit 255\n")
    with pytest.raises(UnhealthyDropletError, match="StrictHostKeyChecking=accept-new"):
        await probes.command("true", program=program)(droplet())


async def test_program_is_killed_when_the_wait_ends(flavour: Flavour, ssh: Any, tmp_path: Path) -> None:
    program = ssh(f"echo $$ > {tmp_path}/number\nexec sleep 60\n")
    async with Emulator(droplets=1, limits=None) as emulator:
        droplets = flavour.client(emulator).gpu_droplets
        with pytest.raises(DropletWaitTimeoutError, match="did not reach 'slow'"):
            await flavour.call(droplets.wait, FIRST, until=probes.command("slow", program=program), timeout=2)
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "number").read_text(encoding="utf-8")), 0)


async def test_time_out_quotes_ssh(flavour: Flavour, ssh: Any) -> None:
    program = ssh("echo 'Permission denied (publickey).' >&2\nexit 255\n")
    async with Emulator(droplets=1, limits=None) as emulator:
        wait = flavour.client(emulator).gpu_droplets.wait
        with pytest.raises(DropletWaitTimeoutError, match=r"'nvidia-smi'.*Permission denied") as info:
            await flavour.call(wait, FIRST, until=probes.nvidia_smi(program=program), timeout=2, poll_interval=0.05)
    assert isinstance(info.value.__cause__, ConnectionError)


@pytest.mark.parametrize(
    ("options", "error", "text"),
    [
        ({"user": "-oProxyCommand=x"}, ValueError, "user: expected a user's name"),
        ({"user": "a@b"}, ValueError, "user: expected a user's name"),
        ({"port": 0}, ValueError, "port"),
        ({"ssh_options": ACCEPTS}, TypeError, "ssh_options: expected a list"),
        ({"ssh_options": ["-v"]}, ValueError, "ssh_options: expected texts such as"),
        ({"address": "ipv6"}, ValueError, "address: expected one of 'public', 'private'"),
        ({"key_file": 7}, TypeError, "key_file: expected a path, got int"),
        ({"host": "x"}, TypeError, "host: unknown option. Options of a probe: user, key_file"),
    ],
)
def test_probe_is_not_made_when_an_option_is_wrong(options: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        probes.cloud_init(**options)


def test_both_packages_have_the_probes() -> None:
    assert gradient_async.probes is probes
    assert gradient_sync.probes.__all__ == probes.__all__
    assert gradient_sync.probes.cloud_init is probes.cloud_init
    assert str(probes.nvidia_smi()) == "nvidia-smi"
    assert asyncio.iscoroutinefunction(type(probes.nvidia_smi()).__call__)
