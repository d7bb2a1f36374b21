"""When a Droplet that is waited for counts as ready, and when a 404 for it is final."""

from __future__ import annotations

from typing import Any

import pytest

from gradient_async import APIConnectionError, NotFoundError
from gradient_async.models.droplet import Droplet, Networks, NetworkV4
from gradient_async.models.size import GPUInfo
from gradient_async.waiting.awaited_droplet import AwaitedDroplet, kind_of
from gradient_async.waiting.readiness import Stage, stages_of, state_of
from gradient_async.waiting.shared_polls import Entry

GONE = NotFoundError("gone", method="GET", path="/v2/droplets/7", status=404)
PATIENCE = 30.0


def droplet(status: str = "active", **changes: Any) -> Droplet:
    return Droplet(id=7, name="trainer", status=status, **changes)


def missed(one: AwaitedDroplet, *times: float) -> AwaitedDroplet:
    for now in times:
        one.miss(GONE, now)
    return one


def test_404_of_a_new_droplet_is_final_after_some_time() -> None:
    for one in (AwaitedDroplet.of(7), AwaitedDroplet.of(droplet("new"))):
        assert not one.is_gone(1000.0, PATIENCE)
        missed(one, 1000.0, 1010.0, 1020.0)
        assert not one.is_gone(1029.9, PATIENCE)
        assert one.is_gone(1030.0, PATIENCE)


def test_404_is_not_final_when_replicas_alternate() -> None:
    one = missed(AwaitedDroplet.of(droplet("new")), 1000.0)
    one.read(droplet("new"), 0.0)
    assert not one.is_gone(1050.0, PATIENCE)
    assert not missed(one, 1050.0, 1051.0).is_gone(1052.0, PATIENCE)


def test_404_of_an_old_droplet_is_final_with_a_second_proof() -> None:
    one = AwaitedDroplet.of(7)
    one.read(droplet("off"), 0.0)
    assert not missed(one, 1000.0).is_gone(2000.0, PATIENCE)
    assert missed(one, 1001.0).is_gone(1001.0, PATIENCE)

    absent = AwaitedDroplet.of(droplet("active"))
    absent.note_absence()
    assert not absent.is_gone(1000.0, PATIENCE)
    assert missed(absent, 1000.0).is_gone(1000.0, PATIENCE)


@pytest.mark.parametrize(
    ("one", "was_seen", "is_young", "has_state"),
    [
        (AwaitedDroplet(id=7), False, True, False),
        (AwaitedDroplet(id=7, given=droplet("new")), False, True, True),
        (AwaitedDroplet(id=7, given=droplet("active")), True, False, False),
        (AwaitedDroplet(id=7, last=droplet("new")), True, True, False),
        (AwaitedDroplet(id=7, last=droplet("off")), True, False, False),
        (AwaitedDroplet(id=7, given=droplet("new"), last=droplet("active")), True, False, True),
        (AwaitedDroplet(id=7, given=droplet("active"), last=droplet("new")), True, True, False),
    ],
)
def test_age_of_a_droplet_is_that_of_its_last_state(
    one: AwaitedDroplet, was_seen: bool, is_young: bool, has_state: bool
) -> None:
    assert (one.was_seen, one.is_young, one.has_state) == (was_seen, is_young, has_state)
    assert not one.is_finished


@pytest.mark.parametrize("failure", [None, APIConnectionError("reset", method="GET", path="/v2/droplets")])
def test_droplet_is_readable_until_an_error_that_stays(failure: APIConnectionError | None) -> None:
    assert not AwaitedDroplet(id=7, failure=failure).is_unreadable
    assert AwaitedDroplet(id=7, failure=GONE).is_unreadable


def test_reads_are_counted_and_end_all_misses() -> None:
    one = missed(AwaitedDroplet.of(7), 10.0, 11.0)
    assert (one.reads, one.read_at, one.misses, one.missing_since) == (2, 11.0, 2, 10.0)
    assert one.not_found is GONE
    one.known_misses = 2
    one.note_absence()
    one.read(droplet("new"), 12.0)
    assert (one.reads, one.read_at, one.misses, one.known_misses, one.is_absent) == (3, 12.0, 0, 0, False)
    missed(one, 20.0)
    assert (one.reads, one.misses, one.missing_since) == (4, 1, 20.0)


