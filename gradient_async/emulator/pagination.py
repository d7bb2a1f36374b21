"""Pages of a list: the requested part, and the links to the others."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import attrs

from gradient_async.emulator import refusals

if TYPE_CHECKING:
    from gradient_async.emulator.profiles import Behaviour
    from gradient_async.emulator.refusals import Refusal
    from gradient_async.emulator.wire import Incoming, JSONObject

_DEFAULT_PER_PAGE = 20
_MAX_PER_PAGE = 200


@attrs.frozen(kw_only=True)
class Page:
    """The requested part of a list; `number` counts from 1."""

    number: int
    size: int

    @property
    def start(self) -> int:
        """Position of its first item."""
        return (self.number - 1) * self.size

    @property
    def stop(self) -> int:
        """Position after its last item."""
        return self.number * self.size


def requested_page(request: Incoming, behaviour: Behaviour) -> Page | Refusal:
    """Read `page` and `per_page`."""
    number = _positive(request.parameter("page"), 1)
    size = _positive(request.parameter("per_page"), _DEFAULT_PER_PAGE)
    if number is None or size is None:
        return refusals.BAD_PAGE
    if size > _MAX_PER_PAGE and behaviour.per_page_above_maximum == "refused":
        return refusals.PER_PAGE_TOO_LARGE
    return Page(number=number, size=min(size, _MAX_PER_PAGE))


def _positive(text: str | None, default: int) -> int | None:
    if text is None:
        return default
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 and int(text) >= 1 else None


def envelope(request: Incoming, page: Page, total: int, behaviour: Behaviour) -> JSONObject:
    """Return `links` and `meta` of a page."""
    last = max(-(-total // page.size), 1)
    numbers = _neighbours(page.number, last)
    fields: JSONObject = {"meta": {"total": total}}
    if numbers:
        links = {name: _address(request, number, behaviour) for name, number in numbers.items()}
        return {"links": {"pages": links}, **fields}
    if behaviour.single_page_links == "absent":
        return fields
    return {"links": {} if behaviour.single_page_links == "empty" else {"pages": {}}, **fields}


def _neighbours(number: int, last: int) -> dict[str, int]:
    """Return the pages that a page links to, without those that do not exist."""
    back = {"first": 1, "prev": min(number - 1, last)} if number > 1 else {}
    forward = {"next": number + 1, "last": last} if number < last else {}
    return {**back, **forward}


def _address(request: Incoming, number: int, behaviour: Behaviour) -> str:
    query = [(name, value) for name, value in request.query if name != "page"]
    base = behaviour.link_base or request.origin
    return f"{base}{request.path}?{urlencode([('page', str(number)), *query])}"
