"""What a look-up of a create has found in the account's lists."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from attrs import frozen

from gradient_async import converter
from gradient_async.http.create_rule import CreateRule, Listing, ThingKey
from gradient_async.http.request import Response
from gradient_async.waiting.reconciliation import Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence


_SHOWN: Final = 10


@frozen(kw_only=True)
class Found:
    """A thing in a list, with the page that shows it.

    Attributes:
        thing: The thing.
        key: Its key.
        listing: The list; ``None`` if the thing was read alone.
        page: The page.
        verdict: Whether it is the result of the request.
    """

    thing: object
    key: ThingKey
    listing: Listing | None
    page: Response
    verdict: Verdict

    def item(self, rule: CreateRule) -> object:
        """Return the thing as the list's JSON shows it."""
        body = converter.decode_json(self.page.body)
        if self.listing is None:
            return body[rule.item] if isinstance(body, dict) else None
        items = body[self.listing.endpoint.items] if isinstance(body, dict) else []
        return next(one for one in items if one[self.listing.endpoint.key] == self.key[1])


@frozen(kw_only=True)
class Adopted:
    """The things that a request created.

    Attributes:
        found: The things, in the order of the request.
        rule: How they were found.
        is_several: Whether the request asked for several by name.
        others: Further things that may be its result too.
    """

    found: tuple[Found, ...]
    rule: CreateRule
    is_several: bool
    others: tuple[object, ...] = ()

    @property
    def things(self) -> tuple[object, ...]:
        """The things themselves."""
        return tuple(one.thing for one in self.found)

    @property
    def keys(self) -> tuple[ThingKey, ...]:
        """Their keys."""
        return tuple(one.key for one in self.found)

    def as_response(self) -> Response:
        """Return the list's response with only these things as its body, in place of the lost answer."""
        items = [one.item(self.rule) for one in self.found]
        body = {self.rule.items: items} if self.is_several else {self.rule.item: items[0]}
        return self.found[0].page._replace(body=converter.encode(body))


def created_at_of(thing: object, rule: CreateRule) -> datetime | None:
    """Return when a thing was created; ``None`` if it does not show that."""
    created_at = getattr(thing, rule.created, None) if rule.created else None
    return created_at if isinstance(created_at, datetime) else None


def described(things: Sequence[object]) -> str:
    """Return short descriptions of things."""
    texts = [f"{getattr(thing, 'id', None) or ''} {getattr(thing, 'name', '') or ''!r}".strip() for thing in things]
    return ", ".join([*texts[:_SHOWN], *(["…"] if len(texts) > _SHOWN else [])])
