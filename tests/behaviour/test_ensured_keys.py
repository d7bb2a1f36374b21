"""SSH keys are registered once: found by their fingerprint, adopted under any name, also when others register them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from wire_server import RESET, Reply, WireServer, reply

from gradient_async import APIConnectionError, InternalServerError, PermissionDeniedError, UnprocessableEntityError
from gradient_async.emulator import Emulator
from gradient_async.public_keys import parsed

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from flavours import Flavour

pytestmark = pytest.mark.once

TEXT = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGcJx0g0tG2R0mXjXqvZg7fQ3hC1mWZ0n2y8t9yZKq1H"
FINGERPRINT = "17:38:2c:cb:22:6c:32:2a:6e:0f:d4:fc:1a:d4:5b:f3"
KEY: dict[str, Any] = {"id": 7, "fingerprint": FINGERPRINT, "name": "old", "public_key": f"{TEXT} other comment"}
GONE = reply(404, {"id": "not_found", "message": "gone"})
IN_USE = reply(422, {"id": "unprocessable_entity", "message": "SSH Key is already in use on your account"})
NO_KEYS = reply(200, {"ssh_keys": [], "meta": {"total": 0}})
ONE = f"/v2/account/keys/{FINGERPRINT.replace(':', '%3A')}"


@pytest.fixture
async def emulator() -> AsyncIterator[Emulator]:
    async with Emulator(droplets=0, limits=None) as emulator:
        yield emulator


async def test_key_is_registered_once(flavour: Flavour, emulator: Emulator) -> None:
    client = flavour.client(emulator)

    made = await flavour.call(client.account.keys.ensure, f"{TEXT} me@laptop")
    assert (made.name, made.fingerprint, made.public_key) == ("me@laptop", FINGERPRINT, f"{TEXT} me@laptop")

    again = await flavour.call(client.gpu_droplets.account.keys.ensure, f"  {TEXT} another\n", name="desktop")
    assert again == made
    assert [one.method for one in emulator.requests] == ["GET", "POST", "GET"]


@pytest.mark.parametrize(("name", "expected"), [(None, FINGERPRINT), ("laptop", "laptop")])
async def test_new_key_has_a_name(flavour: Flavour, emulator: Emulator, name: str | None, expected: str) -> None:
    assert (await flavour.call(flavour.client(emulator).account.keys.ensure, TEXT, name=name)).name == expected


async def test_key_is_read_from_its_file(
    flavour: Flavour, emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = flavour.client(emulator).account.keys
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "id.pub").write_text(f"{TEXT} me@laptop\n", encoding="utf-8")

    made = await flavour.call(keys.ensure, "~/id.pub")

    assert made.name == "me@laptop"
    assert await flavour.call(keys.ensure, tmp_path / "id.pub") == made
    with pytest.raises(FileNotFoundError):
        await flavour.call(keys.ensure, "missing.pub")


async def test_key_of_another_process_is_adopted(flavour: Flavour, wire: WireServer) -> None:
    wire.script(f"GET {ONE}", GONE, GONE, reply(200, {"ssh_key": KEY}))
    wire.script("GET /v2/account/keys", NO_KEYS)
    wire.script("POST", IN_USE)

    assert (await flavour.call(flavour.client(wire).account.keys.ensure, TEXT)).name == "old"
    assert len(wire.sent("POST")) == 1


async def test_key_is_found_on_a_later_page(flavour: Flavour, wire: WireServer) -> None:
    others = [KEY | {"id": number, "fingerprint": "aa", "public_key": "ssh-rsa AAAA"} for number in range(200)]
    wire.script(f"GET {ONE}", GONE)
    wire.script(
        "GET /v2/account/keys",
        reply(200, {"ssh_keys": others}),
        reply(200, {"ssh_keys": [KEY | {"fingerprint": "bb"}]}),
    )
    wire.script("POST", IN_USE)

    assert (await flavour.call(flavour.client(wire).account.keys.ensure, TEXT)).id == 7
    assert [one.query.get("page") for one in wire.sent("GET") if one.query] == ["1", "2"]


async def test_key_is_found_when_the_answer_was_lost(flavour: Flavour, wire: WireServer) -> None:
    wire.script(f"GET {ONE}", GONE, reply(200, {"ssh_key": KEY}))
    wire.script("GET /v2/account/keys", reply(200, {"ssh_keys": [KEY]}))
    wire.script("POST", RESET)

    assert (await flavour.call(flavour.client(wire).account.keys.ensure, TEXT)).name == "old"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (IN_USE, UnprocessableEntityError),
        (reply(422, {"id": "unprocessable_entity", "message": "Key invalid"}), UnprocessableEntityError),
        (reply(403, {"id": "forbidden", "message": "no"}), PermissionDeniedError),
        (RESET, APIConnectionError),
        (reply(500, {}), InternalServerError),
    ],
)
async def test_error_is_raised_when_no_list_shows_the_key(
    flavour: Flavour, wire: WireServer, answer: Reply, error: type[Exception]
) -> None:
    wire.script("GET", GONE)
    wire.script("GET /v2/account/keys", NO_KEYS)
    wire.script("POST", answer)

    with pytest.raises(error):
        await flavour.call(flavour.client(wire, max_retries=1).account.keys.ensure, TEXT)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXk\n", "got a private key. It was not sent"),
        ("ssh-ed25519", "without a type and data"),
        (f"{TEXT}\n{TEXT}", "got 2 lines"),
        ("", "got 0 lines"),
        ("ssh-ed25519 AAAA!", "not a key of the type 'ssh-ed25519'"),
        (TEXT.replace("ssh-ed25519", "ssh-rsa"), "not a key of the type 'ssh-rsa'"),
    ],
)
async def test_nothing_is_sent_when_the_text_is_no_key(
    flavour: Flavour, wire: WireServer, wrong: str, text: str
) -> None:
    keys = flavour.client(wire).account.keys
    with pytest.raises(ValueError, match=text) as info:
        await flavour.call(keys.ensure, wrong)
    assert "b3BlbnNzaC1rZXk" not in str(info.value)
    with pytest.raises(TypeError, match="public_key: expected a text or a path, got int"):
        await flavour.call(keys.ensure, 7)
    with pytest.raises(ValueError, match="name: expected text"):
        await flavour.call(keys.ensure, TEXT, name=" ")
    assert wire.requests == []


def test_fingerprint_is_that_of_the_data() -> None:
    key = parsed(f"{TEXT} me  at home ")
    assert (key.fingerprint, key.comment, key.text) == (FINGERPRINT, "me  at home", f"{TEXT} me  at home")
    assert key.is_same(f"{TEXT} other")
    assert not key.is_same(None)
