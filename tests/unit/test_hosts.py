from __future__ import annotations

import pytest

from gradient_async.hosts import is_this_machine


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LocalHost.",
        "api.localhost",
        "127.0.0.1",
        "127.8.9.1",
        "::1",
        "[::1]",
        "::ffff:127.0.0.1",
        "0.0.0.0",
    ],
)
def test_host_is_this_machine_when_its_name_says_so(host: str) -> None:
    assert is_this_machine(host)


@pytest.mark.parametrize(
    "host",
    ["api.digitalocean.com", "10.0.0.1", "localhost.example.com", "128.0.0.1", "2001:db8::1", "", "127.0.0.1.nip.io"],
)
def test_host_is_another_machine_by_default(host: str) -> None:
    assert not is_this_machine(host)
