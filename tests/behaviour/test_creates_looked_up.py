"""P1 for creates: a lost answer is looked up, and what is there was created once, or the outcome is unknown."""

from __future__ import annotations

import asyncio
import itertools
import time
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from lost_answers import LOST, timeout_for
from wire_server import RESET, Reply, WireRequest, WireServer, html, reply, stamp

from gradient_async import (
    APIError,
    ConflictError,
    InternalServerError,
    RequestOutcomeUnknownError,
    UnprocessableEntityError,
)
from gradient_async.emulator import CutOff, DropAfter, DropBefore, Emulator, HTMLError, ServerError, Visibility
from gradient_async.emulator.keys import KeyStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from flavours import Flavour

    from gradient_async.emulator.answer_faults import AnswerFault

pytestmark = pytest.mark.once

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ3V1BNd3dJZ0VwbXlnT2tqb2dOWmVyVXJwb3Jt you@laptop"
SSH: Any = {"protocol": "tcp", "ports": "22", "sources": {"addresses": ["0.0.0.0/0"]}}
WEB: Any = {"entry_protocol": "http", "entry_port": 80, "target_protocol": "http", "target_port": 8000}


class Kind:
    """A kind of thing: how a client creates and lists it.

    Args:
        path: Path of its create and its list.
        group: Returns its group of a client.
        item: Field of the answer that has it.
        private: Whether the list shows things of the API too, unless it is asked for those of the account.
        arguments: Arguments of the create.
    """

    def __init__(
        self, path: str, group: Callable[[Any], Any], item: str, *, private: bool = False, **arguments: Any
    ) -> None:
        self.route = f"POST {path}"
        self.group = group
        self.item = item
        self.arguments = arguments
        self.filters: dict[str, Any] = {"private": True} if private else {}

    async def create(self, flavour: Flavour, client: Any, **changes: Any) -> Any:
        return await flavour.call(self.group(client).create, **self.arguments | changes)

    async def names(self, flavour: Flavour, client: Any) -> list[str]:
        found = await flavour.items(self.group(client).list_all(**self.filters))
        return [one.name for one in found if not getattr(one, "is_default", getattr(one, "default", False))]


KINDS = {
    "key": Kind(
        "/v2/account/keys", lambda c: c.gpu_droplets.account.keys, "ssh_key", name="laptop", public_key=PUBLIC_KEY
    ),
    "firewall": Kind(
        "/v2/firewalls", lambda c: c.gpu_droplets.firewalls, "firewall", name="training", inbound_rules=[SSH]
    ),
    "project": Kind("/v2/projects", lambda c: c.projects, "project", name="training", purpose="Other: tests"),
    "vpc": Kind("/v2/vpcs", lambda c: c.vpcs, "vpc", name="training", region="tor1"),
    "volume": Kind(
        "/v2/volumes", lambda c: c.gpu_droplets.volumes, "volume", name="data", region="tor1", size_gigabytes=10
    ),
    "image": Kind(
        "/v2/images",
        lambda c: c.gpu_droplets.images,
        "image",
        private=True,
        name="base",
        url="https://example.com/base.qcow2",
        region="tor1",
    ),
    "load balancer": Kind(
        "/v2/load_balancers",
        lambda c: c.gpu_droplets.load_balancers,
        "load_balancer",
        name="inference",
        region="tor1",
        forwarding_rules=[WEB],
    ),
}


def names_of(error: RequestOutcomeUnknownError) -> list[str]:
    return [getattr(one, "name", "") for one in error.candidates]


each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
# Two images may have the same name.
UNIQUE = {name: kind for name, kind in KINDS.items() if name != "image"}
each_unique_kind = pytest.mark.parametrize("kind", UNIQUE.values(), ids=UNIQUE)

