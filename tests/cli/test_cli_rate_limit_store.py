"""The command shares a rate budget with other processes, if the environment names a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from gradient_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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
    assert code == 0, errors
    assert '"used": 4' in output


def test_url_that_names_no_store_is_refused(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_0123456789abcdef")
    monkeypatch.setenv("GRADIENT_RATE_BUDGET", "postgres://host")
    code, _, errors = typed("list")
    assert code == 2
    assert errors.startswith("error: GRADIENT_RATE_BUDGET: expected 'memory:', 'sqlite:' or 'sqlite:///path/to/file'")
