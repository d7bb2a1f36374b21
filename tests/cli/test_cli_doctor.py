"""``gpu-droplets doctor`` against the emulator, with what can be wrong switched on."""

from __future__ import annotations

import json
import socket
import ssl
import threading
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import pytest

from gradient_async.doctor.collector import read_endpoints
from gradient_async.emulator import DropletSpec, Emulator, Token, faults
from gradient_async.emulator.body_faults import BodyFault
from gradient_sync import GradientAI

if TYPE_CHECKING:
    from collections.abc import Callable

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.once

CERTIFICATE = Path(__file__).parents[1] / "behaviour" / "gpu.example.com.pem"


@attrs.frozen
class WithoutName(BodyFault):
    """Droplets have no name."""

    def changed(self, key: str, fields: Any) -> Any:
        return {name: value for name, value in fields.items() if name != "name"} if key == "droplet" else fields


@attrs.frozen
class TextForNumber(BodyFault):
    """The memory of Droplets is a text, which could be anything."""

    def changed(self, key: str, fields: Any) -> Any:
        return {**fields, "memory": "secret-text"} if key == "droplet" else fields


@pytest.fixture
def examined(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, dict[str, Any]]]:
    """Returns the exit status of ``doctor``, and its report."""

    def run(emulator: Emulator, *words: str, token: str | None = None) -> tuple[int, dict[str, Any]]:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", token or emulator.token)
        code, output, _ = typed("doctor", *words, "--output", "json")
        return code, json.loads(output)

    return run


def found(report: dict[str, Any], check: str) -> list[tuple[str, str]]:
    return [(one["level"], one["text"]) for one in report["findings"] if one["check"] == check]


def deviations(report: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(one["kind"], one["where"], one["detail"]) for one in report["deviations"]}


def filled(emulator: Emulator) -> None:
    """Have an action, and a volume, a firewall, a tag and an SSH key."""
    with GradientAI(emulator.token, base_url=emulator.base_url) as client:
        client.gpu_droplets.actions.initiate(droplet_id=3164444, type="reboot")
        client.gpu_droplets.volumes.create(name="secret-volume", region="nyc2", size_gigabytes=10)
        client.tags.create(name="secret-tag")


# --- nothing is wrong ---


def test_nothing_is_wrong_with_a_healthy_account(examined: Any) -> None:
    with Emulator(2) as emulator:
        code, report = examined(emulator)
    assert code == 0
    assert {one["level"] for one in report["findings"]} <= {"ok", "note"}
    assert found(report, "token") == [("ok", "the API accepts the token")]
    assert found(report, "clock") == [("ok", "this machine's clock agrees with the server's")]
    assert ("ok", "2 of 25 Droplets") in found(report, "quotas")
    assert "deviations" not in report


def test_nothing_deviates_from_the_models_on_the_emulator(examined: Any) -> None:
    with Emulator(2) as emulator:
        filled(emulator)
        code, report = examined(emulator, "--conformance")
    assert code == 0
    assert report["deviations"] == []


def test_every_list_without_a_value_in_its_path_is_read(examined: Any) -> None:
    with Emulator(2) as emulator:
        filled(emulator)
        _, report = examined(emulator, "--conformance")
    read = {one["operation"] for one in report["requests"] if one["status"] == 200}
    lists = {one.name for one in read_endpoints() if one.items and not one.path_template.parameters}
    assert len(lists) >= 12
    assert lists <= read
    assert {"gpu_droplets.retrieve", "gpu_droplets.actions.list", "gpu_droplets.volumes.retrieve"} <= read


@pytest.mark.parametrize("words", [[], ["--conformance"]])
def test_doctor_sends_nothing_but_reads(examined: Any, words: list[str]) -> None:
    with Emulator(2) as emulator:
        examined(emulator, *words)
        assert {request.method for request in emulator.requests} == {"GET"}


# --- what is wrong ---


