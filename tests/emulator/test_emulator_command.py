"""`python -m gradient_async.emulator`, and `gpu-droplets emulate`, which is the same."""

from __future__ import annotations

import http.client
import signal
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from gradient_async import RateBudget
from gradient_async.emulator.__main__ import main, pacing_hint
from gradient_async.emulator.fitting import fitting_spec

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]

SECONDS = 30.0
COMMANDS = {"module": ["gradient_async.emulator"], "cli": ["gradient_async.cli", "emulate"]}


@pytest.fixture(params=COMMANDS)
def words(request: pytest.FixtureRequest) -> list[str]:
    return [sys.executable, "-m", *COMMANDS[request.param]]


def served(words: list[str]) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        variables: dict[str, str] = {}
        while "DIGITALOCEAN_ACCESS_TOKEN" not in variables:
            line = process.stdout.readline()
            assert line, process.communicate(timeout=SECONDS)
            if line.strip().startswith("export "):
                name, _, value = line.strip().removeprefix("export ").partition("=")
                variables[name] = value
        yield process, variables
        process.send_signal(signal.SIGINT)


def asked(variables: dict[str, str], path: str, token: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(variables["GRADIENT_BASE_URL"]).netloc, timeout=SECONDS)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def test_emulator_has_the_token_and_the_state_that_are_given(words: list[str]) -> None:
    for process, variables in served([*words, "--port", "0", "--token", "dop_v1_mine", "--for", "power-on", "--debug"]):
        assert variables["DIGITALOCEAN_ACCESS_TOKEN"] == "dop_v1_mine"
        status, body = asked(variables, "/v2/droplets?type=gpus", "dop_v1_mine")
        assert status == 200
        assert body.count('"status": "off"') + body.count('"status":"off"') == 3
        assert asked(variables, "/v2/droplets", "other")[0] == 401
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=SECONDS)
        assert errors == "GET /v2/droplets?type=gpus 200\nGET /v2/droplets 401\n"
        assert process.returncode == 0


def test_port_is_refused_when_there_is_none_of_that_number(words: list[str]) -> None:
    for port in ("99999", "65536", "-1"):
        ended = subprocess.run([*words, f"--port={port}"], capture_output=True, text=True, timeout=SECONDS, check=False)
        assert ended.returncode == 2, ended.stderr
        assert "65,535" in ended.stderr
        assert "Traceback" not in ended.stderr


def test_port_that_is_taken_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    for _, variables in served([sys.executable, "-m", "gradient_async.emulator", "--port", "0"]):
        port = urlsplit(variables["GRADIENT_BASE_URL"]).port
        assert main(["--port", str(port)]) == 1
        assert capsys.readouterr().err.startswith(f"cannot listen on 127.0.0.1:{port}: ")


def test_pacing_is_told_when_it_is_not_that_of_the_api() -> None:
    assert pacing_hint(1.0, is_limited=True) == ""
    assert "rate_budget=None" in pacing_hint(60.0, is_limited=False)
    told = pacing_hint(60.0, is_limited=True)
    assert "RateBudget([(250, 1), (5000, 60)]), settle_seconds=0.0833333)" in told
    assert RateBudget([(250, 1), (5000, 60)]).snapshot().windows[0].limit in {250, 5000}


@pytest.mark.parametrize(
    ("verb", "status", "backups", "kernel"),
    [
        (None, "active", False, None),
        ("reboot", "active", False, None),
        ("power-on", "off", False, None),
        ("power_on", "off", False, None),
        ("act resize", "off", False, None),
        ("resize", "active", False, None),
        ("restore", "active", True, None),
        ("change-kernel", "active", False, 1),
    ],
)
def test_droplet_fits_the_verb(verb: str | None, status: str, backups: bool, kernel: int | None) -> None:
    spec = fitting_spec(verb, ("t",))
    assert (spec.status, spec.backups, spec.kernel, spec.tags) == (status, backups, kernel, ("t",))
