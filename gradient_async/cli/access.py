"""Where the access token comes from. Pure: what files hold is an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.cli.exit_codes import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

# What doctl calls the context that it has from the beginning.
DEFAULT_CONTEXT: Final = "default"


def token_in_file(text: str, name: str) -> str:
    """The token in a file that holds nothing else.

    Raises:
        UsageError: It is empty, or holds more.
    """
    words = text.split()
    if len(words) != 1:
        held = "is empty" if not words else f"holds {len(words)} words"
        raise UsageError(f"--token-file: expected the token and nothing else, but {name} {held}")
    return words[0]


def contexts_in(configuration: object) -> Mapping[str, str]:
    """The contexts in doctl's configuration, and their tokens.

    doctl keeps the token of its context ``default`` as ``access-token``, and those of all others, in lower case, under
    ``auth-contexts``.
    """
    if not isinstance(configuration, dict):
        return {}
    named = configuration.get("auth-contexts")
    contexts = {str(name): str(token) for name, token in named.items() if token} if isinstance(named, dict) else {}
    # doctl lists the default context among the others too, with a value that is no token.
    contexts.pop(DEFAULT_CONTEXT, None)
    if configuration.get("access-token"):
        contexts = {DEFAULT_CONTEXT: str(configuration["access-token"]), **contexts}
    return contexts


def current_context(configuration: object) -> str:
    """The context that doctl works with if no other is asked for."""
    name = configuration.get("context") if isinstance(configuration, dict) else None
    return str(name).strip() if name else DEFAULT_CONTEXT


def token_of_context(configuration: object, context: str, name: str, asked_by: str = "--context") -> str:
    """The token of one of doctl's contexts.

    Raises:
        UsageError: There is no such context.
    """
    contexts = contexts_in(configuration)
    tokens = {known.lower(): token for known, token in contexts.items()}
    token = tokens.get(context.strip().lower())
    if token is None:
        known = f"it has {', '.join(contexts)}" if contexts else "it has none; doctl auth init makes one"
        raise UsageError(f"{asked_by}: doctl has no context {context!r} in {name}: {known}")
    return token
