"""Pin the facts of the official OpenAPI specification for the contract tests.

Run it by its path, ``python tests/contract/pin_facts.py SPECIFICATION.json``, when a newer specification is there. It
keeps paths, parameters, names, types, enumerations, patterns, scopes and example data, and leaves every description
out. What the tests need and only a description says (scopes, parameters that exclude each other) becomes a key of its
own that begins with ``x-``.
"""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import Any, Final, TypeAlias

JSON: TypeAlias = Any

PINNED: Final = Path(__file__).with_name("specification.json")

REQUIRED_SCOPE: Final = "x-required-scope"
EXCLUDED_PARAMETERS: Final = "x-excluded-parameters"
ACTION_SCOPES: Final = "x-action-scopes"
RESOURCE_SCOPE: Final = "x-resource-scope"

_PROSE: Final = {"description", "summary", "title", "tags", "externalDocs", "x-inter-service-relation", "info"}
# Maps from names to definitions: their keys are names of the API.
_NAMED: Final = {
    "callbacks",
    "examples",
    "headers",
    "links",
    "mapping",
    "parameters",
    "paths",
    "properties",
    "responses",
    "schemas",
    "securitySchemes",
}
_DATA: Final = {"example", "value", "default", "enum", "required", "mapping", "security"}
# A name that the specification spells wrongly; its own examples have the right one.
_MISSPELT: Final = {"imgages": "images"}
# Values of enumerations that consist of two words.
_WORDS: Final = {"Arch Linux", "Fedora Atomic", "Rocky Linux"}
_EXAMPLES: Final = {"example", "value"}

_SCOPE: Final = re.compile(r"`([a-z_]+:[a-z]+)`")
# One description says "scpoe".
_REQUIRES: Final = re.compile(r"[Rr]equires `([a-z_]+:[a-z]+)` (?:scope|scpoe)")
_EXCLUDES: Final = re.compile(r"[Cc]an not be combined with ((?:`\w+`(?: or )?)+)")
_PER_RESOURCE: Final = re.compile(r"`<resource(?: type)?>:(\w+)`")
_TABLE_ROW: Final = re.compile(r"^[|-]\s*(?:<nobr>)?`(\w+)`(.*)$", re.MULTILINE)


def facts(document: JSON) -> JSON:
    """Return the document without its prose."""
    return _definition({name: document[name] for name in ("openapi", "paths", "components")})


def _definition(node: JSON) -> JSON:
    if isinstance(node, list):
        return [_definition(one) for one in node]
    if not isinstance(node, dict):
        return node
    kept: dict[str, JSON] = {}
    for key, value in node.items():
        if key in _EXAMPLES:
            kept[key] = _without_text(value)
        elif key in _DATA:
            kept[key] = value
        elif key in _NAMED and isinstance(value, dict):
            kept[key] = {_MISSPELT.get(name, name): _definition(one) for name, one in value.items()}
        elif key not in _PROSE:
            kept[key] = _definition(value)
    return kept | _said_in(node)


def _said_in(node: dict[str, JSON]) -> dict[str, JSON]:
    """Return the facts that only a description states."""
    text = node.get("description")
    if not isinstance(text, str):
        return {}
    said: dict[str, JSON] = {}
    if scopes := _REQUIRES.findall(text):
        said[REQUIRED_SCOPE] = scopes[-1]
    if "in" in node and (excluded := _EXCLUDES.search(text)):
        said[EXCLUDED_PARAMETERS] = re.findall(r"`(\w+)`", excluded[1])
    if "operationId" in node and (rows := _TABLE_ROW.findall(text)):
        said[ACTION_SCOPES] = {name: _SCOPE.findall(rest) for name, rest in rows}
    if "operationId" in node and (needed := _PER_RESOURCE.search(text)):
        said[RESOURCE_SCOPE] = needed[1]
    return said


def _without_text(value: JSON) -> JSON:
    """Return example data without strings of several words: no test needs them."""
    if isinstance(value, dict):
        return {name: _without_text(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_text(one) for one in value]
    is_text = isinstance(value, str) and re.search(r"\s", value) and value not in _WORDS
    return "text" if is_text else value


def as_text(pinned: JSON) -> str:
    """Return the pinned file's text: one line for each operation and schema, for readable diffs."""
    paths = ",\n".join(f"{json.dumps(path)}: {json.dumps(one)}" for path, one in sorted(pinned["paths"].items()))
    kinds = ",\n".join(
        f"{json.dumps(kind)}: {{\n"
        + ",\n".join(f"{json.dumps(name)}: {json.dumps(one)}" for name, one in sorted(named.items()))
        + "\n}"
        for kind, named in sorted(pinned["components"].items())
    )
    version = json.dumps(pinned["openapi"])
    return f'{{\n"openapi": {version},\n"paths": {{\n{paths}\n}},\n"components": {{\n{kinds}\n}}\n}}\n'


def main() -> None:
    """Write the pinned file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("specification", type=Path, help="the official specification, as JSON")
    document = json.loads(parser.parse_args().specification.read_text(encoding="utf-8"))
    PINNED.write_text(as_text(facts(document)), encoding="utf-8")


if __name__ == "__main__":
    main()
