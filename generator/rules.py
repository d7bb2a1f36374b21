"""The differences between the sync package and its source. A rule without a use is an error."""

from __future__ import annotations

from typing import Final

from generator.source import ADAPTED, TARGET

# Classes with async methods that need no twin: the clients of both flavours await a RateBudget themselves, and
# AsyncStream has Stream beside it, and AsyncLease Lease.
SHARED: Final = {"RateBudget", "AsyncStream", "AsyncLease"}
# Names that only the sync package has.
OWN_NAMES: Final = {"BlockingCallInEventLoopWarning": f"{TARGET}._event_loop"}
RENAMED_CLASSES: Final = {"AsyncGradientAI": "GradientAI"}
RENAMED_METHODS: Final = {"aclose": "close", "__aenter__": "__enter__", "__aexit__": "__exit__"}
RENAMED_TYPES: Final = {"AsyncIterator": "Iterator", "AsyncStream": "Stream", "AsyncLease": "Lease"}
# Types of what a caller holds in a ``with`` block.
HELD_TYPES: Final = {"AsyncLease"}
# Applied only to the code of docstring examples.
EXAMPLE_RULES: Final = {
    "async with ": "with ",
    "async for ": "for ",
    "await ": "",
    "AsyncGradientAI": "GradientAI",
    "gradient_async": "gradient_sync",
}
# Bases of the client, the fleet and the Droplets. Their methods are those of the class. They have no twin, and are not
# exported.
INLINED_BASES: Final = {
    "AnyEndpoint",
    "DropletGroups",
    "DropletWaiting",
    "FleetActionRuns",
    "FleetCosts",
    "FleetCreation",
    "FleetHibernation",
    "FleetLeasing",
    "FleetReaping",
    "FleetRemoval",
    "FleetRuns",
}
# Class decorators that the twin keeps. They change no signature.
KEPT_DECORATORS: Final = {"explain_wrong_calls", "explain_wrong_with"}
CLIENT: Final = "AsyncGradientAI"
# The function that hides arguments from tracebacks. The twin copies the statement that calls it.
HIDING: Final = "hidden"


class Rules:
    """Records which rules were used. Each rule has to be used."""

    def __init__(self) -> None:
        self.unused = {
            *SHARED,
            *RENAMED_CLASSES,
            *RENAMED_METHODS,
            *RENAMED_TYPES,
            *HELD_TYPES,
            *ADAPTED,
            *KEPT_DECORATORS,
            *INLINED_BASES,
            HIDING,
            *(EXAMPLE_RULES.keys() - {"async for ", "gradient_async"}),
        }

    def use(self, rule: str) -> None:
        """Record the use of a rule."""
        self.unused.discard(rule)
