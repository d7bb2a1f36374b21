"""An error as one line for the operator. Pure."""

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
    (AuthenticationError, "Check the token: see DIGITALOCEAN_ACCESS_TOKEN, --token-file, --context"),
    (NotFoundError, "Check the id, and the account of the token"),
    (APIConnectionError, "Check the network, --base-url and --proxy"),
    (RateLimitError, "gpu-droplets rate-limit shows the present use"),
)


def line_of(error: BaseException) -> str:
    """Return the error, its request id and a hint as one line."""
    if isinstance(error, BaseExceptionGroup):
        return line_of(error.exceptions[0])
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}"
    if not isinstance(error, GradientAIError | OSError):
        return f"{type(error).__name__}: {text}. This is a bug in gpu-droplets; --debug shows the traceback"
    hint = next((hint for kind, hint in _HINTS if isinstance(error, kind)), None)
    if hint is None:
        return in_typed_words(text)
    # The SDK's own hint is for callers from Python.
    without = text.removesuffix(getattr(error, "hint", None) or "").rstrip()
    # A note names the source of the token.
    notes = "".join(f". {note}" for note in getattr(error, "__notes__", ()))
    return f"{in_typed_words(without)}. {hint}{notes}"


def usage_line(error: BaseException) -> str:
    """Return the same for a typed value, with parameters named as options."""
    return about_an_option(str(error))
