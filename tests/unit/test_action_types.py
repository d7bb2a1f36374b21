from __future__ import annotations

import json
import re
from typing import Any, get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import BULK_TYPES, PARAMETERS, VALUES, Indexed

import gradient_async
from gradient_async import (
    ACTION_TYPES,
    BULK_ACTION_TYPES,
    BulkActionType,
    PlainActionType,
    PowerCycle,
    Reboot,
    Resize,
    Snapshot,
)
from gradient_async.converter import action_body, encode
from gradient_async.endpoints import droplet_actions
from gradient_async.models.action_types import action_request, bulk_action_request


def takes(name: str) -> set[str]:
    return set(attrs.fields_dict(ACTION_TYPES[name]))


def needs(name: str) -> set[str]:
    return set(PARAMETERS[name][0])


WITH_PARAMETERS = [name for name in PARAMETERS if needs(name)]
STRAY = [(name, stray) for name in PARAMETERS for stray in VALUES if stray not in takes(name)]


def test_there_are_the_sixteen_documented_types() -> None:
    assert set(ACTION_TYPES) == set(PARAMETERS)
    assert len(ACTION_TYPES) == 16
    for name, request_class in ACTION_TYPES.items():
        assert request_class.type == name
        assert getattr(gradient_async, request_class.__name__) is request_class


def words_in(literal: Any) -> list[str]:
    """Return the words of a literal type, or of a union of several."""
    return [literal] if isinstance(literal, str) else [word for one in get_args(literal) for word in words_in(one)]


def test_there_are_the_eight_documented_types_by_tag() -> None:
    assert set(BULK_ACTION_TYPES) == set(words_in(BulkActionType)) == BULK_TYPES
    assert all(BULK_ACTION_TYPES[name] is ACTION_TYPES[name] for name in BULK_TYPES)


def test_plain_types_are_those_without_parameters() -> None:
    assert set(words_in(PlainActionType)) == {name for name in ACTION_TYPES if not takes(name)}


@pytest.mark.parametrize("which", [0, 1], ids=["least", "most"])
@pytest.mark.parametrize("name", PARAMETERS)
def test_type_and_parameters_become_the_documented_body(name: str, which: int) -> None:
    parameters = PARAMETERS[name][which]
    request = action_request(None, name, parameters)
    assert type(request) is ACTION_TYPES[name]
    body = action_body(request)
    if name == "resize":
        parameters = {"disk": False, **parameters}
    assert body == {"type": name, **parameters}
    assert json.loads(encode(body)) == body


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_count_as_not_given_when_they_are_none(name: str) -> None:
    least = PARAMETERS[name][0]
    given_with_nones = {**dict.fromkeys(VALUES), **least}
    assert action_request(None, name, given_with_nones) == action_request(None, name, least)


@pytest.mark.parametrize("name", PARAMETERS)
def test_finished_request_is_returned_as_it_is(name: str) -> None:
    request = action_request(None, name, PARAMETERS[name][1])
    assert action_request(request, None, dict.fromkeys(VALUES)) is request


@pytest.mark.parametrize(("name", "missing"), [(name, field) for name in WITH_PARAMETERS for field in needs(name)])
def test_missing_parameter_is_named_with_all_that_the_type_takes(name: str, missing: str) -> None:
    parameters = {field: value for field, value in PARAMETERS[name][0].items() if field != missing}
    with pytest.raises(TypeError) as caught:
        action_request(None, name, parameters)
    text = str(caught.value)
    assert text.startswith(f"{missing}: missing parameter")
    assert repr(name) in text
    assert all(field in text for field in takes(name))


@pytest.mark.parametrize(("name", "stray"), STRAY)
def test_stray_parameter_is_named_with_all_that_the_type_takes(name: str, stray: str) -> None:
    with pytest.raises(TypeError) as caught:
        action_request(None, name, {**PARAMETERS[name][0], stray: VALUES[stray]})
    text = str(caught.value)
    assert text.startswith(f"{stray}: unexpected parameter")
    assert repr(name) in text
    assert all(field in text for field in takes(name)) if takes(name) else "no parameters" in text


def test_stray_parameter_is_refused_when_it_is_false() -> None:
    with pytest.raises(TypeError, match="disk: unexpected parameter"):
        action_request(None, "reboot", {"disk": False})


