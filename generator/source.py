"""Parsed source files: modules, signatures and import statements."""

from __future__ import annotations

import ast
import re
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = "gradient_async"
TARGET: Final = "gradient_sync"
COMMAND: Final = "python gradient_sync/_generate.py"
RESOURCES: Final = f"{SOURCE}.resources"
GENERATED: Final = f"{RESOURCES}.generated"
# Functions that adapt arguments of a type. Iterators are read in the caller's thread, since they may call the same
# client. An HTTP session must not belong to another event loop.
ADAPTED: Final = {"Iterable": "materialized", "ClientSession": "checked_http_session"}


class GenerationError(Exception):
    """The source has a construct without a rule, or a rule has no use."""


def header(source: str) -> str:
    """Return the first lines of a generated file."""
    return f"# Generated from {source}. Do not edit; run:\n# {COMMAND}"


def folder_of(name: str) -> str:
    """Return the path of a module or a package, without its suffix."""
    return name.replace(".", "/")


class Module:
    """A source file, parsed."""

    def __init__(self, name: str, text: str | None = None) -> None:
        self.name = name
        self.file = f"{folder_of(name)}.py"
        self.text = (ROOT / self.file).read_text(encoding="utf-8") if text is None else text
        self.tree = ast.parse(self.text)
        # ast counts columns in bytes.
        self._lines = self.text.encode().split(b"\n")

    def classes(self) -> list[ast.ClassDef]:
        """Return the classes at the top of the module."""
        return [node for node in self.tree.body if isinstance(node, ast.ClassDef)]

    def refuse(self, node: ast.stmt | ast.expr | ast.arg, reason: str) -> NoReturn:
        """Raise an error that names the place."""
        raise GenerationError(f"{self.file}:{node.lineno}: no rule for {reason}")

    def refuse_coroutine_function(self, name: str) -> None:
        """Refuse an async function of a module: the sync package cannot await it."""
        for node in self.tree.body:
            if isinstance(node, ast.AsyncFunctionDef) and node.name == name:
                self.refuse(node, f"the async function {name}")

    def source(self, node: ast.expr | ast.stmt) -> str:
        """Return the source text of a node."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        lines = self._lines[first : last + 1]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"\n".join(lines).decode()

    def body(self, node: Function) -> str:
        """Return the source text of a function's body, without its docstring."""
        first = node.body[1 if self.docstring(node) else 0]
        return b"\n".join(self._lines[first.lineno - 1 : node.body[-1].end_lineno]).decode()

    def docstring(self, node: ast.ClassDef | Function | ast.Module) -> str | None:
        """Return the source text of a docstring, with its quotes."""
        first = node.body[0]
        is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        return self.source(first) if is_docstring else None

    @cached_property
    def imports(self) -> dict[str, str]:
        """The import statement of each imported name."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                origin = f"from {node.module} import"
                found.update({name.asname or name.name: f"{origin} {name.name}" for name in node.names})
            elif isinstance(node, ast.Import):
                found.update({name.asname or name.name: f"import {name.name}" for name in node.names})
        return found

    @cached_property
    def definitions(self) -> dict[str, ast.stmt]:
        """The top-level statement that defines each name of the module."""
        found: dict[str, ast.stmt] = {}
        for node in self.tree.body:
            if isinstance(node, ast.AnnAssign | ast.Assign):
                targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
                found.update({target.id: node for target in targets if isinstance(target, ast.Name)})
            elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name] = node
        return found

    def types_in(self, annotation: ast.expr) -> Iterator[str]:
        """Return the names of the types in an annotation, including the types of aliases."""
        for name in names_in(annotation):
            yield name
            definition = self.definitions.get(name)
            if isinstance(definition, ast.AnnAssign | ast.Assign) and definition.value is not None:
                yield from self.types_in(definition.value)
            found = re.fullmatch(rf"from ({SOURCE}\.[\w.]+) import (\w+)", self.imports.get(name, ""))
            origin = module_of(found[1]) if found else None
            if found and origin and isinstance(origin.definitions.get(found[2]), ast.AnnAssign | ast.Assign):
                yield from origin.types_in(ast.Name(found[2], ast.Load()))
        yield from (node.attr for node in ast.walk(annotation) if isinstance(node, ast.Attribute))


@cache
def module_of(name: str) -> Module:
    """Return a module as it is in its file, parsed once."""
    return Module(name)


class Signature:
    """A function's parameters, as declared and as passed on."""

    def __init__(self, module: Module, node: Function, without: tuple[str, ...] = ()) -> None:
        self._module = module
        arguments = node.args
        if arguments.posonlyargs or arguments.vararg:
            module.refuse(node, "positional-only and *parameters")
        self.annotations = [node.returns] if node.returns else []
        self.defaults: list[ast.expr] = []
        self.adapters: set[str] = set()
        self.names: list[str] = []
        declared = ["self"]
        passed: list[str] = []
        positional = arguments.args[1:]
        padding: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
        for argument, default in zip(positional, [*padding, *arguments.defaults], strict=True):
            declared.append(self._declared(argument, default))
            passed.append(self._adapted(argument))
        keywords = [
            pair for pair in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if pair[0].arg not in without
        ]
        declared += ["*"] if keywords else []
        for argument, default in keywords:
            declared.append(self._declared(argument, default))
            passed.append(f"{argument.arg}={self._adapted(argument)}")
        if arguments.kwarg:
            declared.append(f"**{self._declared(arguments.kwarg, None)}")
            passed.append(f"**{arguments.kwarg.arg}")
        self.declared = ", ".join(declared)
        self.passed = ", ".join(passed)

    def _declared(self, argument: ast.arg, default: ast.expr | None) -> str:
        if argument.annotation is None:
            raise GenerationError(f"{self._module.file}:{argument.lineno}: {argument.arg} has no annotation")
        self.annotations.append(argument.annotation)
        self.names.append(argument.arg)
        text = f"{argument.arg}: {self._module.source(argument.annotation)}"
        if default is None:
            return text
        self.defaults.append(default)
        return f"{text} = {self._module.source(default)}"

    def _adapted(self, argument: ast.arg) -> str:
        assert argument.annotation is not None  # noqa: S101 - ``_declared`` refused it
        for kind in ADAPTED.keys() & set(self._module.types_in(argument.annotation)):
            self.adapters.add(kind)
            return f"{ADAPTED[kind]}({argument.arg})"
        return argument.arg


