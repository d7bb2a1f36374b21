from __future__ import annotations

import json
import typing
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta, timezone
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin

import attrs
import cattrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import NOON, Indexed, json_values, moments

from gradient_async import (
    Action,
    ActionBulkInitiateResponse,
    ActionInitiateResponse,
    ActionListResponse,
    ActionRetrieveResponse,
    AutoscalePoolDropletTemplate,
    AutoscalePoolDynamicConfig,
    AutoscalePoolStaticConfig,
    Droplet,
    ForwardingRule,
    GPUDropletListResponse,
    GPUDropletRetrieveResponse,
    InboundRule,
    OutboundRule,
    Region,
    converter,
    fast_hooks,
)
from gradient_async.bodies import body_of
from gradient_async.converter import Converter, DecodingError, action_body, decode, decode_json, encode, structure
from gradient_async.models.action_requests import EnableBackups, Reboot, Rename, Resize
from gradient_async.models.own_fields import NOT_FROM_THE_API

if TYPE_CHECKING:
    from collections.abc import Callable

RESPONSES: list[type[Any]] = [
    ActionInitiateResponse,
    ActionBulkInitiateResponse,
    ActionRetrieveResponse,
    ActionListResponse,
    GPUDropletRetrieveResponse,
    GPUDropletListResponse,
]
PARTS: list[type[Any]] = [
    AutoscalePoolDropletTemplate,
    AutoscalePoolDynamicConfig,
    AutoscalePoolStaticConfig,
    ForwardingRule,
    InboundRule,
    OutboundRule,
]
"""Parts of requests and answers. What a request needs, an answer may leave out."""
ACTION = {"id": 1, "status": "completed", "type": "reboot", "started_at": "2026-11-23T12:00:00Z"}
DROPLET = {"id": 3164444, "name": "trainer-01", "status": "active"}


class Body(dict[str, object]):
    """A mapping that a caller may have made."""


FAST = Converter(fast_hooks.register)
CAREFUL = Converter()


def fields_read(kind: Any) -> dict[str, attrs.Attribute[Any]]:
    """Return a model's fields, without those that no answer has."""
    fields = attrs.fields_dict(kind)
    return {name: field for name, field in fields.items() if NOT_FROM_THE_API not in field.metadata}


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values of a model's field, of any depth."""
    if attrs.has(kind):
        hints = typing.get_type_hints(kind)
        return st.builds(kind, **{name: values_of(hints[name]) for name in fields_read(kind)})
    if get_origin(kind) is tuple:
        return st.lists(values_of(get_args(kind)[0]), max_size=2).map(tuple)
    if get_origin(kind) is UnionType:
        return st.one_of(st.none() if one is NoneType else values_of(one) for one in get_args(kind))
    return {
        int: st.integers(-(2**63), 2**63),
        str: st.text(max_size=20),
        bool: st.booleans(),
        float: st.floats(allow_nan=False, allow_infinity=False),
        datetime: moments,
    }[kind]


def as_json(value: Any, draw: Any) -> Any:
    """Return a model as a server would send it: with unknown fields, missing fields and nulls."""
    if isinstance(value, tuple):
        items = [as_json(item, draw) for item in value]
        return draw(st.sampled_from([items, [None, *items], [*items, None]]))
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if not attrs.has(type(value)):
        return value
    fields = fields_read(type(value))
    news = draw(st.dictionaries(st.text(max_size=8).filter(lambda name: name not in fields), json_values, max_size=2))
    body: dict[str, Any] = {}
    for name, field in fields.items():
        item = as_json(getattr(value, name), draw)
        is_default = field.default is not attrs.NOTHING and _default(field) == getattr(value, name)
        how = draw(st.sampled_from(["value", "null", "missing"])) if is_default else "value"
        if how != "missing":
            body[name] = None if how == "null" else item
    return {**news, **body}


def _default(field: attrs.Attribute[Any]) -> Any:
    return field.default.factory() if isinstance(field.default, attrs.Factory) else field.default  # type: ignore[arg-type]


@pytest.mark.parametrize("model", RESPONSES)
@settings(max_examples=25)
@given(data=st.data())
def test_model_is_read_back_despite_unknown_and_null_fields(model: type[Any], data: st.DataObject) -> None:
    value = data.draw(values_of(model))
    body = json.dumps(as_json(value, data.draw)).encode()
    assert decode(body, model) == value


