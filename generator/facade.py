"""Generates the sync twin of a source module. Each method body is one delegating call."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from generator.rules import (
    CLIENT,
    EXAMPLE_RULES,
    HELD_TYPES,
    HIDING,
    INLINED_BASES,
    KEPT_DECORATORS,
    RENAMED_CLASSES,
    RENAMED_METHODS,
    RENAMED_TYPES,
    SHARED,
)
from generator.source import (
    ADAPTED,
    GENERATED,
    SOURCE,
    TARGET,
    Function,
    Imports,
    Signature,
    header,
    is_overload,
    names_in,
    overloaded,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.rules import Rules
    from generator.source import Module

# Decorators of methods that need an import.
_DECORATORS: Final = {
    "overload": "from typing import overload",
    "cached_property": "from functools import cached_property",
}
_PROPERTIES: Final = {"property", "cached_property"}


class Facade:
    """The sync twin of one source module."""

    def __init__(self, module: Module, flavoured: dict[str, str], modules: dict[str, Module], rules: Rules) -> None:
        self._own = self._module = module
        self._flavoured = flavoured
        self._modules = modules
        self._rules = rules
        self._imports = Imports()
        self.path = f"{module.file.replace(SOURCE, TARGET, 1)}"

    def text(self) -> str:
        """Return the whole file."""
        classes = [line for cls in self._own.classes() if cls.name in self._flavoured for line in self._class(cls)]
        title = self._own.docstring(self._own.tree) or ""
        return "\n".join([header(self._own.file), title, "", *self._imports.lines(), *classes]) + "\n"

    def _class(self, cls: ast.ClassDef) -> Iterator[str]:
        name = self._renamed(RENAMED_CLASSES, cls.name)
        self._imports.add(f"from {TARGET}._event_loop import EventLoop", at_run_time=cls.name == CLIENT)
        yield from [*self._class_decorators(cls), f"class {name}:"]
        yield from self._docstring(cls, indent=4)
        yield from self._init(cls)
        for module, origin in self._origins(self._own, cls):
            self._module = module
            for node in origin.body:
                if isinstance(node, ast.ClassDef):
                    module.refuse(node, "classes inside classes")
                if isinstance(node, Function) and _is_public(node.name):
                    self._check(node)
                    yield from self._method(node, origin)
        self._module = self._own

    def _class_decorators(self, cls: ast.ClassDef) -> Iterator[str]:
        for decorator in cls.decorator_list:
            name = self._module.source(decorator)
            if name not in KEPT_DECORATORS:
                self._module.refuse(cls, f"classes decorated with {name}")
            self._rules.use(name)
            self._need(name, at_run_time=True)
            yield f"@{name}"

    def _origins(self, module: Module, cls: ast.ClassDef) -> Iterator[tuple[Module, ast.ClassDef]]:
        """Return the class and the base classes whose methods it has in the twin, each with its module."""
        yield module, cls
        for base in cls.bases:
            found = re.fullmatch(r"from ([\w.]+) import (\w+)", module.imports.get(ast.unparse(base), ""))
            if found and (found[1].startswith(f"{GENERATED}.") or found[2] in INLINED_BASES):
                self._use(INLINED_BASES, found[2])
                origin = self._modules[found[1]]
                for one in origin.classes():
                    if one.name == found[2]:
                        yield from self._origins(origin, one)

    def _use(self, rules: set[str], name: str) -> None:
        if name in rules:
            self._rules.use(name)

    def _check(self, node: Function) -> None:
        """Refuse methods without a rule."""
        decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
        returns = ast.unparse(node.returns) if node.returns else ""
        if stray := decorators - {"property", *_DECORATORS}:
            self._module.refuse(node, f"methods decorated with {', '.join(sorted(stray))}")
        if isinstance(node, ast.AsyncFunctionDef):
            is_special = node.name.startswith("__") and node.name not in RENAMED_METHODS
            if decorators & _PROPERTIES or is_special or returns.startswith("Async"):
                self._module.refuse(node, f"the async method {node.name}")
        elif returns.startswith(("Async", "Awaitable", "Coroutine")) and not _is_iterated(returns):
            self._module.refuse(node, f"methods that return {returns}")

    def _docstring(self, node: ast.ClassDef | Function, indent: int) -> Iterator[str]:
        text = self._module.docstring(node)
        if text is None:
            return
        for number, line in enumerate(text.split("\n")):
            code = line.strip().startswith((">>> ", "... "))
            yield (" " * indent if number == 0 else "") + (self._example(line) if code else line)

    def _example(self, line: str) -> str:
        for old, new in EXAMPLE_RULES.items():
            if old in line:
                self._rules.use(old)
                line = line.replace(old, new)
        return line

    def _init(self, cls: ast.ClassDef) -> Iterator[str]:
        self._refuse_built_at_once(cls)
        setup = ["        self._async = source", "        self._loop = loop"]
        if cls.name != CLIENT:
            parent, _, name = self._own.name.rpartition(".")
            self._imports.add(f"from {parent} import {name} as async_{name}", at_run_time=False)
            yield f"    def __init__(self, source: async_{name}.{cls.name}, loop: EventLoop) -> None:"
            yield from setup
            return
        self._imports.add(f"from {self._own.name} import {CLIENT}", at_run_time=True)
        init = next(node for node in cls.body if isinstance(node, ast.FunctionDef) and node.name == "__init__")
        signature = self._signature(init)
        yield f"    def __init__({signature.declared}) -> None:"
        yield from self._hidden(init)
        yield f"        self._wrap({CLIENT}({signature.passed}), EventLoop(), owns_loop=True)"
        yield f"    def _wrap(self, source: {CLIENT}, loop: EventLoop, *, owns_loop: bool) -> None:"
        yield from [*setup, "        self._owns_loop = owns_loop"]
        self._imports.add("from typing import Self", at_run_time=False)
        yield from [f"    def _copy(self, source: {CLIENT}) -> Self:", "        copy = object.__new__(type(self))"]
        yield from ["        copy._wrap(source, self._loop, owns_loop=False)", "        return copy"]

    def _refuse_built_at_once(self, cls: ast.ClassDef) -> None:
        """Refuse a group that is an attribute: all groups would be imported with the first client."""
        for node in ast.walk(cls):
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Attribute):
                kind = ast.unparse(node.annotation)
                if kind in self._flavoured:
                    self._own.refuse(node, f"{kind}, which is built at once; make it a cached_property")

    def _method(self, node: Function, cls: ast.ClassDef) -> Iterator[str]:
        signature = self._signature(node)
        name = self._renamed(RENAMED_METHODS, node.name)
        returns = self._module.source(node.returns) if node.returns else ""
        yield ""
        for decorator in node.decorator_list:
            if statement := _DECORATORS.get(ast.unparse(decorator)):
                self._imports.add(statement, at_run_time=True)
            yield f"    @{self._module.source(decorator)}"
        yield f"    def {name}({signature.declared}) -> {self._sync_type(returns)}:"
        if is_overload(node):
            yield "        ..."
            return
        yield from self._docstring(node, indent=8)
        yield from self._body(node, cls, signature, returns)

    def _body(self, node: Function, cls: ast.ClassDef, signature: Signature, returns: str) -> Iterator[str]:
        method = f"self._async.{node.name}"
        call = f"{method}({signature.passed})"
        arguments = f", {signature.passed}" if signature.passed else ""
        if node.name == "is_closed":
            yield "        return self._async.is_closed or self._loop.is_closed"
        elif any(ast.unparse(decorator) in _PROPERTIES for decorator in node.decorator_list):
            yield from self._property(node, returns)
        elif node.name == "aclose":
            yield "        if self._owns_loop:"
            yield "            self._loop.close(self._async.aclose)"
            yield "        elif not self.is_closed:"
            yield "            self._loop.run(self._async.aclose)"
        elif node.name == "__aenter__":
            yield from ["        self._loop.run(self._async.__aenter__)", "        return self"]
        elif node.name == "__aexit__":
            yield "        self.close()"
        elif node.name == "__repr__":
            # A debugger looks at a client whose arguments are refused, and that has no source.
            yield f'        return str(getattr(self, "_async", "<{CLIENT}>")).replace("Async", "", 1)'
        elif node.name == "__reduce__":
            yield "        self._async.__reduce__()"
        elif node.name in overloaded(cls):
            # It takes what any of its overloads takes; the caller was checked against them.
            self._imports.add("from collections.abc import Callable", at_run_time=False)
            self._imports.add("from collections.abc import Coroutine", at_run_time=False)
            yield f"        method: Callable[..., Coroutine[object, object, {returns}]] = {method}"
            yield f"        return self._loop.run(method{arguments})"
        elif isinstance(node, ast.AsyncFunctionDef):
            yield f"        return self._loop.run({method}{arguments})"
        elif returns in HELD_TYPES:
            self._rules.use(returns)
            yield f"        return self._loop.hold({call})"
        elif _is_iterated(returns):
            yield f"        return self._loop.iterate({call})"
        elif returns == "Self":
            yield from self._hidden(node)
            yield f"        return self._copy({call})"
        else:
            yield f"        return {call}"

    def _property(self, node: Function, returns: str) -> Iterator[str]:
        attribute = f"self._async.{node.name}"
        if returns not in self._flavoured:
            yield f"        return {attribute}"
            return
        # A group is imported when it is first touched.
        module = self._flavoured[returns].replace(SOURCE, TARGET, 1)
        yield from [f"        from {module} import {returns}", ""]
        yield f"        return {returns}({attribute}, self._loop)"

    def _hidden(self, node: Function) -> Iterator[str]:
        """Copy the statement that hides arguments, so that no traceback shows them among the method's variables."""
        for statement in node.body:
            if isinstance(statement, ast.Assign) and HIDING in names_in(statement.value):
                self._rules.use(HIDING)
                self._need(HIDING, at_run_time=True)
                yield f"        {self._module.source(statement)}"

    def _signature(self, node: Function) -> Signature:
        signature = Signature(self._module, node)
        for annotation in signature.annotations:
            for name in names_in(annotation):
                self._need(name, at_run_time=False)
        for kind in signature.adapters:
            self._rules.use(kind)
            self._imports.add(f"from {TARGET}._event_loop import {ADAPTED[kind]}", at_run_time=True)
        for default in signature.defaults:
            for name in names_in(default):
                self._need(name, at_run_time=True)
        return signature

    def _need(self, name: str, *, at_run_time: bool) -> None:
        """Import a name from the source's origin, or from the twin's."""
        if name in self._flavoured:
            module = self._flavoured[name].replace(SOURCE, TARGET, 1)
            if module != self._own.name.replace(SOURCE, TARGET, 1):
                self._imports.add(f"from {module} import {name}", at_run_time=at_run_time)
            return
        statement = self._module.imports.get(name)
        if statement is not None:
            self._imports.add(self._sync_type(statement), at_run_time=at_run_time)

    def _sync_type(self, text: str) -> str:
        for old in RENAMED_TYPES:
            if old in text:
                text = text.replace(old, self._renamed(RENAMED_TYPES, old))
        return text

    def _renamed(self, table: dict[str, str], name: str) -> str:
        if name in table:
            self._rules.use(name)
        return table.get(name, name)


def is_flavoured(cls: ast.ClassDef, rules: Rules) -> bool:
    """Return whether a class needs a sync twin: it or an inlined base has async methods."""
    has_async = any(isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_") for node in cls.body)
    has_async = has_async or any(ast.unparse(base) in INLINED_BASES for base in cls.bases)
    if has_async and cls.name in SHARED:
        rules.use(cls.name)
        return False
    return has_async


def _is_public(name: str) -> bool:
    is_special = name.startswith("__") and name.endswith("__")
    return (is_special or not name.startswith("_")) and name != "__init__"


def _is_iterated(returns: str) -> bool:
    return returns.partition("[")[0] in RENAMED_TYPES
