"""The costs of an account's Droplets: by the hour, powered on or off, from creation to removal."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gradient_async.emulator.account import Account
    from gradient_async.emulator.droplets import Droplet

_HOUR = 3600.0
_INVOICES = uuid.UUID("0b2f6d0e-6a5c-4d9d-8f3e-0a1c5f6b7d21")


@attrs.frozen
class Span:
    """A time for which a Droplet had one price.

    Args:
        begin: The virtual second of its beginning.
        price: US dollars an hour.
        end: The virtual second of its end, None if it has not ended.
    """

    begin: float
    price: float
    end: float | None = None

    def cost(self, begin: float, end: float) -> float:
        """Return its dollars between two virtual seconds."""
        seconds = min(end, end if self.end is None else self.end) - max(begin, self.begin)
        return max(seconds, 0.0) / _HOUR * self.price


@attrs.frozen(kw_only=True)
class Bill:
    """An entry of the billing history.

    Args:
        date: Its unix second.
        cents: Its amount, negative for a payment.
        kind: `"Invoice"` or `"Payment"`.
        invoice: The UUID of its invoice, None for a payment.
    """

    date: float
    cents: int
    kind: str
    text: str
    invoice: str | None = None


class CostLedger:
    """All costs of an account: `account.part(CostLedger)`. Only Droplets cost something here.

    Args:
        account: The account.
    """

    def __init__(self, account: Account) -> None:
        self._account = account
        self._open: dict[int, Span] = {}
        self._closed: list[Span] = []

    def follow(self, droplet: Droplet, now: float) -> None:
        """Count a new Droplet since its creation, or a changed one at its new price."""
        known = self._open.get(droplet.id)
        price = droplet.size.price_hourly
        if known is not None and known.price == price:
            return
        self.close(droplet.id, now)
        self._open[droplet.id] = Span(droplet.created if known is None else now, price)

    def close(self, droplet_id: int, now: float) -> None:
        """Stop counting a Droplet."""
        known = self._open.pop(droplet_id, None)
        if known is not None:
            self._closed.append(attrs.evolve(known, end=now))

    def month_to_date(self, now: float) -> int:
        """Return the cents of this month so far."""
        return self._cents(self._virtual(self._month_of(now)), now)

    def history(self, now: float) -> Sequence[Bill]:
        """Return the invoice of each month that is over, and its payment some hours later, newest first (guess)."""
        bills = [bill for bill in self._bills(now) if bill.date <= self._account.clock.stamp(now)]
        return sorted(bills, key=lambda bill: bill.date, reverse=True)

    def _bills(self, now: float) -> Iterator[Bill]:
        end = self._month_of(now)
        while cents := self._cents(self._virtual(_month_before(end)), self._virtual(end)):
            month = _month_before(end).strftime("%B %Y")
            date = end.timestamp()
            invoice = str(uuid.uuid5(_INVOICES, month))
            yield Bill(date=date, cents=cents, kind="Invoice", text=f"Invoice for {month}", invoice=invoice)
            yield Bill(date=date + 8 * _HOUR, cents=-cents, kind="Payment", text="Payment (Visa 0000)")
            end = _month_before(end)

    def _cents(self, begin: float, end: float) -> int:
        return round(100 * sum(span.cost(begin, end) for span in (*self._open.values(), *self._closed)))

    def _month_of(self, now: float) -> dt.datetime:
        timestamp = dt.datetime.fromtimestamp(self._account.clock.stamp(now), dt.UTC)
        return timestamp.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def _virtual(self, timestamp: dt.datetime) -> float:
        clock = self._account.clock
        return (timestamp.timestamp() - clock.stamp(0.0)) * clock.scale


def _month_before(timestamp: dt.datetime) -> dt.datetime:
    return (timestamp - dt.timedelta(days=1)).replace(day=1)
