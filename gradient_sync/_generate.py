"""Writes the sync facade, and the raw twins of the async resources, from the source of ``gradient_async``.

Run it by its path, ``python gradient_sync/_generate.py``; with ``--check`` it writes nothing and fails when any file is
missing, stale or left over. It reads source with ``ast``, imports nothing of either package, and copies signatures and
docstrings only; every body it writes is one delegating call.

    async def m(...) -> T                def m(...) -> T: one entry into the event loop
    def m(...) -> AsyncIterator[T]       def m(...) -> Iterator[T]: one entry a page; AsyncStream, Stream likewise
    aclose, __aenter__, __aexit__        close, __enter__, __exit__
    property, plain method               delegated without entering the loop
    models, errors, everything else      re-exported, so that ``except NotFoundError`` works in both

A construct without a rule is refused, and so is a rule without a use.
"""

from __future__ import annotations

import argparse
import ast
import sys
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = "gradient_async"
TARGET: Final = "gradient_sync"
COMMAND: Final = "python gradient_sync/_generate.py"
RAW_MODULE: Final = f"{SOURCE}.resources.raw"
RAW_FILE: Final = f"{RAW_MODULE.replace('.', '/')}.py"
HAND_WRITTEN: Final = {f"{TARGET}/_event_loop.py", f"{TARGET}/_generate.py"}
LINE_LENGTH: Final = 120

# A value that is handed to a client in either flavour, and what it awaits is the client's business; and a type of which
# the sync one stands beside it.
SHARED: Final = {"RateBudget", "AsyncStream"}
# What the sync package has of its own.
OWN_NAMES: Final = {"BlockingCallInEventLoopWarning": f"{TARGET}._event_loop"}
RENAMED_CLASSES: Final = {"AsyncGradientAI": "GradientAI"}
RENAMED_METHODS: Final = {"aclose": "close", "__aenter__": "__enter__", "__aexit__": "__exit__"}
RENAMED_TYPES: Final = {"AsyncIterator": "Iterator", "AsyncStream": "Stream"}
ITERATED_TYPES: Final = tuple(f"{name}[" for name in RENAMED_TYPES)
# Applied to the code of docstring examples, and to nothing else.
EXAMPLE_RULES: Final = {
    "async with ": "with ",
    "async for ": "for ",
    "await ": "",
    "AsyncGradientAI": "GradientAI",
    "gradient_async": "gradient_sync",
}
# Class decorators that the twin has too; they change no signature.
KEPT_DECORATORS: Final = {"explain_wrong_calls", "explain_wrong_with"}
CLIENT: Final = "AsyncGradientAI"
# Iterators are run through in the caller's thread: they may call this very client.
HELD: Final = "held"
# What must not come from another event loop.
FOREIGN: Final = "http_session=http_session"
CONCEALED: Final = "access_token"


class GenerationError(Exception):
    """The source has something that there is no rule for, or a rule has nothing to do."""


class Rules:
    """Which rules have been used; each has to be."""

    def __init__(self) -> None:
        self.unused = {
            *SHARED,
            *RENAMED_CLASSES,
            *RENAMED_METHODS,
            *RENAMED_TYPES,
            *KEPT_DECORATORS,
            FOREIGN,
            HELD,
            CONCEALED,
            *(EXAMPLE_RULES.keys() - {"async for ", "gradient_async"}),
        }

    def use(self, rule: str) -> None:
        """Note that a rule was needed."""
        self.unused.discard(rule)


