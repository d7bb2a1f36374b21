"""An account whose Droplets and actions are a table, for fleet runs in a loop whose time is virtual."""

from __future__ import annotations

import asyncio
import math
from contextlib import contextmanager
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import anyio
from samples import NOON, action, droplet
from virtual_time import BEGIN, FakeSender, run

from gradient_async import ActionFailedError, ActionTimeoutError, JournalError
from gradient_async.fleet import plan as plans
from gradient_async.fleet.engine.state import RunRules
from gradient_async.fleet.execution import Execution
from gradient_async.fleet.options import run_options
from gradient_async.fleet.run_context import RunContext
from gradient_async.fleet.run_spec import RunSpec
from gradient_async.fleet.start_gate import StartGate
from gradient_async.http.request_counter import RequestCounter
from gradient_async.waiting.outage import Outage

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator, Sequence

    from gradient_async import Action, Droplet, Outcome
    from gradient_async.fleet.report import FleetReport
    from gradient_async.http.request import Priority


class Settings:
    """The settings that a run reads."""

    def __init__(self, max_retries: int = 2) -> None:
        self.max_retries = max_retries
        self.timeout = 60.0

    def changed(self, *, max_retries: int) -> Settings:
        return Settings(max_retries)


class Account(FakeSender):
    """An account of Droplets. Their actions end after some seconds.

    Args:
        refusals: What requests to a Droplet raise, in turn; ``None`` is no error. After the last, it accepts.
        errored: Ids of Droplets whose actions end as ``errored``.
        seconds: Seconds that an action takes, by Droplet id; 10 for all others.
        statuses: Statuses of Droplets by their ids; ``"active"`` for all others.
        other: Answers all other requests.
        slow: Seconds until an action request is answered, by Droplet id.

    Attributes:
        running: Number of actions in progress.
        most: The largest such number.
        spans: The attributes of each span, by its name.
    """

    def __init__(
        self,
        *,
        refusals: dict[int, list[Any]] | None = None,
        errored: Sequence[int] = (),
        seconds: dict[int, float] | None = None,
        statuses: dict[int, str] | None = None,
        other: Callable[[Any], object] | None = None,
        slow: dict[int, float] | None = None,
    ) -> None:
        super().__init__(self._answered)
        self.slow = slow or {}
        self.settings: Any = Settings()
        self.counter: Any = RequestCounter()
        self.copies: list[Any] = []
        self.refusals, self.errored, self.seconds = refusals or {}, errored, seconds or {}
        self.statuses = statuses or {}
        self.other = other
        self.running = self.most = 0
        self.spans: dict[str, dict[str, Any]] = {}
        self.ids = iter(range(100, 10**6))
        self.untils: list[float] = []
        self.lasts: list[Action | None] = []
        self.reads: list[tuple[int, Priority, float]] = []

    @property
    def started(self) -> list[int]:
        """Ids of the Droplets that action requests were sent for, in order."""
        return [_droplet_of(one) for one in self.sent if one.method == "POST"]

    @property
    def at(self) -> list[float]:
        """When the action requests were sent, in seconds since the begin."""
        return [at for one, at in zip(self.sent, self.times, strict=True) if one.method == "POST"]

    async def send(self, request: Any, before: Any = None, until: float = 0.0) -> Any:
        self.untils.append(until)
        reply = await super().send(request, before)
        if request.method == "POST":
            await asyncio.sleep(self.slow.get(_droplet_of(request), 0.0))
        return reply

    def copy(self, *given: Any) -> Account:
        self.copies.append(given)
        return self

    @contextmanager
    def _span(self, name: str, facts: Callable[[], dict[str, Any]]) -> Iterator[None]:
        try:
            yield
        finally:
            self.spans[name] = facts()

    def span(self, name: str, facts: Callable[[], dict[str, Any]]) -> Any:
        return self._span(name, facts)

    def droplet(self, number: int) -> dict[str, Any]:
        return {"id": number, "name": f"d-{number}", "status": self.statuses.get(number, "active")}

    def _answered(self, request: Any) -> Any:
        self.counter.add(200)
        self.counter.requests -= 1  # the base class counts it
        parts = request.path.split("/")
        if request.method == "POST" and parts[-1] == "actions" and parts[3].isdecimal():
            number = int(parts[3])
            queue = self.refusals.get(number, [])
            if queue and (error := queue.pop(0)) is not None:
                return error
            return {"action": self.new_action(number, request.body["type"])}
        if request.method == "GET" and parts[-1].isdecimal() and self.other is None:
            return {"droplet": self.droplet(int(parts[-1]))}
        assert self.other is not None, request.path
        return self.other(request)

    def new_action(self, number: int, type: str) -> dict[str, Any]:
        """Return a new action in progress."""
        self.running += 1
        self.most = max(self.most, self.running)
        return {
            "id": next(self.ids),
            "status": "in-progress",
            "type": type,
            "started_at": NOON.isoformat(),
            "resource_id": number,
            "resource_type": "droplet",
        }


def _droplet_of(request: Any) -> int:
    """Return the Droplet of an action request; 0 for a request by tag."""
    part = request.path.split("/")[3]
    return int(part) if part.isdecimal() else 0


