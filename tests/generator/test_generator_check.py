from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from source_tree import COMMAND

if TYPE_CHECKING:
    from source_tree import Ending, Tree

pytestmark = pytest.mark.once

SYNC_ACTIONS = "gradient_sync/resources/droplet_actions.py"
ASYNC_ACTIONS = "gradient_async/resources/droplet_actions.py"
RAW = "gradient_async/resources/generated/droplet_actions.py"
SYNC_RAW = "gradient_sync/resources/generated/droplet_actions.py"
RULES = "generator/rules.py"


def assert_refused(ended: Ending, *said: str) -> None:
    assert ended.exit_code == 1
    for text in said:
        assert text in ended.errors
    assert f"run: {COMMAND}" in ended.errors


def assert_no_rule(ended: Ending, *said: str) -> None:
    """Check that the source itself is refused, without a command to run."""
    assert ended.exit_code == 2
    for text in said:
        assert text in ended.errors
    assert ended.errors.startswith(COMMAND)
    assert "Traceback" not in ended.errors


def test_check_passes_on_the_project(project: Tree) -> None:
    ended = project.generate("--check")
    assert (ended.exit_code, ended.output, ended.errors) == (0, "", "")


def test_check_passes_on_an_untouched_copy(tree: Tree) -> None:
    assert tree.generate("--check").exit_code == 0


def test_check_fails_when_any_generated_file_is_missing(tree: Tree) -> None:
    names = tree.generated()
    assert len(names) >= 7
    for name in names:
        tree.path(name).unlink()
    assert_refused(tree.generate("--check"), *(f"missing: {name}" for name in names))


def test_check_fails_when_a_single_file_is_missing(tree: Tree) -> None:
    tree.path(RAW).unlink()
    ended = tree.generate("--check")
    assert ended.exit_code == 1
    assert ended.errors.splitlines() == [f"missing: {RAW}", f"run: {COMMAND}"]


TOUCHES = {
    "code appended": lambda text: text + "\n\ndef extra() -> None:\n    pass\n",
    "newline appended": lambda text: text + "\n",
    "end cut off": lambda text: text.rstrip("\n"),
    "spaces edited": lambda text: text.replace("\n", " \n", 1),
    "header edited": lambda text: text.replace("# Generated from", "# generated from", 1),
    "emptied": lambda _: "",
}


def test_check_fails_when_generated_files_were_changed(tree: Tree) -> None:
    names = tree.generated()
    touched = dict(zip(names, TOUCHES, strict=False))
    assert len(touched) == len(TOUCHES)
    for name, touch in touched.items():
        tree.write(name, TOUCHES[touch](tree.read(name)))
    ended = tree.generate("--check")
    assert_refused(ended, *(f"stale: {name}" for name in touched))
    assert not any(name in ended.errors for name in set(names) - set(touched))


def test_check_fails_when_code_was_appended_to_a_single_file(tree: Tree) -> None:
    tree.write(SYNC_ACTIONS, TOUCHES["code appended"](tree.read(SYNC_ACTIONS)))
    ended = tree.generate("--check")
    assert ended.exit_code == 1
    assert ended.errors.splitlines() == [f"stale: {SYNC_ACTIONS}", f"run: {COMMAND}"]


def test_check_fails_when_files_are_left_over(tree: Tree) -> None:
    names = ["gradient_sync/leftover.py", "gradient_sync/resources/attic.py", "gradient_sync/attic/__init__.py"]
    for name in names:
        tree.write(name, "# Generated from somewhere\n")
    assert_refused(tree.generate("--check"), *(f"left over: {name}" for name in names))


