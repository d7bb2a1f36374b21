from __future__ import annotations

from typing import TYPE_CHECKING

from multidict import CIMultiDict, CIMultiDictProxy

import answers
from gradient_async.converter import decode
from gradient_async.endpoints.droplet_actions import initiate
from gradient_async.errors import PendingEventError
from gradient_async.http.reader import allowance_of, error_of
from gradient_async.http.request import Response, Timestamp
from gradient_async.http.results import Result
from gradient_async.http.retry import Step, next_step
from gradient_async.models.action_requests import Reboot
from gradient_async.models.responses import ActionInitiateResponse, ActionListResponse, GPUDropletListResponse

if TYPE_CHECKING:
    from pytest_benchmark.fixture import BenchmarkFixture

_HEADERS = CIMultiDictProxy(CIMultiDict(answers.headers()))
_SENT_AT = Timestamp.now()
_REQUEST = initiate(3164444, Reboot(), {})
_REFUSAL = b'{"id":"unprocessable_entity","message":"Droplet already has a pending event."}'


def test_decode_of_an_action(benchmark: BenchmarkFixture) -> None:
    assert benchmark(decode, answers.one_action(), ActionInitiateResponse).action.is_completed


def test_decode_of_200_actions(benchmark: BenchmarkFixture) -> None:
    assert len(benchmark(decode, answers.page_of_actions(), ActionListResponse).actions) == answers.PAGE_LENGTH


def test_decode_of_200_droplets(benchmark: BenchmarkFixture) -> None:
    assert len(benchmark(decode, answers.page_of_droplets(), GPUDropletListResponse).droplets) == answers.PAGE_LENGTH


def test_next_step_after_a_success(benchmark: BenchmarkFixture) -> None:
    result = Result(201, _HEADERS, was_sent=True, is_whole=True, started=_SENT_AT, ended=_SENT_AT)
    assert benchmark(next_step, _REQUEST, result, is_unresolved=False) is Step.ACCEPT


def test_next_step_after_a_lost_answer(benchmark: BenchmarkFixture) -> None:
    result = Result(None, {}, was_sent=True, is_whole=False, started=_SENT_AT, ended=_SENT_AT)
    assert benchmark(next_step, _REQUEST, result, is_unresolved=False) is Step.LOOK_UP


def test_error_of_a_refusal(benchmark: BenchmarkFixture) -> None:
    response = Response(status=422, headers=_HEADERS, body=_REFUSAL, received_at=Timestamp.now())
    assert isinstance(benchmark(error_of, response, _REQUEST), PendingEventError)


def test_allowance(benchmark: BenchmarkFixture) -> None:
    allowance = benchmark(allowance_of, _HEADERS, 0.0)
    assert allowance.limit == answers.OUT_OF_REACH
