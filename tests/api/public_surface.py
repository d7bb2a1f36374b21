"""The public surface of a package as text: one line for each name and parameter, so that a diff shows each change.

It is read from the source with griffe, which imports nothing. ``gradient_async/__init__.py`` loads its names at first
use; griffe follows the imports that it has for type checkers.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

import griffe

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")
ROOT: Final = Path(__file__).parents[2]
PACKAGES: Final = ("gradient_async", "gradient_sync", "gradient_async.emulator")
ACCEPT: Final = "python tests/api --accept"
_SHOWN_SPECIAL_METHODS: Final = frozenset(
    {
        "__aenter__",
        "__aexit__",
        "__aiter__",
        "__anext__",
        "__await__",
        "__call__",
        "__contains__",
        "__enter__",
        "__exit__",
        "__getitem__",
        "__init__",
        "__iter__",
        "__len__",
        "__next__",
    }
)


def pinned_file(package: str) -> Path:
    """Return the file that holds a package's pinned surface."""
    return Path(__file__).with_name(f"{package}.txt")


def surface_of(package: str, root: Path = ROOT) -> str:
    """Return a package's public surface, in the order of its names."""
    logging.getLogger("griffe").setLevel(logging.ERROR)
    loader = griffe.GriffeLoader(search_paths=[root])
    for one in dict.fromkeys(["gradient_async", package.partition(".")[0]]):
        loader.load(one, try_relative_path=False)
    loader.resolve_aliases()
    loaded = loader.modules_collection[package]
    names = sorted(str(name) for name in loaded.exports or () if name != "__version__")
    lines = [f"# The public surface of {package}. Do not edit; run: {ACCEPT}"]
    for name in names:
        found = _own(loaded[name])
        if package == "gradient_sync" and found.path.startswith("gradient_async."):
            lines += ["", f"{name}: the same as gradient_async's"]
        else:
            lines += ["", *_lines_of(found, name, top=True)]
    return "\n".join(lines) + "\n"


def _own(found: griffe.Object | griffe.Alias) -> griffe.Object:
    return found.final_target if isinstance(found, griffe.Alias) else found


def _lines_of(found: griffe.Object, name: str, *, top: bool = False) -> Iterator[str]:
    if isinstance(found, griffe.Class):
        yield from _lines_of_class(found, name)
    elif isinstance(found, griffe.Function):
        for one in found.overloads or [found]:
            yield from _lines_of_function(one, name, is_overload=bool(found.overloads))
    elif isinstance(found, griffe.Attribute):
        kind = "property " if "property" in found.labels else ""
        # The value of an alias is what it means; that of a constant is no promise.
        value = f" = {found.value}" if top and str(found.annotation) == "TypeAlias" else ""
        annotation = "" if found.annotation is None else f": {found.annotation}"
        yield f"{kind}{name}{annotation}{value}"


def _lines_of_class(found: griffe.Class, name: str) -> Iterator[str]:
    bases = ", ".join(str(base) for base in found.bases)
    yield f"class {name}({bases})" if bases else f"class {name}"
    members = {member: _own(value) for member, value in found.all_members.items() if _is_public(member, value)}
    if not _sections(found, griffe.DocstringSectionParameters):
        members.pop("__init__", None)  # only the project makes instances of it
    for member in sorted(members):
        overloads = found.overloads.get(member)
        if overloads:
            for one in overloads:
                yield from (f"    {line}" for line in _lines_of_function(one, member, is_overload=True))
        else:
            yield from (f"    {line}" for line in _lines_of(members[member], member))
    yield from (f"    documented {one}" for one in _documented(found) if one not in members)


def _is_public(name: str, found: griffe.Object | griffe.Alias) -> bool:
    if name.startswith("_"):
        return name in _SHOWN_SPECIAL_METHODS
    # What a base outside of the project brings along is not ours; of ours, griffe knows where it is from.
    return not found.is_module and _own(found).path.startswith(("gradient_async.", "gradient_sync."))


def _documented(found: griffe.Class) -> list[str]:
    """Return the attributes that only the docstring names: they are set where griffe does not look."""
    sections = _sections(found, griffe.DocstringSectionAttributes)
    return sorted(attribute.name for section in sections for attribute in section.value)


def _sections(found: griffe.Class, kind: type[T]) -> list[T]:
    sections = [] if found.docstring is None else found.docstring.parse("google", warnings=False)
    return [section for section in sections if isinstance(section, kind)]


def _lines_of_function(found: griffe.Function, name: str, *, is_overload: bool) -> Iterator[str]:
    words = ["overload"] if is_overload else []
    words += [label for label in ("classmethod", "staticmethod", "async") if label in found.labels]
    returns = "" if found.returns is None else f" -> {found.returns}"
    yield f"{' '.join([*words, 'def'])} {name}{returns}"
    for parameter in found.parameters:
        if parameter.name not in {"self", "cls"}:
            yield f"    {_parameter(parameter)}"


def _parameter(found: griffe.Parameter) -> str:
    prefix = {"variadic positional": "*", "variadic keyword": "**"}.get(found.kind.value if found.kind else "", "")
    annotation = "" if found.annotation is None else f": {found.annotation}"
    default = "" if found.default is None or prefix else f" = {found.default}"
    kinds = {"keyword-only": "  (keyword only)", "positional-only": "  (positional only)"}
    return f"{prefix}{found.name}{annotation}{default}{kinds.get(found.kind.value if found.kind else '', '')}"
