"""Parsers of option texts: faults, lags, durations, tokens. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args, get_type_hints

import attrs

from gradient_async.emulator import faults
from gradient_async.emulator.capacity import Opening
from gradient_async.emulator.profiles import DURATIONS, Behaviour
from gradient_async.emulator.tokens import Token
from gradient_async.emulator.visibility import Lag, Visibility

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from gradient_async.emulator.capacity import Room
    from gradient_async.emulator.limits import RateLimits

_FAMILIES = {"ActionFault", "AnswerFault", "BodyFault", "Fault"}
FAULT_NAMES: Sequence[str] = tuple(name for name in faults.__all__ if name not in _FAMILIES)
VIEWS: Sequence[str] = tuple(field.name for field in attrs.fields(Visibility))
_WORDS: Mapping[str, object] = {"true": True, "false": False, "none": None}


class OptionError(ValueError):
    """An option is invalid; the text names it."""


def fault_in(text: str) -> faults.Fault:
    """Return a fault, as in `ErroredAction`, `StatusLag:10`, `DropAfter:times=1,route=POST /v2/droplets/*`.

    Raises:
        OptionError: There is no such fault, or it does not take these arguments.
    """
    name, _, rest = text.partition(":")
    if name not in FAULT_NAMES:
        raise OptionError(f"--fault: {name!r} is no fault; there are {', '.join(FAULT_NAMES)}")
    words = [word for word in rest.split(",") if word]
    given = [_value(word) for word in words if "=" not in word]
    named = {key.strip(): _value(value) for key, _, value in (word.partition("=") for word in words if "=" in word)}
    kind: type[faults.Fault] = getattr(faults, name)
    positional = [field.name for field in attrs.fields(kind) if not field.kw_only]
    hints = get_type_hints(kind)
    for field, value in (*zip(positional, given, strict=False), *named.items()):
        if field in hints and not _fits(value, hints[field]):
            raise OptionError(f"--fault: {text!r}: {field} cannot be {value!r}")
    try:
        return kind(*given, **named)  # type: ignore[arg-type] # a wrong value is refused
    except (TypeError, ValueError) as error:
        takes = ", ".join(field.name for field in attrs.fields(kind))
        reason = str(error.args[0]).removeprefix(f"{name}.__init__() ")
        raise OptionError(f"--fault: {text!r}: {reason}; it takes {takes}") from None


def visibility_in(texts: Sequence[str]) -> Visibility:
    """Return the lags of the views, as in `list=20`, `status=5@0.5` (the chance behind the `@`).

    Raises:
        OptionError: There is no such view, or the numbers are invalid.
    """
    lags: dict[str, Lag] = {}
    for text in texts:
        view, _, rest = text.partition("=")
        seconds, _, chance = rest.partition("@")
        if view not in VIEWS:
            raise OptionError(f"--lag: {text!r}: expected one of {', '.join(VIEWS)}, '=' and seconds, such as list=20")
        try:
            lags[view] = Lag(float(seconds), chance=float(chance or 1))
        except ValueError:
            raise OptionError(
                f"--lag: {text!r}: expected seconds from 0, and a chance from 0 to 1 behind an @, such as list=20@0.5"
            ) from None
    return Visibility(**lags)


def durations_in(texts: Sequence[str]) -> Mapping[str, float]:
    """Return the seconds by action type, as in `snapshot=3600`.

    Raises:
        OptionError: There is no such type, or the number is invalid.
    """
    durations: dict[str, float] = {}
    for text in texts:
        name, _, seconds = text.partition("=")
        action_type = name.replace("-", "_")
        if action_type not in DURATIONS:
            known = ", ".join(sorted(DURATIONS)).replace("_", "-")
            raise OptionError(f"--duration: {text!r}: expected one of {known}, '=' and seconds")
        try:
            durations[action_type] = float(seconds)
        except ValueError:
            durations[action_type] = -1
        if not 0 <= durations[action_type] < float("inf"):
            raise OptionError(f"--duration: {text!r}: expected seconds from 0, such as {name}=60")
    return durations


def capacity_in(texts: Sequence[str]) -> Mapping[tuple[str, str], Room]:
    """Room by size and region, as in `gpu-h100x8-640gb:nyc2=4`, `gpu-*:*=20/60`, `gpu-*:*=1@20/60`.

    Raises:
        OptionError: A text has another form, there is no such size or region, or a number is invalid.
    """
    rooms: dict[tuple[str, str], Room] = {}
    for text in texts:
        pair, separator, room = text.partition("=")
        size, colon, region = pair.partition(":")
        if not (separator and colon and size and region):
            raise OptionError(
                f"--capacity: {text!r}: expected a size, ':', a region, '=' and room, such as gpu-h100x8-640gb:nyc2=4"
            )
        rooms.pop((size, region), None)
        rooms[size, region] = _room(text, room)
    return rooms


def prices_in(texts: Sequence[str]) -> Mapping[str, Mapping[float, float]]:
    """Prices by size and second, as in `gpu-h100x1-80gb=4.41`, `gpu-h100x1-80gb=4.41@600`.

    Raises:
        OptionError: A text has another form.
    """
    prices: dict[str, dict[float, float]] = {}
    for text in texts:
        size, _, rest = text.partition("=")
        dollars, _, second = rest.partition("@")
        try:
            prices.setdefault(size, {})[float(second or 0)] = float(dollars)
        except ValueError:
            raise OptionError(
                f"--price: {text!r}: expected a size, '=' and dollars, such as gpu-h100x1-80gb=4.41 or "
                "gpu-h100x1-80gb=4.41@600"
            ) from None
    return prices


def _room(text: str, room: str) -> Room:
    count, at, times = room.rpartition("@")
    seconds, slash, every = times.partition("/")
    try:
        if not slash:
            return int(room)
        return Opening(float(seconds), float(every), count=int(count) if at else None)
    except ValueError as error:
        raise OptionError(
            f"--capacity: {text!r}: expected a number of Droplets, or SECONDS/PERIOD, or COUNT@SECONDS/PERIOD ({error})"
        ) from None


def behaviour_in(texts: Sequence[str]) -> Behaviour:
    """Return the behaviour where the evidence conflicts, as in `locked=always`.

    Raises:
        OptionError: There is no such setting, or it does not take the value.
    """
    hints, changes = get_type_hints(Behaviour), dict[str, object]()
    for text in texts:
        name, _, word = text.partition("=")
        if name not in hints:
            raise OptionError(f"--behaviour: {text!r}: expected one of {', '.join(hints)}, '=' and a value")
        value = _value(word)
        if not _fits(value, hints[name]):
            choices = [str(one) for one in get_args(hints[name]) if not isinstance(one, type)]
            expected = f"one of {', '.join(choices)}" if choices else f"such as {getattr(Behaviour(), name)}"
            raise OptionError(f"--behaviour: {text!r}: {name} cannot be that; expected {expected}")
        changes[name] = value
    return Behaviour(**changes)  # type: ignore[arg-type] # each value was checked against its field


def tokens_in(texts: Sequence[str], scopes: Collection[str] | None, limits: RateLimits | None) -> Sequence[Token]:
    """Tokens, as in `dop_v1_reader=droplet:read,actions:read`; a token without scopes has the given ones.

    Raises:
        OptionError: A token is empty.
    """
    tokens: list[Token] = []
    for text in texts:
        value, separator, own = text.partition("=")
        if not value.strip():
            raise OptionError("--token: expected a token, or a token, '=' and its scopes with commas between them")
        chosen = frozenset(one for one in own.split(",") if one) if separator else scopes
        tokens.append(Token(value=value.strip(), scopes=chosen, limits=limits))
    return tokens


def _value(word: str) -> object:
    if word.lower() in _WORDS:
        return _WORDS[word.lower()]
    for kind in (int, float):
        try:
            return kind(word)
        except ValueError:
            continue
    return word


def _fits(value: object, hint: object) -> bool:
    """Return whether a value has the declared type of a field: a class, a `Literal`, or a union of both."""
    parts = get_args(hint)
    if parts and all(isinstance(one, str) for one in parts):
        return value in parts
    if parts:
        return any(_fits(value, one) for one in parts)
    if isinstance(value, bool):
        return hint is bool
    if hint is float:
        return isinstance(value, int | float)
    return isinstance(hint, type) and isinstance(value, hint)
