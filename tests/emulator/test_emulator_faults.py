"""The selection of requests by faults: pure, without sockets."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from emulator_desk import FIRST, Desk
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.emulator import (
    Behaviour,
    CompletedAtNull,
    DropAfter,
    DropBefore,
    DropletSpec,
    ErroredAction,
    RegionAs,
    ServerError,
    Slow,
    StatusLag,
    UnknownFields,
    UnknownStatus,
)
from gradient_async.emulator.fault_plan import FaultPlan
from gradient_async.emulator.handlers import ROUTES
from gradient_async.emulator.selection import Counts, Fault, Subject, decide

GET = Subject(method="GET", path=f"/v2/droplets/{FIRST}", template="/v2/droplets/{droplet_id}")
POST = Subject(
    method="POST",
    path=f"/v2/droplets/{FIRST}/actions",
    template="/v2/droplets/{droplet_id}/actions",
    action_type="reboot",
)


def pattern(fault: Fault, requests: int, seed: int = 0) -> list[bool]:
    counts, random, met = Counts(), Random(seed), []
    for _ in range(requests):
        meets, counts = decide(fault, counts, GET, random)
        met.append(meets)
    return met


@given(times=st.none() | st.integers(1, 8), skip=st.integers(0, 8), requests=st.integers(0, 30))
def test_fault_applies_to_the_requests_that_it_counts(times: int | None, skip: int, requests: int) -> None:
    met = pattern(DropBefore(times=times, skip=skip), requests)
    end = requests if times is None else skip + times
    assert met == [skip <= index < end for index in range(requests)]


@given(rate=st.floats(0, 1), seed=st.integers(0, 1000))
def test_fault_meets_the_same_requests_when_the_seed_is_the_same(rate: float, seed: int) -> None:
    fault = DropBefore(rate=rate)
    assert pattern(fault, 50, seed) == pattern(fault, 50, seed)


def test_fault_meets_about_its_share_when_given_a_rate() -> None:
    assert 250 < sum(pattern(DropBefore(rate=0.3), 1000)) < 350


def test_times_counts_what_was_met_when_given_a_rate() -> None:
    assert sum(pattern(DropBefore(rate=0.5, times=5), 1000)) == 5


@pytest.mark.parametrize(
    ("route", "get", "post"),
    [
        ("*", True, True),
        ("GET *", True, False),
        ("POST /v2/droplets/{droplet_id}/actions", False, True),
        ("GET /v2/droplets/{droplet_id}", True, False),
        (f"* /v2/droplets/{FIRST}*", True, True),
        (f"POST /v2/droplets/{FIRST + 1}/*", False, False),
        ("get *", False, False),
    ],
)
def test_route_matches_by_template_or_wildcard_when_compared(route: str, get: bool, post: bool) -> None:
    fault = DropBefore(route=route)
    assert (fault.matches(GET), fault.matches(POST)) == (get, post)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_every_route_can_be_named_when_a_fault_is_made(route: Any) -> None:
    assert DropBefore(route=route.key).route == route.key


@pytest.mark.parametrize(
    "wrong",
    [
        {"route": "/v2/actions"},
        {"route": "GET /v2/droplets/{id}"},
        {"route": "POST /v2/actions/{action_id}"},
        {"route": ""},
        {"times": 0},
        {"skip": -1},
        {"rate": 1.5},
        {"rate": -0.1},
    ],
)
@pytest.mark.parametrize("kind", [DropBefore, ErroredAction, CompletedAtNull])
def test_fault_is_refused_when_it_could_never_meet_a_request(kind: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        kind(**wrong)


def test_plan_refuses_when_a_class_is_given_for_a_fault() -> None:
    with pytest.raises(TypeError, match="DropBefore"):
        FaultPlan([DropBefore])  # type: ignore[list-item] # the mistake to be caught


def test_first_of_several_answer_faults_wins() -> None:
    plan = FaultPlan([DropBefore(times=1), ServerError(times=1, route="GET *"), DropAfter(times=1)])
    names = [fault.name if (fault := plan.answer_fault(GET)) else None for _ in range(4)]
    assert names == ["DropBefore", "ServerError", "DropAfter", None]


def test_nothing_is_left_when_the_plan_is_cleared() -> None:
    plan = FaultPlan([DropBefore(), UnknownFields()])
    plan.clear()
    assert list(plan) == []
    assert plan.answer_fault(GET) is None
    assert plan.body_faults(GET) == []


def test_outcomes_add_up_when_several_action_faults_match() -> None:
    desk = Desk(faults=(StatusLag(9), ErroredAction(after=4), ErroredAction(type="snapshot")))
    outcome = desk.act("reboot").exchange.outcome
    assert (outcome.errored, outcome.duration, outcome.lag) == (True, 4, 9)
    assert list(desk.act("reboot").exchange.faults) == ["StatusLag", "ErroredAction"]


def test_action_faults_are_kept_for_refused_requests() -> None:
    desk = Desk(faults=(ServerError(times=1), ErroredAction(times=1)))
    assert desk.act("reboot").status == 500
    assert desk.run("reboot")["status"] == "errored"
    assert desk.run("reboot")["status"] == "completed"


def test_action_faults_pass_over_reads_when_counting() -> None:
    desk = Desk(faults=(ErroredAction(route="*", times=1),))
    desk.get("/v2/actions")
    assert desk.run("reboot")["status"] == "errored"


def test_bulk_actions_err_when_the_fault_meets_the_request() -> None:
    desk = Desk(*[DropletSpec(tags=("t",))] * 3, faults=(ErroredAction(),))
    desk.act_by_tag("t", "power_off")
    desk.clock.advance(10)
    assert {action.status for action in desk.account.actions.values()} == {"completed", "errored"}
    assert [desk.status_of(FIRST + number) for number in range(3)] == ["active"] * 3


def test_completed_at_is_null_only_on_the_droplet_route() -> None:
    desk = Desk(faults=(CompletedAtNull(),))
    action = desk.run("reboot")
    assert action["completed_at"] is not None
    blank = desk.get(f"/v2/droplets/{FIRST}/actions/{action['id']}").data["action"]
    assert (blank["status"], blank["completed_at"]) == ("completed", None)


def test_unknown_status_shows_while_in_progress_when_set() -> None:
    desk = Desk(faults=(UnknownStatus("queued"),))
    assert desk.act("reboot").data["action"]["status"] == "queued"
    assert [action["status"] for action in desk.get("/v2/actions").data["actions"]] == ["queued", "completed"]
    desk.clock.advance(100)
    assert desk.get("/v2/actions").data["actions"][0]["status"] == "completed"


def test_unknown_status_shows_for_any_when_set() -> None:
    desk = Desk(faults=(UnknownStatus("archived", instead_of=None),))
    assert desk.get("/v2/actions").data["actions"][0]["status"] == "archived"


@pytest.mark.parametrize(("form", "region"), [("string", "tor1"), ("null", None), ("absent", "none"), ("object", dict)])
def test_region_changes_its_shape_when_set(form: Any, region: Any) -> None:
    action = Desk(faults=(RegionAs(form),)).act("reboot").data["action"]
    found = action.get("region", "none")
    assert (type(found) if isinstance(found, dict) else found) == region


def test_unknown_fields_are_everywhere_when_set() -> None:
    desk = Desk(DropletSpec(), faults=(UnknownFields(),), behaviour=Behaviour())
    desk.run("snapshot", name="s")
    for target, key in (
        ("/v2/actions", "actions"),
        ("/v2/droplets?type=gpus", "droplets"),
        (f"/v2/droplets/{FIRST}/snapshots", "snapshots"),
    ):
        data = desk.get(target).data
        assert "x_unknown" in data
        assert "x_unknown" in data[key][0]
    assert "x_unknown" in desk.get(f"/v2/droplets/{FIRST}").data["droplet"]


def test_body_faults_leave_refusals_alone() -> None:
    desk = Desk(faults=(UnknownFields(), UnknownStatus(), RegionAs("absent"), CompletedAtNull()))
    assert set(desk.get("/v2/actions/1").data) == {"id", "message", "request_id"}


def test_account_is_not_changed_when_bodies_are() -> None:
    desk = Desk(faults=(RegionAs("absent"), UnknownFields()))
    desk.act("reboot")
    desk.faults.clear()
    assert list(desk.get("/v2/actions").data["actions"][0])[-1] == "region"


def test_error_has_its_own_text_when_given() -> None:
    desk = Desk(faults=(ServerError(422, id="unprocessable_entity", message="Try again."),))
    reply = desk.act("reboot")
    assert (reply.status, reply.data) == (422, {"id": "unprocessable_entity", "message": "Try again."})
    assert desk.account.actions_of(FIRST, "reboot") == ()


@pytest.mark.parametrize(("status", "id"), [(500, "server_error"), (503, "service_unavailable"), (404, "not_found")])
def test_error_has_the_usual_id_when_none_is_given(status: int, id: str) -> None:
    assert Desk(faults=(ServerError(status),)).get("/v2/actions").data["id"] == id


def test_slow_answers_503_when_never_carried_out() -> None:
    desk = Desk(faults=(Slow(0.5, executed="never"),))
    assert desk.act("reboot").status == 503
    assert desk.account.actions_of(FIRST, "reboot") == ()


@pytest.mark.parametrize(
    ("target", "key"),
    [("/v2/sizes", "sizes"), ("/v2/account", "account"), ("/v2/images", "images"), ("/v2/regions", "regions")],
)
def test_unknown_fields_are_in_answers_of_every_group(target: str, key: str) -> None:
    data = Desk(faults=(UnknownFields(),)).get(target).data
    found = data[key][0] if isinstance(data[key], list) else data[key]
    assert found["x_unknown"]["of"] == key.removesuffix("s")
    assert "x_unknown" not in data.get("meta", {})


def test_action_faults_meet_paths_with_slashes_too_many() -> None:
    desk = Desk(faults=(ErroredAction(),))
    action_id = desk.ask("POST", f"/v2/droplets/{FIRST}/actions/", {"type": "reboot"}).data["action"]["id"]
    desk.clock.advance(3)
    assert desk.get(f"/v2/actions/{action_id}").data["action"]["status"] == "errored"
