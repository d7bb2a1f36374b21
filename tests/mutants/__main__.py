"""Change the package in small ways, and see whether its tests notice: ``python tests/mutants --count 40 --seed 1``.

Each mutant is written into a copy of the tree, where the tests of its module run until the first one fails. A mutant
that survives is printed with its place and its diff. Those that change nothing are listed in ``equivalent.toml``, each
with a reason. The exit code is 1 if less than 95 % of the others were killed, and 2 if a test fails without any
mutant, which is then left out.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from mutations import Mutation, applied, diff_of, line_of, mutations_of
from targets import TARGETS, targets_of

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT: Final = Path(__file__).parents[2]
COPIED: Final = ("gradient_async", "gradient_sync", "generator", "tests", "docs", "pyproject.toml", "README.md")
WANTED: Final = 0.95
# A backstop: mutants that loop for ever end by the time limit that each test has. On a busy machine the tests of a
# module can take some minutes, and a survivor runs all of them.
MAX_SECONDS: Final = 900.0
# Some of them gather memory meanwhile, faster than that.
MAX_BYTES: Final = 4 << 30

Mutant = tuple[str, Mutation]


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python tests/mutants", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--count", type=int, default=40, help="how many mutants (40)")
    parser.add_argument("--seed", type=int, default=None, help="draws them; the default is printed")
    parser.add_argument("--seconds", type=float, default=3600.0, help="begin no mutant after so many (3600)")
    parser.add_argument("--module", action="append", default=[], help="only modules whose path begins so, as http/")
    parser.add_argument("--list", action="store_true", help="only list the mutants")
    options = parser.parse_args()
    seed = random.SystemRandom().randrange(10_000) if options.seed is None else options.seed
    drawn = sample(options.count, seed, options.module)
    print(f"{len(drawn)} mutants, seed {seed}", flush=True)
    if options.list:
        for module, mutation in drawn:
            print(f"{module}:{mutation.line}: {mutation.change}")
        return 0
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MAX_BYTES, MAX_BYTES))  # the tests inherit it
    with tempfile.TemporaryDirectory() as folder:
        return run(drawn, Path(folder), until=time.monotonic() + options.seconds)


def sample(count: int, seed: int, prefixes: Sequence[str]) -> list[Mutant]:
    """Draw some of all mutants that are not known to be equivalent."""
    package = ROOT / "gradient_async"
    modules = sorted(path.relative_to(package).as_posix() for path in package.rglob("*.py"))
    carried = [one for one in modules if one.startswith(tuple(TARGETS)) and one.startswith(tuple(prefixes) or "")]
    equivalent = {(one["module"], one["line"], one["change"]) for one in known_equivalents()}
    mutants = []
    for module in carried:
        source = (package / module).read_text(encoding="utf-8")
        mutants += [
            (module, mutation)
            for mutation in mutations_of(source)
            if (module, line_of(source, mutation), mutation.change) not in equivalent
        ]
    # Not sorted: where the time ends a run, what it tried is a sample of all modules too.
    return random.Random(seed).sample(mutants, min(count, len(mutants)))


def known_equivalents() -> list[dict[str, str]]:
    """Return the mutants that change nothing: module, line, change and the reason."""
    content = tomllib.loads(Path(__file__).with_name("equivalent.toml").read_text(encoding="utf-8"))
    return list(content.get("equivalent", []))


def run(drawn: Sequence[Mutant], folder: Path, until: float) -> int:
    """Try mutants in a copy of the tree, and report."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", "_build"))
        else:
            shutil.copy2(source, folder / name)
    killed, survivors, unsound = 0, [], list[str]()
    for number, (module, mutation) in enumerate(drawn, 1):
        if time.monotonic() > until:
            print(f"the time is over; {len(drawn) - number + 1} mutants were not tried")
            break
        path = folder / "gradient_async" / module
        source = path.read_text(encoding="utf-8")
        began = time.monotonic()
        while True:
            path.write_text(applied(source, mutation), encoding="utf-8")
            failure = failed(folder, targets_of(module), unsound)
            path.write_text(source, encoding="utf-8")
            if not failure.startswith("tests/") or not failed(folder, [failure.removeprefix("tests/")], ()):
                break
            print(f"    {failure} fails without a mutant too")
            unsound.append(failure)
        fate = f"killed by {failure}" if failure else "SURVIVED"
        seconds = time.monotonic() - began
        print(f"{number:3} {module}:{mutation.line}: {mutation.change}: {fate} ({seconds:.0f} s)", flush=True)
        killed += bool(failure)
        if not failure:
            survivors.append((module, mutation))
    tried = killed + len(survivors)
    for module, mutation in survivors:
        source = (folder / "gradient_async" / module).read_text(encoding="utf-8")
        print(f"\n{diff_of(source, mutation, f'gradient_async/{module}')}")
    print(f"\n{killed} of {tried} killed ({killed / tried if tried else 1:.0%})")
    if unsound:
        return 2
    return 0 if killed >= WANTED * tried else 1


def failed(folder: Path, tests: Sequence[str], left_out: Sequence[str]) -> str:
    """Run tests until the first one fails, and return its name; ``""`` if none fails."""
    paths = [f"tests/{one}" for one in tests if (folder / "tests" / one.partition("::")[0]).exists()]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-q",
        "--tb=no",
        "-p",
        "no:cacheprovider",
        "-p",
        "one_flavour",
        *paths,
    ]
    command += [f"--deselect={one}" for one in left_out]
    search_path = os.pathsep.join([str(folder), str(folder / "tests" / "mutants")])
    environment = os.environ | {"PYTHONPATH": search_path, "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        try:
            output, _ = process.communicate(timeout=MAX_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            return "its time limit"
    if process.returncode == 0:
        return ""
    lines = [line.partition(" ")[2] for line in output.splitlines() if line.startswith(("FAILED ", "ERROR "))]
    named = [line.partition(" - ")[0] for line in lines]  # a parameter in the name may hold spaces
    return named[0] if named else f"pytest's exit code {process.returncode}"


if __name__ == "__main__":
    sys.exit(main())
