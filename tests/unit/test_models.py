"""Every model becomes a dict, JSON and a row, is made from a dict, and is copied and pickled."""

from __future__ import annotations

import copy
import json
import pickle
import types
import typing
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

import attrs
import pydantic
import pytest

import gradient_async
from gradient_async import (
    Action,
    Droplet,
    GPUDropletListResponse,
    GPUInfo,
    Image,
    KeyCreateResponse,
    KeyListResponse,
    Networks,
    NetworkV4,
    Region,
    Resize,
    SSHKeys,
)
from gradient_async.models.model import ListModel, Model
from gradient_async.models.own_fields import NOT_FROM_THE_API

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)>"
MODELS: list[type[Any]] = [
    value
    for name in gradient_async.__all__
    if attrs.has(value := getattr(gradient_async, name)) and value.__module__.startswith("gradient_async.models.")
]
LISTS: list[type[Any]] = [model for model in MODELS if issubclass(model, ListModel)]
# Their values must fit together.
VALID: dict[str, dict[str, Any]] = {
    "BackupPolicy": {"plan": "weekly", "weekday": "SUN", "hour": 8},
    "ChangeBackupPolicy": {"backup_policy": {"plan": "daily", "weekday": None, "hour": 8}},
    "EnableBackups": {"backup_policy": {"plan": "daily", "weekday": None, "hour": 8}},
    "Rebuild": {"image": "ubuntu-24-04-x64"},
    "Restore": {"image": 7},
    "Resize": {"size": "gpu-h100x1-80gb", "disk": True},
    "Rename": {"name": "trainer-01"},
    "Snapshot": {"name": "before"},
    "ChangeKernel": {"kernel": 7},
}
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
each_list = pytest.mark.parametrize("model", LISTS, ids=lambda model: model.__name__)


