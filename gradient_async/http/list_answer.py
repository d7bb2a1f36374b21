"""The common fields of the answers of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from gradient_async.models.page import Links, Meta


class ListAnswer(Protocol):
    """One page of a list, as the API answers it."""

    @property
    def links(self) -> Links:
        """Links to the pages before and after it."""
        ...

    @property
    def meta(self) -> Meta:
        """Facts about the whole list."""
        ...
