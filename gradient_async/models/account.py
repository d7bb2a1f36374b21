"""The account, and its team."""

from __future__ import annotations

from attrs import frozen

from gradient_async.models.model import Model


@frozen(kw_only=True)
class Team(Model):
    """The team that a token acts for.

    Attributes:
        uuid: Its UUID.
        name: Its name.
    """

    uuid: str | None = None
    name: str | None = None


@frozen(kw_only=True)
class Account(Model):
    """The account of the token.

    The limit of GPUs is not among its fields: only the control panel shows it.

    Attributes:
        droplet_limit: Maximum number of Droplets; ``None`` for a token without the scope ``droplet:read``.
        floating_ip_limit: Maximum number of reserved IPs; ``None`` for a token without the scope ``reserved_ip:read``.
        volume_limit: Maximum number of volumes; ``None`` if the API does not say, as in its documentation.
        email: Its e-mail address.
        name: Its display name.
        uuid: Its UUID.
        email_verified: Whether the e-mail address is verified.
        status: ``"active"``, ``"warning"``, ``"locked"``, or a status that is newer than this SDK.
        status_message: The reason for the status; usually empty.
        team: Its team; ``None`` if the API names none.
    """

    droplet_limit: int | None = None
    floating_ip_limit: int | None = None
    volume_limit: int | None = None
    email: str | None = None
    name: str | None = None
    uuid: str | None = None
    email_verified: bool | None = None
    status: str | None = None
    status_message: str | None = None
    team: Team | None = None


@frozen(kw_only=True)
class AccountRetrieveResponse(Model):
    """The account."""

    account: Account
