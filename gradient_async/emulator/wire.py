"""Requests and answers as plain values, between the pure modules and the sockets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

import attrs

#: A JSON object, as built for an answer.
JSONObject = dict[str, object]


def as_object(value: object) -> JSONObject | None:
    """Return the value if it is a JSON object, None otherwise."""
    return cast("JSONObject", value) if isinstance(value, dict) else None


def without_nulls(fields: JSONObject) -> JSONObject:
    """Return the fields that are not null: the API treats a null as a missing field."""
    return {name: value for name, value in fields.items() if value is not None}


def as_number(value: object) -> object:
    """Return the number that a text of digits means, any other value as it is.

    Ansible's modules send Droplets' ids as texts (guess: the API reads them).
    """
    return int(value) if isinstance(value, str) and value.isdecimal() else value


@attrs.frozen(kw_only=True)
class Incoming:
    """A request, read completely.

    Args:
        path: The path, percent signs decoded.
        target: Path and query as they were on the wire, with percent signs.
        origin: Scheme and host that the client used, for absolute links.
        query: Names and values in their order.
        headers: By lower-case name.
        is_too_large: The body is larger than the server reads, and was not read.
    """

    method: str
    path: str
    target: str = ""
    origin: str = "http://127.0.0.1"
    query: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    body: bytes = b""
    is_too_large: bool = False

    @property
    def raw_path(self) -> str:
        """The path as it was on the wire."""
        target = self.target.partition("?")[0]
        return target if target.startswith("/") else self.path

    def parameter(self, name: str) -> str | None:
        """Return the first value of a query parameter."""
        return next((value for key, value in self.query if key == name), None)

    def json(self) -> object:
        """Return the parsed body, None if it is empty.

        Raises:
            ValueError: The body is no JSON.
        """
        return json.loads(self.body) if self.body else None


@attrs.frozen(kw_only=True)
class Answer:
    """An answer, before it is written.

    Args:
        payload: The JSON body; None sends `text` as it is.
        text: The body of an answer that is no JSON.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    payload: JSONObject | None = None
    text: str = ""

    def body(self) -> bytes:
        """Return the bytes to send."""
        return (self.text if self.payload is None else json.dumps(self.payload, separators=(",", ":"))).encode()
