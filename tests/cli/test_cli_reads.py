"""The verbs that only read, dry runs, and the source of the token."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, TypeAlias

import pytest

from command import FIRST, acted
from gradient_async.emulator import DropletSpec, Emulator, RateLimits, faults

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]


def use(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)


def test_list_shows_what_a_verb_with_the_same_tag_acts_on(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    specs = [DropletSpec(tags=("t",)), DropletSpec(), DropletSpec(gpu=False, tags=("t",))]
    with Emulator(specs, limits=None) as emulator:
        use(emulator, monkeypatch)
        _, output, _ = typed("list", "--tag", "t", "-o", "json")
        assert [droplet["id"] for droplet in json.loads(output)] == [FIRST, FIRST + 2]
        _, output, _ = typed("list")
        assert [line.split()[0] for line in output.splitlines()] == ["ID", str(FIRST), str(FIRST + 1)]
        _, output, _ = typed("list", "--type", "droplets", "-o", "jsonl")
        assert json.loads(output)["id"] == FIRST + 2
        assert typed("list", "--tag", "none") == (0, "", "no Droplets\n")


@pytest.mark.parametrize(
    ("words", "expected"),
    [(["--type", "gpus"], [0]), (["--gpus-only"], [0]), (["--type", "droplets"], [2]), ([], [0, 2])],
    ids=str,
)
def test_list_by_tag_has_one_type_when_it_is_asked_for(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, words: list[str], expected: list[int]
) -> None:
    specs = [DropletSpec(tags=("t",)), DropletSpec(), DropletSpec(gpu=False, tags=("t",))]
    with Emulator(specs, limits=None) as emulator:
        use(emulator, monkeypatch)
        code, output, _ = typed("list", "--tag", "t", *words, "-o", "json")
        assert code == 0
        assert [droplet["id"] - FIRST for droplet in json.loads(output)] == expected


def test_dry_run_says_how_many_of_the_tagged_have_no_gpu(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    specs = [DropletSpec(tags=("t",)), DropletSpec(gpu=False, tags=("t",)), DropletSpec(tags=("u",))]
    with Emulator(specs, limits=None) as emulator:
        use(emulator, monkeypatch)
        _, output, _ = typed("reboot", "--tag", "t", "--dry-run")
        assert f"gpus       1 with the tag has no GPU ({FIRST + 1}); --gpus-only leaves them out" in output
        _, output, _ = typed("reboot", "--tag", "t", "--dry-run", "--gpus-only")
        assert output.startswith("reboot of 1 Droplet with the tag")
        assert f"gpus       1 more with the tag has no GPU ({FIRST + 1}) and will be left out" in output
        _, output, _ = typed("reboot", "--tag", "u", "--dry-run")
        assert "gpus       all with the tag have GPUs" in output
        _, output, _ = typed("reboot", "--tag", "t", "--dry-run", "--gpus-only", "-o", "json")
        assert json.loads(output)["without_gpus"] == [FIRST + 1]


@pytest.mark.parametrize("verb", ["reboot", "power-off", "snapshot", "enable-ipv6"])
def test_verb_leaves_out_what_has_no_gpu_with_gpus_only(
    typed: Typed, monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    specs = [DropletSpec(tags=("t",)), DropletSpec(gpu=False, tags=("t",))]
    with Emulator(specs, limits=None, time_scale=600) as emulator:
        use(emulator, monkeypatch)
        code, _, errors = typed(verb, "--tag", "t", "--gpus-only", "--no-wait" if verb != "power-off" else "--wait")
        assert code == 0, errors
        assert set(acted(emulator)) == {FIRST}
        code, _, errors = typed(verb, FIRST, "--gpus-only")
        assert (code, errors) == (
            2,
            "error: --gpus-only: allowed only with --tag. Droplets that are given by id or name are not filtered\n",
        )


def test_tag_is_refused_when_it_is_invalid(typed: Typed) -> None:
    code, _, errors = typed("list", "--tag", "a,b", "--emulated", 1)
    assert code == 2
    assert errors.startswith("error: --tag: expected ")
    assert "fault" not in errors


def test_show_shows_one_droplet_and_what_runs_on_it(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator([DropletSpec(status="off", backups=True)], limits=None) as emulator:
        use(emulator, monkeypatch)
        typed("power-on", FIRST, "--timeout", "1s")
        code, output, _ = typed("show", FIRST)
        facts = dict(line.split(maxsplit=1) for line in output.splitlines())
        assert code == 0
        assert facts["id"] == str(FIRST)
        assert facts["status"] == "off (still billed)"
        assert facts["running"].startswith("power_on (action ")
        backups = emulator.account.droplets[FIRST].backup_ids
        assert facts["backups"] == ", ".join(map(str, backups))
        _, output, _ = typed("show", FIRST, "-o", "json")
        answer = json.loads(output)
        assert (answer["id"], answer["running"][0]["type"]) == (FIRST, "power_on")


def test_unknown_droplet_is_one_line(typed: Typed) -> None:
    code, output, errors = typed("show", 99, "--emulated", 1)
    assert (code, output, errors.count("\n")) == (1, "", 1)
    assert errors.startswith("error: 404 not_found: ")
    assert "request id " in errors
    assert errors.endswith("Check the id, and the account of the token\n")


def test_actions_are_those_of_a_droplet_or_of_all(typed: Typed) -> None:
    _, output, _ = typed("actions", "--emulated", 30, "-o", "jsonl")
    listed = [json.loads(line) for line in output.splitlines()]
    assert len(listed) == 20
    assert {action["type"] for action in listed} == {"create"}
    _, output, _ = typed("actions", "--emulated", 30, "-o", "json", "--limit", 0)
    assert len(json.loads(output)) == 30
    _, output, _ = typed("actions", FIRST + 1, "--emulated", 3)
    assert output.splitlines()[1].split()[1:4] == ["create", "completed", str(FIRST + 1)]


@pytest.mark.once
def test_wait_ends_when_the_actions_do(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(3, time_scale=100, limits=None, faults=[faults.ErroredAction(times=1, skip=2)]) as emulator:
        use(emulator, monkeypatch)
        _, output, _ = typed("reboot", *range(FIRST, FIRST + 3), "--no-wait", "--max-concurrency", 1, "-o", "jsonl")
        started = [json.loads(line)["action_id"] for line in output.splitlines()]
        code, output, _ = typed("wait", *started[:2], "-o", "jsonl")
        assert code == 0
        assert [json.loads(line)["status"] for line in output.splitlines()] == ["completed", "completed"]
        code, output, errors = typed("wait", started[2])
        assert code == 1
        assert "errored" in output
        assert errors.startswith("error: ")


def test_wait_ends_in_time(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(1, limits=None) as emulator:
        use(emulator, monkeypatch)
        _, output, _ = typed("reboot", FIRST, "--no-wait", "-o", "jsonl")
        began = time.monotonic()
        code, output, errors = typed("wait", json.loads(output)["action_id"], "--timeout", "0.2s")
        assert code == 1
        assert "in-progress" in output
        assert errors.startswith("error: ")
        assert time.monotonic() - began < 15


def test_rate_limit_shows_what_others_have_used(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(1) as emulator:
        use(emulator, monkeypatch)
        for _ in range(3):
            typed("list")
        code, output, _ = typed("rate-limit")
        minute, hour = output.splitlines()[1:]
        assert code == 0
        assert minute.split()[:5] == ["60", "s", "250", "1", "249"]
        assert hour.split()[:5] == ["1", "h", "5,000", "4", "4,996"]
        assert hour.endswith("the API's headers")
        _, output, _ = typed("rate-limit", "-o", "json")
        assert json.loads(output)["headers"]["remaining"] == "4995"


def test_rate_limit_that_is_used_up_is_shown_at_once(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(1, limits=RateLimits(burst=1)) as emulator:
        use(emulator, monkeypatch)
        typed("list")
        code, output, errors = typed("rate-limit")
        assert code == 1
        assert "60 s" in output
        assert errors.startswith("error: rate-limited (429): the next request can be sent in ")
        assert len(emulator.requests) == 2


def test_dry_run_sends_nothing(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator([DropletSpec(tags=("t",))] * 3, limits=None) as emulator:
        use(emulator, monkeypatch)
        code, output, errors = typed("rebuild", "--tag", "t", "--image", "7", "--dry-run")
        assert (code, errors) == (0, "")
        assert "rebuild of 3 Droplets with the tag 't'; nothing is sent (--dry-run)" in output
        assert {request.method for request in emulator.requests} == {"GET"}
        count = len(emulator.requests)
        typed("reboot", FIRST, "--dry-run")
        assert len(emulator.requests) == count


def test_dry_run_of_named_droplets_needs_no_token(typed: Typed) -> None:
    code, output, _ = typed("reboot", 1, 2, "--dry-run", "-o", "json")
    assert code == 0
    assert json.loads(output)["droplets"] == [1, 2]


def test_dry_run_leaves_out_what_the_journal_says_is_done(typed: Typed) -> None:
    typed("reboot", FIRST, 7, "--emulated", 1, "--journal", "j")
    _, output, _ = typed("reboot", FIRST, 7, "--journal", "j", "--dry-run", "-o", "json")
    answer = json.loads(output)
    assert (answer["droplets"], answer["done_before"]) == ([7], 1)
    code, _, errors = typed("power-cycle", FIRST, 7, "--journal", "j", "--dry-run")
    assert code == 2
    assert "this journal is not this run's" in errors


def test_resume_of_a_run_with_a_health_check_says_so(typed: Typed, tmp_path: Path) -> None:
    import asyncio

    from gradient_async import AsyncGradientAI

    async def run(emulator: Emulator) -> None:
        async with AsyncGradientAI(emulator.token, base_url=emulator.base_url) as client:
            await client.fleet.run("reboot", droplets=[7], journal=tmp_path / "j", health_check=lambda _: True)

    with Emulator(1, limits=None) as emulator:
        asyncio.run(run(emulator))
    code, _, errors = typed("resume", "j", "--emulated", 1)
    assert code == 2
    assert "the run had a health check, which a journal does not store" in errors
    assert typed("resume", "j", "--emulated", 1, "--without-health-check")[0] == 1
    assert typed("resume", "j", "--emulated", 1, "--health-check", "true")[0] == 1


def test_next_batch_waits_when_a_health_check_is_a_command(typed: Typed, tmp_path: Path) -> None:
    check = tmp_path / "check"
    check.write_text('#!/bin/sh\necho "$@" >> seen\ntest "$1" != 3164445\n')
    check.chmod(0o755)
    words = ("--batch-size", 1, "--health-check", f"{check} {{id}} '{{name}} x'", "--health-retries", 0)
    code, output, errors = typed("reboot", FIRST, FIRST + 1, FIRST + 2, "--emulated", 3, *words)
    assert code == 1
    statuses = [word for word in output.split() if word in {"failed", "skipped", "completed"}]
    assert statuses == ["failed", "skipped", "completed"]
    assert (tmp_path / "seen").read_text() == "3164444 gpu-3164444 x\n3164445 gpu-3164445 x\n"
    assert "stopped: 1 Droplet of batch 2 did not pass the health check" in errors


def test_exit_status_is_2_when_no_droplet_has_the_tag(typed: Typed, tmp_path: Path) -> None:
    code, _, errors = typed("reboot", "--tag", "t", "--emulated", 1)
    assert code == 0
    with Emulator(1, limits=None) as emulator:
        words = ("--base-url", emulator.base_url, "--token-file", "token")
        (tmp_path / "token").write_text(emulator.token)
        code, _, errors = typed("reboot", "--tag", "t", *words)
        assert code == 2
        assert "no Droplet has the tag 't'" in errors


@pytest.mark.once
@pytest.mark.parametrize(
    "words",
    [
        ["restore", "--image", "IMAGE"],
        ["act", "power-on"],
        ["act", "resize", "--size", "gpu-h100x8-640gb"],
        ["disable-backups"],
        ["change-backup-policy", "--plan", "daily"],
        ["power-on"],
        ["power-off", "--no-graceful"],
    ],
    ids=str,
)
def test_emulated_droplets_start_in_a_state_that_fits_the_verb(typed: Typed, words: list[str]) -> None:
    if "IMAGE" in words:
        with Emulator([DropletSpec(backups=True)]) as emulator:
            (image,) = emulator.account.droplets[FIRST].backup_ids
        words = ["restore", "--image", str(image)]
    code, output, errors = typed(*words, FIRST, "--emulated", 1, "--time-scale", 600, "--yes")
    assert code == 0, errors
    assert "completed" in output
