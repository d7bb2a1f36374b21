"""The settings of a client: from arguments, else from the environment, else by default.

Only this module reads the environment.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NoReturn
from urllib.parse import urlsplit

from attrs import evolve, field, frozen

from gradient_async.arguments import checked_count, checked_headers, checked_seconds, checked_texts
from gradient_async.errors import MissingAccessTokenError
from gradient_async.hosts import is_this_machine
from gradient_async.proxies import FROM_ENVIRONMENT, VARIABLES, Proxy, checked_proxy, proxy_in
from gradient_async.secrecy import SecretText, hidden

DEFAULT_BASE_URL: Final = "https://api.digitalocean.com"
DEFAULT_TIMEOUT: Final = 60.0
DEFAULT_MAX_RETRIES: Final = 2
DEFAULT_MAX_RETRY_AFTER: Final = 60.0
DEFAULT_SETTLE_SECONDS: Final = 5.0
DEFAULT_CREATE_SETTLE_SECONDS: Final = 120.0
# ``None`` means no proxy, so "unchanged" needs a value of its own.
_UNCHANGED: Final = "unchanged"
DEFAULT_MAX_RESPONSE_BYTES: Final = 64 * 1024 * 1024

TOKEN_VARIABLES: Final = ("DIGITALOCEAN_ACCESS_TOKEN", "DIGITALOCEAN_TOKEN")
_AROUND_TOKENS: Final = " \t\r\n'\""
CONTEXT_VARIABLE: Final = "DIGITALOCEAN_CONTEXT"
_BASE_URL_VARIABLE: Final = "GRADIENT_BASE_URL"
# Real tokens have 71 characters.
_MIN_TOKEN_LENGTH: Final = 16
_LOG_VARIABLE: Final = "GRADIENT_LOG"
RATE_BUDGET_VARIABLE: Final = "GRADIENT_RATE_BUDGET"
_URL_TEXT: Final = r"[^\x00-\x20\x7f-\U0010ffff?#\\]"
_BASE_URL: Final = re.compile(rf"(?i:https?)://(?:(?![/@]){_URL_TEXT})+(/{_URL_TEXT}*)?")
_LOG_LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO}


class AccessToken:
    """An access token. Only ``reveal`` shows it."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the token, for the ``Authorization`` header."""
        return self._value

    def __repr__(self) -> str:
        return "AccessToken('…')"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an access token cannot be pickled. Create a client where you need it")


@frozen(kw_only=True)
class Settings:
    """The settings of all requests of a client.

    Attributes:
        proxy: The proxy; ``None`` for none.
        follows_environment: Whether the proxy is the environment's. It depends on ``base_url`` then.
    """

    access_token: AccessToken
    base_url: str
    timeout: float = DEFAULT_TIMEOUT
    max_retries: int = DEFAULT_MAX_RETRIES
    max_retry_after: float = DEFAULT_MAX_RETRY_AFTER
    settle_seconds: float = DEFAULT_SETTLE_SECONDS
    create_settle_seconds: float = DEFAULT_CREATE_SETTLE_SECONDS
    max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES
    proxy: Proxy | None = None
    follows_environment: bool = False
    default_headers: Mapping[str, str] = field(factory=dict, repr=False)
    default_query: Mapping[str, str] = field(factory=dict, repr=False)

    @property
    def host_in_clear(self) -> str | None:
        """The other machine that gets the token unencrypted; ``None`` if there is none."""
        url = urlsplit(self.base_url)
        host = url.hostname or ""
        return host if url.scheme.lower() == "http" and not is_this_machine(host) else None

    def changed(self, **changes: object) -> Settings:
        """Return a copy with changes. ``None`` is no change, except for ``proxy``."""
        proxy = changes.pop("proxy", _UNCHANGED)
        given = {name: value for name, value in changes.items() if value is not None}
        if "default_headers" in given:
            headers = checked_headers("default_headers", given["default_headers"])
            given["default_headers"] = merged_headers(self.default_headers, headers)
        if "default_query" in given:
            given["default_query"] = {**self.default_query, **checked_texts("default_query", given["default_query"])}
        if "access_token" in given:
            given["access_token"] = AccessToken(_token(given["access_token"]))
        if "base_url" in given:
            given["base_url"] = _checked_url(given["base_url"])
        if proxy != _UNCHANGED or ("base_url" in given and self.follows_environment):
            wanted = FROM_ENVIRONMENT if proxy == _UNCHANGED else proxy
            given["follows_environment"] = wanted == FROM_ENVIRONMENT
            given["proxy"] = _proxy(wanted, str(given.get("base_url", self.base_url)))
        return _checked(evolve(self, **given))  # type: ignore[arg-type]  # _checked checks every value


