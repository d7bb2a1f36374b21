"""The account that a command acts on: the real one, or an emulated one."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from gradient_async import settings
from gradient_async.cli import access
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.ids import STANDARD_INPUT
from gradient_async.errors import MissingAccessTokenError
from gradient_async.http.budget import RateBudget
from gradient_async.http.windows import DOCUMENTED_WINDOWS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradient_async.cli.options import AccountOptions
    from gradient_async.client import AsyncGradientAI

# How long an action whose answer was lost may take to show, in the emulated account's own time.
_SETTLE_SECONDS: Final = 5.0
# As it is typed, and as the application passes it on.
_STANDARD_INPUT: Final = ("-", STANDARD_INPUT)
_MOST_EMULATED: Final = 100_000


@frozen(kw_only=True)
class Account:
    """An account that can be used.

    Attributes:
        token: Its token; ``None`` for the environment's.
        base_url: Where its API is; ``None`` for the environment's, or the default.
        proxy: What it is reached through; ``None`` for the environment's, ``"none"`` for nothing.
        budget: Paces all that this command sends.
        scale: How many times as fast its time runs.
    """

    token: str | None = field(repr=False)
    base_url: str | None
    budget: RateBudget
    proxy: str | None = field(default=None, repr=False)
    scale: float = 1.0

    def client(self) -> AsyncGradientAI:
        """A client of it.

        Raises:
            UsageError: The base URL is none.
            MissingAccessTokenError: There is no token anywhere.
        """
        from gradient_async.client import AsyncGradientAI

        try:
            return AsyncGradientAI(
                self.token,
                base_url=self.base_url,
                proxy=_proxy(self.proxy),
                rate_budget=self.budget,
                settle_seconds=_SETTLE_SECONDS / self.scale,
            )
        except MissingAccessTokenError:
            raise MissingAccessTokenError(_where_tokens_are()) from None
        except ValueError as error:
            text = str(error).replace("access_token:", "the access token:")
            raise UsageError(f"--{text}" if text.startswith("proxy:") else text) from None


@contextmanager
def opened(options: AccountOptions, *, tag: str | None = None, verb: str = "") -> Iterator[Account]:
    """The account that the options mean; an emulated one is served until the end.

    Args:
        options: The options.
        tag: The tag that emulated Droplets have.
        verb: What is to be done to them, which says in what state they begin.

    Raises:
        UsageError: The options contradict each other, or name a file that holds no token.
    """
    _check(options)
    if options.emulated is None:
        yield Account(token=_token(options), base_url=options.base_url, budget=RateBudget(), proxy=options.proxy)
        return
    from gradient_async.emulator import Emulator
    from gradient_async.emulator.fitting import fitting_spec

    specs = [fitting_spec(verb, () if tag is None else (tag,))] * options.emulated
    with Emulator(specs, time_scale=options.time_scale) as emulator:
        windows = [(window.limit, window.seconds / options.time_scale) for window in DOCUMENTED_WINDOWS]
        yield Account(
            token=emulator.token, base_url=emulator.base_url, budget=RateBudget(windows), scale=options.time_scale
        )


def check_standard_input(options: AccountOptions, words: Sequence[str]) -> None:
    """Refuse standard input for the token and for ids at once. Pure.

    Raises:
        UsageError: It is asked for both.
    """
    if options.token_file in _STANDARD_INPUT and any(word in _STANDARD_INPUT for word in words):
        raise UsageError("--token-file -, -: standard input cannot hold both the token and the ids; use a file for one")


def _check(options: AccountOptions) -> None:
    if options.token_file is not None and options.context is not None:
        raise UsageError("--token-file, --context: each gives a token; pass one of the two")
    if options.emulated is None:
        return
    if not 1 <= options.emulated <= _MOST_EMULATED:
        raise UsageError(f"--emulated: expected 1 to {_MOST_EMULATED:,} Droplets, got {options.emulated}")
    if not 0 < options.time_scale <= 10_000:
        raise UsageError(f"--time-scale: expected a number above 0 and up to 10,000, got {options.time_scale:g}")
    given = {
        "--token-file": options.token_file,
        "--context": options.context,
        "--base-url": options.base_url,
        "--proxy": options.proxy,
    }
    stray = [name for name, value in given.items() if value is not None]
    if stray:
        raise UsageError(f"{', '.join(stray)}: not allowed beside --emulated, which brings an account of its own")


def _proxy(given: str | None) -> str | None:
    if given is None:
        return "environment"
    return None if given.strip().lower() == "none" else given


def _token(options: AccountOptions) -> str | None:
    if options.token_file is not None:
        return _token_in(options.token_file)
    if options.context is None:
        return None
    path = settings.doctl_configuration()
    if not path.is_file():
        raise UsageError(f"--context: doctl has no configuration: there is no file {path}")
    return access.token_of_context(_configuration(path), options.context, str(path))


def _token_in(name: str) -> str:
    """The token in a file, or on standard input; typed at a terminal, it is not shown."""
    import getpass
    import sys

    if name in _STANDARD_INPUT:
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
        raise UsageError(f"--token-file: {name}: cannot be read: it is no UTF-8 text") from None
    return access.token_in_file(text, name)


def _configuration(path: Path) -> object:
    import yaml

    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        # What is wrong with it is not shown: a token may stand there.
        raise UsageError(f"--context: doctl's configuration {path} cannot be read as YAML") from None


def _where_tokens_are() -> str:
    """What to do about it, with the contexts that doctl has."""
    path = settings.doctl_configuration()
    contexts: list[str] = []
    if path.is_file():
        try:
            contexts = list(access.contexts_in(_configuration(path)))
        except UsageError:
            contexts = []
    hint = "no access token: set DIGITALOCEAN_ACCESS_TOKEN in the environment, or pass --token-file FILE"
    if contexts:
        return f"{hint}, or --context NAME for doctl's ({', '.join(contexts)})"
    return f"{hint}; --emulated 3 works without one"
