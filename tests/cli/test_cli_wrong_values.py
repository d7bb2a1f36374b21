"""Values that no option takes: the command names the option, and sends nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from gradient_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.once

CREATE = ("create", "--yes", "--size", "gpu-h100x1-80gb")
DESTROY = ("destroy", "3164444", "--yes")
HIBERNATE = ("hibernate", "3164444", "--yes")
REAP = ("reap", "--older-than", "0", "--yes")
WAKE = ("wake", "--snapshot", "7", "--yes")


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, typed: Typed) -> Iterator[Emulator]:
    """An account that records what is sent to it."""
    del typed  # it clears the environment first
    with Emulator(droplets=1, time_scale=60) as emulator:
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        yield emulator


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (CREATE, "--count"),
        (CREATE, "--min-count"),
        (CREATE, "--ssh-port"),
        (DESTROY, "--confirm-count"),
        (HIBERNATE, "--confirm-count"),
        (REAP, "--confirm-count"),
        (("reboot", "3164444"), "--health-retries"),
        (("ssh", "3164444"), "--port"),
        (("actions",), "--limit"),
        (("restore", "3164444", "--yes"), "--image"),
        (("change-kernel", "3164444"), "--kernel"),
        (("enable-backups", "3164444", "--plan", "daily"), "--hour"),
        (("volumes", "create", "--name", "a", "--region", "tor1"), "--size-gigabytes"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_number_is_refused_when_it_is_not_whole(
    typed: Typed, account: Emulator, words: tuple[str, ...], option: str
) -> None:
    for value in ("4.4", "4.0", "-1", "0x1"):
        code, _, errors = typed(*words, f"{option}={value}")
        assert (code, len(account.requests)) == (2, 0), value
        assert option in errors


@pytest.mark.parametrize(
    ("words", "option"),
    [
        (CREATE[:2], "--size"),
        (CREATE, "--region"),
        (CREATE, "--tag"),
        (CREATE, "--ssh-key"),
        (CREATE, "--contract"),
        (CREATE, "--until"),
        (DESTROY, "--tag"),
        (DESTROY, "--with"),
        (("firewalls", "create", "--name", "web"), "--droplet-ids"),
        (("firewalls", "create", "--name", "web"), "--tags"),
        (("tags", "add", "train"), "--droplets"),
        (("tags", "add", "train"), "--resources"),
        (("firewalls", "add-tags", "web"), "--tags"),
        (("reserved-ips", "create"), "--droplet-id"),
        (WAKE, "--size"),
        (WAKE, "--region"),
        (WAKE, "--ssh-key"),
        (WAKE, "--until"),
        (("wake", "--yes"), "--snapshot"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_value_is_refused_when_it_is_empty(
    typed: Typed, account: Emulator, words: tuple[str, ...], option: str
) -> None:
    # A variable of the shell that is not set must not widen what a command does.
    for value in ("", " "):
        code, _, errors = typed(*words, f"{option}={value}")
        assert (code, len(account.requests)) == (2, 0), value
        assert option in errors


def test_port_is_refused_when_it_cannot_be_one(typed: Typed, account: Emulator) -> None:
    code, _, errors = typed(*CREATE, "--ssh-port=65536")
    assert (code, len(account.requests)) == (2, 0)
    assert errors == "error: --ssh-port: expected a whole number from 1 to 65535, got 65536\n"


def test_snapshot_is_named_as_it_was_typed(typed: Typed, account: Emulator) -> None:
    for value in ("0", "missing"):
        code, _, errors = typed("wake", "--yes", "--size", "gpu-h100x1-80gb", f"--snapshot={value}")
        assert (code, account.requests.count("POST")) == (2, 0)
        assert "--snapshot:" in errors
