"""The active faults."""

from __future__ import annotations

import threading
from random import Random
from typing import TYPE_CHECKING

from gradient_async.emulator.action_faults import ActionFault
from gradient_async.emulator.answer_faults import AnswerFault
from gradient_async.emulator.body_faults import BodyFault
from gradient_async.emulator.selection import Counts, Fault, Subject, decide

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class FaultPlan:
    """The active faults. They can be changed while the emulator runs, from any thread.

    Args:
        faults: The faults at the start.
        seed: Decides the chances.
    """

    def __init__(self, faults: Sequence[Fault] = (), *, seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._random = Random(seed)  # noqa: S311 - repeatable chances, no secret
        self._faults: list[Fault] = []
        self._counts: list[Counts] = []
        self.add(*faults)

    def __iter__(self) -> Iterator[Fault]:
        with self._lock:
            return iter(self._faults.copy())

    def add(self, *faults: Fault) -> None:
        """Add faults after the active ones.

        Raises:
            TypeError: A value is no fault, for example a class.
        """
        for fault in faults:
            if not isinstance(fault, Fault):  # pyright: ignore[reportUnnecessaryIsInstance] - a class is passed easily
                raise TypeError(f"{fault!r} is no fault")
        with self._lock:
            self._faults += faults
            self._counts += [Counts()] * len(faults)

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults.clear()
            self._counts.clear()

    def answer_fault(self, subject: Subject) -> AnswerFault | None:
        """Return the first answer fault that applies to the request. The ones after it do not count the request."""
        chosen = self._applicable(AnswerFault, subject, at_most=1)
        return next((fault for fault in chosen if isinstance(fault, AnswerFault)), None)

    def action_faults(self, subject: Subject) -> list[ActionFault]:
        """Return the action faults that apply to the request."""
        return [fault for fault in self._applicable(ActionFault, subject) if isinstance(fault, ActionFault)]

    def body_faults(self, subject: Subject) -> list[BodyFault]:
        """Return the body faults that apply to the request."""
        return [fault for fault in self._applicable(BodyFault, subject) if isinstance(fault, BodyFault)]

    def _applicable(self, family: type[Fault], subject: Subject, at_most: int | None = None) -> list[Fault]:
        chosen: list[Fault] = []
        with self._lock:
            for index, fault in enumerate(self._faults):
                if isinstance(fault, family) and len(chosen) != at_most:
                    applies, self._counts[index] = decide(fault, self._counts[index], subject, self._random)
                    chosen += [fault] * applies
        return chosen