def test_first_404_of_a_young_droplet_counts_from_its_time() -> None:
    assert missed(AwaitedDroplet.of(7), 10.0).is_gone(10.0 + PATIENCE, PATIENCE)
    assert not AwaitedDroplet.of(7).is_gone(10.0 + PATIENCE, PATIENCE)


def test_intervals_begin_anew_after_a_change() -> None:
    one = AwaitedDroplet.of(droplet("new"))
    assert one.has_state
    address = Networks(v4=(NetworkV4(ip_address="198.51.100.7", type="public"),))
    restarts = []
    for read in (droplet("new"), droplet("new"), droplet("active"), droplet("active"), droplet(networks=address)):
        one.read(read, 0.0)
        restarts.append(one.end_round())
    assert restarts == [False, False, True, False, True]
    assert not one.end_round()
    assert missed(one, 1.0).end_round()
    assert one.news.is_set()


def test_next_poll_comes_early_after_a_change() -> None:
    one = AwaitedDroplet.of(droplet("new"))
    entry = Entry(awaited=one, first_interval=1.0, longest_interval=15.0, due=0.0, final_poll=900.0, polls=6)
    one.read(droplet("new"), 0.0)
    entry.schedule(100.0, 0.5, was_tried=True)
    assert entry.due > 110.0
    one.read(droplet("active"), 0.0)
    entry.schedule(120.0, 0.5, was_tried=True)
    assert entry.due == 121.0


@pytest.mark.parametrize(
    ("one", "kind"),
    [
        (droplet(size_slug="gpu-h100x1-80gb"), "gpus"),
        (droplet(size_slug="s-1vcpu-1gb"), "plain"),
        (droplet(size_slug="s-1vcpu-1gb", gpu_info=GPUInfo(count=1)), "gpus"),
        (droplet(), "gpus"),
    ],
)
def test_list_of_a_droplet_is_known_by_its_size(one: Droplet, kind: str) -> None:
    assert kind_of(one) == kind
    awaited = AwaitedDroplet.of(one)
    awaited.note_absence()
    assert awaited.kind == kind


def test_other_list_is_read_when_only_the_id_is_known() -> None:
    one = AwaitedDroplet.of(7)
    kinds = []
    for _ in range(3):
        kinds.append(one.kind)
        one.note_absence()
    assert kinds == ["gpus", "plain", "gpus"]


def test_stages_are_in_order_with_those_that_they_imply() -> None:
    def probe(_: Droplet) -> bool:
        return True

    class Quiet:
        def __call__(self, _: Droplet) -> bool:
            return True

        def __str__(self) -> str:
            return "quiet"

    quiet = Quiet()
    names = {until: [one.name for one in stages_of(until)] for until in ("active", "address", "ssh")}
    assert names == {"active": ["active"], "address": ["active", "address"], "ssh": ["active", "address", "ssh"]}
    assert stages_of(probe) == (Stage("probe", probe),)
    assert [one.name for one in stages_of([quiet, "address", "active", probe])] == [
        "quiet",
        "active",
        "address",
        "probe",
    ]


def test_state_has_the_address_that_exists() -> None:
    v4 = (NetworkV4(ip_address="10.0.0.7", type="private"),)
    assert state_of(None, "public") == "it could not be read"
    assert state_of(droplet("new"), "public") == "its status is 'new', and it has no public address"
    private = droplet(networks=Networks(v4=v4))
    hint = "and it has no public address; it has a private one, for address='private'"
    assert state_of(private, "public") == f"its status is 'active', {hint}"
    assert state_of(private, "private") == "its status is 'active', its private address 10.0.0.7"


def test_addresses_are_the_first_of_their_kind() -> None:
    v4 = [(None, "public"), ("198.51.100.7", "public"), ("198.51.100.8", "public"), ("10.0.0.7", "private")]
    networks = Networks(v4=tuple(NetworkV4(ip_address=address, type=kind) for address, kind in v4))
    one = droplet(networks=networks)
    assert (one.public_ip, one.private_ip) == ("198.51.100.7", "10.0.0.7")
    assert (droplet().public_ip, droplet().private_ip) == (None, None)
