"""The keys of new Droplets: registered ones, and files of public keys. A private key is never sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gradient_async import AsyncGradientAI
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.ssh_keys import given_keys, registered
from gradient_async.emulator import Emulator

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.once

MATERIAL = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ3V1BNd3dJZ0VwbXlnT2tqb2dOWmVyVXJwb3Jt"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nb3Bl\n", "got a private key. It was not sent."),
        ("", "expected a public key such as 'ssh-ed25519 AAAA"),
        (f"{MATERIAL} a\n{MATERIAL} b\n", "got 2 lines"),
        ("ssh-ed25519 b3Bl you", "got text whose data is not a key"),
    ],
)
def test_text_is_refused_when_it_is_no_public_key(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "id.pub").write_text(text)
    with pytest.raises(UsageError) as raised:
        given_keys([str(tmp_path / "id.pub")])
    assert str(raised.value).startswith(f"--ssh-key: {tmp_path / 'id.pub'}: ")
    assert expected in str(raised.value)
    assert "b3Bl" not in str(raised.value)


async def test_keys_are_found_by_all_that_names_them(tmp_path: Path) -> None:
    file, new = tmp_path / "id.pub", tmp_path / "new.pub"
    file.write_text(f"{MATERIAL} another comment\n")
    new.write_text(f"{MATERIAL[:-4]}AAAA new\n")
    async with (
        Emulator(0, limits=None) as emulator,
        AsyncGradientAI(emulator.token, base_url=emulator.base_url) as client,
    ):
        keys = client.account.keys
        first = (await keys.create(name="laptop", public_key=f"{MATERIAL} you@laptop")).ssh_key
        for word in ("laptop", str(first.id), str(first.fingerprint), str(file)):
            found, missing = await registered(client, given_keys([word]))
            assert [one.id for one in found] == [first.id], word
            assert missing == []
        found, missing = await registered(client, given_keys(["laptop", str(new)]))
        assert ([one.id for one in found], [one.comment for one in missing]) == ([first.id], ["new"])
        with pytest.raises(UsageError, match="there is no SSH key with the id or the name 'desktop'"):
            await registered(client, given_keys(["desktop"]))


def test_file_is_refused_when_it_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nothing\.pub: No such file"):
        given_keys([str(tmp_path / "nothing.pub")])
    (tmp_path / "binary.pub").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="is no public key: it is not UTF-8 text"):
        given_keys([str(tmp_path / "binary.pub")])
