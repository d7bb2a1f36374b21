"""Links and totals of one page of a list."""

from __future__ import annotations

from attrs import field, frozen

from gradient_async.models.model import Model


@frozen(kw_only=True)
class PageLinks(Model):
    """Absolute URLs of other pages; ``None`` for a page that does not exist."""

    first: str | None = None
    prev: str | None = None
    next: str | None = None
    last: str | None = None


@frozen(kw_only=True)
class Links(Model):
    """The links of a page. A list with a single page has none; the API writes that in three ways, and all are read."""

    pages: PageLinks = field(factory=PageLinks)


@frozen(kw_only=True)
class Meta(Model):
    """Facts about a list; ``total`` is the number of items on all pages."""

    total: int | None = None
