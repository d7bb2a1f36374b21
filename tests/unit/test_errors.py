from __future__ import annotations

import copy
import inspect
import pickle
import re
from typing import Any

import attrs
import pytest
from samples import NOON, TOKEN, action, attempt, droplet

import gradient_async
import gradient_sync
from gradient_async import errors

# A tree in the module's docstring: name, own standard-library base, depth.
_BRANCH = re.compile(r"^    ([│ ]*(?:[├└]── )?)(\w+Error)(?: \((\w+)\))?", re.MULTILINE)


def drawn() -> dict[str, tuple[str | None, str | None]]:
    """Return each error of the drawing with the one above it and its base in the standard library."""
    tree: dict[str, tuple[str | None, str | None]] = {}
    above: list[str] = []
    for indent, name, builtin in _BRANCH.findall(inspect.cleandoc(errors.__doc__ or "")):
        depth = len(indent) // 4
        del above[depth:]
        tree[name] = (above[-1] if above else None, builtin or None)
        above.append(name)
    return tree


def error_classes() -> list[type[errors.GradientAIError]]:
    for name in gradient_async.__all__:
        getattr(gradient_async, name)  # loads the modules that define errors
    found = [errors.GradientAIError]
    for one in found:
        found += one.__subclasses__()
    return [one for one in dict.fromkeys(found) if one.__module__.startswith("gradient_")]


def _full(error_class: type[errors.GradientAIError]) -> errors.GradientAIError:
    """Return an error with everything that it can carry."""
    attempts = (attempt(), attempt(number=2, outcome="unknown", status=None, detail="reset"))
    of_api = {"method": "POST", "path": "/v2/droplets/1/actions", "request_id": "abc", "attempts": attempts}
    make: Any = error_class
    if issubclass(error_class, errors.APIStatusError):
        more: dict[str, object] = {"action": action()} if issubclass(error_class, errors.PlacementLostError) else {}
        if issubclass(error_class, errors.DropletGoneError):
            more = {"droplet_id": 1, "droplet": droplet()}
        return make(
            "422 x: no",
            **of_api,
            status=422,
            id="x",
            body={"id": "x", "deep": [1, {"a": None}]},
            excerpt="{",
            headers={"retry-after": "1"},
            retry_after=1.0,
            hint="Wait.",
            **more,
        )
    if issubclass(error_class, errors.FleetClosedError):
        facts: Any = {"began_at": NOON, "duration": 1.0, "requests": 1, "refused_for_rate": 0}
        report = gradient_async.FleetReport(action="reboot", outcomes=(), **facts)
        return make("closed", report=report)
    if issubclass(error_class, errors.NotEnoughDropletsError):
        counts: Any = {"count": 2, "min_count": 2, "duration": 1.0, "requests": 1}
        return make("0 of 2", report=gradient_async.CreationReport(droplets=(), outcomes=(), began_at=NOON, **counts))
    if issubclass(error_class, errors.ResponseTooLargeError):
        return make("larger than 5 bytes", **of_api, status=200, limit=5)
    if issubclass(error_class, errors.APIResponseValidationError):
        return make("no JSON", **of_api, status=201, fault_path="$.action.id", excerpt="<html>")
    if issubclass(error_class, errors.APIError):
        return make("reset", **of_api, hint="Look.")
    if issubclass(error_class, errors.ActionOutcomeUnknownError):
        return make("unknown", **of_api, droplet_id=1, type="reboot", candidates=(action(id=1), action(id=2)))
    if issubclass(error_class, errors.RequestKeyMismatchError):
        return make("key 'k' was used", used_for="reboot of Droplet 1", asked_for="reboot of Droplet 2")
    if issubclass(error_class, errors.PartlyCreatedError):
        return make("1 of 2", droplets=(droplet(),), missing=("b",))
    if issubclass(error_class, errors.RequestOutcomeUnknownError):
        return make("unknown", **{name: of_api[name] for name in ("method", "path", "request_id", "attempts")})
    if issubclass(error_class, errors.ActionFailedError | errors.ActionTimeoutError):
        return make("errored", action=action(status="errored"), actions=(action(), action(id=5)))
    if issubclass(error_class, errors.EarlierFailureError):
        return make("errored", droplet_id=1, error="ActionFailedError")
    if issubclass(error_class, errors.DropletWaitTimeoutError):
        return make("not ready", droplet_id=1, droplet=droplet(), stage="ssh", seconds=900.0)
    if issubclass(error_class, errors.DropletCountError):
        return make("1 exists, 2 were expected", expected=2, droplets=(droplet(),))
    if issubclass(error_class, errors.LeaseError):
        facts = {"began_at": NOON, "duration": 1.0, "requests": 1, "refused_for_rate": 0}
        return make("over", report=gradient_async.DestroyReport(outcomes=(), **facts))
    if issubclass(error_class, errors.DropletError):
        return make("not well", droplet_id=1, droplet=droplet())
    if issubclass(error_class, errors.JournalFinishedError):
        return make("finished", path="fleet.journal", finished_at=NOON, counts={"completed": 2})
    if issubclass(error_class, errors.JournalError):
        return make("in use", path="fleet.journal")
    return make("plain")


