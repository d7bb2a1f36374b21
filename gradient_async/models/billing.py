"""The account's balance and its payments."""

from __future__ import annotations

from datetime import datetime

from attrs import field, frozen

from gradient_async.models.model import ListModel, Model
from gradient_async.models.page import Links, Meta


@frozen(kw_only=True)
class BalanceRetrieveResponse(Model):
    """The account's balance and usage. Amounts are US dollars, as text: ``Decimal`` reads them without rounding.

    Attributes:
        month_to_date_balance: What the account owes now, with this month's usage.
        account_balance: What it owes without this month's usage; negative for credit.
        month_to_date_usage: The usage of this month.
        generated_at: When the amounts were determined, UTC. They can be hours old.
    """

    month_to_date_balance: str | None = None
    account_balance: str | None = None
    month_to_date_usage: str | None = None
    generated_at: datetime | None = None


@frozen(kw_only=True)
class BillingEntry(Model):
    """An entry of the billing history: an invoice, a payment or a credit.

    Attributes:
        description: Its text.
        amount: US dollars, as text; negative for a payment or a credit.
        date: When it was made, UTC.
        type: ``"Invoice"``, ``"Payment"``, ``"Credit"``, or another word of the API.
        invoice_id: Id of its invoice; ``None`` without an invoice.
        invoice_uuid: UUID of its invoice; ``None`` without an invoice.
    """

    description: str | None = None
    amount: str | None = None
    date: datetime | None = None
    type: str | None = None
    invoice_id: str | None = None
    invoice_uuid: str | None = None


@frozen(kw_only=True, repr=False)
class BillingListHistoryResponse(ListModel):
    """One page of the billing history."""

    billing_history: tuple[BillingEntry, ...]
    meta: Meta = field(factory=Meta)
    links: Links = field(factory=Links)
