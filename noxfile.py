"""The checks of the project: ``nox`` runs all of them, ``nox -s lint`` one."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nox

nox.needs_version = ">=2025.2"
nox.options.error_on_missing_interpreters = False
nox.options.reuse_existing_virtualenvs = True
nox.options.stop_on_first_error = False
# uv installs in a tenth of the processor time, and downloads each package once.
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.sessions = ["lint", "generated", "api", "types", "docs", "package", "tests"]

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml("pyproject.toml")
MICRO_RESULTS = ROOT / ".benchmarks"
VERSIONS = nox.project.python_versions(PROJECT)

# Where this is set, each process would compile the whole checkout again: each worker of the tests, each command.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def groups(*names: str) -> list[str]:
    """Return the packages in some dependency groups of pyproject.toml."""
    return list(nox.project.dependency_groups(PROJECT, *names))


def installed_interpreters() -> list[str]:
    """Return the supported Python versions that are installed, also those that only pyenv has.

    pyenv puts a launcher for each version on the path, but the launcher of an inactive version fails. So each candidate
    is started once, and the folder of an inactive version is put onto the path.
    """
    found = []
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for version in VERSIONS:
        hidden = sorted(str(path) for path in pyenv.glob(f"{version}*/bin/python{version}"))
        # On Windows no executable has the version in its name. The Python that runs nox is installed in any case.
        running = sys.executable if version == f"{sys.version_info.major}.{sys.version_info.minor}" else None
        for candidate in [shutil.which(f"python{version}"), *hidden, running]:
            if candidate and _runs(candidate):
                if candidate in hidden:
                    os.environ["PATH"] = f"{Path(candidate).parent}{os.pathsep}{os.environ['PATH']}"
                found.append(version)
                break
    return found


def _runs(python: str) -> bool:
    probe = [python, "-c", "import ssl, venv"]
    return subprocess.run(probe, capture_output=True, check=False).returncode == 0  # noqa: S603 - a found interpreter


INTERPRETERS = installed_interpreters()


@nox.session(python=INTERPRETERS)
def tests(session: nox.Session) -> None:
    """Run the test suite on each installed Python. Arguments go to pytest.

    Tests marked ``once`` take long, alone or as a group, and do not depend on the Python version. They run on the
    oldest one; ``nox -s tests -- -m "not types"`` runs them on each. Three tests run at a time: most of them wait for a
    clock or a process. With more on two processors, tests that measure time would fail. The newest version has the
    extra ``speed``, the others do not.
    """
    is_oldest = session.python == INTERPRETERS[0]
    session.env["UV_COMPILE_BYTECODE"] = "1"  # as pip does; else each worker compiles what it imports first
    project = ".[speed]" if session.python == INTERPRETERS[-1] else "."
    session.install(*groups("test" if is_oldest else "test-each"), project)
    marks = "not types" if is_oldest else "not types and not once"
    session.run("python", "-m", "pytest", "-m", marks, "-n", "3", "--dist", "worksteal", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, formatting and which package may import which."""
    session.install(*groups("lint"), ".")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports", "--no-cache")


@nox.session
def generated(session: nox.Session) -> None:
    """Check that the generated files match their source."""
    session.install(*groups("lint"))  # the generator formats with the pinned ruff
    session.run("python", "gradient_sync/_generate.py", "--check")


@nox.session
def api(session: nox.Session) -> None:
    """Compare the public names and signatures with the pinned ones. ``nox -s api -- --accept`` pins those of today.

    There is no release to compare with yet. After the first one: ``griffe check gradient_async --against v0.1.0``.
    """
    session.install(*groups("api"))
    session.run("python", "tests/api", *session.posargs)


@nox.session
def types(session: nox.Session) -> None:
    """Check both packages with mypy --strict, and with type checkers which calls are accepted and which are not."""
    session.install(*groups("types"), ".")
    tests = ["python", "-m", "pytest", "-m", "types", "tests/typing", *session.posargs]
    # Each runs on one processor. The tests with mypy come after it: they use what it has found out.
    with ThreadPoolExecutor() as beside:
        with_basedpyright = beside.submit(session.run, *tests, "-k", "basedpyright")
        session.run("mypy")
        session.run(*tests, "-k", "not basedpyright")
        with_basedpyright.result()


