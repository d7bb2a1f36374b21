from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from shared_stores import STORES

from gradient_async.converter import CONVERTER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from shared_stores import Store


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


@pytest.fixture(autouse=True)
def _usual_answers_are_read_fast(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail if only the careful hooks can read an answer, unless the test is about such answers."""
    before = CONVERTER.fallbacks.copy()
    yield
    if request.node.get_closest_marker("unusual_answers") is None:
        assert before == CONVERTER.fallbacks


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path, _patient_with_redis: None) -> Iterator[Store]:
    """Each kind of store of a shared rate budget in turn."""
    store = STORES[request.param](tmp_path)
    yield store
    store.close()
