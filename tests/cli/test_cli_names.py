"""Droplets by name, and the lists that give ids and names to other commands."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from command import FIRST, Terminal, acted, posts
from gradient_async import Droplet, Region
from gradient_async.cli import droplet_names
from gradient_async.cli.droplet_names import check_names
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.ids import parse_droplets
from gradient_async.emulator import DropletSpec, Emulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from command import Command

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.once

SPECS = [
    DropletSpec(name="gpu-01", tags=("t",)),
    DropletSpec(name="gpu-02", status="off", tags=("t",)),
    DropletSpec(name="twin"),
    DropletSpec(name="Twin", gpu=False),
    DropletSpec(name="web-01", gpu=False, tags=("t",)),
]


@pytest.fixture
def account(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    assert typed  # it empties the environment first
    with Emulator(SPECS, limits=None, time_scale=600) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        yield emulator


def test_names_and_ids_are_acted_on_together(typed: Typed, account: Emulator) -> None:
    code, output, errors = typed("reboot", "GPU-01", FIRST + 4, FIRST, "web-01", "-o", "json")
    assert code == 0, errors
    assert [row["droplet_id"] for row in json.loads(output)["outcomes"]] == [FIRST, FIRST + 4]
    assert acted(account) == {FIRST: 1, FIRST + 4: 1}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("twin", f"2 Droplets have the name 'twin': {FIRST + 2} (twin, active, tor1), {FIRST + 3} (Twin, active, "),
        (
            "gpu-03",
            f"no Droplet has the name 'gpu-03'. Similar names: {FIRST + 1} (gpu-02, off, tor1), {FIRST} (gpu-01",
        ),
        ("t", "no Droplet has the name 't', but it is a tag: pass --tag t"),
        ("nothing-like-it", "no Droplet has the name 'nothing-like-it'. gpu-droplets list shows the names"),
    ],
)
@pytest.mark.parametrize("verb", ["reboot", "show", "actions"])
def test_nothing_is_sent_when_a_name_does_not_mean_one(
    typed: Typed, account: Emulator, verb: str, name: str, expected: str
) -> None:
    code, output, errors = typed(verb, name)
    assert (code, output) == (2, "")
    assert expected in errors
    assert posts(account) == 0


def test_many_names_are_read_from_whole_lists() -> None:
    found = [Droplet(id=number, name=f"gpu-{number}", status="new") for number in range(1, 30)]
    names = [f"GPU-{number}" for number in range(29, 0, -1)]
    assert list(droplet_names.ids_of([7, *names], found)) == [7, *(one for one in range(29, 0, -1) if one != 7)]
    twins = [Droplet(id=number, name="x", status="off", region=Region(slug="nyc2")) for number in range(1, 9)]
    with pytest.raises(UsageError, match=r"^8 Droplets have the name 'x': 1 \(x, off, nyc2\).* and 3 more\. Pass"):
        droplet_names.ids_of(["x"], twins)


def test_many_names_take_few_requests(typed: Typed, account: Emulator) -> None:
    names = [f"{name}{mark}" for name in ("gpu-01", "gpu-02") for mark in (",", "")]
    typed("reboot", *names, "--dry-run")
    assert len(account.requests) == 4, "each name once, among Droplets with GPUs and without"


@pytest.mark.usefixtures("account")
def test_reads_take_names(typed: Typed) -> None:
    code, output, _ = typed("show", "web-01", "-o", "json")
    assert (code, json.loads(output)["id"]) == (0, FIRST + 4)
    code, output, _ = typed("actions", "gpu-02", "-o", "jsonl")
    assert {json.loads(line)["droplet_id"] for line in output.splitlines()} == {FIRST + 1}


@pytest.mark.usefixtures("account")
def test_dry_run_shows_names_beside_ids(typed: Typed) -> None:
    _, output, _ = typed("reboot", "gpu-01", "--dry-run")
    assert f"To {FIRST} gpu-01:" in output
    _, output, _ = typed("reboot", "--tag", "t", "--dry-run")
    assert f"{FIRST + 1} gpu-02" in output


def test_question_shows_names_beside_ids(command: Command) -> None:
    with Emulator(SPECS, limits=None) as emulator:
        command.on(emulator)
        terminal = Terminal(command, "power-cycle", FIRST, "twin-x", 99)
        assert terminal.ended() == 2
        terminal = Terminal(command, "power-cycle", FIRST, "gpu-02", 99)
        terminal.read_until("Continue?")
        shown = " ".join(terminal.text.split())
        assert (
            f"({FIRST} gpu-01, 99, {FIRST + 1} gpu-02)" in shown or f"({FIRST} gpu-01, {FIRST + 1} gpu-02, 99)" in shown
        )
        terminal.type("n\n")
        assert terminal.ended() == 1
        assert posts(emulator) == 0


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], [0, 1, 2]),
        (["--status", "off"], [1]),
        (["--status", "active", "--tag", "t"], [0, 4]),
        (["--region", "TOR1"], [0, 1, 2]),
        (["--region", "atl1"], []),
        (["--name", "GPU-01"], [0]),
        (["--name", "GPU-01", "--tag", "t"], [0]),
        (["--name", "twin", "--tag", "t"], []),
    ],
    ids=str,
)
@pytest.mark.usefixtures("account")
def test_list_shows_what_is_asked_for(typed: Typed, words: list[str], expected: list[int]) -> None:
    code, output, errors = typed("list", *words, "-o", "id")
    assert code == 0, errors
    assert sorted(int(line) - FIRST for line in output.splitlines()) == expected
    _, output, _ = typed("list", *words, "-o", "json")
    assert sorted(droplet["id"] - FIRST for droplet in json.loads(output)) == expected


@pytest.mark.parametrize("form", ["id", "name", "json", "jsonl"])
def test_what_list_writes_is_acted_on(command: Command, form: str) -> None:
    with Emulator(SPECS[:2], limits=None, time_scale=600) as emulator:
        command.on(emulator)
        listed = command("list", "--status", "active", "-o", form)
        ended = command("reboot", "-", given=listed.stdout)
        assert ended.returncode == 0, ended.stderr
        assert acted(emulator) == {FIRST: 1}
        table = command("reboot", "-", given=command("list").stdout)
        assert table.returncode == 2
        assert "standard input holds a table: pass -o id" in table.stderr


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (["trainer-1", str(FIRST + 2), "trainer-2"], f"the name '{FIRST + 2}' of Droplet {FIRST + 1}"),
        (["0007"], f"the name '0007' of Droplet {FIRST}"),
        (["trainer-1", "12,345678"], f"the name '12,345678' of Droplet {FIRST + 1}"),
        (["id", "trainer-1"], "another command would not read these names back"),
    ],
    ids=str,
)
def test_names_are_refused_when_another_command_misreads_them(command: Command, names: list[str], said: str) -> None:
    with Emulator([DropletSpec(name=name) for name in names], limits=None) as emulator:
        command.on(emulator)
        listed = command("list", "-o", "name")
        assert (listed.returncode, listed.stdout) == (2, "")
        assert said in listed.stderr
        assert listed.stderr.endswith("Pass --output id\n")
        ids = command("list", "-o", "id")
        assert ids.stdout.split() == [str(FIRST + number) for number in range(len(names))]


@given(st.lists(st.from_regex(r"[a-z0-9.,-]{1,6}|id|\\[7\\]|7 8", fullmatch=True), max_size=4))
def test_allowed_names_are_read_as_themselves_or_refused(names: list[str]) -> None:
    droplets = [Droplet(id=number, name=name, status="active") for number, name in enumerate(names, 1)]
    try:
        check_names(droplets)
        read = parse_droplets(["@-"], lambda _: "\n".join(names))
    except UsageError:
        return
    assert read == tuple(dict.fromkeys(names))


def test_what_a_run_starts_is_waited_for(command: Command) -> None:
    with Emulator(SPECS[:2], limits=None, time_scale=600) as emulator:
        command.on(emulator)
        for form in ("json", "jsonl"):
            started = command("act", "power-off", FIRST, 99, "--no-wait", "-o", form, "--yes")
            waited = command("wait", "-", "-o", "jsonl", given=started.stdout)
            assert "not waited for: Droplet 99: no action (failed)" in waited.stderr
            assert waited.returncode == 1
            command("power-on", FIRST)
        assert len(waited.stdout.splitlines()) == 1


def test_token_comes_from_standard_input(command: Command) -> None:
    with Emulator(SPECS, limits=None) as emulator:
        command.on(emulator, token="wrong")
        ended = command("list", "--token-file", "-", "-o", "id", given=f"{emulator.token}\n")
        assert ended.returncode == 0, ended.stderr
        ended = command("list", "--token-file", "-", given="")
        assert ended.returncode == 2
        assert "--token-file: expected the token and nothing else, but standard input is empty" in ended.stderr
