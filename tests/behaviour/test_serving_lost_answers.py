"""Changes of load balancers and pools under lost answers: each has its effect once, or the outcome is unknown."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest

from gradient_async import RequestOutcomeUnknownError
from gradient_async.emulator import DropAfter, DropBefore, DropletSpec, Emulator, HTMLError, ServerError
from gradient_async.emulator.keys import KeyStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from flavours import Flavour

    from gradient_async.emulator.answer_faults import AnswerFault

pytestmark = pytest.mark.once

PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ3V1BNd3dJZ0VwbXlnT2tqb2dOWmVyVXJwb3Jt you@laptop"
WEB: dict[str, Any] = {"entry_protocol": "http", "entry_port": 80, "target_protocol": "http", "target_port": 8000}
SSH: dict[str, Any] = {"entry_protocol": "tcp", "entry_port": 22, "target_protocol": "tcp", "target_port": 22}
TEMPLATE = {"region": "tor1", "size": "gpu-h100x1-80gb", "image": "gpu-h100x1-base", "ssh_keys": [512189]}

FAULTS: dict[str, Callable[..., AnswerFault]] = {
    "executed, reset": DropAfter,
    "executed, 500": lambda **options: ServerError(500, executed=True, **options),
    "executed, 504": lambda **options: HTMLError(504, executed=True, **options),
    "executed, close": lambda **options: DropAfter("close", **options),
    "lost, reset": DropBefore,
    "lost, 500": lambda **options: ServerError(500, **options),
}


class Serving:
    """An account with an active load balancer and a pool, and a client of it."""

    def __init__(self, flavour: Flavour, emulator: Emulator) -> None:
        self.flavour = flavour
        self.emulator = emulator
        self.groups = flavour.client(emulator).gpu_droplets
        self.balancer: Any = None
        self.pool: Any = None

    async def begin(self) -> None:
        self.emulator.account.part(KeyStore).add("laptop", PUBLIC_KEY)
        balancers, pools = self.groups.load_balancers, self.groups.autoscale
        made = await self.flavour.call(
            balancers.create, name="lb", region="tor1", forwarding_rules=[WEB, SSH], droplet_ids=[3164444]
        )
        pool = await self.flavour.call(
            pools.create, name="pool", config={"target_number_instances": 1}, droplet_template=TEMPLATE
        )
        self.emulator.clock.advance(4000)
        self.balancer, self.pool = made.load_balancer, pool.autoscale_pool

    async def call(self, method: Callable[..., Any], *values: Any, **arguments: Any) -> Any:
        return await self.flavour.call(method, *values, **arguments)

    async def droplet_ids(self) -> tuple[int, ...]:
        answer = await self.flavour.call(self.groups.load_balancers.retrieve, self.balancer.id)
        return tuple(answer.load_balancer.droplet_ids)

    async def ports(self) -> list[int]:
        answer = await self.flavour.call(self.groups.load_balancers.retrieve, self.balancer.id)
        return [rule.entry_port for rule in answer.load_balancer.forwarding_rules]


@pytest.fixture
async def serving(flavour: Flavour) -> AsyncIterator[Serving]:
    async with Emulator([DropletSpec()] * 3, limits=None) as emulator:
        serving = Serving(flavour, emulator)
        await serving.begin()
        yield serving


async def _has_new_name(serving: Serving) -> bool:
    answer = await serving.call(serving.groups.load_balancers.retrieve, serving.balancer.id)
    return bool(answer.load_balancer.name == "renamed")


async def _has_second_droplet(serving: Serving) -> bool:
    return await serving.droplet_ids() == (3164444, 3164445)


async def _has_no_droplet(serving: Serving) -> bool:
    return await serving.droplet_ids() == ()


async def _has_third_rule(serving: Serving) -> bool:
    return await serving.ports() == [80, 22, 81]


async def _has_one_rule(serving: Serving) -> bool:
    return await serving.ports() == [80]


async def _balancer_is_gone(serving: Serving) -> bool:
    return not (await serving.call(serving.groups.load_balancers.list)).load_balancers


async def _pool_has_two(serving: Serving) -> bool:
    answer = await serving.call(serving.groups.autoscale.retrieve, serving.pool.id)
    return bool(answer.autoscale_pool.config.target_number_instances == 2)


async def _pool_is_gone(serving: Serving) -> bool:
    serving.emulator.clock.advance(600)
    return not (await serving.call(serving.groups.autoscale.list)).autoscale_pools


class Change:
    """A change: its route, how it is called, and how its effect is seen.

    Args:
        route: Method and path template.
        call: Calls it.
        is_done: Whether it has its effect.
    """

    def __init__(
        self,
        route: str,
        call: Callable[[Serving], Awaitable[Any]],
        is_done: Callable[[Serving], Awaitable[bool]],
    ) -> None:
        self.route = route
        self.call = call
        self.is_done = is_done


def _on_balancer(method: str, **arguments: Any) -> Callable[[Serving], Awaitable[Any]]:
    return lambda serving: serving.call(
        attrgetter(method)(serving.groups.load_balancers), serving.balancer.id, **arguments
    )


ONE, POOL = "/v2/load_balancers/{lb_id}", "/v2/droplets/autoscale/{autoscale_pool_id}"
REPEATED = {
    "update": Change(
        f"PUT {ONE}", _on_balancer("update", name="renamed", region="tor1", forwarding_rules=[WEB]), _has_new_name
    ),
    "add droplets": Change(
        f"POST {ONE}/droplets", _on_balancer("droplets.add", droplet_ids=[3164445]), _has_second_droplet
    ),
    "remove droplets": Change(
        f"DELETE {ONE}/droplets", _on_balancer("droplets.remove", droplet_ids=[3164444]), _has_no_droplet
    ),
    "remove rules": Change(
        f"DELETE {ONE}/forwarding_rules", _on_balancer("forwarding_rules.remove", forwarding_rules=[SSH]), _has_one_rule
    ),
    "delete": Change(f"DELETE {ONE}", _on_balancer("delete"), _balancer_is_gone),
    "update pool": Change(
        f"PUT {POOL}",
        lambda serving: serving.call(
            serving.groups.autoscale.update,
            serving.pool.id,
            name="pool",
            config={"target_number_instances": 2},
            droplet_template=TEMPLATE,
        ),
        _pool_has_two,
    ),
    "delete pool": Change(
        f"DELETE {POOL}", lambda serving: serving.call(serving.groups.autoscale.delete, serving.pool.id), _pool_is_gone
    ),
}
NEVER = {
    "add rules": Change(
        f"POST {ONE}/forwarding_rules",
        _on_balancer("forwarding_rules.add", forwarding_rules=[{**WEB, "entry_port": 81}]),
        _has_third_rule,
    ),
    "destroy pool": Change(
        f"DELETE {POOL}/dangerous",
        lambda serving: serving.call(serving.groups.autoscale.delete_dangerous, serving.pool.id, x_dangerous=True),
        _pool_is_gone,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("change", REPEATED.values(), ids=REPEATED)
async def test_change_is_made_when_it_may_be_sent_again(serving: Serving, change: Change, fault: str) -> None:
    serving.emulator.faults.add(FAULTS[fault](route=change.route, times=1))
    await change.call(serving)
    assert await change.is_done(serving)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("change", NEVER.values(), ids=NEVER)
async def test_change_is_made_once_or_unknown_when_it_may_not(serving: Serving, change: Change, fault: str) -> None:
    serving.emulator.faults.add(FAULTS[fault](route=change.route, times=1))
    before = len(serving.emulator.requests)
    with pytest.raises(RequestOutcomeUnknownError):
        await change.call(serving)
    assert len(serving.emulator.requests) == before + 1
    assert await change.is_done(serving) is fault.startswith("executed")
