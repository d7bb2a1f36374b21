"""The verbs: each sends its own steps, with its own parameters and no others."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from cyclopts import CycloptsError

from gradient_async import ACTION_TYPES
from gradient_async.cli import dangers
from gradient_async.cli.application import application
from gradient_async.cli.fleet_command import FleetCommand
from gradient_async.cli.run_options import checked_spec, fleet_options, targets_of

if TYPE_CHECKING:
    from collections.abc import Callable


AS_VALUE: Any = {"exit_on_error": False, "print_error": False, "result_action": "return_value"}
SIZE = "gpu-h100x8-640gb"
# The words after an id, and the bodies of the requests.
SINGLE: dict[str, tuple[list[str], dict[str, Any]]] = {
    "reboot": ([], {"type": "reboot"}),
    "power-cycle": ([], {"type": "power_cycle"}),
    "shutdown": ([], {"type": "shutdown"}),
    "password-reset": ([], {"type": "password_reset"}),
    "enable-ipv6": ([], {"type": "enable_ipv6"}),
    "enable-backups": ([], {"type": "enable_backups"}),
    "disable-backups": ([], {"type": "disable_backups"}),
    "change-backup-policy": (
        ["--plan", "weekly", "--weekday", "SUN", "--hour", "4"],
        {"type": "change_backup_policy", "backup_policy": {"plan": "weekly", "weekday": "SUN", "hour": 4}},
    ),
    "restore": (["--image", "7"], {"type": "restore", "image": 7}),
    "rebuild": (["--image", "ubuntu-24-04-x64"], {"type": "rebuild", "image": "ubuntu-24-04-x64"}),
    "rename": (["--name", "trainer"], {"type": "rename", "name": "trainer"}),
    "change-kernel": (["--kernel", "7"], {"type": "change_kernel", "kernel": 7}),
}
ONLY_ACTIONS: dict[str, tuple[list[str], dict[str, Any]]] = {
    "power-on": ([], {"type": "power_on"}),
    "power-off": ([], {"type": "power_off"}),
    "snapshot": (["--name", "{id}"], {"type": "snapshot", "name": "{id}"}),
    "resize": (["--size", SIZE, "--disk"], {"type": "resize", "size": SIZE, "disk": True}),
}
MEANT: dict[str, tuple[list[str], list[str]]] = {
    "power-on": ([], ["power_on"]),
    "power-off": ([], ["shutdown", "power_off"]),
    "snapshot": ([], ["snapshot"]),
    "resize": (["--size", SIZE], ["shutdown", "power_off", "resize", "power_on"]),
}


def parsed(*words: str) -> FleetCommand:
    command = application()(words, **AS_VALUE)
    assert isinstance(command, FleetCommand)
    return command


def steps(*words: str) -> list[Any]:
    command = parsed(*words)
    return list(command.make(False).plan.as_json()["steps"])  # type: ignore[call-overload]


def test_there_is_a_verb_for_each_type() -> None:
    names = {name.replace("_", "-") for name in ACTION_TYPES}
    assert names == {*SINGLE, *ONLY_ACTIONS}
    assert names == {*SINGLE, *MEANT}


@pytest.mark.parametrize("prefix", [(), ("act",)], ids=["verb", "act"])
@pytest.mark.parametrize("name", SINGLE)
def test_verb_of_one_action_sends_it(prefix: tuple[str, ...], name: str) -> None:
    options, body = SINGLE[name]
    assert steps(*prefix, name, "1", *options) == [body]


@pytest.mark.parametrize("name", ONLY_ACTIONS)
def test_act_sends_one_action_when_the_plain_verb_sends_more(name: str) -> None:
    options, body = ONLY_ACTIONS[name]
    assert steps("act", name, "1", *options) == [body]


@pytest.mark.parametrize("name", MEANT)
def test_verb_has_its_steps_when_it_is_more_than_an_action(name: str) -> None:
    options, types = MEANT[name]
    assert [step["type"] for step in steps(name, "1", *options)] == types


def test_id_of_an_image_is_a_number_and_its_slug_a_text() -> None:
    assert steps("rebuild", "1", "--image", "7")[0]["image"] == 7


def test_policy_is_sent_where_a_part_of_it_is_given() -> None:
    assert steps("enable-backups", "1", "--plan", "daily", "--hour", "0") == [
        {"type": "enable_backups", "backup_policy": {"plan": "daily", "hour": 0}}
    ]


@pytest.mark.once
@pytest.mark.parametrize("name", [*SINGLE, *ONLY_ACTIONS])
def test_verb_takes_no_parameter_of_another(name: str) -> None:
    options = {**SINGLE, **ONLY_ACTIONS}[name][0]
    for stray in {"--image", "--name", "--size", "--kernel", "--plan"} - set(options):
        if (name, stray) != ("enable-backups", "--plan"):
            with pytest.raises(CycloptsError):
                parsed("act", name, "1", *options, stray, "7")


@pytest.mark.once
@pytest.mark.parametrize(
    ("words", "is_asked"),
    [
        (["rebuild", "--image", "7"], True),
        (["restore", "--image", "7"], True),
        (["password-reset"], True),
        (["power-cycle"], True),
        (["power-off"], False),
        (["power-off", "--no-graceful"], True),
        (["act", "power-off"], True),
        (["resize", "--size", SIZE], False),
        (["resize", "--size", SIZE, "--disk"], True),
        (["act", "resize", "--size", SIZE], False),
        (["act", "resize", "--size", SIZE, "--disk"], True),
        (["reboot"], False),
        (["shutdown"], False),
        (["power-on"], False),
        (["snapshot"], False),
        (["rename", "--name", "a"], False),
        (["enable-ipv6"], False),
        (["enable-backups"], False),
        (["disable-backups"], False),
        (["change-backup-policy", "--plan", "daily"], False),
        (["change-kernel", "--kernel", "7"], False),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_what_loses_something_for_good_asks(words: list[str], is_asked: bool) -> None:
    assert (dangers.loss_of(parsed(*words, "1").make(False).plan, 1) is not None) is is_asked


@pytest.mark.parametrize(("words", "is_asked"), [(["rename", "--name", "a"], True), (["reboot"], False)])
def test_one_name_for_several_droplets_asks(words: list[str], is_asked: bool) -> None:
    assert (dangers.loss_of(parsed(*words, "1", "2").make(False).plan, 2) is not None) is is_asked


@pytest.mark.parametrize("answer", ["", "n", "no", "yep", "ja", "1", "true"])
def test_only_a_clear_yes_is_one(answer: str) -> None:
    assert not dangers.is_yes(answer)
    assert dangers.is_yes(" YES \n")
    assert dangers.is_yes("y")


def test_options_of_a_run_are_what_was_typed() -> None:
    words = "reboot --tag t --batch-size 10% --max-errors 5 --max-concurrency 50% --on-busy skip --until status"
    more = "--timeout 2h --action-timeout 90 --journal j --key-prefix nightly --key-ttl 2h"
    command = parsed(*words.split(), *more.split())
    options = fleet_options(command.arguments)
    assert options == {
        "wait": True,
        "until": "status",
        "on_busy": "skip",
        "max_concurrency": "50%",
        "max_errors": 5,
        "batch_size": "10%",
        "health_check": None,
        "health_timeout": 30.0,
        "health_retries": 3,
        "health_interval": 5.0,
        "timeout": 7200.0,
        "action_timeout": 90.0,
        "journal": Path("j"),
        "check_first": True,
        "if_finished": "error",
        "by_tag": False,
        "gpus_only": False,
        "key_prefix": "nightly",
        "key_ttl": 7200.0,
    }
    spec = checked_spec(command.make(True).plan, options, targets_of((), "t"))
    assert spec.plan.as_json()["steps"] == [{"type": "reboot", "goal": "status 'active'"}]
    assert fleet_options(parsed("reboot", "1", "--no-wait").arguments)["wait"] is False


@pytest.mark.once
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["rebot", "1"], "there is no verb 'rebot'. Did you mean 'reboot'?"),
        (["reboot", "1", "--batch"], "there is no option --batch. Did you mean --batch-size?"),
        (["resize", "1"], "--size is missing: gpu-droplets resize --size SLUG"),
        (["reboot"], "no Droplets are given: pass ids, names"),
        (["reboot", "1", "--tag", "t"], "Droplets and --tag are both given"),
        (["reboot", "a/bc"], "'a/bc' is neither a Droplet's id (a number) nor its name"),
        (["reboot", "3,164,444"], "'3,164,444' is ambiguous: it can be one number with thousands separators"),
        (["reboot", "0"], "0 is not a Droplet's id, which is 1 or above"),
        (["reboot", "-1"], "-1 is not a Droplet's id, which is 1 or above"),
        (["reboot", "@nowhere.txt"], "error: @nowhere.txt: there is no such file"),
        (
            ["reboot", "@training"],
            "@training: there is no such file. For the Droplets with the tag training",
        ),
        (["reboot", "@"], "'@' needs a file name directly after it"),
        (["reboot", "-", "--token-file", "-"], "standard input cannot hold both the token and the ids"),
        (["wait", "-", "--token-file", "-"], "standard input cannot hold both the token and the ids"),
        (["reboot", "--tag", "a b"], "--tag: expected at most 255 of the characters"),
        (
            ["reboot", "1", "--max-errors", "many"],
            "--max-errors: expected a whole number of at least 0, or a percentage",
        ),
        (
            ["reboot", "1", "--timeout", "soon"],
            "--timeout: expected seconds such as 90, or a time such as 90s, 15m, 2h",
        ),
        (["reboot", "1", "--timeout", "0"], "--timeout: expected seconds such as 90"),
        (["reboot", "1", "--no-wait", "--until", "status"], "--until: 'status' is not allowed with --no-wait"),
        (["power-off", "--tag", "t", "--by-tag"], "--by-tag: power-off reads each Droplet first and cannot start all"),
        (["reboot", "--tag", "t", "--by-tag"], "--by-tag: the API does not take 'reboot' by tag"),
        (["reboot", "1", "--report", "run.pdf"], "--report: expected a file that ends in .html or .svg"),
        (["reboot", "1", "--report", "no/run.svg"], "--report: no/run.svg cannot be written: there is no folder no"),
        (["reboot", "1", "--journal", "no/j"], "--journal: no/j cannot be written"),
        (["reboot", "1", "--journal", "-"], "--journal: a journal cannot be written to standard output"),
        (["resume", "-"], "a journal cannot be read from standard input"),
        (["journal", "show", "-"], "a journal cannot be read from standard input"),
        (["reboot", "1", "--report", "-"], "--report: expected a file that ends in .html or .svg, got '-'"),
        (["reboot", "1", "--journal", "/"], "--journal: / is a folder; pass a file name"),
        (["reboot", "1", "--journal", ""], "--journal: expected a file name, got an empty one or '.'"),
        pytest.param(["reboot", "1", "--journal", 300 * "j"], "jjj cannot be written: ", id="reboot with a long name"),
        (["resume", ""], "expected the file name of a journal, got an empty one or '.'"),
        (["reboot", "1", "--health-check", "no-such-command"], "--health-check: there is no command 'no-such"),
        (["reboot", "1", "--health-check", "'"], "cannot be read as a command"),
        (["reboot", "1", "--health-check", "true", "--no-wait"], "--health-check: not allowed with --no-wait"),
        (
            ["reboot", "1", "--health-check", "true", "--health-retries", "-1"],
            "--health-retries: expected a whole number",
        ),
        (["show"], "ID is missing: gpu-droplets show ID"),
        (["resume"], "JOURNAL is missing: gpu-droplets resume JOURNAL"),
        (["emulate", "--droplets", "-1"], "--droplets: expected at least 0, got -1"),
        (["emulate", "--time-scale", "-1"], "--time-scale: expected a number above 0"),
        (["rename", "1", "--name", "a b"], "--name: expected at most 255 of the characters"),
        (["snapshot", "1", "--name", "{host}"], "--name: there is no {host}"),
        (["enable-backups", "1", "--hour", "4"], "--plan: missing; pass daily or weekly"),
        (["reboot", "1", "--emulated", "0"], "--emulated: expected 1 to 100,000 Droplets, got 0"),
        (["reboot", "1", "--emulated", "1", "--token-file", "t"], "--token-file: not allowed with --emulated"),
        (["reboot", "1", "--emulated", "1", "--time-scale", "0"], "--time-scale: expected a number above 0"),
        (["reboot", "1", "--token-file", "t", "--context", "c"], "--token-file, --context: each gives a token"),
        (["list", "--name", ""], "--name: expected a value, got an empty text"),
        (["list", "--name", "\udcff"], r"--name: expected a value, got '\udcff'"),
        (["list", "--region", " "], "--region: expected a value, got an empty text"),
        (["volumes", "list", "--region", ""], "--region: expected a value, got an empty text"),
        (["sizes", "--gpu", "--region", ""], "--region: expected a value, got an empty text"),
        (["list", "--gpus-only", "--type", "droplets"], "--gpus-only, --type droplets: these contradict each other"),
        (["actions", "1", "--limit", "-1"], "--limit: expected 0 (for all) or more"),
        (["wait", "--emulated", "1"], "expected the ids of actions"),
        (["show", "1,2"], "expected the id or the name of one Droplet, got '1,2'"),
        (["resume", "nowhere.journal"], "nowhere.journal: there is no journal to resume"),
        (["list", "--base-url", "ftp://x", "--token-file", "token"], "--base-url: expected http(s)://host"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_invalid_command_line_is_one_line_and_sends_nothing(
    typed: Callable[..., tuple[int, str, str]], words: list[str], expected: str
) -> None:
    from pathlib import Path

    Path("token").write_text("x")
    code, output, errors = typed(*words)
    assert (code, output) == (2, ""), errors
    assert errors.count("\n") == 1
    assert errors.startswith("error: ")
    assert expected in errors


@pytest.mark.once
def test_there_is_help_for_everything_and_it_fits(typed: Callable[..., tuple[int, str, str]]) -> None:
    names = [
        *SINGLE,
        *MEANT,
        "list",
        "show",
        "actions",
        "wait",
        "rate-limit",
        "resume",
        "doctor",
        "emulate",
        "completion",
    ]
    for words in ([], ["act"], *([name] for name in names), *(["act", name] for name in ONLY_ACTIONS)):
        code, output, errors = typed(*words, "--help")
        assert (code, errors) == (0, ""), words
        assert max(map(len, output.splitlines())) <= 80, words
        whole_lines = output.replace("\\\n    ", "")
        examples = re.findall(r"^  (gpu-droplets .*)$", whole_lines, re.MULTILINE)
        assert examples, words
        for example in examples:
            assert " ".join(words) in example, example
            for part in example.partition(" > ")[0].split(" | "):
                typed_words = ["@-" if word == "-" else word for word in shlex.split(part)]
                assert application()(typed_words[1:], **AS_VALUE) is not None, example


@pytest.mark.once
def test_help_lists_the_exit_codes(typed: Callable[..., tuple[int, str, str]]) -> None:
    _, output, _ = typed("--help")
    for code in (
        "  0  every",
        "  1  a Droplet failed",
        "  2  invalid command line",
        "  3  the token is missing",
        "130  interrupted",
    ):
        assert f"  {code}" in output


def test_version_is_shown(typed: Callable[..., tuple[int, str, str]]) -> None:
    from gradient_async import __version__

    assert typed("--version") == (0, f"gpu-droplets {__version__}\n", "")


def test_missing_extra_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from gradient_async.cli import __main__ as entry

    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "cyclopts" else object())
    assert entry.main() == 2
    said = capsys.readouterr().err
    assert said.startswith("gpu-droplets is an extra of this package. Install it: pip install ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("words", [(), ("--dry-run",)])
def test_resize_to_an_unlisted_size_is_refused_with_a_suggestion(
    typed: Callable[..., tuple[int, str, str]], words: tuple[str, ...]
) -> None:
    code, _, errors = typed("resize", 3164444, "--size", "gpu-h100x8-640g", "--emulated", 1, *words)
    assert code == 2
    assert "size 'gpu-h100x8-640g' is not listed by the API: the nearest are 'gpu-h100x8-640gb'" in errors
    assert "pass --no-check to leave out this check" in errors


def test_resize_is_not_checked_when_the_check_is_off(typed: Callable[..., tuple[int, str, str]]) -> None:
    words = ("--size", "gpu-mi325x8-2048gb", "--emulated", 1, "--time-scale", 600)
    assert typed("resize", 3164444, *words)[0] == 2
    assert typed("resize", 3164444, *words, "--no-check")[0] == 0
