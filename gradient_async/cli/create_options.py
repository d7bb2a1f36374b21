"""The options of ``create``, in the groups of its help, and what they mean for ``client.fleet.create``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from attrs import frozen
from cyclopts import Group, Parameter

from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.ids import STANDARD_INPUT, read_actions
from gradient_async.cli.options import RUN
from gradient_async.cli.until_words import USUAL_SSH_PORT
from gradient_async.cli.whole_numbers import within
from gradient_async.cli.word_lists import listed

if TYPE_CHECKING:
    from collections.abc import Iterable

DROPLET: Final = Group("Droplets", sort_key=1)
HUNT: Final = Group("Capacity and money", sort_key=2)
_MAX_USER_DATA: Final = 64 * 1024


@Parameter(name="*", group=DROPLET)
@frozen(kw_only=True)
class NewDroplets:
    """The new Droplets.

    Attributes:
        count: How many.
        name: Their name. {n} becomes a number and a nonce, so that no two names are equal.
        size: Slug of a size, such as gpu-h100x8-640gb. Several (separated by commas, or the option again) are a
            ladder: the next one is tried where the one before has no capacity.
        image: Id or slug of the image; auto is the GPU image of the size's vendor and number of GPUs.
        ssh_key: A key that may log in: id, fingerprint or name of a registered one, or a file such as
            ~/.ssh/id_ed25519.pub, which is registered if it is not yet. Can be repeated. Without one, the API mails a
            root password.
        tag: A tag of the Droplets. Can be repeated.
        user_data: File with a cloud-init configuration or a script for the first boot.
        ttl: Give them the tags of a lease that ends after this time, such as 8h. gpu-droplets reap --older-than
            destroys them after it, from a cron job. Nothing else does.
        vpc: UUID of their VPC. The default is the default VPC of the region.
    """

    count: Annotated[int, Parameter(metavar="N")] = 1
    name: Annotated[str, Parameter(metavar="NAME")] = "gpu-{n}"
    size: Annotated[tuple[str, ...], Parameter(metavar="SLUG", negative=(), show_default=False)] = ()
    image: Annotated[str, Parameter(metavar="ID|SLUG")] = "auto"
    ssh_key: Annotated[tuple[str, ...], Parameter(metavar="KEY|FILE", negative=(), show_default=False)] = ()
    tag: Annotated[tuple[str, ...], Parameter(metavar="TAG", negative=(), show_default=False)] = ()
    user_data: Annotated[Path | None, Parameter(metavar="FILE")] = None
    ttl: Annotated[str | None, Parameter(metavar="TIME")] = None
    vpc: Annotated[str | None, Parameter(metavar="UUID")] = None


@Parameter(name="*", group=HUNT)
@frozen(kw_only=True)
class HuntOptions:
    """Where to look for capacity, for how long, and for how much money.

    Attributes:
        region: Slug of a region, such as tor1. Several are a ladder, as sizes are. The default is every region that
            lists a size.
        prefer: What to keep to longest: the first size, the first region, or the lowest price.
        same_region: Create all in one region.
        same_size: Create all with one size.
        min_count: Fewest Droplets that are of use. If the deadline comes first, those that were created are destroyed.
            The default is --count.
        deadline: Give up after this time, such as 90s, 15m or 2h.
        contract: A size and a region, such as gpu-b300x8:atl1, to try although the API does not list them. Can be
            repeated.
        max_hourly: Create no more than this costs together, in US dollars an hour.
        retry_every: Time from one round through sizes and regions to the next.
        on_unknown_refusal: What to do if the API refuses with a text that is not known: stop, or retry as if there were
            no capacity.
    """

    region: Annotated[tuple[str, ...], Parameter(metavar="SLUG", negative=(), show_default=False)] = ()
    prefer: Annotated[Literal["size", "region", "price"], Parameter(metavar="WHAT")] = "size"
    same_region: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    same_size: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    min_count: Annotated[int | None, Parameter(metavar="N")] = None
    deadline: Annotated[str | None, Parameter(metavar="TIME")] = None
    max_hourly: Annotated[float | None, Parameter(metavar="DOLLARS")] = None
    contract: Annotated[tuple[str, ...], Parameter(metavar="SIZE:REGION", negative=(), show_default=False)] = ()
    retry_every: Annotated[str | None, Parameter(metavar="TIME")] = None
    on_unknown_refusal: Annotated[Literal["stop", "retry"], Parameter(metavar="WHAT")] = "stop"


@Parameter(name="*", group=RUN)
@frozen(kw_only=True)
class CreationOptions:
    """How the run goes.

    Attributes:
        until: When a Droplet is ready: active (it is on), address (it has one), ssh (its SSH port answers), and by a
            command over your own ssh: cloud-init, nvidia-smi, rocm-smi. Several with commas.
        ssh_port: Port of SSH on the Droplets.
        ssh_user: The user for commands over ssh.
        ssh_option: Option for ssh -o, such as StrictHostKeyChecking=accept-new. Can be repeated.
        ready_timeout: Time in which each has to be ready. After it, the Droplet is destroyed and replaced.
        journal: Write down each step in this file. The same command continues after a crash.
        if_finished: What to do if the run in the journal is over: error, or report to show what it created.
        report: Write a picture of the run to this file, .html or .svg.
        dry_run: Show sizes, regions, prices and requests. Create nothing.
        yes: Do not ask for confirmation.
    """

    until: Annotated[tuple[str, ...], Parameter(metavar="WHAT", negative=(), show_default=",".join)] = ("active",)
    ssh_port: Annotated[int, Parameter(metavar="PORT", validator=within(1, 65_535))] = USUAL_SSH_PORT
    ssh_user: Annotated[str, Parameter(metavar="NAME")] = "root"
    ssh_option: Annotated[tuple[str, ...], Parameter(metavar="NAME=VALUE", negative=(), show_default=False)] = ()
    ready_timeout: Annotated[str, Parameter(metavar="TIME")] = "15m"
    journal: Annotated[Path | None, Parameter(metavar="FILE")] = None
    if_finished: Annotated[Literal["error", "report"], Parameter(metavar="WHAT")] = "error"
    report: Annotated[Path | None, Parameter(metavar="FILE")] = None
    dry_run: Annotated[bool, Parameter(negative=(), show_default=False)] = False
    yes: Annotated[bool, Parameter(alias="-y", negative=(), show_default=False)] = False


def user_data_in(path: Path | None) -> str | None:
    """Return the content of a file of user data; ``None`` without one.

    Raises:
        UsageError: It cannot be read, or is too long.
    """
    if path is None:
        return None
    try:
        text = read_actions("-") if str(path) in {STANDARD_INPUT, "-"} else path.read_text(encoding="utf-8")
    except OSError as error:
        raise UsageError(f"--user-data: {path}: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"--user-data: {path}: it is not UTF-8 text") from None
    if len(text.encode()) > _MAX_USER_DATA:
        raise UsageError(f"--user-data: {path}: the API takes 64 KiB at most")
    return text


def pairs_in(words: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of a size and a region. Pure.

    Raises:
        UsageError: A word is no pair.
    """
    pairs = [word.partition(":") for word in listed("--contract", words)]
    wrong = next((size for size, colon, region in pairs if not (size and colon and region)), None)
    if wrong is not None:
        raise UsageError(f"--contract: expected a size and a region, such as gpu-b300x8:atl1, got {wrong!r:.80}")
    return [(size, region) for size, _, region in pairs]


def image_of(word: str) -> int | str:
    """Return the id or the slug of an image. Pure."""
    return int(word) if word.isascii() and word.isdigit() else word
