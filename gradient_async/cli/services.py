"""The verbs that need no account: completion scripts for shells, and the registration of ``emulate``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from attrs import frozen
from cyclopts import App, Group

from gradient_async.cli.completions import bash_script
from gradient_async.cli.exit_codes import COMPLETED
from gradient_async.cli.options import DEFAULTS, OutputOptions

if TYPE_CHECKING:
    from gradient_async.cli.screen import Screen

SERVICES: Final = Group("Emulator and set-up", sort_key=5)
Shell = Literal["bash", "zsh", "fish"]


@frozen(kw_only=True)
class CompletionCommand:
    """The command behind ``completion``.

    Attributes:
        app: The application.
        shell: The shell.
        display: Options of the output.
    """

    app: App
    shell: Shell
    display: OutputOptions = DEFAULTS.display

    def run(self, screen: Screen) -> int:
        """Write the script, and return the exit status."""
        script = self.app.generate_completion(shell=self.shell)
        screen.write_script((bash_script(script) if self.shell == "bash" else script).rstrip("\n"))
        return COMPLETED


def register(app: App) -> None:
    """Add the verbs to the application."""

    def completion(shell: Shell, /) -> CompletionCommand:
        """Print the completion script for a shell.

        Args:
            shell: The shell.
        """
        return CompletionCommand(app=app, shell=shell)

    # By name: the emulator is slow to import, and the other verbs do without it.
    app.command(
        "gradient_async.cli.emulate_command:emulate",
        group=SERVICES,
        help="Serve an emulated account over HTTP until Ctrl-C, for this command or any other program.",
        help_epilogue="Examples:\n\n"
        "  gpu-droplets emulate --droplets 20 --tag training\n"
        "  gpu-droplets emulate --fault ErroredAction:rate=0.1 --lag list=20",
    )
    # By name: it imports every endpoint.
    app.command(
        "gradient_async.cli.doctor_verb:doctor",
        group=SERVICES,
        help="Find out why requests fail: token, scopes, clock, proxy, TLS, DNS, rate limit.",
        help_epilogue="Examples:\n\n"
        "  gpu-droplets doctor\n"
        "  gpu-droplets doctor --conformance --output json > report.json",
    )
    app.command(
        completion,
        group=SERVICES,
        help_epilogue="Examples:\n\n"
        "  gpu-droplets completion bash \\\n"
        "    > ~/.local/share/bash-completion/completions/gpu-droplets\n"
        "  gpu-droplets completion fish > ~/.config/fish/completions/gpu-droplets.fish",
    )
