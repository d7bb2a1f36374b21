"""A region: a data centre for Droplets."""

from __future__ import annotations

from attrs import frozen

from gradient_async.models.model import Model


@frozen(kw_only=True)
class Region(Model):
    """A data centre.

    Slugs are an open vocabulary: new regions appear before the specification lists them.

    Attributes:
        slug: The slug, such as ``"tor1"``.
        name: The name, such as ``"Toronto 1"``.
        available: Whether new Droplets can be created there.
        features: The region's features, such as ``"backups"``.
        sizes: Slugs of the sizes in the region; empty for a token without the scope ``sizes:read``.
    """

    slug: str | None = None
    name: str | None = None
    available: bool | None = None
    features: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()
