"""The account's resources: ``client.gpu_droplets.account``."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from gradient_async.resources.resource import Resource

if TYPE_CHECKING:
    from gradient_async.resources.account_keys import Keys


class Account(Resource):
    """Resources of the account."""

    @cached_property
    def keys(self) -> Keys:
        """SSH keys."""
        from gradient_async.resources.account_keys import Keys

        return Keys(self._sender)
