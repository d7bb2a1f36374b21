# Generated from gradient_async/resources/account.py. Do not edit; run:
# python gradient_sync/_generate.py
"""The account's resources: ``client.gpu_droplets.account``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_sync.resources.account_keys import Keys

if TYPE_CHECKING:
    from gradient_async.resources import account as async_account
    from gradient_sync._event_loop import EventLoop


class Account:
    """Resources of the account.

    Attributes:
        keys: SSH keys.
    """

    def __init__(self, source: async_account.Account, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop
        self.keys: Keys = Keys(source.keys, loop)
