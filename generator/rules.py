"""The rules by which the sync package differs from its source; a rule without a use is an error."""

from __future__ import annotations

from typing import Final

from generator.source import ADAPTED, TARGET

# A value that is handed to a client in either flavour, and what it awaits is the client's business; and a type of which
# the sync one stands beside it.
SHARED: Final = {"RateBudget", "AsyncStream"}
# What the sync package has of its own.
OWN_NAMES: Final = {"BlockingCallInEventLoopWarning": f"{TARGET}._event_loop"}
RENAMED_CLASSES: Final = {"AsyncGradientAI": "GradientAI"}
RENAMED_METHODS: Final = {"aclose": "close", "__aenter__": "__enter__", "__aexit__": "__exit__"}
RENAMED_TYPES: Final = {"AsyncIterator": "Iterator", "AsyncStream": "Stream"}
# Applied to the code of docstring examples, and to nothing else.
EXAMPLE_RULES: Final = {
    "async with ": "with ",
    "async for ": "for ",
    "await ": "",
    "AsyncGradientAI": "GradientAI",
    "gradient_async": "gradient_sync",
}
# Class decorators that the twin has too; they change no signature.
KEPT_DECORATORS: Final = {"explain_wrong_calls", "explain_wrong_with"}
CLIENT: Final = "AsyncGradientAI"
# A parameter that no traceback may show.
CONCEALED: Final = "access_token"


class Rules:
    """Which rules have been used; each has to be."""

    def __init__(self) -> None:
        self.unused = {
            *SHARED,
            *RENAMED_CLASSES,
            *RENAMED_METHODS,
            *RENAMED_TYPES,
            *ADAPTED,
            *KEPT_DECORATORS,
            CONCEALED,
            *(EXAMPLE_RULES.keys() - {"async for ", "gradient_async"}),
        }

    def use(self, rule: str) -> None:
        """Note that a rule was needed."""
        self.unused.discard(rule)
