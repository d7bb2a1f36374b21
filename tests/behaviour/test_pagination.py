"""Lists: every item once, 200 to a request, never short in silence; and the filters that the API lets be combined."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest
from wire_server import Reply, WireRequest, WireServer, action, html, listed, reply

from gradient_async import (
    APIConnectionError,
    APIResponseValidationError,
    AsyncGradientAI,
    InternalServerError,
    NotFoundError,
)
from gradient_async.emulator import Behaviour, DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from flavours import Flavour

DROPLET = 3164444


def pages_of(
    count: int, *, links: Callable[[int, int], object], total: object = None
) -> Callable[[WireRequest], Reply]:
    """Pages of so many actions; ``links`` gets a page's number and that of the last page."""

    def answer(request: WireRequest) -> Reply:
        page, length = int(request.query["page"]), int(request.query["per_page"])
        items = [action(number) for number in range(1, count + 1)][length * (page - 1) : length * page]
        last = max(1, -(-count // length))
        return reply(200, {"actions": items, "links": links(page, last), "meta": {"total": total}})

    return answer


def documented(number: int, last: int) -> object:
    urls = {"first": 1, "prev": number - 1, "next": number + 1, "last": last}
    wanted = [name for name in urls if (name in ("first", "prev")) <= (number > 1)]
    wanted = [name for name in wanted if (name in ("next", "last")) <= (number < last)]
    return {"pages": {name: f"https://api.digitalocean.com/v2/actions?page={urls[name]}" for name in wanted}}


async def test_every_action_comes_once_when_there_are_450(flavour: Flavour) -> None:
    async with Emulator(droplets=450) as emulator:
        client = flavour.client(emulator)

        actions = await flavour.items(client.actions.list_all())
        droplets = await flavour.items(client.gpu_droplets.list_all())

        assert len(actions) == 450
        assert {one.resource_id for one in actions} == set(range(DROPLET, DROPLET + 450))
        assert sorted(one.id for one in droplets) == list(range(DROPLET, DROPLET + 450))
        assert [request.target for request in emulator.requests] == [
            *(f"/v2/actions?page={number}&per_page=200" for number in (1, 2, 3)),
            *(f"/v2/droplets?type=gpus&page={number}&per_page=200" for number in (1, 2, 3)),
        ]


@pytest.mark.parametrize("count", [0, 1, 199, 200, 201, 400, 401])
@pytest.mark.parametrize(
    ("links", "with_total"),
    [(documented, True), (documented, False), (lambda *_: {}, True), (lambda *_: {}, False), (lambda *_: None, True)],
    ids=["documented", "no-total", "no-links", "neither", "null-links"],
)
async def test_list_whole_when_links_or_total_are_missing(
    flavour: Flavour, wire: WireServer, count: int, links: Callable[[int, int], object], with_total: bool
) -> None:
    wire.script("GET", pages_of(count, links=links, total=count if with_total else None))
    client = flavour.client(wire)

    actions = await flavour.items(client.gpu_droplets.actions.list_all(DROPLET))

    assert [one.id for one in actions] == list(range(1, count + 1))
    assert len(wire.requests) <= count // 200 + 1


async def test_action_comes_once_when_pushed_onto_the_next_page(flavour: Flavour, wire: WireServer) -> None:
    pages = [range(600, 400, -1), range(405, 205, -1), range(205, 100, -1)]

    def page(request: WireRequest) -> Reply:
        number = int(request.query["page"])
        items = [action(item) for item in pages[number - 1]]
        return listed(items, links=documented(number, 3), meta={"total": 505})

    wire.script("GET", page)
    client = flavour.client(wire)

    ids = [one.id for one in await flavour.items(client.actions.list_all())]

    assert ids == list(range(600, 100, -1))


async def test_actions_started_meanwhile_do_no_harm(flavour: Flavour) -> None:
    async with Emulator(droplets=210) as emulator:
        client = flavour.client(emulator)
        iterator = client.actions.list_all()
        first = await flavour.first(iterator)

        emulator.account.start(DROPLET, "reboot")
        ids = [first.id, *(one.id for one in await flavour.items(iterator))]

        assert len(ids) == len(set(ids)) == 210


@pytest.mark.parametrize(
    ("failure", "error_class"),
    [
        (html(502), InternalServerError),
        (reply(404), NotFoundError),
        (reply(200, b"{"), APIResponseValidationError),
        (reply(200, {"meta": {}}), APIResponseValidationError),
        (reply(200, {"actions": []}, then="close", cut=3), APIConnectionError),
    ],
    ids=["502", "404", "cut-json", "no-list", "cut-off"],
)
async def test_error_and_no_short_list_when_a_later_page_fails(
    flavour: Flavour, wire: WireServer, failure: Reply, error_class: type[Exception]
) -> None:
    whole = pages_of(450, links=documented, total=450)
    wire.script("GET", lambda request: failure if request.query["page"] == "2" else whole(request))
    client = flavour.client(wire, max_retries=1)

    with pytest.raises(error_class):
        await flavour.items(client.actions.list_all())

    assert {request.query["page"] for request in wire.requests} == {"1", "2"}


async def test_first_items_there_before_the_second_page_is_asked_for(flavour: Flavour, wire: WireServer) -> None:
    wire.script("GET", pages_of(450, links=documented, total=450))
    client = flavour.client(wire)
    iterator = client.actions.list_all()
    assert wire.requests == []

    assert (await flavour.first(iterator)).id == 1

    assert len(wire.requests) == 1
    if flavour.name == "sync":
        iterator.close()


@pytest.mark.parametrize(
    ("filters", "query"),
    [
        ({}, {"type": "gpus"}),
        ({"type": "gpus"}, {"type": "gpus"}),
        ({"type": "droplets"}, {"type": "droplets"}),
        ({"name": "a b&c"}, {"type": "gpus", "name": "a b&c"}),
        ({"name": "a", "type": "droplets"}, {"type": "droplets", "name": "a"}),
        ({"tag_name": "team:ml"}, {"tag_name": "team:ml"}),
        # The API refuses the two together: the client filters what it has read.
        ({"tag_name": "team:ml", "type": "gpus"}, {"tag_name": "team:ml"}),
        ({"tag_name": "team:ml", "type": "droplets"}, {"tag_name": "team:ml"}),
    ],
    ids=str,
)
async def test_filters_as_the_api_takes_them_when_droplets_are_listed(
    flavour: Flavour, wire: WireServer, filters: dict[str, str], query: dict[str, str]
) -> None:
    wire.script("GET", reply(200, {"droplets": [], "links": {}, "meta": {"total": 0}}))
    client = flavour.client(wire)

    await flavour.call(client.gpu_droplets.list, **filters)
    await flavour.call(client.gpu_droplets.list, page=2, per_page=50, **filters)
    await flavour.items(client.gpu_droplets.list_all(**filters))

    assert [request.query for request in wire.requests] == [
        query,
        query | {"page": "2", "per_page": "50"},
        query | {"page": "1", "per_page": "200"},
    ]


@pytest.mark.parametrize(
    "filters",
    [
        {"tag_name": "a", "name": " "},
        {"tag_name": "a", "type": "cpus"},
        {"tag_name": "a b"},
        {"tag_name": ""},
        {"name": " "},
        {"type": "cpus"},
    ],
    ids=str,
)
async def test_refused_before_sending_when_filters_are_impossible(
    flavour: Flavour, wire: WireServer, filters: Any
) -> None:
    client = flavour.client(wire)

    with pytest.raises((TypeError, ValueError)):
        await flavour.call(client.gpu_droplets.list, **filters)
    with pytest.raises((TypeError, ValueError)):
        await flavour.items(client.gpu_droplets.list_all(**filters))

    assert wire.requests == []


@pytest.mark.parametrize("page", [{"page": 0}, {"per_page": 0}, {"per_page": 201}, {"page": "1"}, {"page": True}])
async def test_refused_before_sending_when_a_page_is_impossible(flavour: Flavour, wire: WireServer, page: Any) -> None:
    client = flavour.client(wire)

    for method, arguments in [
        (client.actions.list, ()),
        (client.gpu_droplets.list, ()),
        (client.gpu_droplets.actions.list, (DROPLET,)),
    ]:
        with pytest.raises((TypeError, ValueError), match=next(iter(page))):
            await flavour.call(method, *arguments, **page)

    assert wire.requests == []


async def test_gpu_droplets_only_when_no_filter_is_given(flavour: Flavour) -> None:
    specs = [
        DropletSpec(tags=("ml",)),
        DropletSpec(gpu=False, tags=("ml",)),
        DropletSpec(gpu=False),
        DropletSpec(name="Special"),
    ]
    async with Emulator(specs) as emulator:
        client = flavour.client(emulator)

        async def ids(**filters: Any) -> list[int]:
            return sorted(one.id - DROPLET for one in await flavour.items(client.gpu_droplets.list_all(**filters)))

        assert await ids() == [0, 3]
        assert await ids(type="droplets") == [1, 2]
        assert await ids(tag_name="ml") == [0, 1]
        assert await ids(tag_name="ML") == []
        assert await ids(tag_name="ml", type="gpus") == [0]
        assert await ids(tag_name="ml", type="droplets") == [1]
        assert await ids(name="special") == [3]


async def test_whole_list_when_the_links_lead_to_another_address(flavour: Flavour) -> None:
    behaviour = Behaviour(link_base="https://api.digitalocean.com")
    async with Emulator(droplets=201, behaviour=behaviour) as emulator:
        client = flavour.client(emulator)

        assert len(await flavour.items(client.actions.list_all())) == 201


async def test_page_is_shorter_when_it_is_filtered_by_tag_and_type(flavour: Flavour) -> None:
    specs = [DropletSpec(tags=("ml",), gpu=False), DropletSpec(tags=("ml",)), DropletSpec(tags=("ml",))]
    async with Emulator(specs) as emulator:
        client = flavour.client(emulator)

        page = await flavour.call(client.gpu_droplets.list, tag_name="ml", type="gpus", per_page=2)
        other = await flavour.call(client.gpu_droplets.list, tag_name="ml", type="droplets", per_page=2)

        assert sorted(one.id for one in (*page.droplets, *other.droplets)) != []
        assert len(page.droplets) + len(other.droplets) == 2
        assert page.meta.total == 3, "the total counts all that have the tag"
        assert page.links.pages.next is not None


async def test_list_continues_when_whole_pages_are_filtered_out(flavour: Flavour) -> None:
    specs = [DropletSpec(tags=("ml",)), *[DropletSpec(tags=("ml",), gpu=False)] * 1000, DropletSpec(tags=("ml",))]
    async with Emulator(specs, limits=None) as emulator:
        client = flavour.client(emulator)

        found = await flavour.items(client.gpu_droplets.list_all(tag_name="ml", type="gpus"))

        assert sorted(one.id for one in found) == [DROPLET, DROPLET + 1001]
        assert len(emulator.requests) == 6


async def test_raw_list_parses_to_the_kept_when_it_is_filtered(flavour: Flavour) -> None:
    droplets = [DropletSpec(tags=("ml",)), DropletSpec(gpu=False, tags=("ml",))]
    async with Emulator(droplets) as emulator:
        client = flavour.client(emulator)
        raw = await flavour.call(client.gpu_droplets.with_raw_response.list, tag_name="ml", type="droplets")
    assert len(json.loads(raw.body)["droplets"]) == 2
    assert [droplet.has_gpus for droplet in raw.parse().droplets] == [False]


async def test_second_consumer_is_refused_when_a_list_has_one() -> None:
    async with Emulator(droplets=450, limits=None) as emulator:
        client = AsyncGradientAI(emulator.token, base_url=emulator.base_url, rate_budget=None)
        droplets = client.gpu_droplets.list_all()

        async def count() -> int:
            return len([droplet async for droplet in droplets])

        counts = await asyncio.gather(count(), count(), return_exceptions=True)
        assert sum(isinstance(one, RuntimeError) for one in counts) == 1
        await client.aclose()
