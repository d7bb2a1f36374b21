"""Who competes with whom, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from contenders import CONTENDERS
from decoders import DECODERS
from readers import READERS

if TYPE_CHECKING:
    from contenders import Contender


def contender_of(name: str) -> Contender:
    """Return the contender of a name."""
    return {**CONTENDERS, **DECODERS, **READERS}[name]
