from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from itertools import combinations
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOON, PARAMETERS, steady_repr

from gradient_async.fleet import plan as plans
from gradient_async.fleet.expected_states import ACTIVE, OFF, expected_state_of
from gradient_async.fleet.plan import Plan, Step, fill_in, plan_of, snapshot_plan
from gradient_async.models.action import Action
from gradient_async.models.action_requests import (
    ActionRequest,
    PowerOff,
    PowerOn,
    Rename,
    Resize,
    Shutdown,
    Snapshot,
)
from gradient_async.models.action_types import ACTION_TYPES, action_request
from gradient_async.models.droplet import Droplet

pytestmark = pytest.mark.once

SIZE = "gpu-h100x8-640gb"
PLAIN = sorted(name for name, (least, _) in PARAMETERS.items() if not least)
NEEDY = sorted(name for name, (least, _) in PARAMETERS.items() if least)
STATUSES = ("new", "active", "off", "archive", "hibernating")


def droplet(**changes: Any) -> Droplet:
    values: dict[str, Any] = {"id": 3164444, "name": "trainer-01", "status": "active", "size_slug": "gpu-h100x1-80gb"}
    return Droplet(**{**values, **changes})


def request_of(action_type: str) -> ActionRequest:
    return action_request(None, action_type, PARAMETERS[action_type][1])


def planned(action: object) -> Plan:
    return plan_of(action, until_status=False)


# --- one action ---


@pytest.mark.parametrize("action_type", PLAIN)
def test_plan_is_the_same_by_name_by_class_or_as_a_request(action_type: str) -> None:
    request = action_request(None, action_type, {})
    plan = planned(action_type)
    assert plan == planned(ACTION_TYPES[action_type]) == planned(request)
    assert plan == Plan(name=action_type, steps=(Step(request=request),))
    assert plan.is_needed is None


@pytest.mark.parametrize("action_type", sorted(PARAMETERS))
def test_plan_keeps_a_request_with_all_its_parameters(action_type: str) -> None:
    request = request_of(action_type)
    (step,) = planned(request).steps
    assert step.request is request
    assert step.request_for(None, NOON) is request
    assert step.request_for(droplet(), NOON) is request


@pytest.mark.parametrize("action_type", sorted(PARAMETERS))
def test_plan_has_an_expected_state_only_until_status(action_type: str) -> None:
    request = request_of(action_type)
    expected = expected_state_of(request)
    (until_action,) = plan_of(request, until_status=False).steps
    (until_status,) = plan_of(request, until_status=True).steps
    assert until_action.expected_state is None
    assert (until_status.expected_state and until_status.expected_state.text) == (expected and expected.text)


@pytest.mark.parametrize("action_type", NEEDY)
@pytest.mark.parametrize("by_class", [False, True], ids=["by name", "by class"])
def test_action_without_its_parameters_is_refused_with_advice(action_type: str, by_class: bool) -> None:
    with pytest.raises(TypeError, match=r"^action: .*missing parameter") as caught:
        planned(ACTION_TYPES[action_type] if by_class else action_type)
    text = str(caught.value)
    assert all(name in text for name in PARAMETERS[action_type][0])
    assert f"'{action_type}' takes" in text
    assert "pass a request such as Resize(size='gpu-h100x8-640gb') or Snapshot(name='nightly')" in text


@pytest.mark.parametrize(
    ("given_name", "meant"), [("rebot", "reboot"), ("power-cycle", "power_cycle"), ("Reboot", "reboot")]
)
def test_unknown_type_is_refused_with_the_one_that_may_be_meant(given_name: str, meant: str) -> None:
    with pytest.raises(ValueError, match=f"there is no action '{given_name}'. Did you mean '{meant}'") as caught:
        planned(given_name)
    assert all(name in str(caught.value) for name in ACTION_TYPES)


@pytest.mark.parametrize("given_name", ["", " ", "destroy", "make it so"])
def test_unknown_type_is_refused_with_all_types(given_name: str) -> None:
    with pytest.raises(ValueError, match=f"there is no action {given_name!r}") as caught:
        planned(given_name)
    assert "Did you mean" not in str(caught.value)
    assert all(name in str(caught.value) for name in ACTION_TYPES)


