"""Calls of the client's methods in the ways that people type them, in both flavours."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async import Resize
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from flavours import Flavour

FIRST = 3164444


def account() -> Emulator:
    return Emulator([DropletSpec(tags=("training",)), DropletSpec(status="off")], time_scale=200.0, limits=None)


async def test_action_starts_when_its_type_has_no_name(flavour: Flavour) -> None:
    async with account() as emulator:
        client = flavour.client(emulator)
        actions = client.gpu_droplets.actions
        started = await flavour.call(actions.initiate, FIRST, "reboot")
        assert (started.action.type, started.action.resource_id) == ("reboot", FIRST)
        waited = await flavour.call(actions.wait, started.action, poll_interval=0.02)
        assert waited.status == "completed"
        read = await flavour.call(client.actions.retrieve, started.action.id)
        assert read.action.id == started.action.id
        assert (await flavour.call(client.gpu_droplets.retrieve, FIRST)).droplet.id == FIRST


@pytest.mark.parametrize("by_class", [True, False])
async def test_action_with_parameters_starts_when_its_type_has_no_name(flavour: Flavour, by_class: bool) -> None:
    async with account() as emulator:
        initiate = flavour.client(emulator).gpu_droplets.actions.initiate
        size = "gpu-h100x8-640gb"
        if by_class:
            started = await flavour.call(initiate, FIRST + 1, Resize(size=size))
        else:
            started = await flavour.call(initiate, FIRST + 1, "resize", size=size)
        assert started.action.type == "resize"


async def test_action_by_tag_starts_when_nothing_has_a_name(flavour: Flavour) -> None:
    async with account() as emulator:
        client = flavour.client(emulator)
        answer = await flavour.call(client.gpu_droplets.actions.bulk_initiate, "training", "power_cycle")
        assert [action.type for action in answer.actions] == ["power_cycle"]


async def test_right_option_is_suggested_when_it_is_misspelt(flavour: Flavour) -> None:
    client = flavour.client(access_token="token")
    with pytest.raises(TypeError, match=r"^tiemout: unknown parameter\. Did you mean 'timeout'\? Options of this"):
        await flavour.call(client.gpu_droplets.retrieve, FIRST, tiemout=5)


@pytest.mark.parametrize(
    ("values", "error", "text"),
    [
        ((FIRST, "restart"), ValueError, "type: there is no action 'restart'. Did you mean 'reboot'?"),
        (("reboot", FIRST), TypeError, "droplet_id: expected an int, got str 'reboot'"),
        ((str(FIRST), "reboot"), TypeError, f"droplet_id: expected an int, got str '{FIRST}'; pass {FIRST}, without"),
        ((SimpleNamespace(id=FIRST), "reboot"), TypeError, "; pass its .id"),
        ((SimpleNamespace(droplet=None), "reboot"), TypeError, "; pass its .droplet.id"),
        ((SimpleNamespace(id=5, resource_id=FIRST), "reboot"), TypeError, "; pass its .resource_id"),
        ((FIRST, Resize), TypeError, "; pass Resize(…)"),
        ((FIRST,), TypeError, "type: missing. Pass a type such as 'reboot', or an action request such as Reboot()"),
    ],
)
async def test_nothing_is_sent_when_a_value_is_of_the_wrong_kind(
    flavour: Flavour, values: tuple[Any, ...], error: type[Exception], text: str
) -> None:
    async with account() as emulator:
        client = flavour.client(emulator)
        with pytest.raises(error, match=re.escape(text)):
            await flavour.call(client.gpu_droplets.actions.initiate, *values)
        assert not emulator.requests
