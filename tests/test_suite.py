"""The tests themselves: each of them can fail."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.once

FOLDER = Path(__file__).parent
FILES = sorted(FOLDER.rglob("test_*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef
CHECKS = {"raises", "warns", "fail", "timeout", "fail_after", "wait_for"}

# Tests that assert nothing themselves: what they call raises if it is wrong.
WITHOUT_ASSERTION = {
    "test_choice_is_let_through_when_it_is_one_of_the_allowed",
    "test_connections_close_when_an_async_client_is_left_open",
    "test_emulator_example_holds",
    "test_example_is_a_script_as_it_stands",
    "test_nothing_is_raised_when_none_failed_and_none_is_unknown",
}
# Any error may come through a call of the event loop; the test compares it with the one that was raised.
ANY_ERROR = {"test_error_reaches_only_its_caller_as_the_same_object"}


@pytest.fixture(scope="module", autouse=True)
def _forgotten() -> Iterator[None]:
    """Forget the trees after these tests: so many nodes would slow down each garbage collection."""
    yield
    tree_of.cache_clear()
    functions_in.cache_clear()


@cache
def tree_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@cache
def functions_in(file: Path) -> dict[str, Function]:
    return {node.name: node for node in ast.walk(tree_of(file)) if isinstance(node, Function)}


def named_tests(file: Path) -> Iterator[tuple[str, Function, dict[str, Function]]]:
    functions = functions_in(file)
    for name, function in functions.items():
        if name.startswith("test_"):
            yield name, function, functions


def checks(function: Function, others: dict[str, Function], depth: int = 3) -> bool:
    """Return whether a function asserts something, or calls one of its module that does."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert | ast.Raise):
            return True
        name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
        if name in CHECKS or name.startswith("assert"):
            return True
        other = others.get(name)
        if depth and other is not None and other is not function and checks(other, others, depth - 1):
            return True
    return False


def decorators_of(function: Function) -> list[str]:
    return [ast.unparse(one) for one in function.decorator_list]


def test_names_of_tests_have_at_most_60_characters() -> None:
    assert [name for file in FILES for name, *_ in named_tests(file) if len(name) > 60] == []


def test_every_test_asserts_something() -> None:
    found = {name for file in FILES for name, test, others in named_tests(file) if not checks(test, others)}
    assert found == WITHOUT_ASSERTION


def test_no_parameter_ends_a_test_before_its_assertions() -> None:
    """Hypothesis draws cases that are none, and may return; a parameter that asserts nothing is left out instead."""
    found = {
        name
        for file in FILES
        for name, test, _ in named_tests(file)
        if any("parametrize" in one for one in decorators_of(test))
        and any(isinstance(node, ast.Return) and node.value is None for node in own_nodes(test))
    }
    assert found == set()


def own_nodes(function: Function) -> Iterator[ast.AST]:
    """Return the nodes of a function, without those of the functions in it."""
    left: list[ast.AST] = list(function.body)
    while left:
        node = left.pop()
        yield node
        if not isinstance(node, Function | ast.Lambda):
            left += ast.iter_child_nodes(node)


def test_no_test_accepts_any_error() -> None:
    found = {
        name
        for file in FILES
        for name, test, _ in named_tests(file)
        for node in ast.walk(test)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) == "pytest.raises"
        and ast.unparse(node.args[0]) in {"Exception", "BaseException"}
    }
    assert found == ANY_ERROR


def test_no_assertion_always_holds() -> None:
    constant = [
        f"{file.name}:{node.lineno}"
        for file in FILES
        for node in ast.walk(tree_of(file))
        if isinstance(node, ast.Assert) and is_constant(node.test)
    ]
    assert constant == []


def is_constant(test: ast.expr) -> bool:
    if isinstance(test, ast.BoolOp):
        return any(isinstance(value, ast.Constant) for value in test.values)
    return isinstance(test, ast.Constant | ast.Tuple)


def test_each_test_has_a_name_of_its_own_in_its_file() -> None:
    """A second one of the same name would replace the first."""
    for file in FILES:
        names = [node.name for node in tree_of(file).body if isinstance(node, Function)]
        assert len(names) == len(set(names)), file.name
