"""The mark of fields that are not from the API."""

from __future__ import annotations

from typing import Final

NOT_FROM_THE_API: Final = "not from the API"
"""Marks a field that this SDK adds, in the field's metadata. A value of an answer with that name is ignored."""
