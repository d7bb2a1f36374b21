"""What ``gpu-droplets doctor`` says about each thing that can be wrong, with its advice."""

from __future__ import annotations

import json
from typing import Any

import attrs
import pytest
from samples import endpoint

from gradient_async.doctor import checks
from gradient_async.doctor.facts import Facts, Finding, Probe
from gradient_async.doctor.report import Diagnosis, diagnosis
from gradient_async.endpoints import actions, droplets

HEADERS = {"date": "Mon, 30 Nov 2026 12:00:00 GMT", "ratelimit-limit": "5000", "ratelimit-remaining": "4000"}
NOON = 1796040000.0


def probe(of: Any = actions.LIST, **changes: Any) -> Probe:
    return Probe(endpoint=of, **{"status": 200, "sent_at": NOON, "headers": HEADERS, **changes})


def named(name: str, **changes: Any) -> Probe:
    return probe(attrs.evolve(endpoint(), name=name, items="things"), **changes)


def lost(failure: str, detail: str = "") -> Probe:
    return probe(status=None, failure=failure, detail=detail, headers={})


def found(check: str, *probes: Probe, **facts: Any) -> list[tuple[str, str, str]]:
    all_found = checks.findings(Facts(probes=probes, **facts))
    return [(one.level, one.text, one.advice) for one in all_found if one.check == check]


# --- the connection ---


def test_each_reason_of_lost_answers_is_counted_once() -> None:
    network = "Check the network and its DNS servers."
    assert found("connection", lost("refused"), lost("dns", "no address"), lost("dns", "again"), probe()) == [
        (
            "problem",
            "the connection is refused (1 of 4 requests, directly, api.digitalocean.com)",
            "Check the base URL, the proxy and the firewall.",
        ),
        (
            "problem",
            "the host's name cannot be resolved: no address (2 of 4 requests, directly, api.digitalocean.com)",
            network,
        ),
    ]


def test_name_that_is_unknown_is_the_proxys_when_there_is_one() -> None:
    lines = [
        (one.text, one.advice) for one in checks.findings(Facts(probes=(lost("dns", "no address"),), has_proxy=True))
    ]
    assert lines == [
        (
            "the proxy's name cannot be resolved: no address (1 of 1 requests, through a proxy, api.digitalocean.com)",
            "Check HTTPS_PROXY, or pass --proxy.",
        )
    ]


def test_lost_requests_say_nothing_about_the_account() -> None:
    assert {one.check for one in checks.findings(Facts(probes=(lost("dns"),)))} == {"connection"}


@pytest.mark.parametrize(("is_encrypted", "count"), [(True, 0), (False, 1)])
def test_token_in_clear_is_a_note(is_encrypted: bool, count: int) -> None:
    note = ("note", "the API is reached over http: the token is sent in clear", "Use a base URL with https.")
    assert found("tls", probe(), is_encrypted=is_encrypted) == [note] * count


# --- token and scopes ---


@pytest.mark.parametrize(
    ("statuses", "level"),
    [
        ((200, 500), "ok"),
        ((500, 200), "ok"),
        ((403,), "ok"),
        ((500, 403), "ok"),
        ((200, 401), "problem"),
        ((500,), None),
        ((429, None), None),
    ],
)
def test_token_is_accepted_where_one_answer_shows_it(statuses: tuple[int | None, ...], level: str | None) -> None:
    levels = [one for one, *_ in found("token", *[probe(status=status) for status in statuses])]
    assert levels == ([] if level is None else [level])


@pytest.mark.parametrize(("statuses", "levels"), [((200, 500), ["ok"]), ((500,), []), ((500, 403), ["problem"])])
def test_scopes_are_judged_by_what_was_read(statuses: tuple[int, ...], levels: list[str]) -> None:
    assert [one for one, *_ in found("scopes", *[probe(status=status) for status in statuses])] == levels


# --- the clock ---


@pytest.mark.parametrize(
    ("sent_at", "seconds", "text"),
    [
        (NOON + 5.5, 0.0, "agrees with"),
        (NOON + 5.5625, 0.0, "is 5 s ahead of"),
        (NOON - 4.5, 0.0, "agrees with"),
        (NOON - 4.5625, 0.0, "is 5 s behind"),
        (NOON - 12.5, 16.0, "agrees with"),  # sent eight seconds before the server answered
        (NOON - 2.0, 16.0, "is 6 s ahead of"),
    ],
)
def test_clock_may_differ_by_five_seconds(sent_at: float, seconds: float, text: str) -> None:
    level = "ok" if text == "agrees with" else "problem"
    ((found_level, found_text, advice),) = found("clock", probe(sent_at=sent_at, seconds=seconds))
    assert (found_level, found_text) == (level, f"this machine's clock {text} the server's")
    assert bool(advice) is (level == "problem")


def test_missing_date_is_a_note_if_anything_answered() -> None:
    note = ("note", "the answers have no Date header to compare the clock with", "")
    assert found("clock", probe(headers={}), lost("closed")) == [note]
    assert found("clock", lost("closed"), lost("closed")) == []


# --- the rate limit ---


def limited(remaining: int, limit: str = "5000") -> Probe:
    return probe(headers={"ratelimit-limit": limit, "ratelimit-remaining": str(remaining)})


def test_requests_that_have_to_wait_soon_are_announced() -> None:
    assert found("rate limit", limited(499)) == [
        ("note", "499 of 5,000 requests are left", "Requests have to wait soon.")
    ]
    assert found("rate limit", limited(500)) == [("ok", "500 of 5,000 requests are left", "")]


