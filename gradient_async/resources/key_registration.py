"""Registers an SSH key unless the account has it: ``account.keys.ensure``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import anyio

from gradient_async.endpoints import account_keys
from gradient_async.errors import APIError, NotFoundError, RequestOutcomeUnknownError, UnprocessableEntityError
from gradient_async.http import retry

if TYPE_CHECKING:
    from gradient_async.http.request import RequestOptions
    from gradient_async.http.sender import Sender
    from gradient_async.models.ssh_key import SSHKeys
    from gradient_async.public_keys import PublicKey

_PAGE_LENGTH: Final = 200
_IN_USE: Final = "in use"


class KeyRegistration:
    """Registers one key.

    Args:
        sender: Sends the requests.
        key: The key.
        options: The caller's options.
    """

    def __init__(self, sender: Sender, key: PublicKey, options: RequestOptions) -> None:
        self._sender = sender
        self._key = key
        self._options = options

    async def ensured(self, name: str) -> SSHKeys:
        """Return the account's key. Register it under a name if the account does not have it.

        Raises:
            UnprocessableEntityError: The API refuses the key, and the account does not show it.
            RequestOutcomeUnknownError: The answer to its registration was lost, and the account does not show it.
            APIError: The request failed otherwise.
        """
        found = await self._by_fingerprint()
        if found is not None:
            return found
        create = account_keys.CREATE.request(self._options, body={"name": name, "public_key": self._key.text})
        try:
            return (await self._sender.send(create)).parse().ssh_key
        except (APIError, RequestOutcomeUnknownError) as error:
            # Another process may have registered it since, or this request did. Reads can lag behind.
            was_lost = any(attempt.outcome == "unknown" for attempt in error.attempts)
            if not was_lost and not isinstance(error, UnprocessableEntityError):
                raise
            found = await self._found(is_there=was_lost or _IN_USE in error.message.lower())
            if found is None:
                raise
            return found

    async def _found(self, *, is_there: bool) -> SSHKeys | None:
        """Look for the key: again for the time that reads can lag, if it is probably there."""
        found = await self._by_fingerprint() or await self._in_list()
        if found is not None or not is_there:
            return found
        for pause in retry.growing_pauses(self._sender.settings.settle_seconds):
            await anyio.sleep(pause)
            if found := await self._by_fingerprint():
                return found
        return await self._in_list()

    async def _by_fingerprint(self) -> SSHKeys | None:
        request = account_keys.RETRIEVE.request(self._options, self._key.fingerprint)
        try:
            return (await self._sender.send(request)).parse().ssh_key
        except NotFoundError:
            return None

    async def _in_list(self) -> SSHKeys | None:
        """Return the key from the account's list, all pages."""
        number, is_end = 0, False
        while not is_end:
            number += 1
            page = account_keys.LIST.request(self._options, query={"page": number, "per_page": _PAGE_LENGTH})
            listed = (await self._sender.send(page)).parse().ssh_keys
            for one in listed:
                if one.fingerprint == self._key.fingerprint or self._key.is_same(one.public_key):
                    return one
            is_end = len(listed) < _PAGE_LENGTH
        return None
