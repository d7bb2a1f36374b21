"""The account, its balance and its billing history."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from wire_server import WireServer, reply

from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from flavours import Flavour

pytestmark = pytest.mark.once


async def test_account_says_whose_it_is_and_its_limits(flavour: Flavour) -> None:
    async with Emulator() as emulator:
        client = flavour.client(emulator)
        account = (await flavour.call(client.account.retrieve)).account
        assert (account.email, account.status) == ("emulated@example.com", "active")
        assert account.droplet_limit is not None
        assert account.volume_limit == 100
        assert account.team is not None
        assert (await flavour.call(client.gpu_droplets.account.retrieve)).account == account
        assert await flavour.items(client.account.keys.list_all()) == []


async def test_account_has_no_limits_when_the_token_may_not_see_them(flavour: Flavour) -> None:
    async with Emulator(scopes={"account:read"}) as emulator:
        account = (await flavour.call(flavour.client(emulator).account.retrieve)).account
        assert (account.droplet_limit, account.floating_ip_limit) == (None, None)


async def test_balance_grows_when_droplets_run(flavour: Flavour) -> None:
    now = datetime.now(UTC)
    middle_of_month = (now.replace(day=15) - now).total_seconds()  # a new month's usage begins at zero
    async with Emulator([DropletSpec(size="gpu-h100x1-80gb")], clock_skew=middle_of_month) as emulator:
        client = flavour.client(emulator)
        before = await flavour.call(client.balance.retrieve)
        emulator.clock.advance(7200)
        after = await flavour.call(client.balance.retrieve)
        cost = Decimal(after.month_to_date_usage) - Decimal(before.month_to_date_usage)
        assert abs(cost - 2 * Decimal("3.39")) < Decimal("0.05")
        assert after.generated_at > before.generated_at


@pytest.mark.parametrize("raw", [False, True])
async def test_history_keeps_entries_that_have_no_id(flavour: Flavour, wire: WireServer, raw: bool) -> None:
    payment = {"description": "Payment (Visa)", "amount": "-12.34", "date": "2018-06-02T08:44:38Z", "type": "Payment"}
    invoice = {**payment, "amount": "12.34", "type": "Invoice", "invoice_id": "123", "invoice_uuid": "a-uuid"}
    earlier = {**payment, "date": "2018-05-02T08:44:38Z"}
    wire.script("GET", reply(200, {"billing_history": [payment, invoice, earlier], "meta": {"total": 3}}))
    billing = flavour.client(wire).billing
    if raw:
        entries = (await flavour.call(billing.with_raw_response.list_history)).parse().billing_history
    else:
        entries = await flavour.items(billing.list_all_history())
    assert [(entry.type, entry.amount) for entry in entries] == [
        ("Payment", "-12.34"),
        ("Invoice", "12.34"),
        ("Payment", "-12.34"),
    ]
    assert [entry.invoice_uuid for entry in entries] == [None, "a-uuid", None]
