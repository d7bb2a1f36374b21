"""Calls with a misspelt or an empty argument: the error names it, and nothing is sent."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import reply

if TYPE_CHECKING:
    from flavours import Flavour
    from wire_server import WireServer

pytestmark = pytest.mark.once

WANTED = {"name": "trainer", "size": "gpu-h100x1-80gb", "image": "gpu-h100x1-base"}
MISSPELT: dict[str, tuple[str, dict[str, Any], str]] = {
    "region of a create": ("gpu_droplets.create", {**WANTED, "regoin": "tor1"}, r"^regoin: .* mean 'region'\?"),
    "option of a create": ("gpu_droplets.create", {**WANTED, "key_tll": 9}, r"^key_tll: .* mean 'key_ttl'\?"),
    "tag of a list": ("gpu_droplets.list", {"tag": "training"}, r"^tag: .* mean 'tag_name'\?"),
    "size of a volume": (
        "gpu_droplets.volumes.create",
        {"name": "data", "region": "tor1", "size_gigabyte": 10},
        r"^size_gigabyte: .* mean 'size_gigabytes'\?",
    ),
}


@pytest.mark.parametrize(("method", "arguments", "expected"), MISSPELT.values(), ids=MISSPELT)
async def test_parameter_is_suggested_when_its_name_is_misspelt(
    flavour: Flavour, wire: WireServer, method: str, arguments: dict[str, Any], expected: str
) -> None:
    with pytest.raises(TypeError, match=expected):
        await flavour.call(attrgetter(method)(flavour.client(wire)), **arguments)

    assert wire.requests == []


async def test_whole_list_suggests_no_page_when_one_is_given(flavour: Flavour, wire: WireServer) -> None:
    with pytest.raises(TypeError, match=r"^page: unknown parameter\. Options of this method"):
        await flavour.items(flavour.client(wire).gpu_droplets.list_all(page=2))

    assert wire.requests == []


@pytest.mark.parametrize("tag", [None, "", " ", 5, ["training"]], ids=["none", "empty", "blank", "number", "list"])
@pytest.mark.parametrize(
    ("method", "arguments"),
    [("delete_by_tag", {}), ("actions.bulk_initiate", {"type": "power_off"})],
    ids=["destroy", "act"],
)
async def test_nothing_is_sent_to_a_tag_when_there_is_none(
    flavour: Flavour, wire: WireServer, method: str, arguments: dict[str, Any], tag: Any
) -> None:
    wire.script("DELETE", reply(204, None))
    wire.script("POST", reply(201, {"actions": []}))

    with pytest.raises((TypeError, ValueError), match=r"^tag_name: expected"):
        await flavour.call(attrgetter(method)(flavour.client(wire).gpu_droplets), tag_name=tag, **arguments)

    assert wire.requests == []


async def test_error_has_no_other_in_its_context_when_an_id_is_wrong(flavour: Flavour, wire: WireServer) -> None:
    retrieve = flavour.client(wire).gpu_droplets.volumes.retrieve
    for wrong in ("data", "506f78a4-e098-11e5-ad9f-000f53306azz"):
        with pytest.raises(ValueError, match=r"^volume_id: expected a UUID") as caught:
            await flavour.call(retrieve, wrong)
        assert caught.value.__context__ is None or caught.value.__suppress_context__