@pytest.mark.parametrize(
    "junk",
    [
        *(5, True, b"reboot", ["reboot"], {"type": "reboot"}, object(), int, type, Droplet, Action),
        *(Action(id=1, status="completed", type="reboot"), planned, lambda: "reboot"),
    ],
    ids=steady_repr,
)
def test_action_is_refused_when_it_is_nothing_of_the_kind(junk: object) -> None:
    with pytest.raises(TypeError, match=r"^action: expected a type's name such as .reboot., or a request "):
        planned(junk)


def test_refusal_names_the_parameter_when_there_is_no_action() -> None:
    """``fleet.run`` has a parameter ``action``, and none that is called ``type``."""
    with pytest.raises(TypeError, match=r"^action: ") as caught:
        planned(None)
    assert "type=" not in str(caught.value)


def test_refusal_names_the_parameter_when_the_type_is_unknown() -> None:
    with pytest.raises(ValueError, match=r"^action: "):
        planned("rebot")


def test_foreign_class_with_a_type_is_refused() -> None:
    class Event:
        type = "power_off"

    with pytest.raises(TypeError, match=r"^action: expected a type's name such as .reboot., or a request "):
        planned(Event)


# --- several steps ---


def test_power_off_plan_cuts_the_power_only_of_what_is_on() -> None:
    plan = plans.power_off_plan(graceful=False, grace=5)
    (cut,) = plan.steps
    assert (plan.name, cut.request, cut.expected_state, cut.grace) == ("power_off", PowerOff(), OFF, None)
    assert cut.reads_droplet
    assert cut.is_needed is not None
    assert [cut.is_needed(droplet(status=status)) for status in STATUSES] == [True, True, False, True, True]


def test_power_off_plan_asks_the_guest_first_when_it_is_graceful() -> None:
    plan = plans.power_off_plan(graceful=True, grace=5)
    ask, cut = plan.steps
    assert (ask.request, ask.expected_state, ask.grace) == (Shutdown(), OFF, 5)
    assert cut == plans.power_off_plan(graceful=False, grace=1).steps[0]
    for step in plan.steps:
        assert step.is_needed is not None
        assert not step.is_needed(droplet(status="off"))
        assert step.is_needed(droplet(status="active"))


def test_power_on_plan_switches_on_only_what_is_off() -> None:
    plan = plans.power_on_plan()
    (step,) = plan.steps
    assert (plan.name, step.request, step.expected_state) == ("power_on", PowerOn(), ACTIVE)
    assert step.is_needed is not None
    assert [step.is_needed(droplet(status=status)) for status in STATUSES] == [False, False, True, False, False]


def test_resize_plan_powers_off_resizes_and_powers_on() -> None:
    plan = plans.resize_plan(SIZE, disk=False, grace=7)
    assert [step.request for step in plan.steps] == [Shutdown(), PowerOff(), Resize(size=SIZE), PowerOn()]
    assert [step.grace for step in plan.steps] == [7, None, None, None]
    assert [step.runs_after_failure for step in plan.steps] == [False, False, False, True]
    assert [step.only_after for step in plan.steps] == [(), (), (), (0, 1)]
    assert [plan.continues_after_failure(number) for number in range(4)] == [True, True, True, False]
    expected = plan.steps[2].expected_state
    assert expected is not None
    assert expected.is_reached(droplet(size_slug=SIZE))
    assert not expected.is_reached(droplet())


def test_resize_plan_leaves_a_droplet_alone_when_it_has_the_size() -> None:
    plan = plans.resize_plan(SIZE, disk=False, grace=7)
    assert plan.is_needed is not None
    assert not plan.is_needed(droplet(size_slug=SIZE))
    assert plan.is_needed(droplet())
    assert plan.is_needed(droplet(size_slug=None))


def test_resize_plan_checks_no_size_when_the_disk_is_to_grow() -> None:
    """The slug does not show the disk: after a resize without it, a Droplet has the size and the old disk."""
    plan = plans.resize_plan(SIZE, disk=True, grace=7)
    assert plan.is_needed is None
    assert plan.steps[2].request == Resize(size=SIZE, disk=True)


