"""An async script of the retired SDK that creates, tags, snapshots and destroys. Only its import has changed.

It was ``from gradient import APIStatusError, AsyncGradient``. Run it from the repository's root, with an account or
with the emulator (see README.md). It makes two Droplets and two snapshots, and destroys all of them:

    python examples/moved_async_script.py
"""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Any

from gradient_async import APIStatusError
from gradient_async import AsyncGradientAI as AsyncGradient

TAG = "nightly"
PAUSE = float(os.environ.get("PAUSE", "5"))


async def finish(actions: Any, action: Any, **owner: Any) -> None:  # noqa: ANN401 - the script had no types
    """Wait for an action on a Droplet or a volume."""
    while action.status == "in-progress":
        await asyncio.sleep(PAUSE)
        action = (await actions.retrieve(action.id, **owner)).action
    if action.status != "completed":
        sys.exit(f"{action.type}: {action.status}")


async def snapshot(droplets: Any, droplet: Any) -> None:  # noqa: ANN401 - the script had no types
    """Shut a Droplet down, and take a snapshot of it."""
    for fields in ({"type": "shutdown"}, {"type": "snapshot", "name": f"{droplet.name}-end"}):
        response = await droplets.actions.initiate(droplet_id=droplet.id, **fields)
        await finish(droplets.actions, response.action, droplet_id=droplet.id)


async def main() -> None:
    """Create, tag, take snapshots and destroy."""
    async with AsyncGradient() as client:
        droplets = client.gpu_droplets
        sizes = (await droplets.sizes.list(per_page=200)).sizes
        fitting = [one for one in sizes if one.gpu_info and "tor1" in one.regions]
        size = min(fitting, key=lambda one: one.price_hourly or 0)
        names = ["nightly-1", "nightly-2"]
        created = await droplets.create(names=names, size=size.slug, image="gpu-h100x1-base", region="tor1")
        for droplet in created.droplets:
            for action in (await droplets.actions.list(droplet_id=droplet.id)).actions:
                await finish(droplets.actions, action, droplet_id=droplet.id)
        print(f"{len(created.droplets)} Droplets are there: {size.slug}")

        await client.post("/v2/tags", cast_to=object, body={"name": TAG})
        resources = [{"resource_id": str(droplet.id), "resource_type": "droplet"} for droplet in created.droplets]
        await client.post(f"/v2/tags/{TAG}/resources", cast_to=object, body={"resources": resources})

        tagged = (await droplets.list(tag_name=TAG, per_page=200)).droplets
        await asyncio.gather(*(snapshot(droplets, droplet) for droplet in tagged))
        page = await droplets.snapshots.list(resource_type="droplet", per_page=200)
        snapshots = [one for one in page.snapshots if one.name in {f"{name}-end" for name in names}]
        print(f"{len(snapshots)} snapshots")

        await droplets.delete_by_tag(tag_name=TAG)
        while (await droplets.list(tag_name=TAG)).droplets:  # noqa: ASYNC110 - the API has no events to wait for
            await asyncio.sleep(PAUSE)
        await asyncio.gather(*(droplets.snapshots.delete(one.id) for one in snapshots))
        await client.delete(f"/v2/tags/{TAG}", cast_to=object)
        try:
            await droplets.retrieve(created.droplets[0].id)
        except APIStatusError as error:
            print(f"{names[0]} is gone: {error.status_code}")


asyncio.run(main())
