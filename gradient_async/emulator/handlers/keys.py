"""SSH keys: registered, read, renamed and deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator import refusals
from gradient_async.emulator.handlers.resource_group import CREATED, NO_CONTENT, OK, Call, ResourceGroup, route
from gradient_async.emulator.keys import KeyStore, SSHKey
from gradient_async.emulator.refusals import Refusal
from gradient_async.emulator.routes import RouteLimit
from gradient_async.emulator.wire import Answer, JSONObject

if TYPE_CHECKING:
    from gradient_async.emulator.account import Account

_LIST_LIMIT = RouteLimit(requests=10, seconds=60.0)
_ONE_KEY = "/v2/account/keys/{ssh_key_identifier}"


class KeyHandlers(ResourceGroup):
    """`/v2/account/keys`."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._keys = account.part(KeyStore)

    @route("GET", "/v2/account/keys", "ssh_key:read", limit=_LIST_LIMIT)
    def list_keys(self, call: Call) -> Answer | Refusal:
        """Return a page of keys."""
        return self.listing(call, "ssh_keys", self._keys.listed(), _written)

    @route("POST", "/v2/account/keys", "ssh_key:create")
    def create_key(self, call: Call) -> Answer | Refusal:
        """Register a key."""
        fields = call.fields()
        if isinstance(fields, Refusal):
            return fields
        name, public_key = fields.get("name"), fields.get("public_key")
        if not isinstance(name, str) or not name:
            return refusals.missing_field("name")
        if not isinstance(public_key, str):
            return refusals.missing_field("public_key")
        key = self._keys.add(name, public_key)
        return key if isinstance(key, Refusal) else Answer(status=CREATED, payload={"ssh_key": _written(key)})

    @route("GET", _ONE_KEY, "ssh_key:read")
    def retrieve_key(self, call: Call) -> Answer | Refusal:
        """Return one key, by its id or fingerprint."""
        key = self._found(call)
        return Answer(status=OK, payload={"ssh_key": _written(key)}) if key else refusals.NOT_FOUND

    @route("PUT", _ONE_KEY, "ssh_key:update")
    def update_key(self, call: Call) -> Answer | Refusal:
        """Rename a key."""
        key, fields = self._found(call), call.fields()
        if key is None:
            return refusals.NOT_FOUND
        if isinstance(fields, Refusal):
            return fields
        name = fields.get("name")
        if not isinstance(name, str) or not name:
            return refusals.missing_field("name")
        return Answer(status=OK, payload={"ssh_key": _written(self._keys.rename(key, name))})

    @route("DELETE", _ONE_KEY, "ssh_key:delete")
    def delete_key(self, call: Call) -> Answer | Refusal:
        """Delete a key."""
        key = self._found(call)
        return Answer(status=NO_CONTENT) if key and self._keys.delete(key) else refusals.NOT_FOUND

    def _found(self, call: Call) -> SSHKey | None:
        return self._keys.find(call.parameters["ssh_key_identifier"])


def _written(key: SSHKey) -> JSONObject:
    return {"id": key.id, "fingerprint": key.fingerprint, "public_key": key.public_key, "name": key.name}
