# Generated from gradient_async/resources/account_keys.py. Do not edit; run:
# python gradient_sync/_generate.py
"""SSH keys of the account: ``client.gpu_droplets.account.keys``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator
    from typing import Unpack

    from gradient_async.http.request import KeyedOptions, RequestOptions
    from gradient_async.models.ssh_key import (
        KeyCreateResponse,
        KeyListResponse,
        KeyRetrieveResponse,
        KeyUpdateResponse,
        SSHKeys,
    )
    from gradient_async.resources import account_keys as async_account_keys
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.generated.account_keys import RawKeys


class Keys:
    """SSH keys of the account, for new Droplets."""

    def __init__(self, source: async_account_keys.Keys, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    def create(self, *, name: str, public_key: str, **options: Unpack[KeyedOptions]) -> KeyCreateResponse:
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
        return self._loop.run(self._async.create, name=name, public_key=public_key, **options)

    def ensure(
        self, public_key: str | os.PathLike[str], *, name: str | None = None, **options: Unpack[RequestOptions]
    ) -> SSHKeys:
        """Return the account's key with this text. Register it if the account does not have it.

        The fingerprint decides: a key that is registered under another name is returned as it is. If another process
        registers the key at the same time, its key is returned.

        Example:
            >>> with GradientAI() as client:
            ...     key = client.account.keys.ensure("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me@laptop")
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
        return self._loop.run(self._async.ensure, public_key, name=name, **options)

    def retrieve(self, ssh_key_identifier: int | str, **options: Unpack[RequestOptions]) -> KeyRetrieveResponse:
        """Read one key.

        Args:
            ssh_key_identifier: The key's id or fingerprint.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The key does not exist.
        """
        return self._loop.run(self._async.retrieve, ssh_key_identifier, **options)

    def update(
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
        return self._loop.run(self._async.update, ssh_key_identifier, name=name, **options)

    def list(
        self, *, page: int | None = None, per_page: int | None = None, **options: Unpack[RequestOptions]
    ) -> KeyListResponse:
        """Read one page of keys. The API allows ten such requests a minute; the rate budget paces them.

        Args:
            page: Number of the page, from 1; 1 by default.
            per_page: Keys on a page, 1 to 200; by the API's default 20.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.run(self._async.list, page=page, per_page=per_page, **options)

    def delete(self, ssh_key_identifier: int | str, **options: Unpack[RequestOptions]) -> None:
        """Delete a key. Droplets that were created with it keep it.

        Args:
            ssh_key_identifier: The key's id or fingerprint.
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.

        Raises:
            NotFoundError: The key does not exist. After a lost answer, a 404 means that it is deleted; nothing is
                raised.
        """
        return self._loop.run(self._async.delete, ssh_key_identifier, **options)

    @property
    def with_raw_response(self) -> RawKeys:
        """The same methods, with the HTTP answer as their result."""
        from gradient_sync.resources.generated.account_keys import RawKeys

        return RawKeys(self._async.with_raw_response, self._loop)

    def list_all(self, **options: Unpack[RequestOptions]) -> Iterator[SSHKeys]:
        """Iterate over all keys.

        One request reads 200 items. Each item is yielded once.

        Args:
            **options: ``timeout``, ``extra_headers``, ``extra_query``, ``extra_body``.
        """
        return self._loop.iterate(self._async.list_all(**options))
