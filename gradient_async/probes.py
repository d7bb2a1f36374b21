"""Ready-made probes for ``gpu_droplets.wait``: commands that run on a Droplet, through your own ``ssh`` program.

::

    from gradient_async import probes

    ssh = {"user": "root", "ssh_options": ["StrictHostKeyChecking=accept-new"]}
    until = ["ssh", probes.cloud_init(**ssh), probes.nvidia_smi(**ssh)]
    droplet = await client.gpu_droplets.wait(droplet, until=until, timeout=900)

Your keys, agent and ``~/.ssh/config`` are used. ``ssh`` asks nothing (``BatchMode``), and the access token is not in
its environment. A new Droplet's host key is unknown to ``ssh``, which then refuses to connect: whether to accept it
(``StrictHostKeyChecking=accept-new``) is your decision.
"""

from __future__ import annotations

import os
import re
import secrets
import shlex
import shutil
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypedDict

import anyio
from attrs import field, frozen

from gradient_async import child_processes
from gradient_async.arguments import checked_choice, checked_count, checked_lines, checked_text
from gradient_async.errors import UnhealthyDropletError
from gradient_async.waiting.readiness import ADDRESS_KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Unpack

    from gradient_async.child_processes import Ended
    from gradient_async.models.droplet import Droplet

__all__ = ["SSHOptions", "SSHProbe", "cloud_init", "command", "nvidia_smi", "rocm_smi"]

_USER: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")
_OPTION: Final = re.compile(r"[A-Za-z]+\s*[=\s]\s*\S.*")
_MAX_PORT: Final = 65_535
# The first value counts for ssh: options of the caller stand before these.
_USUAL: Final = ("ConnectTimeout=10", "ServerAliveInterval=15", "ServerAliveCountMax=3", "LogLevel=ERROR")
_UNKNOWN_HOST: Final = "host key verification failed"
_STATUS_OF_SSH: Final = 255
_DRIVER_SECONDS: Final = 60.0


class _Facts(TypedDict, total=False):
    good: frozenset[int]
    final: frozenset[int]
    try_seconds: float


class SSHOptions(TypedDict, total=False):
    """How ``ssh`` reaches a Droplet.

    Attributes:
        user: The user on the Droplet; ``"root"`` by default.
        key_file: Path of the private key; by default, ``ssh`` decides.
        port: TCP port of SSH; 22 by default.
        address: The Droplet's address, ``"public"`` (by default) or ``"private"``.
        ssh_options: More options for ``ssh -o``, such as ``["StrictHostKeyChecking=accept-new"]``.
        program: Name or path of the ``ssh`` program; ``"ssh"`` by default.
    """

    user: str
    key_file: str | os.PathLike[str] | None
    port: int
    address: Literal["public", "private"]
    ssh_options: Sequence[str]
    program: str


@frozen(kw_only=True)
class SSHProbe:
    """A probe that runs a command on a Droplet. The functions of this module make it.

    Called with a Droplet, it returns whether the command ended with a good exit status. It raises ``ConnectionError``
    if ``ssh`` does not reach the Droplet, ``TimeoutError`` if a try takes too long, and ``UnhealthyDropletError`` if
    another try would not help.

    Attributes:
        name: What errors call it.
        script: The command, for the shell ``sh`` on the Droplet.
        user: The user on the Droplet.
        key_file: Path of the private key; ``None`` if ``ssh`` decides.
        port: TCP port of SSH.
        address: The kind of the Droplet's address.
        ssh_options: More options for ``ssh -o``.
        program: Name or path of the ``ssh`` program.
        good: The good exit statuses of the command.
        final: The exit statuses after which another try would not help.
        try_seconds: Maximum seconds of one try; ``None`` for no limit of its own.
    """

    name: str
    script: str
    user: str = "root"
    key_file: str | None = None
    port: int = 22
    address: Literal["public", "private"] = "public"
    ssh_options: tuple[str, ...] = ()
    program: str = "ssh"
    good: frozenset[int] = field(default=frozenset({0}))
    final: frozenset[int] = field(default=frozenset())
    try_seconds: float | None = None

    async def __call__(self, droplet: Droplet) -> bool:
        """Run the command on a Droplet, and return whether it passed."""
        program = shutil.which(self.program)
        if program is None:
            raise self._hopeless(droplet, f"there is no program {self.program!r} on this machine")
        mark = f"gradient-{secrets.token_hex(8)}"
        with anyio.fail_after(self.try_seconds):
            ended = await child_processes.run([program, *self._words(droplet, mark)], keeps_output=True)
        status = _status_in(ended.output, mark)
        if status is None:
            raise self._unreached(droplet, ended)
        if status in self.final:
            written = ended.output.partition(mark)[0].strip()  # errors can be a warning of ssh itself
            raise self._hopeless(droplet, f"it ended with status {status}: {_last_line(written or ended.errors)}")
        return status in self.good

    def __str__(self) -> str:
        return self.name

    def _words(self, droplet: Droplet, mark: str) -> list[str]:
        """Return the arguments of ``ssh``. The Droplet's name is not among them, and its address is checked.

        Raises:
            ConnectionError: The Droplet has no address yet.
        """
        address = droplet.public_ip if self.address == "public" else droplet.private_ip
        if address is None:
            raise ConnectionError(f"Droplet {droplet.id} has no {self.address} address yet")
        try:
            ip_address(address)
        except ValueError:
            raise self._hopeless(droplet, f"{address!r:.80} is no IP address") from None
        options = ["BatchMode=yes", *self.ssh_options, *_USUAL]
        key = ["-i", self.key_file] if self.key_file is not None else []
        # An image can answer every login with a text and status 0 until its first boot is complete. Only a command that
        # was really run prints the mark.
        remote = f"({self.script}\n); echo {mark} $?"
        return [
            "-T",
            *(word for option in options for word in ("-o", option)),
            *key,
            *("-p", str(self.port), "-l", self.user, address, "--"),
            f"sh -c {shlex.quote(remote)}",
        ]

    def _unreached(self, droplet: Droplet, ended: Ended) -> Exception:
        reason = _last_line(ended.errors or ended.output)
        if _UNKNOWN_HOST in ended.errors.lower():
            hint = "Accept the keys of new Droplets with ssh_options=['StrictHostKeyChecking=accept-new']"
            return self._hopeless(droplet, f"{reason} {hint}")
        if ended.status == _STATUS_OF_SSH:
            return ConnectionError(f"ssh did not reach Droplet {droplet.id}: {reason}")
        return ConnectionError(f"Droplet {droplet.id} did not run the command, status {ended.status}: {reason}")

    def _hopeless(self, droplet: Droplet, reason: str) -> UnhealthyDropletError:
        text = f"the probe {self.name!r:.80} of Droplet {droplet.id} cannot pass: {reason}"
        return UnhealthyDropletError(text, droplet_id=droplet.id, droplet=droplet)


