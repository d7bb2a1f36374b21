from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.converter import encode
from gradient_async.endpoints import actions, droplet_actions
from gradient_async.http.request import target_of
from gradient_async.models.action_requests import Reboot
from gradient_async.models.action_types import action_request

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

_POLICY: Final = {"plan": "weekly", "weekday": "SUN", "hour": 20}


def test_request_of_an_action(benchmark: BenchmarkFixture) -> None:
    assert benchmark(droplet_actions.initiate, 3164444, Reboot(), {}).body == {"type": "reboot"}


def test_request_of_a_page_with_options(benchmark: BenchmarkFixture) -> None:
    request = benchmark(actions.LIST.request, {"timeout": 5.0}, query={"page": 3, "per_page": 200})
    assert request.timeout == 5.0


def test_target_without_query(benchmark: BenchmarkFixture) -> None:
    assert benchmark(target_of, "/v2/actions", {}) == "/v2/actions"


def test_target_with_query(benchmark: BenchmarkFixture) -> None:
    assert benchmark(target_of, "/v2/actions", {"page": "3", "per_page": "200"}).endswith("per_page=200")


def test_body(benchmark: BenchmarkFixture) -> None:
    assert benchmark(encode, {"type": "reboot"}) == b'{"type":"reboot"}'


def test_action_without_parameters(benchmark: BenchmarkFixture) -> None:
    assert benchmark(action_request, None, "reboot", {"name": None, "size": None, "disk": None}) == Reboot()


def test_action_with_parameters(benchmark: BenchmarkFixture) -> None:
    request = benchmark(action_request, None, "change_backup_policy", {"backup_policy": _POLICY})
    assert request.type == "change_backup_policy"
