"""Generate the sync package, and parts of the async resources, from the source of ``gradient_async``.

Run ``python gradient_sync/_generate.py``. With ``--check`` it writes nothing, and fails if a file is missing, stale or
left over. It reads the source with ``ast`` and imports neither package. The pinned ruff sorts the imports and formats
the files.

From each async resource, for the async package:

    async def m(...): return await self._send(R)    the same method in the raw twin, which returns the HTTP answer
    async def list(...)                             list_all(...), which iterates over all pages
    the class                                       with_raw_response

From each class with async methods, for the sync package; every body is one delegating call:

    async def m(...) -> T                def m(...) -> T: one entry into the event loop
    def m(...) -> AsyncIterator[T]       def m(...) -> Iterator[T]: one entry a page; AsyncStream, Stream likewise
    def m(...) -> AsyncLease             def m(...) -> Lease: one entry at each end of a with block
    aclose, __aenter__, __aexit__        close, __enter__, __exit__
    property, plain method               delegated without entering the loop
    models, errors, everything else      re-exported, so that ``except NotFoundError`` works in both

A construct without a rule is an error, and so is a rule without a use.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from generator import api_reference, exports, typing_calls
from generator.facade import Facade, is_flavoured
from generator.resource_twins import ResourceTwins
from generator.rules import Rules
from generator.source import COMMAND, GENERATED, ROOT, SOURCE, TARGET, GenerationError, Module, folder_of, header

if TYPE_CHECKING:
    from collections.abc import Mapping

GENERATED_FROM: Final = f"{SOURCE}/resources/__init__.py"
# Generated files in folders with other files.
SINGLE_FILES: Final = (f"{SOURCE}/__init__.py", *api_reference.FILES, *typing_calls.FILES)
# Parts of the sync package that are not generated: they are neither written nor checked.
HAND_WRITTEN: Final = (f"{TARGET}/_event_loop/", f"{TARGET}/_generate.py")


class MissingFormatterError(GenerationError):
    """The ruff that ``pyproject.toml`` pins is not installed. Another one formats differently."""


def main(arguments: list[str]) -> int:
    """Write the files, or check them. Return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if any file is not as generated")
    options = parser.parse_args(arguments)
    try:
        files = formatted(generate())
    except MissingFormatterError as error:
        print(f"{COMMAND}: {error}", file=sys.stderr)
        return 3
    except GenerationError as error:
        print(f"{COMMAND}: {error}", file=sys.stderr)
        return 2
    if options.check:
        return check(files)
    for path in set(_existing()) - set(files):
        (ROOT / path).unlink()
    for path, text in files.items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")
    print(f"{len(files)} files written")
    return 0


def check(files: dict[str, str]) -> int:
    """Compare the existing files with the generated ones. Return the exit code."""
    existing = _existing()
    faults = [f"missing: {path}" for path in sorted(files.keys() - existing.keys())]
    faults += [f"left over: {path}" for path in sorted(existing.keys() - files.keys())]
    faults += [f"stale: {path}" for path in sorted(files.keys() & existing.keys()) if files[path] != existing[path]]
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        print(f"run: {COMMAND}", file=sys.stderr)
    return 1 if faults else 0


def _existing() -> dict[str, str]:
    found = [*(ROOT / TARGET).rglob("*.py"), *(ROOT / folder_of(GENERATED)).rglob("*.py")]
    found += [path for path in (ROOT / one for one in SINGLE_FILES) if path.exists()]
    paths = sorted(path.relative_to(ROOT).as_posix() for path in found)
    return {path: (ROOT / path).read_text(encoding="utf-8") for path in paths if not path.startswith(HAND_WRITTEN)}


