"""The examples in docstrings are run, against an emulated account that the environment points to."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import doctest
import inspect
import io
import sys
from typing import TYPE_CHECKING, Any

import pytest

import gradient_async
import gradient_async.emulator
import gradient_async.http
import gradient_async.pytest_plugin
import gradient_sync
from gradient_async.cli import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGES = (gradient_async, gradient_sync, gradient_async.emulator)


def documented() -> Iterator[tuple[str, str]]:
    """Return every docstring of a public object: packages, their modules, their public classes and these' members."""
    for name, module in sorted(sys.modules.items()):
        if name.split(".")[0] in {"gradient_async", "gradient_sync"}:
            yield name, module.__doc__ or ""
    for name, function in inspect.getmembers(printable, inspect.isfunction):
        yield f"{printable.__name__}.{name}", function.__doc__ or ""
    for package in PACKAGES:
        for name in package.__all__:
            value = getattr(package, name)
            if not getattr(value, "__module__", "").startswith("gradient_"):
                continue
            yield f"{package.__name__}.{name}", value.__doc__ or ""
            for member_name, member in vars(value).items() if inspect.isclass(value) else ():
                if not member_name.startswith("_") or member_name == "__init__":
                    yield f"{package.__name__}.{name}.{member_name}", getattr(member, "__doc__", None) or ""


def examples() -> dict[str, list[doctest.Example]]:
    """Return the examples by where they stand; one that two packages share is run once."""
    parser = doctest.DocTestParser()
    found: dict[str, list[doctest.Example]] = {}
    texts: set[str] = set()
    for name, text in documented():
        parsed = parser.get_examples(text) if ">>>" in text else []
        if parsed and text not in texts:
            texts.add(text)
            found[name] = parsed
    return found


EXAMPLES = examples()


def test_every_example_is_among_those_that_are_run() -> None:
    """A new place for examples has to be added to ``documented``."""
    in_source = 0
    for package in (gradient_async, gradient_sync):
        for path in sorted(__import__("pathlib").Path(package.__path__[0]).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for node in ast.walk(tree):
                if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                    in_source += ">>> " in (ast.get_docstring(node) or "")
    assert len(EXAMPLES) == in_source


@pytest.fixture
def namespace(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """What a reader has imported: the package's names and the emulator's."""
    with gradient_async.emulator.Emulator(droplets=3, time_scale=600) as emulator:
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        yield {
            **{name: getattr(package, name) for package in reversed(PACKAGES) for name in package.__all__},
            **dict(inspect.getmembers(printable, inspect.isfunction)),
            "__name__": "__example__",
        }


async def run_all(parsed: list[doctest.Example], namespace: dict[str, Any]) -> None:
    """Run examples one after the other, as the interactive interpreter of asyncio does."""
    for example in parsed:
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            code = compile(example.source, "<example>", "single", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
            pending = eval(code, namespace)
            if inspect.iscoroutine(pending):
                await pending
        if example.want:
            assert output.getvalue() == example.want


@pytest.mark.parametrize("place", [place for place in EXAMPLES if not place.startswith("gradient_sync")])
def test_example_runs_as_it_is_written(place: str, namespace: dict[str, Any]) -> None:
    asyncio.run(run_all(EXAMPLES[place], namespace))


@pytest.mark.parametrize("place", [place for place in EXAMPLES if place.startswith("gradient_sync")])
def test_sync_example_runs_without_an_event_loop(place: str, namespace: dict[str, Any]) -> None:
    assert all("await" not in example.source and "async " not in example.source for example in EXAMPLES[place])
    with pytest.raises(StopIteration):
        run_all(EXAMPLES[place], namespace).send(None)
