"""A create of Droplets: the size of its image, keys that are not known yet, and Droplets that exist twice."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async.endpoints import account_keys, droplet_creation, droplets, sizes
from gradient_async.errors import (
    APIConnectionError,
    Attempt,
    ClientClosedError,
    CreateOutcomeUnknownError,
    NotFoundError,
    PartlyCreatedError,
    PermissionDeniedError,
    SshKeyUnknownError,
)
from gradient_async.models.droplet import Droplet
from gradient_async.models.droplet_create import ActionLink, CreateLinks, MultipleDropletResponse, SingleDropletResponse
from gradient_async.models.region import Region
from gradient_async.models.size import GPUInfo, Size
from gradient_async.resources import droplet_creator
from gradient_async.resources.droplet_creator import DropletCreator

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

pytestmark = pytest.mark.once

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
WHERE: dict[str, Any] = {"method": "GET", "path": "/v2/droplets"}


def request(on_unknown: str = "raise", **changes: Any) -> Any:
    body = {"name": "t", "size": "a", "region": "tor1", "image": "x", **changes}
    return droplet_creation.create({key: value for key, value in body.items() if value is not None}, on_unknown, {})


def shown(number: int, seconds: float | None = 0.0, **changes: Any) -> Droplet:
    usual = {"name": "t", "size_slug": "a", "region": Region(slug="tor1"), "status": "active"}
    created_at = None if seconds is None else NOON + timedelta(seconds=seconds)
    return Droplet(**{**usual, "id": number, "created_at": created_at, **changes})


def attempts(*outcomes: Any) -> tuple[Attempt, ...]:
    return tuple(
        Attempt(number=number, outcome=outcome, started_at=NOON + timedelta(seconds=10 * number), seconds=1.0)
        for number, outcome in enumerate(outcomes)
    )


class Sender:
    """Answers from what the test has prepared, and notes what is sent."""

    def __init__(self) -> None:
        self.settings = SimpleNamespace(create_settle_seconds=8.0)
        self.pages: dict[int, list[Size]] = {}
        self.lists: list[list[Droplet] | Exception] = [[]]
        self.creates: list[Any] = []
        self.keys: dict[object, Exception] = {}
        self.deletes: dict[int, Exception] = {}
        self.sent: list[tuple[str, Any]] = []
        self.on_deleted: Callable[[], None] = lambda: None

    async def send(self, sent: Any, before: object = None) -> Any:
        endpoint = sent.endpoint
        answer: Any
        if endpoint is sizes.LIST:
            page = int(dict(sent.query)["page"])
            self.sent.append(("sizes", page))
            answer = SimpleNamespace(sizes=self.pages.get(page, []))
        elif endpoint is account_keys.RETRIEVE:
            key = sent.path.rpartition("/")[2]
            self.sent.append(("key", key))
            answer = self.keys.get(key)
        elif endpoint is droplets.LIST:
            query = dict(sent.query)
            assert query["page"] in (1, "1")
            self.sent.append(("list", query.get("type")))
            found = self.lists.pop(0) if len(self.lists) > 1 else self.lists[0]
            answer = found if isinstance(found, Exception) else SimpleNamespace(droplets=found)
        elif endpoint is droplets.DELETE:
            number = int(sent.path.rpartition("/")[2])
            self.sent.append(("delete", number))
            answer = self.deletes.get(number)
            self.on_deleted()
        else:
            self.sent.append(("create", before))
            answer = self.creates.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return SimpleNamespace(parse=lambda: answer)

    def deleted(self) -> list[int]:
        return [number for what, number in self.sent if what == "delete"]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let nothing sleep, and note how long it would."""
    found: list[float] = []

    async def sleep(seconds: float) -> None:
        found.append(seconds)

    monkeypatch.setattr(droplet_creator, "anyio", SimpleNamespace(sleep=sleep))
    return found


