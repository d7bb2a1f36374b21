"""The options of a fleet run, checked before anything is sent."""

from __future__ import annotations

import os  # noqa: TC003 - the hints of FleetOptions are resolved at run time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Literal, TypeAlias, TypedDict, cast

import attrs
from attrs import field, frozen

from gradient_async.arguments import checked_bool, checked_seconds
from gradient_async.fleet.limits import Limit
from gradient_async.fleet.option_checks import (
    checked_callable,
    checked_health_check,
    checked_path,
    checked_prefix,
    checked_retries,
    choice_of,
    limit_from,
)
from gradient_async.fleet.option_texts import TEXTS
from gradient_async.fleet.outcome import FleetProgress
from gradient_async.http.request_key import DEFAULT_TTL_SECONDS
from gradient_async.models.droplet import Droplet

HealthCheck: TypeAlias = Callable[[Droplet], bool] | Callable[[Droplet], Awaitable[bool]]
"""Returns whether a Droplet is healthy. A plain function is called in a thread of its own."""

ProgressCallback: TypeAlias = Callable[[FleetProgress], object]
"""Called after each outcome, in the event loop, so it should not take long."""

IfFinished: TypeAlias = Literal["error", "report"]
"""The reaction to a journal whose run is finished."""

Scope: TypeAlias = Literal["kept", "recorded", "each run"]
"""Whether a resumed run always keeps the recorded value, keeps it unless one is given, or never keeps it."""
Form: TypeAlias = Literal["word", "limit", "seconds", "command"]
"""The form of an option on the command line."""

_HAS_HEALTH_CHECK: Final = "has_health_check"
_OPTION: Final = "option"
# The default concurrency. It is high enough to use the documented windows fully.
DEFAULT_CONCURRENCY: Final = 1000
# Seconds by action type. The API names no times. Snapshots take about a minute for each used gigabyte.
_DEFAULT_ACTION_TIMEOUT: Final = 900.0
_LONG_ACTION_TIMEOUT: Final = 4 * 3600.0
_LONG_ACTIONS: Final = frozenset({"snapshot", "restore", "rebuild", "resize"})


class FleetOptions(TypedDict, total=False):
    """The options of a fleet run, for a dict that is passed as ``**options``.

    Each key is the parameter of ``client.fleet.run`` with the same name, which describes it.
    """

    wait: bool
    until: Literal["action", "status"]
    on_busy: Literal["wait", "fail", "skip"]
    max_concurrency: int | str | None
    max_errors: int | str | None
    batch_size: int | str | None
    timeout: float | None
    action_timeout: float | None
    poll_interval: float | None
    health_check: HealthCheck | None
    health_timeout: float
    health_retries: int
    health_interval: float
    journal: str | os.PathLike[str] | None
    check_first: bool
    if_finished: IfFinished
    on_progress: ProgressCallback | None
    by_tag: bool
    gpus_only: bool
    key_prefix: str | None
    key_ttl: float


@frozen(kw_only=True)
class Option:
    """The properties of an option beside its name, type and default.

    Attributes:
        text: Its description, for the documentation and the command's help.
        check: Takes the option's name and the given value, and returns the checked value.
        scope: Whether a resumed run keeps it.
        is_recorded: Whether the journal keeps it among the options.
        form: Its form on the command line.
        flag: Its name there; ``None`` for its own name, empty if the command line does not have it.
    """

    text: str
    check: Callable[[str, Any], object]
    scope: Scope
    is_recorded: bool
    form: Form = "word"
    flag: str | None = None


def _option(
    name: str,
    check: Callable[[str, Any], object],
    scope: Scope = "recorded",
    *,
    form: Form = "word",
    flag: str | None = None,
    is_recorded: bool = False,
) -> Mapping[str, Option]:
    """Return the metadata of a field."""
    is_recorded = is_recorded or scope == "recorded"
    option = Option(text=TEXTS[name], check=check, scope=scope, is_recorded=is_recorded, form=form, flag=flag)
    return {_OPTION: option}


