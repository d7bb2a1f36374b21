"""Projects of the emulator: each resource is in exactly one, and only empty ones can be deleted."""

from __future__ import annotations

from typing import Any

import pytest
from emulator_desk import FIRST, Desk, Reply

from gradient_async.emulator import DropletSpec
from gradient_async.emulator.projects import Assignable, ProjectStore

pytestmark = pytest.mark.once

ML = "Machine learning / AI / Data processing"


def create(desk: Desk, name: str = "training", **more: Any) -> Any:
    return desk.ask("POST", "/v2/projects", {"name": name, "purpose": ML, **more}).data["project"]


def urns(desk: Desk, project_id: str) -> list[str]:
    return [one["urn"] for one in desk.get(f"/v2/projects/{project_id}/resources").data["resources"]]


def assign(desk: Desk, project_id: str, *resources: str) -> Reply:
    return desk.ask("POST", f"/v2/projects/{project_id}/resources", {"resources": list(resources)})


def test_droplets_are_in_the_default_project_from_the_start() -> None:
    desk = Desk(DropletSpec(), DropletSpec())
    default = desk.get("/v2/projects/default").data["project"]
    assert default["is_default"]
    assert urns(desk, default["id"]) == urns(desk, "default") == [f"do:droplet:{FIRST}", f"do:droplet:{FIRST + 1}"]


def test_resource_leaves_its_project_when_it_is_put_into_another() -> None:
    desk = Desk(DropletSpec(), DropletSpec())
    project = create(desk)
    moved = f"do:droplet:{FIRST}"
    for status in ("assigned", "already_assigned"):
        reply = assign(desk, project["id"], moved, "do:droplet:1", "do:planet:mars", "mars")
        assert [one["status"] for one in reply.data["resources"]] == [status, "not_found", "not_found", "not_found"]
    assert urns(desk, project["id"]) == [moved]
    assert urns(desk, "default") == [f"do:droplet:{FIRST + 1}"]
    assign(desk, "default", moved)
    assert urns(desk, project["id"]) == []


def test_project_is_deleted_only_when_it_is_empty() -> None:
    desk = Desk()
    project = create(desk)
    path = f"/v2/projects/{project['id']}"
    assign(desk, project["id"], f"do:droplet:{FIRST}")
    reply = desk.ask("DELETE", path)
    assert (reply.status, reply.data["id"]) == (412, "precondition_failed")
    desk.account.remove(FIRST)
    assert desk.ask("DELETE", path).status == 204
    assert desk.ask("DELETE", path).status == desk.get(path).status == 404
    default = desk.get("/v2/projects/default").data["project"]["id"]
    assert desk.ask("DELETE", f"/v2/projects/{default}").status == 412


def test_resources_stay_when_another_project_becomes_the_default() -> None:
    desk = Desk()
    before = desk.get("/v2/projects/default").data["project"]["id"]
    project = create(desk)
    changed = desk.ask("PATCH", f"/v2/projects/{project['id']}", {"is_default": True}).data["project"]
    assert changed["is_default"]
    assert desk.get("/v2/projects/default").data["project"]["id"] == project["id"]
    assert not desk.get(f"/v2/projects/{before}").data["project"]["is_default"]
    assert urns(desk, before) == [f"do:droplet:{FIRST}"]
    desk.account.add(DropletSpec())
    assert urns(desk, project["id"]) == [f"do:droplet:{FIRST + 1}"]
    assert desk.ask("PATCH", f"/v2/projects/{project['id']}", {"is_default": False}).status == 412


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "training", "purpose": ML}, 409),
        ({"name": "x" * 176, "purpose": ML}, 422),
        ({"name": "x", "purpose": "x" * 256}, 422),
        ({"name": "x"}, 422),
        ({"purpose": ML}, 422),
        ({"name": "x", "purpose": ML, "environment": "Night"}, 422),
        ({"name": "x", "purpose": ML, "description": 3}, 422),
    ],
)
def test_project_is_refused_when_its_body_is_wrong(body: dict[str, Any], status: int) -> None:
    desk = Desk()
    create(desk)
    assert desk.ask("POST", "/v2/projects", body).status == status
    assert len(desk.get("/v2/projects").data["projects"]) == 2


def test_unknown_purpose_is_stored_as_other() -> None:
    desk = Desk()
    project = create(desk, purpose="Weather")
    assert project["purpose"] == "Other: Weather"
    renamed = desk.ask("PATCH", f"/v2/projects/{project['id']}", {"name": "serving"}).data["project"]
    assert (renamed["name"], renamed["purpose"]) == ("serving", "Other: Weather")


def test_put_is_refused_when_a_field_is_missing() -> None:
    desk = Desk()
    project = create(desk)
    whole = {"name": "a", "description": "", "purpose": ML, "environment": "Staging", "is_default": False}
    for name in whole:
        body = {key: value for key, value in whole.items() if key != name}
        assert desk.ask("PUT", f"/v2/projects/{project['id']}", body).status == 422
    assert desk.ask("PUT", f"/v2/projects/{project['id']}", whole).status == 200


def test_volume_is_in_a_project_until_it_is_deleted() -> None:
    desk = Desk()
    body = {"name": "data", "region": "tor1", "size_gigabytes": 1}
    volume_id = desk.ask("POST", "/v2/volumes", body).data["volume"]["id"]
    project = create(desk)
    assert f"do:volume:{volume_id}" in urns(desk, "default")
    assign(desk, project["id"], f"do:volume:{volume_id}")
    assert urns(desk, project["id"]) == [f"do:volume:{volume_id}"]
    desk.ask("DELETE", f"/v2/volumes/{volume_id}")
    assert urns(desk, project["id"]) == []
    assert assign(desk, project["id"], f"do:volume:{volume_id}").data["resources"][0]["status"] == "not_found"


def test_other_kinds_are_in_projects_when_they_are_registered() -> None:
    desk = Desk()
    store = desk.account.part(ProjectStore)
    planets = ["mars", "venus"]
    kind = Assignable(
        kind="planet", path="/v2/planets/{}", scope="planet:read", ids=lambda: planets, has=planets.__contains__
    )
    store.register(kind)
    project = create(desk)
    assign(desk, project["id"], "do:planet:mars")
    assert urns(desk, project["id"]) == ["do:planet:mars"]
    assert urns(desk, "default") == [f"do:droplet:{FIRST}", "do:planet:venus"]
    assert store.project_of("planet", "mars") == project["id"]
    store.forget("planet", "mars")
    assert urns(desk, project["id"]) == []


def test_resources_are_hidden_when_the_token_does_not_see_them() -> None:
    desk = Desk(scopes={"project:read", "project:assign_resource"})
    assert urns(desk, "default") == []
    assert assign(desk, "default", f"do:droplet:{FIRST}").status == 403