def creator(sender: Sender | Parts, **options: Any) -> Any:
    either: Any = sender
    return DropletCreator(either, **options)


# The image.


def many(count: int) -> list[Size]:
    return [Size(slug=f"s{number}", gpu_info=GPUInfo(count=1, model="nvidia_h100")) for number in range(count)]


@pytest.mark.parametrize(
    ("counts", "slug", "read"),
    [((3,), "s2", [1]), ((200, 201), "s200", [1, 2]), ((199,), None, [1]), ((200,), None, [1, 2])],
)
async def test_size_is_looked_for_on_all_pages(counts: tuple[int, ...], slug: str | None, read: list[int]) -> None:
    sender = Sender()
    sender.pages = {number: many(count) for number, count in enumerate(counts, 1)}
    asked = request(image="auto", size=slug or "none")
    if slug is None:
        with pytest.raises(ValueError, match="'auto' needs a size that the API lists, and 'none' is not listed"):
            await creator(sender)._with_image(asked)
    else:
        found = await creator(sender)._with_image(asked)
        assert found.body == {**asked.body, "image": "gpu-h100x1-base"}
    assert sender.sent == [("sizes", number) for number in read]


async def test_image_that_is_given_is_kept() -> None:
    sender, asked = Sender(), request()
    assert await creator(sender)._with_image(asked) is asked
    assert sender.sent == []


# Keys that are registered, and not yet known.


def unknown_key(*identifiers: str, outcomes: Sequence[Any] = ("rejected",)) -> Exception:
    return SshKeyUnknownError("no key", **WHERE, status=422, identifiers=identifiers, attempts=attempts(*outcomes))


async def test_registered_keys_are_given_time(pauses: list[float]) -> None:
    sender, answer = Sender(), object()
    sender.creates = [unknown_key("7", "9"), unknown_key("7"), answer]
    made = await creator(sender, before=print)._send(request())
    assert made.parse() is answer
    create = ("create", print)
    assert sender.sent == [create, ("key", "7"), ("key", "9"), create, ("key", "7"), create]
    assert len(pauses) == 2


async def test_keys_are_given_up_when_their_time_is_over(pauses: list[float]) -> None:
    sender = Sender()
    sender.creates = [unknown_key("7")] * 99
    with pytest.raises(SshKeyUnknownError):
        await creator(sender, key_seconds=4.0)._send(request())
    assert sum(pauses) == pytest.approx(4.0)
    assert creator(sender)._key_seconds == 8.0


@pytest.mark.parametrize(
    ("error", "is_read"),
    [
        (unknown_key("7", outcomes=("unknown", "rejected")), False),
        (unknown_key("7", outcomes=("rejected", "unknown")), False),
        (unknown_key("8"), True),
        (unknown_key(), False),
        (unknown_key("²"), False),
    ],
)
async def test_refusal_of_a_key_is_final(pauses: list[float], error: Exception, *, is_read: bool) -> None:
    sender = Sender()
    sender.keys = {"8": NotFoundError("none", **WHERE, status=404)}
    sender.creates = [error]
    with pytest.raises(SshKeyUnknownError):
        await creator(sender)._send(request())
    assert [what for what, _ in sender.sent] == ["create", *(["key"] if is_read else [])]
    assert pauses == []


async def test_refusal_says_so_when_keys_cannot_be_read(pauses: list[float]) -> None:
    sender = Sender()
    sender.keys = {"7": PermissionDeniedError("no scope", **WHERE, status=403)}
    sender.creates = [unknown_key("7")]
    with pytest.raises(SshKeyUnknownError) as refused:
        await creator(sender)._send(request())
    assert pauses == []
    (note,) = refused.value.__notes__
    assert note == (
        "Whether key 7 is registered is not known, since the token cannot read SSH keys (no scope (GET /v2/droplets)). "
        "One that was registered seconds ago is not waited for then: try again, or give the token ssh_key:read"
    )


# Parts of a long list of names.


