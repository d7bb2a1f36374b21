"""The checks themselves: they find faults, and the specification still has its known faults."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from instances import SHAPES, instance
from pin_facts import PINNED, as_text, facts
from specification import CORRECTIONS, NAMED_VOLUME, UNWRAPPED, VARIABLE, Correction, pinned, source, volume_mapping
from specification_server import HEADERS

if TYPE_CHECKING:
    from specification import Specification

MISSING = f"the whole specification is not at {source()}; {VARIABLE} can name it"

ACTION = {"id": 36804636, "status": "completed", "type": "reboot"}


@pytest.mark.skipif(not source().is_file(), reason=MISSING)
def test_pinned_facts_are_those_of_the_specification() -> None:
    document = json.loads(source().read_text(encoding="utf-8"))
    assert as_text(facts(document)) == PINNED.read_text(encoding="utf-8"), "run: python tests/contract/pin_facts.py"


def test_pinned_facts_hold_no_prose_when_a_text_says_more() -> None:
    document = {
        "openapi": "3.0.0",
        "info": {"title": "T", "description": "A text."},
        "paths": {
            "/v2/x": {
                "get": {
                    "operationId": "x_list",
                    "summary": "A text.",
                    "tags": ["Things"],
                    "description": "A text.\n| `reboot` | Reboots it. | `droplet:update`<br>`droplet:admin` |",
                    "parameters": [
                        {
                            "name": "tag",
                            "in": "query",
                            "description": "Can not be combined with `name` or `type`. Requires `tag:read` scope.",
                            "example": "two words",
                        }
                    ],
                }
            }
        },
        "components": {
            "schemas": {
                "x": {
                    "title": "X",
                    "properties": {"description": {"type": "string", "description": "A text.", "example": "word"}},
                }
            }
        },
    }
    assert facts(document) == {
        "openapi": "3.0.0",
        "paths": {
            "/v2/x": {
                "get": {
                    "operationId": "x_list",
                    "x-action-scopes": {"reboot": ["droplet:update", "droplet:admin"]},
                    "parameters": [
                        {
                            "name": "tag",
                            "in": "query",
                            "example": "text",
                            "x-required-scope": "tag:read",
                            "x-excluded-parameters": ["name", "type"],
                        }
                    ],
                }
            }
        },
        "components": {"schemas": {"x": {"properties": {"description": {"type": "string", "example": "word"}}}}},
    }


@pytest.mark.parametrize("correction", CORRECTIONS, ids=lambda one: one.missing)
def test_each_correction_of_the_specification_is_needed(correction: Correction, specification: Specification) -> None:
    assert correction.missing not in correction.enum_in(pinned()), "corrected upstream: take the correction out"
    assert correction.missing in correction.enum_in(specification.document)


def test_name_of_a_volume_is_missing_in_the_specification() -> None:
    document = pinned()
    assert volume_mapping(document).keys() == set(NAMED_VOLUME)
    for reference in volume_mapping(document).values():
        schema = document["components"]["schemas"][reference.rpartition("/")[2]]
        assert "volume_name" not in json.dumps(schema), "corrected upstream: take the correction out"


@pytest.mark.parametrize("name", UNWRAPPED)
def test_envelope_of_an_action_is_missing_in_the_specification(name: str) -> None:
    content = pinned()["components"]["responses"][name]["content"]["application/json"]
    assert content["schema"] == {"$ref": "#/components/schemas/action"}, "corrected upstream: take the correction out"
    assert content.get("example", {"action": {}}).keys() == {"action"}


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/v2/droplets/actions", "dropletActions_post_byTag"),
        ("POST", "/v2/droplets/3164444/actions", "dropletActions_post"),
        ("GET", "/v2/droplets/3164444/actions/7", "dropletActions_get"),
        ("GET", "/v2/actions", "actions_list"),
        ("POST", "/v2/actions", None),
        ("GET", "/v2/droplets/3164444/actions/7/", None),
        ("GET", "/v2/droplets/3164444/action", None),
    ],
)
def test_operation_is_found_when_the_path_has_parameters(
    method: str, path: str, expected: str | None, specification: Specification
) -> None:
    found = specification.operation_of(method, path)
    assert (found and found.id) == expected


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "fault"),
    [
        ("GET", "/v2/droplets/0", [], None, "droplet_id: 0 is less than the minimum"),
        ("GET", "/v2/droplets/null", [], None, "path: droplet_id='null' is no integer"),
        ("GET", "/v2/droplets", [("per_page", "201")], None, "per_page: 201 is greater than the maximum"),
        ("GET", "/v2/droplets", [("page", "0")], None, "page: 0 is less than the minimum"),
        ("GET", "/v2/droplets", [("page", "one")], None, "query: page='one' is no integer"),
        ("GET", "/v2/droplets", [("type", "cpus")], None, "type: 'cpus' is not one of"),
        ("GET", "/v2/droplets", [("tag", "x")], None, "query: tag is not declared"),
        ("GET", "/v2/droplets", [("page", "1"), ("page", "2")], None, "query: page comes twice"),
        ("GET", "/v2/droplets", [("tag_name", "x"), ("type", "gpus")], None, "query: tag_name together with type"),
        ("GET", "/v2/droplets", [("name", "x"), ("tag_name", "x")], None, "query: name together with tag_name"),
        ("DELETE", "/v2/droplets", [], None, "query: tag_name is missing"),
        ("GET", "/v2/actions", [], {}, "body: none was expected"),
        ("POST", "/v2/droplets/1/actions", [], None, "body: missing"),
        ("POST", "/v2/droplets/1/actions", [], {"type": "rebot"}, "body: the discriminator does not know"),
        ("POST", "/v2/droplets/1/actions", [], {}, "body: the discriminator does not know"),
        ("POST", "/v2/droplets/1/actions", [], {"type": "reboot", "size": "x"}, "body.size: not declared"),
        ("POST", "/v2/droplets/1/actions", [], {"type": "resize", "size": 8}, "body.size: 8 is not of type 'string'"),
        ("POST", "/v2/droplets/1/actions", [], {"type": "resize", "size": None}, "body.size: None is not of type"),
        ("POST", "/v2/droplets/1/actions", [], {"type": "restore", "image": "x"}, "body.image: 'x' is not of type"),
        ("POST", "/v2/droplets/1/actions", [], {"type": "change_backup_policy"}, "'backup_policy' is a required"),
        (
            "POST",
            "/v2/droplets/1/actions",
            [],
            {"type": "enable_backups", "backup_policy": {"plan": "weekly", "day": "SUN"}},
            "body.backup_policy.day: not declared",
        ),
        (
            "POST",
            "/v2/droplets/1/actions",
            [],
            {"type": "enable_backups", "backup_policy": {"hour": 3}},
            "body.backup_policy.hour: 3 is not one of",
        ),
        ("POST", "/v2/droplets/actions", [], {"type": "reboot"}, "body: the discriminator does not know"),
        ("POST", "/v2/droplets/actions", [], {"type": "power_cycle", "name": "x"}, "body.name: not declared"),
    ],
)
def test_request_is_refused_when_it_breaks_one_rule(
    method: str, path: str, query: list[tuple[str, str]], body: Any, fault: str, specification: Specification
) -> None:
    operation = specification.operation_of(method, path)
    assert operation is not None
    faults = list(specification.request_faults(operation, path, query, body))
    assert len(faults) >= 1
    assert any(fault in one for one in faults), faults


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({"actoin": ACTION}, "$: action is missing"),
        ({"action": ACTION, "x": 1}, "$.x: not declared"),
        ({"action": {**ACTION, "reason": "x"}}, "$.action.reason: not declared"),
        ({"action": {**ACTION, "status": "queued"}}, "$.action.status: 'queued' is not one of"),
        ({"action": {**ACTION, "id": "7"}}, "$.action.id: '7' is not of type 'integer'"),
        ({"action": {**ACTION, "started_at": None}}, "$.action.started_at: None is not of type"),
        ({"action": {**ACTION, "started_at": "yesterday"}}, "is not a 'date-time'"),
        ({"action": {**ACTION, "region": "nyc3"}}, "$.action.region: 'nyc3' is not of type 'object'"),
        ({"action": {**ACTION, "region": {"slug": "nyc3"}}}, "$.action.region: 'name' is a required"),
        ([ACTION], "$: action is missing"),
    ],
)
def test_answer_is_refused_when_it_breaks_one_rule(body: Any, fault: str, specification: Specification) -> None:
    faults = list(specification.answer_faults(specification.operations["actions_get"], 200, HEADERS, body))
    assert any(fault in one for one in faults), faults


@pytest.mark.parametrize("header", ["ratelimit-limit", "ratelimit-remaining", "ratelimit-reset", "content-type"])
def test_answer_is_refused_when_a_promised_header_is_missing(header: str, specification: Specification) -> None:
    headers = {name: value for name, value in HEADERS.items() if name != header}
    body = {"action": ACTION}
    faults = list(specification.answer_faults(specification.operations["actions_get"], 200, headers, body))
    assert [one for one in faults if header in one] == faults != []


def test_answer_is_accepted_when_a_nullable_field_is_null(specification: Specification) -> None:
    body = {"action": {**ACTION, "completed_at": None, "resource_id": None, "region_slug": None}}
    assert list(specification.answer_faults(specification.operations["actions_get"], 200, HEADERS, body)) == []


def test_made_shapes_differ_and_are_valid_for_each_schema(specification: Specification) -> None:
    for operation_id in ("actions_get", "actions_list", "droplets_get", "droplets_list", "droplets_list_snapshots"):
        operation = specification.operations[operation_id]
        made = [instance(specification, operation, shape) for shape in SHAPES]
        assert all(not list(specification.answer_faults(operation, 200, HEADERS, one)) for one in made), operation_id
        sizes = [len(json.dumps(one)) for one in made]
        assert sizes[2] < sizes[0]


def test_scopes_come_from_operation_parameters_and_text(specification: Specification) -> None:
    operations = specification.operations
    assert specification.scopes(operations["droplets_list"]) == {"droplet:read"}
    assert specification.scopes(operations["droplets_list"], ["tag_name"]) == {"droplet:read", "tag:read"}
    assert specification.scopes(operations["dropletActions_post"], [], "rebuild") == {"droplet:update", "droplet:admin"}
    by_tag = specification.scopes(operations["dropletActions_post_byTag"], ["tag_name"], "snapshot")
    assert by_tag == {"droplet:update", "tag:read", "image:create"}