AFTER: dict[str, Callable[..., AnswerFault]] = {
    "reset": DropAfter,
    "close": lambda **options: DropAfter("close", **options),
    "500": lambda **options: ServerError(500, executed=True, **options),
    "503": lambda **options: ServerError(503, executed=True, **options),
    "504": lambda **options: HTMLError(504, executed=True, **options),
    "cut": lambda **options: CutOff(executed=True, **options),
}
BEFORE: dict[str, Callable[..., AnswerFault]] = {
    "reset": DropBefore,
    "close": lambda **options: DropBefore("close", **options),
    "500": lambda **options: ServerError(500, **options),
    "504": lambda **options: HTMLError(504, **options),
}


@each_kind
@pytest.mark.parametrize("lost", AFTER)
async def test_thing_is_adopted_when_it_was_created(flavour: Flavour, kind: Kind, lost: str) -> None:
    async with Emulator(droplets=0, limits=None, faults=[AFTER[lost](route=kind.route, times=1)]) as emulator:
        client = flavour.client(emulator)
        assert await kind.names(flavour, client) == []

        answer = await kind.create(flavour, client)

        assert answer.is_adopted
        assert getattr(answer, kind.item).name == kind.arguments["name"]
        assert await kind.names(flavour, client) == [kind.arguments["name"]]
        assert sum(one.method == "POST" for one in emulator.requests) == 1


@each_kind
@pytest.mark.parametrize("lost", BEFORE)
async def test_thing_is_created_once_when_it_was_not(flavour: Flavour, kind: Kind, lost: str) -> None:
    async with Emulator(droplets=0, limits=None, faults=[BEFORE[lost](route=kind.route, times=1)]) as emulator:
        client = flavour.client(emulator)

        answer = await kind.create(flavour, client)

        assert not answer.is_adopted
        assert await kind.names(flavour, client) == [kind.arguments["name"]]
        assert sum(one.method == "POST" for one in emulator.requests) == 2


@each_kind
async def test_thing_is_adopted_when_the_list_is_late(flavour: Flavour, kind: Kind) -> None:
    faults = [DropAfter(route=kind.route, times=1)]
    late = Visibility(list=0.3, name=0.3)
    async with Emulator(droplets=0, limits=None, faults=faults, visibility=late) as emulator:
        client = flavour.client(emulator, settle_seconds=1.0)

        answer = await kind.create(flavour, client)

        assert answer.is_adopted
        emulator.clock.advance(1)
        assert await kind.names(flavour, client) == [kind.arguments["name"]]


@each_kind
async def test_thing_is_adopted_when_the_last_answer_is_lost(flavour: Flavour, kind: Kind) -> None:
    faults = [DropAfter(route=kind.route, times=1)]
    late = Visibility(list=0.3, name=0.3)
    async with Emulator(droplets=0, limits=None, faults=faults, visibility=late) as emulator:
        client = flavour.client(emulator, settle_seconds=1.0, max_retries=0)
        if kind is KINDS["key"]:  # a key shows no time: it was absent before, or its outcome is unknown
            await kind.names(flavour, client)

        answer = await kind.create(flavour, client)

        assert answer.is_adopted


@each_unique_kind
async def test_create_is_unknown_when_refused_as_a_second(flavour: Flavour, kind: Kind) -> None:
    faults = [DropAfter(route=kind.route, times=1)]
    async with Emulator(droplets=0, limits=None, faults=faults, visibility=Visibility(list=60, name=60)) as emulator:
        client = flavour.client(emulator, settle_seconds=0.2)

        with pytest.raises(RequestOutcomeUnknownError, match="exists"):
            await kind.create(flavour, client)

        emulator.clock.advance(60)
        assert await kind.names(flavour, client) == [kind.arguments["name"]]


