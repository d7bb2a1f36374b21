"""The command shares a rate budget with other processes, if the environment names a store."""

from __future__ import annotations

import json
import signal
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING, TypeAlias

import pytest

from command import FIRST, Terminal
from gradient_async import ProcessUse, RateBudget, RateBudgetSnapshot, WindowUse
from gradient_async.cli.rate_watch import line_of, lines_of
from gradient_async.emulator import Emulator
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from redis_servers import RedisServer

    from command import Command

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.once


def test_commands_count_each_others_requests(typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(1) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        monkeypatch.setenv("GRADIENT_RATE_BUDGET", f"sqlite://{tmp_path}/budget.sqlite3")
        for _ in range(3):
            assert typed("list")[0] == 0
        code, output, errors = typed("rate-limit", "-o", "json")
        lines = typed("rate-limit")[1].splitlines()
    assert code == 0, errors
    assert '"used": 4' in output
    assert lines[1].split(maxsplit=5)[2:] == ["250", "5", "245", "the shared budget"]


def test_url_that_names_no_store_is_refused(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_0123456789abcdef")
    monkeypatch.setenv("GRADIENT_RATE_BUDGET", "postgres://host")
    code, _, errors = typed("list")
    assert code == 2
    assert errors.startswith("error: GRADIENT_RATE_BUDGET: expected 'memory:', 'sqlite:', 'sqlite:///path/to/file' or")


def test_extra_that_a_store_needs_is_named(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_0123456789abcdef")
    monkeypatch.setenv("GRADIENT_RATE_BUDGET", "redis://127.0.0.1:1/0")
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    code, output, errors = typed("list")
    assert (code, output) == (2, "")
    assert errors.startswith("error: GRADIENT_RATE_BUDGET: a rate budget on Redis or Valkey needs redis-py, the extra")
    assert "bug" not in errors


def test_watch_of_a_store_that_cannot_be_used_is_an_error(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_0123456789abcdef")
    monkeypatch.setenv("GRADIENT_RATE_BUDGET", f"sqlite://{tmp_path}/file/budget.sqlite3")
    (tmp_path / "file").write_text("no directory")
    code, output, errors = typed("rate-limit", "--watch")
    assert (code, output) == (1, "")
    assert errors.startswith(f"error: the rate budget's file {tmp_path}/file/budget.sqlite3 cannot be used: ")
    assert "Check GRADIENT_RATE_BUDGET; nothing was sent" in errors


def test_watch_needs_a_shared_budget(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_0123456789abcdef")
    code, output, errors = typed("rate-limit", "--watch")
    assert (code, output) == (2, "")
    assert errors.startswith("error: --watch: there is no shared budget to watch. Set GRADIENT_RATE_BUDGET")


@pytest.mark.parametrize("form", ["table", "jsonl"])
def test_watch_shows_who_uses_the_budget_and_sends_nothing(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("gradient_async.cli.rate_watch.anyio", SimpleNamespace(sleep=pause))
    with Emulator(1) as emulator:
        url = f"sqlite://{tmp_path}/budget.sqlite3"
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        monkeypatch.setenv("GRADIENT_RATE_BUDGET", url)
        with GradientAI(emulator.token, base_url=emulator.base_url, rate_budget=RateBudget.shared(url)) as other:
            for _ in range(3):
                other.gpu_droplets.retrieve(FIRST)
            before = len(emulator.requests)
            code, output, errors = typed("rate-limit", "--watch", "--interval", "3s", "-o", form)
        assert (code, errors) == (130, "interrupted\n")
        assert len(emulator.requests) == before
    assert pauses == [3.0, 3.0]
    first, second = output.splitlines()
    if form == "table":
        assert "Z  3/250 in 60 s, 3/5,000 in 1 h; next now; pause none; waiting 0; " in first
        assert second.endswith(" 3")
    else:
        facts = json.loads(second)
        assert [window["left"] for window in facts["windows"]] == [247, 4997]
        assert [one["used"] for one in facts["processes"]] == [[3, 3], [0, 0]]
        assert [one["is_this"] for one in facts["processes"]] == [False, True]


def test_watched_budget_fits_a_terminal() -> None:
    use = ProcessUse(process="77-ab", used=(240, 900), pending=3, waiting=12, seen_ago=0.4, is_this=False)
    this = ProcessUse(process="78-cd", used=(0, 0), pending=0, waiting=0, seen_ago=0.0, is_this=True)
    minute = WindowUse(limit=250, seconds=60.0, used=250, left=0)
    windows = (minute, WindowUse(limit=5000, seconds=3600.0, used=900, left=4100))
    snapshot = RateBudgetSnapshot(windows=windows, next_free_in=2.5, paused_for=12.0, waiting=0)
    lines = lines_of(snapshot, [use, this])
    assert max(map(len, lines)) <= 80
    assert lines[0].split() == ["WINDOW", "LIMIT", "USED", "LEFT"]
    assert lines[1].endswith("#" * 30)
    assert "next request  in 2.5 s" in lines
    assert "pause         12 s more, after a 429 or an outage" in lines
    assert "waiting       12 in 1 process" in lines
    assert lines[-1].split() == ["other", "programs", "10", "0"]
    assert lines[-2].split() == ["77-ab", "240", "900", "3", "12", "0", "s", "ago"]
    assert line_of(snapshot, [use]).endswith("; 77-ab 240 (+12 waiting)")


def test_watch_shows_the_processes_of_several_hosts(
    typed: Typed, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def stop(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gradient_async.cli.rate_watch.anyio", SimpleNamespace(sleep=stop))
    url = redis_server.url
    with Emulator(1) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        monkeypatch.setenv("GRADIENT_RATE_BUDGET", url)
        with GradientAI(emulator.token, base_url=emulator.base_url, rate_budget=RateBudget.shared(url)) as other:
            for _ in range(3):
                other.gpu_droplets.retrieve(FIRST)
            code, output, errors = typed("rate-limit", "--watch", "-o", "jsonl")
    assert (code, errors) == (130, "interrupted\n")
    facts = json.loads(output)
    assert facts["windows"][0]["used"] == 3
    assert [3, 3] in [one["used"] for one in facts["processes"]]
    assert [one["used"] for one in facts["processes"] if one["is_this"]] == [[0, 0]]


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of POSIX")
def test_watch_changes_in_place_on_a_terminal(command: Command, tmp_path: Path) -> None:
    with Emulator(1) as emulator:
        command.on(emulator)
        store = {"GRADIENT_RATE_BUDGET": f"sqlite://{tmp_path}/budget.sqlite3"}
        terminal = Terminal(command, "rate-limit", "--watch", "--interval", "0.1s", environment=store)
        terminal.read_until("no process has used it in the last minute")
        terminal.read_until("no process has used it in the last minute")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.ended() == 130
        assert len(emulator.requests) == 0