def formatted(files: dict[str, str]) -> dict[str, str]:
    """Return the files, sorted and formatted by the project's ruff.

    Raises:
        MissingFormatterError: The pinned ruff is not installed.
        GenerationError: ruff refuses a file.
    """
    ruff = _pinned_ruff()
    with tempfile.TemporaryDirectory() as folder:
        python = {path: text for path, text in files.items() if path.endswith(".py")}
        for path, text in python.items():
            place = Path(folder, path)
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        config = ["--config", str(ROOT / "pyproject.toml"), "--no-cache", "--quiet", folder]
        for command in (["check", "--select", "I", "--fix"], ["format"]):
            ended = subprocess.run(  # noqa: S603 - the project's own formatter
                [ruff, *command, *config], cwd=ROOT, capture_output=True, text=True, check=False
            )
            if ended.returncode:
                raise GenerationError(f"ruff {command[0]}: {ended.stdout}{ended.stderr}")
        return files | {path: Path(folder, path).read_text(encoding="utf-8") for path in python}


def _pinned_ruff() -> str:
    """Return the path of the ruff that ``pyproject.toml`` pins.

    Raises:
        MissingFormatterError: It is neither beside this Python nor on ``PATH``.
    """
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["dependency-groups"]
    pinned = next(one for one in groups["lint"] if isinstance(one, str) and one.startswith("ruff=="))
    found: list[str] = []
    for ruff in (shutil.which("ruff", path=str(Path(sys.executable).parent)), shutil.which("ruff")):
        if ruff is not None:
            answer = subprocess.run([ruff, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - the project's own formatter
            version = answer.stdout.split()[1:2]
            if version == [pinned.partition("==")[2]]:
                return ruff
            found.append(f"{ruff} is {answer.stdout.strip() or 'broken'}")
    others = f" ({'; '.join(dict.fromkeys(found))})" if found else ""
    raise MissingFormatterError(
        f"the pinned {pinned} is missing{others}. No file was written or compared. "
        f"Install it: python -m pip install {pinned}"
    )


def generate() -> dict[str, str]:
    """Return the text of each generated file by its path, not formatted.

    Raises:
        GenerationError: A construct has no rule, or a rule has no use.
    """
    rules = Rules()
    read = {name: Module(name) for name in exports.modules_to_read()}
    generated = {
        twins.name: Module(twins.name, text=twins.text())
        for module in read.values()
        if any(exports.has_endpoints(cls) for cls in module.classes())
        for twins in [ResourceTwins(module)]
    }
    modules = {**read, **generated}
    names = exports.public_names(modules)
    for name, origin in names.items():
        modules[origin].refuse_coroutine_function(name)
    flavoured = {
        cls.name: module.name
        for module in modules.values()
        for cls in module.classes()
        if cls.name in names and (is_flavoured(cls, rules) or exports.is_resource(cls))
    }
    files = {module.file: module.text for module in generated.values()}
    files[f"{folder_of(GENERATED)}/__init__.py"] = (
        f'{header(GENERATED_FROM)}\n"""Generated parts of the resources."""\n'
    )
    for name in sorted(set(flavoured.values())):
        facade = Facade(modules[name], flavoured, modules, rules)
        files[facade.path] = facade.text()
    for package in sorted({str(Path(path).parent) for path in files if path.startswith(f"{TARGET}/")} - {TARGET}):
        files[f"{package}/__init__.py"] = _subpackage_text(package, files)
    for name in exports.MODULES_AS_THEY_ARE:
        files[f"{TARGET}/{name}.py"] = exports.module_as_it_is(name)
    files[f"{SOURCE}/__init__.py"] = exports.async_package(names)
    files[f"{TARGET}/__init__.py"] = exports.sync_package(names, flavoured)
    files |= api_reference.texts(modules, names, flavoured)
    files |= typing_calls.texts(modules)
    if rules.unused:
        raise GenerationError(f"rules without a use: {', '.join(sorted(rules.unused))}")
    return files


def _subpackage_text(package: str, files: Mapping[str, str]) -> str:
    name = f"{package.replace(TARGET, SOURCE, 1)}/__init__.py"
    source = Module(name.removesuffix(".py").replace("/", "."), text=files.get(name))
    return f"{header(source.file)}\n{source.docstring(source.tree)}\n"
