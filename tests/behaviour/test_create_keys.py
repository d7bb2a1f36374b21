"""A create of Droplets with a key creates them once, whichever process asks for it."""

from __future__ import annotations

import sqlite3
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from gradient_async import (
    CapacityError,
    CreateOutcomeUnknownError,
    PartlyCreatedError,
    RateBudget,
    RequestKeyMismatchError,
)
from gradient_async.budget import held_key, key_record, keyed_call
from gradient_async.budget.key_record import KeyRecord
from gradient_async.emulator import PUBLIC_CATALOGUE, DropAfter, DropBefore, DropletSpec, Emulator, HTMLError

if TYPE_CHECKING:
    from pathlib import Path

    from flavours import Flavour

pytestmark = pytest.mark.once

ROUTE = "POST /v2/droplets"
LISTS = "GET /v2/droplets"
BODY: dict[str, Any] = {"image": "gpu-h100x1-base", "size": "gpu-h100x1-80gb", "region": "tor1"}
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ3V1BNd3dJZ0VwbXlnT2tqb2dOWmVyVXJwb3Jt you@laptop"
MANY = attrs.evolve(PUBLIC_CATALOGUE, droplet_limit=100, gpu_limit=100)


# Each create that can be looked up, with arguments for it.
CREATES: dict[str, dict[str, Any]] = {
    "account.keys": {"name": "laptop", "public_key": PUBLIC_KEY},
    "gpu_droplets.volumes": {"name": "data", "region": "nyc3", "size_gigabytes": 10},
    "projects": {"name": "training", "purpose": "Other"},
    "vpcs": {"name": "inside", "region": "nyc3"},
}


@pytest.fixture(autouse=True)
def _short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_record, "LEASE_SECONDS", 0.6)
    monkeypatch.setattr(held_key, "PATIENCE_SECONDS", 0.2)


def account(*faults: Any, droplets: list[DropletSpec] | int = 0, **options: Any) -> Emulator:
    return Emulator(droplets, limits=None, faults=faults, catalogue=MANY, **options)


def names_in(emulator: Emulator) -> list[str]:
    return [droplet.name for droplet in emulator.account.droplets.values()]


def droplets_of(flavour: Flavour, emulator: Emulator, path: Path, **options: Any) -> Any:
    """Return the Droplets of a client that shares nothing but the file with the others."""
    budget = RateBudget.shared(f"sqlite://{path / 'budget.sqlite3'}", windows=((10_000, 60.0),))
    return flavour.client(emulator, rate_budget=budget, **{"timeout": 0.5, **options}).gpu_droplets


@pytest.mark.parametrize("group", CREATES)
async def test_other_things_are_created_once_too(flavour: Flavour, tmp_path: Path, group: str) -> None:
    async with account() as emulator:
        answers = []
        for _ in range(2):
            client = flavour.client(emulator, rate_budget=RateBudget.shared(f"sqlite://{tmp_path / 'b.sqlite3'}"))
            create = attrgetter(f"{group}.create")(client)
            answers.append(await flavour.call(create, **CREATES[group], key="k"))
        assert [answer.is_replayed for answer in answers] == [False, True]
        assert answers[0].to_dict() == answers[1].to_dict()
        assert [request.method for request in emulator.requests] == ["POST"]


async def test_second_call_creates_nothing(flavour: Flavour, tmp_path: Path) -> None:
    async with account() as emulator:
        answers = []
        for _ in range(2):
            droplets = droplets_of(flavour, emulator, tmp_path)
            answers.append(await flavour.call(droplets.create, name="train-{n}", **BODY, key="job 7"))
        other = await flavour.call(droplets.create, name="train-{n}", **BODY, key="job 8")
        raw = await flavour.call(droplets.with_raw_response.create, name="train-{n}", **BODY, key="job 7")
        assert [answer.is_replayed for answer in answers] == [False, True]
        assert answers[0].droplet == answers[1].droplet == raw.parse().droplet
        assert answers[0].links == answers[1].links
        assert (raw.is_replayed, raw.parse().is_replayed) == (True, True)
        assert names_in(emulator) == [answers[0].droplet.name, other.droplet.name]
        assert answers[0].droplet.name != other.droplet.name


