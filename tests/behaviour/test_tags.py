"""Tags: created, put on resources, counted, taken off and deleted; a lost answer does nothing twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lost_answers import timeout_for
from wire_server import CLOSE, HANG, RESET, WireServer, html, reply

from gradient_async import BadRequestError, NotFoundError, TagResource
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from flavours import Flavour

pytestmark = pytest.mark.once

FIRST = 3164444
LOST = {
    "reset": RESET,
    "close": CLOSE,
    "hang": HANG,
    "500": reply(500, {"id": "server_error", "message": "Unexpected"}),
    "504": html(504),
    "cut off": reply(200, {"tag": {}}, then="close", cut=4),
}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator([DropletSpec(), DropletSpec()]) as emulator:
        yield emulator


async def test_tag_is_made_put_on_droplets_counted_and_deleted(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    tags = client.tags

    made = (await flavour.call(tags.create, name="env:prod")).tag
    assert (made.name, made.resources.count) == ("env:prod", 0)
    await flavour.call(tags.assign_resources, "env:prod", droplet_ids=[FIRST, FIRST + 1])
    found = (await flavour.call(tags.retrieve, "env:prod")).tag.resources
    assert (found.count, found.droplets.count, found.images.count) == (2, 2, 0)
    assert found.droplets.last_tagged_uri.endswith(f"/v2/droplets/{FIRST + 1}")

    droplets = await flavour.items(client.gpu_droplets.list_all(tag_name="env:prod"))
    assert [droplet.id for droplet in droplets] == [FIRST, FIRST + 1]
    resource = TagResource(resource_id=FIRST, resource_type="droplet")
    await flavour.call(tags.unassign_resources, "env:prod", resources=[resource])
    page = await flavour.call(tags.list)
    assert [(tag.name, tag.resources.droplets.count) for tag in page.tags] == [("env:prod", 1)]

    assert await flavour.call(tags.delete, "env:prod") is None
    assert await flavour.items(tags.list_all()) == []
    with pytest.raises(NotFoundError):
        await flavour.call(tags.assign_resources, "env:prod", droplet_ids=[FIRST])


async def test_resources_may_be_dicts_objects_and_droplets_at_once(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", reply(204))
    await flavour.call(
        flavour.client(wire).tags.assign_resources,
        "t",
        resources=[
            {"resource_id": "506f78a4-e098-11e5-ad9f-000f53306ae1", "resource_type": "volume"},
            TagResource(resource_id=7555620, resource_type="image"),
        ],
        droplet_ids=(FIRST,),
    )
    assert wire.requests[0].json == {
        "resources": [
            {"resource_id": "506f78a4-e098-11e5-ad9f-000f53306ae1", "resource_type": "volume"},
            {"resource_id": "7555620", "resource_type": "image"},
            {"resource_id": str(FIRST), "resource_type": "droplet"},
        ]
    }


@pytest.mark.parametrize(
    ("given", "error", "fault"),
    [
        ({}, TypeError, "resources, droplet_ids: expected at least one"),
        ({"droplet_ids": []}, ValueError, "droplet_ids: expected at least 1 items, got 0"),
        ({"resources": []}, ValueError, "resources: expected at least 1 items, got 0"),
        ({"resources": [], "droplet_ids": []}, ValueError, "resources: expected at least 1 items, got 0"),
        ({"droplet_ids": FIRST}, TypeError, "droplet_ids: expected a list, got int"),
        ({"resources": "droplet"}, TypeError, "resources: expected a list, got str"),
        ({"resources": {"resource_id": "1"}}, TypeError, "resources: expected a list, got dict"),
        ({"droplet_ids": [0]}, ValueError, r"droplet_ids\[0\]: .*at least 1"),
        ({"resources": [{"resource_id": "1"}]}, TypeError, r"resources\[0\].resource_type: missing"),
        ({"resources": [{"resource_id": True, "resource_type": "image"}]}, TypeError, r"resources\[0\].resource_id"),
        ({"resources": [{"resource_idd": 1, "resource_type": "image"}]}, TypeError, "Did you mean 'resource_id'"),
    ],
)
async def test_nothing_is_sent_when_the_resources_are_wrong(
    flavour: Flavour, wire: WireServer, given: Mapping[str, Any], error: type[Exception], fault: str
) -> None:
    client = flavour.client(wire)
    for method in (client.tags.assign_resources, client.tags.unassign_resources):
        with pytest.raises(error, match=fault):
            await flavour.call(method, "t", **given)
    assert wire.requests == []


@pytest.mark.parametrize("name", ["two words", "", "a/b", "x" * 256])
async def test_nothing_is_sent_when_the_name_is_no_tag(flavour: Flavour, wire: WireServer, name: str) -> None:
    with pytest.raises(ValueError, match="name: expected"):
        await flavour.call(flavour.client(wire).tags.create, name=name)
    assert wire.requests == []


@pytest.mark.parametrize("lost", LOST)
@pytest.mark.parametrize("method", ["assign_resources", "unassign_resources", "delete"])
async def test_change_is_sent_again_when_its_answer_is_lost(
    flavour: Flavour, wire: WireServer, method: str, lost: str
) -> None:
    verb = "POST" if method == "assign_resources" else "DELETE"
    wire.script(verb, LOST[lost], reply(204))
    given = {} if method == "delete" else {"droplet_ids": [FIRST]}
    await flavour.call(getattr(flavour.client(wire, timeout=timeout_for(lost)).tags, method), "t", **given)
    assert len(wire.requests) == 2
    assert wire.requests[0].body == wire.requests[1].body


async def test_tag_is_deleted_when_it_is_gone_after_a_lost_answer(flavour: Flavour, wire: WireServer) -> None:
    wire.script("DELETE", RESET, reply(404, {"id": "not_found", "message": "gone"}))
    assert await flavour.call(flavour.client(wire).tags.delete, "t") is None


async def test_untagging_fails_for_an_unknown_resource_after_a_loss(flavour: Flavour, wire: WireServer) -> None:
    wire.script("DELETE", RESET, reply(404, {"id": "not_found", "message": "gone"}))
    with pytest.raises(NotFoundError):
        await flavour.call(flavour.client(wire).tags.unassign_resources, "t", droplet_ids=[1])


async def test_error_is_read_when_it_has_the_form_of_the_tag_endpoints(flavour: Flavour, wire: WireServer) -> None:
    causes = ["rpc error: code = InvalidArgument desc = tag-name is too long"]
    wire.script("POST", reply(400, {"error": "tag-name is too long", "messages": None, "root_causes": causes}))
    with pytest.raises(BadRequestError, match="tag-name is too long"):
        await flavour.call(flavour.client(wire).tags.create, name="t")


@pytest.mark.parametrize("lost", LOST)
async def test_tag_is_created_when_the_answer_is_lost(flavour: Flavour, wire: WireServer, lost: str) -> None:
    wire.script("POST", LOST[lost], reply(201, {"tag": {"name": "t"}}))
    made = await flavour.call(flavour.client(wire, timeout=timeout_for(lost)).tags.create, name="t")
    assert made.tag.name == "t"
    assert [request.json for request in wire.requests] == [{"name": "t"}] * 2
