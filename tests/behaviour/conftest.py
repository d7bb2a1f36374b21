from __future__ import annotations

import random

import pytest


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw the same small number for every jitter: a legal draw, and a quick one."""
    monkeypatch.setattr(random, "random", lambda: 0.02)


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
    own = ("DIGITALOCEAN_ACCESS_TOKEN", "DIGITALOCEAN_TOKEN", "GRADIENT_BASE_URL", "GRADIENT_LOG")
    for name in (*own, *names, *map(str.lower, names)):
        monkeypatch.delenv(name, raising=False)
