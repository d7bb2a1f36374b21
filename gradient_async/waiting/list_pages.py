"""Reads pages of lists that decide whether a request is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from gradient_async import converter
from gradient_async.http.correspondence import Mismatch

if TYPE_CHECKING:
    from gradient_async.http.raw_response import RawResponse

T = TypeVar("T")


def page_of(reply: RawResponse[T]) -> T:
    """Return a page that may show that something is absent.

    Elsewhere a list that is ``null`` counts as empty, and an item that is ``null`` is left out. Here both are faults.

    Raises:
        APIResponseValidationError: The body has another shape, or the list or one of its items is ``null``.
    """
    page, items = reply.parse(), reply.request.endpoint.items
    body = converter.decode_json(reply.body)
    shown = body.get(items) if isinstance(body, dict) else None
    if shown is None:
        raise reply.wrong(Mismatch(f"$.{items}", "the list is null"))
    if isinstance(shown, list) and None in shown:
        raise reply.wrong(Mismatch(f"$.{items}[{shown.index(None)}]", "the item is null"))
    return page
