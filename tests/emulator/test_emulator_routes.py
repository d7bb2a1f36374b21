"""The handler of each request, and the answer for a route that is not emulated."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from emulator_desk import FIRST, Desk

from gradient_async.emulator import DropletSpec
from gradient_async.emulator.api_routes import API_ROUTES
from gradient_async.emulator.handlers import GROUPS, ROUTES
from gradient_async.emulator.handlers.resource_group import ResourceGroup, route
from gradient_async.emulator.parameter_kinds import KIND_OF, KINDS, parsed
from gradient_async.emulator.routes import Router

SPECIFICATION = Path(__file__).parents[1] / "contract" / "specification.json"
SOME_UUID = "5a4981aa-9653-4bd1-bef5-d6bff52042e4"
FINGERPRINT = "3b:16:bf:e4:8b:00:8b:b8:59:8c:a9:d3:f0:19:45:fa"
ROUTER = Router(ROUTES)


def test_table_of_routes_is_that_of_the_specification() -> None:
    paths = json.loads(SPECIFICATION.read_text(encoding="utf-8"))["paths"]
    known = {(method.upper(), path) for path, methods in paths.items() for method in methods if method != "parameters"}
    assert {(method, path) for path, methods in API_ROUTES.items() for method in methods} == known


def test_every_parameter_of_the_table_has_a_kind() -> None:
    names = {part[1:-1] for template in API_ROUTES for part in template.split("/") if part.startswith("{")}
    assert names == set(KIND_OF)
    assert set(KIND_OF.values()) <= set(KINDS)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("droplet_id", "3164444", 3164444),
        ("droplet_id", "007", 7),
        ("droplet_id", "0", None),
        ("droplet_id", "null", None),
        ("droplet_id", "9" * 5000, None),
        ("volume_id", SOME_UUID, SOME_UUID),
        ("volume_id", SOME_UUID.upper(), SOME_UUID),
        ("volume_id", "506f78a4", None),
        ("volume_id", "5a4981aa-9653-4bd1-bef5-d6bff52042ez", None),
        ("image_id", "ubuntu-24-04-x64", "ubuntu-24-04-x64"),
        ("image_id", "7555620", 7555620),
        ("image_id", "a b", None),
        ("floating_ip", "45.55.96.47", "45.55.96.47"),
        ("floating_ip", "45.55.96", None),
        ("ssh_key_identifier", FINGERPRINT, FINGERPRINT),
        ("ssh_key_identifier", "512189", 512189),
        ("ssh_key_identifier", "my-key", None),
        ("snapshot_id", "6372321", 6372321),
        ("snapshot_id", SOME_UUID, SOME_UUID),
        ("tag_id", "env:prod", "env:prod"),
        ("tag_id", "no spaces", None),
    ],
)
def test_parameter_is_read_by_its_kind(name: str, text: str, value: Any) -> None:
    assert parsed(name, text) == value


@pytest.mark.parametrize(
    ("method", "path", "template"),
    [
        ("GET", "/v2/volumes/snapshots/" + SOME_UUID, "/v2/volumes/snapshots/{snapshot_id}"),
        ("GET", f"/v2/volumes/{SOME_UUID}/snapshots", "/v2/volumes/{volume_id}/snapshots"),
        ("GET", "/v2/droplets/autoscale", "/v2/droplets/autoscale"),
        ("GET", "/v2/droplets/backups/policies", "/v2/droplets/backups/policies"),
        ("GET", "/v2/projects/default", "/v2/projects/default"),
        ("GET", f"/v2/projects/{SOME_UUID}", "/v2/projects/{project_id}"),
        ("GET", "/v2/account/keys/" + FINGERPRINT.replace(":", "%3A"), "/v2/account/keys/{ssh_key_identifier}"),
        ("GET", "/v2/tags/env%3Aprod", "/v2/tags/{tag_id}"),
        ("GET", "/v2/tags/a%2Fb", None),
        ("GET", "/v2/volumes/snapshots", None),
        ("GET", "/v2/droplets/null", None),
    ],
)
def test_literal_segments_win_over_parameters(method: str, path: str, template: str | None) -> None:
    assert ROUTER.match(method, path).template == template


@pytest.mark.parametrize(
    "path",
    [f"/v2/vpcs/{SOME_UUID}/peerings", "/v2/domains", "/v2/apps/x/y", "/v2/droplet_upgrades"],
)
def test_501_when_only_the_api_has_the_route(path: str) -> None:
    reply = Desk().get(path)
    assert (reply.status, reply.data["id"]) == (501, "not_emulated")
    assert "not emulated" in reply.message
    assert Desk().ask("GET", path, token="other").status == 401


def test_501_names_the_operation_when_it_is_not_emulated() -> None:
    reply = Desk().ask("POST", f"/v2/vpcs/{SOME_UUID}/peerings", {"name": "new"})
    assert reply.status == 501
    assert reply.message.startswith("POST /v2/vpcs/{vpc_id}/peerings is not emulated.")


@pytest.mark.parametrize(
    "path",
    [
        f"/v2/droplets/{FIRST}/",
        f"//v2//droplets/{FIRST}//",
        "/v2/droplets/",
        f"/v2/droplets//{FIRST}/actions/",
        "/v2/actions/",
        "/v2/images/",
        "/v2//images//gpu-amd-base",
        "/v2/account/keys/",
        "/v2/sizes/",
        "/v2/regions/",
        "/v2/firewalls/",
        "/v2/reserved_ips/",
        "/v2/volumes/",
    ],
)
def test_empty_segments_are_ignored_where_the_api_ignores_them(path: str) -> None:
    assert Desk().get(path).status == 200


def test_action_is_started_when_the_path_ends_in_a_slash() -> None:
    assert Desk().ask("POST", f"/v2/droplets/{FIRST}/actions/", {"type": "reboot"}).status == 201


@pytest.mark.parametrize("path", ["/v2/tags/t/", "/v2//tags/t", "/v2/tags/", "/v2/vpcs/", "/v2/load_balancers/"])
def test_404_where_the_api_minds_an_empty_segment(path: str) -> None:
    assert Desk(DropletSpec(tags=("t",))).get(path).status == 404


def test_head_leads_where_a_get_does() -> None:
    assert Desk().ask("HEAD", f"/v2/droplets/{FIRST}").status == 200
    assert Desk().ask("HEAD", "/v2/droplets/1").status == 404
    assert Desk().ask("HEAD", "/v2/droplets/actions").status == 405


def test_router_refuses_a_route_that_the_api_does_not_have() -> None:
    class Wrong(ResourceGroup):
        @route("GET", "/v2/droplets/{droplet_id}/mood", "droplet:read")
        def mood(self, call: Any) -> Any:
            raise AssertionError(call)

    with pytest.raises(ValueError, match="mood"):
        Router(Wrong.ROUTES)
    with pytest.raises(ValueError, match="twice"):
        Router([*ROUTES, ROUTES[0]])


def test_every_group_declares_its_routes() -> None:
    assert all(group.ROUTES for group in GROUPS)
    assert len({one.key for one in ROUTES}) == len(ROUTES)
    assert UUID(SOME_UUID)