CLASSES = error_classes()
each = pytest.mark.parametrize("error_class", CLASSES, ids=lambda one: one.__name__)


def test_tree_is_as_it_is_drawn() -> None:
    tree = drawn()
    assert tree.keys() == {one.__name__ for one in CLASSES}
    for one in CLASSES:
        above, builtin = tree[one.__name__]
        bases = [base for base in one.__bases__ if base is not Exception]
        assert [base.__name__ for base in bases] == [name for name in (above, builtin) if name]


@each
def test_error_is_exported_by_both_packages(error_class: type[errors.GradientAIError]) -> None:
    for package in (gradient_async, gradient_sync):
        assert getattr(package, error_class.__name__) is error_class
        assert error_class.__name__ in package.__all__


@each
def test_error_is_caught_as_what_the_standard_library_calls_it(error_class: type[errors.GradientAIError]) -> None:
    timeouts = {
        "APITimeoutError",
        "ActionTimeoutError",
        "DropletStateError",
        "RequestKeyBusyError",
        "DropletWaitTimeoutError",
        "LeaseExpiredError",
    }
    values = {
        "MissingAccessTokenError",
        "JournalMismatchError",
        "PreflightError",
        "DropletCountError",
        "RequestKeyMismatchError",
    }
    assert issubclass(error_class, TimeoutError) is (error_class.__name__ in timeouts)
    assert issubclass(error_class, ValueError) is (error_class.__name__ in values)
    assert issubclass(error_class, RuntimeError) is issubclass(error_class, errors.ClientClosedError)


def test_unknown_outcome_is_no_connection_error() -> None:
    for retried in (errors.APIError, errors.APIConnectionError, OSError, TimeoutError, ConnectionError):
        assert not issubclass(errors.ActionOutcomeUnknownError, retried)


@each
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_error_comes_out_of_a_pickle_with_all_that_it_carries(
    error_class: type[errors.GradientAIError], protocol: int
) -> None:
    error = _full(error_class)
    error.add_note("seen by the caller")
    back = pickle.loads(pickle.dumps(error, protocol))
    assert type(back) is error_class
    assert vars(back) == vars(error)
    assert back.args == error.args
    assert str(back) == str(error)
    assert back.__notes__ == ["seen by the caller"]


@pytest.mark.parametrize("name", [*errors.__all__, "FleetCancelled"])
def test_pickles_of_earlier_versions_load(name: str) -> None:
    assert pickle.loads(f"cgradient_async.errors\n{name}\n.".encode()) is getattr(gradient_async, name)


@each
def test_pickles_and_tracebacks_name_the_package(error_class: type[errors.GradientAIError]) -> None:
    assert error_class.__module__ == "gradient_async.errors"
    assert b"gradient_async.errors\n_restore\n" in pickle.dumps(_full(error_class), 0)


