"""The checks of ``doctor``. Pure: facts in, findings out."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from gradient_async.doctor.facts import Facts, Finding

if TYPE_CHECKING:
    from gradient_async.doctor.facts import Failure, Probe

Check: TypeAlias = Callable[[Facts], Iterator[Finding]]

# The Date header has whole seconds, and an answer is on its way for some time.
_MAX_SKEW_SECONDS: Final = 5.0
_SLOW_SECONDS: Final = 2.0
# Less than this part of a window is little.
_LITTLE: Final = 0.1
# Without these, neither an action nor a wait is possible.
_ESSENTIAL_SCOPES: Final = frozenset({"droplet:read", "actions:read"})
_UNAUTHORIZED, _FORBIDDEN, _RATE_LIMITED = 401, 403, 429
_REASONS: Final[Mapping[Failure, tuple[str, str]]] = {
    "dns": ("the host's name cannot be resolved", "Check the network and its DNS servers."),
    "certificate": (
        "the server's certificate is not accepted",
        "Check the clock. Where a proxy opens TLS, set SSL_CERT_FILE to its certificate.",
    ),
    "handshake": (
        "TLS cannot be set up",
        "Check the base URL: its port may answer to http and not to https.",
    ),
    "proxy": ("the proxy refuses the connection", "Check HTTPS_PROXY, or pass --proxy."),
    "refused": ("the connection is refused", "Check the base URL, the proxy and the firewall."),
    "timeout": ("there is no answer in time", "Check the network, the proxy and the firewall."),
    "closed": ("the connection breaks before the answer is complete", "Check the proxy, and try again."),
    "unreadable": ("the answer cannot be read", "Run gpu-droplets doctor --conformance, and report the result."),
    "other": ("the request fails", "Run with --debug, which shows the error."),
}

# The client resolves no other name then.
_PROXY_NAME: Final = ("the proxy's name cannot be resolved", "Check HTTPS_PROXY, or pass --proxy.")


def findings(facts: Facts) -> tuple[Finding, ...]:
    """Return what all checks found."""
    if not facts.has_token:
        advice = "Set DIGITALOCEAN_ACCESS_TOKEN, or pass --token-file or --context."
        return (Finding(check="token", level="problem", text="no access token was found", advice=advice),)
    return tuple(finding for check in _CHECKS for finding in check(facts))


def _connection(facts: Facts) -> Iterator[Finding]:
    way = "through a proxy" if facts.has_proxy else "directly"
    host = "api.digitalocean.com" if facts.is_default_host else "another host than DigitalOcean's"
    failed = [one for one in facts.probes if one.failure is not None]
    for failure in dict.fromkeys(one.failure for one in failed if one.failure):
        text, advice = _PROXY_NAME if failure == "dns" and facts.has_proxy else _REASONS[failure]
        those = [one for one in failed if one.failure == failure]
        detail = f": {those[0].detail}" if those[0].detail else ""
        count = f"{len(those)} of {len(facts.probes)} requests"
        yield Finding(
            check="connection", level="problem", text=f"{text}{detail} ({count}, {way}, {host})", advice=advice
        )
    if not failed:
        yield Finding(check="connection", level="ok", text=f"{host} answers, {way}")
    if not facts.is_encrypted:
        text = "the API is reached over http: the token is sent in clear"
        yield Finding(check="tls", level="note", text=text, advice="Use a base URL with https.")


def _token(facts: Facts) -> Iterator[Finding]:
    statuses = [one.status for one in facts.probes if one.status is not None]
    if _UNAUTHORIZED in statuses:
        advice = "It may be revoked, expired or cut off. Create one in the control panel, under API, Tokens."
        yield Finding(check="token", level="problem", text="the API refuses the token (401)", advice=advice)
    elif any(one.is_success or one.status == _FORBIDDEN for one in facts.probes):
        yield Finding(check="token", level="ok", text="the API accepts the token")


def _scopes(facts: Facts) -> Iterator[Finding]:
    missing = dict.fromkeys(
        scope for one in facts.probes if one.status == _FORBIDDEN for scope in _needed(one) or ("unknown",)
    )
    if missing:
        is_essential = not _ESSENTIAL_SCOPES.isdisjoint(missing)
        yield Finding(
            check="scopes",
            level="problem" if is_essential else "note",
            text=f"the token lacks, of the scopes to read: {', '.join(missing)}",
            advice="Create a token with these scopes, if you need what they read.",
        )
    elif any(one.is_success for one in facts.probes):
        yield Finding(
            check="scopes", level="ok", text="the token reads all that was tried; scopes to change were not tried"
        )


def _needed(probe: Probe) -> tuple[str, ...]:
    # The documentation lists the scopes of old tokens too, which can do everything.
    return tuple(scope for scope in probe.endpoint.scopes if not scope.startswith("api:"))


def _clock(facts: Facts) -> Iterator[Finding]:
    skews = [skew for one in facts.probes if (skew := _skew(one)) is not None]
    if not skews:
        if any(one.status is not None for one in facts.probes):
            yield Finding(check="clock", level="note", text="the answers have no Date header to compare the clock with")
        return
    skew = statistics.median(skews)
    for direction, seconds in (("behind", skew), ("ahead of", -skew)):
        if seconds > _MAX_SKEW_SECONDS:
            yield Finding(
                check="clock",
                level="problem",
                text=f"this machine's clock is {seconds:,.0f} s {direction} the server's",
                advice="Synchronize it (NTP). Certificates and journals depend on it.",
            )
            return
    yield Finding(check="clock", level="ok", text="this machine's clock agrees with the server's")


def _skew(probe: Probe) -> float | None:
    """Return the seconds by which the server's clock is ahead of this machine's."""
    try:
        server = parsedate_to_datetime(probe.headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError):
        return None
    # The header leaves out the part of the second, which is half a second on average.
    return server + 0.5 - (probe.sent_at + probe.seconds / 2)


def _rate(facts: Facts) -> Iterator[Finding]:
    limited = sum(one.status == _RATE_LIMITED for one in facts.probes)
    if limited:
        text = f"{limited} of {len(facts.probes)} requests were rate-limited (429)"
        yield Finding(check="rate limit", level="problem", text=text, advice="Wait a minute, and run it again.")
    known = [
        (number, left, limit)
        for number, one in enumerate(facts.probes)
        if (left := _left(one)) is not None and (limit := _number(one, "ratelimit-limit"))
    ]
    if not known:
        if any(one.is_success for one in facts.probes):
            yield Finding(check="rate limit", level="note", text="the answers have no ratelimit headers")
        return
    (first, before, _), (last, after, limit) = known[0], known[-1]
    is_little = after < limit * _LITTLE
    yield Finding(
        check="rate limit",
        level="note" if is_little else "ok",
        text=f"{after:,} of {limit:,} requests are left",
        advice="Requests have to wait soon." if is_little else "",
    )
    by_others = before - after - (last - first)
    if by_others > 0:
        text = f"others spent {by_others:,} requests of the same token while {last - first:,} were sent here"
        advice = "Give each program a token of its own, or let them share a budget."
        yield Finding(check="rate limit", level="note", text=text, advice=advice)


def _left(probe: Probe) -> int | None:
    # A 401 is counted elsewhere, and so is a request that never arrived.
    return None if probe.status in {None, _UNAUTHORIZED} else _number(probe, "ratelimit-remaining")


def _number(probe: Probe, header: str) -> int | None:
    text = probe.headers.get(header, "")
    return int(text) if text.isascii() and text.isdigit() else None


def _keys(facts: Facts) -> Iterator[Finding]:
    probe = facts.probe("gpu_droplets.account.keys.list")
    if probe is None or probe.total is None:
        return
    if probe.total:
        yield Finding(check="ssh keys", level="ok", text=f"the account has SSH keys ({probe.total})")
    else:
        advice = "Add one: a new Droplet without a key sends its password by e-mail."
        yield Finding(check="ssh keys", level="note", text="the account has no SSH key", advice=advice)


def _quotas(facts: Facts) -> Iterator[Finding]:
    probe = facts.probe("account.retrieve")
    account = probe.body.get("account") if probe is not None and isinstance(probe.body, dict) else None
    if not isinstance(account, dict):
        return
    if account.get("status") not in {None, "active"}:
        text = "the account's status is not active"
        yield Finding(check="account", level="problem", text=text, advice="See the control panel, or ask the support.")
    for name, operation, field in (
        ("Droplets", "gpu_droplets.list", "droplet_limit"),
        ("reserved IPs", "reserved_ips.list", "floating_ip_limit"),
    ):
        limit, used = account.get(field), facts.total(operation)
        if isinstance(limit, int) and used is not None:
            is_full = used >= limit
            yield Finding(
                check="quotas",
                level="note" if is_full else "ok",
                text=f"{used:,} of {limit:,} {name}",
                advice="Ask for a higher limit in the control panel." if is_full else "",
            )


def _times(facts: Facts) -> Iterator[Finding]:
    seconds = sorted(one.seconds for one in facts.probes if one.status is not None)
    if seconds:
        median = statistics.median(seconds)
        text = f"answers take {median * 1000:,.0f} ms (median of {len(seconds)}), at most {seconds[-1] * 1000:,.0f} ms"
        yield Finding(check="answer times", level="note" if median > _SLOW_SECONDS else "ok", text=text)


def _statuses(facts: Facts) -> Iterator[Finding]:
    reported = {_UNAUTHORIZED, _FORBIDDEN, _RATE_LIMITED}  # by other checks
    odd: dict[int, list[str]] = {}
    for one in facts.probes:
        if one.status is not None and one.status not in reported and not (one.is_success or one.is_absence):
            odd.setdefault(one.status, []).append(one.operation)
    for status, names in odd.items():
        advice = "Try again, and see status.digitalocean.com." if status >= 500 else ""
        yield Finding(check="statuses", level="problem", text=f"{status}: {', '.join(names)}", advice=advice)


_CHECKS: Final[tuple[Check, ...]] = (
    _connection,
    _token,
    _scopes,
    _clock,
    _rate,
    _statuses,
    _keys,
    _quotas,
    _times,
)
