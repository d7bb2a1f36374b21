"""Every request that the SDK can send, and every answer that it may get, against the official specification."""

from __future__ import annotations

import re
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import attrs
import pytest
from calls import ACTION_ID, BULK_PARAMETERS, CALLS, DROPLET_ID, PARAMETERS, Call, needed_scopes, public_methods
from flavours import FLAVOURS
from instances import SHAPES, examples

from gradient_async import (
    ACTION_TYPES,
    BULK_ACTION_TYPES,
    Action,
    AsyncGradientAI,
    BadRequestError,
    Droplet,
    GracefulPowerOff,
)
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from flavours import Flavour
    from specification import Specification
    from specification_server import SpecificationServer

pytestmark = pytest.mark.once

ONE_REQUEST = [call for call in CALLS if call.is_one_request]
# One call of each operation that one method sends.
READ_OPERATIONS = {call.operations[0]: call for call in reversed(ONE_REQUEST)}

# The example of backups has three fields of an image, which its schema lacks.
EXAMPLE_FAULTS = {f"$.backups[0].{name}: not declared" for name in ("distribution", "slug", "public")}


async def perform(flavour: Flavour, client: Any, call: Call) -> Any:
    method = attrgetter(call.method)(client)
    if call.is_iterator:
        return await flavour.items(method(**call.arguments))
    return await flavour.call(method, **call.arguments)


@pytest.mark.parametrize("call", CALLS, ids=str)
async def test_requests_follow_the_specification(call: Call, flavour: Flavour, server: SpecificationServer) -> None:
    server.changes = {operation: list(changes) for operation, changes in call.changes.items()}
    result = await perform(flavour, flavour.client(server), call)
    assert server.faults == []
    assert tuple(dict.fromkeys(request.operation_id for request in server.requests)) == call.operations
    assert dict(server.requests[0].query) == dict(call.query)
    assert [request.body for request in server.requests if request.body is not None] == list(call.bodies)
    content = server.specification.success_content(server.specification.operations[call.operations[-1]])
    assert bool(result) is bool(content)


@pytest.mark.parametrize("make_client", [AsyncGradientAI, GradientAI])
def test_every_method_and_parameter_is_called(make_client: Any) -> None:
    methods = public_methods(make_client("token"))
    assert {call.method for call in CALLS} == methods.keys()
    for method, parameters in methods.items():
        passed = {name for call in CALLS if call.method == method for name in call.arguments}
        assert passed == parameters, method


@pytest.mark.parametrize("make_client", [AsyncGradientAI, GradientAI])
def test_raw_twins_have_the_methods_of_one_request(make_client: Any) -> None:
    client = make_client("token")
    pairs = [call.method.rsplit(".", 1) for call in ONE_REQUEST]
    for resource in {resource for resource, _ in pairs}:
        twin = attrgetter(f"{resource}.with_raw_response")(client)
        methods = {name for name in dir(twin) if not name.startswith("_")}
        assert methods == {method for one, method in pairs if one == resource}


def test_action_types_are_those_of_the_specification(specification: Specification) -> None:
    single, by_tag = (specification.operations[one] for one in ("dropletActions_post", "dropletActions_post_byTag"))
    assert specification.request_types(single) == specification.described_types(single).keys() == ACTION_TYPES.keys()
    assert (
        specification.request_types(by_tag) == specification.described_types(by_tag).keys() == BULK_ACTION_TYPES.keys()
    )
    assert ACTION_TYPES.keys() == PARAMETERS.keys()
    assert BULK_ACTION_TYPES.keys() == BULK_PARAMETERS.keys()


def test_parameters_of_types_are_those_of_the_specification(specification: Specification) -> None:
    operation = specification.operations["dropletActions_post"]
    for name, request_class in ACTION_TYPES.items():
        assert set(attrs.fields_dict(request_class)) == specification.request_fields(operation, name) - {"type"}, name


@pytest.mark.parametrize("call", ONE_REQUEST, ids=str)
async def test_raw_response_parses_to_the_same_and_names_its_scopes(
    call: Call, flavour: Flavour, server: SpecificationServer, specification: Specification
) -> None:
    client = flavour.client(server)
    raw = await flavour.call(attrgetter(call.raw_method)(client), **call.arguments)
    cooked = await perform(flavour, client, call)
    assert server.faults == []
    operation = specification.operations[call.operations[0]]
    assert raw.status == specification.success_of(operation)
    assert raw.parse() == cooked
    assert set(raw.request.scopes) == needed_scopes(call, specification)
    assert len(set(raw.request.scopes)) == len(raw.request.scopes)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("operation_id", READ_OPERATIONS)
