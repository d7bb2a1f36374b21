"""The page on coming from pydo says truly which of its methods are here, and under which names."""

from __future__ import annotations

import importlib.util
import sys
import types
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

import gradient_async
import gradient_sync

SCRIPT = Path(__file__).parents[1] / "docs" / "write_pydo_names.py"
spec = importlib.util.spec_from_file_location(SCRIPT.stem, SCRIPT)
assert spec is not None
assert spec.loader is not None
table = sys.modules[SCRIPT.stem] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(table)

METHODS = table.methods()
CLIENTS = [gradient_sync.GradientAI, gradient_async.AsyncGradientAI]
# As many as pydo 0.44.0 has in these groups, counted in its own classes.
PYDO_METHODS = 128
PYDO_GROUPS = 23


def row_of(name: str) -> Any:
    (row,) = (row for row in METHODS if row.name == name)
    return row


def test_table_names_every_method_of_pydo_once() -> None:
    names = [row.name for row in METHODS]
    assert len(names) == len(set(names)) == PYDO_METHODS
    assert len({name.partition(".")[0] for name in names}) == PYDO_GROUPS


@pytest.mark.parametrize("row", METHODS, ids=lambda row: row.name)
def test_what_the_table_says_exists_in_both_flavours(row: Any) -> None:
    for client in CLIENTS:
        assert callable(attrgetter(row.here or row.verb.lower())(client("token"))), client


@pytest.mark.parametrize(
    ("pydo", "instead"),
    [
        ("droplets.destroy", "`gpu_droplets.delete`"),
        ("volume_actions.post", "`gpu_droplets.volumes.actions.initiate_by_name`"),
        ("projects.patch_default", '`projects.update("default", …)`'),
        ("droplets.list_neighbors_ids", '`client.get("/v2/reports/droplet_neighbors_ids")`'),
        ("vpcs.update", '`client.put("/v2/vpcs/{vpc_id}", body={…})`'),
    ],
)
def test_method_is_found_by_the_request_that_it_sends(pydo: str, instead: str) -> None:
    assert row_of(pydo).instead == instead


def test_page_shows_the_table() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    assert page == table.page_with(table.text()), "run: python docs/write_pydo_names.py"


def test_differences_from_an_installed_pydo_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    class Group:
        def list(self) -> None: ...

        def is_new(self) -> None: ...

    pydo = types.SimpleNamespace(Client=lambda token: types.SimpleNamespace(sizes=Group()))  # noqa: ARG005 - pydo's name
    monkeypatch.setitem(sys.modules, "pydo", pydo)
    differences = list(table.differences())
    assert differences[0] == "not in the table: sizes.is_new"
    assert "not in pydo: regions.list" in differences
    assert "not in pydo: sizes.list" not in differences
