"""Completions in bash: files, files behind ``@``, and doctl's contexts."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gradient_async.cli import completions
from gradient_async.cli.application import application

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash"),
]

SECONDS = 60.0
_ASK = """
source ./script
COMP_WORDBREAKS=$0; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_gpu_droplets_words gpu-droplets "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with files, the completion script, the command itself, and doctl's configuration."""
    folder = tmp_path_factory.mktemp("home")
    (folder / "script").write_text(completions.bash_script(application().generate_completion(shell="bash")))
    (folder / "ids.txt").write_text("1\n")
    (folder / "ids two.txt").write_text("1\n")
    (folder / "jobs").mkdir()
    (folder / "jobs" / "reboot.journal").write_text("")
    (folder / ".config" / "doctl").mkdir(parents=True)
    (folder / ".config" / "doctl" / "config.yaml").write_text("access-token: a\nauth-contexts:\n  prod: b\n  test: c\n")
    (folder / "bin").mkdir()
    command = folder / "bin" / "gpu-droplets"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m gradient_async.cli "$@"\n')
    command.chmod(0o755)
    return folder


def environment(folder: Path) -> dict[str, str]:
    path = f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    root = str(Path(completions.__file__).parents[2])
    return {"PATH": path, "HOME": str(folder), "PYTHONPATH": root, "TERM": "dumb", "LC_ALL": "C.UTF-8"}


def offered(folder: Path, *words: str, breaks: str = "=:") -> list[str]:
    ended = subprocess.run(
        ["bash", "--norc", "-c", _ASK, breaks, "gpu-droplets", *words],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=True,
        cwd=folder,
        env=environment(folder),
    )
    assert ended.stderr == ""
    return sorted(line for line in ended.stdout.splitlines() if line)


@pytest.mark.parametrize(
    "words",
    [
        ("resume",),
        ("journal", "show"),
        ("reboot", "1", "--journal"),
        ("reboot", "1", "--report"),
        ("list", "--token-file"),
        ("reboot", "1", "--journal", "="),
    ],
    ids=" ".join,
)
def test_files_are_offered(folder: Path, words: tuple[str, ...]) -> None:
    assert offered(folder, *words, "i") == ["ids two.txt", "ids.txt"]
    assert offered(folder, *words, "jobs/") == ["jobs/reboot.journal"]
    assert offered(folder, *words, "nothing") == []


@pytest.mark.parametrize("verb", ["reboot", "wait"])
def test_files_are_offered_behind_an_at(folder: Path, verb: str) -> None:
    for breaks in ("=:", "@=:"):
        assert offered(folder, verb, "@i", breaks=breaks) == ["@ids.txt", r"@ids\ two.txt"]
        assert {r"@ids\ two.txt", "@ids.txt", "@jobs/"} <= set(offered(folder, verb, "@", breaks=breaks))
    assert offered(folder, verb, "@", "i", breaks="@=:") == ["ids.txt", r"ids\ two.txt"]


def test_contexts_are_offered(folder: Path) -> None:
    assert offered(folder, "list", "--context", "") == ["default", "prod", "test"]
    assert offered(folder, "reboot", "1", "--context", "p") == ["prod"]


def test_verbs_and_options_are_offered_as_before(folder: Path) -> None:
    assert "reboot" in offered(folder, "re")
    assert "--max-errors" in offered(folder, "reboot", "1", "--max")
    assert offered(folder, "reboot", "1", "--on-busy", "") == ["fail", "skip", "wait"]


def typed(folder: Path, keys: str) -> str:
    """Return what an interactive bash shows for some keys."""
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe("bash", ["bash", "--norc", "--noprofile", "-i"], {**environment(folder), "PS1": "$ "})
    try:
        for line in ("bind 'set bell-style none'", "bind 'set enable-bracketed-paste off'", "source ./script"):
            os.write(master, f"{line}\n".encode())
        os.write(master, b"echo rea''dy\n")
        shown = read_until(master, r"\nready")
        os.write(master, f"{keys}".encode())
        shown = read_until(master, r"\S.*\.(txt|journal) ")
        os.write(master, b"\x15exit\n")
        return shown
    finally:
        os.close(master)
        os.waitpid(pid, 0)


def read_until(master: int, pattern: str) -> str:
    shown, end = "", time.monotonic() + SECONDS
    while not re.search(pattern, shown):
        assert time.monotonic() < end, shown
        ready, _, _ = select.select([master], [], [], SECONDS)
        assert ready, shown
        shown += os.read(master, 1 << 16).decode(errors="replace").replace("\r", "")
    return shown


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ("gpu-droplets reboot @ids.\t", "gpu-droplets reboot @ids.txt "),
        ("gpu-droplets reboot @ids\\ \t", r"gpu-droplets reboot @ids\ two.txt "),
        ("gpu-droplets reboot @jo\tr\t", "gpu-droplets reboot @jobs/reboot.journal "),
        ("gpu-droplets resume jo\tr\t", "gpu-droplets resume jobs/reboot.journal "),
        ("gpu-droplets reboot 1 --journal jo\tr\t", "gpu-droplets reboot 1 --journal jobs/reboot.journal "),
    ],
)
def test_line_is_completed_at_a_terminal(folder: Path, keys: str, expected: str) -> None:
    shown = typed(folder, keys)
    line = shown.splitlines()[-1]
    while "\b" in line:
        line = re.sub("[^\b]\b", "", line, count=1)
    assert expected in line


def test_files_behind_an_at_are_found_for_other_shells(tmp_path: Path) -> None:
    (tmp_path / "a b").write_text("")
    (tmp_path / ".hidden").write_text("")
    (tmp_path / "jobs").mkdir()
    (tmp_path / "jobs" / "x").write_text("")
    assert completions.files_behind_at("@", tmp_path) == ["@a b", "@jobs/"]
    assert completions.files_behind_at("@jobs/", tmp_path) == ["@jobs/x"]
    assert completions.files_behind_at("@.h", tmp_path) == ["@.hidden"]
    assert completions.files_behind_at("@nowhere/", tmp_path) == ()
