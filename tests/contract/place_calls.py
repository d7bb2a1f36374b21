"""Calls of the methods of tags, projects and VPCs with their bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gradient_async import TagResource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from emulator_visits import Visitor

DROPLET_ID: Final = 3164444
TAG: Final = "env:prod"
UUID: Final = "506f78a4-e098-11e5-ad9f-000f53306ae1"


def place_calls() -> Iterator[Mapping[str, Any]]:
    """Return the calls that change something."""
    yield from _tag_calls()
    yield from _project_calls()
    yield from _vpc_calls()


def _tag_calls() -> Iterator[Mapping[str, Any]]:
    yield {
        "method": "tags.create",
        "arguments": {"name": TAG},
        "operations": ("tags_create",),
        "bodies": ({"name": TAG},),
    }
    yield {"method": "tags.delete", "arguments": {"tag_id": TAG}, "operations": ("tags_delete",)}
    volume = {"resource_id": UUID, "resource_type": "volume"}
    droplet = {"resource_id": str(DROPLET_ID), "resource_type": "droplet"}
    droplet_resource = TagResource(resource_id=DROPLET_ID, resource_type="droplet")
    for method in ("assign_resources", "unassign_resources"):
        for given, sent in (
            ({"resources": [droplet_resource, volume]}, [droplet, volume]),
            ({"droplet_ids": [DROPLET_ID]}, [droplet]),
        ):
            yield {
                "method": f"tags.{method}",
                "arguments": {"tag_id": TAG, **given},
                "operations": (f"tags_{method}",),
                "bodies": ({"resources": sent},),
            }


def _project_calls() -> Iterator[Mapping[str, Any]]:
    project = {"name": "my-web-api", "purpose": "Service or API", "description": "", "environment": "Production"}
    yield {
        "method": "projects.create",
        "arguments": project,
        "operations": ("projects_create",),
        "bodies": (project,),
    }
    for project_id, operation in ((UUID, "projects_patch"), ("default", "projects_patch_default")):
        yield {
            "method": "projects.update",
            "arguments": {"project_id": project_id, **project, "is_default": True},
            "operations": (operation,),
            "bodies": ({**project, "is_default": True},),
        }
    yield {"method": "projects.delete", "arguments": {"project_id": UUID}, "operations": ("projects_delete",)}
    yield {
        "method": "projects.retrieve",
        "arguments": {"project_id": "default"},
        "operations": ("projects_get_default",),
    }
    volume, droplet = f"do:volume:{UUID}", f"do:droplet:{DROPLET_ID}"
    others = ["do:floatingip:45.55.96.47", f"do:loadbalancer:{UUID}"]
    for project_id, operation in (
        (UUID, "projects_assign_resources"),
        ("default", "projects_assign_resources_default"),
    ):
        for given, sent in (
            ({"resources": [droplet, volume]}, [droplet, volume]),
            ({"resources": others}, others),
            ({"droplet_ids": [DROPLET_ID]}, [droplet]),
        ):
            yield {
                "method": "projects.assign_resources",
                "arguments": {"project_id": project_id, **given},
                "operations": (operation,),
                "bodies": ({"resources": sent},),
            }


def _vpc_calls() -> Iterator[Mapping[str, Any]]:
    vpc = {"name": "env.prod-vpc", "region": "tor1", "description": "For training.", "ip_range": "10.10.10.0/24"}
    yield {"method": "vpcs.create", "arguments": vpc, "operations": ("vpcs_create",), "bodies": (vpc,)}
    changes = {"name": "env.prod-vpc", "description": "", "default": True}
    yield {
        "method": "vpcs.update",
        "arguments": {"vpc_id": UUID, **changes},
        "operations": ("vpcs_patch",),
        "bodies": (changes,),
    }
    yield {"method": "vpcs.delete", "arguments": {"vpc_id": UUID}, "operations": ("vpcs_delete",)}


async def visit_projects_and_vpcs(visitor: Visitor) -> None:
    """Visit all operations of the emulator on projects and VPCs."""
    project = {"name": "training", "purpose": "Training", "description": "", "environment": "Staging"}
    vpc = {"name": "training", "region": "tor1", "ip_range": "10.10.10.0/24"}
    made = [await visitor.ask("POST", f"/v2/{plural}", body) for plural, body in (("projects", project), ("vpcs", vpc))]
    kinds = ("project", "vpc")
    project_id, vpc_id = (
        ((reply.data or {}).get(kind) or {"id": UUID})["id"] for reply, kind in zip(made, kinds, strict=True)
    )
    whole = {**project, "is_default": False}
    resources = {"resources": [f"do:droplet:{DROPLET_ID}", "do:droplet:1", f"do:droplet:{DROPLET_ID}"]}
    for method, path, body in (
        ("POST", "/v2/projects", project),
        ("GET", "/v2/projects?per_page=1", None),
        ("GET", f"/v2/projects/{project_id}", None),
        ("PUT", f"/v2/projects/{project_id}", whole),
        ("PATCH", f"/v2/projects/{project_id}", {"name": "serving"}),
        ("POST", f"/v2/projects/{project_id}/resources", resources),
        ("GET", f"/v2/projects/{project_id}/resources", None),
        ("DELETE", f"/v2/projects/{project_id}", None),
        ("GET", "/v2/projects/default", None),
        ("GET", "/v2/projects/default/resources?per_page=1", None),
        ("PATCH", "/v2/projects/default", {"description": "Everything else."}),
        ("PUT", "/v2/projects/default", {**whole, "name": "default", "is_default": True}),
        ("POST", "/v2/projects/default/resources", resources),
        ("DELETE", f"/v2/projects/{project_id}", None),
        ("GET", "/v2/vpcs", None),
        ("GET", f"/v2/vpcs/{vpc_id}", None),
        ("PUT", f"/v2/vpcs/{vpc_id}", {"name": "serving"}),
        ("PATCH", f"/v2/vpcs/{vpc_id}", {"description": "For serving."}),
        ("GET", f"/v2/vpcs/{vpc_id}/members", None),
        ("DELETE", f"/v2/vpcs/{vpc_id}", None),
        ("DELETE", f"/v2/vpcs/{vpc_id}", None),
    ):
        await visitor.ask(method, path, body)
