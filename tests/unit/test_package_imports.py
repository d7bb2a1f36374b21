"""Imports between packages point one way, those for type checkers too.

``lint-imports`` checks the order of the imports at run time, without those under ``TYPE_CHECKING``. Imports inside
functions are left out here: they load what most programs do not need.
"""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import gradient_async

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(gradient_async.__file__).parent


def imported(node: ast.AST) -> Iterator[str]:
    """Yield the modules of the package that are imported outside of functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ImportFrom) and child.module:
            names = [f"{child.module}.{one.name}" for one in child.names] if child.module == "gradient_async" else []
            yield from names or [child.module]
        elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from imported(child)


def package_of(module: str) -> str:
    return module.split(".")[1]


def package_graph(sources: dict[str, str]) -> dict[str, set[str]]:
    """Return what each package or top-level module imports of the others, by the sources of the modules."""
    graph: dict[str, set[str]] = {}
    for module, source in sources.items():
        found = {package_of(one) for one in imported(ast.parse(source)) if one.startswith("gradient_async.")}
        own = package_of(module)
        graph.setdefault(own, set()).update(found - {own})
    return graph


def sources_of_the_package() -> dict[str, str]:
    files = (path.relative_to(ROOT).with_suffix("") for path in ROOT.rglob("*.py") if path.parent != ROOT)
    single = (path.relative_to(ROOT).with_suffix("") for path in ROOT.glob("[a-z]*.py"))
    return {
        ".".join(("gradient_async", *path.parts)): (ROOT / path).with_suffix(".py").read_text(encoding="utf-8")
        for path in (*files, *single)
    }


def test_no_packages_import_each_other_for_types_or_at_run_time() -> None:
    graph = package_graph(sources_of_the_package())
    assert {"errors", "fleet", "http", "resources", "waiting"} <= graph.keys()
    order = list(TopologicalSorter(graph).static_order())
    assert order.index("errors") < order.index("http") < order.index("waiting") < order.index("resources")


def test_cycle_is_found_when_only_a_type_is_imported() -> None:
    graph = package_graph(
        {
            "gradient_async.a.x": "if TYPE_CHECKING:\n    from gradient_async.b import y",
            "gradient_async.b.y": "from gradient_async.a.x import X",
            "gradient_async.c.z": "def f():\n    from gradient_async.a import x",
        }
    )
    assert graph == {"a": {"b"}, "b": {"a"}, "c": set()}
    with pytest.raises(CycleError):
        TopologicalSorter(graph).prepare()
