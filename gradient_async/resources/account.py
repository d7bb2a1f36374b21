"""The account's resources: ``client.gpu_droplets.account``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.resources.account_keys import Keys
from gradient_async.resources.resource import Resource

if TYPE_CHECKING:
    from gradient_async.http.sender import Sender


class Account(Resource):
    """Resources of the account.

    Attributes:
        keys: SSH keys.
    """

    def __init__(self, sender: Sender) -> None:
        super().__init__(sender)
        self.keys: Keys = Keys(sender)
