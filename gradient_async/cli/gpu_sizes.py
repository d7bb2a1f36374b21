"""The verb ``sizes --gpu``: the sizes with GPUs, with the price for each GPU, the cheapest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from gradient_async.cli.exit_codes import COMPLETED, UsageError
from gradient_async.cli.options import DEFAULTS, LIST_OUTPUT, AccountOptions, ListOutputOptions
from gradient_async.cli.prices import dollars
from gradient_async.cli.read_command import WHAT, ReadCommand
from gradient_async.cli.tables import Column
from gradient_async.cli.word_lists import check_filters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gradient_async.cli.account import Account
    from gradient_async.cli.screen import Screen
    from gradient_async.client import AsyncGradientAI
    from gradient_async.models.size import Size

COLUMNS: Final = (
    Column("SIZE"),
    Column("GPUS"),
    Column("MODEL", min_width=8, drop=2),
    Column("VRAM", drop=3),
    Column("$/HOUR"),
    Column("$/GPU", drop=1),
    Column("REGIONS", min_width=10, hangs=True),
)
EXAMPLES: Final = """\
Examples:

  gpu-droplets sizes --gpu --model h100 --creatable
  gpu-droplets sizes --gpu --max-hourly 5 --region tor1 -o id
"""


def gpu(
    *,
    model: Annotated[str | None, Parameter(group=WHAT, metavar="TEXT")] = None,
    count: Annotated[int | None, Parameter(group=WHAT, metavar="N")] = None,
    min_vram: Annotated[float | None, Parameter(group=WHAT, metavar="GIB")] = None,
    max_hourly: Annotated[float | None, Parameter(group=WHAT, metavar="DOLLARS")] = None,
    region: Annotated[str | None, Parameter(group=WHAT, metavar="SLUG")] = None,
    creatable: Annotated[bool, Parameter(group=WHAT, negative=(), show_default=False)] = False,
    account: AccountOptions = DEFAULTS.account,
    display: ListOutputOptions = LIST_OUTPUT,
) -> ReadCommand:
    """List the sizes with GPUs, the cheapest GPU first. Without a region, a size is sold out.

    Prices and regions are those that the API has now. A listed region can still
    refuse a Droplet: gpu-droplets create tries the next one then.

    Args:
        model: Only those with GPUs of this model, such as h100 or mi300x.
        count: Only those with this number of GPUs.
        min_vram: Only those whose GPUs have at least this memory together, in GiB.
        max_hourly: Only those that cost at most this, in US dollars an hour.
        region: Only those that this region lists, such as atl1.
        creatable: Only those that a region lists now.
    """
    check_filters({"region": region})

    async def read(client: AsyncGradientAI, screen: Screen, _: Account) -> int:
        try:
            found = await client.gpu_droplets.sizes.gpu(
                model, min_vram_gib=min_vram, count=count, max_hourly=max_hourly, creatable=creatable
            )
        except (TypeError, ValueError) as error:
            raise UsageError(str(error).replace("min_vram_gib", "min_vram")) from None
        _write(screen, display, [one for one in found if region is None or region.lower() in one.regions])
        return COMPLETED

    return ReadCommand(account=account, display=display, read=read)


def is_creatable(size: Size) -> bool:
    """Return whether a region lists the size now. Pure."""
    return size.available is not False and bool(size.regions)


def size_row(size: Size) -> Sequence[str]:
    """Return a size's row in the table. Pure."""
    vram = _vram(size)
    return (
        size.slug,
        str(_count(size) or ""),
        _model(size) or "",
        "" if vram is None else f"{vram:,} GiB",
        dollars(size.price_hourly),
        dollars(size.price_per_gpu),
        ",".join(size.regions) if is_creatable(size) else "none now",
    )


def size_json(size: Size) -> Mapping[str, object]:
    """Return a size for programs. Pure."""
    each = size.price_per_gpu
    return {
        "slug": size.slug,
        "gpus": _count(size),
        "model": _model(size),
        "vram_gib": _vram(size),
        "price_hourly": size.price_hourly,
        "price_per_gpu": None if each is None else round(each, 4),
        "creatable": is_creatable(size),
        "regions": list(size.regions),
    }


def _write(screen: Screen, display: ListOutputOptions, sizes: Sequence[Size]) -> None:
    match display.output:
        case "json":
            screen.write_json([size_json(size) for size in sizes], indent=2)
        case "jsonl":
            for size in sizes:
                screen.write_json(size_json(size))
        case "id" | "name":
            for size in sizes:
                screen.write(size.slug)
        case "table":
            if sizes:
                screen.table(COLUMNS, [size_row(size) for size in sizes])
            else:
                screen.say("no such sizes")


def _count(size: Size) -> int | None:
    return size.gpu_info.count if size.gpu_info else None


def _model(size: Size) -> str | None:
    return size.gpu_info.model if size.gpu_info else None


def _vram(size: Size) -> int | None:
    vram = size.gpu_info.vram if size.gpu_info else None
    return vram.amount if vram else None