def named(count: int) -> list[str]:
    return [f"t{number}" for number in range(count)]


def part(asked: Any, first: int, *missing: str, outcomes: Sequence[Any] = ("answered",), **facts: Any) -> Any:
    """Return the answer to ten names from this one on, without some."""
    names = [name for name in named(99)[first : first + 10] if name in asked.body["names"]]
    created = tuple(shown(number, name=name) for number, name in enumerate(names, first) if name not in missing)
    answer = MultipleDropletResponse(
        droplets=created, links=CreateLinks(actions=(ActionLink(id=900 + first, rel="create"),)), **facts
    )
    request = asked._replace(body={**asked.body, "names": names})
    return SimpleNamespace(parse=lambda: answer, request=request, attempts=attempts(*outcomes), is_adopted=False)


class Parts:
    """A sender that answers each part of a create."""

    settings = SimpleNamespace(create_settle_seconds=8.0)

    def __init__(self, *answers: Any) -> None:
        self.answers = [*answers]

    async def send(self, _: object, before: object = None) -> Any:  # noqa: ARG002 - as the real one
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


@pytest.mark.parametrize("count", [10, 13, 23])
async def test_answers_to_all_parts_are_one(count: int) -> None:
    asked = request(name=None, names=named(count))
    starts = range(0, count, 10)
    answers = [part(asked, start, f"t{start + 1}", others=(shown(50 + start),)) for start in starts]
    answer = await creator(Parts(*answers)).create(asked)
    missing = tuple(f"t{start + 1}" for start in starts)
    assert [one.name for one in answer.droplets] == [name for name in named(count) if name not in missing]
    assert answer.missing == missing
    assert [one.id for one in answer.others] == [50 + start for start in starts]
    assert [one.id for one in answer.links.actions] == [900 + start for start in starts]
    assert (answer.is_adopted, answer.is_replayed) == (False, False)


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [((True, True), (False, False), (True, False)), ((False, True), (False, True), (False, True))],
)
async def test_answer_is_adopted_by_any_part_and_replayed_by_all(
    first: tuple[bool, bool], second: tuple[bool, bool], expected: tuple[bool, bool]
) -> None:
    asked = request(name=None, names=named(13))
    parts = [
        part(asked, start, is_adopted=adopted, is_replayed=replayed)
        for start, (adopted, replayed) in ((0, first), (10, second))
    ]
    answer = await creator(Parts(*parts)).create(asked)
    assert (answer.is_adopted, answer.is_replayed) == expected


WARNING = " Some of the missing ones may exist too."


@pytest.mark.parametrize(
    ("error", "warning"),
    [
        (NotFoundError("no region", **WHERE, status=404), ""),
        (CreateOutcomeUnknownError("no region", **WHERE, names=("t10",)), WARNING),
    ],
)
async def test_created_ones_are_named_when_a_later_part_fails(error: Exception, warning: str) -> None:
    asked = request(name=None, names=named(23))
    with pytest.raises(PartlyCreatedError) as caught:
        await creator(Parts(part(asked, 0, "t1"), error)).create(asked)
    assert [one.name for one in caught.value.droplets] == [name for name in named(10) if name != "t1"]
    assert caught.value.missing == ("t1", *named(23)[10:])
    text = "9 of 23 Droplets were created, and then a request failed: no region. The created ones are billed."
    assert caught.value.message == text + warning


@pytest.mark.parametrize("has_cause", [True, False])
async def test_created_ones_are_noted_when_a_later_part_is_cancelled(*, has_cause: bool) -> None:
    asked, error = request(name=None, names=named(13)), asyncio.CancelledError()
    cause = error.__cause__ = ValueError("the client is closed") if has_cause else None
    with pytest.raises(asyncio.CancelledError):
        await creator(Parts(part(asked, 0, *named(10)[2:]), error)).create(asked)
    note = "Earlier requests of this call created Droplets, which are billed: 0 (t0), 1 (t1)"
    assert [one.__notes__ for one in (error, cause) if one is not None] == [[note]] * (2 if has_cause else 1)
    first = asyncio.CancelledError()
    with pytest.raises(asyncio.CancelledError):
        await creator(Parts(first)).create(asked)
    assert not hasattr(first, "__notes__")


