"""SSH keys of the account: ``client.gpu_droplets.account.keys``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.arguments import checked_text
from gradient_async.endpoints import account_keys
from gradient_async.resources.generated.account_keys import GeneratedKeys

if TYPE_CHECKING:
    import os
    from typing import Unpack

    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.ssh_key import (
        KeyCreateResponse,
        KeyListResponse,
        KeyRetrieveResponse,
        KeyUpdateResponse,
        SSHKeys,
    )


class Keys(GeneratedKeys):
    """SSH keys of the account, for new Droplets."""

    async def create(self, *, name: str, public_key: str, **options: Unpack[KeyedOptions]) -> KeyCreateResponse:
        """Register an SSH key.

        If the answer is lost, the account's keys are listed. A key with this name and this public key is the result if
        a list that was read before did not show it. Without such a list it may have been there before.

        Args:
            name: The key's name.
            public_key: The key, as in an ``authorized_keys`` file.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``; ``key`` and ``key_ttl``.

        Raises:
            RequestOutcomeUnknownError: The answer was lost, and the key may have been there before: see ``candidates``.
            UnprocessableEntityError: The text is no public key, or the key is already registered.
            RequestKeyError: The ``key`` is another request's, or cannot be kept. Nothing was sent.
        """
        return await self._send(account_keys.CREATE.request(options, body={"name": name, "public_key": public_key}))

    async def ensure(
        self, public_key: str | os.PathLike[str], *, name: str | None = None, **options: Unpack[RequestOptions]
    ) -> SSHKeys:
        """Return the account's key with this text. Register it if the account does not have it.

        The fingerprint decides: a key that is registered under another name is returned as it is. If another process
        registers the key at the same time, its key is returned.

        Example:
            >>> async with AsyncGradientAI() as client:
            ...     key = await client.account.keys.ensure("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me@laptop")
            >>> key.name
            'me@laptop'

        Args:
            public_key: The key, as in an ``authorized_keys`` file; or the path of its file, as a ``Path`` or as a text
                that ends with ``.pub``, such as ``"~/.ssh/id_ed25519.pub"``.
            name: The name of a new key. By default the key's comment, or else its fingerprint.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Returns:
            The key; its ``id`` and ``fingerprint`` are for ``ssh_keys`` of ``gpu_droplets.create``.

        Raises:
            TypeError: An argument has the wrong type. Nothing was sent.
            ValueError: The text or the file has no public key. Nothing was sent.
            OSError: The file cannot be read. Nothing was sent.
            UnprocessableEntityError: The API refuses the key.
            RequestOutcomeUnknownError: The answer was lost, and the account does not show the key.
        """
        from gradient_async import public_keys
        from gradient_async.resources.key_registration import KeyRegistration

        key = await public_keys.read(public_key)
        chosen = checked_text("name", name, "laptop") if name is not None else key.comment or key.fingerprint
        return await KeyRegistration(self._sender, key, options).ensured(chosen)

    async def retrieve(self, ssh_key_identifier: int | str, **options: Unpack[RequestOptions]) -> KeyRetrieveResponse:
        """Read one key.

        Args:
            ssh_key_identifier: The key's id or fingerprint.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The key does not exist.
        """
        return await self._send(account_keys.RETRIEVE.request(options, ssh_key_identifier))

    async def update(
        self, ssh_key_identifier: int | str, *, name: str | None = None, **options: Unpack[RequestOptions]
    ) -> KeyUpdateResponse:
        """Rename a key.

        Args:
            ssh_key_identifier: The key's id or fingerprint.
            name: Its new name. Without one, the API decides.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The key does not exist.
        """
        return await self._send(account_keys.UPDATE.request(options, ssh_key_identifier, body={"name": name}))

    async def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> KeyListResponse:
        """Read one page of keys. The API allows ten such requests a minute; the rate budget paces them.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Keys on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return await self._send(account_keys.LIST.request(options, query={"page": page, "per_page": per_page}))

    async def delete(self, ssh_key_identifier: int | str, **options: Unpack[RequestOptions]) -> None:
        """Delete a key. Droplets that were created with it keep it.

        Args:
            ssh_key_identifier: The key's id or fingerprint.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The key does not exist. After a lost answer, a 404 means that it is deleted; nothing is
                raised.
        """
        return await self._send(account_keys.DELETE.request(options, ssh_key_identifier))
