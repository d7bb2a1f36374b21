"""The verb ``ssh``: it finds a Droplet and starts the user's own ``ssh`` with its address."""

from __future__ import annotations

import asyncio
import os
import shlex
import shutil
import signal
import subprocess
import sys
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated, Final

from attrs import field, frozen
from cyclopts import Parameter

from gradient_async import settings
from gradient_async.cli import account as accounts
from gradient_async.cli import ids as ids_in
from gradient_async.cli.droplet_names import resolved_one
from gradient_async.cli.durations import seconds_in
from gradient_async.cli.exit_codes import COMPLETED, UsageError
from gradient_async.cli.options import DEBUG, DEFAULTS, AccountOptions, DebugOptions
from gradient_async.cli.read_command import WHAT
from gradient_async.cli.reads import one_reference
from gradient_async.cli.token_source import check_standard_input

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gradient_async.cli.account import Account
    from gradient_async.cli.references import Reference
    from gradient_async.cli.screen import Screen
    from gradient_async.models.droplet import Droplet

_PROGRAM: Final = "ssh"
_USUAL_PORT: Final = 22
_MAX_PORT: Final = 65535
_USER_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


@frozen(kw_only=True)
class SshCommand:
    """The command behind ``ssh``.

    Attributes:
        reference: Id or name of the Droplet.
        words: Options and command for ``ssh``.
        user: Name of the user on the Droplet.
        port: Port of SSH; ``None`` for the one that ``ssh`` takes.
        is_private: Whether the Droplet's address in its VPC is used.
        wait: Seconds to wait until SSH answers; ``None`` for no wait.
        is_dry_run: Whether the command line of ``ssh`` is only shown.
        account: Options of the account.
        display: Options of the output.
    """

    reference: Reference
    words: Sequence[str]
    user: str
    port: int | None
    is_private: bool
    wait: float | None
    is_dry_run: bool
    account: AccountOptions
    display: DebugOptions = field(default=DEBUG)

    def run(self, screen: Screen) -> int:
        """Find the Droplet, start ``ssh``, and return its exit status.

        Raises:
            UsageError: There is no such Droplet, it has no address, or ``ssh`` is not installed.
            DropletWaitTimeoutError: SSH did not answer in time.
        """
        with accounts.opened(self.account, with_ssh=self.wait is not None) as opened:
            droplet = asyncio.run(self._found(screen, opened))
            line = ssh_line(droplet, user=self.user, words=self.words, port=self.port, is_private=self.is_private)
            if self.is_dry_run:
                screen.write(shlex.join(line))
                return COMPLETED
            program = shutil.which(_PROGRAM)
            if program is None:
                raise UsageError("ssh: there is no such program on this machine; install OpenSSH, or see --dry-run")
            environment = settings.environment_without_tokens(opened.token.value)
            if self.account.emulated is None and sys.platform != "win32":
                screen.out.flush()
                os.execve(program, line, environment)  # noqa: S606 - checked words, and no shell
            return _status_of([program, *line[1:]], environment)

    async def _found(self, screen: Screen, opened: Account) -> Droplet:
        async with opened.client() as client:
            droplet_id = await resolved_one(client, self.reference)
            if self.wait is None:
                return (await client.gpu_droplets.retrieve(droplet_id)).droplet
            with screen.waiting(f"waiting until SSH answers on Droplet {droplet_id}"):
                return await client.gpu_droplets.wait(
                    droplet_id,
                    until="ssh",
                    timeout=self.wait,
                    ssh_port=opened.ssh_port or self.port or _USUAL_PORT,
                    address="private" if self.is_private else "public",
                )


def ssh(
    id: Annotated[str, Parameter(group=WHAT, metavar="ID|NAME")],
    /,
    *words: Annotated[str, Parameter(group=WHAT, metavar="WORD")],
    user: Annotated[str, Parameter(group=WHAT, metavar="NAME")] = "root",
    port: Annotated[int | None, Parameter(group=WHAT, metavar="PORT")] = None,
    private: Annotated[bool, Parameter(group=WHAT, negative=(), show_default=False)] = False,
    wait: Annotated[str | None, Parameter(group=WHAT, metavar="TIME")] = None,
    dry_run: Annotated[bool, Parameter(group=WHAT, negative=(), show_default=False)] = False,
    account: AccountOptions = DEFAULTS.account,
    display: DebugOptions = DEBUG,
) -> SshCommand:
    """Log in to a Droplet: find its address, and start your own ssh with it.

    The exit status is that of ssh. Your keys, agent and ~/.ssh/config are used.
    The access token is not in the environment of ssh.

    Args:
        id: Id or name of the Droplet.
        words: A command for the Droplet. Options of ssh stand after --, before the command.
        user: The user on the Droplet.
        port: Port of SSH on the Droplet. The default is that of ssh.
        private: Use the Droplet's address in its VPC, not the public one.
        wait: First wait until SSH answers, for this time at most, such as 5m.
        dry_run: Show the command line of ssh, and do not start it.
    """
    check_standard_input(account, [id])
    _check_user(user)
    if port is not None and not 1 <= port <= _MAX_PORT:
        raise UsageError(f"--port: expected 1 to {_MAX_PORT}, got {port}")
    return SshCommand(
        reference=one_reference(id),
        # The application has replaced a "-", which means standard input elsewhere.
        words=["-" if word == ids_in.STANDARD_INPUT else word for word in words],
        user=user,
        port=port,
        is_private=private,
        wait=seconds_in("--wait", wait),
        is_dry_run=dry_run,
        account=account,
        display=display,
    )


def ssh_line(
    droplet: Droplet, *, user: str, words: Sequence[str], port: int | None = None, is_private: bool = False
) -> list[str]:
    """Return the command line of ``ssh``. Pure.

    The Droplet's name is not part of it. The address is checked, so that no answer can become an option of ``ssh``.

    Raises:
        UsageError: The Droplet is off, or has no such address.
    """
    which = f"Droplet {droplet.id} ({droplet.name})"
    if droplet.is_off:
        raise UsageError(f"{which} is off. Switch it on: gpu-droplets power-on {droplet.id}")
    address = _address(droplet, "private" if is_private else "public")
    if address is None:
        has_other = _address(droplet, "public" if is_private else "private") is not None
        also = f", or {'leave out' if is_private else 'pass'} --private" if has_other else ""
        kind = "private" if is_private else "public"
        raise UsageError(f"{which} has no {kind} address yet. Pass --wait 5m{also}")
    return [_PROGRAM, *(["-p", str(port)] if port is not None else []), f"{user}@{address}", *words]


def _address(droplet: Droplet, kind: str) -> str | None:
    """Return the first valid address of a kind, IPv4 before IPv6."""
    networks = droplet.networks
    found = [one.ip_address for one in networks.v4 if one.type == kind]
    found += [one.ip_address for one in networks.v6 if one.type == kind]
    return next((one for one in found if one is not None and _is_address(one)), None)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _check_user(user: str) -> None:
    if not user or user.startswith("-") or not set(user) <= _USER_LETTERS:
        raise UsageError(f"--user: expected a user's name, such as root or ubuntu, got {user!r:.80}")


def _status_of(line: Sequence[str], environment: dict[str, str]) -> int:
    """Run ``ssh`` as a child, and return its exit status. A Ctrl-C is for the child alone."""
    # A handler, unlike an ignored signal, is not handed on to the child.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        return subprocess.run(line, env=environment, check=False).returncode  # noqa: S603 - checked words, and no shell
    finally:
        signal.signal(signal.SIGINT, before)
