"""SSH keys: registered, read by id or fingerprint, renamed, deleted; never registered twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from wire_server import RESET, WireServer, reply

from gradient_async import NotFoundError, UnprocessableEntityError
from gradient_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from flavours import Flavour

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ3V1BNd3dJZ0VwbXlnT2tqb2dOWmVyVXJwb3Jt you@laptop"
FINGERPRINT = "3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45"
KEY = {"id": 512189, "fingerprint": FINGERPRINT, "name": "laptop", "public_key": PUBLIC_KEY}


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(droplets=0) as emulator:
        yield emulator


async def test_key_is_registered_read_renamed_and_deleted(flavour: Flavour, emulator: Emulator) -> None:
    keys = flavour.client(emulator).gpu_droplets.account.keys

    made = (await flavour.call(keys.create, name="laptop", public_key=PUBLIC_KEY)).ssh_key
    assert (made.name, made.public_key) == ("laptop", PUBLIC_KEY)
    assert made.fingerprint is not None
    assert (await flavour.call(keys.retrieve, made.id)).ssh_key == made
    assert (await flavour.call(keys.retrieve, made.fingerprint)).ssh_key == made
    assert (await flavour.call(keys.update, made.id, name="desktop")).ssh_key.name == "desktop"
    with pytest.raises(UnprocessableEntityError):
        await flavour.call(keys.update, made.id)
    assert [key.name for key in await flavour.items(keys.list_all())] == ["desktop"]

    assert await flavour.call(keys.delete, made.id) is None
    with pytest.raises(NotFoundError):
        await flavour.call(keys.retrieve, made.id)
    raw = await flavour.call(keys.with_raw_response.list)
    assert raw.parse().ssh_keys == ()


async def test_key_is_deleted_when_it_is_gone_after_a_lost_answer(flavour: Flavour, wire: WireServer) -> None:
    wire.script("DELETE", RESET, reply(404, {"id": "not_found", "message": "gone"}))
    keys = flavour.client(wire).gpu_droplets.account.keys

    assert await flavour.call(keys.delete, FINGERPRINT) is None

    assert [request.path for request in wire.requests] == [f"/v2/account/keys/{FINGERPRINT.replace(':', '%3A')}"] * 2


async def test_nothing_is_sent_when_an_argument_is_impossible(flavour: Flavour, wire: WireServer) -> None:
    keys = flavour.client(wire).gpu_droplets.account.keys

    with pytest.raises(ValueError, match="public_key: expected text such as 'ssh-ed25519"):
        await flavour.call(keys.create, name="laptop", public_key=" ")
    with pytest.raises(TypeError, match="name: expected a str such as 'laptop', got int 7"):
        await flavour.call(keys.update, 7, name=7)
    with pytest.raises(ValueError, match="ssh_key_identifier: expected a key's id, or its fingerprint"):
        await flavour.call(keys.retrieve, "laptop")

    assert wire.requests == []
