"""Write the sync facade, and what can be derived of the async resources, from the source of ``gradient_async``.

Run it by its path, ``python gradient_sync/_generate.py``; with ``--check`` it writes nothing and fails when any file is
missing, stale or left over. It reads source with ``ast`` and imports nothing of either package. It writes plainly, and
the pinned ruff sorts the imports and formats.

Of each async resource, beside its source:

    async def m(...): return await self._send(R)    the same in its raw twin, which returns the HTTP answer
    async def list(...)                             list_all(...), which iterates over all pages
    the class                                       with_raw_response

Of each class that has something to await, in the sync package; every body is one delegating call:

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
import re
import shutil
import subprocess
import sys
import tempfile
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCE: Final = "gradient_async"
TARGET: Final = "gradient_sync"
COMMAND: Final = "python gradient_sync/_generate.py"
RESOURCES: Final = f"{SOURCE}.resources"
GENERATED: Final = f"{RESOURCES}.generated"
HAND_WRITTEN: Final = {f"{TARGET}/_event_loop.py", f"{TARGET}/_generate.py"}

# A value that is handed to a client in either flavour, and what it awaits is the client's business; and a type of which
# the sync one stands beside it.
SHARED: Final = {"RateBudget", "AsyncStream"}
# What the sync package has of its own.
OWN_NAMES: Final = {"BlockingCallInEventLoopWarning": f"{TARGET}._event_loop"}
RENAMED_CLASSES: Final = {"AsyncGradientAI": "GradientAI"}
RENAMED_METHODS: Final = {"aclose": "close", "__aenter__": "__enter__", "__aexit__": "__exit__"}
RENAMED_TYPES: Final = {"AsyncIterator": "Iterator", "AsyncStream": "Stream"}
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
# A parameter that no traceback may show.
CONCEALED: Final = "access_token"
# What an argument of a type goes through: iterators are read in the caller's thread, since they may call this very
# client; and an HTTP session must not come from another event loop.
ADAPTED: Final = {"Iterable": "materialized", "ClientSession": "checked_http_session"}
PAGES: Final = ("page", "per_page")
LIST_SUMMARY: Final = re.compile(r'"""Read one page of ([^:;.]+)[^\n]*')


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
            *ADAPTED,
            *KEPT_DECORATORS,
            CONCEALED,
            *(EXAMPLE_RULES.keys() - {"async for ", "gradient_async"}),
        }

    def use(self, rule: str) -> None:
        """Note that a rule was needed."""
        self.unused.discard(rule)


# The command.