async def test_answer_is_parsed_when_it_is_made_from_the_schema(
    operation_id: str, shape: str, flavour: Flavour, server: SpecificationServer
) -> None:
    server.answer = shape
    result = await perform(flavour, flavour.client(server), READ_OPERATIONS[operation_id])
    assert server.faults == []
    assert_holds(result, server.answers[-1])


async def test_answers_are_parsed_when_they_are_official_examples(
    flavour: Flavour, server: SpecificationServer, specification: Specification
) -> None:
    seen = 0
    for operation_id, call in READ_OPERATIONS.items():
        for name in examples(specification, specification.operations[operation_id]):
            server.answer = name
            result = await perform(flavour, flavour.client(server), call)
            assert_holds(result, server.answers[-1])
            seen += 1
    assert [fault for fault in server.faults if fault not in EXAMPLE_FAULTS] == []
    assert seen >= 5


def assert_holds(value: Any, sent: Any) -> None:
    """Check that a model has the sent value of each field that it knows.

    A field that was sent as ``null`` may have its empty default; times are compared as instants.
    """
    if sent is None:
        assert not value or value == type(value)()
    elif isinstance(value, Action) and set(sent) == {"action"}:
        assert_holds(value, sent["action"])  # these answers are read without their envelope
    elif attrs.has(type(value)):
        known = attrs.fields_dict(type(value))
        assert set(sent) <= known.keys(), f"{type(value).__name__} does not know {set(sent) - known.keys()}"
        for name in known.keys() & set(sent):
            assert_holds(getattr(value, name), sent[name])
    elif isinstance(sent, dict):
        assert value.keys() == sent.keys()
        for name, item in sent.items():
            assert_holds(value[name], item)
    elif isinstance(sent, list):
        assert len(value) == len(sent)
        for item, sent_item in zip(value, sent, strict=True):
            assert_holds(item, sent_item)
    elif hasattr(value, "isoformat"):
        # A datetime has no nanoseconds.
        assert value.isoformat().replace("+00:00", "Z") == re.sub(r"(\.\d{6})\d+", r"\1", sent)
    else:
        assert value == sent


async def test_wait_returns_each_action_when_read_from_the_mock(flavour: Flavour, server: SpecificationServer) -> None:
    client = flavour.client(server)
    call = next(call for call in CALLS if call.note == "three ids")
    server.changes = {operation: list(changes) for operation, changes in call.changes.items()}
    actions = await perform(flavour, client, call)
    assert [action.id for action in actions] == [ACTION_ID, ACTION_ID + 1, ACTION_ID + 2]
    assert all(isinstance(action, Action) and action.is_completed for action in actions)


async def test_iterator_reads_both_pages_when_a_list_has_two(flavour: Flavour, server: SpecificationServer) -> None:
    droplets = await flavour.items(flavour.client(server).gpu_droplets.list_all())
    assert [dict(request.query)["page"] for request in server.requests] == ["1", "2"]
    assert all(isinstance(droplet, Droplet) for droplet in droplets)
    assert len({droplet.id for droplet in droplets}) == len(droplets) == 2
    assert server.faults == []


async def test_power_off_reports_who_did_it_when_the_guest_refused(
    flavour: Flavour, server: SpecificationServer
) -> None:
    call = next(call for call in CALLS if call.method.endswith("power_off_gracefully"))
    server.changes = {operation: list(changes) for operation, changes in call.changes.items()}
    result = await perform(flavour, flavour.client(server), call)
    assert isinstance(result, GracefulPowerOff)
    assert (result.powered_off_by, result.droplet.id, result.droplet.is_off) == ("power_off", DROPLET_ID, True)


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"extra_query": {"sort": "asc"}}, "query: sort is not declared"),
        ({"extra_body": {"type": "rebot"}}, "body: the discriminator does not know"),
        ({"extra_body": {"size": "x"}}, "body.size: not declared"),
        ({"extra_headers": {"authorization": "Bearer other"}}, "authorization: not the token"),
        ({"extra_headers": {"content-type": "text/plain"}}, "content-type: not application/json"),
    ],
)
async def test_mock_refuses_a_request_when_it_breaks_the_specification(
    options: dict[str, Any], fault: str, flavour: Flavour, server: SpecificationServer
) -> None:
    client = flavour.client(server)
    with pytest.raises(BadRequestError, match=fault.split(":", maxsplit=1)[0]):
        await flavour.call(client.gpu_droplets.actions.initiate, DROPLET_ID, type="reboot", **options)
    assert len(server.faults) == 1
    assert fault in server.faults[0]


async def test_client_is_of_its_flavour_when_the_fixture_runs(flavour: Flavour, server: SpecificationServer) -> None:
    assert type(flavour.client(server)) is {"async": AsyncGradientAI, "sync": GradientAI}[flavour.name]
    assert flavour.name in FLAVOURS
