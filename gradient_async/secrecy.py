"""Secret texts: no repr shows them, and they are removed from the server's answers."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

HIDDEN: Final = "[redacted]"
# A shorter text can appear in an answer by chance, and is no token.
_MIN_SECRET_LENGTH: Final = 8


class SecretText(str):
    """A string that its repr and its pickle do not show.

    Debuggers and crash reporters show local variables by their repr.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'…'"

    def __reduce__(self) -> tuple[object, ...]:
        return str, (HIDDEN,)

    def __copy__(self) -> SecretText:
        return self

    def __deepcopy__(self, _: object) -> SecretText:
        return self


class SecretBytes(bytes):
    """Bytes whose repr does not show what they hold: a token that was read from a binary file, and is refused."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "b'…'"

    __str__ = __repr__

    def __reduce__(self) -> tuple[object, ...]:
        return bytes, (HIDDEN.encode(),)


def hidden(text: str | None) -> str | None:
    """Return text or bytes as a type whose repr hides them; any other value unchanged."""
    given: object = text
    if isinstance(given, bytes):
        return SecretBytes(given)  # type: ignore[return-value]  # refused as no string, when it is read
    return SecretText(text) if isinstance(text, str) else text


class Redaction:
    """Removes known secrets from a server's answers.

    A server, or a proxy in front of it, can send the headers of a request back.

    Args:
        secrets: The secrets. Secrets with fewer than 8 characters are ignored.
    """

    __slots__ = ("_bytes", "_forms", "_secrets")

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._secrets = tuple(secret for secret in secrets if len(secret) >= _MIN_SECRET_LENGTH)
        self._bytes = tuple(secret.encode() for secret in self._secrets)
        self._forms: tuple[str, ...] | None = None

    def __reduce__(self) -> tuple[object, ...]:
        return Redaction, ()  # a pickle holds no secret

    def __copy__(self) -> Redaction:
        return self

    def __deepcopy__(self, _: object) -> Redaction:
        return self

    def concerns(self, texts: Iterable[str]) -> bool:
        """Return whether one of the texts holds an unescaped secret."""
        return any(secret in text for text in texts for secret in self._secrets)

    def is_in(self, data: bytes) -> bool:
        """Return whether the bytes hold an unescaped secret."""
        for secret in self._bytes:  # noqa: SIM110 - called for each answer, and any() takes three times as long
            if secret in data:
                return True
        return False

    def text(self, text: str) -> str:
        """Return a text without the secrets."""
        for form in self._all_forms():
            text = text.replace(form, HIDDEN)
            begun = _begun_at_end(text, form)
            text = text[: len(text) - begun] + HIDDEN if begun else text
        return text

    def bytes(self, data: bytes) -> bytes:
        """Return the bytes of a text without the secrets."""
        # Every byte is a character of this encoding, and a secret is ASCII.
        return self.text(data.decode("latin-1")).encode("latin-1")

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Return headers without the secrets."""
        return {self.text(name): self.text(value) for name, value in headers.items()}

    def json(self, value: object) -> object:
        """Return a parsed JSON value without the secrets."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {self.text(str(name)): self.json(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.json(one) for one in value]
        return value

    def _all_forms(self) -> tuple[str, ...]:
        """Return the secrets unescaped and as escaped in a URL, in JSON and in HTML; the longest first."""
        if self._forms is None:
            forms = {
                SecretText(form)
                for secret in self._secrets
                for form in (
                    secret,
                    quote(secret),
                    quote(secret, safe=""),
                    json.dumps(secret)[1:-1],
                    html.escape(secret),
                )
            }
            self._forms = tuple(sorted(forms, key=len, reverse=True))
        return self._forms

    def __repr__(self) -> str:
        return "<Redaction>"


def _begun_at_end(text: str, secret: str) -> int:
    """Return how many characters at the end of a cut-off text are the beginning of a secret; 0 for fewer than 8."""
    for length in range(min(len(secret) - 1, len(text)), _MIN_SECRET_LENGTH - 1, -1):
        if text.endswith(secret[:length]):
            return length
    return 0


NO_SECRETS: Final = Redaction()
