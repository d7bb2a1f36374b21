"""Start: the time of an import, and the time from the start of a process to its first answer.

All code is compiled to bytecode before. Each round takes the better of two starts of each program.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING, Final, NamedTuple

import command
from cores import on_core
from rounds import environment
from server import static_server
from tables import Figure, Table, ratio_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from address import Address
    from command import Options

_STARTS_A_ROUND: Final = 2
_BARE: Final = "bare Python"


class Program(NamedTuple):
    """A program to start.

    Attributes:
        label: Its name in tables.
        needs: The module that it needs.
        source: Its source. It prints a line at the point to measure. ``URL`` stands for the base URL.
        is_secure: Whether it uses TLS.
    """

    label: str
    needs: str
    source: str
    is_secure: bool = False


def _import_of(module: str) -> Program:
    return Program(f"import {module}", module.partition(".")[0], f"import {module}\nprint(flush=True)")


_IMPORTS: Final = {
    _BARE: Program(_BARE, "sys", "print(flush=True)"),
    **{
        f"import {module}": _import_of(module)
        for module in ("gradient_sync", "gradient_async", "gradient", "pydo", "pydo.aio", "aiohttp")
    },
}
_IMPORT_PAIRS: Final = {
    "import gradient_sync": ("import gradient", "import pydo"),
    "import gradient_async": ("import pydo.aio",),
}

_OURS: Final = """\
from gradient_sync import GradientAI
client = GradientAI("benchmark-token", base_url="URL")
print(client.gpu_droplets.actions.initiate(droplet_id=3164444, type="reboot").action.id, flush=True)
"""
_GRADIENT: Final = """\
from gradient import Gradient
client = Gradient(access_token="benchmark-token", base_url="URL")
print(client.gpu_droplets.actions.initiate(3164444, type="reboot").action.id, flush=True)
"""
_PYDO: Final = """\
from pydo import Client
client = Client("benchmark-token", endpoint="URL")
print(client.droplet_actions.post(3164444, body={"type": "reboot"})["action"]["id"], flush=True)
"""
_REQUESTS: Final = """\
import requests
headers = {"Authorization": "Bearer benchmark-token"}
answer = requests.post("URL/v2/droplets/3164444/actions", json={"type": "reboot"}, headers=headers, timeout=60)
print(answer.json()["action"]["id"], flush=True)
"""
_ANSWERS: Final = {
    "ours": Program("gradient_sync", "gradient_sync", _OURS),
    "gradient": Program("gradient, sync", "gradient", _GRADIENT),
    "requests": Program("requests + .json()", "requests", _REQUESTS),
    "ours-tls": Program("gradient_sync, TLS", "gradient_sync", _OURS, is_secure=True),
    "pydo": Program("pydo, TLS", "pydo", _PYDO, is_secure=True),
}
_ANSWER_PAIRS: Final = {"ours": ("gradient", "requests"), "ours-tls": ("pydo",)}


def measure(options: Options) -> Sequence[Table]:
    """Measure the milliseconds of an import, and until the first answer."""
    with static_server() as address:
        return [
            _table("import", "import, over bare Python", _IMPORTS, _IMPORT_PAIRS, options, address),
            _table("first answer", "process start to first sync answer", _ANSWERS, _ANSWER_PAIRS, options, address),
        ]


def _table(
    scenario: str,
    title: str,
    programs: Mapping[str, Program],
    pairs: Mapping[str, Sequence[str]],
    options: Options,
    address: Address,
) -> Table:
    missing = {name: _missing(program, address) for name, program in programs.items()}
    able = {name: program for name, program in programs.items() if missing[name] is None}
    spent = _over_bare(_starts(able, options.rounds, address))
    ratios = [
        ratio_of(scenario, (able[ours].label, spent[ours]), (other, able[other].label, spent[other]))
        for ours, others in pairs.items()
        for other in others
        if ours in able and other in able
    ]
    return Table(
        scenario=scenario,
        title=title,
        unit="ms",
        figures=tuple(Figure(label=able[name].label, values=tuple(values)) for name, values in spent.items()),
        ratios=tuple(ratios),
        remarks=tuple(
            f"{programs[name].label}: skipped, {module} not installed" for name, module in missing.items() if module
        ),
    )


def _missing(program: Program, address: Address) -> str | None:
    if program.is_secure and address.secure is None:
        return "trustme"
    return program.needs if importlib.util.find_spec(program.needs) is None else None


def _starts(programs: Mapping[str, Program], rounds: int, address: Address) -> Mapping[str, list[float]]:
    """Return the milliseconds of each program, the best of each round."""
    with tempfile.TemporaryDirectory() as folder, on_core("client"):
        for program in programs.values():
            _milliseconds(program, address, folder)  # compiles the imported modules
        spent: dict[str, list[float]] = {name: [] for name in programs}
        for _ in range(rounds):
            for name, program in programs.items():
                spent[name].append(min(_milliseconds(program, address, folder) for _ in range(_STARTS_A_ROUND)))
        return spent


def _over_bare(spent: Mapping[str, list[float]]) -> Mapping[str, list[float]]:
    if _BARE not in spent:
        return spent
    return {
        name: [one - bare for one, bare in zip(values, spent[_BARE], strict=True)]
        for name, values in spent.items()
        if name != _BARE
    }


def _milliseconds(program: Program, address: Address, folder: str) -> float:
    """Return the time from the start of a process until it prints its line."""
    url = (address.secure if program.is_secure else address.plain) or ""
    around = {name: value for name, value in environment(url, address).items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-P", "-c", program.source.replace("URL", url)],
        stdout=subprocess.PIPE,
        cwd=folder,  # a folder without modules
        env=around,
    ) as process:
        line = process.stdout.readline() if process.stdout else b""
        seconds = time.perf_counter() - began
    if process.returncode or not line:
        raise RuntimeError(f"{program.label}: failed with status {process.returncode}")
    return seconds * 1000


if __name__ == "__main__":
    sys.exit(command.run(measure, __doc__ or ""))
