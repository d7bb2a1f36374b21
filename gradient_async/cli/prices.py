"""Prices, as people read them. Pure."""

from __future__ import annotations


def dollars(price: float | None) -> str:
    """Return US dollars for a table: ``3.39``, ``1,104.00``; ``""`` for an unknown price."""
    return "" if price is None else f"{price:,.2f}"


def an_hour(price: float | None) -> str:
    """Return US dollars an hour for a sentence: ``$3.39 an hour``."""
    return "an unknown price" if price is None else f"${price:,.2f} an hour"
