"""Parts of a Droplet: its volumes, its VPC and its tags; and callbacks when it is gone."""

from __future__ import annotations

import attrs
import pytest
from emulator_desk import FIRST, Desk

from gradient_async.emulator import DropletSpec
from gradient_async.emulator.droplets import Droplet, default_vpc_id

pytestmark = pytest.mark.once

VOLUME = "506f78a4-e098-11e5-ad9f-000f53306ae1"
VPC = "760e09ef-dc84-11e8-981e-3cfdfeaae000"


def test_droplet_shows_its_volumes_and_its_vpc() -> None:
    desk = Desk()
    shown = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]
    assert (shown["volume_ids"], shown["vpc_uuid"]) == ([], default_vpc_id("tor1"))
    desk.account.change(FIRST, lambda droplet: attrs.evolve(droplet, volume_ids=(VOLUME,), vpc_uuid=VPC))
    shown = desk.get(f"/v2/droplets/{FIRST}").data["droplet"]
    assert (shown["volume_ids"], shown["vpc_uuid"]) == ([VOLUME], VPC)


def test_callback_runs_once_when_a_droplet_leaves() -> None:
    desk = Desk(DropletSpec(), DropletSpec())
    left: list[tuple[int, bool]] = []
    desk.account.on_droplet_removed(lambda droplet_id: left.append((droplet_id, droplet_id in desk.account.droplets)))
    desk.account.remove(FIRST)
    desk.account.remove(FIRST)
    desk.account.destroy(FIRST + 1)
    assert left == [(FIRST, False)]
    desk.clock.advance(60)
    assert not desk.account.droplets
    assert left == [(FIRST, False), (FIRST + 1, False)]


def test_list_by_tag_follows_when_the_tags_change() -> None:
    def tagged(droplet: Droplet, *tags: str) -> Droplet:
        return attrs.evolve(droplet, tags=tags)

    desk = Desk(DropletSpec(tags=("a",)), DropletSpec())
    desk.account.change(FIRST + 1, lambda droplet: tagged(droplet, "b"))
    desk.account.change(FIRST, lambda droplet: tagged(droplet, "b", "c"))
    by_tag = {tag: [droplet.id for droplet in desk.account.tagged(tag)] for tag in "abc"}
    assert by_tag == {"a": [], "b": [FIRST, FIRST + 1], "c": [FIRST]}
    desk.account.change(FIRST, tagged)
    assert [droplet.id for droplet in desk.account.tagged("b")] == [FIRST + 1]
