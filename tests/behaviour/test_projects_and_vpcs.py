"""Projects and VPCs: created, changed, filled and deleted; a lost answer does nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lost_answers import timeout_for
from wire_server import CLOSE, HANG, RESET, WireServer, html, reply

from gradient_async import APIStatusError, NotFoundError, PermissionDeniedError
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from flavours import Flavour

pytestmark = pytest.mark.once

FIRST = 3164444
UUID = "506f78a4-e098-11e5-ad9f-000f53306ae1"
PURPOSE = "Machine learning / AI / Data processing"
LOST = {
    "reset": RESET,
    "close": CLOSE,
    "hang": HANG,
    "500": reply(500, {"id": "server_error", "message": "Unexpected"}),
    "504": html(504),
    "cut off": reply(200, {"project": {}}, then="close", cut=4),
}
PROJECT = {"project": {"id": UUID}}
VPC = {"vpc": {"id": UUID}}
# Methods whose request is sent again, with the answer to the second one.
REPEATED: Mapping[str, tuple[str, Mapping[str, Any], Any]] = {
    "projects.update": ("PATCH", {"name": "a"}, reply(200, PROJECT)),
    "projects.delete": ("DELETE", {}, reply(204)),
    "projects.assign_resources": ("POST", {"droplet_ids": [FIRST]}, reply(200, {"resources": []})),
    "vpcs.update": ("PATCH", {"name": "a"}, reply(200, VPC)),
    "vpcs.delete": ("DELETE", {}, reply(204)),
}


def method_of(client: Any, name: str) -> Any:
    group, method = name.split(".")
    return getattr(getattr(client, group), method)


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator([DropletSpec(), DropletSpec()]) as emulator:
        yield emulator


async def test_project_is_created_filled_emptied_and_deleted(flavour: Flavour, emulator: Emulator) -> None:
    projects = flavour.client(emulator).projects

    made = (await flavour.call(projects.create, name="training", purpose=PURPOSE, environment="Staging")).project
    assert (made.name, made.environment, made.is_default) == ("training", "Staging", False)
    assigned = await flavour.call(projects.assign_resources, made.id, droplet_ids=[FIRST, 1])
    assert [(one.kind, one.id, one.status) for one in assigned.resources] == [
        ("droplet", str(FIRST), "assigned"),
        ("droplet", "1", "not_found"),
    ]
    assert [one.urn for one in await flavour.items(projects.list_all_resources(made.id))] == [f"do:droplet:{FIRST}"]
    with pytest.raises(APIStatusError, match="412"):
        await flavour.call(projects.delete, made.id)

    await flavour.call(projects.assign_resources, "default", resources=[f"do:droplet:{FIRST}"])
    changed = (await flavour.call(projects.update, made.id, description="For training.")).project
    assert (changed.name, changed.description) == ("training", "For training.")
    assert (await flavour.call(projects.retrieve, made.id)).project == changed
    assert (await flavour.call(projects.retrieve, "default")).project.is_default
    assert await flavour.call(projects.delete, made.id) is None
    assert [project.is_default for project in await flavour.items(projects.list_all())] == [True]


async def test_reprs_are_one_short_line(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    tag = (await flavour.call(client.tags.create, name="t")).tag
    project = (await flavour.call(client.projects.retrieve, "default")).project
    vpc = await flavour.first(client.vpcs.list_all())
    assert repr(tag) == "Tag(name='t', 0 resources)"
    assert repr(project) == f"Project(id='{project.id}', name='first-project', is_default=True)"
    assert repr(vpc).startswith(f"VPC(id='{vpc.id}', name='default-")
    assert len(repr(vpc)) < 160


async def test_vpc_is_created_changed_and_deleted(flavour: Flavour, emulator: Emulator) -> None:
    vpcs = flavour.client(emulator).vpcs

    made = (await flavour.call(vpcs.create, name="training", region="tor1", ip_range="10.10.10.0/24")).vpc
    assert (made.ip_range, made.default) == ("10.10.10.0/24", False)
    assert (await flavour.call(vpcs.update, made.id, description="x")).vpc.description == "x"
    (default,) = [vpc for vpc in await flavour.items(vpcs.list_all()) if vpc.region == "tor1" and vpc.default]
    members = await flavour.items(vpcs.list_all_members(default.id, resource_type="droplet"))
    assert [member.name for member in members] == [f"gpu-{FIRST}", f"gpu-{FIRST + 1}"]
    with pytest.raises(PermissionDeniedError) as refused:
        await flavour.call(vpcs.delete, default.id)
    assert "cannot be deleted" in str(refused.value)
    assert "token" not in str(refused.value)  # it is no missing scope
    assert await flavour.call(vpcs.delete, made.id) is None
    with pytest.raises(NotFoundError):
        await flavour.call(vpcs.retrieve, made.id)


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("name", REPEATED)
async def test_change_is_sent_again_when_its_answer_is_lost(
    flavour: Flavour, wire: WireServer, name: str, lost: str
) -> None:
    verb, given, answer = REPEATED[name]
    wire.script(verb, LOST[lost], answer)
    await flavour.call(method_of(flavour.client(wire, timeout=timeout_for(lost)), name), UUID, **given)
    assert len(wire.requests) == 2
    assert wire.requests[0].body == wire.requests[1].body


@pytest.mark.parametrize(
    ("name", "arguments", "given", "error", "fault"),
    [
        ("projects.update", (UUID,), {}, ValueError, "at least one of name, description"),
        ("projects.update", ("first",), {"name": "a"}, ValueError, "project_id: expected a UUID"),
        ("projects.delete", ("default",), {}, ValueError, "project_id: expected a UUID"),
        ("projects.create", (), {"name": "x" * 176, "purpose": "p"}, ValueError, "name: expected from 1 to 175"),
        ("projects.create", (), {"name": "x", "purpose": "p", "description": "x" * 256}, ValueError, "description:"),
        ("projects.assign_resources", (UUID,), {}, TypeError, "resources, droplet_ids: expected at least one"),
        ("projects.assign_resources", (UUID,), {"droplet_ids": []}, ValueError, "^droplet_ids: expected at least 1"),
        ("projects.assign_resources", (UUID,), {"resources": ["7"]}, ValueError, r"resources\[0\]: expected a URN"),
        ("projects.assign_resources", (UUID,), {"resources": "do:droplet:7"}, TypeError, "resources: expected a list"),
        ("projects.assign_resources", (UUID,), {"droplet_ids": ["x"]}, TypeError, r"droplet_ids\[0\]: expected an int"),
        ("vpcs.update", (UUID,), {}, ValueError, "at least one of name, description and default"),
        ("vpcs.create", (), {"name": "a b", "region": "tor1"}, ValueError, "name: expected only the characters"),
        ("vpcs.create", (), {"name": "a", "region": "tor1", "ip_range": "x"}, ValueError, "ip_range: expected an IPv4"),
    ],
)
async def test_nothing_is_sent_when_the_arguments_are_wrong(
    flavour: Flavour,
    wire: WireServer,
    name: str,
    arguments: tuple[str, ...],
    given: Mapping[str, Any],
    error: type[Exception],
    fault: str,
) -> None:
    with pytest.raises(error, match=fault):
        await flavour.call(method_of(flavour.client(wire), name), *arguments, **given)
    assert wire.requests == []
