"""Generates calls of resource methods, with which type checkers verify the result types in both flavours."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from generator.exports import is_resource
from generator.source import COMMAND, GENERATED, RESOURCES, SOURCE, TARGET, Function, names_in, overloaded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from generator.source import Module

FILES: Final = ("tests/typing/resources_async.py", "tests/typing/resources_sync.py")
# A value of each type that a required parameter can have.
SAMPLES: Final = {"int": "1", "str": '"x"', "int | str": "1", "bool": "True"}


def texts(modules: Mapping[str, Module]) -> dict[str, str]:
    """Return the files by their path."""
    is_async = {FILES[0]: True, FILES[1]: False}
    return {path: _text(modules, is_async=flavour) for path, flavour in is_async.items()}


def _text(modules: Mapping[str, Module], *, is_async: bool) -> str:
    package = SOURCE if is_async else TARGET
    functions: list[str] = []
    needed: set[str] = set()
    for name, module in sorted(modules.items()):
        if name.startswith(f"{RESOURCES}.") and not name.startswith(f"{GENERATED}."):
            generated = modules.get(f"{GENERATED}.{name.rpartition('.')[2]}")
            for cls in [one for one in module.classes() if is_resource(one)]:
                lines = list(_calls(cls, generated, needed, is_async=is_async))
                head = f"{'async ' if is_async else ''}def use_{cls.name.lower()}(resource: {cls.name}) -> None:"
                functions += [head, *lines, "", ""] if lines else []
                needed |= {cls.name} if lines else set()
    iterator = "AsyncIterator" if is_async else "Iterator"
    abstract = [f"from collections.abc import {iterator}"] if any(f"{iterator}[" in one for one in functions) else []
    return "\n".join(
        [
            f"# Generated from the resources. Do not edit; run:\n# {COMMAND}",
            '"""The result types of the resources\' methods: read by mypy and basedpyright, not run."""',
            "",
            "from __future__ import annotations",
            "",
            *abstract,
            "from typing import assert_type",
            f"from {package} import {', '.join(sorted(needed))}",
            "",
            "",
            *functions,
        ]
    )


def _calls(cls: ast.ClassDef, generated: Module | None, needed: set[str], *, is_async: bool) -> Iterator[str]:
    beside = {} if generated is None else {one.name: _methods(one) for one in generated.classes()}
    raw = {node.name for node in beside.get(f"Raw{cls.name}", ())}
    for node in [*_methods(cls), *beside.get(f"Generated{cls.name}", ())]:
        given = _samples(node)
        if node.name in overloaded(cls) or node.decorator_list or given is None or node.returns is None:
            continue
        returns = ast.unparse(node.returns)
        awaits = "await " if is_async and isinstance(node, ast.AsyncFunctionDef) else ""
        needed |= {name for name in names_in(node.returns) if name[0].isupper() and name != "AsyncIterator"}
        shown = returns if is_async else returns.replace("AsyncIterator[", "Iterator[")
        call = f"{awaits}resource.{node.name}({given})"
        yield f"    {call}" if returns == "None" else f"    assert_type({call}, {shown})"
        if isinstance(node, ast.AsyncFunctionDef) and node.name in raw:
            needed.add("RawResponse")
            yield f"    assert_type({awaits}resource.with_raw_response.{node.name}({given}), RawResponse[{returns}])"


def _methods(cls: ast.ClassDef) -> list[Function]:
    return [node for node in cls.body if isinstance(node, Function) and not node.name.startswith("_")]


def _samples(node: Function) -> str | None:
    """Return arguments for the required parameters; ``None`` if a type has no sample."""
    arguments = node.args
    required = [(one, "") for one in arguments.args[1 : len(arguments.args) - len(arguments.defaults)]]
    pairs = zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    required += [(one, f"{one.arg}=") for one, default in pairs if default is None]
    given = []
    for argument, keyword in required:
        kind = ast.unparse(argument.annotation) if argument.annotation else ""
        sample = "[]" if kind.startswith("Sequence[") else SAMPLES.get(kind)
        if sample is None:
            return None
        given.append(f"{keyword}{sample}")
    return ", ".join(given)
