"""The headers of a request. No repr shows their values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from multidict import CIMultiDict

from gradient_async.secrecy import Redaction, SecretText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CREDENTIALS: Final = ("Authorization", "Proxy-Authorization")


class Headers:
    """All headers of a request, in the form that is fastest to send.

    The class is no mapping, since crash reporters show the values of mappings.

    Args:
        fields: Names and values.

    Attributes:
        redaction: Removes the credentials of these headers from the server's answer.
    """

    __slots__ = ("_fields", "redaction")

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields: CIMultiDict[str] = CIMultiDict((name, SecretText(value)) for name, value in fields.items())
        values = [value for name in _CREDENTIALS for value in self._fields.getall(name, [])]
        self.redaction: Redaction = Redaction(_secrets_in(values))

    def merged(self, others: Mapping[str, str]) -> Headers:
        """Return these headers with others added. A header replaces one of the same name, in upper or lower case."""
        fields = self._fields.copy()
        fields.update({name: SecretText(value) for name, value in others.items()})
        return Headers(fields)

    def reveal(self) -> CIMultiDict[str]:
        """Return the headers with their values, for sending."""
        return self._fields


def made_of(fields: Sequence[tuple[str, str]]) -> Mapping[str, str]:
    """Return the headers of an answer, made from names and values: headers as received cannot be pickled."""
    return CIMultiDict(fields)


def _secrets_in(values: list[str]) -> list[str]:
    """Return the credentials in the values, without the scheme before them."""
    return [SecretText(value.rpartition(" ")[2]) for value in values]