def main(arguments: list[str]) -> int:
    """Write the files, or check them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if any file is not as generated")
    options = parser.parse_args(arguments)
    try:
        files = generate()
    except GenerationError as error:
        print(f"{COMMAND}: {error}", file=sys.stderr)
        return 2
    if options.check:
        return check(files)
    for path in set(_existing()) - set(files):
        (ROOT / path).unlink()
    for path, text in files.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")
    print(f"{len(files)} files written")
    return 0


def check(files: dict[str, str]) -> int:
    """Compare the whole set of files with what would be written."""
    existing = _existing()
    faults = [f"missing: {path}" for path in sorted(files.keys() - existing.keys())]
    faults += [f"left over: {path}" for path in sorted(existing.keys() - files.keys())]
    faults += [f"stale: {path}" for path in sorted(files.keys() & existing.keys()) if files[path] != existing[path]]
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        print(f"run: {COMMAND}", file=sys.stderr)
    return 1 if faults else 0


def _existing() -> dict[str, str]:
    paths = [path.relative_to(ROOT).as_posix() for path in sorted((ROOT / TARGET).rglob("*.py"))]
    generated = [path for path in paths if path not in HAND_WRITTEN]
    if (ROOT / RAW_FILE).exists():
        generated.append(RAW_FILE)
    return {path: (ROOT / path).read_text(encoding="utf-8") for path in generated}


def generate() -> dict[str, str]:
    """Every generated file's text, by its path.

    Raises:
        GenerationError: Something has no rule, or a rule has no use.
    """
    rules = Rules()
    raw = write_raw_module()
    modules = {name: Module(name, text=raw if name == RAW_MODULE else None) for name in _public_names().values()}
    for name, origin in _public_names().items():
        modules[origin].refuse_coroutine_function(name)
    flavoured = {
        cls.name: module.name
        for module in modules.values()
        for cls in module.classes()
        if cls.name in _public_names() and _is_flavoured(cls, rules)
    }
    files = {RAW_FILE: raw}
    for name in sorted(set(flavoured.values())):
        facade = Facade(modules[name], flavoured, rules)
        files[facade.path] = facade.text()
    packages = {str(Path(path).parent) for path in files if path.startswith(f"{TARGET}/")} - {TARGET}
    for package in sorted(packages):
        files[f"{package}/__init__.py"] = _subpackage_text(package)
    files[f"{TARGET}/__init__.py"] = _package_text(flavoured)
    if rules.unused:
        raise GenerationError(f"rules without a use: {', '.join(sorted(rules.unused))}")
    return files


class Module:
    """A source file, parsed."""

    def __init__(self, name: str, text: str | None = None) -> None:
        self.name = name
        self.file = f"{name.replace('.', '/')}.py"
        self.text = (ROOT / self.file).read_text(encoding="utf-8") if text is None else text
        self.tree = ast.parse(self.text)
        # ast counts columns in bytes.
        self._lines = self.text.encode().split(b"\n")

    def classes(self) -> list[ast.ClassDef]:
        """The classes at the top of the module."""
        return [node for node in self.tree.body if isinstance(node, ast.ClassDef)]

    def refuse(self, node: ast.stmt, reason: str) -> NoReturn:
        """Give up, with the place."""
        raise GenerationError(f"{self.file}:{node.lineno}: no rule for {reason}")

    def refuse_coroutine_function(self, name: str) -> None:
        """Functions of a module cannot be awaited in the sync package."""
        for node in self.tree.body:
            if isinstance(node, ast.AsyncFunctionDef) and node.name == name:
                self.refuse(node, f"the async function {name}")

    def source(self, node: ast.expr | ast.stmt) -> str:
        """A node as it is written; it has to be written in one line."""
        text = self._segment(node)
        if "\n" in text:
            raise GenerationError(f"{self.file}:{node.lineno}: expected one line: {text}")
        return text

    def _segment(self, node: ast.expr | ast.stmt) -> str:
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        lines = self._lines[first : last + 1]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"\n".join(lines).decode()

    def docstring(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef | ast.Module) -> str | None:
        """A docstring as it is written, quotes and all."""
        first = node.body[0]
        is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        return self._segment(first) if is_docstring else None

    @cached_property
    def imports(self) -> dict[str, str]:
        """The import statement that each imported name comes from."""
        found: dict[str, str] = {}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                origin = f"from {node.module} import"
                found.update({name.asname or name.name: f"{origin} {name.name}" for name in node.names})
            elif isinstance(node, ast.Import):
                found.update({name.asname or name.name: f"import {name.name}" for name in node.names})
        return found


class Signature:
    """A function's parameters, to be written as they are and to be passed on."""

    def __init__(self, module: Module, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self._module = module
        arguments = node.args
        if arguments.posonlyargs or arguments.vararg:
            module.refuse(node, "positional-only and *parameters")
        self.annotations = [node.returns] if node.returns else []
        self.defaults: list[ast.expr] = []
        self.takes_iterable = False
        self.declared = ["self"]
        self.passed: list[str] = []
        positional = arguments.args[1:]
        padding: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults))
        for argument, default in zip(positional, [*padding, *arguments.defaults], strict=True):
            self._add(argument, default, argument.arg)
        if arguments.kwonlyargs:
            self.declared.append("*")
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            self._add(argument, default, f"{argument.arg}={argument.arg}")
        if arguments.kwarg:
            self._add(arguments.kwarg, None, f"**{arguments.kwarg.arg}", stars="**")

    def _add(self, argument: ast.arg, default: ast.expr | None, passed: str, stars: str = "") -> None:
        if argument.annotation is None:
            raise GenerationError(f"{self._module.file}:{argument.lineno}: {argument.arg} has no annotation")
        self.annotations.append(argument.annotation)
        text = f"{stars}{argument.arg}: {self._module.source(argument.annotation)}"
        if default is not None:
            self.defaults.append(default)
            text += f" = {self._module.source(default)}"
        self.declared.append(text)
        if "Iterable[" in text:
            self.takes_iterable = True
            passed = passed[: -len(argument.arg)] + f"{HELD}({argument.arg})"
        self.passed.append(passed)