def test_report_shows_nothing_of_the_account(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = DropletSpec(name="secret-droplet", tags=("secret-tag",))
    with Emulator([spec], faults=[faults.UnknownFields(), TextForNumber()]) as emulator:
        filled(emulator)
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        for words in (["--output", "json"], []):
            _, output, errors = typed("doctor", "--conformance", *words)
            for secret in ("secret", "3164444", "127.0.0.1", emulator.token[:12], "nyc2", "@"):
                assert secret not in output + errors, secret
            assert "wrong type" in output


def test_unknown_fields_and_words_are_reported(examined: Any) -> None:
    with Emulator(1, faults=[faults.UnknownFields(), faults.UnknownStatus("queued", instead_of=None)]) as emulator:
        filled(emulator)
        _, report = examined(emulator, "--conformance")
    assert ("unknown field", "Droplet.x_unknown", "object") in deviations(report)
    assert ("unknown field", "Droplet.x_unknown_null", "null") in deviations(report)
    assert ("unknown word", "Action.status", "queued") in deviations(report)


def test_missing_and_wrong_fields_are_reported(examined: Any) -> None:
    with Emulator(1, faults=[WithoutName(), TextForNumber()]) as emulator:
        _, report = examined(emulator, "--conformance")
    assert ("missing field", "Droplet.name", "") in deviations(report)
    assert ("wrong type", "Droplet.memory", "expected integer, got string") in deviations(report)


def test_odd_status_and_missing_headers_are_reported(examined: Any) -> None:
    with Emulator(1, faults=[faults.HTMLError(502, times=1)]) as emulator:
        code, report = examined(emulator, "--conformance")
    assert code == 1
    assert found(report, "statuses") == [("problem", "502: gpu_droplets.list")]
    assert {("status", "502", "expected 200"), ("missing header", "x-request-id", "")} <= deviations(report)


def test_answer_that_is_no_json_is_a_problem(examined: Any) -> None:
    with Emulator(1, faults=[faults.MalformedJSON(times=1)]) as emulator:
        code, report = examined(emulator)
    assert code == 1
    ((level, text),) = found(report, "connection")
    assert level == "problem"
    assert text.startswith("the answer cannot be read (1 of ")


@pytest.mark.parametrize(("skew", "direction"), [(-90.0, "ahead of"), (3600.0, "behind")])
def test_clock_that_is_wrong_is_a_problem(examined: Any, skew: float, direction: str) -> None:
    with Emulator(1, clock_skew=skew) as emulator:
        code, report = examined(emulator)
    assert code == 1
    ((level, text),) = found(report, "clock")
    assert level == "problem"
    assert text.endswith(f"{direction} the server's")
    assert any(f"{seconds:,} s" in text for seconds in range(int(abs(skew)) - 2, int(abs(skew)) + 3))


def test_wrong_token_is_reported_with_its_exit_status(examined: Any) -> None:
    with Emulator(1) as emulator:
        code, report = examined(emulator, token="dop_v1_wrong")
    assert code == 3
    assert found(report, "token") == [("problem", "the API refuses the token (401)")]


def test_missing_token_is_reported_with_its_exit_status(typed: Typed) -> None:
    code, output, errors = typed("doctor")
    assert (code, errors) == (3, "")
    assert output.startswith("PROBLEM  token: no access token was found\n")


def test_missing_scopes_are_named(examined: Any) -> None:
    some = Token(value="dop_v1_some", scopes=("droplet:read", "actions:read", "account:read"))
    with Emulator(1, tokens=[some]) as emulator:
        code, report = examined(emulator, token=some.value)
    assert code == 0
    ((level, text),) = found(report, "scopes")
    assert level == "note"
    assert "block_storage:read" in text
    assert "droplet:read" not in text


def test_missing_essential_scope_is_a_problem(examined: Any) -> None:
    some = Token(value="dop_v1_some", scopes=("actions:read", "account:read"))
    with Emulator(1, tokens=[some]) as emulator:
        code, report = examined(emulator, token=some.value)
    assert code == 3
    ((level, text),) = found(report, "scopes")
    assert level == "problem"
    assert "droplet:read" in text


def test_requests_of_others_are_noticed(examined: Any) -> None:
    with Emulator(1, faults=[faults.Slow(0.05)]) as emulator:
        ended = threading.Event()

        def spend() -> None:
            request = urllib.request.Request(
                f"{emulator.base_url}/v2/account", headers={"Authorization": f"Bearer {emulator.token}"}
            )
            while not ended.is_set():
                urllib.request.urlopen(request, timeout=10).close()

        other = threading.Thread(target=spend)
        other.start()
        try:
            _, report = examined(emulator)
        finally:
            ended.set()
            other.join()
    assert any(text.startswith("others spent ") for _, text in found(report, "rate limit"))


def test_own_requests_are_not_those_of_others(examined: Any) -> None:
    with Emulator(1) as emulator:
        _, report = examined(emulator, "--conformance")
    assert not any(text.startswith("others spent ") for _, text in found(report, "rate limit"))


def test_rate_limited_requests_are_a_problem(examined: Any) -> None:
    with Emulator(1, faults=[faults.TooManyRequests(times=1)]) as emulator:
        code, report = examined(emulator)
    assert code == 1
    assert found(report, "rate limit")[0][0] == "problem"


# --- no connection ---


def test_certificate_that_is_not_trusted_is_a_problem(examined: Any) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with Emulator(1, tls=context) as emulator:
        code, report = examined(emulator)
    assert code == 1
    ((level, text),) = found(report, "connection")
    assert level == "problem"
    assert text.startswith("the server's certificate is not accepted: ")
    assert len(report["requests"]) == 1


def test_server_without_tls_is_no_wrong_certificate(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_any")
    with Emulator(1) as emulator:
        code, output, _ = typed("doctor", "--base-url", emulator.base_url.replace("http:", "https:"))
    assert code == 1
    assert output.startswith("PROBLEM  connection: TLS cannot be set up: ")


@pytest.mark.parametrize(
    ("base_url", "text"),
    [
        ("http://127.0.0.1:{port}", "the connection is refused (1 of 1 requests, directly"),
        ("https://nowhere.invalid", "the host's name cannot be resolved"),
    ],
)
def test_missing_server_is_a_problem(typed: Typed, monkeypatch: pytest.MonkeyPatch, base_url: str, text: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_any")
    code, output, _ = typed("doctor", "--base-url", base_url.format(port=port), "--proxy", "none")
    assert code == 1
    assert output.startswith(f"PROBLEM  connection: {text}")
    assert "nowhere" not in output


def test_missing_proxy_is_reported_as_such(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "dop_v1_any")
    code, output, _ = typed("doctor", "--proxy", f"http://127.0.0.1:{port}")
    assert code == 1
    assert output.startswith("PROBLEM  connection: the proxy refuses the connection")
    assert str(port) not in output
