from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from source_tree import COMMAND, SINGLE_FILES

if TYPE_CHECKING:
    from source_tree import Tree

# Each starts some processes, which take a minute on a busy machine.
pytestmark = [pytest.mark.once, pytest.mark.timeout(180)]

PYTHON_FILES = {name for name in SINGLE_FILES if name.endswith(".py")}
HAND_WRITTEN = ("gradient_sync/_event_loop/", "gradient_sync/_generate.py", "gradient_sync/py.typed")


def interpreters() -> dict[str, str]:
    """Return the installed Python versions that are supported, with those of pyenv."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found: dict[str, str] = {}
    for minor in range(11, 20):
        name = f"python3.{minor}"
        hidden = sorted(str(path) for path in pyenv.glob(f"3.{minor}*/bin/{name}"))
        for candidate in [sys.executable, shutil.which(name), *hidden]:
            if candidate and f"3.{minor}" not in found and _version(candidate) == f"3.{minor}":
                found[f"3.{minor}"] = candidate
    return found


def _version(python: str) -> str | None:
    """Return an interpreter's version. The launcher of an inactive pyenv version fails."""
    program = "import sys; print('%d.%d' % sys.version_info[:2])"
    ended = subprocess.run([python, "-c", program], capture_output=True, text=True, check=False)
    return ended.stdout.strip() if ended.returncode == 0 else None


def remove_generated(tree: Tree) -> None:
    for name in tree.generated():
        if name.startswith("gradient_sync/"):
            tree.path(name).unlink()


def test_two_runs_give_the_same_bytes(tree: Tree) -> None:
    before = tree.files()
    for seed in ("1", "2"):
        remove_generated(tree)
        environment = os.environ | {"PYTHONHASHSEED": seed}
        command = [sys.executable, "gradient_sync/_generate.py"]
        subprocess.run(command, cwd=tree.root, env=environment, check=True, capture_output=True)
        assert tree.files() == before


def test_every_interpreter_gives_the_same_bytes(tree: Tree) -> None:
    found = interpreters()
    if len(found) < 2:
        pytest.skip(f"only one supported interpreter is installed: {', '.join(found)}")
    before = tree.files()
    for version, python in found.items():
        remove_generated(tree)
        ended = tree.generate(python=python)
        assert (ended.exit_code, ended.errors) == (0, ""), version
        assert tree.files() == before, version


def test_nothing_is_imported_of_either_package(tree: Tree) -> None:
    """The generator must run when a package cannot be imported."""
    for name in ("gradient_async/arguments.py", "gradient_sync/_event_loop/__init__.py"):
        tree.write(name, "raise AssertionError('imported')\n")
    assert tree.generate("--check").exit_code == 0


def test_it_can_be_run_from_any_folder(tree: Tree, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    command = [sys.executable, str(tree.path("gradient_sync/_generate.py")), "--check"]
    ended = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_lines_end_in_the_same_way_on_every_system(tree: Tree) -> None:
    assert all(b"\r" not in tree.files()[name] and tree.files()[name].endswith(b"\n") for name in tree.generated())


def test_only_the_event_loop_and_the_generator_are_hand_written(project: Tree) -> None:
    generated = set(project.generated())
    ours = {name for name in project.files() if name.startswith("gradient_sync/")}
    by_hand = ours - generated
    assert all(name.startswith(HAND_WRITTEN) for name in by_hand)
    assert all(any(name.startswith(kept) for name in by_hand) for kept in HAND_WRITTEN)
    derived = {name for name in generated - ours if name.startswith("gradient_async/resources/generated/")}
    assert generated - ours - derived == {"gradient_async/__init__.py", *PYTHON_FILES}
    beside = {f"gradient_async/resources/{name.rsplit('/', 1)[1]}" for name in derived}
    resources = {name for name in project.files() if name.startswith("gradient_async/resources/")} - derived
    bodies = {name: project.read(name) for name in resources}
    assert beside == {
        name for name, text in bodies.items() if re.search(r"^class .*\bGenerated", text, re.MULTILINE)
    } | {"gradient_async/resources/__init__.py"}


def test_every_generated_file_says_so_and_how_it_is_made(project: Tree) -> None:
    for name in project.generated():
        first, second, third, *_ = project.read(name).splitlines()
        assert first.startswith("# Generated from ")
        assert first.endswith(". Do not edit; run:")
        assert second == f"# {COMMAND}"
        assert third.startswith('"""')
        source = first.removeprefix("# Generated from ").removesuffix(". Do not edit; run:")
        assert source in {"the resources", "the modules of gradient_async"} or project.path(source).is_file()


def test_generated_methods_only_delegate(project: Tree) -> None:
    """Each has one statement beside an import, except those that open, close, copy or hide a token."""
    longer = {"__getattr__", "__init__", "_wrap", "_copy", "close", "__enter__", "with_options"}
    for name in [one for one in project.generated() if one.startswith("gradient_sync/")]:
        for node in ast.walk(ast.parse(project.read(name))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name not in longer:
                code = [one for one in node.body if not (_is_text(one) or _names_the_method(one) or _imports(one))]
                assert len(code) <= 1, f"{name}: {node.name}"


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


def _imports(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.ImportFrom)


def _names_the_method(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.AnnAssign) and ast.unparse(statement.target) == "method"


def test_generated_code_holds_no_coroutine_in_the_sync_package(project: Tree) -> None:
    for name in project.generated():
        if name.startswith("gradient_sync/"):
            for node in ast.walk(ast.parse(project.read(name))):
                assert not isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith), name
