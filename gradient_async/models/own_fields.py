"""Marks in the metadata of models' fields."""

from __future__ import annotations

from typing import Final

NOT_FROM_THE_API: Final = "not from the API"
"""Marks a field that this SDK adds. A value of an answer with that name is ignored."""

IF_ABSENT: Final = "if absent"
"""Has the value of a field that requests need, for an answer in which it is missing or ``null``."""