async def test_key_belongs_to_the_call_as_it_was_made(flavour: Flavour, tmp_path: Path) -> None:
    async with account() as emulator:
        droplets = droplets_of(flavour, emulator, tmp_path)
        await flavour.call(droplets.create, name="a", **{**BODY, "image": "auto"}, key="k")
        again = await flavour.call(droplets.create, name="a", **{**BODY, "image": "auto"}, key="k")
        assert again.is_replayed
        with pytest.raises(RequestKeyMismatchError, match="was used for POST /v2/droplets"):
            await flavour.call(droplets.create, name="a", **BODY, key="k")
        assert names_in(emulator) == ["a"]


async def test_each_part_of_many_names_has_its_own_result(flavour: Flavour, tmp_path: Path) -> None:
    names = [f"train-{number}" for number in range(12)]
    async with account(HTMLError(403, route=ROUTE, skip=1, times=1)) as emulator:
        droplets = droplets_of(flavour, emulator, tmp_path)
        with pytest.raises(PartlyCreatedError):
            await flavour.call(droplets.create, names=names, **BODY, key="k")
        second = await flavour.call(droplets.create, names=names, **BODY, key="k")
        third = await flavour.call(droplets.create, names=names, **BODY, key="k")
        assert (second.is_replayed, third.is_replayed) == (False, True)
        assert [one.name for one in second.droplets] == [one.name for one in third.droplets] == names
        assert sorted(names_in(emulator)) == sorted(names)


async def test_refusal_frees_the_key(flavour: Flavour, tmp_path: Path) -> None:
    async with account(capacity={("*", "*"): 0}) as emulator:
        droplets = droplets_of(flavour, emulator, tmp_path)
        with pytest.raises(CapacityError):
            await flavour.call(droplets.create, name="a", **BODY, key="k")
        emulator.capacity.set("*", "*", 1)
        answer = await flavour.call(droplets.create, name="a", **BODY, key="k")
        assert not answer.is_replayed
        assert names_in(emulator) == ["a"]


async def test_next_call_settles_what_was_lost(flavour: Flavour, tmp_path: Path) -> None:
    denied = HTMLError(403, route=LISTS, times=1)
    async with account(DropAfter(route=ROUTE, times=1), denied) as emulator:
        droplets = droplets_of(flavour, emulator, tmp_path)
        with pytest.raises(CreateOutcomeUnknownError):
            await flavour.call(droplets.create, name="a", **BODY, key="k")
        answers = [await flavour.call(droplets.create, name="a", **BODY, key="k") for _ in range(2)]
        assert [(one.is_adopted, one.is_replayed) for one in answers] == [(True, False), (True, True)]
        assert names_in(emulator) == ["a"]


async def test_nothing_is_created_when_lists_show_nothing(flavour: Flavour, tmp_path: Path) -> None:
    denied = HTMLError(403, route=LISTS, times=1)
    async with account(DropBefore(route=ROUTE, times=1), denied) as emulator:
        droplets = droplets_of(flavour, emulator, tmp_path, timeout=0.2, create_settle_seconds=0.1)
        for _ in range(2):
            with pytest.raises(CreateOutcomeUnknownError):
                await flavour.call(droplets.create, name="a", **BODY, key="k")
        assert names_in(emulator) == []


async def test_key_promises_more_than_a_second_create_allows(flavour: Flavour, tmp_path: Path) -> None:
    async with account() as emulator:
        droplets = droplets_of(flavour, emulator, tmp_path)
        with pytest.raises(ValueError, match=r"^on_unknown: 'resend' can create twice"):
            await flavour.call(droplets.create, name="a", **BODY, key="k", on_unknown="resend")
        assert len(emulator.requests) == 0


async def test_replayed_answer_names_the_others(flavour: Flavour, tmp_path: Path) -> None:
    async with account() as emulator:
        droplets = droplets_of(flavour, emulator, tmp_path)
        first = await flavour.call(droplets.with_raw_response.create, name="a", **BODY, key="k")
        twin = attrs.evolve(first.parse().droplet, id=17)
        first.is_adopted, first.others = (
            True,
            (twin,),
        )  # as after a lost answer, of which two Droplets may be the result
        with sqlite3.connect(tmp_path / "budget.keys.sqlite3") as keys:
            [(name, text)] = keys.execute("select name, value from keys where value like '%done%'").fetchall()
            record = KeyRecord.decoded(text).done(keyed_call._kept(first))
            keys.execute("update keys set value = ? where name = ?", (record.encoded(), name))
        keys.close()
        second = await flavour.call(droplets.create, name="a", **BODY, key="k")
        assert (second.is_adopted, second.is_replayed, second.others) == (True, True, (twin,))