@each_unique_kind
@pytest.mark.parametrize("fault", [DropAfter, DropBefore])
async def test_thing_that_was_there_is_not_adopted(
    flavour: Flavour, kind: Kind, fault: Callable[..., AnswerFault]
) -> None:
    """The API refuses a second one, so that the lost answer was a refusal."""
    async with Emulator(droplets=0, limits=None, faults=[fault(route=kind.route, skip=1, times=1)]) as emulator:
        first, second = flavour.client(emulator), flavour.client(emulator)
        await kind.create(flavour, first)
        emulator.clock.advance(3600)

        with pytest.raises((ConflictError, UnprocessableEntityError)) as caught:
            await kind.create(flavour, second)

        assert "was not executed: the account's list of" in str(caught.value)
        assert len(await kind.names(flavour, first)) == 1


async def test_key_is_unknown_when_it_may_have_been_there(flavour: Flavour) -> None:
    kind = KINDS["key"]
    async with Emulator(droplets=0, limits=None, faults=[DropAfter(route=kind.route)]) as emulator:
        emulator.account.part(KeyStore).add("laptop", PUBLIC_KEY)
        client = flavour.client(emulator)

        with pytest.raises(RequestOutcomeUnknownError, match="'laptop' may be its result, or may have exist") as caught:
            await kind.create(flavour, client)

        assert names_of(caught.value) == ["laptop"]
        assert sum(one.method == "POST" for one in emulator.requests) == 1


@pytest.mark.parametrize("fault", [DropAfter, DropBefore])
async def test_snapshot_of_a_volume_is_taken_once(flavour: Flavour, fault: Callable[..., AnswerFault]) -> None:
    route = "POST /v2/volumes/{volume_id}/snapshots"
    async with Emulator(droplets=0, limits=None, faults=[fault(route=route, times=1)]) as emulator:
        client = flavour.client(emulator)
        volumes = client.gpu_droplets.volumes
        volume = (await KINDS["volume"].create(flavour, client)).volume

        answer = await flavour.call(volumes.snapshots.create, volume.id, name="before")

        assert answer.is_adopted == (fault is DropAfter)
        assert [one.id for one in await flavour.items(volumes.snapshots.list_all(volume.id))] == [answer.snapshot.id]


class Firewalls:
    """A wire server's firewalls, whose first create loses its answer.

    Args:
        wire: The server.
        lost: Makes the lost answer from the right one.
        is_executed: Whether the lost request was executed.
        date_ahead: Seconds by which the ``Date`` header is ahead.
    """

    def __init__(
        self, wire: WireServer, lost: Callable[[dict[str, Any]], Reply], *, is_executed: bool, date_ahead: float = 0.0
    ) -> None:
        self._lost = lost
        self._is_executed = is_executed
        self._date_ahead = date_ahead
        self._is_first = True
        self._ids = itertools.count(100)
        self.existing: list[dict[str, Any]] = []
        wire.script("POST", self._create)
        wire.script("GET", self._list)

    def add(self, name: str = "training", age: float = 0.0, **changes: Any) -> dict[str, Any]:
        made = {"id": f"{next(self._ids)}", "name": name, "status": "waiting", "created_at": stamp(age)} | changes
        self.existing.append(made)
        return made

    def _create(self, request: WireRequest) -> Reply:
        is_first, self._is_first = self._is_first, False
        made = self.add(request.json["name"])
        if is_first and not self._is_executed:
            self.existing.remove(made)
        return self._lost({"firewall": made}) if is_first else reply(202, {"firewall": made})

    def _list(self, _: WireRequest) -> Reply:
        body = {"firewalls": self.existing, "meta": {"total": len(self.existing)}, "links": {}}
        return reply(200, body, {"Date": formatdate(time.time() + self._date_ahead, usegmt=True)})


FIREWALL = KINDS["firewall"]
WAYS = [name for name in LOST if name not in {"other-droplet", "other-type"}]
SUCCESSES = {"cut-body", "cut-body-reset", "cut-body-hang", "empty-201", "html-200", "null"}


@pytest.mark.parametrize("lost", WAYS)
async def test_executed_create_is_adopted_however_its_answer_is_lost(
    flavour: Flavour, wire: WireServer, lost: str
) -> None:
    account = Firewalls(wire, LOST[lost], is_executed=True)
    answer = await FIREWALL.create(flavour, flavour.client(wire, timeout=timeout_for(lost)))
    assert [answer.firewall.id] == [one["id"] for one in account.existing]
    assert answer.is_adopted


