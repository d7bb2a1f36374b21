"""Names, tags and messages with terminal controls: every command shows them as escapes."""

from __future__ import annotations

import json
import re
import sys
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from command import FIRST, Terminal
from gradient_async.cli.printable import printable, printable_json, printable_lines
from gradient_async.emulator import DropletSpec, Emulator, faults

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from command import Command
    from gradient_async.emulator.wire import JSONObject

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

TITLE = "\x1b]0;owned\x07"
CLIPBOARD = "\x1b]52;c;ZXZpbA==\x1b\\"
BIDI = "\u202eevil\u2066\u200f\u061c"
INVISIBLE = "\u200b\u2060\ufeff\U000e0041\ufe0f\u3164"
HOSTILE = (
    f"a{TITLE}{CLIPBOARD}\x1b[2J\x9b2J\x7f{BIDI}{INVISIBLE}\u2028\u2029\x85\r\nFAKE[red]r[/red][link=http://x]:smile:"
)
SHOWN = r"a\x1b]0;owned\x07\x1b]52;c;ZXZpbA==\x1b\\x1b[2J\x9b2J\x7f\u202eevil\u2066\u200f\u061c"
# Controls that the command itself writes on a terminal: colours, and those of the live bar.
_OWN = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\d*[AK]|\x1b\[\?25[lh]|\r(?!F)")
_HARMFUL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe0f\ufeff\u3164]")


@attrs.frozen
class HostileNames(faults.BodyFault):
    """Makes each free text of a Droplet or action hostile."""

    def changed(self, key: str, fields: JSONObject) -> JSONObject:
        if key == "droplet":
            return {
                **fields,
                "name": HOSTILE,
                "tags": [*fields["tags"], HOSTILE],
                "size_slug": HOSTILE,
                "region": {"slug": HOSTILE, "name": HOSTILE},
                "image": {"id": 7, "slug": HOSTILE, "name": HOSTILE},
                "features": [HOSTILE],
            }
        return {**fields, "type": HOSTILE, "region_slug": HOSTILE} if key == "action" else fields


def said_no(**where: Any) -> faults.ServerError:
    return faults.ServerError(status=422, id=HOSTILE, message=HOSTILE, **where)


def is_harmless(text: str, *, on_terminal: bool = False) -> bool:
    """Return whether a text has no hostile characters and no forged lines."""
    assert on_terminal or "\nFAKE" not in text
    assert "\x1b[2J" not in text
    return _HARMFUL.search(_OWN.sub("", text) if on_terminal else text) is None


def strings_in(value: object) -> Iterator[str]:
    match value:
        case str():
            yield value
        case dict():
            for one in value.values():
                yield from strings_in(one)
        case list():
            for one in value:
                yield from strings_in(one)


# --- the function ---


@pytest.mark.parametrize(
    "letter",
    [*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA1)), *sorted(set(BIDI) - set("evil")), *INVISIBLE, "\ud800"],
)
def test_letter_is_an_escape_when_it_is_not_visible(letter: str) -> None:
    escaped = printable(f"a{letter}b")
    assert escaped[0] + escaped[-1] == "ab"
    assert escaped[1] == "\\"
    assert escaped.isascii()


