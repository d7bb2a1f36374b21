"""Every public name of the async package has its twin, with the same parameters and the same documentation (P10)."""

from __future__ import annotations

import inspect
import re
import typing
from functools import cached_property
from typing import Any

import pytest

import gradient_async
import gradient_sync
from gradient_async.resources.resource import Resource
from gradient_sync import _event_loop

RENAMED_CLASSES = {"AsyncGradientAI": "GradientAI"}
RENAMED_METHODS = {"aclose": "close", "__aenter__": "__enter__", "__aexit__": "__exit__"}
OWN_NAMES = {"BlockingCallInEventLoopWarning"}
# Values that both clients take, and types whose twins, Stream and Lease, are in both packages.
SHARED = {"RateBudget", "AsyncStream", "AsyncLease"}
RENAMED_TYPES = {"AsyncIterator": "Iterator", "AsyncStream": "Stream", "AsyncLease": "Lease"}
PROPERTIES = (property, cached_property)
EXAMPLE_WORDS = (("async with ", "with "), ("async for ", "for "), ("await ", ""), ("AsyncGradientAI", "GradientAI"))


def twin_name(name: str) -> str:
    return RENAMED_CLASSES.get(name, name)


def is_public(name: str) -> bool:
    renamed = {*RENAMED_METHODS, *RENAMED_METHODS.values()}
    return not name.startswith("_") or name in renamed or name in {"__repr__", "__reduce__"}


def is_extra(cls: type, name: str) -> bool:
    """Return whether a method exists only as a help: the alias ``close``, or an error about the wrong ``with``."""
    is_alias = name == "close" and hasattr(cls, "aclose")
    return is_alias or getattr(members(cls)[name], "__module__", "") == "gradient_async.with_statements"


def function_of(member: Any) -> Any:
    if isinstance(member, property):
        return member.fget
    return member.func if isinstance(member, cached_property) else getattr(member, "__func__", member)


def members(cls: type) -> dict[str, Any]:
    """Return the members of a class and of the bases that are a part of it."""
    inlined = {"AnyEndpoint", "DropletGroups", "DropletWaiting"}
    names = {f"Generated{cls.__name__}", "GeneratedAnyEndpoint", *inlined}
    derived = [base for base in cls.__mro__ if base.__name__ in names]
    return {name: member for one in (cls, *derived) for name, member in vars(one).items()}


def methods(cls: type) -> dict[str, Any]:
    return {
        name: member
        for name, member in members(cls).items()
        if is_public(name) and (callable(member) or isinstance(member, PROPERTIES)) and not is_extra(cls, name)
    }


def has_something_to_await(cls: Any) -> bool:
    return inspect.isclass(cls) and any(
        inspect.iscoroutinefunction(member) for name, member in vars(cls).items() if not name.startswith("_")
    )


PAIRS = [
    (getattr(gradient_async, name), getattr(gradient_sync, twin_name(name)))
    for name in gradient_async.__all__
    if has_something_to_await(getattr(gradient_async, name)) and name not in SHARED
]
METHODS = [(cls, twin, name) for cls, twin in PAIRS for name in methods(cls)]
each_pair = pytest.mark.parametrize(("cls", "twin"), PAIRS, ids=lambda cls: cls.__name__)
each_method = pytest.mark.parametrize(
    ("cls", "twin", "name"), METHODS, ids=[f"{cls.__name__}.{name}" for cls, _, name in METHODS]
)


def sync_type(annotation: Any) -> Any:
    """Return a type as the sync package has it."""
    text = annotation if isinstance(annotation, str) else repr(annotation)
    for old, new in RENAMED_TYPES.items():
        text = re.sub(rf"\b{old}\b", new, text)
    return text


def shape(function: Any) -> list[tuple[Any, ...]]:
    """Return a signature in a form that can be compared with its twin's."""
    signature = inspect.signature(function)
    parameters = [(one.name, one.kind, one.default, sync_type(one.annotation)) for one in signature.parameters.values()]
    return [*parameters, ("return", None, None, sync_type(signature.return_annotation))]


def sync_text(text: str | None) -> str | None:
    """Return a docstring as the sync package has it. Only lines of examples differ."""
    if text is None:
        return None
    lines = inspect.cleandoc(text).split("\n")
    for number, line in enumerate(lines):
        if re.match(r"\s*(>>>|\.\.\.) ", line):
            for old, new in EXAMPLE_WORDS:
                line = line.replace(old, new)  # noqa: PLW2901 - one line, changed word by word
            lines[number] = line
    return "\n".join(lines)


def test_there_is_something_to_mirror() -> None:
    assert {cls.__name__ for cls, _ in PAIRS} >= {
        "AsyncGradientAI",
        "DropletActions",
        "GPUDroplets",
        "Actions",
        "RawDropletActions",
        "RawGPUDroplets",
        "RawActions",
    }
    assert len(METHODS) > 25


def test_both_packages_export_the_same_names() -> None:
    assert {twin_name(name) for name in gradient_async.__all__} | OWN_NAMES == set(gradient_sync.__all__)


