"""The documentation's code is run, against emulated accounts, as it stands there; what it shows is what comes out."""

from __future__ import annotations

import ast
import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anyio.to_thread
import pytest
from aiohttp.test_utils import TestClient, TestServer
from code_blocks import Block, blocks_of, run

import gradient_async
import gradient_async.emulator
import gradient_sync
from gradient_async import DOCUMENTED_WINDOWS, Droplet, Networks, NetworkV4, RateBudget
from gradient_async.emulator import DropletSpec, Emulator
from gradient_async.log import logger

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(path for path in DOCS.rglob("*.md") if "_build" not in path.parts)
BLOCKS = {str(path.relative_to(DOCS)): list(blocks_of(path)) for path in PAGES}

# What a page says, beside code that is run and its output: directives, and what is neither code nor output.
DIRECTIVES = {"{eval-rst}", "{toctree}", "{include} ../CHANGELOG.md", "{note}", "{warning}", "none"}
# Pages on which code of other SDKs stands, or what installs, takes long, or needs a notebook.
PAGES_WITH_BLOCKS_NOT_RUN = {
    "start.md",
    "speed.md",
    "from-gradient.md",
    "from-pydo.md",
    "notebook.md",
    "doctor.md",
    "several-workers.md",
}

# The key in the home folder of who types the commands.
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHZ3V1BNd3dJZ0VwbXlnT2tqb2dOWmVyVXJwb3Jt you@laptop\n"

pytestmark = pytest.mark.once


def to_run(language: str) -> list[Block]:
    return [block for blocks in BLOCKS.values() for block in blocks if block.language == language and block.is_run]


def is_test(block: Block) -> bool:
    """Return whether a block is a test file, which pytest runs."""
    return bool(re.search(r"^(async )?def test_", block.source, re.MULTILINE))


def changes_the_process(block: Block) -> bool:
    """Return whether a block needs a process of its own, since it does what a process can do only once."""
    return "set_tracer_provider" in block.source


def id_of(block: Block) -> str:
    return f"{block.path.relative_to(DOCS)}:{block.line}"


COMMANDS = to_run("console")
PROGRAMS = [block for block in to_run("python") if not is_test(block) and not changes_the_process(block)]
TEST_FILES = [block for block in to_run("python") if is_test(block)]


def output_of(block: Block) -> str | None:
    """Return the output that a page shows right after a block."""
    blocks = BLOCKS[str(block.path.relative_to(DOCS))]
    behind = blocks[blocks.index(block) + 1 :]
    return behind[0].source if behind and behind[0].language == "text" else None


# What differs from run to run: ids that the account makes up, moments, durations, and how often was looked.
VARYING = re.compile(
    r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\d[T ][\d:.+]+"
    r"|\b(?!31644)\d{5,}\b|\d+\.\d+|[\d,]+ requests?"
)


# A run that takes some seconds, on a busy machine, says how far it is.
PROGRESS = re.compile(r"[a-z_-]+: [\d,]+/[\d,]+, ")


def lines_of(text: str) -> Counter[str]:
    """Return the lines, without what differs from run to run, and however wide their columns are."""
    lines = [line for line in text.splitlines() if line.strip() and not PROGRESS.match(line)]
    return Counter(" ".join(VARYING.sub("#", line).split()) for line in lines)


def assert_shown(shown: str, actual: str) -> None:
    """Check that the output has every line that a page shows; ``…`` stands for any others."""
    expected = lines_of(shown)
    may_be_more = expected.pop("…", 0)
    missing = expected - lines_of(actual)
    assert not missing, actual
    assert may_be_more or lines_of(actual) == expected, actual


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Emulator]:
    """An account that the environment points to, and a folder of its own to run in."""
    handlers = list(logger.handlers)
    specs = [DropletSpec(tags=["training"])] * 6
    with Emulator(specs, time_scale=600.0, droplet_limit=100, gpu_limit=64) as emulator:
        # The account's minute takes a tenth of a second. A budget whose windows are short too has runs poll more often.
        budget = RateBudget((requests, seconds / 600) for requests, seconds in DOCUMENTED_WINDOWS)
        monkeypatch.setattr("gradient_async.client.budget_of", lambda _: budget)
        monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", emulator.token)
        monkeypatch.setenv("GRADIENT_BASE_URL", emulator.base_url)
        monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("COLUMNS", "80")
        monkeypatch.chdir(tmp_path)
        (tmp_path / ".ssh").mkdir()
        (tmp_path / ".ssh" / "id_ed25519.pub").write_text(PUBLIC_KEY, encoding="utf-8")
        yield emulator
    logger.handlers[:] = handlers