@pytest.mark.parametrize("lost", WAYS)
async def test_unexecuted_create_is_resent_unless_success_was_answered(
    flavour: Flavour, wire: WireServer, lost: str
) -> None:
    account = Firewalls(wire, LOST[lost], is_executed=False)
    client = flavour.client(wire, timeout=timeout_for(lost))
    if lost in SUCCESSES:
        with pytest.raises(RequestOutcomeUnknownError, match="shows none, though the server answered with a success"):
            await FIREWALL.create(flavour, client)
        assert account.existing == []
    else:
        answer = await FIREWALL.create(flavour, client)
        assert [answer.firewall.id] == [one["id"] for one in account.existing]
        assert not answer.is_adopted


@pytest.mark.parametrize("date_ahead", [15, 300, 3600, -15, -300, -3600])
async def test_nothing_is_created_twice_when_date_is_wrong(
    flavour: Flavour, wire: WireServer, date_ahead: float
) -> None:
    account = Firewalls(wire, LOST["reset"], is_executed=True, date_ahead=date_ahead)
    with pytest.raises(RequestOutcomeUnknownError) as caught:
        await FIREWALL.create(flavour, flavour.client(wire))
    assert names_of(caught.value) == ["training"]
    assert len(account.existing) == 1


@pytest.mark.parametrize("age", [2, 30, 300])
async def test_create_is_unknown_when_a_little_older_thing_matches(
    flavour: Flavour, wire: WireServer, age: float
) -> None:
    account = Firewalls(wire, LOST["reset"], is_executed=False)
    account.add(age=age)
    with pytest.raises(RequestOutcomeUnknownError, match="firewall 100 'training' may be its result, or may have exis"):
        await FIREWALL.create(flavour, flavour.client(wire))
    assert len(wire.sent("POST")) == 1


async def test_older_thing_is_not_adopted(flavour: Flavour, wire: WireServer) -> None:
    account = Firewalls(wire, LOST["reset"], is_executed=False)
    account.add(age=3600)
    answer = await FIREWALL.create(flavour, flavour.client(wire))
    assert (answer.firewall.id, answer.is_adopted) == ("102", False)


async def test_thing_that_was_listed_before_is_not_adopted(flavour: Flavour, wire: WireServer) -> None:
    account = Firewalls(wire, LOST["reset"], is_executed=False)
    account.add()
    client = flavour.client(wire)
    assert await FIREWALL.names(flavour, client) == ["training"]
    answer = await FIREWALL.create(flavour, client)
    assert (answer.firewall.id, answer.is_adopted) == ("102", False)


async def test_create_is_unknown_when_several_things_match(flavour: Flavour, wire: WireServer) -> None:
    account = Firewalls(wire, LOST["reset"], is_executed=True)
    client = flavour.client(wire)
    account.add(age=-1)
    with pytest.raises(RequestOutcomeUnknownError, match="each of the firewalls 100 'training', 101 'training' may be"):
        await FIREWALL.create(flavour, client)
    assert len(wire.sent("POST")) == 1


async def test_two_creates_do_not_adopt_the_same_thing(flavour: Flavour, wire: WireServer) -> None:
    account = Firewalls(wire, LOST["reset"], is_executed=True)
    client = flavour.client(wire)
    ended = await asyncio.gather(*(FIREWALL.create(flavour, client) for _ in range(2)), return_exceptions=True)
    ids = [one.firewall.id for one in ended if not isinstance(one, BaseException)]
    assert len(set(ids)) == len(ids)
    assert all(isinstance(one, RequestOutcomeUnknownError) for one in ended if isinstance(one, BaseException))
    assert len(account.existing) == 2


