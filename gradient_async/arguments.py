"""Checks of arguments, before anything is sent.

Each error names the parameter, the given value and the allowed values. A value of the wrong type raises ``TypeError``.
A value out of range raises ``ValueError``.
"""

from __future__ import annotations

import math
import operator
import re
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

# The pattern and the length that the API documents for Droplet names.
_HOSTNAME = re.compile(r"[a-zA-Z0-9]?[a-z0-9A-Z.\-]*[a-z0-9A-Z]")
# The pattern and the length that the API documents for tags.
_TAG = re.compile(r"[a-zA-Z0-9_\-:]+")
_MAX_NAME_LENGTH = 255
_MAX_FLOAT = sys.float_info.max
# Half of a character, which cannot be encoded.
_SURROGATE = re.compile(r"[\ud800-\udfff]")
# Far fewer than Python can follow, and far more than any body has.
_MAX_LEVELS = 100
_HEADER_NAME = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def checked_id(parameter: str, value: object) -> int:
    """Return a resource id: an int of at least 1, the API's documented minimum."""
    try:
        number = operator.index(value)  # type: ignore[arg-type]  # a wrong type raises TypeError
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise TypeError(f"{parameter}: expected an int, got {_shown(value)}{_hint_for_id(parameter, value)}")
    if number < 1:
        raise ValueError(f"{parameter}: expected an id of at least 1, got {number!r:.80}")
    return number


def checked_text(parameter: str, value: object, example: str) -> str:
    """Return one line of text that is not blank."""
    text = checked_lines(parameter, value, example)
    if _CONTROL.search(text):
        raise ValueError(f"{parameter}: expected one line of text such as {example!r}, got {text!r:.80}")
    return text


def checked_lines(parameter: str, value: object, example: str) -> str:
    """Return a text that is not blank. It can have several lines."""
    if not isinstance(value, str):
        raise TypeError(f"{parameter}: expected a str such as {example!r}, got {_shown(value)}")
    if not value.strip() or _SURROGATE.search(value):
        raise ValueError(f"{parameter}: expected text such as {example!r}, got {value!r:.80}")
    return value


def checked_hostname(parameter: str, value: object) -> str:
    """Return a Droplet's name: letters, digits, dots and dashes, at the end a letter or digit, up to 255 characters."""
    name = checked_lines(parameter, value, "trainer-01.example.com")
    if len(name) > _MAX_NAME_LENGTH or not _HOSTNAME.fullmatch(name):
        raise ValueError(
            f"{parameter}: expected at most 255 of the characters a-z, A-Z, 0-9, . and -, "
            f"the last one a letter or digit, got {name!r:.80}"
        )
    return name


def checked_tag(parameter: str, value: object) -> str:
    """Return a tag: letters, digits, ``_``, ``-`` and ``:``, at most 255 characters."""
    tag = checked_lines(parameter, value, "training")
    if len(tag) > _MAX_NAME_LENGTH or not _TAG.fullmatch(tag):
        raise ValueError(
            f"{parameter}: expected at most 255 of the characters a-z, A-Z, 0-9, _, - and :, got {tag!r:.80}"
        )
    return tag


def checked_description(parameter: str, value: object) -> str:
    """Return a text of at most 255 characters, which may be empty: an update removes a description so."""
    if not isinstance(value, str):
        raise TypeError(f"{parameter}: expected a str, got {_shown(value)}")
    if len(value) > _MAX_NAME_LENGTH or _SURROGATE.search(value):
        raise ValueError(f"{parameter}: expected at most 255 characters, got {len(value)}: {value!r:.80}")
    return value


def checked_free_text(parameter: str, value: object) -> str:
    """Return a text of any length, which may be empty."""
    if not isinstance(value, str):
        raise TypeError(f"{parameter}: expected a str, got {_shown(value)}")
    if _SURROGATE.search(value):
        raise ValueError(f"{parameter}: expected text that UTF-8 can write, got {value!r:.80}")
    return value


def checked_choice(parameter: str, value: object, allowed: Collection[object]) -> None:
    """Refuse a value that is not one of a closed set."""
    if not any(type(value) is type(one) and value == one for one in allowed):
        choices = ", ".join(map(repr, allowed))
        raise ValueError(f"{parameter}: expected one of {choices}, got {value!r:.80}")


def checked_bool(parameter: str, value: object) -> bool:
    """Return ``True`` or ``False``. A value that only counts as true or false is refused."""
    if not isinstance(value, bool):
        raise TypeError(f"{parameter}: expected True or False, got {_shown(value)}")
    return value


