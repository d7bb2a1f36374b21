"""A creation run as the first line of its journal has it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from gradient_async.endpoints.droplet_names import PLACEHOLDER
from gradient_async.fleet.journal_text import OtherKindError

if TYPE_CHECKING:
    from gradient_async.fleet.journal_text import Line

VERSION: Final = 1
KIND: Final = "create"


@frozen(kw_only=True)
class CreationRun:
    """A creation run, as its journal's first line has it.

    Attributes:
        nonce: The random part of all names.
        name: Template of the names, with ``{n}`` in it.
        call: The parameters that identify the run. A later call on the journal must repeat them.
        began_at: When the first process on this journal began, UTC.
        options: The other parameters that the first process began with. A later one may have others.
    """

    nonce: str
    name: str
    call: Mapping[str, object]
    began_at: datetime
    options: Mapping[str, object] = field(factory=dict)

    def as_line(self) -> Line:
        """Return the first line of the journal."""
        return {
            "event": "run",
            "version": VERSION,
            "kind": KIND,
            "nonce": self.nonce,
            "name": self.name,
            "call": dict(self.call),
            "options": dict(self.options),
            "began_at": self.began_at.isoformat(),
        }

    @property
    def is_lease(self) -> bool:
        """Whether the Droplets are a lease's."""
        return self.options.get("lease") is True

    def difference(self, other: CreationRun) -> str | None:
        """Return why another run cannot continue this one's journal; ``None`` if it can."""
        for key in {**self.call, **other.call}:
            mine, others = self.call.get(key), other.call.get(key)
            if mine != others:
                return f"its {key} is {mine!r:.80}, and not {others!r:.80}"
        return None

    def number_of(self, name: str) -> int:
        """Return the number in a name of this run."""
        before = self.name.partition(PLACEHOLDER)[0]
        return int(name[len(before) :].partition("-")[0])


def run_in(line: Line) -> CreationRun:
    """Return the run of a journal's first line.

    Raises:
        KeyError: The line misses something.
        TypeError: A value has the wrong type.
        OtherKindError: It is the journal of another kind of run.
        ValueError: The line makes no sense.
    """
    if line["event"] != "run" or line.get("kind") != KIND:
        raise OtherKindError("this journal is of another kind of run, and not of fleet.create")
    if line["version"] != VERSION:
        raise ValueError(f"expected a run of version {VERSION}")
    name = str(line["name"])
    if PLACEHOLDER not in name:
        raise ValueError(f"its name {name!r} has no {PLACEHOLDER}")
    return CreationRun(
        nonce=str(line["nonce"]),
        name=name,
        call=_mapping(line["call"]),
        options=_mapping(line["options"]),
        began_at=datetime.fromisoformat(str(line["began_at"])),
    )


def _mapping(value: object) -> Mapping[str, object]:
    if not isinstance(value, Mapping):
        raise TypeError(f"expected an object, got {value!r}")
    return value
