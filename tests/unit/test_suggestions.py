"""The suggestions of error messages for an unknown word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradient_async.models.action_types import ACTION_TYPES
from gradient_async.suggestions import DESTRUCTIVE, did_you_mean, suggest

pytestmark = pytest.mark.once

VERBS = (
    *("list", "get", "reboot", "power-cycle", "power-on", "power-off", "snapshot", "resize", "run", "resume", "wait"),
    *("rate", "sizes", "emulate", "restore", "rebuild", "password-reset"),
)
OPTIONS = ("--tag", "--type", "--max-errors", "--batch-size", "--max-concurrency", "--wait", "--no-wait", "--yes")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("rebot", "reboot"),
        ("reboto", "reboot"),
        ("Reboot", "reboot"),
        ("restart", "reboot"),
        ("reset", "reboot"),
        ("power-cycle", "power_cycle"),
        ("powercycle", "power_cycle"),
        ("Power Off", "power_off"),
        ("power_of", "power_off"),
        ("stop", "shutdown"),
        ("halt", "shutdown"),
        ("start", "power_on"),
        ("boot", "power_on"),
        ("snap", "snapshot"),
        ("snapshoot", "snapshot"),
        ("backup", "snapshot"),
        ("kernel", "change_kernel"),
        ("enable_backup", "enable_backups"),
        ("disable_backup", "disable_backups"),
        # Written in full but for case and dashes, it is no suggestion of ours.
        ("Rebuild", "rebuild"),
        ("password-reset", "password_reset"),
    ],
)
def test_type_is_suggested_when_a_word_is_near_it(word: str, meant: str) -> None:
    assert suggest(word, ACTION_TYPES) == meant


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("restart", "reboot"),
        ("stop", "power-off"),
        ("shutdown", "power-off"),
        ("power_cycle", "power-cycle"),
        ("ls", "list"),
        ("show", "get"),
        ("continue", "resume"),
    ],
)
def test_verb_is_suggested_in_its_own_spelling(word: str, meant: str) -> None:
    assert suggest(word, VERBS) == meant


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("--batchsize", "--batch-size"),
        ("--max_errors", "--max-errors"),
        ("--concurrency", "--max-concurrency"),
        ("--tags", "--tag"),
        ("--all", None),
    ],
)
def test_option_is_suggested_only_when_it_is_near(word: str, meant: str | None) -> None:
    assert suggest(word, OPTIONS) == meant


@pytest.mark.parametrize(
    "word", ["delete", "destroy", "rm", "power", "res", "reb", "rebuilt", "restor", "password", "", "-", "x", "all"]
)
@pytest.mark.parametrize("known", [tuple(ACTION_TYPES), VERBS], ids=["types", "verbs"])
def test_nothing_is_suggested_when_a_word_is_not_clear(word: str, known: tuple[str, ...]) -> None:
    assert suggest(word, known) is None


@given(st.one_of(st.text(), st.sampled_from(["resto", "rebui", "passw", "restart", "destroy"])), st.text())
def test_no_destructive_action_is_suggested_for_another_word(head: str, tail: str) -> None:
    meant = suggest(head + tail, ACTION_TYPES)
    typed = (head + tail).replace("-", "").replace("_", "").replace(" ", "").lower()
    assert meant not in DESTRUCTIVE or "".join(typed.split()) == meant.replace("_", "")


def test_own_list_is_kept_out_when_it_is_given() -> None:
    assert suggest("reboo", ACTION_TYPES, never={"reboot"}) is None
    assert suggest("restor", ACTION_TYPES, never=()) == "restore"


def test_sentence_is_empty_when_nothing_is_suggested() -> None:
    assert did_you_mean("restart", ACTION_TYPES) == " Did you mean 'reboot'?"
    assert did_you_mean("delete", ACTION_TYPES) == ""