class Imports:
    """The import statements of a generated file."""

    def __init__(self) -> None:
        self._at_run_time: dict[str, bool] = {}

    def add(self, statement: str, *, at_run_time: bool) -> None:
        """Add a statement such as ``from a import b`` or ``import a``."""
        self._at_run_time[statement] = self._at_run_time.get(statement, False) or at_run_time

    def lines(self) -> list[str]:
        """Return all statements: first the run-time imports, then those for type checkers only."""
        checked = sorted(one for one, at_run_time in self._at_run_time.items() if not at_run_time)
        plain = sorted(one for one, at_run_time in self._at_run_time.items() if at_run_time)
        typing = ["from typing import TYPE_CHECKING"] if checked else []
        block = ["if TYPE_CHECKING:", *(f"    {one}" for one in checked)] if checked else []
        return ["from __future__ import annotations", "", *typing, *plain, "", *block, ""]


def names_in(node: ast.AST, context: type[ast.expr_context] = ast.expr_context) -> list[str]:
    """Return the names that are used in a piece of source."""
    return [one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, context)]


def is_overload(node: Function) -> bool:
    """Return whether a function only declares one of several signatures."""
    return any(ast.unparse(decorator) == "overload" for decorator in node.decorator_list)


@cache
def overloaded(tree: ast.AST) -> frozenset[str]:
    """Return the names of the functions that have several signatures."""
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    return frozenset(node.name for node in functions if is_overload(node))
