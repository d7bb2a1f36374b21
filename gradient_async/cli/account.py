"""The account of a command: the real one, or an emulated one."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from attrs import evolve, field, frozen

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.token_source import FoundToken, found_token
from gradient_async.errors import AuthenticationError, MissingAccessTokenError
from gradient_async.http.budget import RateBudget
from gradient_async.http.token_budgets import environments_budget
from gradient_async.http.windows import DOCUMENTED_WINDOWS
from gradient_async.log import logger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gradient_async.cli.options import AccountOptions
    from gradient_async.client import AsyncGradientAI

# Seconds of emulated time until an action with a lost answer is listed.
_SETTLE_SECONDS: Final = 5.0
_MAX_EMULATED: Final = 100_000


@frozen(kw_only=True)
class Account:
    """An account that is ready for use.

    Attributes:
        token: The token, or the reason why there is none.
        base_url: Base URL of its API; ``None`` for the environment's or the default.
        proxy: URL of the HTTP proxy; ``None`` for the environment's, ``"none"`` for no proxy.
        budget: Rate budget of all requests of this command.
        scale: Speed of the account's clock; 1 is real time.
        ssh_port: Port of SSH on the Droplets of an emulated account; ``None`` for the usual one.
    """

    token: FoundToken
    base_url: str | None
    budget: RateBudget
    proxy: str | None = field(default=None, repr=False)
    scale: float = 1.0
    ssh_port: int | None = None

    def client(self) -> AsyncGradientAI:
        """Return a client of this account.

        Raises:
            UsageError: The base URL is invalid.
            MissingAccessTokenError: No token is found.
        """
        from gradient_async.client import AsyncGradientAI

        try:
            return AsyncGradientAI(
                self.token.value,
                base_url=self.base_url,
                proxy=_proxy(self.proxy),
                rate_budget=self.budget,
                settle_seconds=_SETTLE_SECONDS / self.scale,
            )
        except MissingAccessTokenError:
            raise MissingAccessTokenError(self.token.missing) from None
        except ValueError as error:
            text = str(error).replace("access_token:", "the access token:")
            raise UsageError(f"--{text}" if text.startswith("proxy:") else text) from None


@contextmanager
def opened(
    options: AccountOptions, *, tag: str | None = None, verb: str = "", with_ssh: bool = False, least: int = 0
) -> Iterator[Account]:
    """Open the account of the options. An emulated account is served until the block ends.

    Args:
        options: The options.
        tag: Tag of the emulated Droplets.
        verb: The verb, which decides the initial state of emulated Droplets.
        with_ssh: Whether SSH answers on emulated Droplets.
        least: Fewest emulated Droplets that make sense.

    Raises:
        UsageError: The options contradict each other, or a file holds no token.
    """
    _check(options, least)
    if options.emulated is None:
        yield from _opened_real(options)
        return
    from gradient_async.emulator import Emulator
    from gradient_async.emulator.fitting import fitting_spec

    specs = [fitting_spec(verb, () if tag is None else (tag,))] * options.emulated
    ssh_port = 0 if with_ssh else None  # 0 takes a free one
    with Emulator(specs, time_scale=options.time_scale, ssh_port=ssh_port) as emulator:
        windows = [(window.limit, window.seconds / options.time_scale) for window in DOCUMENTED_WINDOWS]
        yield Account(
            token=FoundToken(value=emulator.token, source="the emulator"),
            base_url=emulator.base_url,
            budget=RateBudget(windows),
            scale=options.time_scale,
            ssh_port=emulator.ssh_port,
        )


def _opened_real(options: AccountOptions) -> Iterator[Account]:
    token = found_token(options)
    if token.source:
        logger.debug("the access token comes from %s", token.source)
    try:
        budget = environments_budget()
    except ValueError as error:
        raise UsageError(str(error)) from None
    except ImportError as error:  # the text says which extra to install
        raise UsageError(f"GRADIENT_RATE_BUDGET: {error}") from None
    account = Account(token=token, base_url=options.base_url, budget=budget, proxy=options.proxy)
    if token.value is not None and type(budget) is not RateBudget:
        account = evolve(account, budget=account.client().rate_budget or budget)  # the token's own
    try:
        yield account
    except AuthenticationError as error:
        error.add_note(f"It comes from {token.source}")
        raise


def _check(options: AccountOptions, least: int) -> None:
    if options.token_file is not None and options.context is not None:
        raise UsageError("--token-file, --context: each gives a token; pass one of the two")
    if options.emulated is None:
        return
    if not least <= options.emulated <= _MAX_EMULATED:
        raise UsageError(f"--emulated: expected {least} to {_MAX_EMULATED:,} Droplets, got {options.emulated}")
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
        raise UsageError(f"{', '.join(stray)}: not allowed with --emulated, which uses an account of its own")


def _proxy(given: str | None) -> str | None:
    if given is None:
        return "environment"
    return None if given.strip().lower() == "none" else given