def resolve(
    *,
    access_token: str | None,
    base_url: str | None,
    timeout: float,
    max_retries: int,
    max_retry_after: float,
    settle_seconds: float,
    create_settle_seconds: float,
    max_response_bytes: int,
    proxy: object,
    default_headers: Mapping[str, str] | None,
    default_query: Mapping[str, object] | None,
) -> Settings:
    """Return settings from a client's arguments and the environment.

    Raises:
        MissingAccessTokenError: No token is given, and the environment has none.
        TypeError: A value has the wrong type.
        ValueError: A value is out of range.
    """
    address = _base_url(base_url)
    return _checked(
        Settings(
            access_token=AccessToken(_token(access_token)),
            base_url=address,
            proxy=_proxy(proxy, address),
            follows_environment=proxy == FROM_ENVIRONMENT,
            timeout=timeout,
            max_retries=max_retries,
            max_retry_after=max_retry_after,
            settle_seconds=settle_seconds,
            create_settle_seconds=create_settle_seconds,
            max_response_bytes=max_response_bytes,
            default_headers=checked_headers("default_headers", default_headers),
            default_query=checked_texts("default_query", default_query),
        )
    )


def merged_headers(*of: Mapping[str, str]) -> dict[str, str]:
    """Return headers from several mappings. Later ones replace earlier ones; upper and lower case are equal."""
    merged: dict[str, tuple[str, str]] = {}
    for headers in of:
        for name, value in headers.items():
            merged[name.lower()] = name, value
    return dict(merged.values())


def log_level() -> int | None:
    """Return the log level of ``GRADIENT_LOG`` (``debug`` or ``info``); ``None`` for any other value."""
    return _LOG_LEVELS.get(os.environ.get(_LOG_VARIABLE, "").strip().lower())


def rate_budget_url() -> str | None:
    """Return the URL of the rate budget's store from the environment; ``None`` if it names none."""
    return os.environ.get(RATE_BUDGET_VARIABLE, "").strip() or None


def state_directory() -> Path:
    """Return the user's directory for files that stay after a reboot, and that nothing cleans up.

    It is the same in a shell, in a service and under cron. The runtime directory is not: cron does not have it.
    """
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "gradient-async"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "gradient-async"
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "gradient-async"


def environment_without_tokens(token: str | None = None) -> dict[str, str]:
    """Return a copy of the environment for a child process, without the variables that hold an access token.

    Args:
        token: A token that may not be in the environment. Copies of it under any name are left out too.
    """
    tokens = {one.strip() for one in (token, *map(os.environ.get, TOKEN_VARIABLES)) if one and one.strip()}
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() not in TOKEN_VARIABLES and value.strip() not in tokens and not _holds(value, tokens)
    }


def _holds(value: str, tokens: set[str]) -> bool:
    """Return whether a text has a token as a part, as in ``Bearer TOKEN``. Short words are no tokens."""
    return any(len(token) >= _MIN_TOKEN_LENGTH and token in value for token in tokens)