class Waits:
    """Waits for the actions of an account.

    Args:
        account: The account.

    Attributes:
        asked: The arguments of each wait.
    """

    def __init__(self, account: Account) -> None:
        self.account = account
        self.counter = RequestCounter()
        self.outage = Outage()
        self.asked: list[dict[str, Any]] = []

    def pace(self) -> Any:
        return SimpleNamespace(first=4.0)

    async def wait(self, awaited: Sequence[Any], **options: Any) -> tuple[Action, ...]:
        (one,) = awaited
        self.account.lasts.append(one.last)
        self.asked.append({"id": one.id, "last": one.last, **options})
        number, account = one.owner.resource_id, self.account
        took = account.seconds.get(number, 10.0)
        last = one.last or action(id=one.id)
        if took > options["timeout"]:
            await anyio.sleep(options["timeout"])
            raise ActionTimeoutError("late", action=last)
        await anyio.sleep(took)
        account.running -= 1
        self.counter.add(200)
        if number in account.errored:
            raise ActionFailedError("errored", action=action(id=one.id, type=last.type, status="errored"))
        return (action(id=one.id, type=last.type, resource_id=number, status="completed"),)


class Notes:
    """A journal that keeps its lines in memory.

    Args:
        broken: Names of the methods that raise ``JournalError``.

    Attributes:
        lines: The name and the arguments of each call.
    """

    def __init__(self, *broken: str) -> None:
        self.broken = broken
        self.lines: list[tuple[Any, ...]] = []
        self.known = SimpleNamespace(droplets={}, run=SimpleNamespace(began_at=NOON))

    def _note(self, *line: Any) -> None:
        self.lines.append(line)
        if line[0] in self.broken:
            raise JournalError("the disk is full", path="j")

    async def sending(self, droplet_id: int, step: int, action_type: str) -> None:
        self._note("sending", droplet_id, step, action_type)

    def refused(self, droplet_id: int, step: int) -> None:
        self._note("refused", droplet_id, step)

    def started(self, droplet_id: int, step: int, action_id: int) -> None:
        self._note("started", droplet_id, step, action_id)

    def step_ended(self, droplet_id: int, step: int, end: str, error: str = "") -> None:
        self._note("step_ended", droplet_id, step, end, error)

    def ended(self, outcome: Outcome) -> None:
        self._note("ended", outcome.droplet_id, outcome.status)


def context(account: Account, plan: plans.Plan, *, deadline: float = math.inf, **options: Any) -> RunContext:
    """Return the run context of a plan. It has to be made in the event loop."""
    parts: dict[str, Any] = {name: options.pop(name) for name in ("journal", "keys", "gate") if name in options}
    rest = {name: options.pop(name) for name in ("rate_patience", "state_decides") if name in options}
    given: Any = options
    rules = RunRules(plan=plan, options=run_options(given), began_at=NOON, deadline=deadline, **rest)
    waits: Any = Waits(account)
    sender: Any = account
    return RunContext(
        **{
            "rules": rules,
            "sender": sender,
            "watcher": waits,
            "droplets": Reads(account),
            "gate": StartGate(),
            "wire": anyio.Semaphore(50),
            "request_options": {},
            **parts,
        }
    )


class Reads:
    """Reads the Droplets of an account."""

    def __init__(self, account: Account) -> None:
        self.account = account

    async def read(self, droplet_id: int, priority: Priority) -> Droplet:
        self.account.reads.append((droplet_id, priority, elapsed()))
        status = self.account.statuses.get(droplet_id, "active")
        if status == "hanging":
            await anyio.sleep_forever()
        return droplet(id=droplet_id, status=status)


def spec(kind: Any = "reboot", droplets: Any = None, *, tag: str | None = None, **options: Any) -> RunSpec:
    plan = kind if isinstance(kind, plans.Plan) else plans.plan_of(kind, until_status=options.get("until") == "status")
    given: Any = options
    return RunSpec(plan=plan, options=run_options(given), droplets=None if tag else droplets, tag=tag)


def execution(
    account: Account, kind: Any = "reboot", droplets: Any = None, *, polls_before: int = 0, **options: Any
) -> Execution:
    waits: Any = Waits(account)
    waits.counter.requests = waits.counter.refused = polls_before
    sender: Any = account
    return Execution(sender, waits, spec(kind, droplets, **options))


def ran(account: Account, kind: Any = "reboot", droplets: Any = (1, 2, 3, 4, 5), **options: Any) -> FleetReport:
    """Return the report of a run."""

    async def work() -> FleetReport:
        return await execution(account, kind, droplets, **options).run()

    return run(work())


def streamed(
    account: Account, kind: Any = "reboot", droplets: Any = (1, 2, 3, 4, 5), *, slow: float = 0.0, **options: Any
) -> list[Outcome]:
    """Return the outcomes of a streamed run, in the order in which they came."""
    outcomes: list[Outcome] = []

    async def emit(outcome: Outcome) -> None:
        outcomes.append(outcome)
        await asyncio.sleep(slow)

    async def work() -> list[Outcome]:
        await execution(account, kind, droplets, **options).execute(emit)
        return outcomes

    return run(work())


def elapsed() -> float:
    """Return the seconds since the begin."""
    return round(anyio.current_time() - BEGIN, 6)


def cancelled_at(seconds: float, work: Callable[[], Coroutine[Any, Any, Any]]) -> BaseException:
    """Cancel a task after some seconds, and return what it raises."""

    async def both() -> BaseException:
        task = asyncio.ensure_future(work())
        await asyncio.sleep(seconds)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError as error:
            return error
        raise AssertionError("it was not cancelled")

    return run(both())
