"""The verb ``sizes --gpu``: the sizes with GPUs, with the price for each GPU, the cheapest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from gradient_async.cli.exit_codes import COMPLETED, UsageError
from gradient_async.cli.options import DEFAULTS, LIST_OUTPUT, AccountOptions, ListOutputOptions
from gradient_async.cli.prices import dollars
from gradient_async.cli.reads import WHAT, ReadCommand
from gradient_async.cli.tables import Column

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
        model: Only those whose GPU's model has this text, such as h100 or mi300x.
        count: Only those with this number of GPUs.
        min_vram: Only those whose GPUs have at least this memory together, in GiB.
        max_hourly: Only those that cost at most this, in US dollars an hour.
        region: Only those that this region lists, such as atl1.
        creatable: Only those that a region lists now.
    """
    if count is not None and count < 1:
        raise UsageError(f"--count: expected 1 or more, got {count}")

    def is_wanted(size: Size) -> bool:
        return (
            (model is None or model.lower() in (_model(size) or "").lower())
            and (count is None or _count(size) == count)
            and (min_vram is None or (_vram(size) or 0) >= min_vram)
            and (max_hourly is None or (size.price_hourly is not None and size.price_hourly <= max_hourly))
            and (region is None or region.lower() in size.regions)
            and (not creatable or is_creatable(size))
        )

    async def read(client: AsyncGradientAI, screen: Screen, _: Account) -> int:
        found = [size async for size in client.gpu_droplets.sizes.list_all() if size.gpu_info is not None]
        _write(screen, display, sorted(filter(is_wanted, found), key=_by_price))
        return COMPLETED

    return ReadCommand(account=account, display=display, read=read)


def is_creatable(size: Size) -> bool:
    """Return whether a region lists the size now. Pure."""
    return size.available is not False and bool(size.regions)


def price_per_gpu(size: Size) -> float | None:
    """Return US dollars an hour for each GPU; ``None`` if the price or the number is unknown. Pure."""
    count = _count(size)
    return None if size.price_hourly is None or not count else size.price_hourly / count


def size_row(size: Size) -> Sequence[str]:
    """Return a size's row in the table. Pure."""
    vram = _vram(size)
    return (
        size.slug,
        str(_count(size) or ""),
        _model(size) or "",
        "" if vram is None else f"{vram:,} GiB",
        dollars(size.price_hourly),
        dollars(price_per_gpu(size)),
        ",".join(size.regions) if is_creatable(size) else "none now",
    )


def size_json(size: Size) -> Mapping[str, object]:
    """Return a size for programs. Pure."""
    each = price_per_gpu(size)
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


def _by_price(size: Size) -> tuple[float, float, str]:
    each = price_per_gpu(size)
    return (float("inf") if each is None else each, size.price_hourly or 0.0, size.slug)


def _count(size: Size) -> int | None:
    return size.gpu_info.count if size.gpu_info else None


def _model(size: Size) -> str | None:
    return size.gpu_info.model if size.gpu_info else None


def _vram(size: Size) -> int | None:
    vram = size.gpu_info.vram if size.gpu_info else None
    return vram.amount if vram else None
