"""The rules that find a created thing if the answer to its request was lost. Declared beside the endpoint."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

import attrs

from gradient_async.http.endpoint import Endpoint

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradient_async.http.endpoint import Request

ThingKey: TypeAlias = tuple[str, object]
"""The kind of a thing, and its id."""


class _NotGiven:
    """Stands for a field that the request's body does not have."""

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN: Final = _NotGiven()


def _as_it_is(value: object) -> object:
    return value


class Match(NamedTuple):
    """A field of a body that the created thing shows.

    Attributes:
        field: The field of the body.
        place: Where the thing shows it, such as ``"region.slug"``; ``""`` for the same name.
        form: Brings both values to a form in which they are compared.
        can_be_hidden: Whether a thing that does not show the field can be the one that was asked for.
    """

    field: str
    place: str = ""
    form: Callable[[object], object] = _as_it_is
    can_be_hidden: bool = False

    def shown_by(self, thing: object) -> object:
        """Return the value that a thing shows; ``None`` if it shows none."""
        for name in (self.place or self.field).split("."):
            thing = getattr(thing, name, None)
        return thing


@attrs.frozen(kw_only=True, eq=False)
class Listing:
    """A list that shows created things.

    Attributes:
        endpoint: The list.
        query: Query parameters that are always sent.
        filters: Fields of the create's body that the list takes as query parameters of the same name.
        takes_path: Whether the list has the same path parameters as the create.
    """

    endpoint: Endpoint[Any]
    query: Mapping[str, object] = attrs.field(factory=dict)
    filters: tuple[str, ...] = ()
    takes_path: bool = False

    def page(self, create: Request[object], number: int, per_page: int) -> Request[Any]:
        """Return the request that reads a page.

        Args:
            create: The request whose thing is searched.
            number: Number of the page, from 1.
            per_page: Items on a page.
        """
        body = create.body or {}
        query = dict(self.query) | {name: body[name] for name in self.filters if name in body}
        path = create.path_values if self.takes_path else ()
        request = self.endpoint.request({}, *path, query=query | {"page": number, "per_page": per_page})
        return request._replace(timeout=create.timeout)


@attrs.frozen(kw_only=True, eq=False)
class Witness:
    """Another place that shows created things: the account's actions, each with the id of what it created.

    Attributes:
        actions: Endpoint that lists the actions, newest first.
        type: Type of the actions that create such a thing.
        retrieve: Endpoint that reads one thing, given its id.
    """

    actions: Endpoint[Any]
    type: str
    retrieve: Endpoint[Any]


@attrs.frozen(kw_only=True, eq=False)
class CareRule:
    """The rule for things that cost so much that a second one must not be created by mistake.

    That the lists do not show such a thing is no proof: they can lag for long.

    Attributes:
        may_send_again: Whether the request is sent again after the lists did not show the thing for a quarter of
            ``create_settle_seconds``. Otherwise the outcome is reported as unknown after ``create_settle_seconds``.
        is_named_once: Whether the names carry a nonce, so that a thing with such a name is certainly this request's.
        adopts_oldest: Whether, of several results, the oldest is adopted (of those with the asked tags, if there are
            any) and the others are named. Otherwise the outcome is unknown then.
    """

    may_send_again: bool = False
    is_named_once: bool = False
    adopts_oldest: bool = True


