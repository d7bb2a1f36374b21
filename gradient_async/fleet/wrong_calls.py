"""Error messages for calls of fleet methods with parameters that do not exist."""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Final, TypeVar, cast

from gradient_async.arguments import checked_text
from gradient_async.fleet.options import OPTIONS
from gradient_async.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

T = TypeVar("T")

_DROPLETS: Final = "For Droplets pass droplets=[3164444, 3164445]."
_TAG: Final = 'For a tag pass tag="training".'
_REQUEST: Final = 'Pass an action\'s own parameters in a request, such as Resize(size="gpu-h100x8-640gb").'
_HINTS: Final[Mapping[str, str]] = {
    "tags": _TAG,
    "tag_name": _TAG,
    "id": _DROPLETS,
    "ids": _DROPLETS,
    "droplet": _DROPLETS,
    "droplet_id": _DROPLETS,
    "droplet_ids": _DROPLETS,
    "type": 'The action comes first: fleet.run("reboot", droplets=[3164444]).',
    "size": _REQUEST,
    "image": _REQUEST,
    "kernel": _REQUEST,
    "name": _REQUEST,
    "disk": _REQUEST,
    "backup_policy": _REQUEST,
}
_CREATE_HINTS: Final[Mapping[str, str]] = {
    "size": 'Pass one or several sizes: sizes=["gpu-h100x8-640gb"].',
    "region": 'Pass one or several regions: regions=["tor1", "nyc2"].',
    "names": 'Pass a template of the names: name="train-{n}".',
    "timeout": "Pass deadline=, in seconds.",
}
_RUN_ONLY: Final = ("action", "droplets", "tag")


def explain_wrong_calls(cls: type[T]) -> type[T]:
    """Make the public methods of a class explain a call with an unknown parameter.

    The methods keep their signatures, for editors and ``help()``. Python's own error only names the parameter.
    """
    members: dict[str, object] = {}
    for base in cls.__mro__:
        for name, member in vars(base).items():
            members.setdefault(name, member)
    for name, method in members.items():
        if not name.startswith("_") and inspect.isfunction(method):
            method.__qualname__ = f"{cls.__name__}.{name}"  # Python's own errors name the class that users know
            setattr(cls, name, _explaining(method))
    return cls


def unknown_parameters(method: str, unknown: Sequence[str], known: Collection[str]) -> str:
    """Return the message for parameters that a method of the fleet does not have. Pure.

    Args:
        method: The method's name.
        unknown: The given parameters.
        known: The method's parameters.
    """
    if method == "resume":
        kept = [name for name in unknown if name in OPTIONS or name in _RUN_ONLY]
        if kept:
            return f"{', '.join(kept)}: cannot be changed when a run is resumed"
    own_hints = _CREATE_HINTS if method.endswith("create") else _HINTS
    hints = dict.fromkeys(own_hints.get(name) or did_you_mean(name, known).strip() for name in unknown)
    said = "".join(f" {hint}" for hint in hints if hint)
    return f"{', '.join(unknown)}: unknown option.{said} fleet.{method}() takes {', '.join(known)}"


def too_many_values(method: str, positional: Sequence[str]) -> str:
    """Return the message for too many positional values. Pure."""
    several = f" Pass several Droplets in a list: fleet.{method}({'…, ' * (len(positional) - 1)}[3164444, 3164445])"
    takes = f"fleet.{method}() takes {' and '.join(positional)} without a name"
    return f"{takes}, and all else by name.{several if 'droplets' in positional else ''}"


def checked_first(parameter: str, value: object, method: str, example: str) -> str:
    """Return the text that a method takes before the Droplets.

    Raises:
        TypeError: It is something else, such as the Droplets.
        ValueError: It is blank.
    """
    if not isinstance(value, str):
        raise TypeError(
            f"{parameter}: expected a str such as {example!r}, got {type(value).__name__} {value!r:.80}. "
            f"The {parameter} comes first: fleet.{method}({example!r}, [3164444])"
        )
    return checked_text(parameter, value, example)


def _explaining(method: Callable[..., object]) -> Callable[..., object]:
    parameters = list(inspect.signature(method).parameters.values())[1:]
    known = [one.name for one in parameters]
    positional = [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    takes_any = any(one.kind is one.VAR_KEYWORD for one in parameters)

    def check(values: tuple[object, ...], named: Mapping[str, object]) -> None:
        if not takes_any and (unknown := [name for name in named if name not in known]):
            raise TypeError(unknown_parameters(method.__name__, unknown, known))
        if len(values) > len(positional):
            raise TypeError(too_many_values(method.__name__, positional))

    @functools.wraps(method)
    def explained(self: object, /, *values: object, **named: object) -> object:
        check(values, named)
        return method(self, *values, **named)

    @functools.wraps(method)
    async def awaited(self: object, /, *values: object, **named: object) -> object:
        check(values, named)
        return await cast("Awaitable[object]", method(self, *values, **named))

    return awaited if inspect.iscoroutinefunction(method) else explained
