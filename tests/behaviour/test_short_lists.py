"""Lists that have less than they announce, and lists by tag of Droplets without the tag."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wire_server import Reply, WireRequest, WireServer, created_for, reply

from gradient_async import GradientAIError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from flavours import Flavour


def droplet(id: int, *tags: str) -> dict[str, Any]:
    networks: dict[str, Any] = {"v4": [], "v6": []}
    return {"id": id, "name": f"trainer-{id}", "status": "active", "tags": tags, "networks": networks, "gpu_info": {}}


def page(droplets: Sequence[dict[str, Any]], total: int, **links: str) -> Reply:
    return reply(200, {"droplets": droplets, "links": {"pages": links} if links else {}, "meta": {"total": total}})


def first_page_of(droplets: Sequence[dict[str, Any]], total: int) -> Callable[[WireRequest], Reply]:
    return lambda request: page(droplets if request.query["page"] == "1" else [], total)


ONE = [droplet(8, "t")]
SHORT: dict[str, Callable[[WireRequest], Reply]] = {
    "one-of-five": first_page_of(ONE, 5),
    "none-of-five": first_page_of([], 5),
    "same-page-for-ever": lambda _: page(ONE, 5),
}


@pytest.mark.parametrize("answer", SHORT.values(), ids=SHORT)
async def test_fleet_sends_nothing_when_the_list_by_tag_is_short(
    flavour: Flavour, wire: WireServer, answer: Callable[[WireRequest], Reply]
) -> None:
    wire.script("GET /v2/droplets", answer)
    wire.script("POST", created_for)
    client = flavour.client(wire)
    with pytest.raises(GradientAIError, match=r"the list (is short|repeats itself)"):
        await flavour.call(client.fleet.reboot, tag="t")
    assert wire.sent("POST") == []


async def test_error_names_the_counts_when_a_list_is_short(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET /v2/droplets", first_page_of(ONE, 5))
    client = flavour.client(wire)
    with pytest.raises(GradientAIError, match=r"the list is short: it announces 5 items, and its pages have 1"):
        await flavour.items(client.gpu_droplets.list_all())


async def test_droplet_without_the_tag_is_left_alone_in_a_list_by_tag(
    flavour: Flavour, wire: WireServer, caplog: pytest.LogCaptureFixture
) -> None:
    wire.script("GET /v2/droplets", page([droplet(7, "other", "T"), droplet(8, "t"), droplet(9)], 3))
    wire.script("POST", created_for)
    client = flavour.client(wire)
    report = await flavour.call(client.fleet.reboot, tag="t", wait=False)
    assert sorted(outcome.droplet_id for outcome in report.outcomes) == [8, 9]
    assert "Droplet 7 in the list by tag 't' has the tags 'other', 'T' and not this one" in caplog.text
    assert len(wire.sent("POST")) == 2


async def test_fleet_fails_when_no_droplet_of_the_list_by_tag_has_it(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET /v2/droplets", page([droplet(7, "other")], 1))
    wire.script("POST", created_for)
    client = flavour.client(wire)
    with pytest.raises(GradientAIError, match="no Droplet in the list by tag 't' has this tag"):
        await flavour.call(client.fleet.reboot, tag="t")
    assert wire.sent("POST") == []
