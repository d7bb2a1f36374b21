"""What a fleet run can be told, checked before anything is sent."""

from __future__ import annotations

import inspect
import math
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Final, Literal, TypeAlias, TypedDict, cast

from attrs import frozen

from gradient_async.arguments import checked_bool, checked_choice, checked_count, checked_seconds
from gradient_async.fleet.outcome import FleetProgress
from gradient_async.models.droplet import Droplet

HealthCheck: TypeAlias = Callable[[Droplet], bool] | Callable[[Droplet], Awaitable[bool]]
"""Says whether a Droplet is well; a plain function is called in a thread of its own."""

ProgressCallback: TypeAlias = Callable[[FleetProgress], object]
"""Told of each outcome; called in the event loop, so it should not take long."""

IfFinished: TypeAlias = Literal["error", "report"]
"""What to do with a journal whose run is finished."""

_HAS_HEALTH_CHECK: Final = "has_health_check"
_RECORDED: Final = (
    "on_busy",
    "max_concurrency",
    "max_errors",
    "batch_size",
    "timeout",
    "action_timeout",
    "poll_interval",
    "health_timeout",
    "health_retries",
    "health_interval",
    "check_first",
    "by_tag",
    "gpus_only",
)
_PERCENTAGE: Final = re.compile(r"\d+(\.\d+)?%")
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
class Limit:
    """A number, or a percentage of all Droplets.

    Attributes:
        count: The number; ``None`` for a percentage.
        percent: The percentage; ``None`` for a number.
    """

    count: int | None = None
    percent: Fraction | None = None

    @property
    def given(self) -> int | str:
        """The limit as it is given: ``5``, ``"2.5%"``."""
        if self.percent is None:
            return self.count or 0
        # Exact: what was read from a decimal fraction has one.
        return f"{Decimal(self.percent.numerator) / self.percent.denominator}%"

    def of(self, total: int, *, least: int) -> int:
        """The number that it means for so many Droplets, rounded down."""
        if self.percent is None:
            return self.count or 0
        return max(least, math.floor(total * self.percent / 100))


@frozen(kw_only=True)
class RunOptions:
    """``FleetOptions``, checked and complete."""

    wait: bool = True
    until: Literal["action", "status"] = "action"
    on_busy: Literal["wait", "fail", "skip"] = "wait"
    max_concurrency: Limit | None = None
    max_errors: Limit | None = None
    batch_size: Limit | None = None
    timeout: float | None = None
    action_timeout: float | None = None
    poll_interval: float | None = None
    health_check: HealthCheck | None = None
    health_timeout: float = 30.0
    health_retries: int = 3
    health_interval: float = 5.0
    journal: str | None = None
    check_first: bool = True
    if_finished: IfFinished = "error"
    on_progress: ProgressCallback | None = None
    by_tag: bool = False
    gpus_only: bool = False

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


def given_options(parameters: Mapping[str, object]) -> FleetOptions:
    """The options among the parameters of a method, as its ``locals()`` has them."""
    return cast("FleetOptions", {name: parameters[name] for name in FleetOptions.__annotations__ if name in parameters})


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
    known = FleetOptions.__annotations__
    if stray := [name for name in options if name not in known]:
        raise TypeError(f"{', '.join(stray)}: unknown option; a fleet run takes {', '.join(known)}")
    given = {name: value for name, value in options.items() if value is not None}
    checked: dict[str, object] = {}
    for name, value in given.items():
        checked[name] = _CHECKS[name](name, value)
    return RunOptions(**checked)  # type: ignore[arg-type]  # each value was checked by its name


def recorded_options(options: RunOptions) -> Mapping[str, object]:
    """The options that a journal keeps for whoever resumes the run, beside those that tell it from other runs.

    A health check cannot be kept; that there was one is.
    """
    given = {name: getattr(options, name) for name in _RECORDED}
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
    stray = [name for name in ("wait", "until", "journal", "by_tag", "gpus_only") if name in changes]
    if stray:
        raise TypeError(f"{', '.join(stray)}: a run that is resumed keeps what it began with")
    if recorded.get(_HAS_HEALTH_CHECK) and "health_check" not in changes:
        raise TypeError(
            "health_check: the run had one, which no journal can hold; pass it again, or None to go on without"
        )
    known = {name: recorded[name] for name in _RECORDED if name in recorded}
    return cast("FleetOptions", {**known, **changes, "wait": wait, "until": until, "journal": journal})


def _is_unchanged(value: object) -> bool:
    return isinstance(value, str) and value == "unchanged"


def _limit(least: int) -> Callable[[str, object], Limit]:
    lowest = "from 0" if least == 0 else "above 0"
    allowed = f"an int of at least {least}, or a percentage {lowest} up to 100 such as '10%'"

    def check(parameter: str, value: object) -> Limit:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise TypeError(f"{parameter}: expected {allowed}, got {type(value).__name__} {value!r:.80}")
        if isinstance(value, int):
            return Limit(count=checked_count(parameter, value, minimum=least))
        text = value.strip()
        percent = Fraction(text[:-1]) if _PERCENTAGE.fullmatch(text) else None
        if percent is None or not (percent > 0 or least == 0) or percent > 100:
            raise ValueError(f"{parameter}: expected {allowed}, got {value!r}")
        return Limit(percent=percent)

    return check


def _choice(*allowed: str) -> Callable[[str, object], object]:
    def check(parameter: str, value: object) -> object:
        checked_choice(parameter, value, allowed)
        return value

    return check


def _callable(parameter: str, value: object) -> object:
    if not callable(value):
        raise TypeError(f"{parameter}: expected something that can be called, got {type(value).__name__}")
    return value


def _health_check(parameter: str, value: object) -> object:
    """Refuse a function that cannot be called with a Droplet; some built-in functions do not tell."""
    _callable(parameter, value)
    try:
        signature = inspect.signature(value)  # type: ignore[arg-type]  # callable, as just checked
    except (TypeError, ValueError):
        return value
    try:
        signature.bind(None)
    except TypeError as error:
        name = getattr(value, "__name__", type(value).__name__)
        raise TypeError(
            f"{parameter}: expected a function that takes one argument, the Droplet, got {name}{signature}: {error}"
        ) from None
    return value


def _path(parameter: str, value: object) -> str:
    if not isinstance(value, str | os.PathLike):
        raise TypeError(f"{parameter}: expected a path, got {type(value).__name__}")
    path = os.fsdecode(value)
    if not path or "\0" in path:
        raise ValueError(f"{parameter}: expected a path, got {path!r}")
    return path


def _retries(parameter: str, value: object) -> int:
    return checked_count(parameter, value, minimum=0)


_CHECKS: Final[dict[str, Callable[[str, object], object]]] = {
    "wait": checked_bool,
    "until": _choice("action", "status"),
    "on_busy": _choice("wait", "fail", "skip"),
    "max_concurrency": _limit(1),
    "max_errors": _limit(0),
    "batch_size": _limit(1),
    "timeout": checked_seconds,
    "action_timeout": checked_seconds,
    "poll_interval": checked_seconds,
    "health_check": _health_check,
    "health_timeout": checked_seconds,
    "health_retries": _retries,
    "health_interval": checked_seconds,
    "journal": _path,
    "check_first": checked_bool,
    "if_finished": _choice("error", "report"),
    "on_progress": _callable,
    "by_tag": checked_bool,
    "gpus_only": checked_bool,
}
