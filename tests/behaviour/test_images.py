"""Images: imported, read, changed and deleted; copied and converted once, even if the answer is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from lost_answers import LOST, SUCCESSES, timeout_for
from wire_server import CLOSE, HANG, RESET, WireServer, action, html, listed, reply

from gradient_async import (
    Action,
    ActionOutcomeUnknownError,
    APIResponseValidationError,
    NotFoundError,
    UnprocessableEntityError,
)
from gradient_async.emulator import DropAfter, DropBefore, DropletSpec, Emulator, ErroredAction
from gradient_async.errors import ActionFailedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

pytestmark = pytest.mark.once

DROPLET = 3164444
IMAGE = 7938269
BASE = {"name": "base", "url": "https://example.com/base.qcow2.gz", "region": "nyc3"}
LOST_DELETIONS = {"reset": RESET, "close": CLOSE, "hang": HANG, "504": html(504), "500": reply(500)}


def on_image(id: int, type: str = "transfer", **changes: Any) -> dict[str, object]:
    return action(id, type=type, **{"resource_id": IMAGE, "resource_type": "image", **changes})


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator([DropletSpec(backups=True, region="nyc3")], time_scale=1000) as emulator:
        yield emulator


async def own_backup(flavour: Flavour, client: Any) -> int:
    (backup_id,) = (await flavour.call(client.gpu_droplets.retrieve, DROPLET)).droplet.backup_ids
    return int(backup_id)


async def test_image_is_imported_changed_and_deleted(flavour: Flavour, emulator: Emulator) -> None:
    images = flavour.client(emulator).gpu_droplets.images
    facts = {"description": "For runs.", "distribution": "Debian", "tags": ["training"]}
    made = (await flavour.call(images.create, **BASE, **facts)).image
    assert (made.name, made.type, made.status, made.tags) == ("base", "custom", "NEW", ("training",))
    emulator.clock.advance(600)
    ready = (await flavour.call(images.retrieve, made.id)).image
    assert (ready.status, ready.regions, ready.distribution) == ("available", ("nyc3",), "Debian")

    changed = (await flavour.call(images.update, made.id, name="base-2", distribution="Plan 9")).image
    assert (changed.name, changed.distribution, changed.description) == ("base-2", "Unknown", "For runs.")
    own = await flavour.items(images.list_all(private=True))
    assert {one.name for one in own} > {"base-2"}
    assert [one.id for one in await flavour.items(images.list_all(tag_name="training"))] == [made.id]

    assert await flavour.call(images.delete, made.id) is None
    assert await flavour.call(images.delete, made.id) is None  # it is deleted already
    with pytest.raises(NotFoundError):
        await flavour.call(images.retrieve, made.id)
    with pytest.raises(NotFoundError):
        await flavour.call(images.delete, 99)


async def test_public_image_is_read_by_its_slug(flavour: Flavour, emulator: Emulator) -> None:
    images = flavour.client(emulator).gpu_droplets.images
    image = (await flavour.call(images.retrieve, "gpu-h100x1-base")).image
    assert (image.slug, image.public) == ("gpu-h100x1-base", True)
    assert (await flavour.call(images.retrieve, image.id)).image == image
    with pytest.raises(NotFoundError):
        await flavour.call(images.update, image.id, name="mine")


async def test_backup_is_copied_and_converted(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    images, image_id = client.gpu_droplets.images, await own_backup(flavour, client)

    begun = await flavour.call(images.actions.create, image_id, type="transfer", region="tor1")
    assert isinstance(begun, Action)
    assert (begun.type, begun.resource_type, begun.resource_id) == ("transfer", "image", image_id)
    assert (await flavour.call(images.actions.retrieve, begun.id, image_id=image_id)).id == begun.id
    await flavour.call(images.actions.wait, begun)
    assert (await flavour.call(images.retrieve, image_id)).image.regions == ("nyc3", "tor1")
    with pytest.raises(UnprocessableEntityError):
        await flavour.call(images.actions.create, image_id, type="transfer", region="tor1")

    converted = await flavour.call(images.actions.create, image_id, type="convert")
    await flavour.call(images.actions.wait, converted.id, image_id=image_id)
    droplet = (await flavour.call(client.gpu_droplets.retrieve, DROPLET)).droplet
    assert (droplet.backup_ids, droplet.snapshot_ids) == ((), (image_id,))
    shown = await flavour.items(images.actions.list_all(image_id))
    assert [one.type for one in shown] == ["convert", "transfer"]
    with pytest.raises(UnprocessableEntityError):
        await flavour.call(images.actions.create, image_id, type="convert")


async def test_wait_raises_when_the_action_errs(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)
    image_id = await own_backup(flavour, client)
    emulator.faults.add(ErroredAction(route="POST /v2/images/{image_id}/actions", after=1.0))
    begun = await flavour.call(client.gpu_droplets.images.actions.create, image_id, type="transfer", region="tor1")
    with pytest.raises(ActionFailedError, match="transfer of image"):
        await flavour.call(client.gpu_droplets.images.actions.wait, begun)


@pytest.mark.parametrize("fault", [DropBefore, DropAfter])
async def test_image_is_copied_once_when_the_answer_is_lost(flavour: Flavour, emulator: Emulator, fault: Any) -> None:
    client = flavour.client(emulator, settle_seconds=0.3)
    image_id = await own_backup(flavour, client)
    emulator.faults.add(fault(route="POST /v2/images/{image_id}/actions", times=1))
    actions = client.gpu_droplets.images.actions
    raw = await flavour.call(actions.with_raw_response.create, image_id, type="transfer", region="tor1")
    started = [one.id for one in emulator.account.actions.values() if one.type == "transfer"]
    assert started == [raw.parse().id]
    assert raw.is_adopted is (fault is DropAfter)


@pytest.mark.parametrize("lost", LOST)
async def test_action_is_adopted_when_the_list_shows_it(flavour: Flavour, wire: WireServer, lost: str) -> None:
    wire.script("POST", LOST[lost]({"action": on_image(7)}))
    wire.script("GET", lambda _: listed([on_image(7), on_image(6, "convert"), on_image(5, age=90_000)]))
    actions = flavour.client(wire, timeout=timeout_for(lost)).gpu_droplets.images.actions
    begun = await flavour.call(actions.create, IMAGE, type="transfer", region="tor1")
    assert begun.id == 7
    assert len(wire.sent("POST")) == 1
    assert {one.path for one in wire.sent("GET")} == {f"/v2/images/{IMAGE}/actions"}


@pytest.mark.parametrize("lost", sorted(LOST.keys() - SUCCESSES))
async def test_action_is_sent_again_when_the_list_shows_none(flavour: Flavour, wire: WireServer, lost: str) -> None:
    answer = {"action": on_image(7)}
    wire.script("POST", LOST[lost](answer), reply(201, answer))
    wire.script("GET", listed([on_image(6, "convert"), on_image(5, age=90_000)]))
    actions = flavour.client(wire, timeout=timeout_for(lost)).gpu_droplets.images.actions
    assert (await flavour.call(actions.create, IMAGE, type="transfer", region="tor1")).id == 7
    assert len(wire.sent("POST")) == 2


async def test_outcome_names_the_image_when_the_list_cannot_be_read(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    wire.script("GET", reply(403, {"id": "forbidden", "message": "no"}))
    actions = flavour.client(wire).gpu_droplets.images.actions
    with pytest.raises(ActionOutcomeUnknownError, match=f"convert of image {IMAGE} may or may not") as caught:
        await flavour.call(actions.create, IMAGE, type="convert")
    assert (caught.value.resource_id, caught.value.droplet_id) == (IMAGE, None)


@pytest.mark.parametrize("is_wrapped", [True, False])
async def test_action_is_read_with_and_without_an_envelope(
    flavour: Flavour, wire: WireServer, is_wrapped: bool
) -> None:
    answer = {"action": on_image(7)} if is_wrapped else on_image(7)
    wire.script("POST", reply(201, answer))
    wire.script("GET", reply(200, answer))
    actions = flavour.client(wire).gpu_droplets.images.actions
    begun = await flavour.call(actions.create, IMAGE, type="transfer", region="tor1")
    assert begun == await flavour.call(actions.retrieve, 7, image_id=IMAGE)
    assert (begun.id, begun.resource_id, begun.region.slug) == (7, IMAGE, "tor1")


async def test_fault_in_an_envelope_is_named_with_its_path(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", reply(200, {"action": on_image(7) | {"status": 3}}))
    actions = flavour.client(wire).gpu_droplets.images.actions
    with pytest.raises(APIResponseValidationError) as caught:
        await flavour.call(actions.retrieve, 7, image_id=IMAGE)
    assert caught.value.fault_path == "$.action.status"


@pytest.mark.parametrize("lost", LOST_DELETIONS)
async def test_image_is_deleted_once_when_the_answer_is_lost(flavour: Flavour, wire: WireServer, lost: str) -> None:
    images = flavour.client(wire, timeout=timeout_for(lost)).gpu_droplets.images
    deleted = {"id": "unprocessable_entity", "message": "Can not delete an already deleted image."}
    for then in (reply(404, {"id": "not_found", "message": "gone"}), reply(422, deleted)):
        wire.script("DELETE", LOST_DELETIONS[lost], then)
        assert await flavour.call(images.delete, IMAGE) is None
    assert len(wire.sent("DELETE")) == 4


@pytest.mark.parametrize("lost", LOST_DELETIONS)
async def test_image_is_changed_again_when_the_answer_is_lost(flavour: Flavour, wire: WireServer, lost: str) -> None:
    images = flavour.client(wire, timeout=timeout_for(lost)).gpu_droplets.images
    wire.script("PUT", LOST_DELETIONS[lost], reply(200, {"image": {"id": IMAGE, "name": "new"}}))
    assert (await flavour.call(images.update, IMAGE, name="new")).image.name == "new"
    assert [one.json for one in wire.sent("PUT")] == [{"name": "new"}] * 2


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"type": "transfer"}, "region: missing; type='transfer' needs it"),
        ({"type": "copy"}, "type: expected one of 'convert', 'transfer', got 'copy'"),
        ({"type": "transfer", "region": 3}, "region: expected"),
    ],
)
async def test_nothing_is_sent_when_the_action_is_impossible(
    flavour: Flavour, wire: WireServer, arguments: dict[str, Any], fault: str
) -> None:
    actions = flavour.client(wire).gpu_droplets.images.actions
    with pytest.raises((TypeError, ValueError), match=fault):
        await flavour.call(actions.create, IMAGE, **arguments)
    assert not wire.requests


@pytest.mark.parametrize("fault", [DropBefore, DropAfter])
async def test_older_image_of_the_name_is_not_the_result(flavour: Flavour, emulator: Emulator, fault: Any) -> None:
    images = flavour.client(emulator, settle_seconds=0.3).gpu_droplets.images
    older = (await flavour.call(images.create, **BASE)).image
    emulator.clock.advance(3600)
    emulator.faults.add(fault(route="POST /v2/images", times=1))
    made = await flavour.call(images.create, **BASE)
    assert made.is_adopted is (fault is DropAfter)
    named = [one.id for one in await flavour.items(images.list_all(private=True)) if one.name == "base"]
    assert named == [older.id, made.image.id]
