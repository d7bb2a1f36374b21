"""The verbs that need no account: the emulator, and completion for shells."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Final, Literal

from attrs import frozen
from cyclopts import App, Group, Parameter

from gradient_async.cli.completions import bash_script
from gradient_async.cli.exit_codes import COMPLETED, UsageError
from gradient_async.cli.options import DEFAULTS, OutputOptions

if TYPE_CHECKING:
    from gradient_async.cli.screen import Screen

SERVICES: Final = Group("Try out, and set up", sort_key=5)
_MAX_PORT: Final = 65_535
Shell = Literal["bash", "zsh", "fish"]


@frozen(kw_only=True)
class EmulateCommand:
    """The verb that serves the emulator.

    Attributes:
        words: What the emulator's own command is told.
        display: What is written.
    """

    words: tuple[str, ...]
    display: OutputOptions = DEFAULTS.display

    def run(self, screen: Screen) -> int:  # noqa: ARG002 - as every command
        """Serve until Ctrl-C, and give the exit status."""
        from gradient_async.emulator.__main__ import main

        return main(self.words)


@frozen(kw_only=True)
class CompletionCommand:
    """The verb that writes a completion script.

    Attributes:
        app: The application that is completed.
        shell: The shell.
        display: What is written.
    """

    app: App
    shell: Shell
    display: OutputOptions = DEFAULTS.display

    def run(self, screen: Screen) -> int:
        """Write it, and give the exit status."""
        script = self.app.generate_completion(shell=self.shell)
        screen.write_script((bash_script(script) if self.shell == "bash" else script).rstrip("\n"))
        return COMPLETED


def emulate(
    *,
    droplets: Annotated[int, Parameter(metavar="N")] = 3,
    tag: Annotated[tuple[str, ...], Parameter(metavar="TAG")] = (),
    host: str = "127.0.0.1",
    port: int = 8787,
    time_scale: Annotated[float, Parameter(metavar="X")] = 1.0,
    limits: bool = True,
    token: str | None = None,
    for_verb: Annotated[str | None, Parameter(name="--for", metavar="VERB")] = None,
    debug: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
) -> EmulateCommand:
    """Serve an emulated account over HTTP until Ctrl-C, for this command, for curl, for any program.

    Args:
        droplets: How many GPU Droplets it has.
        tag: A tag of every Droplet; can be repeated.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        time_scale: How many times as fast the account's time runs.
        limits: Limit requests as the API does, or not at all.
        token: The token that is let in; a new one by default.
        for_verb: Have the Droplets in a state in which this verb makes sense, such as power-on.
        debug: Write a line for each request, and the traceback of an error.
    """
    if not 0 <= port <= _MAX_PORT:
        raise UsageError(f"--port: expected 0 to {_MAX_PORT:,}, got {port}")
    if droplets < 1:
        raise UsageError(f"--droplets: expected at least 1, got {droplets}")
    if not 0 < time_scale < math.inf:
        raise UsageError(f"--time-scale: expected a number above 0, got {time_scale:g}")
    given = {"--token": token, "--for": for_verb}
    words = [f"{name}={value}" for name, value in given.items() if value is not None]
    words += ["--debug"] if debug else []
    words += ["--droplets", str(droplets), "--host", host, "--port", str(port), "--time-scale", str(time_scale)]
    words += [f"--tag={one}" for one in tag]
    return EmulateCommand(words=tuple(words if limits else [*words, "--no-limits"]), display=OutputOptions(debug=debug))


def register(app: App) -> None:
    """Give the application its verbs."""

    def completion(shell: Shell, /) -> CompletionCommand:
        """Write a script that lets a shell complete this command.

        Args:
            shell: The shell.
        """
        return CompletionCommand(app=app, shell=shell)

    app.command(
        emulate, group=SERVICES, help_epilogue="Example:\n\n  gpu-droplets emulate --droplets 20 --tag training"
    )
    app.command(
        completion,
        group=SERVICES,
        help_epilogue="Examples:\n\n"
        "  gpu-droplets completion bash > ~/.local/share/bash-completion/completions/gpu-droplets\n"
        "  gpu-droplets completion fish > ~/.config/fish/completions/gpu-droplets.fish",
    )