def doctl_configuration() -> Path:
    """Return the path of doctl's configuration on this system. The file may not exist."""
    if sys.platform == "win32":
        folder = Path(os.environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        folder = Path.home() / "Library" / "Application Support"
    else:
        folder = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
        own = folder / "doctl" / "config.yaml"
        # A snap has one home folder for each revision; "current" links to the newest one.
        snaps = Path.home() / "snap" / "doctl"
        revisions = sorted((one for one in _children(snaps) if one.name.isdecimal()), key=lambda one: -int(one.name))
        of_snap = [one / ".config" / "doctl" / "config.yaml" for one in (snaps / "current", *revisions)]
        return next((one for one in (own, *of_snap) if one.is_file()), own)
    return folder / "doctl" / "config.yaml"


def _proxy(wanted: object, base_url: str) -> Proxy | None:
    if wanted != FROM_ENVIRONMENT:
        return checked_proxy("proxy", wanted)
    # Only these variables: a traceback would show the whole environment.
    found = {name: SecretText(os.environ[name]) for name in VARIABLES if name in os.environ}
    return proxy_in(found, base_url)


def _children(folder: Path) -> list[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []


def token_variable() -> str | None:
    """Return the name of the environment variable that holds a token; ``None`` if there is none."""
    return next((name for name in TOKEN_VARIABLES if os.environ.get(name, "").strip(_AROUND_TOKENS)), None)


def doctl_context() -> str | None:
    """Return the doctl context that the environment names; ``None`` if it names none."""
    return os.environ.get(CONTEXT_VARIABLE, "").strip() or None


def is_public_api(base_url: str | None) -> bool:
    """Return whether a base URL is DigitalOcean's; for ``None``, the environment's base URL."""
    url = (os.environ.get(_BASE_URL_VARIABLE) or DEFAULT_BASE_URL) if base_url is None else base_url
    try:
        parts = urlsplit(url.strip())
        host = (parts.hostname or "").lower().rstrip(".")
    except ValueError:
        return False
    return parts.scheme.lower() == "https" and (host == "digitalocean.com" or host.endswith(".digitalocean.com"))


def _token(given: object) -> str:
    """Return the token from an argument or the environment, as a text that no traceback shows."""
    if given is not None and not isinstance(given, str):
        # A client hides bytes in a class of its own before.
        kind = "bytes" if isinstance(given, bytes) else type(given).__name__
        raise TypeError(f"access_token: expected a str, got {kind}")
    if given is not None:
        sources = {"access_token": hidden(given)}
    else:
        sources = {f"{name} in the environment": hidden(os.environ.get(name)) for name in TOKEN_VARIABLES}
    for source, text in sources.items():
        # Pasted tokens often have spaces and quotes around them.
        token = SecretText((text or "").strip(_AROUND_TOKENS))
        if token:
            return _checked_token(token, source)
    where = "access_token is empty" if given is not None else "no access token"
    raise MissingAccessTokenError(
        f"{where}: set {TOKEN_VARIABLES[0]} (or {TOKEN_VARIABLES[1]}) in the environment, or pass access_token="
    )


def _checked_token(token: str, source: str) -> str:
    if not re.fullmatch(r"[\x21-\x7e]+", token):
        raise ValueError(f"{source}: expected printable ASCII without spaces, got something else (not shown here)")
    return token


def _base_url(given: object) -> str:
    named = os.environ.get(_BASE_URL_VARIABLE) if given is None else None
    if named:
        return _checked_url(named, f"{_BASE_URL_VARIABLE} in the environment")
    return _checked_url(DEFAULT_BASE_URL if given is None else given)


def _checked_url(url: object, source: str = "base_url") -> str:
    if not isinstance(url, str):
        raise TypeError(f"{source}: expected a str, got {type(url).__name__}")
    text = url.strip()
    if not _BASE_URL.fullmatch(text) or not _has_usable_port(text):
        # Not shown: it may hold a password.
        raise ValueError(
            f"{source}: expected http(s)://host[:port][/path], without a user, a query or a fragment, "
            f"such as {DEFAULT_BASE_URL!r}"
        )
    return text.rstrip("/").removesuffix("/v2")


def _has_usable_port(url: str) -> bool:
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False


def _checked(settings: Settings) -> Settings:
    checked_seconds("timeout", settings.timeout)
    checked_count("max_retries", settings.max_retries, minimum=0)
    checked_count("max_response_bytes", settings.max_response_bytes, minimum=1)
    for name in ("max_retry_after", "settle_seconds", "create_settle_seconds"):
        value = getattr(settings, name)
        if isinstance(value, bool) or value != 0:
            checked_seconds(name, value)
    return settings