def checked_texts(parameter: str, values: object) -> dict[str, str]:
    """Return header or query values: a mapping of names to texts and numbers, without control characters."""
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise TypeError(f"{parameter}: expected a mapping of names to values, got {type(values).__name__}")
    for name, value in values.items():
        if value is not None and not isinstance(value, str | int | float):
            # The value is not shown, since it may be a secret.
            raise TypeError(f"{parameter}: expected texts and numbers, got {type(value).__name__} for {name!r:.40}")
    texts = {str(name): _text_of(value) for name, value in values.items() if value is not None}
    for name, text in texts.items():
        if not name or _CONTROL.search(name + text) or _SURROGATE.search(name + text):
            # The value is not shown, since it may be a secret.
            raise ValueError(f"{parameter}: expected names and values without control characters, see {name!r:.40}")
    return texts


def checked_headers(parameter: str, values: object) -> dict[str, str]:
    """Return headers: a mapping of names that HTTP allows to texts and numbers, without control characters."""
    for name in values if isinstance(values, Mapping) else ():
        text = str(name)
        if not _HEADER_NAME.fullmatch(text):
            # Only the valid beginning is shown. The rest may be a value, which may be a secret.
            begins = _HEADER_NAME.match(text)
            shown = begins[0] if begins else ""
            refused = f"not {text[len(shown)]!r}" if text else "at least one"
            raise ValueError(
                f"{parameter}: {shown + '…'!r:.60} is no header name: expected letters, digits and any of "
                f"!#$%&'*+-.^_`|~, {refused}"
            )
    return checked_texts(parameter, values)


def checked_json(path: str, value: object) -> None:
    """Refuse a value that JSON cannot hold: NaN, half of a character, a name that is no text. Its parts too."""
    _check_json(path, value, path, _MAX_LEVELS)


def _check_json(path: str, value: object, whole: str, levels: int) -> None:
    if isinstance(value, str):
        if _SURROGATE.search(value):
            raise ValueError(f"{path}: expected text without lone surrogates, got {value!r:.80}")
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{path}: expected a finite number, got {value!r}")
    elif isinstance(value, Mapping | list | tuple) and not levels:
        raise ValueError(f"{whole}: it has too many levels")
    elif isinstance(value, Mapping):
        for name, item in value.items():
            if not isinstance(name, str):
                raise TypeError(f"{path}: expected names that are texts, got {_shown(name)}")
            _check_json(f"{path}: name", name, whole, levels)
            _check_json(f"{path}.{name:.80}", item, whole, levels - 1)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check_json(f"{path}[{index}]", item, whole, levels - 1)


def checked_seconds(parameter: str, value: object, *, minimum: float = 0.0) -> float:
    """Return a finite number of seconds above zero; if ``minimum`` is above zero, of at least ``minimum``."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{parameter}: expected seconds as a number, got {_shown(value)}")
    if value > _MAX_FLOAT or not math.isfinite(value) or value < minimum or (minimum == 0 and value == 0):
        raise ValueError(f"{parameter}: expected a finite number of seconds above {minimum:g}, got {value!r:.80}")
    return float(value)


def checked_number(parameter: str, value: object) -> float:
    """Return a finite number above zero."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{parameter}: expected a number, got {_shown(value)}")
    if not 0 < value <= _MAX_FLOAT:
        raise ValueError(f"{parameter}: expected a finite number above 0, got {value!r:.80}")
    return float(value)


def checked_count(parameter: str, value: object, *, minimum: int, maximum: int | None = None) -> int:
    """Return an int from ``minimum`` to ``maximum``, inclusive."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{parameter}: expected an int, got {_shown(value)}")
    if value < minimum or (maximum is not None and value > maximum):
        allowed = f"at least {minimum}" if maximum is None else f"from {minimum} to {maximum}"
        raise ValueError(f"{parameter}: expected an int {allowed}, got {value!r:.80}")
    return value


def checked_share(parameter: str, value: object) -> float:
    """Return a share from 0 to below 1."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{parameter}: expected a share as a number, got {_shown(value)}")
    if not 0 <= value < 1:
        raise ValueError(f"{parameter}: expected a share from 0 to below 1, got {value!r:.80}")
    return float(value)


def _hint_for_id(parameter: str, value: object) -> str:
    """Return what to pass in place of a value that is no id."""
    if isinstance(value, str) and value.strip().isdecimal():
        return f"; pass {value.strip()}, without quotes"
    if parameter == "droplet_id" and hasattr(value, "resource_id"):
        return "; pass its .resource_id"
    if hasattr(value, "id"):
        return "; pass its .id"
    if hasattr(value, "droplet_id"):
        return "; pass its .droplet_id"
    return "; pass its .droplet.id" if hasattr(value, "droplet") else ""


def _text_of(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _shown(value: object) -> str:
    return f"{type(value).__name__} {value!r:.80}"