def main(arguments: list[str]) -> int:
    """Write the files, or check them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if any file is not as generated")
    options = parser.parse_args(arguments)
    try:
        files = formatted(generate())
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
    found = [*(ROOT / TARGET).rglob("*.py"), *(ROOT / _folder_of(GENERATED)).rglob("*.py")]
    paths = sorted(path.relative_to(ROOT).as_posix() for path in found)
    return {path: (ROOT / path).read_text(encoding="utf-8") for path in paths if path not in HAND_WRITTEN}


def formatted(files: dict[str, str]) -> dict[str, str]:
    """Return the files as the project's ruff sorts and formats them.

    Raises:
        GenerationError: There is no ruff, or it refuses a file.
    """
    beside = Path(sys.executable).with_name("ruff")
    ruff = str(beside) if beside.exists() else shutil.which("ruff")
    if ruff is None:
        raise GenerationError("there is no ruff to format with; install the dependency group 'lint'")
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        config = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", "--quiet", folder]
        for command in (["check", "--select", "I", "--fix"], ["format"]):
            ended = subprocess.run(  # noqa: S603 - the project's own formatter
                [ruff, *command, *config], cwd=ROOT, capture_output=True, text=True, check=False
            )
            if ended.returncode:
                raise GenerationError(f"ruff {command[0]}: {ended.stdout}{ended.stderr}")
        return {path: Path(folder, path).read_text(encoding="utf-8") for path in files}


def generate() -> dict[str, str]:
    """Return every generated file's text, not yet formatted, by its path.

    Raises:
        GenerationError: Something has no rule, or a rule has no use.
    """
    rules = Rules()
    names = _public_names()
    derived = {
        twins.name: twins.text()
        for name in sorted(set(names.values()))
        if name.startswith(f"{RESOURCES}.") and not name.startswith(f"{GENERATED}.")
        for twins in [ResourceTwins(Module(name))]
    }
    modules = {name: Module(name, text=derived.get(name)) for name in {*names.values(), *derived}}
    for name, origin in names.items():
        modules[origin].refuse_coroutine_function(name)
    flavoured = {
        cls.name: module.name
        for module in modules.values()
        for cls in module.classes()
        if cls.name in names and _is_flavoured(cls, rules)
    }
    files = {modules[name].file: text for name, text in derived.items()}
    for name in sorted(set(flavoured.values())):
        facade = Facade(modules[name], flavoured, modules, rules)
        files[facade.path] = facade.text()
    files[f"{_folder_of(GENERATED)}/__init__.py"] = (
        f'{header("the resources")}\n"""What is derived of the resources."""\n'
    )
    packages = {str(Path(path).parent) for path in files if path.startswith(f"{TARGET}/")} - {TARGET}
    for package in sorted(packages):
        files[f"{package}/__init__.py"] = _subpackage_text(package, files)
    files[f"{TARGET}/__init__.py"] = _package_text(flavoured)
    if rules.unused:
        raise GenerationError(f"rules without a use: {', '.join(sorted(rules.unused))}")
    return files


def header(source: str) -> str:
    """Return the first lines of a generated file."""
    return f"# Generated from {source}. Do not edit; run:\n# {COMMAND}"


def _folder_of(name: str) -> str:
    return name.replace(".", "/")


def _public_names() -> dict[str, str]:
    """Return the module that each public name comes from."""
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


# The source.


class Module:
    """A source file, parsed."""

    def __init__(self, name: str, text: str | None = None) -> None:
        self.name = name
        self.file = f"{_folder_of(name)}.py"
        self.text = (ROOT / self.file).read_text(encoding="utf-8") if text is None else text
        self.tree = ast.parse(self.text)
        # ast counts columns in bytes.
        self._lines = self.text.encode().split(b"\n")

    def classes(self) -> list[ast.ClassDef]:
        """Return the classes at the top of the module."""
        return [node for node in self.tree.body if isinstance(node, ast.ClassDef)]

    def refuse(self, node: ast.stmt | ast.expr | ast.arg, reason: str) -> NoReturn:
        """Give up, with the place."""
        raise GenerationError(f"{self.file}:{node.lineno}: no rule for {reason}")

    def refuse_coroutine_function(self, name: str) -> None:
        """Functions of a module cannot be awaited in the sync package."""
        for node in self.tree.body:
            if isinstance(node, ast.AsyncFunctionDef) and node.name == name:
                self.refuse(node, f"the async function {name}")

    def source(self, node: ast.expr | ast.stmt) -> str:
        """Return a node as it is written."""
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        lines = self._lines[first : last + 1]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"\n".join(lines).decode()

    def body(self, node: Function) -> str:
        """Return the lines of a function's body, without its docstring, as they are written."""
        first = node.body[1 if self.docstring(node) else 0]
        return b"\n".join(self._lines[first.lineno - 1 : node.body[-1].end_lineno]).decode()

    def docstring(self, node: ast.ClassDef | Function | ast.Module) -> str | None:
        """Return a docstring as it is written, quotes and all."""
        first = node.body[0]
        is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        return self.source(first) if is_docstring else None

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

    @cached_property
    def definitions(self) -> dict[str, ast.stmt]:
        """The statement that defines each name of the module's own, at its top."""
        found: dict[str, ast.stmt] = {}
        for node in self.tree.body:
            if isinstance(node, ast.AnnAssign | ast.Assign):
                targets = [node.target] if isinstance(node, ast.AnnAssign) else node.targets
                found.update({target.id: node for target in targets if isinstance(target, ast.Name)})
            elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name] = node
        return found

    def types_in(self, annotation: ast.expr) -> Iterator[str]:
        """Return the names of the types in an annotation, those behind aliases included."""
        for name in _names_in(annotation):
            yield name
            definition = self.definitions.get(name)
            if isinstance(definition, ast.AnnAssign | ast.Assign) and definition.value is not None:
                yield from self.types_in(definition.value)
            found = re.fullmatch(rf"from ({SOURCE}\.[\w.]+) import (\w+)", self.imports.get(name, ""))
            if found and isinstance((origin := Module(found[1])).definitions.get(found[2]), ast.AnnAssign | ast.Assign):
                yield from origin.types_in(ast.Name(found[2], ast.Load()))
        yield from (node.attr for node in ast.walk(annotation) if isinstance(node, ast.Attribute))


