"""The command on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest
from test_cli_runs import acted, posts

from command import FIRST, Terminal
from gradient_async.emulator import Emulator

if TYPE_CHECKING:
    from command import Command

pytestmark = [
    pytest.mark.once,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals"),
]


def test_bar_shows_counts_and_rate_and_failures_as_they_come(command: Command) -> None:
    words = ("reboot", 7, *range(FIRST, FIRST + 40), "--emulated", 40, "--time-scale", 20, "--max-concurrency", 20)
    terminal = Terminal(command, *words)
    terminal.read_until("failed  7  404 not_found")
    terminal.read_until("/41, 1 failed")
    terminal.read_until(" so far, about ")
    terminal.read_until("/5,000 in 180 s")
    assert terminal.ended() == 1
    assert "\x1b[31mfailed" in terminal.output
    assert "reboot of 41 Droplets in " in terminal.text


def test_no_colours_when_they_are_not_wanted(command: Command) -> None:
    terminal = Terminal(command, "reboot", 7, FIRST, "--emulated", 2, environment={"NO_COLOR": "1"})
    assert terminal.ended() == 1
    assert "failed  7" in terminal.text
    assert "\x1b[3" not in terminal.output


@pytest.mark.parametrize(("answer", "code", "count"), [("n\r", 1, 0), ("\r", 1, 0), ("\x04", 1, 0), ("y\r", 0, 2)])
def test_confirmation_is_asked_when_data_would_be_lost(command: Command, answer: str, code: int, count: int) -> None:
    with Emulator(2, time_scale=600, limits=None) as emulator:
        command.on(emulator)
        terminal = Terminal(command, "rebuild", FIRST, FIRST + 1, "--image", "gpu-h100x1-base")
        terminal.read_until("Continue? [y/N] ")
        named = "rebuild of 2 Droplets (3164444 gpu-3164444, 3164445 gpu-3164445): the data on the disk is lost."
        assert named in " ".join(terminal.text.split())
        assert posts(emulator) == 0
        terminal.type(answer)
        assert terminal.ended() == code
        assert sum(acted(emulator).values()) == count


def test_question_has_the_names_that_the_token_may_read(command: Command) -> None:
    terminal = Terminal(command, "rebuild", 7, FIRST, "--image", "gpu-h100x1-base", "--emulated", 1)
    terminal.read_until("Continue? [y/N] ")
    assert "rebuild of 2 Droplets (7, 3164444 gpu-3164444): the data on the disk" in " ".join(terminal.text.split())
    terminal.type("n\r")
    assert terminal.ended() == 1


def test_question_can_be_interrupted(command: Command) -> None:
    terminal = Terminal(command, "rebuild", FIRST, "--image", "gpu-h100x1-base", "--emulated", 1)
    terminal.read_until("Continue? [y/N] ")
    terminal.type("\x03")
    # It is not the controlling terminal of the process, so the test sends the key's signal itself.
    import signal

    terminal.process.send_signal(signal.SIGINT)
    assert terminal.ended() == 130
    assert "nothing was sent" in terminal.text
    assert "Traceback" not in terminal.text


def test_long_table_shows_only_what_needs_attention(command: Command) -> None:
    terminal = Terminal(command, "reboot", 7, *range(FIRST, FIRST + 60), "--emulated", 60)
    assert terminal.ended() == 1
    lines = [line for line in terminal.text.splitlines() if line.startswith(("7 ", "3164")) and "so far" not in line]
    assert len(lines) == 1
