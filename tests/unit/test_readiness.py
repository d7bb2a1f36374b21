"""The stages of a wait for a Droplet, and what an error says about a Droplet that has not reached them."""

from __future__ import annotations

from typing import Any

import pytest
from samples import droplet

from gradient_async.models.droplet import Droplet, Networks, NetworkV4
from gradient_async.waiting.readiness import Stage, WaitTarget, stages_of, state_of


def probe(_: Droplet) -> bool:
    return True


def another(_: Droplet) -> bool:
    return True


class Named:
    """A probe whose ``__name__`` is no text."""

    __name__ = 7

    def __call__(self, _: Droplet) -> bool:
        return True

    def __str__(self) -> str:
        return "named " + "x" * 100


def with_addresses(**addresses: str) -> Droplet:
    v4 = tuple(NetworkV4(ip_address=address, type=kind) for kind, address in addresses.items())
    return droplet(networks=Networks(v4=v4))


@pytest.mark.parametrize(
    ("stage", "is_tried"),
    [(Stage("active"), False), (Stage("address"), False), (Stage("ssh"), True), (Stage("active", probe), True)],
)
def test_stage_is_tried_when_the_api_does_not_show_it(stage: Stage, is_tried: bool) -> None:
    assert stage.is_tried is is_tried


@pytest.mark.parametrize(
    ("stage", "one", "is_shown"),
    [
        ("active", droplet(), True),
        ("active", droplet(status="new"), False),
        ("active", with_addresses(public="198.51.100.7"), True),
        ("address", droplet(), False),
        ("address", with_addresses(public="198.51.100.7"), True),
        ("address", with_addresses(private="10.0.0.7"), False),
    ],
)
def test_droplet_shows_a_stage(stage: str, one: Droplet, is_shown: bool) -> None:
    assert Stage(stage).is_shown_by(one, "public") is is_shown


@pytest.mark.parametrize(
    ("until", "names"),
    [
        (["active", "ssh"], ["active", "address", "ssh"]),
        (["ssh", "address"], ["active", "address", "ssh"]),
        ((probe, "active", another), ["probe", "active", "another"]),
        ([probe, probe], ["probe", "probe"]),
        (Named(), [("named " + "x" * 100)[:80]]),
    ],
)
def test_stages_are_named_once_and_in_order(until: Any, names: list[str]) -> None:
    assert [one.name for one in stages_of(until)] == names


@pytest.mark.parametrize(
    ("until", "error", "text"),
    [
        ([], ValueError, "until: expected at least one stage, got an empty sequence"),
        ("", ValueError, "until: expected 'active', 'address', 'ssh', got ''."),
        ("sssh", ValueError, "until: expected 'active', 'address', 'ssh', got 'sssh'. Did you mean 'ssh'?"),
        (["ssh", "acti"], ValueError, "until: expected 'active', 'address', 'ssh', got 'acti'. Did you mean 'active'?"),
        (
            [probe, 7],
            TypeError,
            "until: expected 'active', 'address', 'ssh', a callable of a Droplet, or a sequence of these; got int",
        ),
        (
            None,
            TypeError,
            "until: expected 'active', 'address', 'ssh', a callable of a Droplet, or a sequence of these; got NoneType",
        ),
    ],
)
def test_wrong_stage_is_refused(until: object, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as caught:
        stages_of(until)
    assert str(caught.value) == text


@pytest.mark.parametrize(
    ("one", "kind", "text"),
    [
        (with_addresses(public="198.51.100.7"), "public", "its public address 198.51.100.7"),
        (with_addresses(private="10.0.0.7"), "private", "its private address 10.0.0.7"),
        (
            with_addresses(public="198.51.100.7"),
            "private",
            "and it has no private address; it has a public one, for address='public'",
        ),
        (
            with_addresses(private="10.0.0.7"),
            "public",
            "and it has no public address; it has a private one, for address='private'",
        ),
        (droplet(), "private", "and it has no private address"),
    ],
)
def test_state_names_the_address_that_counts(one: Droplet, kind: Any, text: str) -> None:
    assert state_of(one, kind) == f"its status is 'active', {text}"


def test_wait_is_for_the_usual_port_and_address() -> None:
    target = WaitTarget(stages=stages_of("ssh"), deadline=1.0)
    assert (target.ssh_port, target.address, target.poll_interval) == (22, "public", None)