class Signature:
    """A function's parameters, to be written as they are and to be passed on."""

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
    """Import statements, collected as they turn out to be needed."""

    def __init__(self) -> None:
        self._at_run_time: dict[str, bool] = {}

    def add(self, statement: str, *, at_run_time: bool) -> None:
        """Note a statement such as ``from a import b`` or ``import a``."""
        self._at_run_time[statement] = self._at_run_time.get(statement, False) or at_run_time

    def lines(self) -> list[str]:
        """Return all statements, those for type checkers alone behind the others."""
        checked = sorted(one for one, at_run_time in self._at_run_time.items() if not at_run_time)
        plain = sorted(one for one, at_run_time in self._at_run_time.items() if at_run_time)
        typing = ["from typing import TYPE_CHECKING"] if checked else []
        block = ["if TYPE_CHECKING:", *(f"    {one}" for one in checked)] if checked else []
        return ["from __future__ import annotations", "", *typing, *plain, "", *block, ""]


# What is derived of the async resources.


class ResourceTwins:
    """The module beside one resource module: the raw twin of each class, and its ``list_all``."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._imports = Imports()
        self.name = f"{GENERATED}.{module.name.rpartition('.')[2]}"

    def text(self) -> str:
        """Return the whole file."""
        classes = [line for cls in self._module.classes() for line in self._class(cls)]
        title = f'"""What is derived of ``{self._module.name}``."""'
        return "\n".join([header(self._module.file), title, "", *self._imports.lines(), *classes]) + "\n"

    def _class(self, cls: ast.ClassDef) -> Iterator[str]:
        sending = [node for node in cls.body if isinstance(node, ast.AsyncFunctionDef) and self._sends(node)]
        overloaded = {node.name for node in sending}
        self._need("from gradient_async.resources.resource import Resource", at_run_time=True)
        self._need("from gradient_async.resources.resource import RawResource", at_run_time=True)
        yield from [f"class Raw{cls.name}(RawResource):"]
        yield f'    """``{cls.name}``, returning HTTP answers instead of what they say."""'
        for node in cls.body:
            if isinstance(node, ast.AsyncFunctionDef) and node.name in overloaded:
                yield from self._raw(cls, node)
        yield from ["", f"class Generated{cls.name}(Resource):", f'    """What is derived of ``{cls.name}``."""']
        yield from ["    @property", f"    def with_raw_response(self) -> Raw{cls.name}:"]
        yield '        """The same methods, returning the HTTP answer instead of what it says."""'
        yield f"        return Raw{cls.name}(self._sender)"
        for node in sending:
            if set(PAGES) <= {one.arg for one in node.args.kwonlyargs}:
                yield from self._list_all(node)

    def _sends(self, node: ast.AsyncFunctionDef) -> bool:
        """Return whether all that a method does is to send one request."""
        last = node.body[-1]
        call = last.value.value if isinstance(last, ast.Return) and isinstance(last.value, ast.Await) else None
        return isinstance(call, ast.Call) and ast.unparse(call.func) == "self._send"

    def _raw(self, cls: ast.ClassDef, node: ast.AsyncFunctionDef) -> Iterator[str]:
        signature = self._signature(node)
        self._need("from gradient_async.http.raw_response import RawResponse", at_run_time=False)
        returns = self._module.source(node.returns) if node.returns else ""
        yield ""
        if _is_overload(node):
            self._need("from typing import overload", at_run_time=True)
            yield "    @overload"
        yield f"    async def {node.name}({signature.declared}) -> RawResponse[{returns}]:"
        if _is_overload(node):
            yield "        ..."
            return
        yield f'        """``{cls.name}.{node.name}``, returning the HTTP answer."""'
        yield self._copied_body(node, signature)

    def _list_all(self, node: ast.AsyncFunctionDef) -> Iterator[str]:
        signature = self._signature(node, without=PAGES)
        self._need("from collections.abc import AsyncIterator", at_run_time=False)
        self._need("from gradient_async.http.endpoint import Request", at_run_time=False)
        self._need("from gradient_async.http.parameters import MAX_PER_PAGE", at_run_time=True)
        answer = ast.unparse(node.returns) if node.returns else ""
        items, kind = self._items_of(node, answer)
        name = f"list_all{node.name.removeprefix('list')}"
        body = self._copied_body(node, signature).replace("return await self._send(", "return (", 1)
        yield from ["", f"    def {name}({signature.declared}) -> AsyncIterator[{kind}]:"]
        yield f"        {self._list_docstring(node)}"
        yield f"        def request(page: int) -> Request[{answer}]:"
        yield "            per_page = MAX_PER_PAGE"
        yield from (f"    {line}" for line in body.split("\n"))
        yield f"        return self._all(request, lambda answer: answer.{items})"

    def _items_of(self, node: ast.AsyncFunctionDef, answer: str) -> tuple[str, str]:
        """Return the field of the items of a list's answer, and their class."""
        origin = self._origin_of(answer)
        cls = origin.definitions.get(answer)
        fields = [
            (one.target.id, one.annotation)
            for one in (cls.body if isinstance(cls, ast.ClassDef) else ())
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        ]
        for name, annotation in fields:
            found = re.fullmatch(r"tuple\[(\w+), \.\.\.\]", ast.unparse(annotation))
            if found:
                self._need(origin.imports.get(found[1]) or f"from {origin.name} import {found[1]}", at_run_time=False)
                return name, found[1]
        self._module.refuse(node, f"the list {node.name}, whose answer has no tuple of items")
        return None

    def _origin_of(self, name: str) -> Module:
        found = re.fullmatch(r"from ([\w.]+) import \w+", self._module.imports.get(name, ""))
        if found is None:
            raise GenerationError(f"{self._module.file}: no rule for {name}, which is not imported by its name")
        return Module(found[1])

    def _list_docstring(self, node: ast.AsyncFunctionDef) -> str:
        text = self._module.docstring(node) or ""
        summary = LIST_SUMMARY.match(text)
        if summary is None:
            self._module.refuse(node, f"the docstring of {node.name}, which has to begin with 'Read one page of'")
        end = '"""' if "\n" not in text else ""
        text = f'"""Iterate over all {summary[1]}, 200 to a request; each comes once.{end}{text[summary.end() :]}'
        # The entries of the page's parameters, with their continuation lines.
        return re.sub(r"\n {12}(?:per_page|page): [^\n]*(?:\n {16}[^\n]*)*", "", text)

    def _copied_body(self, node: ast.AsyncFunctionDef, signature: Signature) -> str:
        """Return a body as it is written, with what it needs imported."""
        statements = node.body[1:] if self._module.docstring(node) else node.body
        local = {*signature.names, *PAGES, "self"}
        local |= {name for one in statements for name in _names_in(one, ast.Store)}
        for one in statements:
            for child in ast.walk(one):
                if isinstance(child, ast.Attribute) and ast.unparse(child.value) == "self" and child.attr != "_send":
                    self._module.refuse(child, f"self.{child.attr} in a method that sends one request")
            for name in set(_names_in(one)) - local:
                if name in self._module.definitions:
                    self._module.refuse(one, f"{name} of this module in a method that sends one request; move it")
                if statement := self._module.imports.get(name):
                    self._need(statement, at_run_time=True)
        return self._module.body(node)

    def _signature(self, node: Function, without: tuple[str, ...] = ()) -> Signature:
        signature = Signature(self._module, node, without)
        for annotation in signature.annotations:
            for name in _names_in(annotation):
                if statement := self._module.imports.get(name):
                    self._need(statement, at_run_time=False)
        return signature

    def _need(self, statement: str, *, at_run_time: bool) -> None:
        self._imports.add(statement, at_run_time=at_run_time)


