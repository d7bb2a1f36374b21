"""P1 for Droplets: after a lost answer, one that was created is adopted, and none is created by mistake."""

from __future__ import annotations

import asyncio
import pickle
import re
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from late_lists import late_until
from lost_answers import LOST
from wire_server import HANG, RESET, Reply, WireRequest, WireServer, reply, stamp

from gradient_async import (
    AsyncGradientAI,
    CreateOutcomeUnknownError,
    GpuLimitError,
    PartlyCreatedError,
    RequestOutcomeUnknownError,
    SshKeyUnknownError,
    UnprocessableEntityError,
)
from gradient_async.emulator import (
    PUBLIC_CATALOGUE,
    Behaviour,
    CutOff,
    DropAfter,
    DropBefore,
    DropletSpec,
    Emulator,
    HTMLError,
    ServerError,
    Visibility,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from flavours import Flavour

    from gradient_async.emulator.answer_faults import AnswerFault

pytestmark = pytest.mark.once

DELETE = "DELETE /v2/droplets/{droplet_id}"
ROUTE = "POST /v2/droplets"
BODY: dict[str, Any] = {"image": "gpu-h100x1-base", "size": "gpu-h100x1-80gb", "region": "tor1"}
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ3V1BNd3dJZ0VwbXlnT2tqb2dOWmVyVXJwb3Jt you@laptop"
MANY = attrs.evolve(PUBLIC_CATALOGUE, droplet_limit=100, gpu_limit=100)
NONCED = re.compile(r"train-\d+-[0-9a-f]{8}")

AFTER: dict[str, Callable[..., AnswerFault]] = {
    "reset": DropAfter,
    "500": lambda **options: ServerError(500, executed=True, **options),
    "504": lambda **options: HTMLError(504, executed=True, **options),
    "cut": lambda **options: CutOff(executed=True, **options),
}
BEFORE: dict[str, Callable[..., AnswerFault]] = {
    "reset": DropBefore,
    "500": lambda **options: ServerError(500, **options),
    "504": lambda **options: HTMLError(504, **options),
}


def account(*faults: AnswerFault, droplets: list[DropletSpec] | int = 0, **options: Any) -> Emulator:
    return Emulator(droplets, limits=None, faults=faults, catalogue=MANY, **options)


def names_in(emulator: Emulator) -> list[str]:
    return [droplet.name for droplet in emulator.account.droplets.values()]


def posts(emulator: Emulator) -> int:
    return sum(one.method == "POST" and one.path == "/v2/droplets" for one in emulator.requests)


@pytest.mark.parametrize("is_raw", [False, True])
@pytest.mark.parametrize("lost", AFTER)
async def test_droplet_is_adopted_when_it_was_created(flavour: Flavour, lost: str, is_raw: bool) -> None:
    # An older Droplet has the same name.
    async with account(AFTER[lost](route=ROUTE, times=1), droplets=[DropletSpec(name="a")]) as emulator:
        droplets = flavour.client(emulator).gpu_droplets
        method = droplets.with_raw_response.create if is_raw else droplets.create
        answer = await flavour.call(method, **BODY, name="a")
        answer = answer.parse() if is_raw else answer
        assert answer.is_adopted
        assert answer.others == ()
        assert answer.droplet.id == max(emulator.account.droplets)
        assert (len(emulator.account.droplets), posts(emulator)) == (2, 1)


@pytest.mark.parametrize("lost", AFTER)
async def test_droplets_are_adopted_when_several_were_created(flavour: Flavour, lost: str) -> None:
    async with account(AFTER[lost](route=ROUTE, times=1)) as emulator:
        answer = await flavour.call(flavour.client(emulator).gpu_droplets.create, **BODY, names=["b", "a"])
        assert answer.is_adopted
        assert ([one.name for one in answer.droplets], answer.missing) == (["b", "a"], ())
        assert (len(emulator.account.droplets), posts(emulator)) == (2, 1)


@pytest.mark.parametrize("lost", BEFORE)
async def test_outcome_is_unknown_when_no_list_shows_the_droplet(flavour: Flavour, lost: str) -> None:
    old = DropletSpec(name="a")
    async with account(BEFORE[lost](route=ROUTE, times=1), droplets=[old]) as emulator:
        with pytest.raises(CreateOutcomeUnknownError, match="the lists of Droplets do not show it") as caught:
            await flavour.call(flavour.client(emulator).gpu_droplets.create, **BODY, name="a")
        assert isinstance(caught.value, RequestOutcomeUnknownError)
        assert (caught.value.names, caught.value.candidates) == (("a",), ())
        assert vars(pickle.loads(pickle.dumps(caught.value))).keys() == vars(caught.value).keys()
        assert (len(emulator.account.droplets), posts(emulator)) == (1, 1)


@pytest.mark.parametrize(("status", "is_asked_again"), [(503, True), (403, False)])
async def test_outcome_is_unknown_when_no_list_can_be_read(flavour: Flavour, status: int, is_asked_again: bool) -> None:
    async with account(DropAfter(route=ROUTE, times=1), ServerError(status, route="GET /v2/droplets")) as emulator:
        client = flavour.client(emulator, max_retries=0, create_settle_seconds=0.5)
        with pytest.raises(CreateOutcomeUnknownError, match="the list of Droplets cannot be read"):
            await flavour.call(client.gpu_droplets.create, **BODY, name="a")
        reads = sum(one.path == "/v2/droplets" and one.method == "GET" for one in emulator.requests)
        assert (reads > 1, posts(emulator)) == (is_asked_again, 1)


@pytest.mark.parametrize("view", ["list", "name"])
async def test_droplet_is_adopted_when_the_lists_are_late(flavour: Flavour, view: str) -> None:
    late = Visibility(**{view: 0.8})
    async with account(DropAfter(route=ROUTE, times=1), visibility=late) as emulator:
        client = flavour.client(emulator, create_settle_seconds=6.0)
        answer = await flavour.call(client.gpu_droplets.create, **BODY, name="a")
        assert answer.is_adopted
        assert posts(emulator) == 1


async def test_droplet_is_adopted_when_only_its_action_shows(flavour: Flavour) -> None:
    late = Visibility(name=100.0)  # the list of actions has the lag of other lists
    async with account(DropAfter(route=ROUTE, times=1), visibility=late) as emulator:
        answer = await flavour.call(flavour.client(emulator).gpu_droplets.create, **BODY, name="a")
        assert answer.is_adopted
        assert answer.droplet.id == max(emulator.account.droplets)


async def test_oldest_is_adopted_when_several_may_be_the_result(flavour: Flavour) -> None:
    async with account(DropAfter(route=ROUTE, times=1)) as emulator:
        client = flavour.client(emulator)

        def twin() -> None:
            emulator.account.add(DropletSpec(name="a", status="new"))

        emulator.account.after(0.0, twin)
        answer = await flavour.call(client.gpu_droplets.create, **BODY, name="a")
        ids = sorted(emulator.account.droplets)
        assert (answer.droplet.id, [one.id for one in answer.others]) == (ids[0], ids[1:])
        assert len(ids) == 2


async def test_droplet_of_another_region_is_not_adopted(flavour: Flavour) -> None:
    # Another program creates a Droplet of this name after the request that was lost.
    async with account(DropBefore(route=ROUTE, times=1)) as emulator:
        spec = DropletSpec(name="a", status="new", region="nyc2", size=BODY["size"])
        emulator.account.after(1.1, lambda: emulator.account.add(spec))
        create = flavour.client(emulator, create_settle_seconds=1.6).gpu_droplets.create
        with pytest.raises(CreateOutcomeUnknownError) as caught:
            await flavour.call(create, **BODY, name="a")
        assert (caught.value.names, caught.value.candidates, posts(emulator)) == (("a",), (), 1)


async def test_twin_of_another_region_is_not_named(flavour: Flavour) -> None:
    late = late_until(lambda: len(emulator.account.droplets) > 2)
    async with account(DropAfter(route=ROUTE, times=1), visibility=late) as emulator:
        spec = DropletSpec(name="a", status="new", region="nyc2", size=BODY["size"])
        emulator.account.after(0.1, lambda: emulator.account.add(spec))
        create = flavour.client(emulator, create_settle_seconds=1.4).gpu_droplets.create
        answer = await flavour.call(create, **BODY, name="a", on_unknown="resend")
        assert {one.region.slug for one in (answer.droplet, *answer.others)} == {"tor1"}
        assert (len(answer.others), len(emulator.account.droplets)) == (1, 3)


async def test_part_of_a_list_is_reported_when_its_answer_is_lost(flavour: Flavour) -> None:
    partly = {"behaviour": Behaviour(partial_creates="accepted"), "catalogue": attrs.evolve(MANY, gpu_limit=2)}
    names = ["a", "b", "c"]
    async with Emulator(0, limits=None, **partly) as emulator:
        answer = await flavour.call(flavour.client(emulator).gpu_droplets.create, **BODY, names=names)
        assert ([one.name for one in answer.droplets], answer.missing) == (["a", "b"], ("c",))
    async with Emulator(0, limits=None, faults=[DropAfter(route=ROUTE)], **partly) as emulator:
        with pytest.raises(CreateOutcomeUnknownError, match="only some of what it asked for") as caught:
            await flavour.call(flavour.client(emulator).gpu_droplets.create, **BODY, names=names)
        assert caught.value.names == ("a", "b", "c")
        assert {one.name for one in caught.value.candidates} == {"a", "b"}


# Creates that are sent again, and twins.


@pytest.mark.parametrize("lost", BEFORE)
async def test_droplet_is_created_again_when_the_caller_says_so(flavour: Flavour, lost: str) -> None:
    async with account(BEFORE[lost](route=ROUTE, times=1)) as emulator:
        create = flavour.client(emulator).gpu_droplets.create
        answer = await flavour.call(create, **BODY, name="train-{n}", on_unknown="resend")
        assert NONCED.fullmatch(answer.droplet.name)
        assert (names_in(emulator), posts(emulator)) == ([answer.droplet.name], 2)


@pytest.mark.parametrize("is_raw", [False, True])
async def test_younger_twin_is_destroyed_when_the_name_has_a_nonce(flavour: Flavour, is_raw: bool) -> None:
    late = late_until(lambda: len(emulator.account.droplets) > 1)
    async with account(DropAfter(route=ROUTE, times=1), visibility=late) as emulator:
        droplets = flavour.client(emulator, create_settle_seconds=1.4).gpu_droplets
        method = droplets.with_raw_response.create if is_raw else droplets.create
        answer = await flavour.call(method, **BODY, name="train-{n}", on_unknown="resend")
        answer = answer.parse() if is_raw else answer
        assert posts(emulator) == 2
        oldest = min(emulator.account.droplets)
        assert (answer.droplet.id, answer.others) == (oldest, ())
        emulator.clock.advance(60)
        assert list(emulator.account.droplets) == [oldest]


async def test_droplet_is_named_when_the_client_is_closed_meanwhile(flavour: Flavour) -> None:
    async with account(DropBefore(route=ROUTE, times=1)) as emulator:
        client = flavour.client(emulator, create_settle_seconds=2.0)
        creating = asyncio.create_task(
            flavour.call(client.gpu_droplets.create, **BODY, name="train-{n}", on_unknown="resend")
        )
        while not emulator.account.droplets:  # noqa: ASYNC110 - the sync client creates in another thread
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        await flavour.close(client)
        if flavour.name == "async":
            assert (await creating).droplet.id in emulator.account.droplets
            return
        with pytest.raises(CreateOutcomeUnknownError, match="made Droplet 3164444 ") as caught:
            await creating
        assert [one.id for one in caught.value.candidates] == [3164444]


@pytest.mark.parametrize("is_gone", [True, False])
async def test_twin_is_named_only_if_it_cannot_be_destroyed(flavour: Flavour, is_gone: bool) -> None:
    lost, late = DropAfter(route=ROUTE, times=1), late_until(lambda: len(emulator.account.droplets) > 1)
    refused = ServerError(404 if is_gone else 403, executed=is_gone, route=DELETE)
    async with account(lost, refused, visibility=late, durations={"destroy": 0.01}) as emulator:
        droplets = flavour.client(emulator, create_settle_seconds=1.4).gpu_droplets
        answer = await flavour.call(droplets.create, **BODY, name="train-{n}", on_unknown="resend")
        oldest, *youngest = sorted(emulator.account.droplets)
        assert len(youngest) == (0 if is_gone else 1)
        assert (answer.droplet.id, [one.id for one in answer.others]) == (
            (oldest, []) if is_gone else (*youngest, [oldest])
        )


@pytest.mark.parametrize("is_once", [True, False])
async def test_twin_is_not_gone_while_a_list_shows_it(flavour: Flavour, is_once: bool) -> None:
    """The DELETE is answered by a replica that does not know the twin yet."""
    lost, late = DropAfter(route=ROUTE, times=1), late_until(lambda: len(emulator.account.droplets) > 1)
    unknown = ServerError(404, route=DELETE, times=1 if is_once else None)
    async with account(lost, unknown, visibility=late, durations={"destroy": 0.01}) as emulator:
        droplets = flavour.client(emulator, create_settle_seconds=1.4).gpu_droplets
        answer = await flavour.call(droplets.create, **BODY, name="train-{n}", on_unknown="resend")
        others = [one.id for one in answer.others]
        assert answer.droplet.id == min(emulator.account.droplets)
        assert sorted(emulator.account.droplets) == [answer.droplet.id, *others]
        assert len(others) == (0 if is_once else 1)


async def test_droplet_is_not_among_its_others(flavour: Flavour) -> None:
    # The API refuses to destroy the younger one until it is active: the older one is seen with two statuses.
    lost, late = DropAfter(route=ROUTE, times=1), late_until(lambda: len(emulator.account.droplets) > 1)
    busy = {"behaviour": Behaviour(destroy_when_busy="refused"), "durations": {"create": 0.7}}
    async with account(lost, visibility=late, **busy) as emulator:
        droplets = flavour.client(emulator, create_settle_seconds=2.4).gpu_droplets
        answer = await flavour.call(droplets.create, **BODY, name="train-{n}", on_unknown="resend")
        assert (answer.droplet.id, answer.others) == (min(emulator.account.droplets), ())
        emulator.clock.advance(60)
        assert list(emulator.account.droplets) == [answer.droplet.id]


async def test_twin_is_named_and_left_when_its_name_is_anybodys(flavour: Flavour) -> None:
    late = late_until(lambda: len(emulator.account.droplets) > 1)
    async with account(DropAfter(route=ROUTE, times=1), visibility=late) as emulator:
        client = flavour.client(emulator, create_settle_seconds=1.4)
        answer = await flavour.call(client.gpu_droplets.create, **BODY, name="a", on_unknown="resend")
        first, second = sorted(emulator.account.droplets)
        assert (answer.droplet.id, [one.id for one in answer.others]) == (second, [first])
        assert not any(one.method == "DELETE" for one in emulator.requests)


async def test_outcome_is_unknown_when_creating_again_fails_too(flavour: Flavour) -> None:
    async with account(DropBefore(route=ROUTE)) as emulator:
        with pytest.raises(CreateOutcomeUnknownError, match="it was sent 3 times") as caught:
            await flavour.call(flavour.client(emulator).gpu_droplets.create, **BODY, name="a", on_unknown="resend")
        assert [attempt.outcome for attempt in caught.value.attempts] == ["unknown"] * 3
        assert posts(emulator) == 3


async def test_outcome_is_unknown_when_a_limit_refuses_the_second_time(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", RESET, reply(422, {"id": "x", "message": "creating this droplet will exceed your GPU limit"}))
    wire.script("GET", reply(200, {"droplets": [], "actions": [], "links": {}, "meta": {"total": 0}}))
    create = flavour.client(wire).gpu_droplets.create
    with pytest.raises(CreateOutcomeUnknownError):
        await flavour.call(create, **BODY, name="a", on_unknown="resend")
    assert len(wire.sent("POST")) == 2


@pytest.mark.parametrize(
    "second",
    [reply(403, {"id": "forbidden", "message": "no"}), reply(503, headers={"Retry-After": "900"})],
    ids=["403", "503"],
)
async def test_outcome_stays_unknown_when_the_second_time_is_refused(
    flavour: Flavour, wire: WireServer, second: Reply
) -> None:
    wire.script("POST", RESET, second)
    wire.script("GET", reply(200, {"droplets": [], "actions": [], "links": {}, "meta": {"total": 0}}))
    create = flavour.client(wire, max_retries=5).gpu_droplets.create
    with pytest.raises(CreateOutcomeUnknownError):
        await flavour.call(create, **BODY, name="a", on_unknown="resend")
    assert len(wire.sent("POST")) == 2


# Lists of names, keys, and names.


async def test_long_list_of_names_is_created_in_parts(flavour: Flavour) -> None:
    async with account(DropAfter(route=ROUTE, times=1, skip=1)) as emulator:
        create = flavour.client(emulator).gpu_droplets.create
        answer = await flavour.call(create, **BODY, names=["train-{n}"] * 23)
        names = [droplet.name for droplet in answer.droplets]
        assert all(map(NONCED.fullmatch, names))
        assert (len(set(names)), len({name[-8:] for name in names})) == (23, 1)
        assert (sorted(names_in(emulator)), posts(emulator)) == (sorted(names), 3)
        assert answer.is_adopted
        assert answer.missing == ()


async def test_long_list_is_refused_when_one_http_answer_is_asked_for(flavour: Flavour, wire: WireServer) -> None:
    create = flavour.client(wire).gpu_droplets.with_raw_response.create
    with pytest.raises(ValueError, match=r"^names: with_raw_response takes at most 10 names, got 11"):
        await flavour.call(create, **BODY, names=["train-{n}"] * 11)
    assert wire.requests == []


async def test_missing_names_are_reported_when_the_answer_is_parsed(flavour: Flavour, wire: WireServer) -> None:
    droplet = {"id": 7, "name": "a", "status": "new"}
    wire.script("POST", reply(202, {"droplet": droplet, "links": {}}))
    create = flavour.client(wire).gpu_droplets.with_raw_response.create
    raw = await flavour.call(create, **BODY, names=["a", "b"])
    assert raw.status == 202
    assert ([one.id for one in raw.parse().droplets], raw.parse().missing) == ([7], ("b",))


async def test_created_droplets_are_named_when_a_later_part_fails(flavour: Flavour) -> None:
    limited = attrs.evolve(PUBLIC_CATALOGUE, gpu_limit=15)
    names = [f"a{number}" for number in range(20)]
    async with Emulator(0, limits=None, catalogue=limited) as emulator:
        create = flavour.client(emulator).gpu_droplets.create
        with pytest.raises(PartlyCreatedError, match="10 of 20 Droplets were created") as caught:
            await flavour.call(create, **BODY, names=names)
        assert isinstance(caught.value.__cause__, GpuLimitError)
        assert [one.name for one in caught.value.droplets] == names[:10]
        assert caught.value.missing == tuple(names[10:])
        with pytest.raises(GpuLimitError):
            await flavour.call(create, **BODY, names=names)


async def test_cancellation_names_the_droplets_that_were_created(wire: WireServer) -> None:
    first = [{"id": number, "name": f"n{number}", "status": "new"} for number in range(1, 11)]
    wire.script("POST", reply(202, {"droplets": first}), HANG)
    async with AsyncGradientAI(wire.token, base_url=wire.base_url, rate_budget=None) as client:
        creating = asyncio.create_task(client.gpu_droplets.create(**BODY, names=[f"n{n}" for n in range(1, 16)]))
        await wire.seen(2, "POST")
        creating.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await creating
    noted = f"created Droplets, which are billed: {', '.join(f'{n} (n{n})' for n in range(1, 11))}"
    assert noted in caught.value.__notes__[0]
    assert isinstance(caught.value.__cause__, CreateOutcomeUnknownError)
    assert noted in caught.value.__cause__.__notes__[0]


async def test_names_of_every_part_are_reported_missing(flavour: Flavour) -> None:
    limited = attrs.evolve(MANY, gpu_limit=15)
    names = [f"a{number}" for number in range(25)]
    partly = Behaviour(partial_creates="accepted")
    async with Emulator(0, limits=None, catalogue=limited, behaviour=partly) as emulator:
        create = flavour.client(emulator).gpu_droplets.create
        with pytest.raises(PartlyCreatedError, match="15 of 25 Droplets were created") as caught:
            await flavour.call(create, **BODY, names=names)
        assert [one.name for one in caught.value.droplets] == names[:15]
        assert caught.value.missing == tuple(names[15:])


async def test_new_key_is_given_up_when_a_create_never_knows_it(flavour: Flavour) -> None:
    async with account(visibility=Visibility(keys=1e6)) as emulator:
        client = flavour.client(emulator, create_settle_seconds=0.5)
        key = (await flavour.call(client.gpu_droplets.account.keys.create, name="a", public_key=PUBLIC_KEY)).ssh_key
        with pytest.raises(SshKeyUnknownError):
            await flavour.call(client.gpu_droplets.create, **BODY, name="a", ssh_keys=[key.id])
        assert posts(emulator) > 1


@pytest.mark.parametrize("is_raw", [False, True])
async def test_new_key_is_given_time_when_a_create_does_not_know_it(flavour: Flavour, is_raw: bool) -> None:
    async with account(visibility=Visibility(keys=0.6)) as emulator:
        client = flavour.client(emulator, create_settle_seconds=6.0)
        keys = client.gpu_droplets.account.keys
        key = (await flavour.call(keys.create, name="laptop", public_key=PUBLIC_KEY)).ssh_key
        method = client.gpu_droplets.with_raw_response.create if is_raw else client.gpu_droplets.create
        answer = await flavour.call(method, **BODY, name="a", ssh_keys=[key.id, key.fingerprint])
        answer = answer.parse() if is_raw else answer
        assert names_in(emulator) == [answer.droplet.name]
        assert posts(emulator) > 1
        with pytest.raises(SshKeyUnknownError) as caught:
            await flavour.call(client.gpu_droplets.create, **BODY, name="b", ssh_keys=[17])
        assert caught.value.identifiers == ("17",)


async def test_equal_names_are_refused(flavour: Flavour, wire: WireServer) -> None:
    create = flavour.client(wire).gpu_droplets.create
    with pytest.raises(ValueError, match="names: expected different names"):
        await flavour.call(create, **BODY, names=["a", "a"])
    with pytest.raises(ValueError, match="on_unknown: expected one of 'raise', 'resend'"):
        await flavour.call(create, **BODY, name="a", on_unknown="retry")
    assert wire.requests == []


# Every kind of lost answer.


class Account:
    """The creates and the Droplets of an account whose first answer is lost."""

    def __init__(self, wire: WireServer, lost: str, *, is_executed: bool) -> None:
        self.made: list[dict[str, Any]] = []
        self.lost = lost
        self.is_executed = is_executed
        wire.script("POST", self.create)
        wire.script("GET", self.listed)

    def create(self, request: WireRequest) -> Reply:
        droplet = {
            "id": 7 + len(self.made),
            "name": request.json["name"],
            "status": "new",
            "size_slug": request.json["size"],
            "created_at": stamp(),
        }
        if self.is_executed:
            self.made.append(droplet)
        return LOST[self.lost]({"action": {"id": 1}, "droplet": droplet})

    def listed(self, request: WireRequest) -> Reply:
        shown = self.made if request.query.get("type") == "gpus" else []
        return reply(200, {"droplets": shown, "actions": [], "links": {}, "meta": {"total": len(shown)}})


@pytest.mark.parametrize("is_executed", [True, False])
@pytest.mark.parametrize("lost", LOST)
async def test_no_kind_of_lost_answer_creates_twice(
    flavour: Flavour, wire: WireServer, lost: str, is_executed: bool
) -> None:
    there = Account(wire, lost, is_executed=is_executed)
    # The lists show a Droplet at once, or never.
    create = flavour.client(wire, timeout=0.3, create_settle_seconds=0.1).gpu_droplets.create
    if is_executed:
        answer = await flavour.call(create, **BODY, name="a")
        assert (answer.droplet.id, answer.is_adopted) == (7, True)
    else:
        with pytest.raises(CreateOutcomeUnknownError):
            await flavour.call(create, **BODY, name="a")
    assert len(wire.sent("POST")) == 1
    assert len(there.made) == is_executed


async def test_answer_about_another_droplet_counts_as_lost(flavour: Flavour, wire: WireServer) -> None:
    there = Account(wire, "500", is_executed=True)

    def mixed_up(request: WireRequest) -> Reply:
        there.create(request)
        return reply(202, {"droplet": {**there.made[0], "id": 99, "name": "b"}, "links": {}})

    wire.script("POST", mixed_up)
    answer = await flavour.call(flavour.client(wire).gpu_droplets.create, **BODY, name="a")
    assert (answer.droplet.id, answer.is_adopted) == (7, True)


@pytest.mark.parametrize(("tags", "adopted", "other"), [(["mine"], 7, 3), (None, 3, 7)])
async def test_droplet_with_the_asked_tags_is_preferred(
    flavour: Flavour, wire: WireServer, tags: list[str] | None, adopted: int, other: int
) -> None:
    there = Account(wire, "500", is_executed=True)

    def after_another(request: WireRequest) -> Reply:
        answer = there.create(request)
        there.made[0]["tags"] = ["Mine", "more"]
        there.made.append({**there.made[0], "id": 3, "tags": []})
        return answer

    wire.script("POST", after_another)
    answer = await flavour.call(flavour.client(wire).gpu_droplets.create, **BODY, name="a", tags=tags)
    assert (answer.droplet.id, [one.id for one in answer.others]) == (adopted, [other])


async def test_refusal_is_raised_when_nothing_was_lost(flavour: Flavour, wire: WireServer) -> None:
    wire.script("POST", reply(422, {"id": "unprocessable_entity", "message": "no"}))
    with pytest.raises(UnprocessableEntityError, match="no"):
        await flavour.call(flavour.client(wire).gpu_droplets.create, **BODY, name="a")
    assert len(wire.requests) == 1


async def test_droplet_is_adopted_when_lists_fail_for_some_time(flavour: Flavour, wire: WireServer) -> None:
    there = Account(wire, "500", is_executed=True)
    wire.script("GET", *[reply(503, headers={"Retry-After": "0"})] * 7, there.listed)
    answer = await flavour.call(flavour.client(wire, create_settle_seconds=2.0).gpu_droplets.create, **BODY, name="a")
    assert (answer.droplet.id, answer.is_adopted) == (7, True)


@pytest.mark.parametrize("body", [{}, {"droplets": []}, {"droplets": None, "links": {}}])
async def test_outcome_is_unknown_when_the_answer_names_no_droplet(
    flavour: Flavour, wire: WireServer, body: dict[str, object]
) -> None:
    wire.script("POST", reply(202, body))
    wire.script("GET", reply(200, {"droplets": [], "actions": [], "links": {}, "meta": {"total": 0}}))
    with pytest.raises(CreateOutcomeUnknownError, match="though the server answered with a success"):
        await flavour.call(flavour.client(wire).gpu_droplets.create, **BODY, names=["a", "b"])
    assert len(wire.sent("POST")) == 1


async def test_cancelled_create_names_what_may_exist(wire: WireServer) -> None:
    wire.script("POST", RESET)
    wire.script("GET", reply(200, {"droplets": [], "actions": [], "links": {}, "meta": {"total": 0}}))
    options = {"base_url": wire.base_url, "rate_budget": None, "create_settle_seconds": 60.0}
    async with AsyncGradientAI(wire.token, **options) as client:
        task = asyncio.create_task(client.gpu_droplets.create(**BODY, name="a"))
        await wire.seen(3, "GET")
        task.cancel()
        with pytest.raises(asyncio.CancelledError) as caught:
            await task
    assert isinstance(caught.value.__cause__, CreateOutcomeUnknownError)
    assert caught.value.__cause__.names == ("a",)
    assert len(wire.sent("POST")) == 1
