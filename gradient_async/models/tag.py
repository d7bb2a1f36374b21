"""A tag of the account."""

from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class Tag:
    """A tag.

    Attributes:
        name: The tag itself.
    """

    name: str