# The sync package.


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
        for module, origin in self._origins(cls):
            self._module = module
            for node in origin.body:
                if isinstance(node, ast.ClassDef):
                    module.refuse(node, "classes inside classes")
                if isinstance(node, Function) and _is_public(node.name):
                    self._check(node)
                    yield from self._method(node, cls)
        self._module = self._own

    def _class_decorators(self, cls: ast.ClassDef) -> Iterator[str]:
        for decorator in cls.decorator_list:
            name = self._module.source(decorator)
            if name not in KEPT_DECORATORS:
                self._module.refuse(cls, f"classes decorated with {name}")
            self._rules.use(name)
            self._need(name, at_run_time=True)
            yield f"@{name}"

    def _origins(self, cls: ast.ClassDef) -> Iterator[tuple[Module, ast.ClassDef]]:
        """Return the class, and its generated base, each with its module."""
        yield self._own, cls
        for base in cls.bases:
            found = re.fullmatch(r"from ([\w.]+) import (\w+)", self._own.imports.get(ast.unparse(base), ""))
            if found and found[1].startswith(f"{GENERATED}."):
                module = self._modules[found[1]]
                yield from ((module, one) for one in module.classes() if one.name == found[2])

    def _check(self, node: Function) -> None:
        """Refuse the kinds of methods that there is no rule for."""
        decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
        returns = ast.unparse(node.returns) if node.returns else ""
        if stray := decorators - {"overload", "property"}:
            self._module.refuse(node, f"methods decorated with {', '.join(sorted(stray))}")
        if isinstance(node, ast.AsyncFunctionDef):
            is_special = node.name.startswith("__") and node.name not in RENAMED_METHODS
            if "property" in decorators or is_special or returns.startswith("Async"):
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
        children = _children(cls, self._flavoured)
        for _, child in children:
            self._need(child, at_run_time=True)
        attributes = [f"        self.{name}: {kind} = {kind}(source.{name}, loop)" for name, kind in children]
        setup = ["        self._async = source", "        self._loop = loop", *attributes]
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
        yield from self._hidden(signature)
        yield f"        self._wrap({CLIENT}({signature.passed}), EventLoop(), owns_loop=True)"
        yield f"    def _wrap(self, source: {CLIENT}, loop: EventLoop, *, owns_loop: bool) -> None:"
        yield from [*setup, "        self._owns_loop = owns_loop"]
        self._imports.add("from typing import Self", at_run_time=False)
        yield from [f"    def _copy(self, source: {CLIENT}) -> Self:", "        copy = object.__new__(type(self))"]
        yield from ["        copy._wrap(source, self._loop, owns_loop=False)", "        return copy"]

    def _method(self, node: Function, cls: ast.ClassDef) -> Iterator[str]:
        signature = self._signature(node)
        name = self._renamed(RENAMED_METHODS, node.name)
        returns = self._module.source(node.returns) if node.returns else ""
        yield ""
        for decorator in node.decorator_list:
            if ast.unparse(decorator) == "overload":
                self._imports.add("from typing import overload", at_run_time=True)
            yield f"    @{self._module.source(decorator)}"
        yield f"    def {name}({signature.declared}) -> {self._sync_type(returns)}:"
        if _is_overload(node):
            yield "        ..."
            return
        yield from self._docstring(node, indent=8)
        yield from self._body(node, cls, signature, returns)

    def _body(self, node: Function, cls: ast.ClassDef, signature: Signature, returns: str) -> Iterator[str]:
        call = f"self._async.{node.name}({signature.passed})"
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
        elif node.name in _overloaded(cls):
            # It takes what any of its overloads takes; the caller was checked against them.
            self._imports.add("from collections.abc import Callable", at_run_time=False)
            self._imports.add("from collections.abc import Coroutine", at_run_time=False)
            yield f"        method: Callable[..., Coroutine[object, object, {returns}]] = self._async.{node.name}"
            yield f"        return self._loop.run(method({signature.passed}))"
        elif isinstance(node, ast.AsyncFunctionDef):
            yield f"        return self._loop.run({call})"
        elif _is_iterated(returns):
            yield f"        return self._loop.iterate({call})"
        elif returns == "Self":
            yield from self._hidden(signature)
            yield f"        return self._copy({call})"
        else:
            yield f"        return {call}"

    def _hidden(self, signature: Signature) -> Iterator[str]:
        """Hide a token from what a traceback shows of the method's variables."""
        if CONCEALED in signature.names:
            self._rules.use(CONCEALED)
            self._imports.add("from gradient_async.secrecy import hidden", at_run_time=True)
            yield f"        {CONCEALED}, proxy = hidden({CONCEALED}), hidden(proxy)"

    def _signature(self, node: Function) -> Signature:
        signature = Signature(self._module, node)
        for annotation in signature.annotations:
            for name in _names_in(annotation):
                self._need(name, at_run_time=False)
        for kind in signature.adapters:
            self._rules.use(kind)
            self._imports.add(f"from {TARGET}._event_loop import {ADAPTED[kind]}", at_run_time=True)
        for default in signature.defaults:
            for name in _names_in(default):
                self._need(name, at_run_time=True)
        return signature

    def _need(self, name: str, *, at_run_time: bool) -> None:
        """Import a name from where the source has it, or its twin."""
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


