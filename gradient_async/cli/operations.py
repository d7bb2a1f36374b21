"""What a verb means: the plan of a fleet run, and the method of the fleet that carries it out."""

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
    """Ids, or a tag."""

    droplets: Sequence[int]
    tag: str


Begin: TypeAlias = Callable[["Fleet", Targets, "FleetOptions"], Coroutine[Any, Any, "FleetReport"]]


@frozen(kw_only=True)
class Operation:
    """What is done to each Droplet.

    Attributes:
        plan: The steps.
        begin: StartGate the fleet run.
    """

    plan: Plan
    begin: Begin


def single_action(action_type: str, parameters: Mapping[str, object], *, until_status: bool) -> Operation:
    """One action, as the API takes it.

    Raises:
        UsageError: An impossible value.
    """
    from gradient_async.models.action_types import action_request

    request = _checked(lambda: action_request(None, action_type, parameters))
    return Operation(plan=plans.plan_of(request, until_status=until_status), begin=_run_of(request))


def power_on() -> Operation:
    """On; what is on already is left alone."""
    return Operation(plan=plans.power_on_plan(), begin=lambda fleet, which, how: fleet.power_on(**which, **how))


def power_off(*, graceful: bool, grace: float) -> Operation:
    """Off, the guest being asked first or not; what is off already is left alone."""
    return Operation(
        plan=plans.power_off_plan(graceful=graceful, grace=grace),
        begin=lambda fleet, which, how: fleet.power_off(graceful=graceful, grace=grace, **which, **how),
    )


def snapshot(name: str) -> Operation:
    """A snapshot of each, its name made from a template.

    Raises:
        UsageError: An impossible name.
    """
    plan = _checked(lambda: plans.snapshot_plan(name))
    return Operation(plan=plan, begin=lambda fleet, which, how: fleet.snapshot(name, **which, **how))


def resize(size: str, *, disk: bool, grace: float) -> Operation:
    """Off, another size, and on again if it was on.

    Raises:
        UsageError: An impossible size.
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
