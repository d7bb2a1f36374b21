"""The parameters of a creation run: what is accepted, and what its journal has of it."""

from __future__ import annotations

import inspect
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs
import pytest

from gradient_async.fleet.create.spec import CreationSpec, checked_spec
from gradient_async.fleet.creation import FleetCreation

pytestmark = pytest.mark.once

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
DEFAULTS = {
    name: one.default
    for name, one in inspect.signature(FleetCreation.create).parameters.items()
    if one.default is not inspect.Parameter.empty
}


def spec(**given: Any) -> CreationSpec:
    return checked_spec({**DEFAULTS, "count": 3, "sizes": "a", **given})


def test_defaults_are_those_of_the_method() -> None:
    found = spec()
    assert (found.terms.count, found.terms.min_count, found.terms.sizes, found.terms.regions) == (3, 3, ("a",), None)
    assert (found.terms.name, found.terms.image, found.terms.max_hourly) == ("gpu-{n}", "auto", None)
    assert (found.terms.contract, found.terms.fields, found.terms.retries_unknown_refusals) == ((), {}, False)
    assert (found.deadline, found.poll_interval, found.journal, found.on_progress) == (None, None, None, None)
    assert [stage.name for stage in found.stages or ()] == ["active"]
    assert not found.is_lease
    assert spec(count=1).terms.count == 1


def test_given_values_are_kept() -> None:
    found = spec(
        sizes=["a", "b", "a"],
        regions=["nyc2", "tor1"],
        contract=[("b", "tor1"), ["b", "tor1"]],
        max_hourly=1,
        min_count=1,
        until=None,
        deadline=5,
        poll_interval=0.5,
        journal=Path("j"),
        ssh_port=1,
        on_unknown_refusal="retry",
        on_progress=print,
        tags=["t"],
        ipv6=False,
    )
    assert (found.terms.sizes, found.terms.regions) == (("a", "b"), ("nyc2", "tor1"))
    assert (found.terms.contract, found.terms.max_hourly, found.terms.min_count) == ((("b", "tor1"),), 1.0, 1)
    assert (found.stages, found.deadline, found.poll_interval, found.journal) == (None, 5.0, 0.5, "j")
    assert (found.ssh_port, found.terms.retries_unknown_refusals, found.on_progress) == (1, True, print)
    assert found.terms.fields == {"tags": ["t"], "ipv6": False}
    assert spec(ssh_port=65_535, max_hourly=0.5).terms.max_hourly == 0.5
    assert spec(max_hourly=sys.float_info.max).terms.max_hourly == sys.float_info.max


@pytest.mark.parametrize(
    ("given", "error", "text"),
    [
        ({"if_finished": "continue"}, ValueError, "if_finished: expected one of 'error', 'report'"),
        ({"address": "floating"}, ValueError, "address: expected one of 'public', 'private'"),
        ({"on_unknown_refusal": "resend"}, ValueError, "on_unknown_refusal: expected one of 'stop', 'retry'"),
        ({"ssh_port": 0}, ValueError, "ssh_port: expected an int from 1 to 65535"),
        ({"ssh_port": 65_536}, ValueError, "ssh_port: expected an int from 1 to 65535"),
        ({"on_unknown": "stop"}, ValueError, "on_unknown: expected one of 'raise', 'resend'"),
        ({"prefer": "gpus"}, ValueError, "prefer: expected one of 'size', 'region', 'price'"),
        ({"count": 0}, ValueError, "count: expected an int at least 1"),
        ({"min_count": 0}, ValueError, "min_count: expected an int from 1 to 3"),
        ({"same_region": "yes"}, TypeError, "same_region: expected True or False"),
        ({"same_size": 1}, TypeError, "same_size: expected True or False"),
        ({"max_hourly": True}, TypeError, "max_hourly: expected US dollars an hour as a number, got bool"),
        ({"max_hourly": "1"}, TypeError, "max_hourly: expected US dollars an hour as a number, got str"),
        ({"max_hourly": 0}, ValueError, "max_hourly: expected US dollars an hour above 0, got 0"),
        ({"max_hourly": -1.0}, ValueError, "max_hourly: expected US dollars an hour above 0"),
        ({"max_hourly": float("inf")}, ValueError, "max_hourly: expected US dollars an hour above 0, got inf"),
        ({"max_hourly": 10**400}, ValueError, "max_hourly: expected US dollars an hour above 0, got 1000"),
        ({"vpc_uuid": "prod"}, ValueError, "vpc_uuid: expected a UUID such as "),
        ({"journal": 7}, TypeError, "journal: expected a path, got int"),
        ({"sizes": {"gpu-h100x1-80gb": 1}}, TypeError, "sizes: expected slugs such as "),
        ({"max_hourly": float("nan")}, ValueError, "max_hourly: expected US dollars an hour above 0, got nan"),
        ({"contract": "a"}, TypeError, "contract: expected pairs of a size and a region, got str"),
        ({"contract": 5}, TypeError, "contract: expected pairs of a size and a region, got int"),
        ({"contract": [("a", "tor1"), "ab"]}, TypeError, r"contract\[1\]: expected a size and a region, got 'ab'"),
        ({"contract": [5]}, TypeError, r"contract\[0\]: expected a size and a region, got 5"),
        ({"contract": [("a",)]}, TypeError, r"contract\[0\]: expected a size and a region"),
        ({"contract": [("a", "b", "c")]}, TypeError, r"contract\[0\]: expected a size and a region"),
        ({"contract": [("b", "tor1")]}, ValueError, "contract: size 'b' is not one of sizes: 'a'"),
        (
            {"contract": [("a", "tor1")], "regions": "nyc2"},
            ValueError,
            "contract: region 'tor1' is not one of regions: 'nyc2'",
        ),
        ({"name": "{n}-{n}"}, ValueError, r"name: expected text with {n} in it once"),
        ({"image": 0}, ValueError, "image: expected"),
        ({"ssh_keys": 5}, TypeError, "ssh_keys: expected"),
    ],
)
def test_wrong_parameters_are_refused(given: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        spec(**given)


def test_journal_has_what_identifies_the_run_and_its_options() -> None:
    found = spec(
        regions="tor1",
        contract=[("a", "tor1")],
        user_data="secret",
        tags=("t", "u"),
        backup_policy={"plan": "weekly", "weekday": "SUN", "hour": 0},
        backups=True,
        until=["address"],
    )
    run = found.run("5f0c2a91", NOON)
    assert run.call == {
        "name": "gpu-{n}",
        "count": 3,
        "sizes": ["a"],
        "regions": ["tor1"],
        "image": "auto",
        "same_region": False,
        "same_size": False,
        "contract": [["a", "tor1"]],
        "backup_policy": {"plan": "weekly", "weekday": "SUN", "hour": 0},
        "backups": True,
        "tags": ["t", "u"],
        "user_data": "sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
    }
    assert run.options == {
        "min_count": 3,
        "prefer": "size",
        "max_hourly": None,
        "until": ["active", "address"],
        "deadline": None,
        "ready_timeout": 900.0,
        "retry_every": 30.0,
        "on_unknown": "resend",
    }
    assert (run.nonce, run.name, run.began_at, run.is_lease) == ("5f0c2a91", "gpu-{n}", NOON, False)


def test_journal_says_whether_the_run_is_a_lease() -> None:
    run = attrs.evolve(spec(until=None), is_lease=True).run("5f0c2a91", NOON)
    assert (run.options["lease"], run.options["until"], run.call["regions"], run.is_lease) == (True, None, None, True)