async def test_error_of_the_first_part_is_raised_as_it_is() -> None:
    asked, error = request(name=None, names=named(23)), NotFoundError("no region", **WHERE, status=404)
    with pytest.raises(NotFoundError) as caught:
        await creator(Parts(error)).create(asked)
    assert caught.value is error


async def test_droplet_of_an_answer_without_a_list_is_in_the_list() -> None:
    asked = request(name=None, names=["t", "u"])
    answer = MultipleDropletResponse(droplet=shown(31))
    raw: Any = SimpleNamespace(request=asked, parse=lambda: answer, attempts=attempts("answered"), is_adopted=False)
    found = await creator(Parts(raw)).create(asked)
    assert (found.droplets, found.droplet, found.missing) == ((shown(31),), None, ("u",))


async def test_long_list_is_refused_when_one_http_answer_is_asked_for() -> None:
    with pytest.raises(ValueError, match="names: with_raw_response takes at most 10 names, got 11: more need several"):
        await creator(Parts()).create_raw(request(name=None, names=named(11)))


# Twins.


def rounds(pauses: list[float]) -> int:
    """Return how often the lists are read: before each pause, and at the end."""
    return sum(pause > 0 for pause in pauses) + 1


async def settled(
    sender: Sender, asked: Any, *outcomes: Any, answer: Any = None, others: tuple[Droplet, ...] = ()
) -> Any:
    parsed = answer or SingleDropletResponse(droplet=shown(31), others=others)
    raw: Any = SimpleNamespace(request=asked, parse=lambda: parsed, attempts=attempts(*outcomes), is_adopted=False)
    return await creator(sender)._settled(raw)


@pytest.mark.parametrize(
    ("on_unknown", "outcomes", "is_read"),
    [
        ("resend", ("answered",), False),
        ("resend", ("unknown",), False),
        ("resend", ("unknown", "rejected"), False),
        ("resend", ("unknown", "not_sent", "answered"), True),
        ("resend", ("rejected", "unknown", "answered"), True),
        ("resend", ("unknown", "unknown"), True),
        ("raise", ("unknown", "unknown"), False),
    ],
)
async def test_twins_are_searched_after_an_unresolved_create(
    pauses: list[float], on_unknown: str, outcomes: tuple[str, ...], *, is_read: bool
) -> None:
    sender = Sender()
    answer = await settled(sender, request(on_unknown), *outcomes)
    assert (answer.droplet, answer.others) == (shown(31), ())
    if is_read:
        assert sum(pauses) == pytest.approx(6.0), "three quarters of the settle time"
        assert sender.sent == [("list", "gpus"), ("list", None)] * rounds(pauses)
    else:
        assert (pauses, sender.sent) == ([], [])


@pytest.mark.parametrize(
    ("twins", "kept", "deleted"),
    [
        ((shown(32, 5.0, name="t-1-n"),), 31, [32]),
        ((shown(30, -5.0, name="t-1-n"),), 30, [31]),
        ((shown(30, 0.0, name="t-1-n"),), 30, [31]),
        ((shown(32, 5.0, name="t-1-n"), shown(29, -9.0, name="t-1-n")), 29, [32, 31]),
        ((shown(32, None, name="t-1-n"),), 31, [32]),
    ],
)
@pytest.mark.usefixtures("pauses")
async def test_oldest_is_kept_when_the_name_has_a_nonce(
    monkeypatch: pytest.MonkeyPatch, twins: tuple[Droplet, ...], kept: int, deleted: list[int]
) -> None:
    monkeypatch.setattr(droplet_creation, "new_nonce", lambda: "n")
    sender, asked = Sender(), request("resend", name="t-{n}")
    name = asked.body["name"]
    own = shown(31, 0.0, name=name)
    sender.lists = [[own, *(Droplet(**{**_fields(one), "name": name}) for one in twins)]]
    answer = await settled(sender, asked, "unknown", "answered", answer=SingleDropletResponse(droplet=own))
    assert (answer.droplet.id, answer.others, sender.deleted()) == (kept, (), deleted)


