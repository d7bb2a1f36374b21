"""`python -m gradient_async.emulator`, and `gpu-droplets emulate`, which is the same."""

from __future__ import annotations

import http.client
import json
import signal
import ssl
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from gradient_async import RateBudget
from gradient_async.cli.application import application, run
from gradient_async.emulator import Behaviour, Lag, Visibility, faults
from gradient_async.emulator.__main__ import _parser, main, pacing_hint
from gradient_async.emulator.fitting import fitting_spec
from gradient_async.emulator.options import EmulatorOptions
from gradient_async.log import logger

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX"),
]

SECONDS = 60.0
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
        assert capsys.readouterr().err.startswith(f"error: cannot listen on 127.0.0.1:{port}: ")


OPTIONS = [
    *("--cpu-droplets", "2", "--tag", "t", "--status", "off", "--used-gigabytes", "7", "--seed", "5"),
    *("--token", "dop_v1_mine", "--token", "dop_v1_reader=droplet:read,image:read", "--clock-skew", "3600"),
    *("--fault", "ServerError:503,times=1,route=GET /v2/regions", "--fault", "StatusLag:10,type=power_on"),
    *("--lag", "list=2", "--lag", "status=5@0.5", "--duration", "power-on=5", "--behaviour", "locked=always"),
    *("--sold-out", "gpu-h100x8-640gb", "--droplet-limit", "9", "--gpu-limit", "1", "--no-limits"),
]


def test_emulator_is_all_that_the_options_say(words: list[str]) -> None:
    for process, variables in served([*words, "--port", "0", "--droplets", "1", *OPTIONS]):
        status, body = asked(variables, "/v2/droplets?type=droplets", "dop_v1_mine")
        found = json.loads(body)["droplets"]
        assert [(one["status"], one["tags"], "gpu_info" in one) for one in found] == [("off", ["t"], False)] * 2
        assert asked(variables, "/v2/regions", "dop_v1_mine")[0] == 503
        assert asked(variables, "/v2/regions", "dop_v1_mine")[0] == 200
        assert asked(variables, "/v2/regions", "dop_v1_reader")[0] == 403
        status, body = asked(variables, "/v2/droplets/3164444", "dop_v1_reader")
        assert (status, "tags" in json.loads(body)["droplet"]) == (200, False)
        account = json.loads(asked(variables, "/v2/account", "dop_v1_mine")[1])["account"]
        assert account["droplet_limit"] == 9
        process.send_signal(signal.SIGINT)


