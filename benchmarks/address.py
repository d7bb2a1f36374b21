"""The addresses of a benchmark's server."""

from __future__ import annotations

from typing import NamedTuple


class Address(NamedTuple):
    """The two addresses of one server.

    Attributes:
        plain: Base URL over HTTP.
        secure: Base URL over TLS; ``None`` without a certificate.
        authority: File with the certificate of the authority that signed the server's.
    """

    plain: str
    secure: str | None
    authority: str
