"""Waits for actions on Droplets, volumes and images together: ``client.actions.wait``, with shared polls (P3)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async import ActionTimeoutError
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from flavours import Flavour

pytestmark = pytest.mark.once

DROPLET = 3164444


async def started(flavour: Flavour, client: Any, count: int = 1) -> list[Any]:
    """Actions on Droplets, on volumes and on images."""
    droplets, actions = client.gpu_droplets, []
    for number in range(count):
        droplet_id = DROPLET + number
        backup = (await flavour.call(droplets.retrieve, droplet_id)).droplet.backup_ids[0]
        begun = await flavour.call(droplets.actions.initiate, droplet_id=droplet_id + count, type="reboot")
        volume = await flavour.call(droplets.volumes.create, name=f"data-{number}", region="nyc3", size_gigabytes=1)
        attach = {"type": "attach", "droplet_id": droplet_id}
        attached = await flavour.call(droplets.volumes.actions.initiate_by_id, volume.volume.id, **attach)
        copied = await flavour.call(droplets.images.actions.create, backup, type="transfer", region="tor1")
        actions += [begun.action, attached.action, copied]
    return actions


async def test_actions_of_all_kinds_are_waited_for_in_one_call(flavour: Flavour) -> None:
    specs = [DropletSpec(region="nyc3", backups=True)] * 2
    async with Emulator(specs, time_scale=1000) as emulator:
        client = flavour.client(emulator)
        actions = await started(flavour, client)
        ended = await flavour.call(client.actions.wait, actions)
        assert [one.id for one in ended] == [one.id for one in actions]
        assert {one.type for one in ended if one.is_completed} == {"reboot", "attach_volume", "transfer"}
        one = await flavour.call(client.actions.wait, actions[1].id)
        assert (one.id, one.status) == (actions[1].id, "completed")


async def test_many_waits_of_all_kinds_share_their_polls(flavour: Flavour) -> None:
    if flavour.name != "async":
        pytest.skip("the sync client runs the same coroutines")
    specs = [DropletSpec(region="nyc3", backups=True)] * 20
    async with Emulator(specs, limits=None, durations={"transfer": 1, "attach_volume": 1, "reboot": 1}) as emulator:
        client = flavour.client(emulator)
        actions = await started(flavour, client, 10)
        before = len(emulator.requests)
        waits = [client.actions.wait(one, poll_interval=0.2) for one in actions[:10]]
        waits += [client.gpu_droplets.volumes.actions.wait(one, poll_interval=0.2) for one in actions[10:20]]
        waits += [client.gpu_droplets.images.actions.wait(one, poll_interval=0.2) for one in actions[20:]]
        ended = await asyncio.gather(*waits)
        assert all(one.is_completed for one in ended)
        # About six rounds of one list and one single read; thirty single waits would take 180 requests.
        assert len(emulator.requests) - before <= 30


async def test_timeout_carries_the_action_as_last_read(flavour: Flavour) -> None:
    async with Emulator([DropletSpec(region="nyc3", backups=True)] * 2, durations={"transfer": 900}) as emulator:
        client = flavour.client(emulator)
        copied = (await started(flavour, client))[2]
        with pytest.raises(ActionTimeoutError, match="transfer of image") as caught:
            await flavour.call(client.actions.wait, copied, timeout=0.5, poll_interval=0.1)
        assert caught.value.action.id == copied.id
