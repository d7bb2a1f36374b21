"""The facts of the official OpenAPI specification, as checks of requests and answers.

They are pinned beside this file, without the specification's prose (``pin_facts.py``). Its schemas are OpenAPI 3.0,
which is no JSON Schema: ``nullable`` and ``discriminator`` are translated here. Hardly a schema of it demands or
forbids a field, so that "valid" alone would mean little; fields that it does not declare are therefore faults as well.
"""

from __future__ import annotations

import copy
import json
import os
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import urlsplit

from attrs import frozen
from jsonschema import Draft202012Validator, FormatChecker
from pin_facts import ACTION_SCOPES, EXCLUDED_PARAMETERS, PINNED, REQUIRED_SCOPE, RESOURCE_SCOPE
from referencing import Registry
from referencing.jsonschema import DRAFT202012

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

JSON: TypeAlias = Any


VARIABLE = "GRADIENT_OPENAPI"
_USUAL_SOURCE = Path(__file__).parents[2].parent / "shared" / "openapi" / "gpu-droplets.json"

_BASE = "urn:specification"
_TYPES_OF_TEXT = {"integer": r"-?\d+", "number": r"-?\d+(\.\d+)?", "boolean": "true|false"}


def source() -> Path:
    """Return the path of the whole specification, the source of the facts, if it exists."""
    return Path(os.environ.get(VARIABLE) or _USUAL_SOURCE)


def pinned() -> JSON:
    """Return the pinned facts, with the specification's faults."""
    return json.loads(PINNED.read_text(encoding="utf-8"))


@frozen
class Correction:
    """A fault of the specification and its correction.

    Args:
        where: Keys from the document's root to the list of an enum.
        missing: The missing value.
        evidence: The proof of the fault.
    """

    where: tuple[str, ...]
    missing: str
    evidence: str

    def enum_in(self, document: JSON) -> list[str]:
        for key in self.where:
            document = document[key]
        assert isinstance(document, list)
        return document


CORRECTIONS = (
    Correction(
        where=("components", "schemas", "droplet_action", "properties", "type", "enum"),
        missing="change_backup_policy",
        evidence="the operation's own text and its discriminator list the type",
    ),
    Correction(
        where=("components", "schemas", "region_slug", "enum"),
        missing="atl1",
        evidence="the region is in the product's documentation and sells GPU Droplets",
    ),
    Correction(
        where=("components", "schemas", "region_slug", "enum"),
        missing="ric1",
        evidence="the region is in the product's documentation and sells GPU Droplets",
    ),
)


# Lists whose answers link to further pages, and whose operations declare no parameters for them.
PAGED = (
    "/v2/customers/my/billing_history",
    "/v2/floating_ips/{floating_ip}/actions",
    "/v2/images/{image_id}/actions",
    "/v2/reserved_ips/{reserved_ip}/actions",
)
# What the scopes of a kind of resource begin with, by the word for it in a body.
SCOPED_RESOURCES = {
    "droplet": "droplet",
    "image": "image",
    "volume": "block_storage",
    "floatingip": "reserved_ip",
    "loadbalancer": "load_balancer",
}


# Types of action on a volume that is named in the body; the operation's examples have the name, its schema does not.
NAMED_VOLUME = ("attach", "detach")

# Answers that are an action by their schema, and wrap it in an object by their text and their example.
UNWRAPPED = ("post_image_action_response", "get_image_action_response")


def corrected(document: JSON) -> JSON:
    """Return the document without its known faults."""
    document = copy.deepcopy(document)
    for correction in CORRECTIONS:
        enum = correction.enum_in(document)
        enum += [correction.missing] * (correction.missing not in enum)
    for path in PAGED:
        parameters = document["paths"][path]["get"].setdefault("parameters", [])
        parameters += [{"$ref": f"#/components/parameters/{name}"} for name in ("per_page", "page")]
    _add_volume_name(document)
    for name in UNWRAPPED:
        content = document["components"]["responses"][name]["content"]["application/json"]
        content["schema"] = {"type": "object", "properties": {"action": content["schema"]}, "required": ["action"]}
    return document


def volume_mapping(document: JSON) -> JSON:
    """Return the schemas of actions on a volume that is named in the body, by type."""
    body = document["paths"]["/v2/volumes/actions"]["post"]["requestBody"]["content"]["application/json"]
    return body["schema"]["discriminator"]["mapping"]