def test_nothing_runs_after_failure_of_a_single_step() -> None:
    assert not planned("reboot").continues_after_failure(0)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{name}-{date}", "trainer-01-2026-11-23"),
        ("{id}", "3164444"),
        ("nightly", "nightly"),
        ("before the upgrade of {name} ({id}) on {date}", "before the upgrade of trainer-01 (3164444) on 2026-11-23"),
        ("{name}{name}", "trainer-01trainer-01"),
        ("{{name}}", "{name}"),
        ("{{{name}}}", "{trainer-01}"),
        ("äöü {id} 日本", "äöü 3164444 日本"),
        ("100%", "100%"),
    ],
)
def test_snapshot_is_named_by_the_fields_of_its_template(template: str, name: str) -> None:
    plan = snapshot_plan(template)
    (step,) = plan.steps
    assert plan.name == "snapshot"
    assert step.reads_droplet
    assert step.request_for(droplet(), NOON) == Snapshot(name=name)


def test_snapshot_has_a_name_without_a_known_droplet() -> None:
    (step,) = snapshot_plan("nightly").steps
    assert step.request_for(None, NOON) == Snapshot(name="nightly")


@pytest.mark.parametrize("hours", [-12, 0, 14])
def test_snapshot_bears_the_date_on_which_the_run_began_in_utc(hours: int) -> None:
    began_at = datetime(2026, 1, 1, 0, 0, tzinfo=UTC).astimezone(timezone(timedelta(hours=hours)))
    assert fill_in("{date}", name="x", droplet_id=1, date=began_at.astimezone(UTC)) == "2026-01-01"


@given(st.from_regex(r"[a-zA-Z0-9.{}\-]{1,40}", fullmatch=True))
def test_snapshot_takes_a_droplets_name_with_braces_as_it_is(name: str) -> None:
    (step,) = snapshot_plan("{name}").steps
    assert step.request_for(droplet(name=name), NOON) == Snapshot(name=name)


@pytest.mark.parametrize(
    "template",
    [
        *("{host}", "{name", "name}", "{", "}", "{}", "{0}", "{ name }", "{NAME}", "{name}{tag}", "{{{host}}}", "{:}"),
        *("{name.__class__}", "{id.real}", "{name.__class__.__mro__}", "{date.year}", "{droplet.name}", "{name!x}"),
        *("{name:d}", "{date:%Y}", "{name.}", "{name.nothing}", "{id.nothing}"),
    ],
)
def test_template_with_other_fields_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"^name: ") as caught:
        snapshot_plan(template)
    assert "{name}, {id}, {date}" in str(caught.value)


@pytest.mark.parametrize("template", ["{name[0]}", "{id[0]}", "{name[x]}", "{date[0]}", "{id[name]}", "{name[]}"])
def test_template_that_takes_a_field_apart_is_refused(template: str) -> None:
    with pytest.raises(ValueError, match=r"^name: ") as caught:
        snapshot_plan(template)
    assert "{name}, {id}, {date}" in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        "{name:{id}}",  # as wide as the id is large: megabytes for each Droplet
        "{name:>{id}}",
        "{name:.{id}}",
        "{name:{host}}",
        "{id:c}",  # the sample's id is a character; no real one is
        "{name:.0}",  # nothing is left of it
    ],
)
def test_template_with_a_format_is_refused_before_the_run(template: str) -> None:
    with pytest.raises(ValueError, match=r"^name: "):
        snapshot_plan(template)


@pytest.mark.parametrize("template", ["", " ", "\n", "\ud800"])
def test_template_is_refused_when_it_is_blank_or_half_a_letter(template: str) -> None:
    with pytest.raises(ValueError, match=r"^name: expected text such as '{name}-{date}', got "):
        snapshot_plan(template)


@pytest.mark.parametrize("template", [None, 5, b"{name}", ["{name}"], True])
def test_template_is_refused_when_it_is_no_text(template: Any) -> None:
    with pytest.raises(TypeError, match=rf"^name: expected a str .*got {type(template).__name__}"):
        snapshot_plan(template)


# --- for the journal ---


def different_plans() -> list[Plan]:
    made = [planned(request_of(action_type)) for action_type in sorted(PARAMETERS)]
    made += [planned(action_request(None, name, least)) for name, (least, full) in PARAMETERS.items() if least != full]
    made += [planned(Snapshot(name="other")), planned(Rename(name="trainer-02")), planned(Resize(size=SIZE))]
    made += [snapshot_plan("{name}"), snapshot_plan("{name}-{date}")]
    made += [plans.power_off_plan(graceful=True, grace=1)]
    made += [plans.resize_plan(SIZE, disk=disk, grace=1) for disk in (False, True)]
    return [*made, plans.resize_plan("gpu-h200x1-141gb", disk=False, grace=1)]


