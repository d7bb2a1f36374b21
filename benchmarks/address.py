"""Where the server of a benchmark is."""

from __future__ import annotations

from typing import NamedTuple


class Address(NamedTuple):
    """One server's two doors.

    Attributes:
        plain: Base URL over HTTP.
        secure: Base URL over TLS; ``None`` where no certificate can be made.
        authority: File with the certificate of the authority that signed the server's.
    """

    plain: str
    secure: str | None
    authority: str
