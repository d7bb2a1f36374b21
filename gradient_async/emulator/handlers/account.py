"""The account itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator.handlers.resource_group import OK, Call, ResourceGroup, route
from gradient_async.emulator.wire import Answer, JSONObject

if TYPE_CHECKING:
    from gradient_async.emulator.refusals import Refusal


class AccountHandlers(ResourceGroup):
    """`/v2/account`."""

    @route("GET", "/v2/account", "account:read")
    def retrieve_account(self, call: Call) -> Answer | Refusal:
        """Return the account's owner and its quotas, without that of GPUs, which no endpoint shows."""
        catalogue = self.account.catalogue
        fields: JSONObject = {
            "droplet_limit": catalogue.droplet_limit,
            "floating_ip_limit": catalogue.reserved_ip_limit,
            "volume_limit": catalogue.volume_limit,  # in no specification, and in answers (digitalocean/godo#178)
            "email": "emulated@example.com",
            "name": "Emulated account",
            "uuid": "b6fc48dbf6d9906cace5f3c78dc9851e757381ef",
            "email_verified": True,
            "status": "active",
            "status_message": "",
            "team": {"uuid": "5df3e3004a17e242b7c20ca6c9fc25b701a47ece", "name": "Emulated team"},
        }
        hidden = {
            "droplet_limit": "droplet:read",
            "floating_ip_limit": "reserved_ip:read",
            "volume_limit": "block_storage:read",  # guess
        }
        shown = {name: value for name, value in fields.items() if name not in hidden or call.render.sees(hidden[name])}
        return Answer(status=OK, payload={"account": shown})
