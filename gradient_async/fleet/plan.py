"""The plan of a fleet run: one step for each Droplet, or several. Pure."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast, get_args

from attrs import field, frozen

from gradient_async.arguments import checked_text
from gradient_async.converter import action_body
from gradient_async.fleet.expected_states import ACTIVE, OFF, ExpectedState, expected_state_of
from gradient_async.models.action_requests import ActionRequest, PowerOff, PowerOn, Resize, Shutdown, Snapshot
from gradient_async.models.action_types import ACTION_TYPES, action_request
from gradient_async.models.droplet import Droplet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


_FIELDS: Final = ("name", "id", "date")
# A guest that has not shut down after this time probably ignores the request.
DEFAULT_GRACE_SECONDS: Final = 120.0


@frozen(kw_only=True)
class Step:
    """One action of a plan.

    Attributes:
        request: The action.
        template: For a snapshot, the name with its fields in braces.
        is_needed: Checked before anything is sent. If it returns ``False``, the step is done without an action.
        expected_state: The state that the Droplet must be in before the next step, or for the run to be completed;
            ``None`` if the action's end is enough.
        grace: For an action that the guest can ignore: seconds to wait for the state. After that the next step starts,
            in any state.
        only_after: The step runs only if one of these steps, by number, had something to do.
        runs_after_failure: The step runs even if an earlier one failed.
    """

    request: ActionRequest
    template: str | None = None
    is_needed: Callable[[Droplet], bool] | None = field(default=None, eq=False, repr=False)
    expected_state: ExpectedState | None = field(default=None, eq=False, repr=False)
    grace: float | None = None
    only_after: tuple[int, ...] = ()
    runs_after_failure: bool = False

    @property
    def reads_droplet(self) -> bool:
        """Whether the Droplet has to be read before the step."""
        return self.is_needed is not None or self.template is not None

    def request_for(self, droplet: Droplet | None, began_at: datetime) -> ActionRequest:
        """Return the action for one Droplet, with its name filled in if that is a template."""
        if self.template is None or droplet is None:
            return self.request
        return Snapshot(name=fill_in(self.template, name=droplet.name, droplet_id=droplet.id, date=began_at))

    def as_json(self) -> Mapping[str, object]:
        """Return the values that identify the step in a journal."""
        line = dict(action_body(self.request))
        if self.template is not None:
            line["template"] = True
        if self.is_needed is not None:
            line["if_needed"] = True
        if self.expected_state is not None:
            line["goal"] = self.expected_state.text
        return line


@frozen(kw_only=True)
class Plan:
    """The steps for each Droplet, in order.

    Attributes:
        name: The name of the operation, such as ``reboot``.
        steps: The steps.
        is_needed: Checked before the first step. If it returns ``False``, the Droplet is completed without any step.
    """

    name: str
    steps: tuple[Step, ...]
    is_needed: Callable[[Droplet], bool] | None = field(default=None, eq=False, repr=False)

    def as_json(self) -> Mapping[str, object]:
        """Return the values that identify the plan in a journal."""
        return {"name": self.name, "steps": [step.as_json() for step in self.steps]}

    @property
    def grace(self) -> float | None:
        """Seconds that a guest has to shut down; ``None`` if the plan has no shutdown."""
        return next((step.grace for step in self.steps if step.grace is not None), None)

    @property
    def needed_size(self) -> str | None:
        """Slug of the size that a later step needs.

        ``None`` if none does. A single resize needs no check before it: the API refuses it, and nothing changes.
        """
        requests = [step.request for step in self.steps]
        return next((one.size for one in requests if isinstance(one, Resize)), None) if len(requests) > 1 else None

    def continues_after_failure(self, number: int) -> bool:
        """Return whether a later step runs even if this one fails."""
        return any(step.runs_after_failure for step in self.steps[number + 1 :])


def plan_of(action: object, *, until_status: bool) -> Plan:
    """Return the plan for one action.

    Args:
        action: The name of a type, a request, or the class of a request without parameters.
        until_status: Whether a Droplet is completed only in the expected state.

    Raises:
        TypeError: A parameter is missing, or the action is none of the three.
        ValueError: An unknown type.
    """
    action = next((name for name, request_class in ACTION_TYPES.items() if request_class is action), action)
    if action is None:
        raise TypeError("action: missing; pass 'reboot', say, or a request such as Reboot()")
    if isinstance(action, str):
        try:
            request = action_request(None, action, {})
        except ValueError as error:
            raise ValueError(str(error).replace("type:", "action:", 1)) from None
        except TypeError as error:
            raise TypeError(
                f"action: {error}; pass a request such as Resize(size='gpu-h100x8-640gb') or Snapshot(name='nightly')"
            ) from None
    elif isinstance(action, get_args(ActionRequest)):
        request = cast("ActionRequest", action)
    else:
        raise TypeError(
            "action: expected a type's name such as 'reboot', or a request such as Resize(size='gpu-h100x8-640gb'), "
            f"got {type(action).__name__} {action!r:.80}. The action comes first: fleet.run('reboot', [3164444])"
        )
    expected_state = expected_state_of(request) if until_status else None
    return Plan(name=request.type, steps=(Step(request=request, expected_state=expected_state),))


def power_off_plan(*, graceful: bool, grace: float) -> Plan:
    """Return the plan to power off: with a shutdown first, or not. A Droplet that is off is left alone."""
    cut = Step(request=PowerOff(), is_needed=_is_on, expected_state=OFF)
    if not graceful:
        return Plan(name="power_off", steps=(cut,))
    return Plan(name="power_off", steps=(_shutdown_step(grace), cut))


def power_on_plan() -> Plan:
    """Return the plan to power on. A Droplet that is on is left alone."""
    return Plan(name="power_on", steps=(Step(request=PowerOn(), is_needed=_is_off, expected_state=ACTIVE),))


def resize_plan(size: str, *, disk: bool, grace: float) -> Plan:
    """Return the plan to resize: off, resize, and on again if it was on.

    A Droplet that has the size is left alone. If the new size is refused, the Droplet is still powered on again.
    """
    resize = Step(request=Resize(size=size, disk=disk), expected_state=expected_state_of(Resize(size=size)))
    steps = (
        _shutdown_step(grace),
        Step(request=PowerOff(), is_needed=_is_on, expected_state=OFF),
        resize,
        Step(request=PowerOn(), is_needed=_is_off, expected_state=ACTIVE, only_after=(0, 1), runs_after_failure=True),
    )
    return Plan(name="resize", steps=steps, is_needed=None if disk else lambda droplet: droplet.size_slug != size)


def snapshot_plan(name: str) -> Plan:
    """Return the plan for a snapshot whose name is made from a template.

    Raises:
        TypeError: The template is no string.
        ValueError: It is blank, or has an unknown field in braces.
    """
    checked_text("name", name, "{name}-{date}")
    try:
        parts = list(string.Formatter().parse(name))
    except ValueError as error:
        raise ValueError(f"name: expected text with {_allowed()} in it or none, got {name!r:.80} ({error})") from None
    for _, text, form, conversion in parts:
        if text is not None and (text not in _FIELDS or form or conversion):
            field = f"{text}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}"
            raise ValueError(f"name: there is no {{{field}}}; allowed are {_allowed()}, got {name!r:.80}")
    return Plan(name="snapshot", steps=(Step(request=Snapshot(name=name), template=name),))


def off_and_snapshot_plan(name: str, *, grace: float) -> Plan:
    """Off, by asking the guest first, then a snapshot, so that its disk is complete."""
    (snapshot,) = snapshot_plan(name).steps
    return Plan(name="snapshot", steps=(*power_off_plan(graceful=True, grace=grace).steps, snapshot))


def recorded_plan(record: Mapping[str, object], grace: float) -> Plan:
    """Return the plan of a journal.

    Args:
        record: The value of ``Plan.as_json``.
        grace: Seconds that the guest has to shut down, which are not in that value.

    Raises:
        ValueError: This version does not make such a plan.
    """
    try:
        plan = _plan_recorded(record, grace)
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ValueError(f"it is of an action that this version does not know: {_named(record)}") from error
    if plan.as_json() != record:
        raise ValueError(f"it is of an action that this version executes in other steps: {_named(record)}")
    return plan


def _plan_recorded(record: Mapping[str, object], grace: float) -> Plan:
    steps = cast("list[dict[str, object]]", record["steps"])
    name, first = record["name"], steps[0]
    if name == "power_on" and first.get("if_needed"):
        return power_on_plan()
    if name == "power_off" and first.get("if_needed"):
        return power_off_plan(graceful=len(steps) > 1, grace=grace)
    if name == "snapshot" and first.get("template"):
        return snapshot_plan(str(first["name"]))
    if name == "resize" and first["type"] != "resize":
        wanted = next((step for step in steps if step["type"] == "resize"), {})
        return resize_plan(str(wanted["size"]), disk=wanted["disk"] is True, grace=grace)
    parameters = {key: value for key, value in first.items() if key not in {"type", "goal"}}
    return plan_of(action_request(None, first["type"], parameters), until_status="goal" in first)


def _named(record: Mapping[str, object]) -> str:
    """Return the action and its steps, as far as they are in the journal."""
    steps = record.get("steps")
    types = [str(step.get("type")) for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    return f"{record.get('name')!r}" + (
        f" with the steps {', '.join(types)}"
        if len(types) > 1
        else "".join(f" ({one})" for one in types if one != record.get("name"))
    )


def fill_in(template: str, *, name: str, droplet_id: int, date: datetime) -> str:
    """Return a snapshot's name."""
    return template.format(name=name, id=droplet_id, date=date.date().isoformat())


def _shutdown_step(grace: float) -> Step:
    return Step(request=Shutdown(), is_needed=_is_on, expected_state=OFF, grace=grace)


def _is_on(droplet: Droplet) -> bool:
    return not droplet.is_off


def _is_off(droplet: Droplet) -> bool:
    return droplet.is_off


def _allowed() -> str:
    return ", ".join(f"{{{one}}}" for one in _FIELDS)
