# Generated from gradient_async/resources/account.py. Do not edit; run:
# python gradient_sync/_generate.py
"""The account's resources: ``client.gpu_droplets.account``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradient_async.resources import account as async_account
    from gradient_sync._event_loop import EventLoop
    from gradient_sync.resources.account_keys import Keys


class Account:
    """Resources of the account."""

    def __init__(self, source: async_account.Account, loop: EventLoop) -> None:
        self._async = source
        self._loop = loop

    @cached_property
    def keys(self) -> Keys:
        """SSH keys."""
        from gradient_sync.resources.account_keys import Keys

        return Keys(self._async.keys, self._loop)
