"""When a new Droplet is ready, in the words of the command line. ``ssh`` and the probes use the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.word_lists import listed
from gradient_async.suggestions import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence
    from typing import Unpack

    from gradient_async.models.droplet import Droplet
    from gradient_async.probes import SSHOptions
    from gradient_async.waiting.readiness import Readiness, Until

USUAL_SSH_PORT: Final = 22
_PROBES: Final = ("cloud-init", "nvidia-smi", "rocm-smi")
_STAGES: Final = ("active", "address", "ssh")
_WORDS: Final = (*_STAGES, *_PROBES)


def words_in(typed: Iterable[str]) -> tuple[str, ...]:
    """Return the words, each once. Pure.

    Raises:
        UsageError: There is no such word, or one is empty.
    """
    words = listed("--until", typed)
    for word in words:
        if word not in _WORDS:
            raise UsageError(f"--until: expected {', '.join(_WORDS)}, got {word!r:.80}.{did_you_mean(word, _WORDS)}")
    return words or ("active",)


def needs_ssh(words: Sequence[str]) -> bool:
    """Return whether SSH has to answer. Pure."""
    return not set(words) <= {"active", "address"}


def until_of(words: Sequence[str], *, port: int, user: str, ssh_options: Sequence[str]) -> Until:
    """Return what the words wait for, in an order in which it can be reached.

    Args:
        words: The words.
        port: Port of SSH.
        user: The user on the Droplet, for the probes.
        ssh_options: Options for ``ssh -o``, for the probes.

    Raises:
        UsageError: The user or an option could not be one.
    """
    stages: list[Readiness] = []
    if "active" in words:
        stages.append("active")
    if "address" in words:
        stages.append("address")
    if needs_ssh(words):
        stages += ["ssh"] if port == USUAL_SSH_PORT else ["address", _ssh_on(port)]
    try:
        stages += _probes(words, user=user, port=port, ssh_options=list(ssh_options))
    except (TypeError, ValueError) as error:
        raise UsageError(f"--ssh-{str(error).removeprefix('ssh_').replace('options:', 'option:')}") from None
    return stages[0] if len(stages) == 1 else stages


def _probes(words: Sequence[str], **ssh: Unpack[SSHOptions]) -> list[Readiness]:
    """Return the probes among the words. The first boot is awaited before a driver."""
    from gradient_async import probes

    known = {"cloud-init": probes.cloud_init, "nvidia-smi": probes.nvidia_smi, "rocm-smi": probes.rocm_smi}
    return [known[name](**ssh) for name in _PROBES if name in words]


def _ssh_on(port: int) -> Callable[[Droplet], Awaitable[bool]]:
    """Return a probe that an SSH server on another port answers."""
    from gradient_async.waiting import ssh_banner

    async def ssh(droplet: Droplet) -> bool:
        address = droplet.public_ip
        return address is not None and await ssh_banner.answers(address, port)

    return ssh
