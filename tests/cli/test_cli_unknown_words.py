"""Errors about unknown verbs and options: a suggestion is near in meaning, and never destructive."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import pytest

from gradient_async.cli.application import application

if TYPE_CHECKING:
    from collections.abc import Callable

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.once

HELP = "gpu-droplets --help lists the verbs"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("restart 1", f"there is no verb 'restart'. Did you mean 'reboot'? {HELP}"),
        ("reset 1", f"there is no verb 'reset'. Did you mean 'reboot'? {HELP}"),
        ("rebot 1", f"there is no verb 'rebot'. Did you mean 'reboot'? {HELP}"),
        ("power_of 1", f"there is no verb 'power_of'. Did you mean 'power-off'? {HELP}"),
        ("restor 1", f"there is no verb 'restor'. {HELP}"),
        ("frobnicate", f"there is no verb 'frobnicate'. {HELP}"),
        ("act restart 1", "there is no verb 'restart'. Did you mean 'reboot'? gpu-droplets act --help lists the verbs"),
        ("--tag t", f"expected a verb first, got the option --tag: gpu-droplets VERB --tag. {HELP}"),
        ("reboot --all", "there is no option --all: name the Droplets, or pass --tag TAG. gpu-droplets reboot --help"),
        ("reboot 1 --batchsize 3", "there is no option --batchsize. Did you mean --batch-size? gpu-droplets reboot"),
        ("resize 1 --size s --dsk", "there is no option --dsk. gpu-droplets resize --help lists the options"),
        ("reboot 1 --on-busy waits", 'Choose from: "wait", "fail", "skip".'),
        ("keys show -- --yes --base-url X", "--base-url is an option, but it is after --, where every word is taken"),
        ("sizes create", "'create': gpu-droplets sizes cannot create. gpu-droplets sizes --help lists the verbs"),
        ("load-balancers new", "'new': gpu-droplets load-balancers cannot create. gpu-droplets load-balancers --help"),
        ("regions rm x", "'rm': gpu-droplets regions cannot delete. gpu-droplets regions --help lists the verbs"),
        ("wak 1", f"there is no verb 'wak'. Did you mean 'wake'? {HELP}"),
        ("launch", f"there is no verb 'launch'. Did you mean 'create'? {HELP}"),
        (
            "tags create x",
            "x is not taken there: pass it as --name x. gpu-droplets tags create --help describes",
        ),
        ("volumes attach data 7 --debug", "7 is not taken there: pass it as --droplet 7. gpu-droplets volumes attach"),
        ("tags create --nam x", "there is no option --nam. Did you mean --name? gpu-droplets tags create --help"),
        (
            "volumes create --region nyc3 --name",
            "--name requires an argument: gpu-droplets volumes create --name",
        ),
        ("tags create", "--name is missing: gpu-droplets tags create --name NAME."),
        ("show 1 2", "gpu-droplets show takes no '2' there."),
    ],
)
def test_unknown_word_is_refused_with_what_may_be_meant(typed: Typed, words: str, expected: str) -> None:
    code, output, errors = typed(*words.split())
    assert (code, output) == (2, "")
    assert expected in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize("verb", ["delete", "rm", "terminate", "remove", "kill"])
def test_message_names_the_verb_that_was_meant_by_a_synonym(typed: Typed, verb: str) -> None:
    code, _, errors = typed(verb, "1")
    assert (code, errors) == (2, f"error: there is no verb '{verb}'. Did you mean 'destroy'? {HELP}\n")


def test_nothing_destructive_is_ever_suggested(typed: Typed) -> None:
    for verb in application():
        for cut in range(3, len(verb)):
            _, _, errors = typed(f"{verb[:cut]}x{verb[cut:]}", "1")
            suggested = re.search(r"Did you mean '(.*?)'", errors)
            destructive = {"restore", "rebuild", "password-reset", "destroy", "reap", "hibernate"}
            assert suggested is None or suggested[1] not in destructive, errors
