"""Every example is run as it stands, by the command that it names, against an emulated account."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import aiohttp
import attrs
import pytest
from aiohttp import web
from free_ports import free_port

from gradient_async import AsyncGradientAI
from gradient_async.emulator import DropletSpec, Emulator, Outcome, faults

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from gradient_async.emulator.delivery import Delivery

pytestmark = pytest.mark.once

EXAMPLES = Path(__file__).parent.parent / "examples"
FIRST = 3164444
WARNINGS = ("-W", "always::ResourceWarning", "-W", "always::RuntimeWarning")
SERVERS = {
    "fastapi": lambda port: ["-m", "uvicorn", "--app-dir", str(EXAMPLES), "fastapi_app:app", "--port", port],
    "aiohttp": lambda _port: [str(EXAMPLES / "aiohttp_app.py")],
}


def environment(emulator: Emulator, **more: str) -> dict[str, str]:
    account = {"DIGITALOCEAN_ACCESS_TOKEN": emulator.token, "GRADIENT_BASE_URL": emulator.base_url}
    return {**os.environ, **account, "PYTHONUNBUFFERED": "1", **more}


def reboots(emulator: Emulator, *droplet_ids: int) -> list[int]:
    return [len(emulator.account.actions_of(droplet_id, "reboot")) for droplet_id in droplet_ids]


def journals(folder: Path, tag: str) -> list[Path]:
    """Return the journals of the rolling reboots of a tag."""
    return list(folder.glob(f"reboot-{tag}-*.journal"))


async def eventually(is_so: Callable[[], object], timeout: float = 60.0) -> None:
    async with asyncio.timeout(timeout):
        while not is_so():  # noqa: ASYNC110 - what is looked at is another process's doing
            await asyncio.sleep(0.02)


def test_readme_names_each_example_once() -> None:
    rows = re.findall(r"^\| \[(\S+)\]\((\S+)\) \|", (EXAMPLES / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    files = [path.name for path in EXAMPLES.iterdir() if path.suffix in {".py", ".ipynb"}]
    assert sorted(rows) == sorted(zip(files, files, strict=True))


# ---- the web apps


@attrs.frozen(kw_only=True)
class App:
    url: str
    emulator: Emulator
    output: Path

    def droplet(self, *tags: str) -> int:
        return self.emulator.account.add(DropletSpec(tags=tags)).id

    async def post(self, session: aiohttp.ClientSession, path: str) -> tuple[int, dict[str, object]]:
        async with session.post(f"{self.url}{path}") as answer:
            return answer.status, await answer.json()


@pytest.fixture(scope="module", params=SERVERS)
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The app in a process of its own; after the tests it ends without a complaint."""
    output = tmp_path_factory.mktemp("app") / "output"
    port = str(free_port())
    # Real time, so that an action takes 20 seconds, unless a test lets the account's time pass.
    with Emulator(droplets=1, limits=None) as emulator, output.open("w") as stream:
        command = [sys.executable, *WARNINGS, *SERVERS[request.param](port)]
        environ = environment(emulator, PORT=port)
        with subprocess.Popen(command, env=environ, stdout=stream, stderr=subprocess.STDOUT) as process:
            try:
                wait_for_port(int(port), process, output)
                yield App(url=f"http://localhost:{port}", emulator=emulator, output=output)
            finally:
                process.terminate()
                process.wait(60)
    said = output.read_text()
    assert "Traceback" not in said
    assert "Unclosed" not in said


