"""Successful answers: the specification's examples, and answers made from its schemas."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from specification import JSON, Operation, Specification

SHAPES = ("full", "nulls", "sparse")

# Fields that the SDK needs although no schema requires them: the answer's main key, and ids.
_NEVER_LEFT_OUT = {
    "action": {"status", "type"},
    "floating_ip": {"ip"},
    "reserved_ip": {"ip"},
    "resource": {"urn"},
    "tags": {"name"},
    "vpc_member": {"urn"},
}
_OF_A_LIST = {"links", "meta"}


def examples(specification: Specification, operation: Operation) -> dict[str, JSON]:
    """Return the specification's own examples of successful answers."""
    content = specification.success_content(operation)
    named = {name: specification.resolved(one)["value"] for name, one in content.get("examples", {}).items()}
    return named | ({"example": content["example"]} if "example" in content else {})


def instance(specification: Specification, operation: Operation, shape: str) -> JSON:
    """Return a successful answer made from the schema.

    ``full`` has every field, ``nulls`` has null where it is allowed, ``sparse`` has only required fields.
    """
    content = specification.success_content(operation)
    return _made(specification, specification.resolved(content["schema"]), shape, "envelope") if content else None


def _made(specification: Specification, schema: JSON, shape: str, name: str = "") -> JSON:
    name = schema["$ref"].rsplit("/", 1)[1] if "$ref" in schema else name
    schema = specification.resolved(schema)
    if schema.get("nullable") and shape == "nulls":
        return None
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return _chosen(specification, schema[choice], shape, name)
    if "allOf" in schema and not any("properties" in part for part in specification.parts(schema)):
        return _made(specification, schema["allOf"][0], shape, name)
    if "allOf" in schema or "properties" in schema:
        return _made_object(specification, schema, shape, name)
    if isinstance(schema.get("additionalProperties"), dict):
        return {"3164444": _made(specification, schema["additionalProperties"], shape)}
    if "example" in schema:
        return copy.deepcopy(schema["example"])
    if schema.get("type") == "array":
        # The kernel that a Droplet may lack is null; a list of kernels has no null.
        item = _made(specification, schema["items"], shape)
        return [_made(specification, schema["items"], "full") if item is None else item]
    return schema.get("enum", [{"integer": 1, "number": 1.5, "boolean": True}.get(schema["type"], "text")])[0]


def _chosen(specification: Specification, choices: list[JSON], shape: str, name: str) -> JSON:
    """Return an instance of the first choice that says anything; a bare object only says that there may be null."""
    resolved = [specification.resolved(one) for one in choices]
    if shape == "nulls" and any(one.get("nullable") for one in resolved):
        return None
    bare = [one.keys() <= {"type", "nullable"} and one.get("type") == "object" for one in resolved]
    return _made(specification, choices[bare.index(False)], shape, name)


def _made_object(specification: Specification, schema: JSON, shape: str, name: str) -> JSON:
    parts = list(specification.parts(schema))
    if shape == "nulls" and any(part.get("nullable") for part in parts):
        return None
    names = {name, *(one["$ref"].rsplit("/", 1)[1] for one in schema.get("allOf", ()) if "$ref" in one)}
    wanted = {field for part in parts for field in part.get("required", ())}
    wanted |= {"id", *(field for one in names for field in _NEVER_LEFT_OUT.get(one, ()))}
    if "envelope" in names:
        wanted |= {field for part in parts for field in part.get("properties", ())} - _OF_A_LIST
    return {
        field: _made(specification, field_schema, shape)
        for part in parts
        for field, field_schema in part.get("properties", {}).items()
        if shape != "sparse" or field in wanted
    }
