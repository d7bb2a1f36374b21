"""Where one page of a list stands among the others."""

from __future__ import annotations

from attrs import field, frozen


@frozen(kw_only=True)
class PageLinks:
    """Absolute URLs of the pages around this one; those that make no sense are ``None``."""

    first: str | None = None
    prev: str | None = None
    next: str | None = None
    last: str | None = None


@frozen(kw_only=True)
class Links:
    """The links of a list. A list of a single page has none, in any of three ways; all parse."""

    pages: PageLinks = field(factory=PageLinks)


@frozen(kw_only=True)
class Meta:
    """What a list says of itself; ``total`` counts the items of all pages."""

    total: int | None = None