def test_names_are_the_same_objects_when_nothing_is_async() -> None:
    groups = {name for name in gradient_async.__all__ if getattr(gradient_async, name).__class__ is type}
    groups = {name for name in groups if issubclass(getattr(gradient_async, name), Resource)}
    mirrored = {cls.__name__ for cls, _ in PAIRS} | groups | {"probes"}  # each package has its own module
    for name in set(gradient_async.__all__) - mirrored:
        assert getattr(gradient_sync, name) is getattr(gradient_async, name), name


def test_errors_of_one_package_are_caught_by_code_for_the_other() -> None:
    assert gradient_sync.GradientAIError is gradient_async.GradientAIError
    assert gradient_sync.NotFoundError is gradient_async.NotFoundError
    assert gradient_sync.Action is gradient_async.Action


@each_pair
def test_twin_is_a_class_of_its_own_at_the_same_place(cls: type, twin: type) -> None:
    assert twin is not cls
    assert twin.__name__ == twin_name(cls.__name__)
    assert twin.__module__ == cls.__module__.replace("gradient_async", "gradient_sync", 1)


@each_pair
def test_twin_has_the_same_methods_in_the_same_order(cls: type, twin: type) -> None:
    assert [RENAMED_METHODS.get(name, name) for name in methods(cls)] == list(methods(twin))


@each_pair
def test_twin_has_the_same_documentation(cls: type, twin: type) -> None:
    assert cls.__doc__
    assert inspect.cleandoc(twin.__doc__ or "") == sync_text(cls.__doc__)


@each_method
def test_twin_of_a_method_has_the_same_signature(cls: type, twin: type, name: str) -> None:
    mine = function_of(members(cls)[name])
    theirs = function_of(vars(twin)[RENAMED_METHODS.get(name, name)])
    assert shape(theirs) == shape(mine)


@each_method
def test_twin_of_a_method_has_the_same_documentation(cls: type, twin: type, name: str) -> None:
    mine = function_of(members(cls)[name]).__doc__
    theirs = function_of(vars(twin)[RENAMED_METHODS.get(name, name)]).__doc__
    assert (theirs and inspect.cleandoc(theirs)) == sync_text(mine)


@each_method
def test_twin_of_a_method_has_the_same_overloads(cls: type, twin: type, name: str) -> None:
    mine = typing.get_overloads(function_of(members(cls)[name]))
    theirs = typing.get_overloads(function_of(vars(twin)[RENAMED_METHODS.get(name, name)]))
    assert [shape(one) for one in theirs] == [shape(one) for one in mine]


def test_overloads_are_there_to_be_compared() -> None:
    counts = {
        f"{twin.__name__}.{name}": len(typing.get_overloads(vars(twin)[name]))
        for _, twin, name in METHODS
        if inspect.isfunction(vars(twin).get(name))
    }
    assert counts["DropletActions.initiate"] == counts["RawDropletActions.initiate"] == 10
    assert counts["DropletActions.wait"] == 2


@each_method
def test_twin_of_a_method_blocks_where_the_method_is_awaited(cls: type, twin: type, name: str) -> None:
    mine, theirs = members(cls)[name], vars(twin)[RENAMED_METHODS.get(name, name)]
    for kind in PROPERTIES:
        assert isinstance(theirs, kind) is isinstance(mine, kind)
    assert not inspect.iscoroutinefunction(function_of(theirs))
    assert not inspect.isasyncgenfunction(function_of(theirs))


def test_clients_are_made_with_the_same_arguments() -> None:
    assert shape(gradient_sync.GradientAI.__init__) == shape(gradient_async.AsyncGradientAI.__init__)


def test_clients_hold_the_same_resources() -> None:
    mine = gradient_async.AsyncGradientAI("token")
    with gradient_sync.GradientAI("token") as theirs:
        assert {"gpu_droplets", "actions", "regions", "fleet"} <= set(groups(type(mine)))
        _same_resources(mine, theirs)


def groups(cls: type) -> list[str]:
    return [name for name, member in members(cls).items() if isinstance(member, cached_property)]


def _same_resources(mine: Any, theirs: Any) -> None:
    for name in groups(type(mine)):
        child, twin = getattr(mine, name), getattr(theirs, name)
        assert child is getattr(mine, name)
        assert twin is getattr(theirs, name)
        assert type(twin) is getattr(gradient_sync, type(child).__name__)
        assert type(twin) is not type(child)
        _same_resources(child, twin)


def test_sync_annotations_name_what_the_sync_package_has() -> None:
    """No signature of the sync package promises an async class."""
    for _, twin in PAIRS:
        for name, member in methods(twin).items():
            for _, _, _, annotation in shape(function_of(member)):
                # Both packages accept an async iterable.
                known = re.sub(r"AsyncGradientAI|AsyncIterable\[", "", str(annotation))
                assert "Async" not in known or name.startswith("_"), name


def test_the_warning_of_the_sync_package_is_its_own() -> None:
    assert gradient_sync.BlockingCallInEventLoopWarning is _event_loop.BlockingCallInEventLoopWarning
