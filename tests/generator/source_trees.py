"""Copies of the two packages, and what the generator does to them."""

from __future__ import annotations
