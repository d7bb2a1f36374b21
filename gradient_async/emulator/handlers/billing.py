"""The account's balance, invoices and payments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator.costs import Bill, CostLedger
from gradient_async.emulator.handlers.resource_group import OK, Call, ResourceGroup, route
from gradient_async.emulator.rendering import time_text
from gradient_async.emulator.wire import Answer, JSONObject

if TYPE_CHECKING:
    from gradient_async.emulator.account import Account
    from gradient_async.emulator.refusals import Refusal


class BillingHandlers(ResourceGroup):
    """`/v2/customers/my`."""

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self._costs = account.part(CostLedger)

    @route("GET", "/v2/customers/my/balance", "billing:read")
    def retrieve_balance(self, call: Call) -> Answer | Refusal:
        """Return the account's balance: its usage since its last payment."""
        now = self.account.settle()
        usage = self._costs.month_to_date(now)
        owed = sum(bill.cents for bill in self._costs.history(now))
        payload: JSONObject = {
            "month_to_date_balance": _dollars(owed + usage),
            "account_balance": _dollars(owed),
            "month_to_date_usage": _dollars(usage),
            "generated_at": call.render.time(now),
        }
        return Answer(status=OK, payload=payload)

    @route("GET", "/v2/customers/my/billing_history", "billing:read")
    def list_billing_history(self, call: Call) -> Answer | Refusal:
        """Return a page of invoices and payments."""
        return self.listing(call, "billing_history", self._costs.history(self.account.settle()), _written)


def _written(bill: Bill) -> JSONObject:
    fields: JSONObject = {
        "description": bill.text,
        "amount": _dollars(bill.cents),
        "date": time_text(int(bill.date)),
        "type": bill.kind,
    }
    return fields if bill.invoice is None else {**fields, "invoice_id": bill.invoice[:8], "invoice_uuid": bill.invoice}


def _dollars(cents: int) -> str:
    return f"{cents / 100:.2f}"
