"""What the careful hooks make of each kind of field, with a converter of each test's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Optional, Union

import attrs
import pytest

from gradient_async import careful_hooks
from gradient_async.converter import Converter, DecodingError
from gradient_async.models.own_fields import IF_ABSENT, NOT_FROM_THE_API

if TYPE_CHECKING:
    import cattrs


@attrs.frozen(kw_only=True)
class Static:
    target: int


@attrs.frozen(kw_only=True)
class Dynamic:
    least: int
    most: int


@attrs.frozen(kw_only=True)
class Thing:
    id: int
    names: tuple[str, ...]
    labels: Mapping[str, int]
    sizes: tuple[str, ...] = ("s",)
    limits: Mapping[str, int] = attrs.field(factory=lambda: {"a": 1})
    price: float | None = None
    config: Static | Dynamic | None = None
    name_or_id: int | str = 0
    region: str = attrs.field(default="nyc3", metadata={IF_ABSENT: "unknown"})
    is_adopted: bool = attrs.field(default=False, metadata={NOT_FROM_THE_API: True})


LEAST: dict[str, Any] = {"id": 7, "names": ["a"], "labels": {"x": 1}}


def read(**fields: Any) -> Thing:
    return Converter().structure(LEAST | fields, Thing)


@pytest.mark.parametrize(
    ("kind", "is_optional", "is_choice", "is_array"),
    [
        (int | None, True, False, False),
        (Optional[int], True, False, False),  # noqa: UP045 - what is read
        (int | str | None, False, True, False),
        (int | str, False, True, False),
        (Union[int, str], False, True, False),  # noqa: UP007 - what is read
        (tuple[int, None], False, False, True),
        (tuple[int, ...], False, False, True),
        (Sequence[int], False, False, True),
        (Mapping[str, int], False, False, False),
        (int, False, False, False),
        (Thing, False, False, False),
    ],
)
def test_kind_of_a_field_is_known(kind: object, is_optional: bool, is_choice: bool, is_array: bool) -> None:
    assert careful_hooks.is_optional(kind) is is_optional
    assert careful_hooks._is_choice(kind) is is_choice
    assert careful_hooks.is_array(kind) is is_array


@pytest.mark.parametrize(
    ("field", "sent", "value"),
    [
        ("names", ["a", None, "b"], ("a", "b")),
        ("names", None, ()),
        ("labels", {"x": 1, "y": None}, {"x": 1}),
        ("labels", None, {}),
        ("sizes", None, ("s",)),
        ("sizes", [], ()),
        ("limits", None, {"a": 1}),
        ("limits", {}, {}),
        ("price", 2, 2.0),
        ("price", None, None),
        ("config", {"target": 3}, Static(target=3)),
        ("config", {"least": 1, "most": 2, "target": 0}, Dynamic(least=1, most=2)),
        ("config", {"least": 0, "most": 0, "target": 3}, Static(target=3)),
        ("config", {"least": 0, "most": 0}, Dynamic(least=0, most=0)),
        ("config", None, None),
        ("name_or_id", "a", "a"),
        ("name_or_id", 7, 7),
        ("region", None, "unknown"),
        ("region", "tor1", "tor1"),
        ("is_adopted", True, False),
    ],
)
def test_field_is_read_as_its_kind_says(field: str, sent: object, value: object) -> None:
    assert getattr(read(**{field: sent}), field) == value


def test_absent_field_has_its_own_value_or_its_default() -> None:
    thing = read()
    assert (thing.region, thing.sizes, thing.price) == ("unknown", ("s",), None)


@pytest.mark.parametrize(
    ("fields", "path", "reason"),
    [
        ({"id": None}, "$.id", "required field 'id' is missing"),
        ({"id": "7"}, "$.id", 'expected int, got "7"'),
        ({"id": True}, "$.id", "expected int, got true"),
        ({"names": {}}, "$.names", "expected an array, got an object"),
        ({"names": ["a", 5]}, "$.names[1]", "expected str, got 5"),
        ({"labels": []}, "$.labels", "expected an object, got an array"),
        ({"labels": {"x": "1"}}, "$.labels.x", 'expected int, got "1"'),
        ({"price": True}, "$.price", "expected a number, got true"),
        ({"price": "1"}, "$.price", 'expected a number, got "1"'),
        ({"config": 5}, "$.config", "expected an object, got 5"),
        ({"config": {"target": "3"}}, "$.config.target", 'expected int, got "3"'),
        ({"name_or_id": []}, "$.name_or_id", "expected int, got an array"),
    ],
)
def test_fault_has_its_place_and_what_was_expected(fields: dict[str, object], path: str, reason: str) -> None:
    with pytest.raises(DecodingError) as caught:
        read(**fields)
    assert (caught.value.fault_path, caught.value.reason) == (path, reason)


def test_careful_hooks_read_what_the_fast_ones_refuse() -> None:
    registered: list[object] = []

    def fast(value: Any, _: object) -> Static:
        if value["target"] == 13:
            raise LookupError("13")
        return Static(target=10 * value["target"])  # so that this test sees which hook has read it

    def register(made: cattrs.Converter) -> None:
        registered.append(made)
        made.register_structure_hook(Static, fast)

    converter = Converter(register)
    assert [converter.structure({"target": one}, Static).target for one in (2, 3)] == [20, 30]
    assert converter.fallbacks == {}
    assert [converter.structure({"target": one}, Static).target for one in (13, 4, 13)] == [13, 40, 13]
    assert converter.fallbacks == {Static: 2}
    assert len(registered) == 1


def test_converter_without_fast_hooks_falls_back_on_nothing() -> None:
    converter = Converter()
    assert converter.structure({"target": 2}, Static) == Static(target=2)
    assert converter.fallbacks == {}


def test_careful_hooks_read_all_that_no_fast_hook_is_for() -> None:
    converter = Converter(lambda _: None)
    assert converter.structure(LEAST, Thing).names == ("a",)
    assert converter.fallbacks == {}
    with pytest.raises(DecodingError, match='expected int, got "7"'):
        converter.structure(LEAST | {"id": "7"}, Thing)
    with pytest.raises(DecodingError, match="expected str, got 5"):
        converter.structure(LEAST | {"names": [5]}, Thing)
    assert converter.structure(LEAST | {"names": None}, Thing).names == ()
    assert converter.fallbacks == {}
