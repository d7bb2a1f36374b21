"""The access token in a token file or in doctl's configuration. Pure: the content of the files is an argument."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.cli.exit_codes import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

# Name of doctl's first context.
DEFAULT_CONTEXT: Final = "default"


def token_in_file(text: str, name: str) -> str:
    """Return the token in a file that holds nothing else.

    Raises:
        UsageError: The file is empty, or holds more than one word.
    """
    words = text.split()
    if len(words) != 1:
        found = "is empty" if not words else f"holds {len(words)} words"
        raise UsageError(f"--token-file: expected the token and nothing else, but {name} {found}")
    return words[0]


def contexts_in(configuration: object) -> Mapping[str, str]:
    """Return the contexts in doctl's configuration with their tokens.

    doctl stores the token of the context ``default`` as ``access-token``. It stores the tokens of all others under
    ``auth-contexts``, with names in lower case.
    """
    if not isinstance(configuration, dict):
        return {}
    named = configuration.get("auth-contexts")
    contexts = {str(name): str(token) for name, token in named.items() if token} if isinstance(named, dict) else {}
    # doctl lists the default context there too, with a value that is not a token.
    contexts.pop(DEFAULT_CONTEXT, None)
    if configuration.get("access-token"):
        contexts = {DEFAULT_CONTEXT: str(configuration["access-token"]), **contexts}
    return contexts


def current_context(configuration: object) -> str:
    """Return the context that doctl uses by default."""
    name = configuration.get("context") if isinstance(configuration, dict) else None
    return str(name).strip() if name else DEFAULT_CONTEXT


def token_of_context(configuration: object, context: str, name: str, asked_by: str = "--context") -> str:
    """Return the token of one of doctl's contexts.

    Raises:
        UsageError: The context does not exist.
    """
    contexts = contexts_in(configuration)
    tokens = {known.lower(): token for known, token in contexts.items()}
    token = tokens.get(context.strip().lower())
    if token is None:
        known = f"it has {', '.join(contexts)}" if contexts else "it has no contexts; doctl auth init adds one"
        raise UsageError(f"{asked_by}: doctl has no context {context!r} in {name}: {known}")
    return token