def test_json_is_different_when_plans_are() -> None:
    for first, second in combinations(different_plans(), 2):
        assert first.as_json() != second.as_json()


def test_json_is_the_same_when_it_was_written_and_read() -> None:
    for plan in different_plans():
        assert json.loads(json.dumps(plan.as_json())) == plan.as_json()


def test_json_is_the_same_when_the_plan_is_made_again() -> None:
    first, second = different_plans(), different_plans()
    assert [json.dumps(plan.as_json()) for plan in first] == [json.dumps(plan.as_json()) for plan in second]


def test_json_is_written_as_journals_have_it() -> None:
    """Journals of this version are read by later ones: what stands in them stays."""
    assert planned("reboot").as_json() == {"name": "reboot", "steps": [{"type": "reboot"}]}
    assert snapshot_plan("{name}").as_json() == {
        "name": "snapshot",
        "steps": [{"type": "snapshot", "name": "{name}", "template": True}],
    }
    assert plans.resize_plan(SIZE, disk=True, grace=1).as_json() == {
        "name": "resize",
        "steps": [
            {"type": "shutdown", "if_needed": True, "goal": "status 'off'"},
            {"type": "power_off", "if_needed": True, "goal": "status 'off'"},
            {"type": "resize", "size": SIZE, "disk": True, "goal": f"size {SIZE!r}"},
            {"type": "power_on", "if_needed": True, "goal": "status 'active'"},
        ],
    }


def test_json_is_the_same_when_only_the_patience_differs() -> None:
    first, second = (plans.power_off_plan(graceful=True, grace=grace) for grace in (1, 60))
    assert first.as_json() == second.as_json()


@pytest.mark.parametrize(
    ("checking", "blind"),
    [
        (plans.power_on_plan(), planned("power_on")),
        (plans.power_off_plan(graceful=False, grace=1), planned("power_off")),
        (snapshot_plan("{name}-{date}"), planned(Snapshot(name="{name}-{date}"))),
    ],
    ids=["power_on", "power_off", "snapshot"],
)
def test_json_is_different_when_completed_means_something_else(checking: Plan, blind: Plan) -> None:
    """``fleet.power_on`` waits for the status and leaves alone what is on; ``fleet.run("power_on")`` does neither.

    A snapshot's name is a template in ``fleet.snapshot``, and text in ``fleet.run(Snapshot(...))``.
    """
    assert checking.as_json() != blind.as_json()


# --- expected states ---

_ON = {"active"}
_OFF = {"off"}


@pytest.mark.parametrize(
    ("action_type", "statuses"),
    [
        ("reboot", _ON),
        ("power_cycle", _ON),
        ("power_on", _ON),
        ("password_reset", _ON),
        ("rebuild", _ON),
        ("restore", _ON),
        ("shutdown", _OFF),
        ("power_off", _OFF),
    ],
)
def test_expected_state_of_power_actions_is_a_status(action_type: str, statuses: set[str]) -> None:
    expected = expected_state_of(request_of(action_type))
    assert expected is not None
    assert {status for status in STATUSES if expected.is_reached(droplet(status=status))} == statuses
    assert expected.text == f"status {statuses.copy().pop()!r}"


@pytest.mark.parametrize(
    ("action_type", "features", "reached", "text"),
    [
        ("enable_ipv6", ("ipv6",), True, "the feature 'ipv6'"),
        ("enable_ipv6", ("monitoring", "ipv6", "backups"), True, "the feature 'ipv6'"),
        ("enable_ipv6", (), False, "the feature 'ipv6'"),
        ("enable_ipv6", ("backups", "ipv66"), False, "the feature 'ipv6'"),
        ("enable_backups", ("backups",), True, "the feature 'backups'"),
        ("enable_backups", ("ipv6",), False, "the feature 'backups'"),
        ("disable_backups", ("ipv6",), True, "no feature 'backups'"),
        ("disable_backups", ("ipv6", "backups"), False, "no feature 'backups'"),
    ],
)
def test_expected_state_of_feature_actions_is_the_feature(
    action_type: str, features: tuple[str, ...], reached: bool, text: str
) -> None:
    expected = expected_state_of(request_of(action_type))
    assert expected is not None
    assert expected.text == text
    assert all(expected.is_reached(droplet(features=features, status=status)) is reached for status in STATUSES)


