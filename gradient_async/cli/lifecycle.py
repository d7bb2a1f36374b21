"""The verbs from nothing to Droplets that work, and back: their group, usage lines and examples in the help."""

from __future__ import annotations

from typing import Final

from cyclopts import App, Group

from gradient_async.cli import cost_verb, create_verb, destroy_verb, hibernate_verb, reap_verb, ssh_verb, wake_verb

LIFE: Final = Group("Create, reach and destroy", sort_key=0.5)

_SSH: Final = """\
Examples:

  gpu-droplets ssh trainer-01
  gpu-droplets ssh trainer-01 nvidia-smi
  gpu-droplets ssh 3164444 --user ubuntu -- -L 8888:localhost:8888
"""


def register(app: App) -> None:
    """Add the verbs to the application."""
    app.command(
        create_verb.create,
        group=LIFE,
        usage="Usage: gpu-droplets create --size SLUG [--count N] [OPTIONS]",
        help_epilogue=create_verb.EXAMPLES,
    )
    app.command(
        destroy_verb.destroy,
        group=LIFE,
        usage="Usage: gpu-droplets destroy ID|NAME...|@FILE|-|--tag TAG|--journal FILE [OPTIONS]",
        help_epilogue=destroy_verb.EXAMPLES,
    )
    app.command(
        reap_verb.reap,
        group=LIFE,
        usage="Usage: gpu-droplets reap JOURNAL|--older-than TIME [OPTIONS]",
        help_epilogue=reap_verb.EXAMPLES,
    )
    app.command(
        hibernate_verb.hibernate,
        group=LIFE,
        usage="Usage: gpu-droplets hibernate ID|NAME...|@FILE|-|--tag TAG [OPTIONS]",
        help_epilogue=hibernate_verb.EXAMPLES,
    )
    app.command(
        wake_verb.wake,
        group=LIFE,
        usage="Usage: gpu-droplets wake FILE|--snapshot ID|NAME [OPTIONS]",
        help_epilogue=wake_verb.EXAMPLES,
    )
    app.command(
        cost_verb.cost,
        group=LIFE,
        usage="Usage: gpu-droplets cost [ID|NAME...|@FILE|-|--tag TAG] [OPTIONS]",
        help_epilogue=cost_verb.EXAMPLES,
    )
    app.command(
        ssh_verb.ssh,
        group=LIFE,
        usage="Usage: gpu-droplets ssh ID|NAME [OPTIONS] [-- SSH OPTIONS AND COMMAND]",
        help_epilogue=_SSH,
    )
