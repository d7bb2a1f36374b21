"""An error as one line for the person who typed the command. Pure."""

from __future__ import annotations

from typing import Final

from gradient_async.cli.wording import about_an_option, in_typed_words
from gradient_async.errors import (
    APIConnectionError,
    AuthenticationError,
    GradientAIError,
    NotFoundError,
    RateLimitError,
)

_HINTS: Final = (
    (AuthenticationError, "Is the token the right one? See DIGITALOCEAN_ACCESS_TOKEN, --token-file, --context"),
    (NotFoundError, "Is the id right, and the token of the right account?"),
    (APIConnectionError, "Is the network up, and --base-url right?"),
    (RateLimitError, "gpu-droplets rate-limit shows what is left"),
)


def line_of(error: BaseException) -> str:
    """What went wrong, where, with the request's id and what to do about it."""
    if isinstance(error, BaseExceptionGroup):
        return line_of(error.exceptions[0])
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if not isinstance(error, GradientAIError | OSError):
        return f"{type(error).__name__}: {text}. This is a fault of gpu-droplets; --debug shows where"
    hint = next((hint for kind, hint in _HINTS if isinstance(error, kind)), None)
    if hint is None:
        return in_typed_words(text)
    # The SDK's own hint names what its callers can change.
    without = text.removesuffix(getattr(error, "hint", None) or "").rstrip()
    # A note says where the token comes from.
    notes = "".join(f". {note}" for note in getattr(error, "__notes__", ()))
    return f"{in_typed_words(without)}. {hint}{notes}"


def usage_line(error: BaseException) -> str:
    """The same for what was typed, with parameters called as they are typed."""
    return about_an_option(str(error))
