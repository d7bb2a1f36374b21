"""The index of the verbs that act: their groups, examples and usage lines in the help."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

from cyclopts import App, Group

from gradient_async.cli import act_verbs, journals, resume_verb, verbs
from gradient_async.cli.fleet_command import FleetCommand

Verb: TypeAlias = Callable[..., FleetCommand]

POWER: Final = Group("Power", sort_key=1)
DISK: Final = Group("Disk and size", sort_key=2)
SETTINGS: Final = Group("Settings", sort_key=3)
RUNS: Final = Group("Single actions, and interrupted runs", sort_key=4)

_USAGE: Final = "Usage: {path} {name} ID|NAME...|@FILE|-|--tag TAG [OPTIONS]"
_PLAIN_AND_ACT: Final[Mapping[Group, tuple[Verb, ...]]] = {
    POWER: (verbs.reboot, verbs.power_cycle, verbs.shutdown),
    DISK: (verbs.rebuild, verbs.restore),
    SETTINGS: (
        verbs.rename,
        verbs.password_reset,
        verbs.enable_ipv6,
        verbs.enable_backups,
        verbs.disable_backups,
        verbs.change_backup_policy,
        verbs.change_kernel,
    ),
}
_PLAIN_ONLY: Final[Mapping[Group, tuple[Verb, ...]]] = {
    POWER: (verbs.power_off, verbs.power_on),
    DISK: (verbs.snapshot, verbs.resize),
}
# Group, verb, and the words after the name in its example.
_ACT_ONLY: Final[Mapping[str, tuple[Group, Verb, str]]] = {
    "power-off": (POWER, act_verbs.power_off, "--tag idle --by-tag"),
    "power-on": (POWER, act_verbs.power_on, "@trainers.txt"),
    "snapshot": (DISK, act_verbs.snapshot, "3164444 --name trainer-01-before-upgrade"),
    "resize": (DISK, act_verbs.resize, "3164444 --size gpu-h100x8-640gb"),
}
_EXAMPLES: Final = {
    "reboot": """
        gpu-droplets reboot 3164444 3164445
        gpu-droplets reboot --tag training --batch-size 10% --max-errors 5%
        gpu-droplets reboot --tag t --batch-size 1 --health-check 'nc -z {address} 22'
        gpu-droplets reboot --tag training --journal reboot-$(date +%F).journal
        gpu-droplets list --region atl1 -o id | gpu-droplets reboot -
    """,
    "power-cycle": "gpu-droplets power-cycle 3164444 --until status",
    "shutdown": "gpu-droplets shutdown --tag idle --by-tag",
    "power-off": """
        gpu-droplets power-off --tag idle --grace 5m
        gpu-droplets power-off 3164444 --no-graceful --yes
    """,
    "power-on": "gpu-droplets power-on @trainers.txt",
    "snapshot": "gpu-droplets snapshot --tag training --name '{name}-{date}-idle'",
    "resize": "gpu-droplets resize 3164444 --size gpu-h100x8-640gb --grace 5m",
    "rebuild": "gpu-droplets rebuild --tag training --image gpu-h100x1-base --batch-size 1",
    "restore": "gpu-droplets restore 3164444 --image 7938291",
    "rename": "gpu-droplets rename 3164444 --name trainer-01",
    "password-reset": "gpu-droplets password-reset 3164444",
    "enable-ipv6": "gpu-droplets enable-ipv6 --tag training",
    "enable-backups": "gpu-droplets enable-backups 3164444 --plan weekly --weekday SUN",
    "disable-backups": "gpu-droplets disable-backups --tag scratch",
    "change-backup-policy": "gpu-droplets change-backup-policy 3164444 --plan daily --hour 20",
    "change-kernel": "gpu-droplets change-kernel 3164444 --kernel 7515",
}


def register(app: App) -> None:
    """Add the verbs to the application, and under ``act`` the 16 actions of the API."""
    act = App(
        "act",
        help="Send one action of the API for each Droplet, and nothing else.\n\n"
        "The verbs of the same names without act do more: power-on and power-off skip\n"
        "a Droplet that is in the state already, resize switches the Droplet off and on\n"
        "again, snapshot names each snapshot after its Droplet.",
        help_epilogue="Example:\n\n  gpu-droplets act resize 3164444 --size gpu-h100x8-640gb",
        group=RUNS,
    )
    for group, of_group in _PLAIN_AND_ACT.items():
        for verb in of_group:
            _add(app, verb, group)
            _add(act, verb, group)
    for group, of_group in _PLAIN_ONLY.items():
        for verb in of_group:
            _add(app, verb, group)
    for name, (group, verb, words) in _ACT_ONLY.items():
        _add(act, verb, group, name=name, examples=[f"gpu-droplets act {name} {words}"])
    app.command(act)
    app.command(
        resume_verb.resume,
        group=RUNS,
        help_epilogue="Examples:\n\n  gpu-droplets resume reboot-2026-11-30.journal --dry-run\n"
        "  gpu-droplets resume reboot-2026-11-30.journal --report reboot.html",
    )
    journals.register(app, RUNS)


def _add(app: App, verb: Verb, group: Group, *, name: str | None = None, examples: Sequence[str] = ()) -> None:
    name = name or verb.__name__.replace("_", "-")
    path = "gpu-droplets act" if app.name[0] == "act" else "gpu-droplets"
    lines = examples or [line.strip() for line in _EXAMPLES[name].strip().splitlines()]
    lines = [line.replace(f"gpu-droplets {name}", f"{path} {name}") for line in lines]
    heading = "Example:" if len(lines) == 1 else "Examples:"
    epilogue = "\n".join([heading, "", *(f"  {line}" for line in lines)])
    app.command(verb, name=name, group=group, usage=_USAGE.format(path=path, name=name), help_epilogue=epilogue)