def test_options_become_the_arguments_of_the_emulator() -> None:
    given = _parser().parse_args(["--droplets", "1", *OPTIONS])
    options = EmulatorOptions(
        **{name: tuple(one) if isinstance(one, list) else one for name, one in vars(given).items()}
    )
    emulator = options.emulator()
    account = emulator.account
    assert list(emulator.faults) == [
        faults.ServerError(503, times=1, route="GET /v2/regions"),
        faults.StatusLag(10, type="power_on"),
    ]
    assert account.visibility == Visibility(list=2, status=Lag(5, chance=0.5))
    assert account.behaviour == Behaviour(locked="always")
    assert (account.catalogue.droplet_limit, account.catalogue.gpu_limit) == (9, 1)
    assert account.catalogue.size("gpu-h100x8-640gb").regions == ()  # type: ignore[union-attr] # it is there
    assert {droplet.used_gigabytes for droplet in account.droplets.values()} == {7.0}
    action = account.start(3164444, "power_on")
    assert action.due - action.started == 5


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["--fault", "Nothing"], "--fault: 'Nothing' is no fault; there are CompletedAtNull, "),
        (["--fault", "StatusLag"], "--fault: 'StatusLag': missing 1 required positional argument: 'seconds'; it takes"),
        (["--fault", "Slow:soon"], "--fault: 'Slow:soon': seconds cannot be 'soon'"),
        (["--fault", "ErroredAction:rate=2"], "--fault: 'ErroredAction:rate=2': "),
        (["--fault", "DropAfter:how=gently"], "how cannot be 'gently'"),
        (["--lag", "list"], "--lag: 'list': expected seconds from 0"),
        (["--lag", "dream=1"], "--lag: 'dream=1': expected one of get, list, tag, name, keys, status"),
        (["--lag", "list=1@2"], "a chance from 0 to 1"),
        (["--duration", "reboot"], "--duration: 'reboot': expected seconds from 0, such as reboot=60"),
        (["--duration", "rebot=3"], "--duration: 'rebot=3': expected one of attach-volume, "),
        (["--behaviour", "locked=maybe"], "expected one of long_events, always, never"),
        (["--behaviour", "history=3"], "--behaviour: 'history=3': history cannot be that; expected such as True"),
        (["--behaviour", "mood=good"], "--behaviour: 'mood=good': expected one of locked, "),
        (["--sold-out", "gpu-none"], "--sold-out: size 'gpu-none' is not in the catalogue"),
        (["--token", "=droplet:read"], "--token: expected a token"),
        (["--cpu-droplets", "-1"], "--cpu-droplets: expected at least 0, got -1"),
        (["--used-gigabytes", "-1"], "--used-gigabytes: expected at least 0, got -1"),
        (["--gpu-limit", "-1"], "--gpu-limit: expected at least 0, got -1"),
        (["--tls-key", "key.pem"], "--tls-key: not allowed without --tls-cert"),
        (["--tls-cert", "nothing.pem"], "--tls-cert: nothing.pem cannot be used as a certificate and its key: No such"),
    ],
)
def test_both_commands_refuse_an_option_with_the_same_words(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert complaint in capsys.readouterr().err
    before = list(logger.handlers)
    assert run(["emulate", *arguments]) == 2
    assert logger.handlers == before
    assert complaint in " ".join(capsys.readouterr().err.split())


def test_both_commands_have_the_same_options() -> None:
    offered = {name for action in _parser()._actions for name in action.option_strings} - {"-h", "--help"}
    arguments = application()["emulate"].assemble_argument_collection()
    names = {name for argument in arguments for name in argument.names}
    # The application switches the negatives of lists off, which a page of its own does not know.
    assert {name for name in names if not name.startswith("--empty-")} == offered


def test_https_is_served_when_there_is_a_certificate(words: list[str]) -> None:
    certificate = str(Path(__file__).parents[1] / "behaviour" / "gpu.example.com.pem")
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    for process, variables in served([*words, "--port", "0", "--tls-cert", certificate]):
        assert variables["GRADIENT_BASE_URL"].startswith("https://127.0.0.1:")
        host = urlsplit(variables["GRADIENT_BASE_URL"]).netloc
        connection = http.client.HTTPSConnection(host, timeout=SECONDS, context=context)
        token = variables["DIGITALOCEAN_ACCESS_TOKEN"]
        connection.request("GET", "/v2/droplets?type=gpus&per_page=1", headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        assert answer.status == 200
        assert json.loads(answer.read())["links"]["pages"]["next"].startswith("https://")
        connection.close()
        process.send_signal(signal.SIGINT)


def test_pacing_is_shown_when_it_is_not_that_of_the_api() -> None:
    assert pacing_hint(1.0, is_limited=True) == ""
    assert "rate_budget=None" in pacing_hint(60.0, is_limited=False)
    hint = pacing_hint(60.0, is_limited=True)
    assert "RateBudget([(250, 1), (5000, 60)]), settle_seconds=0.0833333)" in hint
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


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--for", "nosuch"), "--for: there is no verb 'nosuch'"),
        (("--droplets", "999999999"), "--droplets: expected up to 100,000, got 999999999"),
        (("--cpu-droplets", "100001"), "--cpu-droplets: expected up to 100,000, got 100001"),
    ],
)
def test_option_is_refused_when_it_cannot_be_meant(
    capsys: pytest.CaptureFixture[str], given: tuple[str, ...], said: str
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main([*given, "--port", "0"])
    assert said in capsys.readouterr().err
