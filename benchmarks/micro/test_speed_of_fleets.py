from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from gradient_async import FleetReport, Outcome
from gradient_async.fleet.plan import fill_in, plan_of, resize_plan

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

_BEGAN_AT = datetime(2026, 11, 25, 12, tzinfo=UTC)


def _report(droplets: int) -> FleetReport:
    outcomes = tuple(
        Outcome(
            droplet_id=3164444 + number,
            status="failed" if number % 20 == 0 else "completed",
            started_at=_BEGAN_AT + timedelta(seconds=number // 250 * 60),
            ended_at=_BEGAN_AT + timedelta(seconds=number // 250 * 60 + 20),
        )
        for number in range(droplets)
    )
    return FleetReport(
        action="reboot",
        outcomes=outcomes,
        began_at=_BEGAN_AT,
        duration=droplets // 250 * 60 + 20,
        requests=2 * droplets,
        refused_for_rate=0,
    )


def test_plan_of_one_step(benchmark: BenchmarkFixture) -> None:
    assert benchmark(plan_of, "reboot", until_status=False).name == "reboot"


def test_plan_of_four_steps(benchmark: BenchmarkFixture) -> None:
    assert len(benchmark(resize_plan, "gpu-h100x8-640gb", disk=False, grace=120.0).steps) == 4


def test_name_of_a_snapshot(benchmark: BenchmarkFixture) -> None:
    name = benchmark(fill_in, "{name}-{date}", name="trainer-01", droplet_id=3164444, date=_BEGAN_AT)
    assert name.startswith("trainer-01-")


def test_timeline_of_1000_droplets(benchmark: BenchmarkFixture) -> None:
    assert benchmark(_report(1_000).timeline).startswith("<svg")


def test_json_of_1000_droplets(benchmark: BenchmarkFixture) -> None:
    assert benchmark(_report(1_000).to_json).startswith("{")


def test_text_of_1000_droplets(benchmark: BenchmarkFixture) -> None:
    assert "950 completed" in benchmark(_report(1_000).__str__)
