"""Generates an async resource's raw twin and its ``list_all`` method."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from generator.source import (
    GENERATED,
    GenerationError,
    Imports,
    Module,
    Signature,
    header,
    is_overload,
    module_of,
    names_in,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from generator.source import Function

PAGES: Final = ("page", "per_page")
LIST_SUMMARY: Final = re.compile(r'"""Read one page of ([^:;.]+)[^\n]*')


class ResourceTwins:
    """The generated module of one resource module: the raw twin and ``list_all`` of each class."""

    def __init__(self, module: Module) -> None:
        self._module = module
        self._imports = Imports()
        self.name = f"{GENERATED}.{module.name.rpartition('.')[2]}"

    def text(self) -> str:
        """Return the whole file."""
        classes = [line for cls in self._module.classes() for line in self._class(cls)]
        title = f'"""Generated parts of ``{self._module.name}``."""'
        return "\n".join([header(self._module.file), title, "", *self._imports.lines(), *classes]) + "\n"

    def _class(self, cls: ast.ClassDef) -> Iterator[str]:
        sending = [node for node in cls.body if isinstance(node, ast.AsyncFunctionDef) and self._sends(node)]
        overloaded = {node.name for node in sending}
        self._need("from gradient_async.resources.resource import Resource", at_run_time=True)
        self._need("from gradient_async.resources.resource import RawResource", at_run_time=True)
        yield from [f"class Raw{cls.name}(RawResource):"]
        yield f'    """``{cls.name}``, with HTTP answers as results."""'
        for node in cls.body:
            if isinstance(node, ast.AsyncFunctionDef) and node.name in overloaded:
                yield from self._raw(cls, node)
        yield from ["", f"class Generated{cls.name}(Resource):", f'    """Generated methods of ``{cls.name}``."""']
        yield from ["    @property", f"    def with_raw_response(self) -> Raw{cls.name}:"]
        yield '        """The same methods, with the HTTP answer as their result."""'
        yield f"        return Raw{cls.name}(self._send_raw)"
        for node in sending:
            # The API's documentation gives some single reads the parameters of a list.
            if node.name.startswith("list") and set(PAGES) <= {one.arg for one in node.args.kwonlyargs}:
                yield from self._list_all(node)

    def _sends(self, node: ast.AsyncFunctionDef) -> bool:
        """Return whether a method only sends one request."""
        last = node.body[-1]
        call = last.value.value if isinstance(last, ast.Return) and isinstance(last.value, ast.Await) else None
        return isinstance(call, ast.Call) and ast.unparse(call.func) == "self._send"

    def _raw(self, cls: ast.ClassDef, node: ast.AsyncFunctionDef) -> Iterator[str]:
        signature = self._signature(node)
        self._need("from gradient_async.http.raw_response import RawResponse", at_run_time=False)
        returns = self._module.source(node.returns) if node.returns else ""
        yield ""
        if is_overload(node):
            self._need("from typing import overload", at_run_time=True)
            yield "    @overload"
        yield f"    async def {node.name}({signature.declared}) -> RawResponse[{returns}]:"
        if is_overload(node):
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
        yield f"        return self._all(request, lambda answer: {items})"

    def _items_of(self, node: ast.AsyncFunctionDef, answer: str) -> tuple[str, str]:
        """Return the expression of the items of a list's answer, and their class."""
        origin = self._origin_of(answer)
        cls = origin.definitions.get(answer)
        fields = [
            (one.target.id, one.annotation)
            for one in (cls.body if isinstance(cls, ast.ClassDef) else ())
            if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
        ]
        for name, annotation in fields:
            found = re.fullmatch(r"(tuple|Mapping)\[(\w+), (\.\.\.|\w+)\]", ast.unparse(annotation))
            if found:
                # A mapping is keyed by the ids of its items.
                item = found[2] if found[1] == "tuple" else found[3]
                self._need(origin.imports.get(item) or f"from {origin.name} import {item}", at_run_time=False)
                return (f"answer.{name}" if found[1] == "tuple" else f"tuple(answer.{name}.values())"), item
        self._module.refuse(node, f"the list {node.name}, whose answer has no tuple or mapping of items")
        return None

    def _origin_of(self, name: str) -> Module:
        found = re.fullmatch(r"from ([\w.]+) import \w+", self._module.imports.get(name, ""))
        if found is None:
            raise GenerationError(f"{self._module.file}: no rule for {name}, which is not imported by its name")
        return module_of(found[1])

    def _list_docstring(self, node: ast.AsyncFunctionDef) -> str:
        text = self._module.docstring(node) or ""
        summary = LIST_SUMMARY.match(text)
        if summary is None:
            self._module.refuse(node, f"the docstring of {node.name}, which has to begin with 'Read one page of'")
        rest = text[summary.end() :] or f'\n{" " * 8}"""'
        facts = "One request reads 200 items. Each item is yielded once."
        text = f'"""Iterate over all {summary[1]}.\n\n{" " * 8}{facts}{rest}'
        # The entries of the page's parameters, with their continuation lines.
        return re.sub(r"\n {12}(?:per_page|page): [^\n]*(?:\n {16}[^\n]*)*", "", text)

    def _copied_body(self, node: ast.AsyncFunctionDef, signature: Signature) -> str:
        """Return a method's body, and import the names in it."""
        statements = node.body[1:] if self._module.docstring(node) else node.body
        local = {*signature.names, *PAGES, "self"}
        local |= {name for one in statements for name in names_in(one, ast.Store)}
        for one in statements:
            for child in ast.walk(one):
                if isinstance(child, ast.Attribute) and ast.unparse(child.value) == "self" and child.attr != "_send":
                    self._module.refuse(child, f"self.{child.attr} in a method that sends one request")
            for name in set(names_in(one)) - local:
                if name in self._module.definitions:
                    self._module.refuse(one, f"{name} of this module in a method that sends one request; move it")
                if statement := self._module.imports.get(name):
                    self._need(statement, at_run_time=True)
        return self._module.body(node)

    def _signature(self, node: Function, without: tuple[str, ...] = ()) -> Signature:
        signature = Signature(self._module, node, without)
        for annotation in signature.annotations:
            for name in names_in(annotation):
                if statement := self._module.imports.get(name):
                    self._need(statement, at_run_time=False)
        return signature

    def _need(self, statement: str, *, at_run_time: bool) -> None:
        self._imports.add(statement, at_run_time=at_run_time)