def _fields(one: Droplet) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("id", "name", "size_slug", "region", "status", "created_at")}


@pytest.mark.usefixtures("pauses")
async def test_other_twins_go_when_one_cannot_be_destroyed() -> None:
    sender, asked = Sender(), request("resend", name="t-{n}")
    own, *twins = (shown(number, number, name=asked.body["name"]) for number in (31, 32, 33))
    sender.lists, sender.deletes = [[own, *twins]], {32: APIConnectionError("no route", **WHERE)}
    answer = await settled(sender, asked, "unknown", "answered", answer=SingleDropletResponse(droplet=own))
    assert (answer.droplet.id, [one.id for one in answer.others]) == (31, [32])
    assert sender.deleted().count(33) == 1


@pytest.mark.parametrize(
    "error",
    [NotFoundError("none", **WHERE, status=404), APIConnectionError("no route", **WHERE)],
    ids=["not found", "no connection"],
)
async def test_twin_that_still_shows_is_named(pauses: list[float], error: Exception) -> None:
    sender, asked = Sender(), request("resend", name="t-{n}")
    own, twin = (shown(number, number, name=asked.body["name"]) for number in (31, 32))
    sender.lists, sender.deletes = [[own, twin]], {32: error}
    answer = await settled(sender, asked, "unknown", "answered", answer=SingleDropletResponse(droplet=own))
    assert (answer.droplet.id, [one.id for one in answer.others]) == (31, [32])
    assert sender.deleted() == [32] * rounds(pauses)


@pytest.mark.usefixtures("pauses")
async def test_twin_is_destroyed_when_a_replica_did_not_know_it() -> None:
    sender, asked = Sender(), request("resend", name="t-{n}")
    own, twin = (shown(number, number, name=asked.body["name"]) for number in (31, 32))
    sender.lists, sender.deletes = [[own, twin]], {32: NotFoundError("none", **WHERE, status=404)}
    sender.on_deleted = sender.deletes.clear
    answer = await settled(sender, asked, "unknown", "answered", answer=SingleDropletResponse(droplet=own))
    assert (answer.droplet.id, answer.others, sender.deleted()) == (31, (), [32, 32])


@pytest.mark.parametrize(
    ("is_first_list_read", "left"), [(True, []), (False, [32])], ids=["lists are read", "a list cannot be read"]
)
@pytest.mark.usefixtures("pauses")
async def test_twin_is_gone_when_no_list_shows_it(*, is_first_list_read: bool, left: list[int]) -> None:
    sender, asked = Sender(), request("resend", name="t-{n}")
    own, twin = (shown(number, number, name=asked.body["name"]) for number in (31, 32))
    sender.deletes = {32: NotFoundError("none", **WHERE, status=404)}
    unread = APIConnectionError("no route", **WHERE)
    sender.lists = [[own, twin], [], *([[own] if is_first_list_read else unread, [own]] * 20)]
    answer = await settled(sender, asked, "unknown", "answered", answer=SingleDropletResponse(droplet=own))
    assert (answer.droplet.id, [one.id for one in answer.others]) == (31, left)
    assert sender.deleted() == [32]


@pytest.mark.usefixtures("pauses")
async def test_twin_is_not_gone_when_a_list_shows_it_again() -> None:
    sender, asked = Sender(), request("resend", name="t-{n}")
    own, twin = (shown(number, number, name=asked.body["name"]) for number in (31, 32))
    sender.lists = [[own, twin], [own, twin], [own], [own], [own, twin]]
    sender.deletes = {32: NotFoundError("none", **WHERE, status=404)}
    sender.on_deleted = sender.deletes.clear
    answer = await settled(sender, asked, "unknown", "answered", answer=SingleDropletResponse(droplet=own))
    assert (answer.droplet.id, answer.others, sender.deleted()) == (31, (), [32, 32])