async def test_other_names_are_not_adopted(flavour: Flavour, wire: WireServer) -> None:
    account = Firewalls(wire, LOST["reset"], is_executed=False)
    account.add("Training")
    answer = await FIREWALL.create(flavour, flavour.client(wire))
    assert (answer.firewall.id, answer.is_adopted) == ("102", False)


async def test_create_is_unknown_when_the_list_cannot_be_read(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    wire.script("GET", reply(403, {"id": "forbidden", "message": "no scope"}))
    with pytest.raises(RequestOutcomeUnknownError, match=r"the list of firewalls cannot be read: .*403") as caught:
        await FIREWALL.create(flavour, flavour.client(wire))
    assert isinstance(caught.value.__cause__, APIError)
    assert len(wire.sent("POST")) == 1


@pytest.mark.unusual_answers
@pytest.mark.parametrize(("firewalls", "fault"), [(None, "the list is null"), ([None], "the item is null")])
async def test_create_is_unknown_when_the_list_is_null(
    flavour: Flavour, wire: WireServer, firewalls: object, fault: str
) -> None:
    wire.script("POST", RESET)
    wire.script("GET", lambda _: reply(200, {"firewalls": firewalls}))
    with pytest.raises(RequestOutcomeUnknownError, match=fault):
        await FIREWALL.create(flavour, flavour.client(wire))
    assert len(wire.sent("POST")) == 1


async def test_create_is_unknown_when_the_list_is_shorter_than_it_says(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET)
    wire.script("GET", lambda _: reply(200, {"firewalls": [], "meta": {"total": 3}, "links": {}}))
    with pytest.raises(RequestOutcomeUnknownError, match="shorter than the list itself announces"):
        await FIREWALL.create(flavour, flavour.client(wire))
    assert len(wire.sent("POST")) == 1


async def test_error_says_not_executed_when_the_list_shows_that(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", html(502))
    wire.script("GET", lambda _: reply(200, {"firewalls": []}))
    with pytest.raises(InternalServerError, match="was not executed: the account's list of firewalls shows none"):
        await FIREWALL.create(flavour, flavour.client(wire, max_retries=0))


async def test_second_page_is_searched(flavour: Flavour, wire: WireServer) -> None:
    others = [{"id": f"a{n}", "name": f"n{n}", "created_at": stamp(900)} for n in range(200)]

    def page(request: WireRequest) -> Reply:
        rest = [{"id": "7", "name": "training", "created_at": stamp()}]
        items = others if request.query.get("page") == "1" else rest
        return reply(200, {"firewalls": items, "meta": {"total": 201}, "links": {}})

    wire.script("POST", RESET)
    wire.script("GET", page)
    answer = await FIREWALL.create(flavour, flavour.client(wire))
    assert (answer.firewall.id, answer.is_adopted) == ("7", True)


async def test_create_is_unknown_when_the_list_has_too_many_pages(flavour: Flavour, wire: WireServer) -> None:
    others = [{"id": f"a{n}", "name": f"n{n}", "created_at": stamp(900)} for n in range(5)]
    wire.script("POST", RESET)
    wire.script("GET", lambda _: reply(200, {"firewalls": others, "meta": {"total": 100}, "links": {}}))
    with pytest.raises(RequestOutcomeUnknownError, match="10 pages of the list of firewalls are not the whole list"):
        await FIREWALL.create(flavour, flavour.client(wire))
    assert [one.query["page"] for one in wire.sent("GET")] == [str(number) for number in range(1, 11)]


async def test_raw_answer_is_the_item_of_the_list(flavour: Flavour, wire: WireServer) -> None:
    account = Firewalls(wire, LOST["reset"], is_executed=True)
    raw = await flavour.call(flavour.client(wire).gpu_droplets.firewalls.with_raw_response.create, **FIREWALL.arguments)
    assert raw.is_adopted
    assert raw.parse().is_adopted
    assert [attempt.outcome for attempt in raw.attempts] == ["unknown"]
    assert raw.parse().firewall.id == account.existing[0]["id"]
