"""Arguments that the caller's thread prepares before the call enters the loop."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar, cast

T = TypeVar("T")


def materialized(items: T) -> T:
    """Return an iterator's items as a tuple, and any other value unchanged.

    The iterator is read in the caller's thread, since it may call the client.
    """
    return cast("T", tuple(items)) if isinstance(items, Iterator) else items


def checked_http_session(http_session: T) -> T:
    """Return a function that makes sessions; refuse a session, which belongs to another event loop.

    Raises:
        TypeError: It is a session, and not a function that makes one.
    """
    if http_session is not None and not callable(http_session):
        raise TypeError(
            "http_session: the sync client has an event loop of its own and makes its sessions there; "
            f"pass a function that makes one, got {type(http_session).__name__}"
        )
    return http_session
