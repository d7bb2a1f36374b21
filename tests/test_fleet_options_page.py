"""The options of a fleet run are described once: in the page, in the help of the command, and nowhere by hand."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, get_args, get_type_hints

import attrs
import pytest

from gradient_async.cli.options import FleetArguments, ResumeLimits
from gradient_async.cli.options import RunOptions as TypedOptions
from gradient_async.fleet.option_texts import DEFAULTS, TEXTS
from gradient_async.fleet.options import DEFAULT_CONCURRENCY, OPTIONS, RunOptions

pytestmark = pytest.mark.once

SCRIPT = Path(__file__).parents[1] / "docs" / "write_fleet_options.py"
spec = importlib.util.spec_from_file_location(SCRIPT.stem, SCRIPT)
assert spec is not None
assert spec.loader is not None
table = importlib.util.module_from_spec(spec)
spec.loader.exec_module(table)


def helps(arguments: Any) -> dict[str, str]:
    hints = get_type_hints(arguments, include_extras=True)
    found = {name: [one.help for one in get_args(hint)[1:] if one.help] for name, hint in hints.items()}
    return {name: texts[0] for name, texts in found.items() if texts}


def test_page_has_the_table_that_the_options_make() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    assert page == table.page_with(table.text()), "run: python docs/write_fleet_options.py"


def test_page_names_every_option_and_its_text() -> None:
    page = table.PAGE.read_text(encoding="utf-8")
    assert len(OPTIONS) >= 19
    for name, option in OPTIONS.items():
        assert f"| `{name}` |" in page
        assert option.text in page


def test_every_text_belongs_to_an_option() -> None:
    assert TEXTS.keys() == OPTIONS.keys()
    assert {name: option.text for name, option in OPTIONS.items()} == dict(TEXTS)


def test_defaults_are_shown_where_the_default_is_none() -> None:
    silent = {one.name for one in attrs.fields(RunOptions) if one.default is None}
    assert DEFAULTS.keys() <= silent
    assert DEFAULTS["max_concurrency"] == f"{DEFAULT_CONCURRENCY:,}"
    assert f"{RunOptions().action_timeout_of('reboot') / 60:g}m" in DEFAULTS["action_timeout"]
    for long_action in ("snapshot", "restore", "rebuild", "resize"):
        assert long_action in DEFAULTS["action_timeout"]
        assert f"{RunOptions().action_timeout_of(long_action) / 3600:g}h" in DEFAULTS["action_timeout"]


def test_help_of_the_command_begins_with_the_text() -> None:
    flags = {name if option.flag is None else option.flag: name for name, option in OPTIONS.items()}
    run, droplets, limits = helps(TypedOptions), helps(FleetArguments), helps(ResumeLimits)
    typed = {**run, **droplets}
    for flag, name in flags.items():
        if flag:
            assert typed[flag].startswith(TEXTS[name])
    assert limits
    for name, text in limits.items():
        assert text.startswith(TEXTS[name])
