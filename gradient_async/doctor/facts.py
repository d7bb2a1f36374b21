"""The facts of the collector. Values of the account stay in ``body``, which no report shows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import field, frozen

from gradient_async.http.endpoint import Endpoint

Failure: TypeAlias = Literal[
    "dns", "certificate", "handshake", "proxy", "refused", "timeout", "closed", "unreadable", "other"
]
"""Why there was no answer that can be read."""


@frozen(kw_only=True)
class Probe:
    """One request of the collector, and its result.

    Attributes:
        endpoint: What was read.
        status: HTTP status; ``None`` without an answer.
        failure: Why there was no answer that can be read; ``None`` if there was one.
        detail: More about the failure, in words of the operating system or of OpenSSL.
        sent_at: When it was sent, in seconds since 1970, by this machine's clock.
        seconds: Seconds until the answer was complete.
        headers: Headers of the answer, their names in lower case.
        body: The answer's JSON; ``None`` if there is none.
    """

    endpoint: Endpoint[object]
    status: int | None = None
    failure: Failure | None = None
    detail: str = ""
    sent_at: float = 0.0
    seconds: float = 0.0
    headers: Mapping[str, str] = field(factory=dict, repr=False)
    body: object = field(default=None, repr=False)

    @property
    def operation(self) -> str:
        """The endpoint's name, such as ``gpu_droplets.list``."""
        return self.endpoint.name

    @property
    def is_success(self) -> bool:
        """Whether the answer has a status of 200 to 299."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_absence(self) -> bool:
        """Whether it is a 404 for what an item may have or not, such as the state of its destruction."""
        return self.status == 404 and not self.endpoint.items and not self.endpoint.identity

    @property
    def total(self) -> int | None:
        """Number of items in the whole list; ``None`` if the answer has none."""
        meta = self.body.get("meta") if isinstance(self.body, dict) else None
        total = meta.get("total") if isinstance(meta, dict) else None
        return total if isinstance(total, int) else None


@frozen(kw_only=True)
class Facts:
    """All facts that were collected.

    Attributes:
        probes: The requests, in the order in which they were sent.
        has_token: Whether a token was found.
        has_proxy: Whether requests go through a proxy.
        is_default_host: Whether the API is DigitalOcean's.
        is_encrypted: Whether the API is reached over HTTPS.
    """

    probes: tuple[Probe, ...] = ()
    has_token: bool = True
    has_proxy: bool = False
    is_default_host: bool = True
    is_encrypted: bool = True

    def probe(self, operation: str) -> Probe | None:
        """Return the first request of an operation that succeeded; ``None`` if there is none."""
        return next((one for one in self.probes if one.operation == operation and one.is_success), None)

    def total(self, operation: str) -> int | None:
        """Return the number of items in all lists of an operation; ``None`` if one of them has no total."""
        totals = [one.total for one in self.probes if one.operation == operation]
        known = [total for total in totals if total is not None]
        return sum(known) if known and len(known) == len(totals) else None


@frozen(kw_only=True)
class Finding:
    """The result of one check.

    Attributes:
        check: The subject of the check.
        level: ``"ok"``; ``"note"`` for what may matter; ``"problem"`` for what must be repaired.
        text: The result as text. It names nothing of the account.
        advice: What to do.
    """

    check: str
    level: Literal["ok", "note", "problem"]
    text: str
    advice: str = ""
