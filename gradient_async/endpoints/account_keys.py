"""Endpoints of the account's SSH keys."""

from __future__ import annotations

from typing import Annotated, Final

from attrs import frozen

from gradient_async.arguments import checked_lines
from gradient_async.bodies import Example
from gradient_async.http.create_rule import CreateRule, Listing, Match
from gradient_async.http.endpoint import Endpoint
from gradient_async.http.windows import SpecialWindow
from gradient_async.models.ssh_key import KeyCreateResponse, KeyListResponse, KeyRetrieveResponse, KeyUpdateResponse

# The API's documentation gives the list a window of its own.
_LIST_WINDOW: Final = SpecialWindow("account.keys", 10, 60.0)


def _checked_public_key(path: str, value: object) -> str:
    """Return a public key. One that was read from a file ends with a line break."""
    return checked_lines(path, value, "ssh-ed25519 AAAA… you@laptop")


@frozen(kw_only=True)
class CreateKey:
    """The body of ``CREATE``."""

    name: Annotated[str, Example("laptop")]
    public_key: Annotated[str, _checked_public_key]


@frozen(kw_only=True)
class UpdateKey:
    """The body of ``UPDATE``."""

    name: Annotated[str, Example("laptop")] | None = None


def _without_comment(public_key: object) -> object:
    """Return a key's type and data. The API refuses a second key with the same data, with any comment."""
    return tuple(str(public_key).split()[:2])


LIST: Final[Endpoint[KeyListResponse]] = Endpoint(
    "gpu_droplets.account.keys.list",
    "GET",
    "/v2/account/keys",
    answer=KeyListResponse,
    items="ssh_keys",
    scopes=("ssh_key:read",),
    window=_LIST_WINDOW,
)
CREATE: Final[Endpoint[KeyCreateResponse]] = Endpoint(
    "gpu_droplets.account.keys.create",
    "POST",
    "/v2/account/keys",
    body=CreateKey,
    answer=KeyCreateResponse,
    scopes=("ssh_key:create",),
    lookup=CreateRule(
        title="SSH key",
        lists=(Listing(endpoint=LIST),),
        matches=(Match("name"), Match("public_key", form=_without_comment)),
        item="ssh_key",
        created="",
        is_unique=True,
    ),
)
RETRIEVE: Final[Endpoint[KeyRetrieveResponse]] = Endpoint(
    "gpu_droplets.account.keys.retrieve",
    "GET",
    "/v2/account/keys/{ssh_key_identifier:id_or_fingerprint}",
    answer=KeyRetrieveResponse,
    scopes=("ssh_key:read",),
)
UPDATE: Final[Endpoint[KeyUpdateResponse]] = Endpoint(
    "gpu_droplets.account.keys.update",
    "PUT",
    "/v2/account/keys/{ssh_key_identifier:id_or_fingerprint}",
    body=UpdateKey,
    answer=KeyUpdateResponse,
    scopes=("ssh_key:update",),
)
DELETE: Final[Endpoint[None]] = Endpoint(
    "gpu_droplets.account.keys.delete",
    "DELETE",
    "/v2/account/keys/{ssh_key_identifier:id_or_fingerprint}",
    scopes=("ssh_key:delete",),
)