def test_one_request_of_others_is_reported_among_own_ones() -> None:
    note = "others spent 1 requests of the same token while 3 were sent here"
    probes = [limited(4000), lost("closed"), probe(status=401), limited(3996)]
    assert [text for _, text, _ in found("rate limit", *probes)] == ["3,996 of 5,000 requests are left", note]
    assert len(found("rate limit", *probes[:3], limited(3997))) == 1
    assert len(found("rate limit", lost("timeout"), limited(4000), limited(3998))) == 2


@pytest.mark.parametrize("limit", ["", "0", "many"])
def test_answers_without_a_limit_are_a_note(limit: str) -> None:
    note = ("note", "the answers have no ratelimit headers", "")
    assert found("rate limit", limited(7, limit), probe(status=500, headers={})) == [note]
    assert found("rate limit", probe(status=500, headers={})) == []


# --- the account ---


@pytest.mark.parametrize(
    ("total", "expected"),
    [
        (None, []),
        (2, [("ok", "the account has SSH keys (2)", "")]),
        (
            0,
            [
                (
                    "note",
                    "the account has no SSH key",
                    "Add one: a new Droplet without a key sends its password by e-mail.",
                )
            ],
        ),
    ],
)
def test_account_without_an_ssh_key_is_a_note(total: int | None, expected: list[tuple[str, str, str]]) -> None:
    body = {} if total is None else {"meta": {"total": total}}
    assert found("ssh keys", named("gpu_droplets.account.keys.list", body=body)) == expected
    assert found("ssh keys", named("gpu_droplets.account.keys.list", body=body, status=500)) == []


@pytest.mark.parametrize(
    ("used", "level", "advice"),
    [(4, "ok", ""), (5, "note", "Ask for a higher limit in the control panel.")],
)
def test_full_quota_is_a_note(used: int, level: str, advice: str) -> None:
    account = named("account.retrieve", body={"account": {"floating_ip_limit": 5}})
    addresses = named("reserved_ips.list", body={"meta": {"total": used}})
    assert found("quotas", account, addresses) == [(level, f"{used} of 5 reserved IPs", advice)]


def test_quota_is_left_out_where_a_total_is_missing() -> None:
    account = named("account.retrieve", body={"account": {"droplet_limit": 5}})
    known, unknown = (probe(droplets.LIST, body={"meta": meta}) for meta in ({"total": 1}, {}))
    assert found("quotas", account, known, unknown) == []


# --- statuses ---


def test_odd_statuses_are_listed_with_their_requests() -> None:
    again = "Try again, and see status.digitalocean.com."
    probes = [named(name, status=status) for name, status in [("a", 500), ("b", 404), ("c", 500), ("d", 499)]]
    known = [named("e", status=status) for status in (200, 299, 401, 403, 429)]
    assert found("statuses", *probes, *known, lost("closed")) == [
        ("problem", "500: a, c", again),
        ("problem", "404: b", ""),
        ("problem", "499: d", ""),
    ]
    assert found("statuses", named("f", status=300)) == [("problem", "300: f", "")]


@pytest.mark.parametrize(
    ("status", "items", "identity", "is_absence"),
    [(404, "", "", True), (405, "", "", False), (404, "things", "", False), (404, "", "thing.id", False)],
)
def test_what_an_item_may_lack_is_no_odd_status(status: int, items: str, identity: str, is_absence: bool) -> None:
    one = probe(attrs.evolve(endpoint(), items=items, identity=identity), status=status)
    assert one.is_absence is is_absence
    assert bool(found("statuses", one)) is not is_absence


# --- the report ---

PROBLEM = Finding(check="token", level="problem", text="it is refused", advice="Make another.")
NOTE = Finding(check="scopes", level="note", text="one is missing")


@pytest.mark.parametrize(
    ("of", "has_problem", "is_refused"),
    [
        ((), False, False),
        ((NOTE,), False, False),
        ((NOTE, PROBLEM), True, True),
        ((attrs.evolve(PROBLEM, check="scopes"), NOTE), True, True),
        ((attrs.evolve(PROBLEM, check="clock"), NOTE), True, False),
    ],
)
def test_problems_are_told_from_notes(of: tuple[Finding, ...], has_problem: bool, is_refused: bool) -> None:
    report = Diagnosis(facts=Facts(), findings=of)
    assert (report.has_problem, report.is_refused) == (has_problem, is_refused)


def test_report_has_a_line_for_each_finding_and_its_advice() -> None:
    report = Diagnosis(facts=Facts(), findings=(PROBLEM, NOTE))
    assert list(report.lines()) == [
        "PROBLEM  token: it is refused",
        "         Make another.",
        "note     scopes: one is missing",
    ]


def test_report_of_the_models_counts_what_was_read() -> None:
    body = {"actions": [{"id": "7", "status": "completed", "type": "reboot"}] * 2}
    headers = {**HEADERS, "content-type": "application/json", "x-request-id": "1"}
    read = [
        probe(body=body, headers=headers),
        probe(actions.RETRIEVE, headers={**headers, "x-new": "1"}, body={"action": {**body["actions"][0], "id": 7}}),
    ]
    facts = Facts(probes=(*read, named("x", status=403, headers=headers)))
    report = diagnosis(facts, is_conformance=True)
    assert list(report.lines())[-4:] == [
        "",
        "2 of 3 endpoints were read; 2 deviations",
        "  actions.list: wrong type: Action.id (expected integer, got string), 2 times",
        "  actions.retrieve: unknown header: x-new",
    ]
    assert "deviations" not in diagnosis(facts, is_conformance=False).as_json()


def test_report_as_json_has_times_to_a_tenth_of_a_millisecond() -> None:
    report = diagnosis(Facts(probes=(probe(seconds=0.12345),)), is_conformance=True).as_json()
    assert json.loads(json.dumps(report))["requests"] == [
        {"operation": "actions.list", "status": 200, "failure": None, "milliseconds": 123.5}
    ]