SOURCE_CHANGES = {
    "docstrings": [
        (ASYNC_ACTIONS, '"""Start an action on one Droplet, once.', '"""Start one action.', [SYNC_ACTIONS]),
        ("gradient_async/client.py", 'droplet_id=3164444, type="reboot"', "droplet_id=1", ["gradient_sync/client.py"]),
        (
            "gradient_async/resources/actions.py",
            '"""Read one page of actions, newest first.',
            '"""Read one page of events.',
            ["gradient_sync/resources/actions.py"],
        ),
    ],
    "parameters": [
        (
            ASYNC_ACTIONS,
            "self, action_id: int, *, droplet_id: int, **options",
            "self, action_id: int, *, droplet_id: int, verbose: bool = False, **options",
            [SYNC_ACTIONS, RAW, SYNC_RAW],
        ),
        (
            "gradient_async/client.py",
            "max_retries: int | None = None",
            "max_retries: int = 1",
            ["gradient_sync/client.py"],
        ),
    ],
    "a default": [(ASYNC_ACTIONS, "force_timeout: float = 60.0", "force_timeout: float = 61.0", [SYNC_ACTIONS])],
    "an overload": [(ASYNC_ACTIONS, 'type: Literal["restore"]', 'type: Literal["revert"]', [SYNC_ACTIONS, RAW])],
    "names": [
        (ASYNC_ACTIONS, "async def power_off_gracefully(", "async def power_off_softly(", [SYNC_ACTIONS]),
        (
            "gradient_async/client.py",
            "def actions(self) -> Actions:",
            "def account(self) -> Actions:",
            ["gradient_sync/client.py"],
        ),
        (
            "gradient_async/models/size.py",
            "class Amount(Model):",
            "class Quantity(Model):",
            ["gradient_async/__init__.py", "gradient_sync/__init__.py", "docs/api/models.md"],
        ),
    ],
}


@pytest.mark.parametrize("what", SOURCE_CHANGES)
def test_check_fails_when_the_source_was_changed(tree: Tree, what: str) -> None:
    for name, old, new, _ in SOURCE_CHANGES[what]:
        tree.replace(name, old, new)
    stale = {one for *_, files in SOURCE_CHANGES[what] for one in files}
    assert_refused(tree.generate("--check"), *(f"stale: {one}" for one in stale))


def test_check_passes_when_the_named_command_was_run(tree: Tree) -> None:
    for name, old, new, _ in (change for changes in SOURCE_CHANGES.values() for change in changes):
        tree.replace(name, old, new)
    assert tree.generate().exit_code == 0
    assert tree.generate("--check").exit_code == 0
    assert '"""Start one action.' in tree.read(SYNC_ACTIONS)
    assert "verbose=verbose" in tree.read(SYNC_ACTIONS)


def test_check_writes_nothing(tree: Tree) -> None:
    tree.write(SYNC_ACTIONS, "")
    tree.write("gradient_sync/leftover.py", "")
    tree.path(RAW).unlink()
    before = tree.files()
    tree.generate("--check")
    assert tree.files() == before


def test_command_repairs_everything_and_nothing_else(tree: Tree) -> None:
    before = tree.files()
    tree.write(SYNC_ACTIONS, "")
    tree.write("gradient_sync/leftover.py", "")
    tree.path("gradient_sync/client.py").unlink()
    tree.path(RAW).unlink()
    ended = tree.generate()
    assert (ended.exit_code, ended.errors) == (0, "")
    assert tree.files() == before


# --- the formatter ---


@pytest.mark.parametrize("arguments", [[], ["--check"]])
def test_missing_formatter_is_reported_and_nothing_written(tree: Tree, arguments: list[str]) -> None:
    tree.write("pyproject.toml", re.sub(r"ruff==[\d.]+", "ruff==0.0.1", tree.read("pyproject.toml")))
    tree.write(SYNC_ACTIONS, "")
    before = tree.files()
    ended = tree.generate(*arguments)
    assert ended.exit_code == 3
    assert ended.errors.startswith(f"{COMMAND}: the pinned ruff==0.0.1 is missing (")
    assert "Install it: python -m pip install ruff==0.0.1" in ended.errors
    assert "stale" not in ended.errors
    assert tree.files() == before


# --- constructs without a rule ---


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "async def retrieve(\n        self, action_id: int, *, droplet_id",
            "async def retrieve(\n        self, *action_ids: int, droplet_id",
            "*parameters",
        ),
        (
            "async def retrieve(\n        self, action_id: int,",
            "async def retrieve(\n        self, action_id: int, /,",
            "positional-only",
        ),
        (
            "async def retrieve(\n        self, action_id: int,",
            "async def retrieve(\n        self, action_id,",
            "action_id has no annotation",
        ),
    ],
    ids=["*args", "positional-only", "no annotation"],
)
def test_construct_is_refused_when_there_is_no_rule_for_it(tree: Tree, old: str, new: str, said: str) -> None:
    tree.replace(ASYNC_ACTIONS, old, new)
    assert_no_rule(tree.generate("--check"), f"{ASYNC_ACTIONS}:", said)