@pytest.mark.parametrize(
    ("name", "parameters", "error", "text"),
    [
        ("restore", {"image": "ubuntu-24-04-x64"}, TypeError, "image: expected an int, got str 'ubuntu-24-04-x64'"),
        ("restore", {"image": 0}, ValueError, "image: expected an id of at least 1, got 0"),
        ("restore", {"image": True}, TypeError, "image: expected an int, got bool True"),
        ("rebuild", {"image": ""}, ValueError, "image: expected text such as"),
        ("rebuild", {"image": -1}, ValueError, "image: expected an id of at least 1, got -1"),
        ("rebuild", {"image": 1.5}, TypeError, "image: expected an int, got float 1.5"),
        ("resize", {"size": 8}, TypeError, "size: expected a str such as 'gpu-h100x8-640gb', got int 8"),
        ("resize", {"size": " "}, ValueError, "size: expected text such as 'gpu-h100x8-640gb', got ' '"),
        ("resize", {"size": "s", "disk": "yes"}, TypeError, "disk: expected True or False, got str 'yes'"),
        ("resize", {"size": "s", "disk": 1}, TypeError, "disk: expected True or False, got int 1"),
        ("rename", {"name": ""}, ValueError, "name: expected text such as"),
        ("rename", {"name": "under_score"}, ValueError, "name: expected at most 255 of the characters"),
        ("rename", {"name": 5}, TypeError, "name: expected a str"),
        ("snapshot", {"name": "  "}, ValueError, "name: expected text such as"),
        ("snapshot", {"name": 5}, TypeError, "name: expected a str"),
        ("change_kernel", {"kernel": "991"}, TypeError, "kernel: expected an int, got str '991'"),
        ("change_kernel", {"kernel": 0}, ValueError, "kernel: expected an id of at least 1, got 0"),
        ("enable_backups", {"backup_policy": "daily"}, TypeError, "backup_policy: expected a BackupPolicy, got str"),
        ("enable_backups", {"backup_policy": {}}, TypeError, "backup_policy: missing key plan, which is 'daily' or"),
        ("change_backup_policy", {"backup_policy": 4}, TypeError, "backup_policy: expected a BackupPolicy, got int 4"),
        (
            "change_backup_policy",
            {"backup_policy": {"plan": "weekly", "day": "SUN"}},
            TypeError,
            "backup_policy: unknown key day; allowed are plan, weekday, hour",
        ),
        (
            "change_backup_policy",
            {"backup_policy": {"plan": "daily", "hour": 3}},
            ValueError,
            "backup_policy.hour: expected one of 0, 4, 8, 12, 16, 20, got 3",
        ),
    ],
)
def test_impossible_value_is_refused_with_what_is_allowed(
    name: str, parameters: dict[str, Any], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=re.escape(text)):
        action_request(None, name, parameters)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("rebot", "reboot"), ("Reboot", "reboot"), ("powercycle", "power_cycle"), ("snapshots", "snapshot")],
)
def test_unknown_type_is_answered_with_the_type_that_was_meant(typed: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"type: there is no action '{typed}'. Did you mean '{meant}'\\?") as caught:
        action_request(None, typed, {})
    assert all(name in str(caught.value) for name in PARAMETERS)


@given(st.text(max_size=30).filter(lambda text: text not in PARAMETERS))
def test_unknown_type_is_answered_with_all_that_are_allowed(typed: str) -> None:
    with pytest.raises(ValueError, match="type: there is no action ") as caught:
        action_request(None, typed, {})
    assert repr(typed) in str(caught.value)
    assert all(name in str(caught.value) for name in PARAMETERS)


@pytest.mark.parametrize("typed", [5, True, Reboot, [], {}, b"reboot", 0])
def test_type_is_refused_when_it_is_no_str(typed: object) -> None:
    for build in (action_request, bulk_action_request):
        with pytest.raises(TypeError, match="type: expected an action type's name such as 'reboot', got "):
            build(None, typed, {})


def test_request_is_taken_when_it_stands_in_place_of_the_type() -> None:
    assert action_request(None, Resize(size="s"), {}) == Resize(size="s")
    assert bulk_action_request(None, PowerCycle(), {}) == PowerCycle()
    with pytest.raises(TypeError, match=r"size: not allowed beside action=Reboot\(\)"):
        action_request(None, Reboot(), {"size": "s"})
    with pytest.raises(ValueError, match="type: the API does not take 'reboot' by tag"):
        bulk_action_request(None, Reboot(), {})


def test_class_of_a_request_is_answered_with_how_to_make_one() -> None:
    with pytest.raises(TypeError, match=r"got <class .*Resize'>; pass Resize\(…\)$"):
        action_request(None, Resize, {})


@pytest.mark.parametrize("typed", ["restart", "reset", "restor", "rebuilt", "passwrd_reset", "delete"])
def test_no_type_that_loses_data_is_suggested(typed: str) -> None:
    with pytest.raises(ValueError, match=f"there is no action '{typed}'") as caught:
        action_request(None, typed, {})
    suggested = str(caught.value).partition(" Allowed are ")[0]
    assert ("Did you mean 'reboot'?" in suggested) == (typed in {"restart", "reset"})
    assert "Did you mean 'res" not in suggested


def test_request_is_refused_without_an_action_or_a_type() -> None:
    for build in (action_request, bulk_action_request):
        with pytest.raises(TypeError, match=r"^type: missing\. Pass "):
            build(None, None, {})


