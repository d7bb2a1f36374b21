"""The headers of a request, whose values no repr shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multidict import CIMultiDict

from gradient_async.secrecy import Redaction, SecretText

if TYPE_CHECKING:
    from collections.abc import Mapping

_CREDENTIALS: Final = ("Authorization", "Proxy-Authorization")


class Headers:
    """All headers of a request, in the form that costs a request least.

    It is no mapping on purpose: crash reporters look into mappings.

    Args:
        fields: Names and values.

    Attributes:
        redaction: Cuts the credentials among them out of what the server sends.
    """

    __slots__ = ("_fields", "redaction")

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields: CIMultiDict[str] = CIMultiDict((name, SecretText(value)) for name, value in fields.items())
        values = [value for name in _CREDENTIALS for value in self._fields.getall(name, [])]
        self.redaction: Redaction = Redaction(_secrets_in(values))

    def merged(self, others: Mapping[str, str]) -> Headers:
        """These and others, which take the place of those of the same name, in whatever case it is spelled."""
        fields = self._fields.copy()
        fields.update({name: SecretText(value) for name, value in others.items()})
        return Headers(fields)

    def reveal(self) -> CIMultiDict[str]:
        """The headers themselves, for the wire."""
        return self._fields


def _secrets_in(values: list[str]) -> list[str]:
    """The credentials in such headers, without the scheme before them."""
    return [SecretText(value.rpartition(" ")[2]) for value in values]