@frozen(kw_only=True)
class RunOptions:
    """The options of a fleet run, checked and complete.

    This class is the single source. ``FleetOptions`` and the methods of the fleet repeat the names and types for
    editors, and tests compare them. The checks, the journal, resuming, the command line, its help and the documentation
    use the metadata of the fields (see ``Option``).
    """

    wait: bool = field(default=True, metadata=_option("wait", checked_bool, "kept"))
    until: Literal["action", "status"] = field(
        default="action", metadata=_option("until", choice_of("action", "status"), "kept")
    )
    on_busy: Literal["wait", "fail", "skip"] = field(
        default="wait", metadata=_option("on_busy", choice_of("wait", "fail", "skip"))
    )
    max_concurrency: Limit | None = field(
        default=None, metadata=_option("max_concurrency", limit_from(1), form="limit")
    )
    max_errors: Limit | None = field(default=None, metadata=_option("max_errors", limit_from(0), form="limit"))
    batch_size: Limit | None = field(default=None, metadata=_option("batch_size", limit_from(1), form="limit"))
    timeout: float | None = field(default=None, metadata=_option("timeout", checked_seconds, form="seconds"))
    action_timeout: float | None = field(
        default=None, metadata=_option("action_timeout", checked_seconds, form="seconds")
    )
    poll_interval: float | None = field(default=None, metadata=_option("poll_interval", checked_seconds, flag=""))
    health_check: HealthCheck | None = field(
        default=None, metadata=_option("health_check", checked_health_check, "each run", form="command")
    )
    health_timeout: float = field(default=30.0, metadata=_option("health_timeout", checked_seconds, form="seconds"))
    health_retries: int = field(default=3, metadata=_option("health_retries", checked_retries))
    health_interval: float = field(default=5.0, metadata=_option("health_interval", checked_seconds, form="seconds"))
    journal: str | None = field(default=None, metadata=_option("journal", checked_path, "kept"))
    check_first: bool = field(default=True, metadata=_option("check_first", checked_bool, flag="check"))
    if_finished: IfFinished = field(
        default="error", metadata=_option("if_finished", choice_of("error", "report"), "each run")
    )
    on_progress: ProgressCallback | None = field(
        default=None, metadata=_option("on_progress", checked_callable, "each run", flag="")
    )
    by_tag: bool = field(default=False, metadata=_option("by_tag", checked_bool, "kept", is_recorded=True))
    gpus_only: bool = field(default=False, metadata=_option("gpus_only", checked_bool, "kept", is_recorded=True))
    key_prefix: str | None = field(
        default=None, metadata=_option("key_prefix", checked_prefix, "kept", is_recorded=True)
    )
    key_ttl: float = field(
        default=DEFAULT_TTL_SECONDS,
        metadata=_option("key_ttl", checked_seconds, "kept", is_recorded=True, form="seconds"),
    )

    @property
    def needs_total(self) -> bool:
        """Whether all Droplets have to be known before the first one is started."""
        limits = (self.max_concurrency, self.max_errors, self.batch_size)
        return self.journal is not None or any(limit is not None and limit.percent is not None for limit in limits)

    def action_timeout_of(self, action_type: str) -> float:
        """Return the time limit of an action of this type, in seconds."""
        if self.action_timeout is not None:
            return self.action_timeout
        return _LONG_ACTION_TIMEOUT if action_type in _LONG_ACTIONS else _DEFAULT_ACTION_TIMEOUT


def _options() -> Mapping[str, Option]:
    return {one.name: one.metadata[_OPTION] for one in attrs.fields(RunOptions)}


OPTIONS: Final[Mapping[str, Option]] = _options()
"""The properties of each option, by its name."""


def given_options(parameters: Mapping[str, object]) -> FleetOptions:
    """Return the options among the parameters of a method, taken from its ``locals()``."""
    return cast("FleetOptions", {name: parameters[name] for name in OPTIONS if name in parameters})


def changed_options(parameters: Mapping[str, object]) -> FleetOptions:
    """Return the options that are not ``"unchanged"``, for a run that is resumed."""
    given = given_options(parameters)
    return cast("FleetOptions", {name: value for name, value in given.items() if not _is_unchanged(value)})


def run_options(options: FleetOptions) -> RunOptions:
    """Return the options, checked.

    Raises:
        TypeError: An option that does not exist, or a value of the wrong type.
        ValueError: A value that is out of range.
    """
    if stray := [name for name in options if name not in OPTIONS]:
        raise TypeError(f"{', '.join(stray)}: unknown option; a fleet run takes {', '.join(OPTIONS)}")
    given = {name: value for name, value in options.items() if value is not None}
    checked: dict[str, object] = {}
    for name, value in given.items():
        checked[name] = OPTIONS[name].check(name, value)
    return RunOptions(**checked)  # type: ignore[arg-type]  # each value was checked by its name


def recorded_options(options: RunOptions) -> Mapping[str, object]:
    """Return the options that a journal keeps for resuming, beside those that identify the run.

    A journal cannot keep a health check, only the fact that there was one.
    """
    given = {name: getattr(options, name) for name, option in OPTIONS.items() if option.is_recorded}
    recorded = {name: value.given if isinstance(value, Limit) else value for name, value in given.items()}
    return {**recorded, _HAS_HEALTH_CHECK: options.health_check is not None}


def resumed_options(
    recorded: Mapping[str, object], changes: FleetOptions, *, wait: bool, until: str, journal: str
) -> FleetOptions:
    """Return the options of a run that is resumed.

    Args:
        recorded: The recorded options.
        changes: The options that replace them.
        wait: As recorded.
        until: As recorded.
        journal: The run's journal.

    Raises:
        TypeError: One of the changes is not allowed, or the run had a health check and now has none.
    """
    stray = [name for name, option in OPTIONS.items() if option.scope == "kept" and name in changes]
    if stray:
        raise TypeError(f"{', '.join(stray)}: cannot be changed when a run is resumed")
    if recorded.get(_HAS_HEALTH_CHECK) and "health_check" not in changes:
        raise TypeError(
            "health_check: the run had one, which a journal cannot keep. Pass it again, or None to continue without"
        )
    known = {name: recorded[name] for name, option in OPTIONS.items() if option.is_recorded and name in recorded}
    return cast("FleetOptions", {**known, **changes, "wait": wait, "until": until, "journal": journal})


def _is_unchanged(value: object) -> bool:
    return isinstance(value, str) and value == "unchanged"