def fault_in(read: Callable[[], object]) -> DecodingError | None:
    """Return the one error that reading may raise. Any other error fails the test."""
    try:
        read()
    except DecodingError as error:
        return error
    return None


@pytest.mark.parametrize("model", RESPONSES)
@given(body=st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_give_a_model_or_a_decoding_error(model: type[Any], body: bytes) -> None:
    fault = fault_in(lambda: decode(body, model))
    if fault is None:
        assert isinstance(decode(body, model), model)
    else:
        assert fault.reason
        assert fault.fault_path.startswith("$")
        assert fault.__cause__ is None


def paths_in(value: Any) -> list[tuple[Any, ...]]:
    """Return the place of every value inside a JSON value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [(), *((key, *rest) for key, item in inner for rest in paths_in(item))]


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    if not path:
        return by
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = replaced(value[path[0]], path[1:], by)
    return copy


FULL_DROPLET: dict[str, Any] = {
    **DROPLET,
    "memory": 8192,
    "disk_info": [{"type": "scratch", "size": {"amount": 5120, "unit": "gib"}}],
    "created_at": "2026-01-01T00:00:00Z",
    "features": ["ipv6"],
    "backup_ids": [1],
    "next_backup_window": {"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T04:00:00Z"},
    "image": {"id": 1, "slug": "gpu-h100x1-base", "size_gigabytes": 2.5, "regions": ["tor1"]},
    "size": {"slug": "gpu-h100x1-80gb", "price_hourly": 3.39, "gpu_info": {"count": 1, "vram": {"amount": 80}}},
    "networks": {"v4": [{"ip_address": "10.0.0.1", "netmask": "255.0.0.0"}], "v6": [{"netmask": 64}]},
    "region": {"slug": "tor1", "sizes": ["gpu-h100x1-80gb"], "available": True},
}
FULL_LIST = {"droplets": [FULL_DROPLET], "meta": {"total": 1}, "links": {"pages": {"next": "https://example.com"}}}


@given(st.sampled_from(paths_in(FULL_LIST)), json_values)
def test_fault_is_reported_at_the_place_of_a_replaced_value(path: tuple[Any, ...], by: Any) -> None:
    body = replaced(FULL_LIST, path, by)
    fault = fault_in(lambda: structure(body, GPUDropletListResponse))
    place = "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    # The fault is in what was put there: at its place or below it.
    assert fault is None or fault.fault_path.startswith(place)


@pytest.mark.parametrize(
    ("model", "body", "path", "reason"),
    [
        (ActionInitiateResponse, {}, "$.action", "required field 'action' is missing"),
        (ActionInitiateResponse, {"action": None}, "$.action", "required field 'action' is missing"),
        (ActionInitiateResponse, {"action": []}, "$.action", "expected an object, got an array"),
        (ActionInitiateResponse, {"action": "x"}, "$.action", 'expected an object, got "x"'),
        (ActionInitiateResponse, {"action": {**ACTION, "id": "1"}}, "$.action.id", 'expected int, got "1"'),
        (ActionInitiateResponse, {"action": {**ACTION, "id": 1.0}}, "$.action.id", "expected int, got 1.0"),
        (ActionInitiateResponse, {"action": {**ACTION, "id": True}}, "$.action.id", "expected int, got true"),
        (ActionInitiateResponse, {"action": {**ACTION, "id": None}}, "$.action.id", "required field 'id' is missing"),
        (ActionInitiateResponse, {"action": {**ACTION, "status": 5}}, "$.action.status", "expected str, got 5"),
        (
            ActionInitiateResponse,
            {"action": {**ACTION, "started_at": "yesterday"}},
            "$.action.started_at",
            'expected an RFC 3339 time, got "yesterday"',
        ),
        (ActionInitiateResponse, {"action": {**ACTION, "region": 5}}, "$.action.region", "expected an object, got 5"),
        (ActionListResponse, {"actions": {}}, "$.actions", "expected an array, got an object"),
        (ActionListResponse, {"actions": "abc"}, "$.actions", 'expected an array, got "abc"'),
        (ActionListResponse, {"actions": [ACTION, {}]}, "$.actions[1].id", "required field 'id' is missing"),
        (ActionListResponse, {"actions": [], "meta": {"total": "3"}}, "$.meta.total", 'expected int, got "3"'),
        (
            ActionListResponse,
            {"actions": [], "links": {"pages": {"next": 2}}},
            "$.links.pages.next",
            "expected str, got 2",
        ),
        (
            GPUDropletListResponse,
            {"droplets": [{**DROPLET, "networks": {"v6": [{"netmask": "64"}]}}]},
            "$.droplets[0].networks.v6[0].netmask",
            'expected int, got "64"',
        ),
        (
            GPUDropletRetrieveResponse,
            {"droplet": {**DROPLET, "size": {"slug": "s", "price_hourly": "3.39"}}},
            "$.droplet.size.price_hourly",
            'expected a number, got "3.39"',
        ),
        (
            GPUDropletRetrieveResponse,
            {"droplet": {**DROPLET, "tags": ["a", 5]}},
            "$.droplet.tags[1]",
            "expected str, got 5",
        ),
        (GPUDropletRetrieveResponse, [], "$", "expected an object, got an array"),
        (GPUDropletRetrieveResponse, None, "$", "expected an object, got null"),
    ],
)
def test_fault_is_reported_with_its_place_and_expectation(model: type[Any], body: Any, path: str, reason: str) -> None:
    with pytest.raises(DecodingError) as caught:
        decode(json.dumps(body).encode(), model)
    assert (caught.value.fault_path, caught.value.reason) == (path, reason)


def test_fault_is_cut_short_when_the_wrong_value_is_huge() -> None:
    with pytest.raises(DecodingError) as caught:
        structure({"action": {**ACTION, "id": "x" * 100_000}}, ActionInitiateResponse)
    assert len(caught.value.reason) < 200


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "the body is empty"),
        (b" \r\n", "the body is empty"),
        (b"<html><body>504 Gateway Time-out</body></html>", "the body is no JSON"),
        (b'{"action": {"id": 1, "sta', "the body is no JSON"),
        (b"\xff\xfe\x00\xd8", "the body is no JSON"),
        (b"\x80abc", "the body is no JSON"),
        (b"[" * 200_000, "the body is no JSON"),
        (b"9" * 5_000, "the body is no JSON"),
    ],
)
def test_body_is_refused_as_a_whole_when_it_is_no_json(body: bytes, reason: str) -> None:
    with pytest.raises(DecodingError, match=reason) as caught:
        decode_json(body)
    assert caught.value.fault_path == "$"


def test_body_is_read_when_it_begins_with_a_byte_order_mark() -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"action": ACTION}).encode()
    assert decode(body, ActionInitiateResponse).action.id == 1


@pytest.mark.parametrize(
    ("region", "slug"), [("nyc1", "nyc1"), ({"slug": "tor1", "name": "Toronto 1"}, "tor1"), ({}, None)]
)
def test_region_is_read_in_every_form_it_has_been_seen_in(region: Any, slug: str | None) -> None:
    read = structure({"action": {**ACTION, "region": region}}, ActionInitiateResponse).action
    assert isinstance(read.region, Region)
    assert read.region.slug == slug


def test_region_is_none_when_it_is_null_or_absent() -> None:
    assert structure({**ACTION, "region": None}, Action).region is None
    assert structure(ACTION, Action).region is None


@pytest.mark.parametrize("model", RESPONSES)
@settings(max_examples=10)
@given(data=st.data())
def test_fast_hooks_read_all_that_careful_ones_do(model: type[Any], data: st.DataObject) -> None:
    body = as_json(data.draw(values_of(model)), data.draw)
    assert FAST.structure(body, model) == CAREFUL.structure(body, model)
    assert not FAST.fallbacks


def test_a_fallback_is_counted_when_only_careful_hooks_read() -> None:
    converter = Converter(fast_hooks.register)
    assert converter.structure({**ACTION, "region": "nyc1"}, Action).region == Region(slug="nyc1")
    assert converter.fallbacks == {Action: 1}
    with pytest.raises(DecodingError):
        converter.structure({**ACTION, "id": "1"}, Action)
    assert converter.fallbacks == {Action: 1}


@given(json_values)
def test_json_is_read_alike_by_both_parsers(value: Any) -> None:
    body = json.dumps(value).encode()
    read, expected = decode_json(body), json.loads(body, parse_int=_as_both_do)
    assert json.dumps(read, default=str) in {json.dumps(expected), json.dumps(json.loads(body))}


def _as_both_do(digits: str) -> int | float:
    """Replace integers of more than 64 bits by floats, as the faster reader does."""
    return int(digits) if -(2**63) <= int(digits) < 2**64 else float(digits)


def test_equal_regions_are_one_object_and_different_ones_are_not() -> None:
    tor1 = {
        "slug": "tor1",
        "name": "Toronto 1",
        "available": True,
        "features": ["backups"],
        "sizes": ["gpu-h100x1-80gb"],
    }
    regions = [tor1, dict(tor1), {**tor1, "available": None}, {**tor1, "sizes": []}, {**tor1, "features": None}]
    first, same, *others = (structure({**ACTION, "region": region}, Action).region for region in regions)
    assert first is same
    assert [other == first for other in others] == [False, False, False]
    assert [other.available for other in others if other] == [None, True, True]


@pytest.mark.parametrize("field", ["features", "sizes"])
@pytest.mark.parametrize("value", ["backups", {}, "", 0, False, ["backups", 1], [None, 1], [["backups"]]])
def test_region_is_a_fault_when_its_lists_are_none(field: str, value: object) -> None:
    with pytest.raises(DecodingError) as caught:
        structure({**ACTION, "region": {"slug": "tor1", field: value}}, Action)
    assert caught.value.fault_path.startswith(f"$.region.{field}")


@pytest.mark.parametrize("available", [1, 0, 1.0, "true"])
def test_region_is_a_fault_when_only_an_equal_value_is_allowed(available: object) -> None:
    structure({**ACTION, "region": {"slug": "tor1", "available": bool(available)}}, Action)
    with pytest.raises(DecodingError, match="expected bool"):
        structure({**ACTION, "region": {"slug": "tor1", "available": available}}, Action)


@pytest.mark.parametrize("count", [True, 1.0])
def test_size_is_a_fault_when_a_number_inside_it_is_only_equal(count: object) -> None:
    def droplet(count: object) -> dict[str, Any]:
        return {**DROPLET, "size": {"slug": "gpu-h100x1-80gb", "gpu_info": {"count": count, "model": "nvidia_h100"}}}

    structure(droplet(1), Droplet)
    with pytest.raises(DecodingError, match="expected int") as caught:
        structure(droplet(count), Droplet)
    assert caught.value.fault_path == "$.size.gpu_info.count"


@pytest.mark.parametrize("converter", [FAST, CAREFUL], ids=["fast", "careful"])
@pytest.mark.parametrize("missing", [{}, {"slug": None, "id": None}])
def test_droplet_is_read_when_its_size_and_image_are_not_named(converter: Converter, missing: dict[str, None]) -> None:
    body = {**DROPLET, "size": {**missing, "price_hourly": 3.39}, "image": {**missing, "name": "base"}}
    read = converter.structure(body, Droplet)
    assert read.size is not None
    assert read.image is not None
    assert (read.size.slug, read.size.price_hourly) == ("", 3.39)
    assert (read.image.id, read.image.name) == (None, "base")


@pytest.mark.parametrize("converter", [FAST, CAREFUL], ids=["fast", "careful"])
def test_null_items_are_left_out_when_a_list_has_them(converter: Converter) -> None:
    networks = {"v4": [None, {"ip_address": "10.0.0.1"}], "v6": [None]}
    droplet = {**DROPLET, "tags": ["a", None, "b"], "backup_ids": [None, 1], "networks": networks}
    (read,) = converter.structure({"droplets": [None, droplet, None]}, GPUDropletListResponse).droplets
    assert (read.tags, read.backup_ids) == (("a", "b"), (1,))
    assert ([one.ip_address for one in read.networks.v4], read.networks.v6) == (["10.0.0.1"], ())


@pytest.mark.parametrize("converter", [FAST, CAREFUL], ids=["fast", "careful"])
@pytest.mark.parametrize("missing", ["left out", "null"])
@pytest.mark.parametrize("kind", PARTS, ids=lambda kind: kind.__name__)
def test_part_is_read_when_an_answer_has_nothing_in_it(converter: Converter, missing: str, kind: type[Any]) -> None:
    body = dict.fromkeys(attrs.fields_dict(kind)) if missing == "null" else {}
    read = converter.structure(body, kind)
    needed = [getattr(read, name) for name, field in attrs.fields_dict(kind).items() if field.default is attrs.NOTHING]
    assert needed
    assert set(needed) <= {0, ""}
    with pytest.raises(TypeError, match="missing"):
        body_of(kind, {})


def test_nothing_in_an_answer_says_that_it_was_adopted() -> None:
    assert not structure({"action": ACTION, "is_adopted": True}, ActionInitiateResponse).is_adopted


@pytest.mark.parametrize("links", [{}, {"pages": {}}, {"pages": None}, None])
def test_links_are_empty_when_a_list_has_a_single_page(links: Any) -> None:
    body = {"actions": [], "links": links, "meta": None}
    assert structure(body, ActionListResponse) == structure({"actions": []}, ActionListResponse)
    assert structure(body, ActionListResponse).links.pages.next is None


@pytest.mark.parametrize("status", ["queued", "new", "", "COMPLETED"])
def test_status_is_kept_and_unfinished_when_the_word_is_unknown(status: str) -> None:
    read = structure({**ACTION, "status": status}, Action)
    assert read.status == status
    assert not read.is_finished


@pytest.mark.parametrize(
    ("stamp", "moment"),
    [
        ("2026-11-23T12:00:00Z", NOON),
        ("2026-11-23T12:00:00+00:00", NOON),
        ("2026-11-23T13:00:00.250+01:00", NOON + timedelta(milliseconds=250)),
        ("2026-11-23T12:00:00", NOON),
        (NOON.timestamp(), NOON),
        (int(NOON.timestamp()), NOON),
    ],
)
def test_time_is_read_in_every_form_the_api_may_use(stamp: Any, moment: datetime) -> None:
    read = structure({**ACTION, "started_at": stamp}, Action).started_at
    assert read is not None
    assert read == moment
    assert read.tzinfo is not None


@pytest.mark.parametrize("stamp", [True, "", "12:00", [], {}, 1e300, -1e300, float("nan"), float("inf")])
def test_time_is_a_fault_when_it_is_none(stamp: Any) -> None:
    with pytest.raises(DecodingError, match="expected an RFC 3339 time") as caught:
        structure({**ACTION, "started_at": stamp}, Action)
    assert caught.value.fault_path == "$.started_at"


def test_instant_keeps_its_offset_when_the_server_is_not_on_utc() -> None:
    read = structure({**ACTION, "started_at": "2026-11-23T13:00:00+01:00"}, Action).started_at
    assert read == datetime(2026, 11, 23, 13, tzinfo=timezone(timedelta(hours=1)))
    assert read == datetime(2026, 11, 23, 12, tzinfo=UTC)


def test_number_is_a_float_when_the_server_sends_an_int() -> None:
    body = {**DROPLET, "size": {"slug": "s", "price_hourly": 3}}
    size = structure(body, Droplet).size
    assert size is not None
    assert type(size.price_hourly) is float


@attrs.frozen(kw_only=True)
class Fixed:
    target: int


@attrs.frozen(kw_only=True)
class Ranging:
    smallest: int
    largest: int


@attrs.frozen(kw_only=True)
class Mixed:
    names: Sequence[str] = ()
    counts: Mapping[str, int] | None = None
    config: Fixed | Ranging | None = None
    image: int | str | None = None


@pytest.mark.parametrize("converter", [FAST, CAREFUL], ids=["fast", "careful"])
@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({"names": ["a", "b"]}, Mixed(names=("a", "b"))),
        ({"counts": {"nyc1": 1, "fra1": None}}, Mixed(counts={"nyc1": 1})),
        ({"config": {"target": 3}}, Mixed(config=Fixed(target=3))),
        (
            {"config": {"smallest": 1, "largest": 2, "target": None, "x": 1}},
            Mixed(config=Ranging(smallest=1, largest=2)),
        ),
        ({"config": {"smallest": 0, "largest": 0, "target": 3}}, Mixed(config=Fixed(target=3))),
        ({"image": "ubuntu"}, Mixed(image="ubuntu")),
        ({"image": 7}, Mixed(image=7)),
        ({"names": None, "counts": None, "config": None, "image": None}, Mixed()),
    ],
)
def test_value_is_read_when_its_field_has_a_wide_type(converter: Converter, sent: object, read: Mixed) -> None:
    assert converter.structure(sent, Mixed) == read


@pytest.mark.parametrize(
    ("sent", "path", "reason"),
    [
        ({"names": "a"}, "$.names", "expected an array"),
        ({"names": ["a", 1]}, "$.names[1]", "expected str, got 1"),
        ({"counts": [1]}, "$.counts", "expected an object"),
        ({"counts": {"nyc1": 1, "fra1": "2"}}, "$.counts.fra1", "expected int"),
        ({"config": {"target": "3"}}, "$.config.target", "expected int"),
        ({"config": 3}, "$.config", "expected an object"),
        ({"image": [7]}, "$.image", "expected int"),
    ],
)
def test_fault_has_its_path_when_its_field_has_a_wide_type(sent: object, path: str, reason: str) -> None:
    with pytest.raises(DecodingError, match=reason) as caught:
        structure(sent, Mixed)
    assert caught.value.fault_path == path


def test_what_was_read_is_not_changed_by_reading_it() -> None:
    body = {**DROPLET, "region": None, "size": {"slug": "s", "disk": None}}
    before = json.dumps(body)
    structure(body, Droplet)
    assert json.dumps(body) == before


def test_no_cattrs_error_hangs_on_a_fault() -> None:
    with pytest.raises(DecodingError) as caught:
        structure({"actions": [{"id": "1"}]}, ActionListResponse)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert not isinstance(caught.value, cattrs.BaseValidationError)


@given(json_values.filter(lambda value: value == value))
def test_json_is_read_back_as_it_was_when_this_sdk_wrote_it(value: Any) -> None:
    assert repr(decode_json(encode(value))) == repr(value)


def test_body_is_written_as_short_as_it_can_be() -> None:
    assert encode({"type": "rename", "name": "größe"}) == '{"type":"rename","name":"größe"}'.encode()


@given(body=st.dictionaries(st.text(), st.text() | st.integers() | st.booleans() | st.floats() | st.none(), max_size=4))
def test_bodies_are_the_same_with_every_json_library(body: dict[str, Any]) -> None:
    expected = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
    assert encode(body) == expected


@pytest.mark.parametrize(
    ("body", "is_plain"),
    [
        ({"name": "a", "size_gigabytes": 10, "disk": True}, True),
        ({"share": 0.5}, False),
        ({"share": float("nan")}, False),
        ({"tags": ["a"]}, False),
        (Body(name="a"), False),
        (["a"], False),
        ("a", False),
    ],
)
def test_only_plain_bodies_are_written_by_the_faster_library(
    body: object, is_plain: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = json.dumps(body, separators=(",", ":")).encode()
    monkeypatch.setattr(converter, "_dumps_plain", lambda _: b"fast")
    assert encode(body) == (b"fast" if is_plain else expected)
    monkeypatch.setattr(converter, "_dumps_plain", None)
    assert encode(body) == expected


def test_number_of_another_library_is_written_as_an_int() -> None:
    assert encode({"size_gigabytes": Indexed(7)}) == b'{"size_gigabytes":7}'
    with pytest.raises(TypeError, match="expected a JSON value, got object"):
        encode({"size_gigabytes": object()})


def test_body_of_an_action_has_the_given_parameters() -> None:
    assert action_body(Reboot()) == {"type": "reboot"}
    assert encode(action_body(Reboot())) == b'{"type":"reboot"}'
    assert action_body(Rename(name="a")) == {"type": "rename", "name": "a"}
    assert action_body(EnableBackups()) == {"type": "enable_backups"}
    resize = Resize(size="gpu-h100x1-80gb", disk=True)
    assert action_body(resize) == {"type": "resize", "size": "gpu-h100x1-80gb", "disk": True}


def test_body_of_an_action_without_parameters_is_written_once() -> None:
    assert action_body(Reboot()) is action_body(Reboot())
    assert action_body(Rename(name="a")) is not action_body(Rename(name="a"))


@pytest.mark.parametrize("envelope", ["action", ""])
def test_value_is_read_with_its_envelope_and_without(envelope: str) -> None:
    bare = json.dumps(ACTION).encode()
    assert decode(bare, Action, envelope) == structure(ACTION, Action)
    assert decode(b'{"action": ' + bare + b"}", Action, "action") == structure(ACTION, Action)
    with pytest.raises(DecodingError, match="expected an object, got an array") as caught:
        decode(b"[" + bare + b"]", Action, envelope)
    assert caught.value.fault_path == "$"
    with pytest.raises(DecodingError) as caught:
        decode(b'{"action": {"id": "1"}}', Action, "action")
    assert caught.value.fault_path == "$.action.id"