@attrs.frozen(kw_only=True, eq=False)
class CreateRule:
    """The rule that finds a created thing.

    Attributes:
        title: The kind of thing in messages, such as ``"SSH key"``.
        lists: The lists that show it. A thing is in one of them.
        matches: Fields that it shows. One at least is in each request.
        item: Field of the answer that has the thing.
        several: Field of the body that names several things, each in place of ``name``; ``""`` if there is none.
        items: Field of the answer that has several things.
        created: Field of the thing with the time of its creation; ``""`` if it shows none.
        is_unique: Whether the API refuses a second thing that matches. Only with evidence: after a cut-off 201, the
            only such thing in the list is the result.
        care: For expensive things: when to send again, and what several results mean. ``None`` for other things.
        witness: Another place that shows created things; ``None`` if there is none.
    """

    title: str
    lists: tuple[Listing, ...]
    matches: tuple[Match, ...]
    item: str
    several: str = ""
    items: str = ""
    created: str = "created_at"
    is_unique: bool = False
    care: CareRule | None = None
    witness: Witness | None = None

    def __attrs_post_init__(self) -> None:
        for listing in self.lists:
            if listing.endpoint.answer is not None:
                # The declared rule is the first with this answer. A changed copy of it does not take its place.
                _SHOWN_BY.setdefault(listing.endpoint.answer, (self, listing))

    def key_of(self, thing: object, listing: Listing) -> ThingKey:
        """Return the key of a thing that a list shows."""
        return (self.title, attrgetter(listing.endpoint.key)(thing))

    def things_in(self, answer: object) -> tuple[object, ...]:
        """Return the things in the answer to a create."""
        one, many = getattr(answer, self.item, None), getattr(answer, self.items, None) if self.items else None
        return tuple(many) if isinstance(many, tuple) and many else () if one is None else (one,)


class CreateTrace(NamedTuple):
    """The requested values of a create.

    Attributes:
        rule: How to find its things.
        path: Path of the request.
        wanted: For each thing, the values of the rule's matches, in the form in which they are compared.
    """

    rule: CreateRule
    path: str
    wanted: tuple[tuple[object, ...], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The requested names."""
        places = [index for index, match in enumerate(self.rule.matches) if match.field == "name"]
        return tuple(str(values[index]) for values in self.wanted for index in places if values[index] is not NOT_GIVEN)

    @property
    def can_be_found(self) -> bool:
        """Whether the request has a value to find each thing by."""
        return all(any(value is not NOT_GIVEN for value in values) for values in self.wanted)

    def is_rival_of(self, other: CreateTrace) -> bool:
        """Return whether a thing can be the result of two requests with these traces."""
        same = self.rule.title == other.rule.title and self.path == other.path
        return same and any(_can_be_one(mine, another) for mine in self.wanted for another in other.wanted)

    def is_shown_by(self, thing: object, wanted: tuple[object, ...]) -> bool | None:
        """Return whether a thing is one that the request asked for; ``None`` if it does not show enough."""
        is_sure = True
        for match, value in zip(self.rule.matches, wanted, strict=True):
            shown = match.shown_by(thing)
            if value is NOT_GIVEN:
                continue
            if shown is None:
                is_sure &= match.can_be_hidden
            elif match.form(shown) != value:
                return False
        return True if is_sure else None


def trace_of(request: Request[object]) -> CreateTrace | None:
    """Return what a request asks to be created; ``None`` if it is no create that can be looked up."""
    rule, body = request.endpoint.lookup, request.body
    if rule is None or body is None:
        return None
    many = body.get(rule.several) if rule.several else None
    bodies = [body] if not isinstance(many, list) else [{**body, "name": name} for name in many]
    wanted = [tuple(_wanted(match, one) for match in rule.matches) for one in bodies]
    return CreateTrace(rule, request.path, tuple(wanted))


def _wanted(match: Match, body: Mapping[str, object]) -> object:
    value = body.get(match.field)
    return NOT_GIVEN if value is None else match.form(value)


def _can_be_one(one: tuple[object, ...], other: tuple[object, ...]) -> bool:
    """Return whether one thing can show both values. A request that leaves a field out takes any value."""
    return all(mine == another or NOT_GIVEN in (mine, another) for mine, another in zip(one, other, strict=True))


def shown_by(answer: type) -> tuple[CreateRule, Listing] | None:
    """Return what a list with this answer shows, if creates are looked up in it."""
    return _SHOWN_BY.get(answer)


_SHOWN_BY: Final[dict[type, tuple[CreateRule, Listing]]] = {}
