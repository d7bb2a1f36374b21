"""The verbs that create, reach and destroy Droplets: their group, usage lines and examples in the help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cyclopts import App, Group

from gradient_async.cli import cost_verb, create_verb, destroy_verb, hibernate_verb, reap_verb, ssh_verb, wake_verb

if TYPE_CHECKING:
    from collections.abc import Callable

LIFE: Final = Group("Create, reach and destroy", sort_key=0.5)

_SSH: Final = """\
Examples:

  gpu-droplets ssh trainer-01
  gpu-droplets ssh trainer-01 nvidia-smi
  gpu-droplets ssh 3164444 --user ubuntu -- -L 8888:localhost:8888
"""


# Each verb, what follows it on the usage line, and its examples.
_VERBS: Final[tuple[tuple[Callable[..., object], str, str], ...]] = (
    (create_verb.create, "--size SLUG [--count N] [OPTIONS]", create_verb.EXAMPLES),
    (destroy_verb.destroy, "ID|NAME...|@FILE|-|--tag TAG|--journal FILE [OPTIONS]", destroy_verb.EXAMPLES),
    (reap_verb.reap, "JOURNAL|--older-than TIME [OPTIONS]", reap_verb.EXAMPLES),
    (hibernate_verb.hibernate, "ID|NAME...|@FILE|-|--tag TAG [OPTIONS]", hibernate_verb.EXAMPLES),
    (wake_verb.wake, "FILE|--snapshot ID|NAME [OPTIONS]", wake_verb.EXAMPLES),
    (cost_verb.cost, "[ID|NAME...|@FILE|-|--tag TAG] [OPTIONS]", cost_verb.EXAMPLES),
    (ssh_verb.ssh, "ID|NAME [OPTIONS] [-- SSH OPTIONS AND COMMAND]", _SSH),
)


def register(app: App) -> None:
    """Add the verbs to the application."""
    for verb, usage, examples in _VERBS:
        app.command(verb, group=LIFE, usage=f"Usage: gpu-droplets {verb.__name__} {usage}", help_epilogue=examples)