def _is_flavoured(cls: ast.ClassDef, rules: Rules) -> bool:
    """Return whether a class has to be written anew: it has something to await."""
    has_async = any(isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_") for node in cls.body)
    if has_async and cls.name in SHARED:
        rules.use(cls.name)
        return False
    return has_async


def _children(cls: ast.ClassDef, flavoured: dict[str, str]) -> list[tuple[str, str]]:
    """Return the sub-resources that a class makes: attribute and class."""
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


def _is_iterated(returns: str) -> bool:
    return returns.partition("[")[0] in RENAMED_TYPES


def _names_in(node: ast.AST, context: type[ast.expr_context] = ast.expr_context) -> list[str]:
    return [one.id for one in ast.walk(node) if isinstance(one, ast.Name) and isinstance(one.ctx, context)]


def _is_overload(node: Function) -> bool:
    return any(ast.unparse(decorator) == "overload" for decorator in node.decorator_list)


def _overloaded(tree: ast.AST) -> set[str]:
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    return {node.name for node in functions if _is_overload(node)}


def _package_text(flavoured: dict[str, str]) -> str:
    """Return the sync package's ``__init__``."""
    shared = [name for name in _public_names() if name not in flavoured]
    sources: dict[str, set[str]] = {SOURCE: set(shared)}
    for name, module in flavoured.items():
        sources.setdefault(module.replace(SOURCE, TARGET, 1), set()).add(RENAMED_CLASSES.get(name, name))
    for name, module in OWN_NAMES.items():
        sources.setdefault(module, set()).add(name)
    title = '"""The sync twin of ``gradient_async``: the same names, run on a private event loop."""'
    lines = [header(f"{SOURCE}/__init__.py"), title, "", "from __future__ import annotations", ""]
    lines += [f"from {module} import {', '.join(sorted(names))}" for module, names in sources.items()]
    names = sorted({name for group in sources.values() for name in group}, key=all_order)
    return "\n".join([*lines, "", "__all__ = [", *(f'    "{name}",' for name in names), "]"]) + "\n"


def all_order(name: str) -> tuple[int, str]:
    """Return the place of a name in ``__all__``: constants, then classes, then the rest."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)


def _subpackage_text(package: str, files: Iterable[str]) -> str:
    name = f"{package.replace(TARGET, SOURCE, 1)}/__init__.py"
    known = files.get(name) if isinstance(files, dict) else None
    source = Module(_folder_of(name.removesuffix(".py")).replace("/", "."), text=known)
    return f"{header(source.file)}\n{source.docstring(source.tree)}\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
