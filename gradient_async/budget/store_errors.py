"""What goes wrong with the store of a shared rate budget."""

from __future__ import annotations


class StoreBusyError(Exception):
    """Other processes hold the store's lock. The next try can succeed."""


class StoreAwayError(Exception):
    """The store cannot be reached, read or written. The text shows no password."""
