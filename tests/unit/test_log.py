from __future__ import annotations

import io
import logging
from typing import TYPE_CHECKING

import pytest
from samples import action_request, attempt, request

from gradient_async import log

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def logger_as_it_was() -> Iterator[None]:
    handlers, level = list(log.logger.handlers), log.logger.level
    yield
    log.logger.handlers[:] = handlers
    log.logger.setLevel(level)


def test_logger_has_the_packages_name_and_says_nothing_by_itself() -> None:
    assert log.logger is logging.getLogger("gradient_async")
    assert log.logger.level == logging.NOTSET
    assert log.logger.handlers == [], "warnings reach standard error by Python's own last resort"


@pytest.mark.parametrize(
    ("outcome", "status", "level", "said"),
    [
        ("answered", 201, logging.INFO, "-> 201 in 0.250 s (attempt 1, answered, request id abc)"),
        ("rejected", 422, logging.INFO, "-> 422 in 0.250 s (attempt 1, rejected, request id abc)"),
        ("unknown", 502, logging.WARNING, "-> 502 in 0.250 s (attempt 1, unknown, request id abc)"),
        ("unknown", None, logging.WARNING, "-> reset by peer in 0.250 s (attempt 1, unknown, request id abc)"),
        ("not_sent", None, logging.WARNING, "-> reset by peer in 0.250 s (attempt 1, not_sent, request id abc)"),
    ],
)
def test_attempt_is_one_line_with_all_that_identifies_it(
    outcome: str, status: int | None, level: int, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "gradient_async")
    log.attempt_ended(
        action_request(), attempt(outcome=outcome, status=status, request_id="abc", detail="reset by peer")
    )
    (record,) = caplog.records
    assert record.levelno == level
    assert record.getMessage() == f"POST /v2/droplets/3164444/actions {said}"


def test_line_says_so_when_the_server_gave_no_request_id(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "gradient_async")
    log.attempt_ended(request(), attempt())
    assert caplog.records[0].getMessage().endswith("request id none)")


def test_nothing_is_written_when_the_level_is_above(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, "gradient_async")
    log.attempt_ended(request(), attempt())
    assert caplog.records == []


def test_adoption_and_cancellation_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    log.adopted(action_request(), 2_147_483_648, "Droplet")
    log.cancelled(action_request())
    first, second = caplog.records
    assert first.levelno == second.levelno == logging.WARNING
    assert "POST /v2/droplets/3164444/actions" in first.getMessage()
    assert "action 2147483648 is its result" in first.getMessage()
    assert "cancelled while it was pending: it may have been executed" in second.getMessage()


def test_log_is_left_to_the_program_when_that_has_set_up_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logging.getLogger(), "handlers", [logging.NullHandler()])
    log.switch_on(logging.INFO)
    assert log.logger.handlers == []


def test_log_is_written_once_when_switched_on_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    log.switch_on(logging.DEBUG)
    log.switch_on(logging.INFO)
    log.attempt_ended(request(), attempt(request_id="abc"))
    log.logger.debug("not at this level")
    (line,) = stream.getvalue().splitlines()
    assert line.endswith(
        "INFO gradient_async: GET /v2/droplets/3164444/actions -> 200 in 0.250 s (attempt 1, answered, request id abc)"
    )
