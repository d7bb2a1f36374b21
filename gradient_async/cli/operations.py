"""The operation of a verb: the plan of a fleet run, and the fleet's method for it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, TypeVar

from attrs import frozen

from gradient_async.cli.exit_codes import UsageError
from gradient_async.fleet import plan as plans
from gradient_async.fleet.plan import Plan

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.fleet.fleet import Fleet
    from gradient_async.fleet.options import FleetOptions
    from gradient_async.fleet.report import FleetReport
    from gradient_async.models.action_requests import ActionRequest


T = TypeVar("T")


class Targets(TypedDict, total=False):
    """The targets of a run: ids, or a tag."""

    droplets: Sequence[int]
    tag: str


Begin: TypeAlias = Callable[["Fleet", Targets, "FleetOptions"], Coroutine[Any, Any, "FleetReport"]]


@frozen(kw_only=True)
class Operation:
    """The operation of a run.

    Attributes:
        plan: The steps for each Droplet.
        begin: Starts the fleet run.
    """

    plan: Plan
    begin: Begin


def single_action(action_type: str, parameters: Mapping[str, object], *, until_status: bool) -> Operation:
    """Return the operation for one action of the API.

    Raises:
        UsageError: A value is invalid.
    """
    from gradient_async.models.action_types import action_request

    request = _checked(lambda: action_request(None, action_type, parameters))
    return Operation(plan=plans.plan_of(request, until_status=until_status), begin=_run_of(request))


def power_on() -> Operation:
    """Return the operation that switches Droplets on."""
    return Operation(plan=plans.power_on_plan(), begin=lambda fleet, which, how: fleet.power_on(**which, **how))


def power_off(*, graceful: bool, grace: float) -> Operation:
    """Return the operation that switches Droplets off, with a shutdown first if ``graceful``."""
    return Operation(
        plan=plans.power_off_plan(graceful=graceful, grace=grace),
        begin=lambda fleet, which, how: fleet.power_off(graceful=graceful, grace=grace, **which, **how),
    )


def snapshot(name: str) -> Operation:
    """Return the operation that takes a snapshot of each Droplet, with a name from a template.

    Raises:
        UsageError: The name is invalid.
    """
    plan = _checked(lambda: plans.snapshot_plan(name))
    return Operation(plan=plan, begin=lambda fleet, which, how: fleet.snapshot(name, **which, **how))


def resize(size: str, *, disk: bool, grace: float) -> Operation:
    """Return the operation that resizes Droplets: off, resize, and on again if it was on.

    Raises:
        UsageError: The size is invalid.
    """
    plan = _checked(lambda: plans.resize_plan(size, disk=disk, grace=grace))
    return Operation(
        plan=plan,
        begin=lambda fleet, which, how: fleet.resize(size, disk=disk, grace=grace, **which, **how),
    )


def _run_of(request: ActionRequest) -> Begin:
    return lambda fleet, which, how: fleet.run(request, **which, **how)


def _checked(make: Callable[[], T]) -> T:
    try:
        return make()
    except (TypeError, ValueError) as error:
        raise UsageError(str(error)) from None
