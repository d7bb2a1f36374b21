"""Makes an action request from a type's name and keyword arguments."""

from __future__ import annotations

import builtins
from types import MappingProxyType, NoneType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, cast, get_args

import attrs

from gradient_async.models.action_requests import ActionRequest, BulkActionRequest
from gradient_async.models.backup_policy import BackupPolicy
from gradient_async.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_NOT_GIVEN: Final = frozenset({NoneType})
_REQUESTS: Final[tuple[type[ActionRequest], ...]] = get_args(ActionRequest)
_BULK_REQUESTS: Final[tuple[type[BulkActionRequest], ...]] = get_args(BulkActionRequest)

ACTION_TYPES: Final[Mapping[str, type[ActionRequest]]] = MappingProxyType(
    {request.type: request for request in _REQUESTS}
)
# Requests without parameters. They are immutable, so one object of each is enough.
_PLAIN_REQUESTS: Final[Mapping[str, ActionRequest]] = {
    request.type: cast("Callable[[], ActionRequest]", request)() for request in _REQUESTS if not attrs.fields(request)
}
BULK_ACTION_TYPES: Final[Mapping[str, type[BulkActionRequest]]] = MappingProxyType(
    {request.type: request for request in _BULK_REQUESTS}
)

ActionType: TypeAlias = Literal[
    "reboot",
    "power_cycle",
    "shutdown",
    "power_off",
    "power_on",
    "password_reset",
    "enable_ipv6",
    "enable_backups",
    "disable_backups",
    "change_backup_policy",
    "restore",
    "rebuild",
    "resize",
    "rename",
    "change_kernel",
    "snapshot",
]
"""Names of the types that can be requested for one Droplet."""

PlainActionType: TypeAlias = Literal[
    "reboot",
    "power_cycle",
    "shutdown",
    "power_off",
    "power_on",
    "password_reset",
    "enable_ipv6",
    "disable_backups",
]
"""Names of the types without parameters."""

PlainBulkActionType: TypeAlias = Literal[
    "power_cycle",
    "power_on",
    "power_off",
    "shutdown",
    "enable_ipv6",
    "enable_backups",
    "disable_backups",
]
"""Names of the types that need only the tag."""

BulkActionType: TypeAlias = Literal[PlainBulkActionType, "snapshot"]
"""Names of the types that the API allows for all Droplets with a tag."""


def action_request(action: ActionRequest | None, type: object, parameters: Mapping[str, object]) -> ActionRequest:
    """Return the request that a caller gives as an object, or as a type with keyword arguments.

    Args:
        action: A request, or ``None``.
        type: An action type's name, a request, or ``None``.
        parameters: The type's parameters. ``None`` counts as not given.

    Raises:
        TypeError: Both or none of ``action`` and ``type`` are given, or a parameter is missing, not allowed or has the
            wrong type.
        ValueError: The type is unknown, or a value is out of range.
    """
    is_bare = _NOT_GIVEN.issuperset(map(builtins.type, parameters.values()))
    if is_bare and action is None and isinstance(type, str) and type in _PLAIN_REQUESTS:
        return _PLAIN_REQUESTS[type]
    given = {name: value for name, value in parameters.items() if value is not None}
    if action is None and isinstance(type, _REQUESTS):
        return _checked_instance(type, None, given)
    if action is not None:
        return _checked_instance(action, type, given)
    if type is None:
        raise TypeError("type: missing. Pass a type such as 'reboot', or an action request such as Reboot()")
    if not isinstance(type, str) or type not in ACTION_TYPES:
        raise _unknown_type(type, ACTION_TYPES)
    return _built(ACTION_TYPES[type], given)


def bulk_action_request(
    action: BulkActionRequest | None, type: object, parameters: Mapping[str, object]
) -> BulkActionRequest:
    """Return the request for an action by tag. The API allows only eight of the types.

    Raises:
        TypeError: As ``action_request``.
        ValueError: As ``action_request``, or the type is not one of the eight.
    """
    if action is None and isinstance(type, _REQUESTS):
        return bulk_action_request(cast("BulkActionRequest", type), None, parameters)
    name = type if action is None else getattr(action, "type", None)
    if isinstance(name, str) and name in ACTION_TYPES and name not in BULK_ACTION_TYPES:
        raise ValueError(
            f"type: the API does not take {name!r} by tag, only {_listed(BULK_ACTION_TYPES)}; "
            f"for {name!r} initiate one action for each Droplet"
        )
    if action is None and isinstance(name, str) and name not in BULK_ACTION_TYPES:
        raise _unknown_type(name, BULK_ACTION_TYPES)
    request = action_request(action, type, parameters)
    assert isinstance(request, _BULK_REQUESTS)  # noqa: S101 - the checks above leave nothing else; this is for mypy
    return request


def _checked_instance(action: ActionRequest, type: object, given: Mapping[str, object]) -> ActionRequest:
    if not isinstance(action, _REQUESTS):
        raise TypeError(f"action: expected an action request such as Reboot(), got {action!r:.80}")
    if type is not None or given:
        stray = ", ".join(["type"] * (type is not None) + sorted(given))
        raise TypeError(f"{stray}: not allowed beside action={action!r}, which is the whole action")
    return action


def _built(request_class: type[ActionRequest], given: Mapping[str, object]) -> ActionRequest:
    fields = attrs.fields_dict(request_class)
    stray = [name for name in given if name not in fields]
    missing = [name for name, field in fields.items() if field.default is attrs.NOTHING and name not in given]
    if stray or missing:
        which = f"{_listed(stray)}: unexpected parameter" if stray else f"{_listed(missing)}: missing parameter"
        raise TypeError(f"{which}; {request_class.type!r} takes {_listed(fields) if fields else 'no parameters'}")
    values = dict(given)
    if "backup_policy" in values:
        values["backup_policy"] = _policy(values["backup_policy"])
    return request_class(**values)  # type: ignore[arg-type]  # each class checks its own values


def _policy(value: object) -> object:
    if not isinstance(value, dict):
        return value
    fields = attrs.fields_dict(BackupPolicy)
    stray = [name for name in value if name not in fields]
    if stray:
        raise TypeError(f"backup_policy: unknown key {_listed(stray)}; allowed are {_listed(fields)}")
    if "plan" not in value:
        raise TypeError("backup_policy: missing key plan, which is 'daily' or 'weekly'")
    return BackupPolicy(**value)


def _unknown_type(given: object, known: Mapping[str, object]) -> Exception:
    if not isinstance(given, str):
        meant = next((f"; pass {one.__name__}(…)" for one in _REQUESTS if one is given), "")
        return TypeError(f"type: expected an action type's name such as 'reboot', got {given!r:.80}{meant}")
    return ValueError(
        f"type: there is no action {given!r:.320}.{did_you_mean(given, known)} Allowed are {_listed(known)}"
    )


def _listed(names: Iterable[object]) -> str:
    return ", ".join(map(str, names))
