"""Typed parameters of paths and queries, and the template of a path.

A parameter is declared as ``name:kind``, such as ``droplet_id:id`` or ``type:gpus|droplets``. Its value is checked
before the request is sent. An error names the parameter, the given value and the allowed values.
"""

from __future__ import annotations

import ipaddress
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import quote

from attrs import frozen

from gradient_async.arguments import checked_bool, checked_choice, checked_count, checked_id, checked_tag, checked_text

MAX_PER_PAGE: Final = 200
"""The largest ``per_page`` by the API's documentation."""

Check: TypeAlias = Callable[[str, object], str]
"""Returns a value as text, given the parameter's name and the value; raises ``TypeError`` or ``ValueError``."""

_FINGERPRINT: Final = re.compile(r"[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){15}")
_UUID: Final = "506f78a4-e098-11e5-ad9f-000f53306ae1"
_DIGITS: Final = re.compile(r"[1-9][0-9]*")


class Parameter(NamedTuple):
    """One parameter of a path or a query.

    Attributes:
        name: Name in the request, and of the keyword argument.
        kind: A kind such as ``"id"``, or the allowed values, separated by a bar.
        check: Returns the value as text, or raises.
    """

    name: str
    kind: str
    check: Check

    @classmethod
    def of(cls, declaration: str) -> Parameter:
        """Return the parameter that ``name:kind`` declares.

        Raises:
            ValueError: The kind is unknown.
        """
        name, colon, kind = declaration.partition(":")
        if not name.isidentifier() or not colon or (kind not in _KINDS and "|" not in kind):
            raise ValueError(
                f"{declaration!r}: expected name:kind, with a kind of {', '.join(_KINDS)} or 'one|another'"
            )
        return cls(name, kind, _KINDS[kind] if kind in _KINDS else _one_of(tuple(kind.split("|"))))


@frozen
class PathTemplate:
    """A path with typed parameters: ``/v2/droplets/{droplet_id:id}/actions``.

    Attributes:
        text: The path with names in braces and no kinds, as in the API's specification.
        parameters: The parameters, from left to right.
    """

    text: str
    parameters: tuple[Parameter, ...]
    _start: str
    _parts: tuple[tuple[str, Check, str], ...]

    @classmethod
    def of(cls, template: str) -> PathTemplate:
        """Return the parsed template.

        Raises:
            ValueError: The text is no template.
        """
        parts = re.split(r"\{([^{}]*)\}", template)
        parameters = tuple(Parameter.of(declaration) for declaration in parts[1::2])
        if not template.startswith("/") or re.search(r"[{}\s?#]", "".join(parts[::2])):
            raise ValueError(f"{template!r}: expected a path such as '/v2/droplets/{{droplet_id:id}}'")
        text = re.sub(r":[^{}]*\}", "}", template)
        following = [
            (parameter.name, parameter.check, literal)
            for parameter, literal in zip(parameters, parts[2::2], strict=True)
        ]
        return cls(text, parameters, parts[0], tuple(following))

    def path(self, values: Sequence[object]) -> str:
        """Return the path with the values, percent-encoded. No value can add or change a segment.

        Args:
            values: One value for each parameter, from left to right.

        Raises:
            TypeError: A value has the wrong type.
            ValueError: A value is out of range.
        """
        path = self._start
        if len(values) != len(self._parts):
            raise TypeError(f"{self.text}: expected {len(self._parts)} values, got {len(values)}")
        for (name, check, literal), value in zip(self._parts, values):  # noqa: B905 - compared above, in less time
            if value == "":
                raise _empty(name)
            text = check(name, value)
            # An id needs no escape, and quote() takes longer than the rest of this loop.
            path += (text if text.isascii() and text.isalnum() else quote(text, safe="")) + literal
        return path


def checked_query(parameters: Mapping[str, Parameter], given: Mapping[str, object]) -> dict[str, str]:
    """Return query parameters as texts. ``None`` values are left out.

    Raises:
        KeyError: The endpoint does not declare a parameter.
        TypeError: A value has the wrong type.
        ValueError: A value is out of range.
    """
    return {name: parameters[name].check(name, value) for name, value in given.items() if value is not None}