def test_request_is_refused_when_action_and_type_are_both_given() -> None:
    with pytest.raises(TypeError, match=r"type: not allowed beside action=Reboot\(\)"):
        action_request(Reboot(), "reboot", {})
    with pytest.raises(TypeError, match=r"name, size: not allowed beside action=Reboot\(\)"):
        action_request(Reboot(), None, {"size": "s", "name": "n"})


@pytest.mark.parametrize("given_action", ["reboot", Reboot, {"type": "reboot"}, 5, object()])
def test_action_is_refused_when_it_is_no_request(given_action: Any) -> None:
    with pytest.raises(TypeError, match="action: expected an action request such as Reboot"):
        action_request(given_action, None, {})


@pytest.mark.parametrize("name", sorted(BULK_TYPES))
def test_request_by_tag_is_built_for_the_eight_types(name: str) -> None:
    parameters = {"name": "nightly"} if name == "snapshot" else {}
    request = bulk_action_request(None, name, {"name": None, **parameters})
    assert action_body(request) == {"type": name, **parameters}
    assert bulk_action_request(request, None, {"name": None}) is request


@pytest.mark.parametrize("name", sorted(PARAMETERS.keys() - BULK_TYPES))
def test_request_by_tag_of_other_types_is_refused_with_advice(name: str) -> None:
    request = action_request(None, name, PARAMETERS[name][0])
    for arguments in ((None, name), (request, None)):
        with pytest.raises(ValueError, match=f"type: the API does not take '{name}' by tag, only ") as caught:
            bulk_action_request(*arguments, {})
        assert all(allowed in str(caught.value) for allowed in BULK_TYPES)
        assert "one action for each Droplet" in str(caught.value)


def test_request_by_tag_suggests_only_types_that_go_by_tag() -> None:
    with pytest.raises(ValueError, match="Did you mean 'power_cycle'") as caught:
        bulk_action_request(None, "powercycle", {})
    assert "reboot" not in str(caught.value)


def test_request_by_tag_is_refused_with_wrong_parameters() -> None:
    with pytest.raises(TypeError, match="name: missing parameter; 'snapshot' takes name"):
        bulk_action_request(None, "snapshot", {"name": None})
    with pytest.raises(TypeError, match="name: unexpected parameter; 'power_on' takes no parameters"):
        bulk_action_request(None, "power_on", {"name": "n"})
    with pytest.raises(TypeError, match="name: not allowed beside action="):
        bulk_action_request(Snapshot(name="n"), None, {"name": "n"})


@pytest.mark.parametrize("given_action", ["power_cycle", PowerCycle, 5])
def test_action_by_tag_is_refused_when_it_is_no_request(given_action: Any) -> None:
    with pytest.raises(TypeError, match="action: expected an action request"):
        bulk_action_request(given_action, None, {})


def test_scopes_are_those_of_the_documentation() -> None:
    extra = {
        "restore": "droplet:admin",
        "password_reset": "droplet:admin",
        "rebuild": "droplet:admin",
        "resize": "droplet:create",
        "snapshot": "image:create",
    }
    for name in PARAMETERS:
        scopes = droplet_actions.initiate(1, action_request(None, name, PARAMETERS[name][0]), {}).scopes
        assert scopes == (("droplet:update", extra[name]) if name in extra else ("droplet:update",))


@pytest.mark.parametrize("name", PARAMETERS)
def test_request_classes_are_frozen_and_take_keywords_only(name: str) -> None:
    request = action_request(None, name, PARAMETERS[name][0])
    assert not hasattr(request, "__dict__")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(request, next(iter(takes(name)), "anything"), 1)
    with pytest.raises(TypeError):
        type(request)("positional")  # type: ignore[call-arg]


def test_values_are_checked_when_a_request_is_made_by_its_class() -> None:
    with pytest.raises(ValueError, match="size: expected text"):
        Resize(size="")
    with pytest.raises(TypeError, match="disk: expected True or False"):
        Resize(size="gpu-h100x1-80gb", disk=0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "parameter"), [("restore", "image"), ("rebuild", "image"), ("change_kernel", "kernel")]
)
def test_id_can_be_sent_when_it_is_an_integer_of_another_library(name: str, parameter: str) -> None:
    request = action_request(None, name, {parameter: Indexed(7)})
    assert json.loads(encode(action_body(request))) == {"type": name, parameter: 7}


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("snapshot", {"name": "night\ud800ly"}),
        ("resize", {"size": "\ud800"}),
        ("rebuild", {"image": "\udfff"}),
    ],
)
def test_text_is_refused_with_its_name_when_it_cannot_be_encoded(name: str, parameters: dict[str, Any]) -> None:
    (parameter,) = parameters
    with pytest.raises(ValueError, match=f"^{parameter}: "):
        action_request(None, name, parameters)
