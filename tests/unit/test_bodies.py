"""Request bodies: what is given as arguments, values or dicts is checked, with the path to each fault."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

import pytest
from attrs import field, frozen
from hypothesis import given
from hypothesis import strategies as st
from samples import json_values

from gradient_async.arguments import checked_tag
from gradient_async.bodies import NEEDED_IN_REQUESTS, Between, Example, Length, body_of, with_rule


@frozen(kw_only=True)
class Rule:
    entry_port: Annotated[int, Between(1, 65535)]
    protocol: str
    certificate_id: str | None = None


@frozen(kw_only=True)
class Static:
    target: int


@frozen(kw_only=True)
class Dynamic:
    min_instances: int
    max_instances: int
    cpu: float | None = None


def one_of_both(given: Mapping[str, object]) -> str | None:
    return "droplet_ids, tag: only one of the two" if {"droplet_ids", "tag"} <= given.keys() else None


def as_given(path: str, value: object) -> object:
    del path
    return value


@with_rule(one_of_both)
@frozen(kw_only=True)
class Balancer:
    rules: Annotated[Sequence[Rule], Length(1)]
    name: Annotated[str, Example("web-01"), Length(1, 10)] = "web"
    image: int | str | None = None
    config: Static | Dynamic | None = None
    droplet_ids: Sequence[int] | None = None
    tag: Annotated[str, checked_tag] | None = None
    priorities: Mapping[str, int] | None = None
    is_internal: bool | None = None
    plan: Literal["daily", "weekly"] | None = None
    note: Annotated[str, as_given] | None = None
    notes: Sequence[Annotated[str, as_given]] | None = None


RULE = {"entry_port": 80, "protocol": "http"}


def body(**fields: Any) -> dict[str, object]:
    return body_of(Balancer, {"rules": [RULE], **fields})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {}),
        ({"rules": (Rule(entry_port=80, protocol="http"),)}, {}),
        ({"rules": [{**RULE, "certificate_id": None}]}, {}),
        ({"name": None, "image": None}, {}),
        ({"image": 7}, {"image": 7}),
        ({"image": "ubuntu"}, {"image": "ubuntu"}),
        ({"config": {"target": 3}}, {"config": {"target": 3}}),
        (
            {"config": Dynamic(min_instances=1, max_instances=3, cpu=0.5)},
            {"config": {"min_instances": 1, "max_instances": 3, "cpu": 0.5}},
        ),
        ({"config": {"max_instances": 3, "min_instances": 1}}, {"config": {"min_instances": 1, "max_instances": 3}}),
        ({"droplet_ids": (1, 2)}, {"droplet_ids": [1, 2]}),
        ({"priorities": {"nyc2": 1}}, {"priorities": {"nyc2": 1}}),
        ({"is_internal": False}, {"is_internal": False}),
        ({"plan": "daily"}, {"plan": "daily"}),
    ],
)
def test_body_holds_what_was_given(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    assert body(**fields) == {"rules": [RULE], **expected}


@pytest.mark.parametrize(
    ("fields", "error", "said"),
    [
        ({"rules": None}, TypeError, "rules: missing; required are rules"),
        ({"rules": []}, ValueError, "rules: expected at least 1 items, got 0"),
        ({"rules": RULE}, TypeError, "rules: expected a list, got dict"),
        ({"rules": "http"}, TypeError, "rules: expected a list, got str 'http'"),
        (
            {"rules": [RULE, {"entry_port": 80}]},
            TypeError,
            r"rules\[1\].protocol: missing; required are entry_port, protocol",
        ),
        (
            {"rules": [RULE, {**RULE, "entry_port": 0}]},
            ValueError,
            r"rules\[1\].entry_port: expected a number from 1 to 65535, got 0",
        ),
        ({"rules": [{**RULE, "entry_port": "80"}]}, TypeError, r"rules\[0\].entry_port: expected an int, got str '80'"),
        (
            {"rules": [{**RULE, "entry_port": True}]},
            TypeError,
            r"rules\[0\].entry_port: expected an int, got bool True",
        ),
        (
            {"rules": [{**RULE, "entryport": 80}]},
            TypeError,
            r"rules\[0\].entryport: unknown field. Did you mean 'entry_port'\?",
        ),
        ({"rules": [7]}, TypeError, r"rules\[0\]: expected a Rule or a dict of its fields, got int 7"),
        ({"names": "x"}, TypeError, "names: unknown field. Did you mean 'name'"),
        ({"name": "x" * 11}, ValueError, "name: expected from 1 to 10 characters, got 11"),
        ({"name": " "}, ValueError, "name: expected text such as 'web-01'"),
        ({"image": 1.5}, TypeError, "image: expected an int, got float 1.5; or image: expected a str"),
        ({"image": {"slug": "x"}}, TypeError, "image: expected an int, got dict"),
        ({"config": {"target": "x"}}, TypeError, "config.target: expected an int"),
        (
            {"config": 5},
            TypeError,
            "config: expected a Static or a dict of its fields, got int 5; or config: expected a Dynamic",
        ),
        ({"tag": "a b"}, ValueError, "tag: expected at most 255"),
        ({"droplet_ids": [1], "tag": "x"}, ValueError, "droplet_ids, tag: only one of the two"),
        ({"droplet_ids": [1, "2"]}, TypeError, r"droplet_ids\[1\]: expected an int, got str '2'"),
        ({"priorities": {"nyc2": "1"}}, TypeError, "priorities.nyc2: expected an int"),
        ({"priorities": [1]}, TypeError, "priorities: expected a mapping"),
        ({"priorities": {1: 2}}, TypeError, "priorities: expected names that are texts, got int 1"),
        ({"rules": [{1: 2}]}, TypeError, r"rules\[0\]: expected names of fields, got int 1"),
        ({"config": {1: 2}}, TypeError, "config: expected names of fields, got int 1"),
        ({"note": "a\ud800"}, ValueError, r"note: expected text without lone surrogates, got 'a\\ud800'"),
        ({"notes": ["a", "\ud800"]}, ValueError, r"notes\[1\]: expected text without lone surrogates"),
        ({"is_internal": 1}, TypeError, "is_internal: expected True or False"),
        ({"plan": "hourly"}, ValueError, "plan: expected one of 'daily', 'weekly', got 'hourly'"),
        (
            {"config": {"min_instances": 1, "max_instances": 2, "cpu": float("nan")}},
            ValueError,
            "config.cpu: expected a finite",
        ),
    ],
)
def test_fault_is_named_with_its_path(fields: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        body(**fields)


@pytest.mark.parametrize("name", ["name", "tag", "plan", "rules", "x" * 100_000])
@pytest.mark.parametrize("value", [" " * 100_000, 10**3_000, [7] * 100_000], ids=["text", "number", "list"])
def test_values_are_cut_short_in_errors(name: str, value: object) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        body(**{name: value})
    assert len(str(caught.value)) < 400


@given(st.dictionaries(st.sampled_from(["rules", "name", "image", "config", "tag", "x"]), json_values))
def test_nonsense_is_a_body_or_a_clear_error(fields: dict[str, Any]) -> None:
    text, made = "", {}
    try:
        made = body_of(Balancer, fields)
    except (TypeError, ValueError) as error:
        text = str(error)
    assert made.keys() <= {"rules", "name", "image", "config", "tag"}
    assert bool(made) is not bool(text)
    assert not text or ": " in text


def test_class_with_a_type_without_a_checker_is_refused() -> None:
    @frozen(kw_only=True)
    class Strange:
        when: complex

    with pytest.raises(TypeError, match="there is no checker"):
        body_of(Strange, {"when": 1})


@frozen(kw_only=True)
class Entry:
    port: int


@frozen(kw_only=True)
class Gate:
    entry: Entry
    rule: Rule


def test_class_of_a_part_has_the_article_that_its_name_needs() -> None:
    with pytest.raises(TypeError, match="entry: expected an Entry or a dict"):
        body_of(Gate, {"entry": 7, "rule": RULE})
    with pytest.raises(TypeError, match="rule: expected a Rule or a dict"):
        body_of(Gate, {"entry": {"port": 1}, "rule": 7})


@frozen(kw_only=True)
class Limits:
    least: Annotated[int, Between(2)] | None = None
    most: Annotated[float, Between(maximum=9)] | None = None
    both: Annotated[int, Between(2, 9)] | None = None
    names: Annotated[Sequence[str], Length(2, 3)] | None = None
    share: float | None = None
    size_or_name: Annotated[int, Between(2, 9)] | Annotated[str, Length(2)] | None = None
    known: Annotated[str, Example("x")] = field(default="", metadata={NEEDED_IN_REQUESTS: True})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("least", 2),
        ("least", 10**9),
        ("most", 9),
        ("most", -(10**9)),
        ("both", 2),
        ("both", 9),
        ("names", ["a", "b"]),
        ("names", ["a", "b", "c"]),
        ("share", 1),
        ("share", 0.5),
        ("size_or_name", 2),
        ("size_or_name", "ab"),
    ],
)
def test_value_on_its_limit_is_accepted(name: str, value: object) -> None:
    given = {"known": "x", name: value}
    assert body_of(Limits, given) == given


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("least", 1, "least: expected a number at least 2, got 1"),
        ("most", 9.5, "most: expected a number up to 9, got 9.5"),
        ("both", 10, "both: expected a number from 2 to 9, got 10"),
        ("names", ["a"], "names: expected from 2 to 3 items, got 1"),
        ("names", ["a", "b", "c", "d"], "names: expected from 2 to 3 items, got 4"),
        ("share", True, "share: expected a number, got bool True"),
        ("share", "1", "share: expected a number, got str '1'"),
        ("share", float("inf"), "share: expected a finite number, got inf"),
        ("share", float("-inf"), "share: expected a finite number, got -inf"),
        ("size_or_name", 1, "size_or_name: expected a number from 2 to 9, got 1"),
        ("size_or_name", "a", "size_or_name: expected at least 2 characters, got 1"),
    ],
)
def test_value_beyond_its_limit_is_refused(name: str, value: object, fault: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        body_of(Limits, {"known": "x", name: value})
    assert str(caught.value) == fault


def test_field_with_a_default_is_needed_when_it_says_so() -> None:
    with pytest.raises(TypeError, match=r"^known: missing; required are known$"):
        body_of(Limits, {})


@frozen(kw_only=True)
class Service:
    balancer: Balancer


def test_broken_rule_is_named_with_the_path_of_its_part() -> None:
    broken = {"rules": [RULE], "droplet_ids": [1], "tag": "x"}
    with pytest.raises(ValueError, match=r"^balancer: droplet_ids, tag: only one of the two$"):
        body_of(Service, {"balancer": broken})
    with pytest.raises(ValueError, match=r"^droplet_ids, tag: only one of the two$"):
        body_of(Balancer, broken)
