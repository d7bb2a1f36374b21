"""The results of type checkers for both packages, as an editor shows them."""

from __future__ import annotations

import ast
import inspect
import json
import os
import subprocess
import sys
import sysconfig
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import gradient_async
import gradient_sync

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.types

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
API_FILES = {"gradient_async": HERE / "api_async.py", "gradient_sync": HERE / "api_sync.py"}
GROUP_FILES = {f"gradient_{flavour}": HERE / f"groups_{flavour}.py" for flavour in ("async", "sync")}
RESOURCE_FILES = {f"gradient_{flavour}": HERE / f"resources_{flavour}.py" for flavour in ("async", "sync")}
EMULATOR_FILE = HERE / "api_emulator.py"
RIGHT_CALLS = [*API_FILES.values(), *GROUP_FILES.values(), *RESOURCE_FILES.values(), EMULATOR_FILE]
WRONG_CALLS = HERE / "wrong_calls.py"

needs_mypy = pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")
needs_basedpyright = pytest.mark.skipif(find_spec("basedpyright") is None, reason="basedpyright is not installed")


def run(*arguments: str, cwd: Path = HERE) -> subprocess.CompletedProcess[str]:
    """Run a checker in the environment of this interpreter.

    basedpyright looks for packages in the environment of the first ``python`` on the path.
    """
    path = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=cwd,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )


def mypy(*files: Path) -> subprocess.CompletedProcess[str]:
    """Check files as strictly as the project checks itself: with its settings, mypy knows both packages already."""
    return run("mypy", "--strict", "--no-error-summary", "--show-error-codes", *map(str, files), cwd=ROOT)


def public_methods(package: str) -> set[str]:
    """Return the public names of a client and its resources, such as ``actions.list_all``.

    A raw twin's methods are listed behind ``with_raw_response``.
    """
    client = {"gradient_async": gradient_async.AsyncGradientAI, "gradient_sync": gradient_sync.GradientAI}[package]
    return set(_members(client("token"), "client"))


# The modules of the classes behind a client's attributes.
MODULES = tuple(
    f"{package}.{name}" for package in ("gradient_async", "gradient_sync") for name in ("resources", "fleet")
)


def _members(value: object, name: str) -> Iterator[str]:
    for member, attribute in [*inspect.getmembers(type(value)), *_groups(value)]:
        if member.startswith("_") or isinstance(attribute, cached_property):
            continue
        if type(attribute).__module__.startswith(MODULES):
            yield from _members(attribute, f"{name}.{member}")
        elif member == "with_raw_response":
            yield from _members(getattr(value, member), f"{name}.{member}")
        else:
            yield f"{name}.{member}"


def _groups(value: object) -> list[tuple[str, object]]:
    """Return the attributes of a client or a group, among them the groups that are built when first touched."""
    lazy = [name for name, one in inspect.getmembers_static(type(value)) if isinstance(one, cached_property)]
    return list((vars(value) | {name: getattr(value, name) for name in lazy}).items())


def used_methods(file: Path) -> set[str]:
    """Return the same names as a typing file uses them. It may assign a resource to a variable first."""
    found: set[str] = set()
    for function in ast.parse(file.read_text()).body:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            names = {"client": "client", "team": "client"}
            for node in ast.walk(function):
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                    names[node.targets[0].id] = _dotted(node.value, names)
            found |= {_dotted(node, names) for node in ast.walk(function) if isinstance(node, ast.Attribute)}
    return found


def derived_methods(package: str) -> set[str]:
    """Return the same names as the generated typing file uses them: it has a function for each class."""
    client = {"gradient_async": gradient_async.AsyncGradientAI, "gradient_sync": gradient_sync.GradientAI}[package]
    places: dict[str, list[str]] = {}
    _note_places(client("token"), "client", places)
    found: set[str] = set()
    for function in ast.parse(RESOURCE_FILES[package].read_text()).body:
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            kind = ast.unparse(function.args.args[0].annotation or ast.Constant(None))
            for place in places[kind]:
                attributes = [node for node in ast.walk(function) if isinstance(node, ast.Attribute)]
                found |= {_dotted(node, {"resource": place}) for node in attributes}
    return found


def _note_places(value: object, name: str, places: dict[str, list[str]]) -> None:
    for member, attribute in _groups(value):
        if not member.startswith("_") and type(attribute).__module__.startswith(MODULES):
            places.setdefault(type(attribute).__name__, []).append(f"{name}.{member}")
            _note_places(attribute, f"{name}.{member}", places)