def wait_for_port(port: int, process: subprocess.Popen[bytes], output: Path) -> None:
    for _ in range(600):
        with suppress(OSError), socket.create_connection(("localhost", port)):
            return
        assert process.poll() is None, output.read_text()
        time.sleep(0.05)
    pytest.fail("the app does not listen")


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def test_app_answers_how_a_reboot_ended(app: App, session: aiohttp.ClientSession) -> None:
    well, busy, failing, unresolved = (app.droplet() for _ in range(4))
    account = app.emulator.account
    account.start(busy, "power_cycle", outcome=Outcome(duration=600))  # it is in progress even on a slow machine

    class Lost(faults.DropAfter):
        """Loses the answer. Just before, another program reboots the Droplet, so it cannot be known whose each is."""

        def delivery(self) -> Delivery:
            account.start(unresolved, "reboot", outcome=Outcome(duration=0))
            return super().delivery()

    app.emulator.faults.add(
        faults.ErroredAction(route=f"POST /v2/droplets/{failing}/actions", after=0),
        Lost(route=f"POST /v2/droplets/{unresolved}/actions", times=1),
    )

    def reboot(droplet_id: int) -> asyncio.Task[tuple[int, dict[str, object]]]:
        return asyncio.create_task(app.post(session, f"/droplets/{droplet_id}/reboot"))

    unknown = await reboot(unresolved)  # before time is let pass, which would shift the stamps that it is found by
    answers = asyncio.gather(*(reboot(droplet_id) for droplet_id in (well, busy, 999, failing)))
    for droplet_id in (well, busy, failing):
        await app.emulator.requests.seen(f"POST /v2/droplets/{droplet_id}/actions", done=True, timeout=60.0)
    app.emulator.clock.advance(30)
    done, busy_answer, missing, failed = await answers

    assert done == (200, {"action_id": account.actions_of(well)[0].id, "status": "completed"})
    assert (busy_answer[0], busy_answer[1]["error"]) == (409, "PendingEventError")
    assert (missing[0], missing[1]["error"]) == (404, "NotFoundError")
    assert (failed[0], failed[1]["error"]) == (502, "ActionFailedError")
    assert failed[1]["action_id"] == account.actions_of(failing)[0].id
    assert (unknown[0], unknown[1]["error"]) == (502, "ActionOutcomeUnknownError")
    assert account.actions_of(unresolved, "reboot")[0].id in unknown[1]["candidates"]
    assert len(app.emulator.requests.on(f"POST /v2/droplets/{unresolved}/actions")) == 1
    assert reboots(app.emulator, well, failing) == [1, 1]


@pytest.mark.parametrize("app", ["fastapi"], indirect=True)
async def test_fastapi_answers_with_a_model(app: App, session: aiohttp.ClientSession) -> None:
    droplet_id = app.droplet("shown")
    async with session.get(f"{app.url}/droplets/{droplet_id}") as answer:
        body = await answer.json()
    assert answer.status == 200
    assert (body["id"], body["tags"], body["networks"]["v6"]) == (droplet_id, ["shown"], [])
    async with session.get(f"{app.url}/openapi.json") as answer:
        document = await answer.json()
    schema = document["paths"]["/droplets/{droplet_id}"]["get"]["responses"]["200"]["content"]["application/json"][
        "schema"
    ]
    assert schema["properties"]["id"] == {"type": "integer"}
    assert schema["required"] == ["id", "name", "status"]


async def test_app_streams_each_outcome_as_it_is_known(app: App, session: aiohttp.ClientSession) -> None:
    droplets = [app.droplet("stream") for _ in range(2)]
    off = app.emulator.account.add(DropletSpec(status="off", tags=["stream"])).id
    app.emulator.account.add(DropletSpec(gpu=False, tags=["stream"]))
    assert (await app.post(session, "/tags/nobody/reboot"))[0] == 404
    async with session.post(f"{app.url}/tags/stream/reboot") as answer:
        first = json.loads(await answer.content.readline())
        assert (answer.status, first["droplet_id"], first["status"]) == (200, off, "failed")
        assert app.emulator.account.pending(droplets[0]) is not None  # the others are still in progress
        app.emulator.clock.advance(30)
        rest = [json.loads(line) async for line in answer.content]
    assert sorted((line["droplet_id"], line["status"]) for line in rest) == [(one, "completed") for one in droplets]
    assert reboots(app.emulator, *droplets, off) == [1, 1, 0]


async def test_app_asks_no_more_when_callers_leave(app: App) -> None:
    waited_for, being_sent = app.droplet(), app.droplet()
    fleet = [app.droplet("many") for _ in range(22)]  # two more than may be in progress at once
    slow = f"POST /v2/droplets/{being_sent}/actions"
    app.emulator.faults.add(faults.Slow(1.5, route=slow))
    requests = app.emulator.requests
    before = len(requests)
    paths = (f"/droplets/{waited_for}/reboot", f"/droplets/{being_sent}/reboot", "/tags/many/reboot")
    async with aiohttp.ClientSession() as session:
        callers = [asyncio.create_task(app.post(session, path)) for path in paths]
        await requests.seen(slow, timeout=60.0)
        await eventually(lambda: sum(reboots(app.emulator, waited_for, *fleet)) == 21)
        await eventually(lambda: any(one.is_done for one in requests[before:] if one.is_on("GET /v2/*actions*")))
        for caller in callers:
            caller.cancel()
        await asyncio.gather(*callers, return_exceptions=True)
    await requests.seen(slow, done=True, timeout=60.0)
    await eventually(lambda: app.output.read_text().count("caller") >= 2)

    seen = len(requests)
    assert seen > before
    assert not requests.on(slow)[0].disconnected  # it was awaited to its end
    assert app.emulator.account.pending(waited_for) is not None  # the reboots themselves continue
    app.emulator.clock.advance(30)  # now two of the fleet would be next, and a wait would end
    await asyncio.sleep(2)
    assert len(requests) == seen
    assert reboots(app.emulator, waited_for, being_sent, *fleet) == [1, 1, *[1] * 20, 0, 0]


