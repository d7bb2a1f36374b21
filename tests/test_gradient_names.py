"""The page on coming from the retired SDK says truly which of its names are here and which are not."""

from __future__ import annotations

import importlib.util
import inspect
import re
import sys
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

import gradient_async
import gradient_sync
from gradient_async.emulator import Emulator

SCRIPT = Path(__file__).parents[1] / "docs" / "write_gradient_names.py"
spec = importlib.util.spec_from_file_location(SCRIPT.stem, SCRIPT)
assert spec is not None
assert spec.loader is not None
table = sys.modules[SCRIPT.stem] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(table)

METHODS = table.methods()
NAMES = table.names()
CLIENTS = [gradient_sync.GradientAI, gradient_async.AsyncGradientAI]
# As many as gradient 3.12.2 has, counted in its own code.
RETIRED_METHODS = 88


def has(thing: object, path: str) -> bool:
    try:
        attrgetter(path)(thing)
    except AttributeError:
        return False
    return True


@pytest.fixture(scope="module")
def objects() -> dict[str, list[object]]:
    """The objects that the table names, in both flavours where there are two."""
    with Emulator(droplets=1, limits=None) as emulator:
        client = gradient_sync.GradientAI(emulator.token, base_url=emulator.base_url)
        async_client = gradient_async.AsyncGradientAI(emulator.token, base_url=emulator.base_url)
        raw = client.gpu_droplets.with_raw_response.retrieve(3164444)
        with pytest.raises(gradient_sync.APIStatusError) as refused:
            client.gpu_droplets.retrieve(99)
        client.close()
    return {
        "client": [client, async_client],
        "client.gpu_droplets": [client.gpu_droplets, async_client.gpu_droplets],
        "raw": [raw],
        "error": [refused.value],
        "answer": [raw.parse(), raw.parse().droplet],
        "module": [gradient_sync, gradient_async],
    }


def test_table_names_every_retired_method_once() -> None:
    paths = [path for row in METHODS for path in row.paths()]
    assert len(paths) == len(set(paths)) == RETIRED_METHODS


@pytest.mark.parametrize("path", [path for row in METHODS for path in row.paths()])
def test_method_is_here_in_both_flavours(path: str) -> None:
    for client in CLIENTS:
        assert callable(attrgetter(path)(client("token").gpu_droplets)), client


@pytest.mark.parametrize("row", NAMES, ids=lambda row: f"{row.of}:{row.missing[0]}")
def test_name_is_missing_when_listed_as_missing(row: Any, objects: dict[str, list[object]]) -> None:
    assert row.missing
    for name in [name.removesuffix("()") for name in row.missing]:
        if row.of == "argument":
            known = [name in inspect.signature(client).parameters for client in CLIENTS]
        else:
            known = [has(thing, name) for thing in objects[row.of]]
        assert not any(known), f"{name} is here now: change {table.TABLE.name}"


@pytest.mark.parametrize("row", NAMES, ids=lambda row: f"{row.of}:{row.missing[0]}")
def test_replacement_exists_when_a_name_is_missing(row: Any, objects: dict[str, list[object]]) -> None:
    for of, name in re.findall(r"`(client|raw|error)\.([\w.]+)", row.instead):
        assert all(has(thing, name) for thing in objects[of]), f"{of}.{name}"
    for name in re.findall(r"(\w+)=`", row.instead):
        assert all(name in inspect.signature(client).parameters for client in CLIENTS), name
    for name in re.findall(r"gradient_sync\.(\w+)", row.instead):
        assert hasattr(gradient_sync, name), name


def test_page_shows_the_table() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    assert page == table.page_with(table.text()), "run: python docs/write_gradient_names.py"