def sample(hint: Any) -> Any:
    """Return a value of a type, as JSON."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return sample(arguments[0])
    if origin in (Union, types.UnionType):
        return sample(next(one for one in arguments if one is not type(None)))
    if origin is Literal:
        return arguments[0]
    if origin in (tuple, list, Sequence):
        return [sample(arguments[0])]
    if origin in (dict, Mapping):
        return {"a": sample(arguments[1])}
    if attrs.has(hint):
        return whole(hint)
    return {str: "x", int: 7, float: 1.5, bool: True, datetime: "2026-11-23T12:00:00Z"}.get(hint, "x")


def whole(model: type[Any]) -> dict[str, Any]:
    """Return a dict with all fields that a model has from the API."""
    if model.__name__ in VALID:
        return VALID[model.__name__]
    hints = typing.get_type_hints(model, include_extras=True)
    fields = [field for field in attrs.fields(model) if NOT_FROM_THE_API not in field.metadata]
    return {field.name: sample(hints[field.name]) for field in fields}


def test_there_are_models_to_check() -> None:
    assert len(MODELS) > 100
    assert len(LISTS) > 20
    assert {"Droplet", "Action", "Reboot", "BackupPolicy", "KeyCreateResponse"} <= {model.__name__ for model in MODELS}


@each_model
def test_every_model_has_the_one_base(model: type[Any]) -> None:
    names = {field.name for field in attrs.fields(model)}
    assert issubclass(model, Model), f"{model.__name__}: derive it from Model, or a page of a list from ListModel"
    if "meta" in names:
        assert issubclass(model, ListModel), f"{model.__name__}: derive it from ListModel"
    if issubclass(model, ListModel):
        assert len(names - {"meta", "links"}) == 1


@each_model
def test_dict_of_a_model_is_what_it_was_made_of(model: type[Any]) -> None:
    data = whole(model)
    made = model.from_dict(data)
    found = made.to_dict()
    assert {name: found[name] for name in data} == data
    assert model.from_dict(found) == made
    assert json.loads(made.to_json()) == found
    assert json.loads(made.to_json(indent=2)) == found


@each_model
def test_model_is_copied_and_pickled(model: type[Any]) -> None:
    made = model.from_dict(whole(model))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(made, protocol))
        assert (again, type(again)) == (made, model)
    assert copy.copy(made) == made
    assert copy.deepcopy(made) == made


@each_model
def test_model_has_the_hash_of_its_equals(model: type[Any]) -> None:
    made = model.from_dict(whole(model))
    assert hash(made) == hash(copy.deepcopy(made))


@each_model
def test_pydantic_reads_and_writes_a_model(model: type[Any]) -> None:
    adapter = pydantic.TypeAdapter(model)
    data = whole(model)
    made = adapter.validate_python(data)
    assert made == model.from_dict(data)
    assert adapter.validate_python(made) is made
    assert adapter.dump_python(made) == made.to_dict()
    assert json.loads(adapter.dump_json(made)) == made.to_dict()
    schema = adapter.json_schema()
    assert (schema["type"], schema["title"]) == ("object", model.__name__)
    assert set(schema["properties"]) <= set(made.to_dict())
    required = {field.name for field in attrs.fields(model) if field.default is attrs.NOTHING}
    assert set(schema.get("required", ())) == required


@each_model
def test_row_of_a_model_is_flat(model: type[Any]) -> None:
    row = model.from_dict(whole(model)).to_row()
    assert all(value is None or isinstance(value, str | int | float | datetime) for value in row.values())


@each_list
def test_page_is_shown_short_and_as_rows(model: type[Any]) -> None:
    page = model.from_dict(whole(model))
    assert len(repr(page)) < 100
    assert "\n" not in repr(page)
    assert repr(page).startswith(f"{model.__name__}(1 ")
    (row,) = page.to_rows()
    assert row
    assert "<table>" in page._repr_html_()
    empty = model.from_dict(
        {name: value for name, value in whole(model).items() if name in {"meta", "links"}}
        | {name: type(value)() for name, value in whole(model).items() if name not in {"meta", "links"}}
    )
    assert empty.to_rows() == []
    assert "<table>" not in empty._repr_html_()


def test_dict_has_what_the_api_sends() -> None:
    droplet = Droplet(id=1, name="a", status="new", created_at=NOON, tags=("x",), region=Region(slug="tor1", name="T"))
    found = droplet.to_dict()
    assert found["created_at"] == "2026-11-23T12:00:00Z"
    assert (found["tags"], found["region"]["slug"], found["image"]) == (["x"], "tor1", None)
    assert Resize(size="gpu-h100x1-80gb").to_dict() == {"type": "resize", "size": "gpu-h100x1-80gb", "disk": False}


def test_dict_leaves_out_what_is_not_from_the_api() -> None:
    answer = KeyCreateResponse(ssh_key=SSHKeys(id=1), is_adopted=True)
    assert set(answer.to_dict()) == {"ssh_key"}
    assert not KeyCreateResponse.from_dict({"ssh_key": {"id": 1}, "is_adopted": True}).is_adopted


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        ("2026-11-23T12:00:00+00:00", "2026-11-23T12:00:00Z"),
        ("2026-11-23T12:00:00.250000+00:00", "2026-11-23T12:00:00.250000Z"),
        ("2026-11-23T12:00:00-05:00", "2026-11-23T12:00:00-05:00"),
    ],
)
def test_time_is_written_as_the_api_does(moment: str, text: str) -> None:
    image = Image.from_dict({"id": 1, "created_at": moment})
    assert image.to_dict()["created_at"] == text
    assert Image.from_dict(image.to_dict()) == image


@pytest.mark.parametrize(
    ("data", "error"),
    [
        ({"id": 1, "name": "a"}, "Droplet: .*status"),
        ({"id": "1", "name": "a", "status": "new"}, r"Droplet: .*at \$.id"),
        ({"id": 1, "name": "a", "status": "new", "image": {"id": "x"}}, r"at \$.image.id"),
    ],
)
def test_dict_is_refused_with_the_path_to_its_fault(data: dict[str, Any], error: str) -> None:
    with pytest.raises(ValueError, match=error):
        Droplet.from_dict(data)
    with pytest.raises(pydantic.ValidationError, match=error):
        pydantic.TypeAdapter(Droplet).validate_python(data)


def test_unknown_keys_are_ignored() -> None:
    assert Action.from_dict({"id": 1, "status": "x", "type": "y", "new": 1}) == Action(id=1, status="x", type="y")


def test_pydantic_model_can_have_a_field_of_a_model() -> None:
    class Job(pydantic.BaseModel):
        droplet: Droplet
        others: list[Action] = []
        kept: ClassVar[int] = 1

    job = Job.model_validate({"droplet": {"id": 1, "name": "a", "status": "new"}})
    assert job.droplet == Droplet(id=1, name="a", status="new")
    assert Job.model_validate_json(job.model_dump_json()) == job
    assert Job.model_json_schema()["properties"]["droplet"]["title"] == "Droplet"
    with pytest.raises(pydantic.ValidationError, match="expected a Droplet or a dict of its fields, got int"):
        Job(droplet=7)  # type: ignore[arg-type]


def full_droplet(**changes: Any) -> Droplet:
    networks = Networks(
        v4=(NetworkV4(ip_address="10.0.0.2", type="private"), NetworkV4(ip_address="1.2.3.4", type="public"))
    )
    values: dict[str, Any] = {
        "id": 1,
        "name": "trainer-01",
        "status": "active",
        "size_slug": "gpu-h100x1-80gb",
        "region": Region(slug="tor1", name="Toronto 1"),
        "image": Image(id=7, slug="gpu-h100x1-base"),
        "gpu_info": GPUInfo(count=8),
        "networks": networks,
        "tags": ("a", "b"),
        "created_at": NOON,
    }
    return Droplet(**{**values, **changes})


def test_row_of_a_droplet_has_its_addresses() -> None:
    row = full_droplet().to_row()
    assert (row["public_ipv4"], row["private_ipv4"], row["gpus"], row["tags"]) == ("1.2.3.4", "10.0.0.2", 8, "a, b")
    assert (row["region"], row["image"], row["created_at"]) == ("tor1", "gpu-h100x1-base", NOON)


def test_notebook_shows_a_droplet_and_a_list_escaped() -> None:
    droplet = full_droplet(name=HOSTILE)
    for page in (droplet._repr_html_(), GPUDropletListResponse(droplets=(droplet,))._repr_html_()):
        assert "<img" not in page
        assert "&lt;img" in page
        assert "1.2.3.4" in page


def test_notebook_shows_at_most_twenty_rows() -> None:
    keys = tuple(SSHKeys(id=number, name="x" * 500) for number in range(50))
    page = KeyListResponse.from_dict({"ssh_keys": [key.to_dict() for key in keys], "meta": {"total": 900}})
    assert repr(page) == "KeyListResponse(50 ssh_keys of 900)"
    shown = page._repr_html_()
    assert shown.count("<tr><td>") == 20
    assert "… and 30 more" in shown
    assert "fingerprint" not in shown
    assert len(shown) < 8000
