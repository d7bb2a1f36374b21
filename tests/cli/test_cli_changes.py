"""The verbs that change a part of a resource: attach, assign, add, remove, and so on."""

from __future__ import annotations

import inspect
import json
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeAlias

import pytest

from command import FIRST
from gradient_async import AsyncGradientAI
from gradient_async.cli.kind_changes import CHANGES, Change
from gradient_async.cli.kinds import KINDS
from gradient_async.emulator import DropletSpec, Emulator
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = [pytest.mark.usefixtures("emulator"), pytest.mark.once]

BY_NAME = {kind.name: kind for kind in KINDS}
DECLARED = [pytest.param(name, one, id=f"{name} {one.verb}") for name, verbs in CHANGES.items() for one in verbs]
SSH = json.dumps([{"protocol": "tcp", "ports": "22", "sources": {"addresses": ["203.0.113.0/24"]}}])
WEB = json.dumps([{"protocol": "tcp", "ports": "80", "sources": {"addresses": ["203.0.113.0/24"]}}])


@pytest.fixture
def emulator(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    request.getfixturevalue("typed")  # which empties the environment
    droplets = [DropletSpec(name="one", tags=("t",)), DropletSpec(name="two")]
    with Emulator(droplets, limits=None, time_scale=600) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        yield emulator


def shown(typed: Typed, name: str, reference: str) -> dict[str, Any]:
    code, output, errors = typed(name, "show", reference, "-o", "json")
    assert code == 0, errors
    found: dict[str, Any] = json.loads(output)
    return found


def done(typed: Typed, *words: object) -> str:
    code, output, errors = typed(*words)
    assert (code, errors) == (0, "")
    return output


@pytest.mark.parametrize(("name", "change"), DECLARED)
async def test_declaration_names_what_there_is(name: str, change: Change) -> None:
    async with AsyncGradientAI("token-of-the-tests") as client:
        group = attrgetter(BY_NAME[name].group)(client)
        parameters = inspect.signature(attrgetter(change.method)(group)).parameters
        assert {one.argument for one in change.options} | change.fixed.keys() <= parameters.keys()
        assert not change.owner or change.owner in inspect.signature(group.actions.wait).parameters
    assert change.help.endswith(".")
    assert ("Asks for confirmation." in change.help) is bool(change.loss) is ("--yes" in change.example)


def test_volume_is_attached_and_detached(typed: Typed) -> None:
    done(typed, "volumes", "create", "--name", "data", "--region", "tor1", "--size-gigabytes", 10)
    assert done(typed, "volumes", "attach", "data", "--droplet", "two").startswith("attached volume ")
    assert shown(typed, "volumes", "data")["droplet_ids"] == [FIRST + 1]
    code, _, errors = typed("volumes", "detach", "data", "--droplet", FIRST + 1)
    assert (code, "Pass --yes" in errors) == (2, True)
    output = done(typed, "volumes", "detach", "data", "--droplet", FIRST + 1, "-y", "-o", "json")
    assert json.loads(output)["action"]["status"] == "completed"
    assert shown(typed, "volumes", "data")["droplet_ids"] == []


def test_address_is_assigned_and_taken_away(typed: Typed) -> None:
    address = done(typed, "reserved-ips", "create", "--region", "tor1", "-o", "id").strip()
    output = done(typed, "reserved-ips", "assign", address, "--droplet", "one", "--no-wait")
    assert output.startswith("action ")
    assert output.endswith(f" runs: assign reserved IP {address}\n")
    done(typed, "wait", output.split()[1])
    assert shown(typed, "reserved-ips", address)["droplet"]["id"] == FIRST
    assert done(typed, "reserved-ips", "unassign", address, "--yes") == f"unassigned reserved IP {address}\n"
    assert shown(typed, "reserved-ips", address)["droplet"] is None


def test_parts_of_a_firewall_are_added_and_removed(typed: Typed) -> None:
    done(typed, "firewalls", "create", "--name", "ssh-only", "--inbound-rules", SSH)
    done(typed, "firewalls", "add-droplets", "ssh-only", "--droplets", f"one,{FIRST + 1}")
    done(typed, "firewalls", "add-tags", "ssh-only", "--tags", "t")
    done(typed, "firewalls", "add-rules", "ssh-only", "--inbound-rules", WEB)
    full = shown(typed, "firewalls", "ssh-only")
    assert (full["droplet_ids"], full["tags"]) == ([FIRST, FIRST + 1], ["t"])
    assert [rule["ports"] for rule in full["inbound_rules"]] == ["22", "80"]
    done(typed, "firewalls", "remove-droplets", "ssh-only", "--droplets", "one", "--yes")
    done(typed, "firewalls", "remove-tags", "ssh-only", "--tags", "t", "--yes")
    done(typed, "firewalls", "remove-rules", "ssh-only", "--inbound-rules", SSH, "--yes")
    left = shown(typed, "firewalls", "ssh-only")
    assert (left["droplet_ids"], left["tags"]) == ([FIRST + 1], [])
    assert [rule["ports"] for rule in left["inbound_rules"]] == ["80"]


def test_droplets_are_put_behind_a_load_balancer(typed: Typed, emulator: Emulator) -> None:
    rule: Any = {"entry_protocol": "http", "entry_port": 80, "target_protocol": "http", "target_port": 8000}
    with GradientAI(emulator.token, base_url=emulator.base_url) as client:
        client.gpu_droplets.load_balancers.create(name="web", region="tor1", forwarding_rules=[rule])
    emulator.clock.advance(3600)
    done(typed, "load-balancers", "add-droplets", "web", "--droplets", "one")
    assert shown(typed, "load-balancers", "web")["droplet_ids"] == [FIRST]
    emulator.clock.advance(3600)
    done(typed, "load-balancers", "remove-droplets", "web", "--droplets", "one", "--yes")
    assert shown(typed, "load-balancers", "web")["droplet_ids"] == []


def test_droplets_and_other_resources_are_tagged(typed: Typed) -> None:
    done(typed, "tags", "create", "--name", "training")
    assert done(typed, "tags", "add", "training", "--droplets", "one,two") == "added tag training\n"
    assert done(typed, "list", "--tag", "training", "-o", "name") == "one\ntwo\n"
    resource = json.dumps([{"resource_id": str(FIRST), "resource_type": "droplet"}])
    assert done(typed, "tags", "remove", "training", "--resources", resource) == "removed tag training\n"
    assert done(typed, "list", "--tag", "training", "-o", "name") == "two\n"


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("volumes", "attach", "data"), "--droplet"),
        (("tags", "add", "t"), "--droplets or --resources: missing"),
        (("tags", "add", "t", "--droplets", "three"), "no Droplet has the name 'three'"),
        (("tags", "add", "none", "--droplets", "one"), "there is no tag"),
        (("tags", "add", "t", "--resources", "[{}]"), "--resources[0].resource_id"),
        (("tags", "add", "t", "--resources", "{"), "--resources: expected JSON"),
        (("tags", "add", "t", "--droplets", "one", "--columns", "name"), "--columns: add has no columns"),
    ],
    ids=str,
)
def test_nothing_is_changed_when_an_option_is_wrong(
    typed: Typed, emulator: Emulator, words: tuple[str, ...], text: str
) -> None:
    code, output, errors = typed(*words)
    assert (code, output) == (2, "")
    assert text in errors
    assert not any(request.method != "GET" for request in emulator.requests)