def _empty(name: str) -> ValueError:
    """Return the error for an empty value, in the words of the retired SDK."""
    return ValueError(f"Expected a non-empty value for `{name}` but received ''")


def _id(name: str, value: object) -> str:
    return str(checked_id(name, value))


def _uuid(name: str, value: object) -> str:
    if isinstance(getattr(value, "id", None), str):
        raise TypeError(f"{name}: expected a UUID such as {_UUID!r}, got {type(value).__name__}; pass its .id")
    text = str(value) if isinstance(value, uuid.UUID) else checked_text(name, value, _UUID)
    if len(text) == 36:
        with suppress(ValueError):
            return str(uuid.UUID(text))
    raise ValueError(f"{name}: expected a UUID such as {_UUID!r}, got {text!r:.80}")


def _uuid_or_default(name: str, value: object) -> str:
    return "default" if value == "default" else _uuid(name, value)


def _ip(name: str, value: object) -> str:
    text = str(value) if isinstance(value, ipaddress.IPv4Address | ipaddress.IPv6Address) else value
    if hasattr(value, "ip"):
        raise TypeError(f"{name}: expected an IP address, got {type(value).__name__}; pass its .ip")
    if text == "":
        raise _empty(name)  # an action's request is traced by the address before its path is made
    text = checked_text(name, text, "45.55.96.47")
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise ValueError(f"{name}: expected an IP address such as '45.55.96.47', got {text!r:.80}") from None


def _id_or_slug(name: str, value: object) -> str:
    # An image's id that is zero is left to the API, which answers 404: the retired SDK's own example is zero.
    if _is_int(value):
        return str(value) if value == 0 else _id(name, value)
    return _slug(name, value)


def _id_or_fingerprint(name: str, value: object) -> str:
    if _is_int(value):
        return _id(name, value)
    text = checked_text(name, value, "512189")
    if _DIGITS.fullmatch(text) or _FINGERPRINT.fullmatch(text):
        return text
    raise ValueError(
        f"{name}: expected a key's id, or its fingerprint such as '3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45', "
        f"got {text!r:.80}"
    )


def _id_or_uuid(name: str, value: object) -> str:
    if _is_int(value):
        return _id(name, value)
    return str(value) if isinstance(value, str) and _DIGITS.fullmatch(value) else _uuid(name, value)


def _slug(name: str, value: object) -> str:
    return _single_segment(name, checked_text(name, value, "gpu-h100x1-base"))


def _region(name: str, value: object) -> str:
    return checked_text(name, value, "nyc3")


def _single_segment(name: str, text: str) -> str:
    if text in {".", ".."}:
        raise ValueError(f"{name}: expected text such as 'gpu-h100x1-base', got {text!r:.80}")
    return text


def _text(name: str, value: object) -> str:
    return _single_segment(name, checked_text(name, value, "trainer-01"))


def _bool(name: str, value: object) -> str:
    return "true" if checked_bool(name, value) else "false"


def _page(name: str, value: object) -> str:
    return str(checked_count(name, value, minimum=1))


def _per_page(name: str, value: object) -> str:
    return str(checked_count(name, value, minimum=1, maximum=MAX_PER_PAGE))


def _one_of(allowed: tuple[str, ...]) -> Check:
    def check(name: str, value: object) -> str:
        checked_choice(name, value, allowed)
        return str(value)

    return check


def _is_int(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


_KINDS: Final[Mapping[str, Check]] = {
    "id": _id,
    "uuid": _uuid,
    "uuid_or_default": _uuid_or_default,
    "ip": _ip,
    "slug": _slug,
    "id_or_slug": _id_or_slug,
    "id_or_fingerprint": _id_or_fingerprint,
    "id_or_uuid": _id_or_uuid,
    "region": _region,
    "tag": checked_tag,
    "text": _text,
    "bool": _bool,
    "page": _page,
    "per_page": _per_page,
}
