"""A region: a data centre that Droplets live in."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Region:
    """A data centre.

    The slugs are an open vocabulary: new regions appear before any specification lists them.

    Attributes:
        slug: Such as ``"tor1"``.
        name: Such as ``"Toronto 1"``.
        available: Whether new Droplets can be made there.
        features: What the region offers, such as ``"backups"``.
        sizes: Slugs of the sizes offered; empty for a token without the scope ``sizes:read``.
    """

    slug: str | None = None
    name: str | None = None
    available: bool | None = None
    features: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
