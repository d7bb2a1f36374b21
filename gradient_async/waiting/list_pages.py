"""Reads pages of lists that decide whether a request is sent again."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from gradient_async import converter
from gradient_async.http.correspondence import Mismatch

if TYPE_CHECKING:
    from gradient_async.http.raw_response import RawResponse

T = TypeVar("T")


def page_of(reply: RawResponse[T]) -> T:
    """Return a page. Elsewhere a list that is ``null`` counts as empty; here it does not show that something is absent.

    Raises:
        APIResponseValidationError: The body has another shape, or the list is ``null``.
    """
    page, items = reply.parse(), reply.request.endpoint.items
    body = converter.decode_json(reply.body)
    if isinstance(body, dict) and body.get(items) is None:
        raise reply.wrong(Mismatch(f"$.{items}", "the list is null"))
    return page