def test_expected_state_is_the_name_when_the_action_renames() -> None:
    expected = expected_state_of(Rename(name="trainer-02"))
    assert expected is not None
    assert expected.text == "name 'trainer-02'"
    assert expected.is_reached(droplet(name="trainer-02"))
    assert not expected.is_reached(droplet(name="trainer-022"))
    assert not expected.is_reached(droplet())


def test_expected_state_is_the_size_when_the_action_resizes() -> None:
    expected = expected_state_of(Resize(size=SIZE))
    assert expected is not None
    assert expected.text == f"size {SIZE!r}"
    assert expected.is_reached(droplet(size_slug=SIZE, status="off"))
    assert not expected.is_reached(droplet())
    assert not expected.is_reached(droplet(size_slug=None))


@pytest.mark.parametrize("action_type", ["snapshot", "change_backup_policy", "change_kernel"])
def test_expected_state_is_none_when_no_field_shows_it(action_type: str) -> None:
    assert expected_state_of(request_of(action_type)) is None


def test_each_action_type_has_its_expected_state_here() -> None:
    without = {"snapshot", "change_backup_policy", "change_kernel"}
    assert {name for name in ACTION_TYPES if expected_state_of(request_of(name)) is None} == without


def test_plan_and_steps_are_frozen_values() -> None:
    plan = planned("reboot")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        plan.name = "destroy"  # type: ignore[misc]  # which is what is proven


# --- what a plan needs ---

GRACEFUL = plans.power_off_plan(graceful=True, grace=7)
RESIZING = plans.resize_plan(SIZE, disk=False, grace=7)


@pytest.mark.parametrize(
    ("plan", "grace"),
    [(GRACEFUL, 7), (RESIZING, 7), (planned("shutdown"), None), (plans.power_on_plan(), None)],
)
def test_grace_is_that_of_the_shutdown(plan: Plan, grace: float | None) -> None:
    assert plan.grace == grace


@pytest.mark.parametrize(
    ("plan", "size"),
    [
        (RESIZING, SIZE),
        (Plan(name="two", steps=(Step(request=Shutdown()), Step(request=Resize(size=SIZE)))), SIZE),
        (planned(Resize(size=SIZE)), None),
        (GRACEFUL, None),
    ],
)
def test_size_is_needed_by_a_later_step_alone(plan: Plan, size: str | None) -> None:
    assert plan.needed_size == size


def test_snapshot_after_power_off_asks_the_guest_first() -> None:
    plan = plans.off_and_snapshot_plan("nightly", grace=7)
    assert [step.request for step in plan.steps] == [Shutdown(), PowerOff(), Snapshot(name="nightly")]
    assert (plan.name, plan.grace) == ("snapshot", 7)


def test_name_of_an_unknown_type_is_shown_as_it_was_given() -> None:
    with pytest.raises(ValueError, match=r"^action: .*'type: reboot'"):
        planned("type: reboot")


# --- plans of journals ---


@pytest.mark.parametrize(
    ("record", "named"),
    [
        ({"name": "melt"}, "'melt'"),
        ({"name": "melt", "steps": "none"}, "'melt'"),
        ({"name": "melt", "steps": [{"type": "melt"}]}, "'melt'"),
        ({"name": "melt", "steps": [{"type": "heat"}]}, "'melt' (heat)"),
        ({"name": "melt", "steps": [{"type": "heat"}, 5, {"type": "melt"}]}, "'melt' with the steps heat, melt"),
        (
            {"name": "melt", "steps": [{"type": "heat"}, {"type": "stir"}, {"type": "melt"}]},
            "'melt' with the steps heat, stir, melt",
        ),
        ({"name": "resize", "steps": [{"type": "heat"}, {"type": "melt"}]}, "'resize' with the steps heat, melt"),
    ],
)
def test_plan_of_a_journal_is_refused_when_it_is_unknown(record: dict[str, Any], named: str) -> None:
    with pytest.raises(ValueError, match=r"^it is of an action that this version does not know: ") as caught:
        plans.recorded_plan(record, 7)
    assert str(caught.value).endswith(f": {named}")


def test_plan_of_a_journal_is_refused_when_its_steps_differ() -> None:
    record = {"name": "resize", "steps": [{"type": "shutdown"}, {"type": "resize", "size": SIZE, "disk": False}]}
    with pytest.raises(ValueError, match=r"executes in other steps: 'resize' with the steps shutdown, resize$"):
        plans.recorded_plan(record, 7)