def _dotted(node: ast.AST, names: dict[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, names)}.{node.attr}"
    return names.get(node.id, node.id) if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("package", API_FILES)
def test_typing_file_has_every_public_method(package: str) -> None:
    used = used_methods(API_FILES[package]) | used_methods(GROUP_FILES[package]) | derived_methods(package)
    missing = public_methods(package) - used
    assert not missing, f"{GROUP_FILES[package].name} says nothing about {sorted(missing)}"


@needs_mypy
@pytest.mark.parametrize("file", RIGHT_CALLS, ids=lambda file: file.stem)
def test_types_are_as_promised_when_mypy_reads_right_calls(file: Path) -> None:
    result = mypy(file)
    assert result.returncode == 0, result.stdout + result.stderr


@needs_mypy
def test_every_wrong_call_is_an_error_when_mypy_reads_it() -> None:
    result = mypy(WRONG_CALLS)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def pyright_diagnostics() -> list[dict[str, Any]]:
    """Return basedpyright's diagnostics of this folder, by pyrightconfig.json. It runs once for all tests."""
    result = run("basedpyright", "--outputjson")
    report = json.loads(result.stdout)
    assert report["summary"]["filesAnalyzed"] >= len(list(HERE.glob("api_*.py"))) + 1, result.stdout
    return list(report["generalDiagnostics"])


@needs_basedpyright
@pytest.mark.parametrize("file", [*RIGHT_CALLS, WRONG_CALLS], ids=lambda file: file.stem)
def test_types_are_as_promised_when_basedpyright_reads_a_file(
    file: Path, pyright_diagnostics: list[dict[str, Any]]
) -> None:
    said = [
        f"{one['range']['start']['line'] + 1}: {one['message']}"
        for one in pyright_diagnostics
        if Path(one["file"]).name == file.name
    ]
    assert not said, "\n".join(said)


@needs_basedpyright
@pytest.mark.parametrize("package", ["gradient_async", "gradient_sync"])
def test_every_public_type_is_known_when_basedpyright_verifies(package: str, tmp_path: Path) -> None:
    # From an empty folder, so that the installed package is checked, with its py.typed.
    result = run("basedpyright", "--verifytypes", package, "--ignoreexternal", "--outputjson", cwd=tmp_path)
    completeness = json.loads(result.stdout)["typeCompleteness"]
    assert completeness["pyTypedPath"]
    assert completeness["exportedSymbolCounts"]["withKnownType"] > len(vars(sys.modules[package])["__all__"]) // 2
    unknown = [
        f"{symbol['name']}: {diagnostic['message']}"
        for symbol in completeness["symbols"]
        if not symbol["isTypeKnown"] and symbol["isExported"]
        for diagnostic in symbol["diagnostics"]
    ]
    assert completeness["completenessScore"] == 1, "\n".join(unknown)


@needs_mypy
@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('client.gpu_droplets.actions.initiate(1, type="reboot")  # type: ignore[call-overload]', "unused-ignore"),
        ("assert_type(client.gpu_droplets.retrieve(1), int)", "assert-type"),
    ],
)
def test_mypy_complains_when_a_typing_file_is_wrong_on_purpose(line: str, complaint: str, tmp_path: Path) -> None:
    imports = "from typing import assert_type\nfrom gradient_sync import GradientAI\n"
    file = tmp_path / "wrong_on_purpose.py"
    file.write_text(f"{imports}def use(client: GradientAI) -> None:\n    {line}\n    assert_type(1, int)\n")
    result = mypy(file)
    assert result.returncode == 1
    assert complaint in result.stdout


@needs_basedpyright
def test_basedpyright_fails_when_a_typing_file_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "pyrightconfig.json").write_text((HERE / "pyrightconfig.json").read_text())
    (tmp_path / "wrong_on_purpose.py").write_text(
        "from typing import assert_type\n"
        "from gradient_sync import GradientAI\n"
        "def use(client: GradientAI) -> None:\n"
        '    client.gpu_droplets.actions.initiate(1, type="reboot")  # pyright: ignore[reportCallIssue]\n'
        '    client.gpu_droplets.actions.initiate(1, type="rebot")  # type: ignore[call-overload]\n'
        "    assert_type(client.gpu_droplets.retrieve(1), int)\n"
    )
    report = json.loads(run("basedpyright", "--outputjson", cwd=tmp_path).stdout)
    rules = {one["rule"]: one["range"]["start"]["line"] for one in report["generalDiagnostics"]}
    assert rules["reportUnnecessaryTypeIgnoreComment"] == 3
    assert rules["reportArgumentType"] == 4
    assert rules["reportAssertTypeFailure"] == 5
