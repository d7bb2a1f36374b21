"""Each ``XParam``, the dict of a part of a body, has the same fields, types and required keys as its class ``X``."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal, NotRequired, Required, Union, get_args, get_origin

import attrs
import pytest

import gradient_async
from gradient_async.bodies import NEEDED_IN_REQUESTS
from gradient_async.endpoints.firewalls import FirewallBody
from gradient_async.models.action_requests import Reboot

# A firewall that was read has more fields than one that is created.
OTHER_CLASSES: dict[str, type] = {"FirewallParam": FirewallBody}
PARAMS = {
    name: value
    for name in gradient_async.__all__
    if name.endswith("Param") and typing.is_typeddict(value := getattr(gradient_async, name))
}
each_param = pytest.mark.parametrize("name", PARAMS)


def class_of(name: str) -> Any:
    return OTHER_CLASSES.get(name) or getattr(gradient_async, name.removesuffix("Param"))


def kinds_of(hint: Any) -> frozenset[Any]:
    """Return the kinds of values of a type, in a comparable form: ``X`` for ``XParam``, and without ``None``."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in (Required, NotRequired, Annotated):
        return kinds_of(arguments[0])
    if origin in (Union, types.UnionType):
        return frozenset(kind for one in arguments for kind in kinds_of(one))
    if hint is type(None):
        return frozenset()
    if origin is Literal:
        return frozenset(arguments)
    if origin in (tuple, list, Sequence):
        return frozenset({("list", kinds_of(arguments[0]))})
    if origin in (dict, Mapping):
        return frozenset({("mapping", kinds_of(arguments[1]))})
    if typing.is_typeddict(hint):
        return kinds_of(getattr(gradient_async, hint.__name__.removesuffix("Param")))
    return frozenset({hint})


def hints_of(kind: Any) -> dict[str, Any]:
    return typing.get_type_hints(kind, include_extras=True)


def required_in(param: Any) -> set[str]:
    """Return the required keys. ``__required_keys__`` does not know those whose annotations are texts."""
    marks = {name: get_origin(hint) for name, hint in hints_of(param).items()}
    return {name for name, mark in marks.items() if mark is Required or (param.__total__ and mark is not NotRequired)}


def test_there_are_dicts_to_compare() -> None:
    assert len(PARAMS) >= 15
    assert {"BackupPolicyParam", "FirewallParam", "InboundRuleParam", "ForwardingRuleParam"} <= PARAMS.keys()


@each_param
def test_dict_has_the_fields_of_its_class(name: str) -> None:
    assert hints_of(PARAMS[name]).keys() == attrs.fields_dict(class_of(name)).keys()


@each_param
def test_dict_has_the_types_of_its_class(name: str) -> None:
    mine, theirs = hints_of(PARAMS[name]), hints_of(class_of(name))
    for field, hint in mine.items():
        assert kinds_of(hint) == kinds_of(theirs[field]), f"{name}.{field}"


@each_param
def test_dict_has_the_required_keys_of_its_class(name: str) -> None:
    fields = attrs.fields(class_of(name))
    needed = {one.name for one in fields if one.default is attrs.NOTHING or NEEDED_IN_REQUESTS in one.metadata}
    assert required_in(PARAMS[name]) == needed


def test_comparison_would_notice_a_difference() -> None:
    assert kinds_of(str | None) == kinds_of(Annotated[str, 1]) != kinds_of(int)
    assert kinds_of(tuple[int, ...]) == kinds_of(Sequence[int]) != kinds_of(Sequence[str])
    assert kinds_of(Mapping[str, int]) != kinds_of(Mapping[str, str])
    assert kinds_of(Literal[1, 2]) != kinds_of(Literal[1])
    policy = gradient_async.BackupPolicyParam
    assert kinds_of(gradient_async.BackupPolicy | policy) == kinds_of(gradient_async.BackupPolicy) != kinds_of(Reboot)
    assert required_in(policy) == {"plan"}