def test_nothing_is_written_when_there_is_no_rule(tree: Tree) -> None:
    tree.replace(ASYNC_ACTIONS, "self, action_id: int, *, droplet_id", "self, *action_ids: int, droplet_id")
    before = tree.files()
    assert_no_rule(tree.generate(), f"{ASYNC_ACTIONS}:")
    assert tree.files() == before


@pytest.mark.parametrize(
    "method",
    [
        "    async def stream(self) -> AsyncIterator[Action]:\n        yield\n",
        "    @classmethod\n    async def connect(cls, address: str) -> int:\n        return 1\n",
        "    @property\n    async def count(self) -> int:\n        return 1\n",
        "    async def __aiter__(self) -> AsyncIterator[Action]:\n        return self\n",
        "    def session(self) -> AsyncContextManager[int]:\n        return self\n",
        "    class Inner:\n        async def m(self) -> None: ...\n",
    ],
    ids=[
        "async generator",
        "classmethod",
        "async property",
        "async special method",
        "context manager",
        "inner class",
    ],
)
def test_kind_of_method_is_refused_when_there_is_no_rule_for_it(tree: Tree, method: str) -> None:
    # The module ends with its class.
    tree.write(ASYNC_ACTIONS, f"{tree.read(ASYNC_ACTIONS)}\n{method}")
    assert method in tree.read(ASYNC_ACTIONS)
    assert_no_rule(tree.generate("--check"), ASYNC_ACTIONS)


def test_public_function_is_refused_when_it_is_async(tree: Tree) -> None:
    tree.write(
        "gradient_async/discovery.py",
        'from __future__ import annotations\n\n\nasync def discover() -> int:\n    """Find."""\n    return 1\n',
    )
    chosen = "CHOSEN: Final[Mapping[str, tuple[str, ...]]] = {"
    tree.replace("generator/exports.py", chosen, f'{chosen}\n    f"{{SOURCE}}.discovery": ("discover",),')
    assert_no_rule(tree.generate("--check"), "discover")


def test_name_is_refused_when_its_module_has_none_of_it(tree: Tree) -> None:
    tree.replace("generator/exports.py", '("FleetReport",)', '("FleetReport", "FleetPicture")')
    assert_no_rule(tree.generate("--check"), "FleetPicture")


def test_rules_are_refused_when_nothing_uses_them(tree: Tree) -> None:
    unused = {
        "RENAMED_METHODS": ("__anext__", '"__anext__": "__next__", '),
        "RENAMED_TYPES": ("AsyncContextManager", '"AsyncContextManager": "ContextManager", '),
        "RENAMED_CLASSES": ("AsyncFleet", '"AsyncFleet": "Fleet", '),
        "SHARED": ("Journal", '"Journal", '),
        "EXAMPLE_RULES": ("anext(", '"anext(": "next(", '),
    }
    for table, (_, entry) in unused.items():
        tree.replace(RULES, f"{table}: Final = {{", f"{table}: Final = {{{entry}")
    assert_no_rule(tree.generate("--check"), "rules without a use: ", *(rule for rule, _ in unused.values()))


def test_rule_is_refused_when_it_alone_has_no_use(tree: Tree) -> None:
    tree.replace(RULES, "SHARED: Final = {", 'SHARED: Final = {"Journal", ')
    assert_no_rule(tree.generate("--check"), "rules without a use: Journal\n")


def test_rule_is_refused_when_the_last_use_of_it_is_gone(tree: Tree) -> None:
    for path in ("client.py", "fleet/fleet.py", "resources/account_keys.py", "resources/sizes.py"):
        tree.replace(
            f"gradient_async/{path}",
            ">>> async with AsyncGradientAI() as client:\n",
            ">>> client = AsyncGradientAI()\n",
        )
    assert_no_rule(tree.generate("--check"), "rules without a use: async with")


def test_syntax_error_in_the_source_does_not_pass(tree: Tree) -> None:
    tree.replace(ASYNC_ACTIONS, "class DropletActions(Gen", "class DropletActions((Gen")
    before = tree.files()
    assert tree.generate().exit_code != 0
    assert tree.files() == before
