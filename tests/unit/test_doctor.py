"""The findings of ``gpu-droplets doctor``: pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs
import pytest
from samples import endpoint

from gradient_async.doctor import checks, conformance
from gradient_async.doctor.facts import Facts, Probe
from gradient_async.doctor.words import KNOWN_WORDS
from gradient_async.endpoints import actions, droplets
from gradient_async.models.action import Action

pytestmark = pytest.mark.once

HEADERS = {
    "date": "Mon, 30 Nov 2026 12:00:00 GMT",
    "content-type": "application/json",
    "x-request-id": "1",
    "ratelimit-limit": "5000",
    "ratelimit-remaining": "4000",
}
NOON = 1796040000.0
ACTION = {"id": 7, "status": "completed", "type": "reboot"}


def probe(of: Any = actions.LIST, **changes: Any) -> Probe:
    facts = {"status": 200, "sent_at": NOON, "headers": HEADERS, "body": {"actions": []}}
    return Probe(endpoint=of, **{**facts, **changes})


def left(*remaining: int) -> tuple[Probe, ...]:
    return tuple(probe(headers={**HEADERS, "ratelimit-remaining": str(one)}) for one in remaining)


def found(check: str, *probes: Probe, **facts: Any) -> list[tuple[str, str]]:
    all_found = checks.findings(Facts(probes=probes, **facts))
    return [(one.level, one.text) for one in all_found if one.check == check]


def deviations(body: object, of: Any = actions.LIST, **changes: Any) -> set[tuple[str, str, str]]:
    return {(one.kind, one.where, one.detail) for one in conformance.deviations(probe(of, body=body, **changes))}


# --- checks ---


@pytest.mark.parametrize(
    ("remaining", "others"),
    [((100, 99, 98), 0), ((100, 98, 96), 2), ((100,), 0), ((96, 97, 98), 0), ((100, 99, 90), 8)],
)
def test_requests_of_others_are_those_beyond_our_own(remaining: tuple[int, ...], others: int) -> None:
    shown = [text for _, text in found("rate limit", *left(*remaining)) if text.startswith("others")]
    assert shown == (
        [f"others spent {others} requests of the same token while {len(remaining) - 1} were sent here"]
        if others
        else []
    )


@pytest.mark.parametrize(("remaining", "level"), [(499, "note"), (500, "ok")])
def test_little_left_of_the_limit_is_a_note(remaining: int, level: str) -> None:
    assert found("rate limit", *left(remaining)) == [(level, f"{remaining:,} of 5,000 requests are left")]


def test_missing_rate_headers_are_a_note() -> None:
    assert found("rate limit", probe(headers={})) == [("note", "the answers have no ratelimit headers")]


@pytest.mark.parametrize(
    ("sent_at", "level", "text"),
    [
        (NOON + 5.5, "ok", "agrees"),
        (NOON + 6.0, "problem", "is 6 s ahead of"),
        (NOON - 4.5, "ok", "agrees"),
        (NOON - 60.0, "problem", "is 60 s behind"),
    ],
)
def test_clock_is_compared_with_the_date_header(sent_at: float, level: str, text: str) -> None:
    ((found_level, found_text),) = found("clock", probe(sent_at=sent_at))
    assert found_level == level
    assert text in found_text


@pytest.mark.parametrize("date", ["", "soon", "Mon, 99 Nov"])
def test_odd_date_header_is_a_note(date: str) -> None:
    assert [level for level, _ in found("clock", probe(headers={**HEADERS, "date": date}))] == ["note"]


@pytest.mark.parametrize(("seconds", "level"), [(2.0, "ok"), (2.5, "note")])
def test_slow_answers_are_a_note(seconds: float, level: str) -> None:
    assert [one for one, _ in found("answer times", probe(seconds=seconds))] == [level]


@pytest.mark.parametrize(
    ("body", "level", "text"),
    [
        ({"status": "locked"}, "problem", "the account's status is not active"),
        ({"status": "active", "droplet_limit": 3}, "note", "3 of 3 Droplets"),
        ({"droplet_limit": 4}, "ok", "3 of 4 Droplets"),
    ],
)
def test_account_and_quotas_are_read(body: dict[str, Any], level: str, text: str) -> None:
    account = probe(attrs.evolve(endpoint(), name="account.retrieve"), body={"account": body})
    listed = [probe(droplets.LIST, body={"meta": {"total": total}}) for total in (1, 2)]
    assert (level, text) in found("account", account, *listed) + found("quotas", account, *listed)


def test_scopes_of_old_tokens_are_not_asked_for() -> None:
    lacking = probe(attrs.evolve(endpoint(), scopes=("api:read", "image:read")), status=403)
    assert found("scopes", lacking) == [("note", "the token lacks, of the scopes to read: image:read")]


@pytest.mark.parametrize(("proxy", "way"), [(True, "through a proxy"), (False, "directly")])
def test_way_to_the_api_is_reported(proxy: bool, way: str) -> None:
    assert found("connection", probe(), has_proxy=proxy) == [("ok", f"api.digitalocean.com answers, {way}")]


# --- conformance ---


def test_answer_of_the_documentation_has_no_deviations() -> None:
    assert deviations({"actions": [ACTION], "links": {}, "meta": {"total": 1}}) == set()


@pytest.mark.parametrize(
    ("change", "deviation"),
    [
        ({"status": "queued"}, ("unknown word", "Action.status", "queued")),
        ({"status": "my own: secret"}, ("unknown word", "Action.status", "(not shown)")),
        ({"extra": [1]}, ("unknown field", "Action.extra", "array")),
        ({"My Key": 1}, ("unknown field", "Action.(not shown)", "integer")),
        ({"id": "7"}, ("wrong type", "Action.id", "expected integer, got string")),
        ({"id": True}, ("wrong type", "Action.id", "expected integer, got boolean")),
        ({"id": None}, ("wrong type", "Action.id", "expected integer, got null")),
        ({"started_at": "yesterday"}, ("wrong type", "Action.started_at", "expected time, got string")),
    ],
)
def test_deviation_of_a_field_is_shown_without_its_value(
    change: dict[str, object], deviation: tuple[str, str, str]
) -> None:
    assert deviations({"actions": [{**ACTION, **change}], "links": {}, "meta": {"total": 1}}) == {deviation}


@pytest.mark.parametrize(
    "text",
    [
        "a886f506-1f5c-5adb-a237-6c373030f97f",
        "dop_v1_0123456789abcdef",
        "droplet_3164444",
        "training-data",
        "Training_Data",
        "10.10.0.2",
        "you@example.com",
    ],
)
def test_what_belongs_to_the_account_is_not_shown(text: str) -> None:
    droplet = {"id": 7, "name": "Training-Data", "tags": ["training_data"], "status": text, text: 1}
    shown = deviations({"droplets": [droplet]}, droplets.LIST)
    assert ("unknown word", "Droplet.status", "(not shown)") in shown
    assert ("unknown field", "Droplet.(not shown)", "integer") in shown


def test_header_with_an_id_in_its_name_is_not_shown() -> None:
    assert deviations(None, headers={**HEADERS, "x-droplet-3164444": "1"}) >= {("unknown header", "(not shown)", "")}


def test_missing_field_is_shown_only_if_the_model_needs_it() -> None:
    assert deviations({"actions": [{"id": 7, "status": "completed"}]}) >= {("missing field", "Action.type", "")}
    assert ("missing field", "Action.region", "") not in deviations({"actions": [ACTION]})


def test_same_deviations_are_counted() -> None:
    (deviation,) = conformance.deviations(probe(body={"actions": [{**ACTION, "x": 1}] * 3}))
    assert (deviation.where, deviation.count) == ("Action.x", 3)


@pytest.mark.parametrize("body", [None, [], "text", 7])
def test_answer_of_another_shape_is_one_deviation(body: object) -> None:
    assert [kind for kind, *_ in deviations(body)] == ["wrong type"]


def test_headers_and_status_are_compared() -> None:
    headers = {name: value for name, value in HEADERS.items() if name != "x-request-id"} | {"x-new": "1"}
    assert deviations(None, headers=headers, status=418) == {
        ("status", "418", "expected 200"),
        ("missing header", "x-request-id", ""),
        ("unknown header", "x-new", ""),
    }


@pytest.mark.parametrize("status", [401, 403, 429])
def test_refusal_that_a_check_reports_is_no_deviation(status: int) -> None:
    assert deviations(None, status=status) == set()


def test_absence_is_no_deviation_and_no_answer_has_none() -> None:
    assert deviations(None, attrs.evolve(endpoint(), items="", identity=""), status=404) == set()
    assert conformance.deviations(probe(status=None, headers={})) == ()


@attrs.frozen
class _Thing:
    """A model with the types that few models have."""

    price: float
    sizes: Mapping[str, int]
    labels: dict  # type: ignore[type-arg]  # a plain one, whose values may be anything
    anything: object
    note: str | None
    is_new: bool
    created_at: datetime
    others: list  # type: ignore[type-arg]  # likewise


THING = {
    "price": 1.5,
    "sizes": {"a": 1},
    "labels": {"a": [None]},
    "anything": [1],
    "note": None,
    "is_new": True,
    "created_at": "2026-11-30T12:00:00Z",
    "others": [1, "a"],
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, None),
        ({"price": 2, "anything": None, "note": "x"}, None),
        ({"price": True}, ("wrong type", "_Thing.price", "expected number, got boolean")),
        ({"price": "1.5"}, ("wrong type", "_Thing.price", "expected number, got string")),
        ({"price": None}, ("wrong type", "_Thing.price", "expected number, got null")),
        ({"sizes": {"a": 1, "b": "2"}}, ("wrong type", "_Thing.sizes{}", "expected integer, got string")),
        ({"sizes": [1]}, ("wrong type", "_Thing.sizes", "expected object, got array")),
        ({"note": 1}, ("wrong type", "_Thing.note", "expected string, got integer")),
        ({"is_new": 1}, ("wrong type", "_Thing.is_new", "expected boolean, got integer")),
        ({"created_at": 7}, ("wrong type", "_Thing.created_at", "expected time, got integer")),
        ({"others": {}}, ("wrong type", "_Thing.others", "expected array, got object")),
    ],
)
def test_each_type_of_a_field_is_compared(change: dict[str, object], expected: tuple[str, str, str] | None) -> None:
    shown = deviations({**THING, **change}, attrs.evolve(endpoint(), answer=_Thing))
    assert shown == (set() if expected is None else {expected})


def test_words_of_a_status_are_the_models_constants() -> None:
    assert KNOWN_WORDS[Action, "status"] == {"in-progress", "completed", "errored"}


def test_known_words_belong_to_fields_of_models() -> None:
    for model, name in KNOWN_WORDS:
        assert name in attrs.fields_dict(model), (model, name)
        assert KNOWN_WORDS[model, name]
