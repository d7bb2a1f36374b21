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