# ---- the scripts


@attrs.frozen(kw_only=True)
class Ended:
    status: int | None
    stdout: str
    stderr: str


async def run(
    emulator: Emulator, *command: str, cwd: Path, until: Callable[[], object] | None = None, token: str | None = None
) -> Ended:
    """Run an example; with ``until``, up to a Ctrl-C at that moment."""
    environ = environment(emulator, **({"DIGITALOCEAN_ACCESS_TOKEN": token} if token else {}))
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, *WARNINGS, str(EXAMPLES / command[0]), *command[1:]),
        cwd=cwd,
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    try:
        if until is not None:
            await eventually(until)
            process.send_signal(signal.SIGINT)
        stdout, stderr = await asyncio.wait_for(process.communicate(), 60)
    finally:
        with suppress(ProcessLookupError):
            process.kill()
    return Ended(status=process.returncode, stdout=stdout.decode(), stderr=stderr.decode())


async def test_script_exits_with_its_result(tmp_path: Path) -> None:
    specs = [DropletSpec()] * 3
    failing = faults.ErroredAction(route=f"POST /v2/droplets/{FIRST + 1}/actions")
    async with Emulator(specs, time_scale=20, faults=[failing]) as emulator:
        completed, failed, missing, no_id, refused = await asyncio.gather(
            run(emulator, "script.py", str(FIRST), cwd=tmp_path),
            run(emulator, "script.py", str(FIRST + 1), "--type", "power_cycle", cwd=tmp_path),
            run(emulator, "script.py", "999", cwd=tmp_path),
            run(emulator, "script.py", "0", cwd=tmp_path),
            run(emulator, "script.py", str(FIRST), cwd=tmp_path, token="wrong"),
        )
        assert reboots(emulator, FIRST, FIRST + 1) == [1, 0]
    assert (completed.status, completed.stderr) == (0, "")
    assert completed.stdout.endswith(": completed\n")
    assert [failed.status, missing.status, no_id.status, refused.status] == [1, 1, 2, 3]
    for ended in (failed, missing, no_id, refused):
        assert re.fullmatch(r"script\.py: .+\n", ended.stderr)  # one line, no traceback


async def test_script_ends_at_once_when_interrupted(tmp_path: Path) -> None:
    async with Emulator() as emulator:
        ended = await run(
            emulator, "script.py", str(FIRST), cwd=tmp_path, until=lambda: reboots(emulator, FIRST) == [1]
        )
        assert emulator.account.pending(FIRST) is not None
    assert ended.status == 130
    # The interrupt may be ahead of the answer that the account has sent, and then the SDK says so too.
    assert re.fullmatch(
        r"(POST .+ was cancelled while it was pending: .+\n)?script\.py: interrupted; .+\n", ended.stderr
    )


@pytest.mark.parametrize("lost", ["POST /v2/droplets", "POST /v2/droplets/{droplet_id}/actions", None])
@pytest.mark.parametrize("name", ["moved_script.py", "moved_async_script.py"])
async def test_moved_script_does_each_thing_once_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, lost: str | None
) -> None:
    monkeypatch.setenv("PAUSE", "0.05")
    fault = [faults.DropAfter(route=lost, times=1)] if lost else []
    async with Emulator(droplets=1, time_scale=600, limits=None, faults=fault) as emulator:
        ended = await run(emulator, name, cwd=tmp_path)
        assert (ended.status, ended.stderr.count("the answer was lost")) == (0, 1 if lost else 0), ended.stderr
        assert ended.stdout.endswith("2 snapshots\nnightly-1 is gone: 404\n")
        actions = [one for one in emulator.account.actions.values() if one.resource_id in (FIRST + 1, FIRST + 2)]
        assert Counter(action.type for action in actions) == {"create": 2, "shutdown": 2, "snapshot": 2, "destroy": 2}
        async with AsyncGradientAI(emulator.token, base_url=emulator.base_url) as client:
            groups = (client.gpu_droplets, client.gpu_droplets.volumes, client.gpu_droplets.snapshots, client.tags)
            assert [(await group.list()).meta.total for group in groups] == [1, 0, 0, 0]


class HealthChecks:
    """A server for the health checks of a fleet. It records when each Droplet was checked."""

    def __init__(self) -> None:
        self.ill: set[int] = set()
        self.asked: dict[int, float] = {}

    async def answer(self, request: web.BaseRequest) -> web.Response:
        droplet_id = int(request.path.strip("/"))
        self.asked.setdefault(droplet_id, time.time())
        return web.Response(status=503 if droplet_id in self.ill else 200)


