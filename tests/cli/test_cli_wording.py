"""Messages of the command use its own options, not Python's names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async import ACTION_TYPES
from gradient_async.cli.wording import about_an_option, in_typed_words
from gradient_async.install_command import command_for, install_command

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.once

# Words of Python: its values, types and errors, name=value, a dotted name, a call.
PYTHON = re.compile(
    r"\b(?:None|True|False|str|int|float|bool|dict|NoneType|list of|keyword|Traceback|\w+Error)\b"
    r"|\b\w+=|\b[a-z]+_[a-z_]+\b|\w\(\)|\[\]|<class"
)
FIRST = "3164444"
JOURNAL = ("reboot", FIRST, "--emulated", "2", "--time-scale", "5000", "--journal", "run.journal")
MISTAKES: list[tuple[str, ...]] = [
    ("reboot",),
    ("reboot", FIRST, "--tag", "t"),
    ("reboot", "trainer"),
    ("reboot", "3,164,444"),
    ("restart", FIRST),
    ("reset", FIRST),
    ("delete", FIRST),
    ("reboot", "--all"),
    ("reboot", FIRST, "--max-errors", "many"),
    ("reboot", FIRST, "--max-errors", "-1"),
    ("reboot", FIRST, "--batch-size", "0"),
    ("reboot", FIRST, "--batch-size", "200%"),
    ("reboot", FIRST, "--max-concurrency", "0"),
    ("reboot", FIRST, "--on-busy", "kick"),
    ("reboot", FIRST, "--until", "done"),
    ("reboot", FIRST, "--no-wait", "--until", "status"),
    ("reboot", FIRST, "--no-wait", "--health-check", "true"),
    ("resize", FIRST, "--size", "gpu-h100x8-640gb", "--no-wait"),
    ("power-off", FIRST, "--no-wait"),
    ("reboot", FIRST, "--by-tag"),
    ("reboot", FIRST, "--gpus-only"),
    ("reboot", "--tag", "t", "--by-tag"),
    ("power-cycle", "--tag", "t", "--by-tag", "--max-errors", "5"),
    ("power-cycle", "--tag", "t", "--by-tag", "--batch-size", "5"),
    ("power-off", "--tag", "t", "--by-tag"),
    ("reboot", "--tag", "a b"),
    ("reboot", FIRST, "--timeout", "soon"),
    ("reboot", FIRST, "--timeout", "0"),
    ("reboot", FIRST, "--action-timeout", "-5"),
    ("reboot", FIRST, "--health-check", "true", "--health-retries", "-1"),
    ("reboot", FIRST, "--health-check", "true", "--health-retries", "many"),
    ("reboot", FIRST, "--health-check", "true", "--health-timeout", "0"),
    ("reboot", FIRST, "--health-check", "nothing-of-this-name"),
    ("reboot", FIRST, "--health-check", "test {addr}"),
    ("reboot", FIRST, "--journal", "no/j"),
    ("reboot", FIRST, "--report", "run.pdf"),
    ("resize", FIRST),
    ("resize", FIRST, "--size", " "),
    ("rename", FIRST, "--name", "a b"),
    ("snapshot", FIRST, "--name", "{host}"),
    ("snapshot", FIRST, "--name", " "),
    ("rebuild", FIRST, "--image", " "),
    ("restore", FIRST, "--image", "yesterday"),
    ("restore", FIRST, "--image", "0"),
    ("enable-backups", FIRST, "--hour", "4"),
    ("enable-backups", FIRST, "--plan", "monthly"),
    ("enable-backups", FIRST, "--plan", "daily", "--hour", "3"),
    ("enable-backups", FIRST, "--plan", "daily", "--weekday", "SUN"),
    ("change-backup-policy", FIRST),
    ("act", "restart", FIRST),
    ("show",),
    ("show", "1,2"),
    ("actions", FIRST, "--limit", "-1"),
    ("wait",),
    ("wait", "abc"),
    ("resume",),
    ("resume", "nowhere.journal"),
    ("list", "--tag", "t", "--name", "n"),
    ("list", "--type", "cpus"),
    ("list", "--base-url", "ftp://x", "--token-file", "token"),
    ("list", "--emulated", "-1"),
    ("list", "--emulated", "many"),
    ("list", "--token-file", "empty"),
    ("list", "--token-file", "nowhere"),
    ("list", "--context", "nowhere"),
    ("list",),
    ("create", "--size", "gpu-h100x1-80gb", "--region", "mars1", "--yes", "--emulated", "0"),
    ("emulate", "--droplets", "-1"),
    ("emulate", "--time-scale", "-1"),
]


@pytest.mark.parametrize("words", MISTAKES, ids=" ".join)
def test_no_word_of_python_is_said_when_a_mistake_is_typed(
    typed: Callable[..., tuple[int, str, str]], words: tuple[str, ...]
) -> None:
    Path("token").write_text("x")
    Path("empty").write_text("")
    code, _, errors = typed(*words)
    assert code in {2, 3}, errors
    assert not PYTHON.findall(without_types(errors)), errors


def without_types(text: str) -> str:
    """Return the text without the names of environment variables."""
    return re.sub(r"\b[A-Z]+_[A-Z_]+\b", "", text)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("reboot", FIRST), "--if-finished report"),
        (("power-cycle", FIRST), "it is of the action 'reboot', and this run's action is 'power cycle'"),
        (("reboot", FIRST, "--no-wait"), "a run that waits for the end of its actions, and this run only starts"),
        (("reboot", "--tag", "gpu"), "it is of Droplets that were named, and this run is of the tag 'gpu'"),
        (
            ("reboot", FIRST, "3164445"),
            "it is of 1 Droplet, and this run is of 2 Droplets: 1 (3164445) only in this run.",
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_message_names_options_when_a_journal_is_of_another_run(
    typed: Callable[..., tuple[int, str, str]], words: tuple[str, ...], said: str
) -> None:
    code, _, errors = typed(*JOURNAL)
    assert code == 0, errors
    code, _, errors = typed(*words, "--yes", *JOURNAL[2:])
    assert code == 2, errors
    assert said in " ".join(errors.split())
    assert not PYTHON.findall(errors), errors


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("max_errors: expected an int of at least 0", "--max-errors: expected a whole number of at least 0"),
        (
            "batch_size, max_errors: cannot hold beside by_tag=True",
            "--batch-size, --max-errors: cannot hold beside --b",
        ),
        ("health_check: not allowed with wait=False", "--health-check: not allowed with --no-wait"),
        ("wait: resize takes several steps", "--no-wait: resize takes several steps"),
        ("backup_policy.weekday: none with plan='daily'", "--weekday: none with --plan daily"),
        ("backup_policy: missing key plan, which is 'daily' or 'weekly'", "--plan: missing; pass daily or weekly"),
        ("only power_cycle, enable_ipv6", "only power-cycle, enable-ipv6"),
        ('by_tag: only with a tag, such as tag="training", which', "--by-tag: only with a tag, such as --tag TAG, whi"),
        (
            "401: no. Check the access token: A, or access_token=.",
            "401: no. Check the access token: A, --token-file, or",
        ),
        (
            "proxy: a socks5 proxy is not supported; expected http://h, or pass an http_session with a SOCKS connector",
            "--proxy: a socks5 proxy is not supported; expected http://h; --proxy none uses no proxy",
        ),
        ("/j: a run, not of fleet.hibernate", "/j: a run, not of gpu-droplets hibernate"),
        ("image: expected an int, got str 'x'", "--image: expected a whole number, got 'x'"),
    ],
)
def test_message_is_said_in_typed_words(message: str, expected: str) -> None:
    assert about_an_option(message).startswith(expected)


@pytest.mark.parametrize(
    "text", ["/tmp/max_errors.journal: cannot be read", "power_cycle.journal: is damaged", "a/by_tag: no such file"]
)
def test_path_stays_as_it_is_when_it_has_the_name_of_an_option(text: str) -> None:
    assert in_typed_words(text) == text


@given(st.sampled_from(["by_tag", "max_errors", "power_cycle", "wait=False", "hello", "  "]), st.text(max_size=20))
def test_wording_is_the_same_when_it_is_done_twice(head: str, tail: str) -> None:
    once = in_typed_words(f"{head} {tail}")
    assert in_typed_words(once) == once


def test_every_action_type_is_said_as_it_is_typed() -> None:
    assert "_" not in in_typed_words(", ".join(ACTION_TYPES))


# --- the extra that is missing ---


def origin(**facts: Any) -> str:
    return json.dumps(facts)


@pytest.mark.parametrize(
    ("written", "command"),
    [
        (None, "pip install 'gradient-async[cli]'"),
        ("", "pip install 'gradient-async[cli]'"),
        ("not json", "pip install 'gradient-async[cli]'"),
        ("[]", "pip install 'gradient-async[cli]'"),
        (origin(url=None), "pip install 'gradient-async[cli]'"),
        (
            origin(url="file:///home/me/gradient%20async", dir_info={"editable": True}),
            "pip install -e '/home/me/gradient async[cli]'",
        ),
        (
            origin(url="file:///home/me/gradient-async", dir_info={}),
            "pip install 'gradient-async[cli] @ file:///home/me/gradient-async'",
        ),
        (
            origin(url="file:///tmp/gradient_async-0.1-py3-none-any.whl", archive_info={"hash": "sha256=0"}),
            "pip install 'gradient-async[cli] @ file:///tmp/gradient_async-0.1-py3-none-any.whl'",
        ),
        (
            origin(url="https://host/owner/repo", vcs_info={"vcs": "git", "commit_id": "0" * 40}),
            "pip install 'gradient-async[cli] @ git+https://host/owner/repo'",
        ),
        (
            origin(url="https://host/repo", vcs_info={"vcs": "git", "requested_revision": "v1"}, subdirectory="sdk"),
            "pip install 'gradient-async[cli] @ git+https://host/repo@v1#subdirectory=sdk'",
        ),
    ],
)
def test_extra_is_installed_from_where_the_package_came_from(written: str | None, command: str) -> None:
    assert command_for("cli", written) == command


def test_command_is_for_the_package_that_is_installed() -> None:
    assert re.match(r"pip install .*\[cli\]", install_command("cli"))
