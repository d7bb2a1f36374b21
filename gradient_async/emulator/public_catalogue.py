"""The sizes, regions and images of the public API, as far as they are known: the default catalogue.

Figures of `gpu-h100x1-80gb` are those of the API's documentation; other GPU sizes follow the published plans
where known. No client should rely on them: real capacity and plans change without notice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradient_async.emulator.catalogue import Catalogue, Gpu, Image, Region, Size

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Default size, region and image of a Droplet.
GPU_DEFAULTS = ("gpu-h100x1-80gb", "tor1", "gpu-h100x1-base")
CPU_DEFAULTS = ("s-1vcpu-1gb", "nyc3", "ubuntu-24-04-x64")

_CPU_REGIONS = ("ams3", "fra1", "nyc1", "nyc3", "sfo3", "sgp1", "tor1")
_ONE_GPU_DISKS = (720, 5120)
_EIGHT_GPU_DISKS = (2046, 40960)


def _gpu_size(
    slug: str,
    gpu: tuple[int, str, int],
    machine: tuple[int, int],
    disks: tuple[int, int],
    price: float,
    regions: tuple[str, ...],
    *,
    is_listed: bool = True,
) -> Size:
    count, model, vram = gpu
    return Size(
        slug=slug,
        vcpus=machine[0],
        memory=machine[1],
        disk=disks[0],
        scratch=disks[1],
        transfer=15.0 if count == 1 else 60.0,
        price_hourly=price,
        regions=regions,
        description=f"{model.split('_')[-1].upper()} GPU - {count}X",
        gpu=Gpu(count=count, model=model, vram_gib=vram),
        is_listed=is_listed,
    )


def _cpu_size(slug: str, vcpus: int, memory: int, disk: int, price: float) -> Size:
    return Size(
        slug=slug,
        vcpus=vcpus,
        memory=memory,
        disk=disk,
        transfer=float(vcpus),
        price_hourly=price,
        regions=_CPU_REGIONS,
        description="Basic",
    )


SIZES: Mapping[str, Size] = {
    size.slug: size
    for size in (
        _gpu_size(
            "gpu-h100x1-80gb",
            (1, "nvidia_h100", 80),
            (20, 245760),
            _ONE_GPU_DISKS,
            3.39,
            ("tor1", "ams3", "nyc2"),
        ),
        _gpu_size(
            "gpu-h100x8-640gb",
            (8, "nvidia_h100", 640),
            (160, 1966080),
            _EIGHT_GPU_DISKS,
            23.92,
            ("tor1", "ams3", "nyc2"),
        ),
        _gpu_size("gpu-h200x1-141gb", (1, "nvidia_h200", 141), (24, 245760), _ONE_GPU_DISKS, 3.44, ("nyc2", "atl1")),
        _gpu_size(
            "gpu-h200x8-1128gb",
            (8, "nvidia_h200", 1128),
            (192, 1966080),
            _EIGHT_GPU_DISKS,
            27.52,
            ("nyc2", "atl1"),
        ),
        _gpu_size("gpu-mi300x1-192gb", (1, "amd_mi300x", 192), (20, 245760), _ONE_GPU_DISKS, 1.99, ("nyc2", "tor1")),
        _gpu_size(
            "gpu-mi300x8-1536gb",
            (8, "amd_mi300x", 1536),
            (160, 1966080),
            _EIGHT_GPU_DISKS,
            15.92,
            ("nyc2", "tor1"),
        ),
        _gpu_size("gpu-l40sx1-48gb", (1, "nvidia_l40s", 48), (8, 65536), (500, 0), 1.57, ("tor1",)),
        _gpu_size("gpu-4000adax1-20gb", (1, "nvidia_rtx4000_ada", 20), (8, 32768), (500, 0), 0.76, ("tor1",)),
        _gpu_size("gpu-6000adax1-48gb", (1, "nvidia_rtx6000_ada", 48), (8, 65536), (500, 0), 1.89, ("tor1",)),
        _gpu_size(
            "gpu-mi325x8-2048gb",
            (8, "amd_mi325x", 2048),
            (160, 1966080),
            _EIGHT_GPU_DISKS,
            16.72,
            ("nyc2", "tor1"),
            is_listed=False,
        ),
        _cpu_size("s-1vcpu-1gb", 1, 1024, 25, 0.00893),
        _cpu_size("s-1vcpu-2gb", 1, 2048, 50, 0.01786),
        _cpu_size("s-2vcpu-2gb", 2, 2048, 60, 0.02679),
        _cpu_size("s-2vcpu-4gb", 2, 4096, 80, 0.03571),
        _cpu_size("s-4vcpu-8gb", 4, 8192, 160, 0.07143),
    )
}

REGIONS: tuple[Region, ...] = tuple(
    Region(slug=slug, name=name)
    for slug, name in (
        ("ams3", "Amsterdam 3"),
        ("atl1", "Atlanta 1"),
        ("fra1", "Frankfurt 1"),
        ("nyc1", "New York 1"),
        ("nyc2", "New York 2"),
        ("nyc3", "New York 3"),
        ("ric1", "Richmond 1"),
        ("sfo3", "San Francisco 3"),
        ("sgp1", "Singapore 1"),
        ("tor1", "Toronto 1"),
    )
)


def _image(id: int, slug: str, distribution: str, name: str, *, min_disk: int) -> Image:
    return Image(
        id=id,
        slug=slug,
        name=name,
        description=f"{distribution} {name}",
        min_disk=min_disk,
        size_gigabytes=1.0,
        distribution=distribution,
    )


# Image regions are an enum in the official specification, which lacks some newer regions, such as atl1.
IMAGE_REGIONS = ("ams3", "fra1", "nyc1", "nyc2", "nyc3", "sfo3", "sgp1", "tor1")

IMAGES: tuple[Image, ...] = (
    Image(
        id=166407044,
        slug="gpu-h100x1-base",
        name="AI/ML Ready H100x1",
        description="GPU base image",
        min_disk=25,
        size_gigabytes=18.47,
    ),
    Image(
        id=166407045,  # guess
        slug="gpu-h100x8-base",
        name="AI/ML Ready H100x8",
        description="GPU base image (NVLink)",
        min_disk=25,
        size_gigabytes=18.47,
    ),
    Image(
        id=188571990,
        slug="gpu-amd-base",
        name="AI/ML Ready AMD",
        description="AMD GPU base image",
        min_disk=25,
        size_gigabytes=16.2,
    ),
    Image(
        id=155133621,
        slug="ubuntu-22-04-x64",
        name="22.04 (LTS) x64",
        description="Ubuntu 22.04 (LTS) x64",
        min_disk=7,
        size_gigabytes=0.7,
    ),
    Image(
        id=160232537,
        slug="ubuntu-24-04-x64",
        name="24.04 (LTS) x64",
        description="Ubuntu 24.04 (LTS) x64",
        min_disk=7,
        size_gigabytes=0.8,
    ),
    # Slugs and distributions are those of DigitalOcean's list of supported images; ids and sizes are guesses.
    _image(170000001, "centos-stream-9-x64", "CentOS", "9 Stream x64", min_disk=10),
    _image(170000002, "debian-12-x64", "Debian", "12 x64", min_disk=7),
    _image(170000003, "rockylinux-9-x64", "Rocky Linux", "9 x64", min_disk=10),
)

#: The default catalogue of an account.
PUBLIC_CATALOGUE = Catalogue(regions=REGIONS, sizes=tuple(SIZES.values()), images=IMAGES)