@nox.session
def package(session: nox.Session) -> None:
    """Build sdist and wheel, install the wheel in a fresh environment, and run the demo there."""
    session.install("build[uv]")
    with tempfile.TemporaryDirectory() as folder:
        with_uv = session.venv_backend == "uv"
        installer = ["--installer", "uv"] if with_uv else []
        session.run("python", "-m", "build", *installer, "--outdir", folder, silent=True)
        (wheel,) = Path(folder).glob("*.whl")
        (sdist,) = Path(folder).glob("*.tar.gz")
        session.log(f"built {wheel.name} and {sdist.name}")
        fresh = Path(folder, "fresh")
        session.run("python", "-m", "venv", str(fresh))
        python = str(fresh / ("Scripts" if os.name == "nt" else "bin") / "python")
        install = ["uv", "pip", "install", "--quiet", "--python", python]
        if not with_uv:
            install = [python, "-m", "pip", "install", "--quiet"]
        session.run(*install, str(wheel), external=True)
        with session.chdir(folder):
            session.run(python, "-m", "gradient_async", external=True)
            session.run(python, "-c", "import gradient_sync; print(gradient_sync.GradientAI)", external=True)
            # Without its extra the command says what to install, and with it it runs.
            command = str(Path(python).with_name("gpu-droplets"))
            session.run(command, "--version", external=True, success_codes=[2])
            session.run(*install, f"{wheel}[cli]", external=True)
            session.run(command, "reboot", "3164444", "--emulated", "1", external=True)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation in docs/_build. A warning is an error. The network is needed to install only."""
    session.install(*groups("docs"), ".")
    build = ["sphinx-build", "-q", "-W", "--keep-going", "-E", "-j", "2", "-b", "html", "docs", "docs/_build"]
    session.run(*build, *session.posargs)
    session.log(f"open {ROOT / 'docs' / '_build' / 'index.html'}")


@nox.session(python=INTERPRETERS[:1])
def coverage(session: nox.Session) -> None:
    """Measure which lines and branches the test suite runs, in both flavours and in all processes. Fail under 96 %.

    Not among the default sessions: on Python 3.11 the tests take twice the processor time under the tracer, and tests
    that measure time can fail then. So the suite would have to run twice in CI, which has no time for that.
    """
    session.install(*groups("coverage"), "-e", ".")
    session.run("coverage", "erase")
    # A test that measures time may fail while everything is slower. Only the coverage counts here.
    command = ["coverage", "run", "-m", "pytest", "-q", "-m", "not types", "-n", "2", "--dist", "worksteal"]
    session.run(*command, *session.posargs, success_codes=[0, 1])
    session.run("coverage", "combine", "--quiet")
    session.run("coverage", "report")


@nox.session
def mutants(session: nox.Session) -> None:
    """Change the package in small ways; a test must fail for each. Arguments: python tests/mutants --help.

    Not among the default sessions: 40 mutants take about half an hour.
    """
    session.install(*groups("test"), ".")
    session.run("python", "tests/mutants", *session.posargs)


@nox.session
def soak(session: nox.Session) -> None:
    """Draw faults, clocks and kills at random for ten minutes. Arguments: python tests/soak --help."""
    session.install(*groups("test"), ".")
    session.run("python", "tests/soak", *session.posargs)


@nox.session
def benchmarks(session: nox.Session) -> None:
    """Measure the speed beside other clients, update benchmarks/README.md. Arguments: python benchmarks --help."""
    session.install(*groups("benchmarks"), _with_extras("speed"))
    session.run("python", "benchmarks", *session.posargs)


@nox.session
def micro(session: nox.Session) -> None:
    """Measure the pure functions. Fail if one takes 30 % longer than in the last run. Arguments go to pytest.

    The fastest of many rounds, in processor time, is compared. On a busy machine the median of the same code differs by
    half from run to run, the fastest round by a few per cent.
    """
    session.install(*groups("micro"), _with_extras("speed"))
    command = ["python", "-m", "pytest", "benchmarks/micro", "--benchmark-autosave", "--benchmark-disable-gc"]
    command += ["--benchmark-timer=time.process_time", "--benchmark-min-time=0.0005", "--benchmark-warmup=on"]
    command += ["--benchmark-warmup-iterations=2000", "--benchmark-columns=min,median,rounds"]
    command += [f"--benchmark-storage=file://{MICRO_RESULTS}"]
    if any(MICRO_RESULTS.rglob("*.json")):
        command += ["--benchmark-compare", "--benchmark-compare-fail=min:30%"]
    session.run(*command, *session.posargs)


def _with_extras(*wanted: str) -> str:
    """Return this package with those of the given extras that it has."""
    known = PROJECT["project"].get("optional-dependencies", {})
    extras = [name for name in wanted if name in known]
    return f".[{','.join(extras)}]" if extras else "."