def command(text: str | Sequence[str], **ssh: Unpack[SSHOptions]) -> SSHProbe:
    """Return a probe that passes if a command ends with exit status 0 on the Droplet.

    Args:
        text: The command, as a text that the Droplet's ``sh`` reads, or as words, which are quoted for it.
        **ssh: How ``ssh`` reaches the Droplet; see ``SSHOptions``.

    Raises:
        TypeError: An argument has the wrong type.
        ValueError: An argument is out of range, or could be read as an option of ``ssh``.
    """
    script = text if isinstance(text, str) else shlex.join(text)
    return _probe(checked_lines("text", script, "test -f /ready"), script, ssh)


def cloud_init(**ssh: Unpack[SSHOptions]) -> SSHProbe:
    """Return a probe that passes when the first boot is complete: ``cloud-init status --wait``.

    A status that is done with recoverable errors passes too. If cloud-init failed, the wait ends with
    ``UnhealthyDropletError``.

    Args:
        **ssh: How ``ssh`` reaches the Droplet; see ``SSHOptions``.
    """
    return _probe("cloud-init", "cloud-init status --wait", ssh, good=frozenset({0, 2}), final=frozenset({1}))


def nvidia_smi(**ssh: Unpack[SSHOptions]) -> SSHProbe:
    """Return a probe that passes when the driver of NVIDIA GPUs answers: ``nvidia-smi``.

    Args:
        **ssh: How ``ssh`` reaches the Droplet; see ``SSHOptions``.
    """
    return _probe("nvidia-smi", "nvidia-smi", ssh, try_seconds=_DRIVER_SECONDS)


def rocm_smi(**ssh: Unpack[SSHOptions]) -> SSHProbe:
    """Return a probe that passes when the driver of AMD GPUs answers: ``rocm-smi``.

    Args:
        **ssh: How ``ssh`` reaches the Droplet; see ``SSHOptions``.
    """
    return _probe("rocm-smi", "rocm-smi", ssh, try_seconds=_DRIVER_SECONDS)


def _probe(name: str, script: str, ssh: SSHOptions, **facts: Unpack[_Facts]) -> SSHProbe:
    """Return a probe whose options are checked."""
    unknown = sorted(set(ssh) - SSHOptions.__annotations__.keys())
    if unknown:
        allowed = ", ".join(SSHOptions.__annotations__)
        raise TypeError(f"{unknown[0]}: unknown option. Options of a probe: {allowed}")
    user, options = checked_text("user", ssh.get("user", "root"), "ubuntu"), ssh.get("ssh_options", ())
    if not _USER.fullmatch(user):
        raise ValueError(f"user: expected a user's name such as 'root' or 'ubuntu', got {user!r:.80}")
    if isinstance(options, str) or not all(isinstance(one, str) for one in options):
        raise TypeError("ssh_options: expected a list of texts such as ['StrictHostKeyChecking=accept-new']")
    if wrong := [one for one in options if not _OPTION.fullmatch(one)]:
        raise ValueError(
            f"ssh_options: expected texts such as 'StrictHostKeyChecking=accept-new', got {wrong[0]!r:.80}"
        )
    checked_choice("address", ssh.get("address", "public"), ADDRESS_KINDS)
    return SSHProbe(
        name=name,
        script=script,
        user=user,
        key_file=_path_of(ssh.get("key_file")),
        port=checked_count("port", ssh.get("port", 22), minimum=1, maximum=_MAX_PORT),
        address=ssh.get("address", "public"),
        ssh_options=tuple(options),
        program=checked_text("program", ssh.get("program", "ssh"), "ssh"),
        **facts,
    )


def _path_of(key_file: str | os.PathLike[str] | None) -> str | None:
    if key_file is None:
        return None
    if not isinstance(key_file, str | os.PathLike):
        raise TypeError(f"key_file: expected a path, got {type(key_file).__name__}")
    return str(Path(checked_text("key_file", os.fspath(key_file), "~/.ssh/id_ed25519")).expanduser())


def _status_in(output: str, mark: str) -> int | None:
    """Return the exit status that a command printed behind its mark; ``None`` if it did not run to its end."""
    # What the command wrote before can lack the end of its line.
    found = re.search(rf"{mark} (\d+)\s*$", output, re.MULTILINE)
    return int(found[1]) if found else None


def _last_line(written: str) -> str:
    lines = [line.strip() for line in written.splitlines() if line.strip()]
    return f"{lines[-1]:.200}" if lines else "it wrote nothing"
