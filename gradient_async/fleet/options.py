"""What a fleet run can be told, checked before anything is sent."""

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
    checked_retries,
    choice_of,
    limit_from,
)
from gradient_async.fleet.option_texts import TEXTS
from gradient_async.fleet.outcome import FleetProgress
from gradient_async.models.droplet import Droplet

HealthCheck: TypeAlias = Callable[[Droplet], bool] | Callable[[Droplet], Awaitable[bool]]
"""Says whether a Droplet is well; a plain function is called in a thread of its own."""

ProgressCallback: TypeAlias = Callable[[FleetProgress], object]
"""Called with each outcome, in the event loop, so it should not take long."""

IfFinished: TypeAlias = Literal["error", "report"]
"""What to do with a journal whose run is finished."""

Scope: TypeAlias = Literal["kept", "recorded", "each run"]
"""Whether a run that is resumed has the same, has the same unless another is given, or has what it is given alone."""
Form: TypeAlias = Literal["word", "limit", "seconds", "command"]
"""What is typed for an option on the command line."""

_HAS_HEALTH_CHECK: Final = "has_health_check"
_OPTION: Final = "option"
# In flight at once where nothing else is said: so many that the documented windows are never the slower for it.
DEFAULT_CONCURRENCY: Final = 1000
# By action type; the API gives no times. Snapshots take about a minute for each used gigabyte.
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


@frozen(kw_only=True)
class Option:
    """What is known of an option beside its name, type and default.

    Attributes:
        text: What it does, for the documentation and the command's help.
        check: Checks what was given, and returns what is used; takes the option's name first.
        scope: What a run that is resumed has.
        is_recorded: Whether the journal keeps it among the options.
        form: What is typed for it on the command line.
        flag: Its name there; ``None`` for its own name, empty if the command line has none.
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
    """The metadata of a field."""
    is_recorded = is_recorded or scope == "recorded"
    option = Option(text=TEXTS[name], check=check, scope=scope, is_recorded=is_recorded, form=form, flag=flag)
    return {_OPTION: option}


@frozen(kw_only=True)
class RunOptions:
    """The options of a fleet run, checked and complete.

    This class is the one place that states them. ``FleetOptions`` and the methods of the fleet repeat their names and
    types for editors, and tests compare them. What is checked, kept in a journal, fixed on resume, typed on the command
    line and said in its help and in the documentation is read from the fields' metadata, see ``Option``.
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

    @property
    def needs_total(self) -> bool:
        """Whether all Droplets have to be known before the first is turned to."""
        limits = (self.max_concurrency, self.max_errors, self.batch_size)
        return self.journal is not None or any(limit is not None and limit.percent is not None for limit in limits)

    def action_timeout_of(self, action_type: str) -> float:
        """Seconds that an action of this type may take."""
        if self.action_timeout is not None:
            return self.action_timeout
        return _LONG_ACTION_TIMEOUT if action_type in _LONG_ACTIONS else _DEFAULT_ACTION_TIMEOUT


def _options() -> Mapping[str, Option]:
    return {one.name: one.metadata[_OPTION] for one in attrs.fields(RunOptions)}


OPTIONS: Final[Mapping[str, Option]] = _options()
"""What is known of each option, by its name."""


def given_options(parameters: Mapping[str, object]) -> FleetOptions:
    """The options among the parameters of a method, as its ``locals()`` has them."""
    return cast("FleetOptions", {name: parameters[name] for name in OPTIONS if name in parameters})


def changed_options(parameters: Mapping[str, object]) -> FleetOptions:
    """The same for a run that is resumed: only those that are not ``"unchanged"``."""
    given = given_options(parameters)
    return cast("FleetOptions", {name: value for name, value in given.items() if not _is_unchanged(value)})


def run_options(options: FleetOptions) -> RunOptions:
    """The options, checked.

    Raises:
        TypeError: An option that does not exist, or a value of the wrong kind.
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
    """The options that a journal keeps for a run that resumes it, beside those that tell it from other runs.

    A health check cannot be kept; that there was one is.
    """
    given = {name: getattr(options, name) for name, option in OPTIONS.items() if option.is_recorded}
    recorded = {name: value.given if isinstance(value, Limit) else value for name, value in given.items()}
    return {**recorded, _HAS_HEALTH_CHECK: options.health_check is not None}


def resumed_options(
    recorded: Mapping[str, object], changes: FleetOptions, *, wait: bool, until: str, journal: str
) -> FleetOptions:
    """The options of a run that goes on.

    Args:
        recorded: Those that it began with.
        changes: Those that take their place.
        wait: As recorded.
        until: As recorded.
        journal: Its journal.

    Raises:
        TypeError: One of the changes would make it another run, or it had a health check and now has none.
    """
    stray = [name for name, option in OPTIONS.items() if option.scope == "kept" and name in changes]
    if stray:
        raise TypeError(f"{', '.join(stray)}: a run that is resumed keeps what it began with")
    if recorded.get(_HAS_HEALTH_CHECK) and "health_check" not in changes:
        raise TypeError(
            "health_check: the run had one, which no journal can hold; pass it again, or None to go on without"
        )
    known = {name: recorded[name] for name, option in OPTIONS.items() if option.is_recorded and name in recorded}
    return cast("FleetOptions", {**known, **changes, "wait": wait, "until": until, "journal": journal})


def _is_unchanged(value: object) -> bool:
    return isinstance(value, str) and value == "unchanged"
