"""The source of the access token: a file, a doctl context, or the environment."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from gradient_async import settings
from gradient_async.cli import access
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.ids import STANDARD_INPUT
from gradient_async.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.cli.options import AccountOptions

# Standard input as it is typed, and as the application passes it on.
_STANDARD_INPUT: Final = ("-", STANDARD_INPUT)


@frozen(kw_only=True)
class FoundToken:
    """A token, or the reason why there is none.

    Attributes:
        value: The token; ``None`` for the one in the environment, or for none.
        source: The token's source; empty without a token.
        missing: The message if there is no token.
    """

    value: str | None = field(default=None, repr=False)
    source: str = ""
    missing: str = ""


def check_standard_input(options: AccountOptions, words: Sequence[str]) -> None:
    """Check that standard input is not asked for both the token and ids. Pure.

    Raises:
        UsageError: It is.
    """
    if str(options.token_file) in _STANDARD_INPUT and any(word in _STANDARD_INPUT for word in words):
        raise UsageError("--token-file -, -: standard input cannot hold both the token and the ids; use a file for one")


def found_token(options: AccountOptions) -> FoundToken:
    """Find the token: --token-file, --context, the environment, and then doctl's current context.

    The token of doctl's current context is sent only to DigitalOcean's own API: no option has asked for it.

    Raises:
        UsageError: A file holds no token, a context does not exist, or two sources contradict each other.
    """
    if options.token_file is not None:
        name = "-" if str(options.token_file) in _STANDARD_INPUT else str(options.token_file)
        return FoundToken(value=_token_in(name), source=f"--token-file {printable(name)}")
    if options.context is not None:
        return _token_of(options.context, "--context")
    variable, context = settings.token_variable(), settings.doctl_context()
    if variable is not None:
        if context is not None and context.lower() != access.DEFAULT_CONTEXT:
            raise UsageError(
                f"{variable} and {settings.CONTEXT_VARIABLE} are both set, and each gives a token: unset one of them, "
                "or pass --context or --token-file"
            )
        return FoundToken(source=variable)
    path = settings.doctl_configuration()
    if not settings.is_public_api(options.base_url):
        why = "the token of doctl is sent to another base URL only with --context NAME"
        return FoundToken(missing=_missing(why if path.is_file() else ""))
    if context is not None:
        return _token_of(context, settings.CONTEXT_VARIABLE)
    return _current_token(path)


def _current_token(path: Path) -> FoundToken:
    """Return the token of doctl's current context, if it has one."""
    if not path.is_file():
        return FoundToken(missing=_missing(f"doctl has no configuration ({path})"))
    try:
        configuration = _configuration(path, "--context")
    except UsageError:
        return FoundToken(missing=_missing(f"doctl's configuration cannot be read as YAML ({path})"))
    current = access.current_context(configuration)
    contexts = access.contexts_in(configuration)
    token = {name.lower(): token for name, token in contexts.items()}.get(current.lower())
    if token is not None:
        return FoundToken(value=token, source=_source(current, path))
    known = f"; --context NAME takes another ({', '.join(map(printable, contexts))})" if contexts else ""
    return FoundToken(missing=_missing(f"doctl's current context {printable(current)!r} has no token ({path}){known}"))


def _token_of(context: str, asked_by: str) -> FoundToken:
    path = settings.doctl_configuration()
    if not path.is_file():
        raise UsageError(f"{asked_by}: doctl has no configuration: there is no file {path}")
    token = access.token_of_context(_configuration(path, asked_by), context, str(path), asked_by)
    return FoundToken(value=token, source=_source(context, path))


def _source(context: str, path: Path) -> str:
    return f"doctl's context {printable(context)!r} in {path}"


def _missing(reason: str) -> str:
    where = " nor ".join(settings.TOKEN_VARIABLES)
    also = f"; {reason}" if reason else ""
    return (
        f"no access token: neither {where} is set{also}. Set {settings.TOKEN_VARIABLES[0]}, or pass --token-file FILE "
        "or --context NAME; --emulated 3 works without one"
    )


def _token_in(name: str) -> str:
    """Read the token from a file or from standard input. On a terminal, it is typed without echo."""
    import getpass
    import sys

    if name == "-":
        if sys.stdin is None:
            raise UsageError("--token-file -: there is no standard input")
        text = getpass.getpass("Access token: ", sys.stderr) if sys.stdin.isatty() else sys.stdin.read()
        return access.token_in_file(text, "standard input")
    try:
        text = Path(name).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"--token-file: {name}: there is no such file") from None
    except OSError as error:
        raise UsageError(f"--token-file: {name}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"--token-file: {name}: cannot be read: it is not UTF-8 text") from None
    return access.token_in_file(text, name)


def _configuration(path: Path, asked_by: str) -> object:
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        # The parser's message is not shown: it may quote a token.
        raise UsageError(f"{asked_by}: doctl's configuration {path} cannot be read as YAML") from None