@pytest.fixture
async def health() -> AsyncIterator[tuple[HealthChecks, list[str]]]:
    checks = HealthChecks()
    runner = web.ServerRunner(web.Server(checks.answer))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    options = ["--health-url", f"http://127.0.0.1:{runner.addresses[0][1]}/{{id}}", "--health-interval", "0.05"]
    yield checks, options
    await runner.cleanup()


async def test_rolling_reboot_resumes_after_ctrl_c(tmp_path: Path, health: tuple[HealthChecks, list[str]]) -> None:
    checks, options = health
    fleet = range(FIRST, FIRST + 4)
    command = ["rolling_reboot.py", "training", "--batch-size", "2", *options]
    async with Emulator([DropletSpec(tags=["training"])] * 4, time_scale=40) as emulator:
        first = await run(
            emulator, *command, cwd=tmp_path, until=lambda: sum(reboots(emulator, *fleet)) == 4
        )  # in the middle of the second batch
        assert first.status == 130
        assert "Traceback" not in first.stderr
        assert "interrupted" in first.stderr
        assert "2 completed, 2 started" in first.stdout
        assert (tmp_path / "reboot.svg").read_text(encoding="utf-8").startswith("<svg")
        assert journals(tmp_path, "training")
        starts = [action.at for one in fleet[2:] for action in emulator.requests.on(f"POST /v2/droplets/{one}/actions")]
        assert max(checks.asked[one] for one in fleet[:2]) < min(starts)  # the first batch was well before the second

        (tmp_path / "reboot.svg").unlink()
        second = await run(emulator, *command, cwd=tmp_path)
        assert (second.status, second.stderr) == (0, "")
        assert "4 completed" in second.stdout
        assert reboots(emulator, *fleet) == [1, 1, 1, 1]
        assert len(emulator.requests.on("POST *")) == 4
        assert set(checks.asked) == set(fleet)
        third = await run(emulator, *command, cwd=tmp_path)
        assert (third.status, third.stdout) == (2, "")
        assert "this journal's run is finished" in third.stderr
        assert len(emulator.requests.on("POST *")) == 4
    assert (tmp_path / "reboot.svg").exists()


async def test_rolling_reboot_stops_at_an_ill_droplet(tmp_path: Path, health: tuple[HealthChecks, list[str]]) -> None:
    checks, options = health
    checks.ill.add(FIRST)
    async with Emulator([DropletSpec(tags=["training"])] * 2, time_scale=40) as emulator:
        ended, of_nobody = await asyncio.gather(
            run(emulator, "rolling_reboot.py", "training", "--batch-size", "1", *options, cwd=tmp_path),
            run(emulator, "rolling_reboot.py", "nobody", "--picture", "nobody.svg", cwd=tmp_path),
        )
        assert reboots(emulator, FIRST, FIRST + 1) == [1, 0]
    assert ended.status == 1
    assert "1 failed, 1 skipped" in ended.stdout
    assert of_nobody.status == 1
    assert not journals(tmp_path, "nobody")
    assert journals(tmp_path, "training")


# ---- the notebook


def test_notebook_is_kept_without_what_it_put_out() -> None:
    notebook = json.loads((EXAMPLES / "notebook.ipynb").read_text(encoding="utf-8"))
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert cells
    assert all(cell["outputs"] == [] and cell["execution_count"] is None for cell in cells)
    assert all(cell["metadata"] == {} for cell in notebook["cells"])
    assert notebook["metadata"]["language_info"] == {"name": "python"}


async def test_notebook_runs_from_its_first_cell_to_its_last(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import nbformat
    from nbclient import NotebookClient

    notebook = nbformat.read(EXAMPLES / "notebook.ipynb", as_version=4)
    async with Emulator(droplets=2, time_scale=40) as emulator:
        for name, value in environment(emulator, IPYTHONDIR=str(tmp_path)).items():
            monkeypatch.setenv(name, value)
        await NotebookClient(notebook, timeout=60, kernel_name="python3").async_execute()
        assert reboots(emulator, FIRST, FIRST + 1) == [3, 1]
        assert len(emulator.account.actions_of(FIRST, "power_cycle")) == 1
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert not [output for output in outputs if output.output_type == "stream" and output.name == "stderr"]
    said = "".join(output.get("text", "") for output in outputs)
    assert "2 completed" in said
    assert "pending event" in said
    assert any("image/svg+xml" in output.get("data", {}) for output in outputs)
    results = [output.data["text/plain"] for output in outputs if output.output_type == "execute_result"]
    assert results.count("'completed'") == 3
