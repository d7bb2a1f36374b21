"""Which actions can be the result of a request, for resources of any kind."""

from __future__ import annotations

import attrs
import pytest
from samples import action

from gradient_async.endpoints.droplet_actions import KIND, trace_of
from gradient_async.http.action_trace import ActionTrace

VOLUME = "506f78a4-e098-11e5-ad9f-000f53306ae1"
VOLUMES = attrs.evolve(KIND, title="volume", suffix="volume", resource_type="")
ATTACH = ActionTrace(VOLUMES, VOLUME, "attach")


@pytest.mark.parametrize(
    ("shown", "is_of_type"),
    [
        ("attach", True),
        ("attach_volume", True),
        ("volume_attach", True),
        ("detach_volume", False),
        ("reattach_volume", False),
        ("resize", False),
    ],
)
def test_type_may_be_shown_with_a_suffix_when_the_kind_has_one(shown: str, is_of_type: bool) -> None:
    assert ATTACH.is_of_type(action(type=shown)) is is_of_type


def test_type_is_shown_as_posted_when_the_kind_has_no_suffix() -> None:
    trace = trace_of(1, "reboot")
    assert trace.is_of_type(action(type="reboot"))
    assert not trace.is_of_type(action(type="reboot_"))


def test_id_is_not_compared_when_the_api_does_not_fix_it() -> None:
    odd = action(type="attach_volume", resource_id=758604968, resource_type="backend")
    assert ATTACH.is_of_kind(odd)
    assert ATTACH.is_of_resource(odd)


def test_id_is_compared_when_the_action_names_its_resource() -> None:
    trace = trace_of(3164444, "reboot")
    assert not trace.is_of_resource(action(resource_id=5))
    assert not trace.is_of_kind(action(resource_type="image"))
    assert trace.is_of_resource(action(resource_id=None))


def test_place_names_the_resource() -> None:
    assert ATTACH.place == f"of volume {VOLUME}"
    assert trace_of(5, "reboot").place == "of Droplet 5"
    assert trace_of(None, "reboot").place == "by tag"


def test_droplet_is_named_only_for_an_action_on_a_droplet() -> None:
    assert trace_of(5, "reboot").droplet_id == 5
    assert ActionTrace(attrs.evolve(KIND, title="image"), 5, "transfer").droplet_id is None


@pytest.mark.parametrize(
    ("shown", "is_exact"),
    [
        ({}, True),
        ({"resource_id": 5}, False),
        ({"resource_id": None}, False),
        ({"type": "power_cycle"}, False),
        ({"resource_type": "image"}, False),
        ({"resource_type": None}, False),
    ],
)
def test_action_is_met_exactly_when_all_fields_are_as_usual(shown: dict[str, object], is_exact: bool) -> None:
    assert trace_of(3164444, "reboot").is_met_exactly_by(action(**shown)) is is_exact
