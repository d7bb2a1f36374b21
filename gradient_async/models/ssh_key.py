"""An SSH key of the account."""

from __future__ import annotations

from attrs import field, frozen

from gradient_async.models.model import ListModel, Model
from gradient_async.models.own_fields import NOT_FROM_THE_API
from gradient_async.models.page import Links, Meta


@frozen(kw_only=True)
class SSHKeys(Model):
    """An SSH key. The retired SDK has the plural name too.

    Attributes:
        id: Its id.
        fingerprint: Its MD5 fingerprint, such as ``"3b:16:e4:bf:8b:00:8b:b8:59:8c:a9:d3:f0:19:fa:45"``.
        name: Its name.
        public_key: The key, as in an ``authorized_keys`` file.
    """

    id: int
    fingerprint: str | None = None
    name: str | None = None
    public_key: str | None = None


@frozen(kw_only=True)
class KeyCreateResponse(Model):
    """The key that was registered.

    Attributes:
        ssh_key: The key.
        is_adopted: ``True`` if the answer was lost and the key was found in the account's list. This field is not from
            the API.
        is_replayed: ``True`` if an earlier call with the same key created it. This field is not from the API.
    """

    ssh_key: SSHKeys
    is_adopted: bool = field(default=False, metadata={NOT_FROM_THE_API: True})
    is_replayed: bool = field(default=False, metadata={NOT_FROM_THE_API: True})


@frozen(kw_only=True)
class KeyRetrieveResponse(Model):
    """One key."""

    ssh_key: SSHKeys


@frozen(kw_only=True)
class KeyUpdateResponse(Model):
    """The key with its new name."""

    ssh_key: SSHKeys


@frozen(kw_only=True, repr=False)
class KeyListResponse(ListModel):
    """One page of keys."""

    ssh_keys: tuple[SSHKeys, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)