def _is_flavoured(cls: ast.ClassDef, rules: Rules) -> bool:
    """Whether a class has to be written anew: it has something to await."""
    has_async = any(isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_") for node in cls.body)
    if has_async and cls.name in SHARED:
        rules.use(cls.name)
        return False
    return has_async


def _public_names() -> dict[str, str]:
    """The module that each public name comes from."""
    tree = ast.parse((ROOT / SOURCE / "__init__.py").read_text(encoding="utf-8"))
    origin = {
        name.asname or name.name: str(node.module)
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for name in node.names
    }
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return {name: origin[name] for name in ast.literal_eval(node.value)}
    raise GenerationError(f"{SOURCE}/__init__.py has no __all__")


def _joined(lines: list[str]) -> str:
    """A file's text, with two empty lines at the most."""
    text = "\n".join(lines)
    while "\n\n\n\n" in text:
        text = text.replace("\n\n\n\n", "\n\n\n")
    return text.rstrip() + "\n"


def header(source: str) -> str:
    """The first lines of a generated file."""
    return f"# Generated from {source}. Do not edit; run:\n# {COMMAND}"


def wrapped(indent: int, head: str, items: list[str], tail: str) -> list[str]:
    """A bracketed list as the formatter would break it: in one line, in one line inside, or a line for each."""
    space = " " * indent
    whole = f"{space}{head}{', '.join(items)}{tail}"
    if len(whole) <= LINE_LENGTH:
        return [whole]
    inside = f"{space}    {', '.join(items)}"
    if len(inside) <= LINE_LENGTH and not head.startswith("from "):
        return [f"{space}{head}", inside, f"{space}{tail}"]
    return [f"{space}{head}", *(f"{space}    {item}," for item in items), f"{space}{tail}"]


class Imports:
    """Import statements, collected as they turn out to be needed, written in the linter's order."""

    def __init__(self) -> None:
        self._names: dict[tuple[bool, str], set[str]] = {}

    def add(self, statement: str, *, at_run_time: bool) -> None:
        """Note a statement such as ``from a import b`` or ``import a``."""
        module, _, name = statement.removeprefix("from ").removeprefix("import ").partition(" import ")
        if not at_run_time and name in self._names.get((True, module), ()):
            return
        if at_run_time and (False, module) in self._names:
            self._names[False, module].discard(name)
            if not self._names[False, module]:
                del self._names[False, module]
        self._names.setdefault((at_run_time, module), set()).update({name} if name else ())

    def lines(self) -> list[str]:
        """All statements, those for type checkers alone behind the others."""
        lines = ["from __future__ import annotations", ""]
        if any(not at_run_time for at_run_time, _ in self._names):
            self.add("from typing import TYPE_CHECKING", at_run_time=True)
        for at_run_time in (True, False):
            block = self._block(at_run_time, indent=0 if at_run_time else 4)
            lines += [*([] if at_run_time or not block else ["if TYPE_CHECKING:"]), *block]
        return lines

    def _block(self, at_run_time: bool, indent: int) -> list[str]:
        lines: list[str] = []
        for section in (_is_standard, _is_third_party, _is_own):
            modules = sorted(module for when, module in self._names if when is at_run_time and section(module))
            bare = [f"{' ' * indent}import {module}" for module in modules if not self._names[at_run_time, module]]
            named = [module for module in modules if self._names[at_run_time, module]]
            lines += bare
            for module in named:
                names = sorted(self._names[at_run_time, module], key=import_order)
                lines += bracketed_import(indent, module, names)
            lines += [""] if modules else []
        return lines


def bracketed_import(indent: int, module: str, names: list[str]) -> list[str]:
    """An import of several names, in one line if it fits."""
    plain = f"{' ' * indent}from {module} import {', '.join(names)}"
    return [plain] if len(plain) <= LINE_LENGTH else wrapped(indent, f"from {module} import (", names, ")")


def import_order(name: str) -> tuple[int, str, str]:
    """Constants, then classes, then the rest, in any case of letters."""
    plain = name.partition(" as ")[0]
    kind = 0 if plain.isupper() else 1 if plain[:1].isupper() else 2
    return kind, plain.lower(), plain


def _is_standard(module: str) -> bool:
    return module.partition(".")[0] in sys.stdlib_module_names


def _is_own(module: str) -> bool:
    return module.partition(".")[0] in {SOURCE, TARGET}


def _is_third_party(module: str) -> bool:
    return not _is_standard(module) and not _is_own(module)


class Facade:
    """The sync twin of one source module."""

    def __init__(self, module: Module, flavoured: dict[str, str], rules: Rules) -> None:
        self._module = module
        self._flavoured = flavoured
        self._rules = rules
        self._imports = Imports()
        self.path = f"{module.file.replace(SOURCE, TARGET, 1)}"

    def text(self) -> str:
        """The whole file."""
        classes = [line for cls in self._module.classes() if cls.name in self._flavoured for line in self._class(cls)]
        head = [
            header(self._module.file),
            self._module.docstring(self._module.tree) or "",
            "",
        ]
        return _joined([*head, *self._imports.lines(), *classes])

    def _class(self, cls: ast.ClassDef) -> Iterator[str]:
        name = self._renamed(RENAMED_CLASSES, cls.name)
        self._imports.add(f"from {TARGET}._event_loop import EventLoop", at_run_time=cls.name == CLIENT)
        yield from ["", "", *self._class_decorators(cls), f"class {name}:"]
        yield from self._docstring(cls, indent=4)
        yield from self._init(cls)
        for node in cls.body:
            if isinstance(node, ast.ClassDef):
                self._module.refuse(node, "classes inside classes")
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_public(node.name):
                self._check(node)
                yield from self._method(node)

    def _class_decorators(self, cls: ast.ClassDef) -> Iterator[str]:
        for decorator in cls.decorator_list:
            name = self._module.source(decorator)
            if name not in KEPT_DECORATORS:
                self._module.refuse(cls, f"classes decorated with {name}")
            self._rules.use(name)
            self._need(name, at_run_time=True)
            yield f"@{name}"

    def _check(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Refuse the kinds of methods that there is no rule for."""
        decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
        returns = ast.unparse(node.returns) if node.returns else ""
        if stray := decorators - {"overload", "property"}:
            self._module.refuse(node, f"methods decorated with {', '.join(sorted(stray))}")
        if isinstance(node, ast.AsyncFunctionDef):
            is_special = node.name.startswith("__") and node.name not in RENAMED_METHODS
            if "property" in decorators or is_special or returns.startswith("Async"):
                self._module.refuse(node, f"the async method {node.name}")
        elif returns.startswith(("Async", "Awaitable", "Coroutine")) and not returns.startswith(ITERATED_TYPES):
            self._module.refuse(node, f"methods that return {returns}")

    def _docstring(self, node: ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef, indent: int) -> Iterator[str]:
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
        children = _children(cls, self._flavoured)
        for _, child in children:
            self._need(child, at_run_time=True)
        attributes = [f"        self.{name}: {kind} = {kind}(source.{name}, loop)" for name, kind in children]
        setup = ["        self._async = source", "        self._loop = loop", *attributes]
        if cls.name != CLIENT:
            parent, _, name = self._module.name.rpartition(".")
            self._imports.add(f"from {parent} import {name} as async_{name}", at_run_time=False)
            yield from [
                "",
                f"    def __init__(self, source: async_{name}.{cls.name}, loop: EventLoop) -> None:",
                *setup,
            ]
            return
        self._imports.add(f"from {self._module.name} import {CLIENT}", at_run_time=True)
        init = next(node for node in cls.body if isinstance(node, ast.FunctionDef) and node.name == "__init__")
        signature = self._signature(init)
        yield ""
        yield from wrapped(4, "def __init__(", signature.declared, ") -> None:")
        yield from self._hidden(signature)
        if FOREIGN in signature.passed:
            self._rules.use(FOREIGN)
            self._imports.add(f"from {TARGET}._event_loop import check_http_session", at_run_time=True)
            yield "        check_http_session(http_session)"
        yield from _nested(8, "self._wrap(", f"{CLIENT}(", signature.passed, "EventLoop(), owns_loop=True")
        yield from ["", f"    def _wrap(self, source: {CLIENT}, loop: EventLoop, *, owns_loop: bool) -> None:"]
        yield from [*setup, "        self._owns_loop = owns_loop"]
        yield from ["", f"    def _copy(self, source: {CLIENT}) -> Self:", "        copy = object.__new__(type(self))"]
        yield from ["        copy._wrap(source, self._loop, owns_loop=False)", "        return copy"]

    def _method(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[str]:
        signature = self._signature(node)
        name = self._renamed(RENAMED_METHODS, node.name)
        returns = self._module.source(node.returns) if node.returns else ""
        yield ""
        for decorator in node.decorator_list:
            if ast.unparse(decorator) == "overload":
                self._imports.add("from typing import overload", at_run_time=True)
            yield f"    @{self._module.source(decorator)}"
        head = wrapped(4, f"def {name}(", signature.declared, f") -> {self._sync_type(returns)}:")
        if _is_overload(node):
            yield from [*head[:-1], f"{head[-1]} ..."]
            return
        yield from head
        yield from self._docstring(node, indent=8)
        yield from self._body(node, signature, returns)

    def _body(self, node: ast.FunctionDef | ast.AsyncFunctionDef, signature: Signature, returns: str) -> Iterator[str]:
        call = f"self._async.{node.name}("
        if node.name == "is_closed":
            yield "        return self._async.is_closed or self._loop.is_closed"
        elif any(ast.unparse(decorator) == "property" for decorator in node.decorator_list):
            attribute = f"self._async.{node.name}"
            wraps = returns in self._flavoured
            if wraps:
                self._need(returns, at_run_time=True)
            yield f"        return {returns}({attribute}, self._loop)" if wraps else f"        return {attribute}"
        elif node.name == "aclose":
            yield "        if self._owns_loop:"
            yield "            self._loop.close(self._async.aclose)"
            yield "        elif not self.is_closed:"
            yield "            self._loop.run(self._async.aclose())"
        elif node.name == "__aenter__":
            yield from ["        self._loop.run(self._async.__aenter__())", "        return self"]
        elif node.name == "__aexit__":
            yield "        self.close()"
        elif node.name == "__repr__":
            # A debugger looks at a client whose arguments are refused, and that has no source.
            yield f'        return str(getattr(self, "_async", "<{CLIENT}>")).replace("Async", "", 1)'
        elif node.name == "__reduce__":
            yield "        self._async.__reduce__()"
        elif node.name in _overloaded(self._module.tree):
            self._imports.add("from collections.abc import Callable", at_run_time=False)
            self._imports.add("from collections.abc import Coroutine", at_run_time=False)
            yield from _any_overload(f"Coroutine[object, object, {returns}]", f"self._async.{node.name}")
            yield from _nested(8, "return self._loop.run(", "method(", signature.passed)
        elif isinstance(node, ast.AsyncFunctionDef):
            yield from _nested(8, "return self._loop.run(", call, signature.passed)
        elif returns.startswith(ITERATED_TYPES):
            yield from _nested(8, "return self._loop.iterate(", call, signature.passed)
        elif returns == "Self":
            yield from self._hidden(signature)
            yield from _nested(8, "return self._copy(", call, signature.passed)
        else:
            yield from wrapped(8, f"return {call}", signature.passed, ")")

    def _hidden(self, signature: Signature) -> Iterator[str]:
        """A token is no variable that a traceback shows."""
        if CONCEALED in signature.passed or f"{CONCEALED}={CONCEALED}" in signature.passed:
            self._rules.use(CONCEALED)
            self._imports.add("from gradient_async.secrecy import hidden", at_run_time=True)
            yield f"        {CONCEALED}, proxy = hidden({CONCEALED}), hidden(proxy)"

    def _signature(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> Signature:
        signature = Signature(self._module, node)
        for annotation in signature.annotations:
            for name in _names_in(annotation):
                self._need(name, at_run_time=False)
        if signature.takes_iterable:
            self._rules.use(HELD)
            self._imports.add(f"from {TARGET}._event_loop import {HELD}", at_run_time=True)
        for default in signature.defaults:
            for name in _names_in(default):
                self._need(name, at_run_time=True)
        return signature

    def _need(self, name: str, *, at_run_time: bool) -> None:
        """Import a name from where the source has it, or its twin."""
        if name in self._flavoured:
            module = self._flavoured[name].replace(SOURCE, TARGET, 1)
            if module != self._module.name.replace(SOURCE, TARGET, 1):
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


def _any_overload(returns: str, method: str) -> Iterator[str]:
    """A name for a method that takes what any of its overloads takes; the caller was checked against them."""
    head = f"        method: Callable[..., {returns}] = "
    whole = f"{head}{method}"
    yield from [whole] if len(whole) <= LINE_LENGTH else [f"{head}(", f"            {method}", "        )"]


def _nested(indent: int, outer: str, inner: str, items: list[str], rest: str = "") -> list[str]:
    """One call inside another, as the formatter would break it."""
    space = " " * indent
    more = f", {rest}" if rest else ""
    whole = f"{space}{outer}{inner}{', '.join(items)}){more})"
    if len(whole) <= LINE_LENGTH:
        return [whole]
    lines = wrapped(indent + 4, inner, items, ")")
    if rest:
        lines[-1] += ","
        return [f"{space}{outer}", *lines, *(f"{space}    {part}," for part in rest.split(", ")), f"{space})"]
    return [f"{space}{outer}", *lines, f"{space})"]


def _children(cls: ast.ClassDef, flavoured: dict[str, str]) -> list[tuple[str, str]]:
    """The sub-resources that a class makes: attribute and class."""
    return [
        (node.target.attr, node.annotation.id)
        for node in ast.walk(cls)
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Attribute)
        and isinstance(node.annotation, ast.Name)
        and node.annotation.id in flavoured
    ]


def _is_public(name: str) -> bool:
    is_special = name.startswith("__") and name.endswith("__")
    return (is_special or not name.startswith("_")) and name != "__init__"


def _names_in(node: ast.AST) -> list[str]:
    return [child.id for child in ast.walk(node) if isinstance(child, ast.Name)]


def _is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(ast.unparse(decorator) == "overload" for decorator in node.decorator_list)


def _overloaded(tree: ast.AST) -> set[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {node.name for node in functions if _is_overload(node)}


def write_raw_module() -> str:
    """The raw twins: the methods of each resource that send one request, returning its answer unread."""
    imports = Imports()
    imports.add("from gradient_async.resources.resource import raw_reply", at_run_time=True)
    imports.add("from gradient_async.resources.resource import raw_twin", at_run_time=True)
    imports.add("from gradient_async.http.raw_response import RawResponse", at_run_time=False)
    lines: list[str] = []
    for name in sorted(set(_public_names().values()) - {RAW_MODULE}):
        if name.startswith(f"{SOURCE}.resources."):
            module = Module(name)
            for cls in module.classes():
                lines += _raw_class(module, cls, imports)
    head = [
        header("the resources beside it"),
        '"""The raw twins of all resources: ``with_raw_response``."""',
        "",
    ]
    return _joined([*head, *imports.lines(), *lines])


def _raw_class(module: Module, cls: ast.ClassDef, imports: Imports) -> list[str]:
    imports.add(f"from {module.name} import {cls.name}", at_run_time=False)
    lines = ["", "", f"class Raw{cls.name}:"]
    lines += [f'    """``{cls.name}``, returning HTTP answers instead of what they say."""', ""]
    lines += [f"    def __init__(self, resource: {cls.name}) -> None:", "        self._resource = raw_twin(resource)"]
    for node in cls.body:
        returns = module.source(node.returns) if isinstance(node, ast.AsyncFunctionDef) and node.returns else ""
        if not isinstance(node, ast.AsyncFunctionDef) or not returns.endswith("Response"):
            continue
        signature = Signature(module, node)
        for name in [name for annotation in signature.annotations for name in _names_in(annotation)]:
            if statement := module.imports.get(name):
                imports.add(statement, at_run_time=False)
        head = wrapped(4, f"async def {node.name}(", signature.declared, f") -> RawResponse[{returns}]:")
        lines.append("")
        if _is_overload(node):
            imports.add("from typing import overload", at_run_time=True)
            lines += ["    @overload", *head[:-1], f"{head[-1]} ..."]
            continue
        lines += [*head, f'        """``{cls.name}.{node.name}``, returning the HTTP answer."""']
        call = f"await self._resource.{node.name}("
        if node.name in _overloaded(cls):
            imports.add("from collections.abc import Awaitable", at_run_time=False)
            imports.add("from collections.abc import Callable", at_run_time=False)
            lines += _any_overload(f"Awaitable[{returns}]", f"self._resource.{node.name}")
            call = "await method("
        lines += _nested(8, "return raw_reply(", call, signature.passed)
    return lines


def _package_text(flavoured: dict[str, str]) -> str:
    """The sync package's ``__init__``."""
    shared = [name for name in _public_names() if name not in flavoured]
    sources: dict[str, set[str]] = {SOURCE: set(shared)}
    for name, module in flavoured.items():
        sources.setdefault(module.replace(SOURCE, TARGET, 1), set()).add(RENAMED_CLASSES.get(name, name))
    for name, module in OWN_NAMES.items():
        sources.setdefault(module, set()).add(name)
    lines = [
        header(f"{SOURCE}/__init__.py"),
        '"""The sync twin of ``gradient_async``: the same names, run on a private event loop."""',
        "",
        "from __future__ import annotations",
        "",
    ]
    for module in sorted(sources):
        lines += bracketed_import(0, module, sorted(sources[module], key=import_order))
    names = sorted({name for group in sources.values() for name in group}, key=all_order)
    return "\n".join([*lines, "", "__all__ = [", *(f'    "{name}",' for name in names), "]"]) + "\n"


def all_order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest."""
    return import_order(name)[0], name


def _subpackage_text(package: str) -> str:
    source = Module(f"{package.replace(TARGET, SOURCE, 1).replace('/', '.')}.__init__")
    return f"{header(source.file)}\n{source.docstring(source.tree)}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
