"""Messages about a verb, an option or a value that does not exist. Pure.

The parser's own suggestions depend on spelling alone, and are not shown: for ``restart`` it suggests ``restore``, which
overwrites a disk.
"""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from cyclopts.exceptions import (
    MissingArgumentError,
    UnknownCommandError,
    UnknownOptionError,
    UnusedCliTokensError,
)

from gradient_async.cli.wording import in_typed_words
from gradient_async.suggestions import DESTRUCTIVE, suggest

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from cyclopts import CycloptsError
    from cyclopts.argument import Argument

# Options that remove a safeguard are not suggested.
_UNSAFE_OPTIONS: Final = frozenset({"--yes", "-y", "--no-graceful", "--disk", "--without-health-check", "--no-check"})
_DELETING: Final = frozenset({"delete", "destroy", "remove", "rm", "kill", "terminate"})
_CREATING: Final = frozenset({"create", "new", "launch"})
_NAME: Final = "gpu-droplets"
_SUGGESTION: Final = re.compile(r" Did you mean [^?]*\?")


def line_of(error: CycloptsError) -> str:
    """Return the parser's error as one line, with this package's own suggestion."""
    if isinstance(error, UnknownCommandError) and error.unused_tokens and error.app is not None:
        verbs = [name for name in error.app if not name.startswith("-")]
        return unknown_verb(error.unused_tokens[0], verbs, _path(error.command_chain))
    if isinstance(error, UnknownOptionError):
        option = error.token.keyword or error.token.value
        names = [name for argument in error.argument_collection if argument.parse for name in argument.names]
        return unknown_option(option, names, _path(error.command_chain))
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        return too_many_words(error.unused_tokens, _path(error.command_chain))
    if isinstance(error, MissingArgumentError) and error.argument is not None and not error.tokens_so_far:
        return _missing(error, error.argument)
    return in_typed_words(_SUGGESTION.sub("", str(error)))


def _missing(error: MissingArgumentError, argument: Argument) -> str:
    """Return the message about a missing value; words that were typed in its place explain it better."""
    path = _path(error.command_chain)
    word = next(iter(error.unused_tokens or ()), "")
    is_typed = not {*argument.names}.isdisjoint(error.root_input_tokens or ())
    if not word or is_typed or not argument.name.startswith("-") or error.app is None:
        return missing_value(argument, path, is_typed=is_typed)
    if not word.startswith("-"):
        shown = shlex.quote(word)
        return f"{shown} is not taken there: pass it as {argument.name} {shown}. {path} --help describes it"
    names = [name for one in error.app.assemble_argument_collection() if one.parse for name in one.names]
    return unknown_option(word, names, path)


def missing_value(argument: Argument, path: str, *, is_typed: bool) -> str:
    """Return the message about an option that is missing or has no value, or about a word that is missing.

    Args:
        argument: The option or the word.
        path: The words before it.
        is_typed: Whether the option was typed.
    """
    name, metavar = argument.name, argument.parameter.metavar
    if not name.startswith("-"):
        return f"{name} is missing: {path} {name}. {path} --help describes it"
    value = metavar if isinstance(metavar, str) else name.lstrip("-").replace("-", "_").upper()
    fault = "requires an argument" if is_typed else "is missing"
    return f"{name} {fault}: {path} {name} {value}. {path} --help describes it"


def unknown_verb(word: str, verbs: Sequence[str], path: str) -> str:
    """Return the message about an unknown verb.

    Args:
        word: The typed word.
        verbs: The existing verbs.
        path: The words before it, such as ``gpu-droplets``.
    """
    if word.startswith("-"):
        return f"expected a verb first, got the option {word}: {path} VERB {word}. {path} --help lists the verbs"
    bare = word.lower().lstrip("-")
    for words, verb in ((_DELETING, _verb_of(path, "delete")), (_CREATING, "create")):
        if bare not in words:
            continue
        if verb in verbs:
            return f"there is no verb {word!r}. Did you mean {verb!r}? {path} --help lists the verbs"
        return f"there is no verb {word!r}: {path} cannot {verb}. {path} --help lists the verbs"
    meant = suggest(word, verbs)
    hint = f"Did you mean {meant!r}? " if meant else ""
    return f"there is no verb {word!r}. {hint}{path} --help lists the verbs"


def _verb_of(path: str, verb: str) -> str:
    """Return the verb for Droplets, which are destroyed and not deleted, or for another resource."""
    return "destroy" if path == _NAME and verb == "delete" else verb


def unknown_option(option: str, options: Collection[str], path: str) -> str:
    """Return the message about an unknown option.

    Args:
        option: The typed option.
        options: The existing options.
        path: The words before it.
    """
    name = option.partition("=")[0]
    if path == f"{_NAME} ssh" and not name.startswith("--"):
        return f"there is no option {name}. Options of ssh stand after --: {path} NAME -- {name}"
    if name == "--all":
        return f"there is no option --all: name the Droplets, or pass --tag TAG. {path} --help lists the options"
    if name in options:
        return f"{name} is an option, but it is after --, where every word is taken as it is. Put options before --"
    meant = suggest(name, options, DESTRUCTIVE | _UNSAFE_OPTIONS) if name.startswith("--") else None
    hint = f"Did you mean {meant}? " if meant else ""
    return f"there is no option {name}. {hint}{path} --help lists the options"


def too_many_words(words: Sequence[str], path: str) -> str:
    """Return the message about words that a verb does not take."""
    return f"{path} takes no {' '.join(words)!r} there. {path} --help shows what it takes"


def _path(chain: Sequence[str] | None) -> str:
    return " ".join((_NAME, *(chain or ())))
