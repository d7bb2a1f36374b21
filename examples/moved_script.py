"""A script of the retired SDK that creates, tags, snapshots and destroys. Only its import has changed.

It was ``from gradient import APIStatusError, Gradient``. Run it from the repository's root, with an account or with the
emulator (see README.md). It makes two Droplets, a volume and two snapshots, and destroys all of them:

    python examples/moved_script.py
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from gradient_sync import APIStatusError
from gradient_sync import GradientAI as Gradient

TAG = "nightly"
PAUSE = float(os.environ.get("PAUSE", "5"))

client = Gradient()
droplets = client.gpu_droplets


def finish(action: Any, **owner: Any) -> None:  # noqa: ANN401 - the script had no types
    """Wait for an action on a Droplet or a volume."""
    actions: Any = droplets.volumes.actions if "volume_id" in owner else droplets.actions
    while action.status == "in-progress":
        time.sleep(PAUSE)
        action = actions.retrieve(action.id, **owner).action
    if action.status != "completed":
        sys.exit(f"{action.type}: {action.status}")


sizes = [size for size in droplets.sizes.list(per_page=200).sizes if size.gpu_info and "tor1" in size.regions]
size = min(sizes, key=lambda one: one.price_hourly or 0)
created = droplets.create(names=["nightly-1", "nightly-2"], size=size.slug, image="gpu-h100x1-base", region="tor1")
for droplet in created.droplets:
    for action in droplets.actions.list(droplet_id=droplet.id).actions:
        finish(action, droplet_id=droplet.id)
    print(f"{droplet.name} is there: {size.slug}")

client.post("/v2/tags", cast_to=object, body={"name": TAG})
resources = [{"resource_id": str(droplet.id), "resource_type": "droplet"} for droplet in created.droplets]
client.post(f"/v2/tags/{TAG}/resources", cast_to=object, body={"resources": resources})

volume = droplets.volumes.create(name="nightly-data", region="tor1", size_gigabytes=10, tags=[TAG]).volume
first = created.droplets[0].id
change = droplets.volumes.actions.initiate_by_id(volume.id, type="attach", droplet_id=first)
finish(change.action, volume_id=volume.id)
print(f"{volume.name} is attached: {droplets.retrieve(first).droplet.volume_ids[0] == volume.id}")

for droplet in droplets.list(tag_name=TAG, per_page=200).droplets:
    finish(droplets.actions.initiate(droplet_id=droplet.id, type="shutdown").action, droplet_id=droplet.id)
    started = droplets.actions.initiate(droplet_id=droplet.id, type="snapshot", name=f"{droplet.name}-end")
    finish(started.action, droplet_id=droplet.id)
page = droplets.snapshots.list(resource_type="droplet", per_page=200)
snapshots = [snapshot for snapshot in page.snapshots if snapshot.name in ("nightly-1-end", "nightly-2-end")]
print(f"{len(snapshots)} snapshots")

change = droplets.volumes.actions.initiate_by_id(volume.id, type="detach", droplet_id=first)
finish(change.action, volume_id=volume.id)
droplets.volumes.delete(volume.id)
droplets.delete_by_tag(tag_name=TAG)
while droplets.list(tag_name=TAG).droplets:
    time.sleep(PAUSE)
for snapshot in snapshots:
    droplets.snapshots.delete(snapshot.id)
client.delete(f"/v2/tags/{TAG}", cast_to=object)
try:
    droplets.retrieve(first)
except APIStatusError as error:
    print(f"{created.droplets[0].name} is gone: {error.status_code}")
