from __future__ import annotations

import textwrap
import tomllib
from pathlib import Path

import pytest
from mutations import applied, diff_of, line_of, mutations_of
from targets import TARGETS, targets_of

from gradient_async import __file__ as package_file

PACKAGE = Path(package_file).parent


def module(body: str) -> str:
    return f"def f(a, b):\n{textwrap.indent(textwrap.dedent(body), '    ')}\n"


@pytest.mark.parametrize(
    ("body", "change", "expected"),
    [
        ("return a < b", "< → <=", "return (a <= b)"),
        ("return a not in b", "not in → in", "return (a in b)"),
        ("return a is None", "is → is not", "return (a is not None)"),
        ("return a or b", "or → and", "return (a and b)"),
        ("return not a", "not x → x", "return (a)"),
        ("return a - b", "- → +", "return (a + b)"),
        ("return max(a, b)", "max → min", "return (min(a, b))"),
        ("return a if b else 0", "a if c else b → b if c else a", "return (0 if b else a)"),
        ("return a[1]", "1 → 2", "return a[2]"),
        ("return True", "True → False", "return False"),
        ("a += b", "+ → -", "a -= b"),
        ("while a:\n    break", "break → continue", "while a:\n    continue"),
        ("a(b)", "statement → pass", "pass"),
        ("é = 'ü' if a == b else 'x'", "== → !=", "é = 'ü' if (a != b) else 'x'"),
    ],
)
def test_mutation_changes_one_place(body: str, change: str, expected: str) -> None:
    source = module(body)
    (mutation,) = (one for one in mutations_of(source) if one.change == change)
    assert applied(source, mutation) == module(expected)


@pytest.mark.parametrize(
    "source",
    [
        "LIMIT = 3 + 4\n",
        "def f(a: int = 1 + 2) -> None:\n    '''Say 1 < 2.'''\n",
        "def f(a):\n    return f'{a + 1}'\n",
        "def f(a):\n    b: 'int | None' = a\n    assert a is not None\n",
        "@g(1 + 2)\ndef f(a):\n    return a\n",
    ],
    ids=["constant", "default and docstring", "f-string", "annotation and assert", "decorator"],
)
def test_nothing_is_changed_that_is_no_decision(source: str) -> None:
    assert mutations_of(source) == []


def test_each_mutant_of_a_real_module_is_another_program() -> None:
    source = PACKAGE.joinpath("settings.py").read_text(encoding="utf-8")
    mutations = mutations_of(source)
    assert len(mutations) > 50
    mutants = {applied(source, mutation) for mutation in mutations}
    assert len(mutants) == len(mutations)
    assert source not in mutants
    for mutant in mutants:
        compile(mutant, "settings.py", "exec")


def test_diff_and_line_show_the_place() -> None:
    source = module("b = 1\nreturn a or b")
    (mutation,) = (one for one in mutations_of(source) if one.change == "or → and")
    assert (mutation.line, line_of(source, mutation)) == (3, "return a or b")
    assert diff_of(source, mutation, "m.py").splitlines()[-2:] == ["-    return a or b", "+    return (a and b)"]


def test_targets_are_those_of_the_longest_prefix() -> None:
    assert targets_of("http/reader.py")[0] == "unit/test_reader.py"
    assert targets_of("http/new.py") == tuple(dict.fromkeys(TARGETS["http/"]))


def test_every_target_is_there() -> None:
    """A renamed test or module must be renamed here too, or it would be left out in silence."""
    tests = Path(__file__).parents[1]
    modules = [path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py")]
    assert {one for paths in TARGETS.values() for one in paths if not (tests / one).exists()} == set()
    assert {prefix for prefix in TARGETS if not any(module.startswith(prefix) for module in modules)} == set()


def test_every_equivalent_mutant_is_still_there() -> None:
    content = tomllib.loads(Path(__file__).with_name("equivalent.toml").read_text(encoding="utf-8"))
    for one in content.get("equivalent", []):
        source = PACKAGE.joinpath(one["module"]).read_text(encoding="utf-8")
        found = {(line_of(source, mutation), mutation.change) for mutation in mutations_of(source)}
        assert (one["line"], one["change"]) in found, one
        assert len(one["reason"]) > 20, one
