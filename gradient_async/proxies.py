"""The HTTP proxy of the requests. Pure code: the environment is an argument.

The variables have the same meaning as for curl, ``requests`` and the retired SDK: ``HTTPS_PROXY``, ``HTTP_PROXY`` and
``ALL_PROXY`` name the proxy, and ``NO_PROXY`` the hosts without one. A lower-case name comes before the upper-case one.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from typing import Final
from urllib.parse import unquote, urlsplit

from attrs import field, frozen

from gradient_async.hosts import is_this_machine
from gradient_async.secrecy import SecretText

_VARIABLES: Final = ("https_proxy", "http_proxy", "all_proxy", "no_proxy")
VARIABLES: Final = (*_VARIABLES, *map(str.upper, _VARIABLES), "REQUEST_METHOD")
FROM_ENVIRONMENT: Final = "environment"
_PORTS: Final = {"http": 80, "https": 443}
_EXPECTED: Final = "expected http://[user:password@]host:port"


@frozen(kw_only=True)
class Proxy:
    """A proxy. Its texts do not show its credentials.

    Attributes:
        url: Address, without user and password.
        headers: Headers for the proxy: the credentials, if there are any.
    """

    url: str
    headers: Mapping[str, str] = field(factory=dict, repr=False)

    def __str__(self) -> str:
        return self.url


def checked_proxy(parameter: str, value: object) -> Proxy | None:
    """Return the proxy with this URL; ``None`` for none.

    Raises:
        TypeError: The value is no string.
        ValueError: The value is no URL of an HTTP proxy. The error does not show it, since it may hold a password.
    """
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError(f"{parameter}: expected a URL, 'environment' or None, got {type(value).__name__}")
    text = SecretText(value.strip())
    url = SecretText(text if "://" in text else f"http://{text}")
    scheme = url.partition("://")[0].lower()
    if scheme.startswith("socks"):
        raise ValueError(
            f"{parameter}: a {scheme} proxy is not supported; {_EXPECTED}, or pass an http_session with a SOCKS "
            "connector (package aiohttp-socks)"
        )
    if scheme not in _PORTS or re.search(r"[\x00-\x20\x7f]", url) or not _has_host_and_port(url):
        raise ValueError(f"{parameter}: {_EXPECTED}, got something else (not shown: it may hold a password)")
    parts = urlsplit(url)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    address = f"{scheme}://{host}:{parts.port or _PORTS[scheme]}"
    if parts.username is None:
        return Proxy(url=address)
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return Proxy(url=address, headers={"Proxy-Authorization": SecretText(f"Basic {b64encode(pair).decode()}")})


def proxy_in(environment: Mapping[str, str], base_url: str) -> Proxy | None:
    """Return the proxy that the environment names for a URL; ``None`` for this machine.

    Raises:
        ValueError: The variable does not name an HTTP proxy.
    """
    parts = urlsplit(base_url)
    scheme, host = parts.scheme.lower(), (parts.hostname or "").rstrip(".")
    if is_this_machine(host) or _needs_none(_first(environment, ("no_proxy",))[1], host, parts.port or _PORTS[scheme]):
        return None
    name, value = _first(environment, (f"{scheme}_proxy", "all_proxy"))
    return checked_proxy(f"{name} in the environment", value) if value else None


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> tuple[str, str]:
    for name in names:
        for variable in (name, name.upper()):
            if variable == "HTTP_PROXY" and "REQUEST_METHOD" in environment:
                continue  # in a CGI program this is a header of the request, which any client can send
            value = environment.get(variable, "").strip()
            if value:
                return variable, SecretText(value)
    return names[0], ""


def _needs_none(no_proxy: str, host: str, port: int) -> bool:
    """Return whether ``NO_PROXY`` names this host: by name, suffix, address, network, or ``*``."""
    return any(_covers(entry.lower(), host, port) for entry in re.split(r"[\s,]+", no_proxy) if entry)


def _covers(entry: str, host: str, port: int) -> bool:
    if entry == "*":
        return True
    with_port = re.fullmatch(r"(\[[^]]*\]|[^:]*):(\d+)", entry)
    if with_port:
        if int(with_port[2]) != port:
            return False
        entry = with_port[1]
    entry = entry.strip("[]").rstrip(".")
    try:
        address = ip_address(host)
    except ValueError:
        name = entry.removeprefix("*").lstrip(".")
        return bool(name) and (host == name or host.endswith(f".{name}"))
    try:
        return address in ip_network(entry, strict=False)
    except ValueError:
        return False


def _has_host_and_port(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and parts.path in {"", "/"} and not parts.query
    except ValueError:
        return False