def _add_volume_name(document: JSON) -> None:
    schemas, mapping = document["components"]["schemas"], volume_mapping(document)
    for name in NAMED_VOLUME:
        named = {"properties": {"volume_name": {"type": "string"}}, "required": ["volume_name"]}
        schemas[f"named_volume_{name}"] = {"allOf": [{"$ref": mapping[name]}, named]}
        mapping[name] = f"#/components/schemas/named_volume_{name}"


@frozen
class Operation:
    """One method of one path."""

    method: str
    template: str
    definition: JSON

    @property
    def id(self) -> str:
        return str(self.definition["operationId"])


class Specification:
    """The document. References are resolved on access."""

    def __init__(self, document: JSON) -> None:
        self.document = corrected(document)
        schemas = {name: _json_schema(one) for name, one in self.document["components"]["schemas"].items()}
        resource = DRAFT202012.create_resource({"components": {"schemas": schemas}})
        self._registry: Registry[JSON] = Registry().with_resource(_BASE, resource)
        self._found_faults: dict[tuple[str, str, str], tuple[str, ...]] = {}
        self.operations = {
            operation.id: operation
            for template, methods in self.document["paths"].items()
            for method, definition in methods.items()
            for operation in [Operation(method.upper(), template, definition)]
        }

    @classmethod
    def read(cls) -> Specification:
        return cls(pinned())

    def resolved(self, node: JSON) -> JSON:
        """Return the target of a reference, or the value itself."""
        while "$ref" in node:
            keys = node["$ref"].removeprefix("#/").split("/")
            node = self.document
            for key in keys:
                node = node[key]
        return node

    # Requests

    def operation_of(self, method: str, path: str) -> Operation | None:
        """Return the operation of a request. A path without parameters wins over one with parameters."""
        fitting = [
            one for one in self.operations.values() if one.method == method and _fits(one.template, path) is not None
        ]
        return min(fitting, key=lambda one: one.template.count("{"), default=None)

    def parameters(self, operation: Operation, place: Literal["query", "path"]) -> dict[str, JSON]:
        """Return the declared parameters by name."""
        declared = map(self.resolved, operation.definition.get("parameters", []))
        return {one["name"]: one for one in declared if one["in"] == place}

    def request_faults(
        self, operation: Operation, path: str, query: Sequence[tuple[str, str]], body: JSON
    ) -> Iterator[str]:
        """Return everything in a request that the operation does not allow."""
        values = dict(
            zip(re.findall(r"\{(\w+)\}", operation.template), _fits(operation.template, path) or (), strict=True)
        )
        for name, definition in self.parameters(operation, "path").items():
            yield from self._text_faults(definition, values[name])
        yield from self._query_faults(operation, query)
        yield from self.body_faults(operation, body)

    def _query_faults(self, operation: Operation, query: Sequence[tuple[str, str]]) -> Iterator[str]:
        declared, names = self.parameters(operation, "query"), [name for name, _ in query]
        for name, text in query:
            if name not in declared:
                yield f"query: {name} is not declared"
                continue
            yield from self._text_faults(declared[name], text)
            others = declared[name].get(EXCLUDED_PARAMETERS, ())
            yield from (f"query: {name} together with {other}" for other in others if other in names)
        yield from (f"query: {name} comes twice" for name in set(names) if names.count(name) > 1)
        required = [name for name, one in declared.items() if one.get("required") and name not in names]
        yield from (f"query: {name} is missing" for name in required)

    def _text_faults(self, parameter: JSON, text: str) -> Iterator[str]:
        schema = self.resolved(parameter["schema"])
        if choices := [{**parameter, "schema": one} for one in schema.get("anyOf", ())]:
            yield from min((list(self._text_faults(one, text)) for one in choices), key=len)
            return
        pattern = _TYPES_OF_TEXT.get(schema["type"])
        if pattern and not re.fullmatch(pattern, text):
            yield f"{parameter['in']}: {parameter['name']}={text!r} is no {schema['type']}"
            return
        yield from self.value_faults(schema, json.loads(text) if pattern else text, parameter["name"])

    def body_faults(self, operation: Operation, body: JSON) -> Iterator[str]:
        """Return the faults of a JSON body by the schema that its discriminator selects."""
        definition = operation.definition.get("requestBody")
        if definition is None or body is None:
            if (definition is None) is not (body is None):
                yield "body: none was expected" if definition is None else "body: missing"
            return
        schema = definition["content"]["application/json"]["schema"]
        if "discriminator" in schema:
            chosen = schema["discriminator"]["mapping"].get(body.get(schema["discriminator"]["propertyName"]))
            if chosen is None:
                yield f"body: the discriminator does not know {body!r}"
                return
            schema = {"$ref": chosen}
        yield from self.value_faults(schema, body, "body")

    def request_types(self, operation: Operation) -> set[str]:
        """Return the action types that the operation accepts."""
        schema = operation.definition["requestBody"]["content"]["application/json"]["schema"]
        return set(schema["discriminator"]["mapping"])

    def request_fields(self, operation: Operation, type: str) -> set[str]:
        """Return the fields that the schema of an action type declares."""
        schema = operation.definition["requestBody"]["content"]["application/json"]["schema"]
        chosen = {"$ref": schema["discriminator"]["mapping"][type]}
        return {name for part in self.parts(chosen) for name in part.get("properties", ())}

    def described_types(self, operation: Operation) -> dict[str, set[str]]:
        """Return the action types in the operation's text with their scopes."""
        return {name: set(scopes) for name, scopes in operation.definition.get(ACTION_SCOPES, {}).items()}

    def scopes(
        self, operation: Operation, query: Sequence[str] = (), type: str | None = None, fields: Iterable[str] = ()
    ) -> set[str]:
        """Return the token scopes of a request: of its operation, its parameters, its action type and its fields."""
        scopes = {scope for one in operation.definition["security"] for scope in one["bearer_auth"]}
        scopes |= {operation.definition[REQUIRED_SCOPE]} if REQUIRED_SCOPE in operation.definition else set()
        for name, parameter in self.parameters(operation, "query").items():
            scopes |= {parameter[REQUIRED_SCOPE]} if REQUIRED_SCOPE in parameter and name in query else set()
        described = self.described_types(operation)
        scopes |= described[type] if type and described else set()
        return scopes | {scope for name in fields for scope in self._scopes_of_field(operation, name)}

    def _scopes_of_field(self, operation: Operation, name: str) -> Iterator[str]:
        """Return the scopes that a field of the body needs.

        Answers have the same fields, and those for reading are about the answers; only creates of Droplets differ.
        """
        of_request = (":create", ":read") if operation.id == "droplets_create" else (":create",)
        content = operation.definition.get("requestBody", {}).get("content", {})
        for part in self.parts(content.get("application/json", {}).get("schema", {})):
            for definition in self.parts(part.get("properties", {}).get(name, {})):
                scope = definition.get(REQUIRED_SCOPE, "")
                yield from (scope,) if scope.endswith(of_request) else ()

    def scopes_of_resources(self, operation: Operation, kinds: Iterable[str]) -> set[str]:
        """Return the scopes that the kinds of resources in a body need. A volume has no scope to update it."""
        verb = operation.definition.get(RESOURCE_SCOPE)
        needed = {f"{SCOPED_RESOURCES[kind]}:{verb}" for kind in kinds if verb and kind in SCOPED_RESOURCES}
        return needed & {scope for one in self.operations.values() for scope in self.scopes(one)}

    # Answers

    def success_of(self, operation: Operation) -> int:
        return min(int(status) for status in operation.definition["responses"] if status.startswith("2"))

    def success_content(self, operation: Operation) -> JSON:
        """Return the schema and the examples of a successful answer's body; empty without a body."""
        return self.response(operation, self.success_of(operation)).get("content", {}).get("application/json", {})

    def response(self, operation: Operation, status: int) -> JSON:
        """Return the definition of answers with a status, or the default one."""
        responses = operation.definition["responses"]
        return self.resolved(responses.get(str(status), responses["default"]))

    def answer_faults(self, operation: Operation, status: int, headers: Mapping[str, str], body: JSON) -> Iterator[str]:
        """Return everything in an answer that the operation does not define, and every missing header."""
        response = self.response(operation, status)
        declared = {name: self.resolved(one) for name, one in response["headers"].items()}
        sent = {name.lower(): value for name, value in headers.items()}
        for name, header in declared.items():
            if not re.fullmatch(_TYPES_OF_TEXT.get(header["schema"]["type"], ".+"), sent.get(name, "")):
                yield f"header: {name}={sent.get(name)!r}"
        if status != self.success_of(operation) and status < 300:
            yield f"status: {status}"
        if "content" not in response:
            if body is not None:
                yield f"$: nothing was expected, got {body!r:.80}"
            return
        if not sent.get("content-type", "").startswith("application/json"):
            yield f"header: content-type={sent.get('content-type')!r}"
        schema = response["content"]["application/json"]["schema"]
        yield from self.value_faults(schema, body, "$")
        if status < 300:
            given = body if isinstance(body, dict) else {}
            missing = min((names - given.keys() for names in self.envelopes(operation)), key=len)
            yield from (f"$: {name} is missing" for name in sorted(missing))

    def envelopes(self, operation: Operation) -> list[set[str]]:
        """Return the main keys of a successful answer's body (``action``, ``droplets``, …), for each of its forms.

        A form that is a reference is the resource itself, without a main key.
        """
        schema = self.success_content(operation).get("schema", {})
        return [
            {name for part in self.parts(form) for name in part.get("properties", ())} - {"links", "meta"}
            if "$ref" not in form
            else set()
            for form in schema.get("oneOf", [schema])
        ]

    def fields(self, schema: str) -> set[str]:
        """Return every field that a schema declares."""
        parts = self.parts({"$ref": f"#/components/schemas/{schema}"})
        return {name for part in parts for name in part.get("properties", ())}

    def scoped_fields(self, schema: str) -> dict[str, str]:
        """Return the fields that need a scope, with the scope."""
        fields = self.document["components"]["schemas"][schema]["properties"]
        found = {name: [p[REQUIRED_SCOPE] for p in self.parts(fields[name]) if REQUIRED_SCOPE in p] for name in fields}
        return {name: scopes[-1] for name, scopes in found.items() if scopes}

    def value_faults(self, schema: JSON, value: JSON, name: str) -> Sequence[str]:
        """Return the faults of a value by its schema, with undeclared fields.

        Found once for each value: most answers are lists that others have given before.
        """
        key = (repr(schema), repr(value), name)
        if key not in self._found_faults:
            self._found_faults[key] = tuple(self._find_faults(schema, value, name))
        return self._found_faults[key]

    def _find_faults(self, schema: JSON, value: JSON, name: str) -> Iterator[str]:
        validator = Draft202012Validator(_json_schema(schema), registry=self._registry, format_checker=_FORMATS)
        for error in validator.iter_errors(value):
            yield f"{name}{error.json_path[1:]}: {error.message}"
        yield from self._undeclared(schema, value, name)

    def _undeclared(self, schema: JSON, value: JSON, path: str) -> Iterator[str]:
        parts = list(self.parts(schema))
        if isinstance(value, list):
            items = [part["items"] for part in parts if "items" in part]
            for index, item in enumerate(value):
                yield from self._undeclared({"allOf": items}, item, f"{path}[{index}]")
        if isinstance(value, dict) and any("properties" in part for part in parts):
            for name, item in value.items():
                fields = [part["properties"][name] for part in parts if name in part.get("properties", ())]
                if not fields:
                    yield f"{path}.{name}: not declared"
                yield from self._undeclared({"allOf": fields}, item, f"{path}.{name}")

    def parts(self, schema: JSON) -> Iterator[JSON]:
        """Return the parts of a schema, without references and combinations."""
        schema = self.resolved(schema)
        yield schema
        for combination in ("allOf", "anyOf", "oneOf"):
            for one in schema.get(combination, ()):
                yield from self.parts(one)


def _fits(template: str, path: str) -> tuple[str, ...] | None:
    found = _pattern(template).fullmatch(path)
    return found.groups() if found else None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "([^/]+)", re.escape(template)))


def _json_schema(node: JSON) -> JSON:
    """Return JSON Schema for OpenAPI 3.0. Keys beside a reference are dropped; ``nullable`` becomes a choice."""
    if isinstance(node, list):
        return [_json_schema(one) for one in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return {"$ref": _BASE + node["$ref"]}
    schema = {
        key: {name: _json_schema(one) for name, one in value.items()} if key == "properties" else _json_schema(value)
        for key, value in node.items()
        if key not in ("nullable", "example", "discriminator") and not key.startswith("x-")
    }
    return {"anyOf": [{"type": "null"}, schema]} if node.get("nullable") else schema


_FORMATS = FormatChecker(formats=("uuid", "ipv4", "ipv6"))


@_FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    if not isinstance(value, str):
        return True
    datetime.fromisoformat(value)
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", value) is not None


@_FORMATS.checks("uri", raises=ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)
