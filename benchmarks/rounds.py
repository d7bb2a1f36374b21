"""Rounds: in each, every contender has a slice of time, one after the other. So all run under the same load.

Each contender waits in its own process, which imports nothing else. A slice takes about the same time for each: slow
ones make fewer calls in it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Final, NamedTuple

from contests import contender_of
from cores import on_core
from tables import Figure, Table, ratio_of, short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from address import Address
    from command import Options

_WORKER: Final = Path(__file__).with_name("worker.py")
_MAX_WARM_UP_SECONDS: Final = 0.3


class Slice(NamedTuple):
    """The result of one contender in one round."""

    calls: int
    seconds: float
    processor_seconds: float


class Scenario(NamedTuple):
    """A measurement and its contenders.

    Attributes:
        key: Its name in the bars.
        title: Its title, for people.
        pairs: Names of this SDK's contenders, each with those it is compared with.
        bounds: The same for the libraries that this SDK is built on: an upper bound, and no bar.
    """

    key: str
    title: str
    pairs: Mapping[str, Sequence[str]]
    bounds: Mapping[str, Sequence[str]] = MappingProxyType({})

    @property
    def names(self) -> Sequence[str]:
        """Names of all contenders."""
        return list(dict.fromkeys(name for ours, others in self.pairs.items() for name in (ours, *others)))


class Worker:
    """A contender's process.

    Args:
        name: The contender's name.
        orders: Its input.
        reports: Its output.
    """

    def __init__(self, name: str, orders: IO[str], reports: IO[str]) -> None:
        self._name = name
        self._orders = orders
        self._reports = reports

    def run(self, calls: int, lanes: int) -> Slice:
        """Let it make a number of calls, some at a time.

        Raises:
            RuntimeError: It failed; its message is on standard error.
        """
        self._orders.write(json.dumps({"calls": calls, "lanes": lanes}) + "\n")
        self._orders.flush()
        line = self._reports.readline()
        if not line:
            raise RuntimeError(f"{self._name} failed")
        return Slice(**json.loads(line))

    def calls_in(self, seconds: float, lanes: int) -> int:
        """Return about how many calls it makes in a time, after a warm-up."""
        calls, enough = lanes, min(seconds, _MAX_WARM_UP_SECONDS)
        while (warm := self.run(calls, lanes)).seconds < enough:
            calls *= 4 if warm.seconds < enough / 4 else 2
        return max(lanes, int(warm.calls / warm.seconds * seconds))


@contextmanager
def worker_of(name: str, address: Address | None) -> Iterator[Worker]:
    """Start a contender's process, until the block ends."""
    url = _url(name, address)
    with on_core("client"):
        process = subprocess.Popen(
            [sys.executable, str(_WORKER), name, url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment(url, address),
        )
    with process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("a process without pipes")
        try:
            yield Worker(name, process.stdin, process.stdout)
        except BaseException:
            process.kill()
            raise


def compete(
    names: Sequence[str], options: Options, *, lanes: int = 1, address: Address | None = None
) -> Mapping[str, Sequence[Slice]]:
    """Let contenders take turns. Return the slices of each, one for each round."""
    with ExitStack() as stack:
        workers = {name: stack.enter_context(worker_of(name, address)) for name in names}
        calls = {name: worker.calls_in(options.slice_seconds, lanes) for name, worker in workers.items()}
        slices: dict[str, list[Slice]] = {name: [] for name in names}
        for number in range(options.rounds):
            # The order changes, so that the state of the caches does not always burden the same contender.
            for name in names if number % 2 else reversed(names):
                slices[name].append(workers[name].run(calls[name], lanes))
        return slices


def present(names: Sequence[str], options: Options, address: Address | None = None) -> tuple[list[str], list[str]]:
    """Return the available contenders, and a remark on each of the others."""
    able, remarks = [], []
    for name in names:
        contender = contender_of(name)
        if options.only and name.partition(":")[0] not in options.only:
            continue
        if contender.missing:
            remarks.append(f"{contender.label}: skipped, {' and '.join(contender.missing)} not installed")
        elif contender.is_secure and (address is None or address.secure is None):
            remarks.append(f"{contender.label}: skipped, trustme not installed")
        else:
            able.append(name)
    return able, remarks


def speeds(scenario: Scenario, options: Options, *, lanes: int = 1, address: Address | None = None) -> Table:
    """Return a table of calls a second.

    Args:
        scenario: What to measure.
        options: How to measure it.
        lanes: Calls in flight at a time.
        address: The server.
    """
    able, remarks = present(scenario.names, options, address)
    slices = compete(able, options, lanes=lanes, address=address)
    return _table(scenario, "calls/s", slices, _per_second, remarks)


def times(scenario: Scenario, options: Options) -> Table:
    """Return a table of microseconds a call, for contenders without a server."""
    able, remarks = present(scenario.names, options, None)
    return _table(scenario, "µs", compete(able, options), _microseconds, remarks)


def _table(
    scenario: Scenario,
    unit: str,
    slices: Mapping[str, Sequence[Slice]],
    value_of: Callable[[Slice], float],
    remarks: Sequence[str],
) -> Table:
    values = {name: tuple(map(value_of, taken)) for name, taken in slices.items()}
    label_of = {name: contender_of(name).label for name in values}
    ratios = [
        ratio_of(
            scenario.key,
            (label_of[ours], values[ours]),
            (other, label_of[other], values[other]),
            _by_processor(value_of, slices[ours], slices[other]),
            has_bar=ours in scenario.pairs,
        )
        for ours, others in (*scenario.pairs.items(), *scenario.bounds.items())
        for other in others
        if ours in values and other in values
    ]
    return Table(
        scenario=scenario.key,
        title=scenario.title,
        unit=unit,
        figures=tuple(
            Figure(label=label_of[name], values=values[name], note=_processor_note(slices[name])) for name in values
        ),
        ratios=tuple(ratios),
        remarks=tuple(remarks),
    )


def _per_second(taken: Slice) -> float:
    return taken.calls / taken.seconds


def _microseconds(taken: Slice) -> float:
    return taken.seconds / taken.calls * 1e6


def _processor_note(slices: Sequence[Slice]) -> str:
    microseconds = median(taken.processor_seconds / taken.calls * 1e6 for taken in slices)
    return f"{short(microseconds)} µs of processor each"


def _by_processor(value_of: Callable[[Slice], float], ours: Sequence[Slice], others: Sequence[Slice]) -> str:
    """Return the ratio of processor times, which other programs on the machine disturb less."""
    mine, theirs = (
        median(value_of(taken._replace(seconds=taken.processor_seconds)) for taken in slices)
        for slices in (ours, others)
    )
    return f"by processor time {short(mine / theirs)}"


def environment(url: str, address: Address | None) -> Mapping[str, str]:
    """Return the environment of a client: over TLS, with the authority to trust."""
    if address is None or url != address.secure:
        return os.environ
    # Each HTTP library reads one of these.
    return {**os.environ, "SSL_CERT_FILE": address.authority, "REQUESTS_CA_BUNDLE": address.authority}


def _url(name: str, address: Address | None) -> str:
    if address is None:
        return ""
    return (address.secure or "") if contender_of(name).is_secure else address.plain