def test_no_block_escapes() -> None:
    """Every block is of a language that is run, or is shown output, or says in its first line why it cannot be run."""
    for page, blocks in BLOCKS.items():
        for before, block in zip([None, *blocks], blocks, strict=False):
            where = f"{page}:{block.line}"
            assert block.language in {"python", "console", "text", *DIRECTIVES}, where
            if block.language == "text":
                assert before is not None, where
                assert before.language == "python", where
                assert before.is_run, where
            if block.language in {"python", "console"}:
                assert block.is_run or page in PAGES_WITH_BLOCKS_NOT_RUN, where
        text = (DOCS / page).read_text(encoding="utf-8")
        assert not re.search(r"^[ \t>]+(```|~~~)|<pre|<code", text, re.MULTILINE), page
        text = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
        assert not re.search(r"^ {4}(>>>|\$|import |from |client|await )", text, re.MULTILINE), page


def test_there_are_blocks_to_run() -> None:
    assert len(PROGRAMS) > 20
    assert len(COMMANDS) > 10
    assert TEST_FILES


@pytest.mark.parametrize("block", PROGRAMS, ids=id_of)
@pytest.mark.usefixtures("account")
def test_python_block_runs_and_gives_what_the_page_shows(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    names = run(block)
    for value in names.values():
        if isinstance(value, gradient_sync.GradientAI):
            value.close()
    shown = output_of(block)
    printed = capsys.readouterr().out
    if shown is not None:
        assert_shown(shown, printed)


def test_test_files_of_the_pages_pass(tmp_path: Path) -> None:
    """Blocks that are tests are files for pytest, which finds the package's fixtures by itself."""
    for number, block in enumerate(TEST_FILES):
        (tmp_path / f"test_{block.path.stem.replace('-', '_')}_{number}.py").write_text(block.source, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", str(tmp_path)]
    command += ["-o", "asyncio_default_fixture_loop_scope=function"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False, cwd=tmp_path)
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("block", list(filter(changes_the_process, to_run("python"))), ids=id_of)
def test_python_block_gives_the_shown_output_in_its_own_process(block: Block) -> None:
    ended = subprocess.run(
        [sys.executable, "-"], input=block.source, capture_output=True, text=True, timeout=30, check=True
    )
    shown = output_of(block)
    assert shown is not None
    assert_shown(shown, ended.stdout)


def program_with(page: str, text: str) -> Block:
    """Return the one block of a page that holds a text."""
    (block,) = (one for one in BLOCKS[page] if text in one.source)
    return block


async def test_web_app_reboots_and_answers_404_when_unknown(account: Emulator) -> None:
    app = await anyio.to_thread.run_sync(run, program_with("web-app.md", "web.Application()"))
    async with TestClient(TestServer(app["app"])) as client:
        answer = await client.post("/droplets/3164444/reboot")
        assert answer.status == 202
        assert (await answer.json())["action"] in account.account.actions
        assert (await client.post("/droplets/99/reboot")).status == 404


async def status_of(app: Any, path: str) -> tuple[int, dict[str, object]]:
    """Status and JSON of a POST to an ASGI app."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b""}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": []}
    await app(scope, receive, send)
    return sent[0]["status"], json.loads(b"".join(message.get("body", b"") for message in sent))


async def test_fastapi_app_reboots_and_answers_404_when_unknown(account: Emulator) -> None:
    app: Any = (await anyio.to_thread.run_sync(run, program_with("web-app.md", "FastAPI(lifespan")))["app"]
    async with app.router.lifespan_context(app):
        status, answer = await status_of(app, "/droplets/3164444/reboot")
        assert status == 202
        assert answer["action"] in account.account.actions
        assert (await status_of(app, "/droplets/99/reboot"))[0] == 404
        client = app.state.client
    assert client.is_closed


def functions_in(source: str) -> dict[str, str]:
    """Return the functions and classes at the top level of a source."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name: ast.unparse(node) for node in ast.parse(source).body if isinstance(node, kinds)}


def test_code_of_the_page_for_workers_is_the_tested_code() -> None:
    blocks = [block for block in BLOCKS["several-workers.md"] if block.language == "python"]
    for block in blocks:
        example = ROOT / block.source.splitlines()[0].removeprefix("# from ")
        tested = functions_in(example.read_text(encoding="utf-8"))
        assert functions_in(block.source).items() <= tested.items(), block.place
    assert len(blocks) == 3


async def test_health_check_of_the_fleet_page_finds_open_ports() -> None:
    answers = (await anyio.to_thread.run_sync(run, program_with("fleet.md", "open_connection")))["answers"]
    here = Networks(v4=(NetworkV4(ip_address="127.0.0.1", type="public"),))
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    droplet = Droplet(id=3164444, name="trainer", status="active", networks=here)
    assert await answers(droplet, port)  # type: ignore[operator]  # a function, out of the block's names
    server.close()
    await server.wait_closed()
    assert not await answers(droplet, port)  # type: ignore[operator]


@pytest.mark.parametrize("block", COMMANDS, ids=id_of)
@pytest.mark.usefixtures("account")
def test_console_block_runs_and_gives_what_the_page_shows(block: Block, capsys: pytest.CaptureFixture[str]) -> None:
    code = 0
    for command, shown in commands_in(block):
        if command == "echo $?":
            assert shown.strip() == str(code), command
            code = 0
            continue
        assert code == 0, f"the command before {command!r} ended with {code}, and the page does not say so"
        code, printed = in_shell(command, capsys)
        if shown:
            assert_shown(shown, printed)
    assert code == 0, f"the last command ended with {code}, and the page does not say so"


def commands_in(block: Block) -> Iterator[tuple[str, str]]:
    """Return each command of a block with the output that is shown for it."""
    parts = re.split(r"^\$ (.*)\n", block.source, flags=re.MULTILINE)
    assert not parts[0], f"{block.place}: begins with no command"
    yield from zip(parts[1::2], parts[2::2], strict=True)


def in_shell(command: str, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """Exit status and output of a command; without a process of its own where it needs no shell."""
    words = shlex.split(command)
    if words[0] == "gpu-droplets" and not set(command) & set("|<>;&$"):
        from gradient_async.cli.application import run as run_words

        code = run_words(words[1:])
        return code, "".join(capsys.readouterr())
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, timeout=30, check=False
    )
    return ended.returncode, ended.stdout + ended.stderr


def test_every_public_name_is_in_the_reference() -> None:
    described: set[object] = set()
    for path in sorted((DOCS / "api").glob("*.md")):
        module = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            if current := re.match(r"\.\. currentmodule:: (\S+)", line):
                module = current[1]
            elif entry := re.match(r"\.\. (?:auto\w+|py:data):: (\w+)$", line):
                assert hasattr(sys.modules[module], entry[1]), entry[0]
                described.add((module, entry[1]))
    for package in (gradient_async, gradient_sync, gradient_async.emulator):
        for name in set(package.__all__) - {"__version__", "faults", "probes"}:
            is_same = getattr(gradient_async, name, None) is getattr(package, name)
            assert (package.__name__, name) in described or (is_same and ("gradient_async", name) in described), name


@pytest.mark.parametrize("page", list(BLOCKS))
def test_files_and_tests_that_a_page_names_are_there(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    for path, name in re.findall(r"`((?:tests|examples|benchmarks|gradient_\w+)/[\w/.]+\.\w+)(?:::(\w+))?`", text):
        assert (ROOT / path).is_file(), path
        if name:
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            functions = {
                node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            }
            assert name in functions, f"{path}::{name}"


def test_verbs_of_the_command_are_those_that_the_pages_name() -> None:
    from gradient_async.cli.application import application

    verbs = {name for name in application() if not name.startswith("-")}
    table = (DOCS / "command-line.md").read_text(encoding="utf-8").split("## Verbs")[1].split("##")[0]
    assert verbs - set(re.findall(r"`([a-z0-9-]+)", table)) == set()
    for page in BLOCKS:
        text = (DOCS / page).read_text(encoding="utf-8")
        assert set(re.findall(r"`gpu-droplets ([a-z][a-z0-9-]*)", text)) <= verbs, page


def test_every_promise_names_a_test_that_proves_it() -> None:
    _, *promises = re.split(r"^## (?=P\d)", (DOCS / "promises.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert [promise.split()[0] for promise in promises] == [f"P{number}" for number in range(1, 12)]
    for promise in promises:
        assert re.search(r"^- `tests/[\w/]+\.py::test_\w+`$", promise, re.MULTILINE), promise


def test_every_journal_in_an_example_has_a_date_in_its_name() -> None:
    """A journal is for one run: with a name that stays the same, the next run finds a finished one."""
    places = [ROOT / "README.md", *PAGES, *(ROOT / "examples").glob("*"), *(ROOT / "gradient_async").rglob("*.py")]
    named = [
        (path.name, name)
        for path in places
        if path.is_file()
        for name in re.findall(r"""(?:^|[\s"'`=(])(reboot\S*?\.journal)\b""", path.read_text(encoding="utf-8"))
    ]
    assert len(named) > 10
    for path, name in named:
        assert re.search(r"\d{4}-\d\d-\d\d|\+%F|%Y-%m-%d|DATE|date\.today", name), f"{path}: {name}"


def test_picture_of_the_rate_budget_is_what_the_pacing_gives() -> None:
    drawn = subprocess.run(
        [sys.executable, "-c", "import draw_rate_budget as one; print(one.picture(), end='')"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(DOCS)},
    )
    assert drawn.stdout == (DOCS / "pictures" / "rate-budget.svg").read_text(encoding="utf-8"), (
        "run: python docs/draw_rate_budget.py"
    )
