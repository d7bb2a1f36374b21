"""The code in documents: where it stands, and how it is run."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import types
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

if TYPE_CHECKING:
    from collections.abc import Iterator

_FENCE = re.compile(r"^(?P<marks>`{3,}|~{3,}|:{3,})(?P<language>.*)$")
# The first line of a block that cannot be run says why, for the reader too.
_NOT_RUN = re.compile(r"# not run: \S")


@frozen(kw_only=True)
class Block:
    """A fenced block of a document.

    Attributes:
        path: The document.
        line: Number of the line on which the fence opens.
        language: What stands behind the fence.
        source: The lines between the fences.
    """

    path: Path
    line: int
    language: str
    source: str

    @property
    def is_run(self) -> bool:
        """Whether it does not say that it cannot be run."""
        return not _NOT_RUN.match(self.source)

    @property
    def place(self) -> str:
        """The block's place, in the form of error messages and editors."""
        return f"{self.path}:{self.line}"


def blocks_of(path: Path) -> Iterator[Block]:
    """Return every fenced block of a document, from the first to the last."""
    lines = iter(enumerate(path.read_text(encoding="utf-8").splitlines(), 1))
    for number, line in lines:
        if opening := _FENCE.match(line):
            inside = []
            for _, text in lines:
                if text.startswith(opening["marks"]) and not text.strip(opening["marks"][0]):
                    break
                inside.append(f"{text}\n")
            else:
                raise ValueError(f"{path}:{number}: this block has no end")
            yield Block(path=path, line=number, language=opening["language"].strip(), source="".join(inside))


def run(block: Block) -> dict[str, object]:
    """Execute a block as a script, which may also await at its top level; gives its names."""
    namespace: dict[str, object] = {"__name__": "__main__"}
    code = compile(block.source, block.place, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(types.FunctionType(code, namespace)())
    else:
        exec(code, namespace)
    return namespace