@pytest.mark.usefixtures("pauses")
async def test_older_twin_is_the_answer_when_the_own_is_not_found() -> None:
    sender, asked = Sender(), request("resend", name="t-{n}")
    older, own = (shown(number, number, name=asked.body["name"]) for number in (30, 31))
    sender.lists, sender.deletes = [[older, own], [], [older], []], {31: NotFoundError("none", **WHERE, status=404)}
    answer = await settled(sender, asked, "unknown", "answered", answer=SingleDropletResponse(droplet=own))
    assert (answer.droplet.id, answer.others, sender.deleted()) == (30, (), [31])


@pytest.mark.parametrize(
    ("one", "is_twin"),
    [
        (shown(32, 10.0), True),
        (shown(32, 9.0), True),
        (shown(32, 8.9), False),
        (shown(32, None), False),
        (shown(32, 10.0, name="other"), False),
        (shown(32, 10.0, region=Region(slug="nyc2")), False),
        (shown(32, 10.0, size_slug="b"), False),
        (shown(31, 10.0), False),
    ],
)
@pytest.mark.usefixtures("pauses")
async def test_twin_is_only_named_when_the_name_may_be_anothers(one: Droplet, *, is_twin: bool) -> None:
    sender = Sender()
    sender.lists = [[one]]
    answer = await settled(sender, request("resend"), "rejected", "unknown", "answered")
    assert (answer.droplet, answer.others, sender.deleted()) == (shown(31), (one,) if is_twin else (), [])


@pytest.mark.usefixtures("pauses")
async def test_created_droplet_is_the_answer_when_the_client_is_closed() -> None:
    sender = Sender()
    sender.lists = [ClientClosedError("closed")]
    assert (await settled(sender, request("resend"), "unknown", "answered")).droplet == shown(31)


async def test_created_droplet_is_named_when_the_call_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    async def cancelled(_: float) -> None:
        raise asyncio.CancelledError

    monkeypatch.setattr(droplet_creator, "anyio", SimpleNamespace(sleep=cancelled))
    with pytest.raises(asyncio.CancelledError) as caught:
        await settled(Sender(), request("resend"), "unknown", "answered")
    cause = caught.value.__cause__
    assert isinstance(cause, CreateOutcomeUnknownError)
    assert (cause.names, cause.candidates) == (("t",), (shown(31),))
    assert "POST /v2/droplets was sent twice and made Droplet 31 (t), which is billed" in cause.message


@pytest.mark.usefixtures("pauses")
async def test_second_list_is_read_when_the_first_cannot_be() -> None:
    sender, twin = Sender(), shown(32, 10.0)
    sender.settings.create_settle_seconds = 0.0
    sender.lists = [APIConnectionError("no route", **WHERE), [twin]]
    answer = await settled(sender, request("resend"), "unknown", "answered", others=(shown(33), shown(31)))
    assert [one.id for one in answer.others] == [33, 32]
    assert [what for _, what in sender.sent] == ["gpus", None]


@pytest.mark.usefixtures("pauses")
async def test_twins_of_each_name_are_looked_for() -> None:
    sender, asked = Sender(), request("resend", name=None, names=["t", "u"])
    sender.lists = [[shown(31), shown(32, name="u"), shown(33), shown(34, name="u")]]
    made = MultipleDropletResponse(droplets=(shown(31), shown(32, name="u")))
    answer = await settled(sender, asked, "unknown", "answered", answer=made)
    assert [one.id for one in answer.droplets] == [31, 32]
    assert ([one.id for one in answer.others], answer.missing) == ([33, 34], ())