@given(st.text(st.characters()) | st.text(st.sampled_from(HOSTILE + "\ud800\udfff")))
def test_text_is_one_harmless_line(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert printable(shown) == shown
    assert len(shown.splitlines()) <= 1
    assert printable_lines(f"{text}\n\t{text}").replace("\n", "").replace("\t", "").isprintable()


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_common_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


def test_letters_of_all_scripts_stay_as_they_are() -> None:
    text = "Trainer-\u00e4\u00f6 \u8a13\u7df4 \u043e\u0431\u0443\u0447\u0435\u043d\u0438\u0435 \u05d0\u05d1 \U0001f600"
    assert printable(text) == text


@given(st.text(st.characters()) | st.text(st.sampled_from(HOSTILE)))
def test_json_is_ascii_and_means_the_same(text: str) -> None:
    written = printable_json(json.dumps({text: text}))
    assert written.isascii()
    assert written.isprintable()
    assert json.loads(written) == {text: text}


# --- every command, where its output is piped ---

ACTS: dict[str, tuple[object, ...]] = {
    "reboot": (),
    "power-cycle": (),
    "shutdown": (),
    "power-off": (),
    "power-on": (),
    "snapshot": (),
    "resize": ("--size", "gpu-h100x8-640gb"),
    "rebuild": ("--image", "gpu-h100x1-base"),
    "restore": ("--image", 7),
    "rename": ("--name", "trainer"),
    "password-reset": (),
    "enable-ipv6": (),
    "enable-backups": (),
    "disable-backups": (),
    "change-backup-policy": ("--plan", "daily"),
    "change-kernel": ("--kernel", 7),
}


@pytest.fixture
def hostile(monkeypatch: pytest.MonkeyPatch) -> Iterator[Emulator]:
    """An account with hostile texts everywhere. It refuses each action with one."""
    both = [HostileNames(), said_no(route="POST *")]
    with Emulator([DropletSpec(name="a", tags=("t",))] * 2, limits=None, faults=both) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        yield emulator


@pytest.mark.parametrize("output", ["table", "json", "jsonl"])
@pytest.mark.parametrize("words", [["list"], ["show", FIRST], ["actions"], ["actions", FIRST], ["rate-limit"]], ids=str)
def test_reads_show_escapes(typed: Typed, hostile: Emulator, words: list[object], output: str) -> None:
    assert hostile
    code, result, errors = typed(*words, "--output", output)
    assert (code, errors) == (0, "")
    assert is_harmless(result)
    if output == "table":
        assert words == ["rate-limit"] or SHOWN in result
    else:
        documents = [result] if output == "json" else result.splitlines()
        assert words == ["rate-limit"] or HOSTILE in {text for one in documents for text in strings_in(json.loads(one))}


@pytest.mark.parametrize("output", ["table", "json", "jsonl"])
@pytest.mark.parametrize("name", ACTS)
def test_runs_show_escapes_when_the_api_refuses(typed: Typed, hostile: Emulator, name: str, output: str) -> None:
    assert hostile
    for words in ([name, FIRST], ["act", name, FIRST]):
        extra = ("--name", "n") if words[0] == "act" and name == "snapshot" else ACTS[name]
        code, result, errors = typed(*words, *extra, "--yes", "--output", output)
        assert code in {0, 1}, errors
        assert is_harmless(result + errors)
        if code == 1:
            assert r"\x1b" in errors
        if output != "table":
            documents = [result] if output == "json" else result.splitlines()
            assert [json.loads(one) for one in documents]


def test_lists_of_names_have_a_line_for_each(typed: Typed, hostile: Emulator) -> None:
    assert hostile
    code, result, _ = typed("list", "--output", "name")
    assert (code, result.count("\n")) == (0, 2)
    assert is_harmless(result)


def test_journal_shows_escapes(typed: Typed, hostile: Emulator, tmp_path: Path) -> None:
    assert hostile
    path = tmp_path / HOSTILE.replace("/", "")[:60]
    assert typed("reboot", FIRST, "--journal", path)[0] == 1
    for words in (["journal", "show", path], ["resume", path, "--dry-run"], ["resume", path]):
        _, result, errors = typed(*words)
        assert is_harmless(result + errors), words


def test_errors_show_escapes(typed: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator(1, limits=None, faults=[said_no()]) as emulator:
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        for words in (["list"], ["show", FIRST], ["actions"], ["wait", 7], ["rate-limit"], ["reboot", "--tag", "t"]):
            for debug in ([], ["--debug"]):
                code, result, errors = typed(*words, *debug)
                assert (code, result) == (1, ""), words
                assert r"\x1b]0;owned\x07" in errors
                assert debug or is_harmless(errors), "a traceback has lines"
                assert "\x1b" not in errors


def test_what_was_typed_is_shown_as_escapes(typed: Typed, hostile: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    name = HOSTILE.replace("/", "")[:60]
    for words in (
        [name],
        ["reboot", name],
        ["reboot", f"@{name}"],
        ["list", f"--{name}"],
        ["list", "--tag", name],
        ["list", "--token-file", name],
        ["list", "--context", name],
        ["reboot", "--tag", name],
        ["reboot", "--tag", name, "--dry-run"],
        ["shutdown", "--tag", name, "--by-tag", "--dry-run"],
        ["rebuild", "--tag", name, "--image", name],
        ["reboot", 1, "--journal", f"{name}/{name}"],
        ["reboot", 1, "--report", f"{name}/{name}.svg"],
        ["resume", name],
        ["reboot", 1, "--health-check", name],
    ):
        monkeypatch.setattr("sys.stdin", None)
        _, result, errors = typed(*words)
        assert is_harmless(result + errors), words
    assert hostile


def test_warnings_of_other_packages_are_shown_as_escapes(command: Command) -> None:
    import subprocess

    code = (
        "import logging, sys, warnings\n"
        "from gradient_async.cli.screen import Screen\n"
        "Screen()\n"
        "warnings.simplefilter('always')\n"
        f"text = {HOSTILE!r}\n"
        "warnings.warn(text)\n"
        "logging.getLogger('asyncio').error(text)\n"
        "raise RuntimeError(text)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, env=command.environment, check=False)
    assert ended.stderr.count(rb"\x1b]0;owned\x07") == 3
    assert b"\x1b" not in ended.stderr


def test_picture_is_well_formed_when_messages_are_hostile(typed: Typed, tmp_path: Path) -> None:
    from xml.etree import ElementTree as ET

    refused = said_no(route="POST *")
    with Emulator(1, limits=None, faults=[refused]) as emulator:
        (tmp_path / "token").write_text(emulator.token)
        words = ("reboot", FIRST, "--base-url", emulator.base_url, "--token-file", "token")
        for name in ("run.svg", "run.html"):
            assert typed(*words, "--report", name)[0] == 1
            text = (tmp_path / name).read_text(encoding="utf-8")
            assert "owned" in text
            assert _HARMFUL.search(text) is None
        ET.fromstring((tmp_path / "run.svg").read_text(encoding="utf-8"))


# --- on a terminal ---

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such terminals")


@posix
@pytest.mark.once
@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["list"], None),
        (["show", FIRST], None),
        (["actions", FIRST], None),
        (["reboot", FIRST, FIRST + 1], None),
        (["reboot", "--tag", HOSTILE.replace("\n", "")[:60], "--dry-run"], None),
        (["rebuild", "--tag", "t", "--image", "7"], "y\r"),
    ],
    ids=str,
)
def test_terminal_gets_escapes(command: Command, words: list[object], answer: str | None) -> None:
    both = [HostileNames(), said_no(route="POST *")]
    with Emulator([DropletSpec(name="a", tags=("t",))] * 2, limits=None, faults=both) as emulator:
        command.on(emulator)
        terminal = Terminal(command, *words)
        if answer is not None:
            terminal.read_until("[y/N]")
            terminal.type(answer)
        terminal.ended()
        assert is_harmless(terminal.output, on_terminal=True)
