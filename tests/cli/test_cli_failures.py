"""Exit statuses, and errors as one line."""

from __future__ import annotations

from typing import Any

import pytest
from outcomes import NOON, outcome, report

from gradient_async import (
    APIConnectionError,
    AuthenticationError,
    JournalFinishedError,
    JournalInUseError,
    MissingAccessTokenError,
    NotFoundError,
    Outcome,
    PermissionDeniedError,
)
from gradient_async.cli import failures
from gradient_async.cli.exit_codes import UsageError, code_of_error, code_of_report

pytestmark = pytest.mark.once

REQUEST: Any = {"method": "GET", "path": "/v2/droplets/7", "request_id": "abc"}


def refusal(kind: type[Any] = AuthenticationError, status: int = 401) -> Any:
    return kind("no", status=status, **REQUEST)


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([outcome(), outcome()], 0),
        ([outcome(), outcome("failed")], 1),
        ([outcome(), outcome("unknown")], 1),
        ([outcome(), outcome("skipped")], 1),
        ([outcome("failed", error=refusal()), outcome("skipped")], 3),
        ([outcome("failed", error=refusal(PermissionDeniedError, 403))], 3),
        ([outcome("failed", error=refusal()), outcome("failed")], 1),
        ([outcome("failed", error=refusal()), outcome()], 1),
        ([], 2),
    ],
)
def test_exit_status_of_a_run(outcomes: list[Outcome], code: int) -> None:
    assert code_of_report(report(*outcomes)) == code


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (UsageError("x"), 2),
        (JournalInUseError("x", path="j"), 2),
        (JournalFinishedError("x", path="j", finished_at=NOON, counts={"completed": 1}), 2),
        (refusal(), 3),
        (refusal(PermissionDeniedError, 403), 3),
        (MissingAccessTokenError("x"), 3),
        (refusal(NotFoundError, 404), 1),
        (RuntimeError("x"), 1),
    ],
)
def test_exit_status_of_an_error(error: Exception, code: int) -> None:
    assert code_of_error(error) == code


def test_error_is_one_line_with_the_request_id_and_a_hint() -> None:
    error = AuthenticationError("401 no", status=401, hint="Use access_token=.", **REQUEST)
    assert failures.line_of(error) == (
        "401 no (GET /v2/droplets/7, request id abc). "
        "Check the token: see DIGITALOCEAN_ACCESS_TOKEN, --token-file, --context"
    )
    refused = PermissionDeniedError("403 no", status=403, hint="Needs droplet:admin.", **REQUEST)
    assert failures.line_of(refused) == "403 no (GET /v2/droplets/7, request id abc) Needs droplet:admin."
    lost = APIConnectionError("line\nbroken", method="GET", path="/")
    assert "\n" not in failures.line_of(lost)
    assert failures.line_of(ExceptionGroup("several", [refused])) == failures.line_of(refused)


def test_error_is_called_a_bug_when_it_is_one() -> None:
    assert (
        failures.line_of(KeyError("x")) == "KeyError: 'x'. This is a bug in gpu-droplets; --debug shows the traceback"
    )


def test_parameters_are_named_as_they_are_typed() -> None:
    error = ValueError("batch_size, max_errors: cannot hold beside by_tag=True")
    assert failures.usage_line(error) == "--batch-size, --max-errors: cannot hold beside --by-tag"