def test_unknown_name_of_the_package_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'NoSuchError'"):
        errors.NoSuchError  # noqa: B018 - the access is the test


@each
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_error_is_copied_with_all_that_it_carries(error_class: type[errors.GradientAIError], copied: Any) -> None:
    error = _full(error_class)
    back = copied(error)
    assert type(back) is error_class
    assert vars(back) == vars(error)
    assert str(back) == str(error)


@each
def test_error_carries_its_documented_attributes(error_class: type[errors.GradientAIError]) -> None:
    error = _full(error_class)
    for cls in error_class.__mro__:
        section = inspect.cleandoc(cls.__doc__ or "").partition("Attributes:\n")[2].partition("\n\n")[0]
        if issubclass(cls, errors.GradientAIError):
            for name in re.findall(r"^    (\w+):", section, re.MULTILINE):
                assert hasattr(error, name), f"{error_class.__name__}.{name}"


@each
def test_error_documents_the_attributes_that_it_carries(error_class: type[errors.GradientAIError]) -> None:
    documented = "\n".join(cls.__doc__ or "" for cls in error_class.__mro__)
    for name in vars(_full(error_class)):
        assert re.search(rf"^ +{name}: ", documented, re.MULTILINE), f"{error_class.__name__}.{name}"


@each
def test_error_text_begins_with_what_went_wrong(error_class: type[errors.GradientAIError]) -> None:
    error = _full(error_class)
    assert str(error).startswith(error.message)
    assert error.args == (error.message,)


def test_error_text_names_request_id_attempts_and_hint() -> None:
    assert str(_full(errors.PendingEventError)) == (
        "422 x: no (POST /v2/droplets/1/actions, request id abc, 2 attempts) Wait."
    )


def test_error_text_leaves_out_what_is_not_known() -> None:
    error = errors.APIConnectionError("reset", method="GET", path="/v2/actions", attempts=(attempt(),))
    assert str(error) == "reset (GET /v2/actions)"
    assert (error.request_id, error.hint) == (None, None)


def test_status_has_the_retired_sdks_name_too() -> None:
    error = _full(errors.NotFoundError)
    assert isinstance(error, errors.APIStatusError)
    assert error.status_code == error.status == 422


@pytest.mark.parametrize("body", [{"id": "not_found", "message": "é"}, None])
def test_error_has_the_names_of_the_retired_sdks_answer(body: dict[str, str] | None) -> None:
    facts = {"method": "GET", "path": "/v2/actions", "status": 404, "excerpt": "<html>", "headers": {"a": "1"}}
    answer = errors.NotFoundError("gone", body=body, **facts).response  # type: ignore[arg-type]  # of several types
    assert (answer.status_code, answer.headers) == (404, {"a": "1"})
    if body is None:
        assert answer.text == "<html>"
        with pytest.raises(ValueError, match="the body is no JSON; it begins with '<html>'"):
            answer.json()
    else:
        assert answer.json() == body
        assert answer.text == '{"id": "not_found", "message": "é"}'


def test_single_failed_action_is_among_the_actions() -> None:
    error = errors.ActionFailedError("errored", action=action(id=5))
    assert error.actions == (action(id=5),)


def test_headers_of_an_error_are_its_own() -> None:
    headers = {"a": "1"}
    error = errors.APIStatusError("x", method="GET", path="/", status=500, headers=headers)
    headers["a"] = "2"
    assert error.headers == {"a": "1"}


def test_attempt_is_frozen_evidence() -> None:
    one = attempt(number=2, outcome="unknown", status=None, detail="reset")
    assert (one.started_at, one.request_id, one.status) == (NOON, None, None)
    assert "2026-11-23 12:00:00+00:00" in repr(one)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.outcome = "answered"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(one)) == one


def test_missing_token_error_shows_no_token() -> None:
    client = gradient_async.AsyncGradientAI(TOKEN)
    with pytest.raises(TypeError) as caught:
        pickle.dumps(client)
    assert TOKEN not in str(caught.value)
