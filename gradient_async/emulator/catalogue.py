"""The catalogue of an account: regions, sizes, images and quotas."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import attrs


@attrs.frozen(kw_only=True)
class Gpu:
    """The GPUs of a size: their number, their model, and the memory of all of them in GiB."""

    count: int
    model: str
    vram_gib: int


@attrs.frozen(kw_only=True)
class Size:
    """A plan: memory in MB, disks in GB, transfer in TB, price in US dollars an hour.

    Args:
        regions: Slugs of the regions that offer it.
        sold_out_in: Those of these regions that have no room for another one, although they are listed.
        is_available: The field `available`; seen true with empty `regions`, which is what a sold-out size shows.
        is_listed: Whether the list of sizes shows it; plans by contract are not shown.
    """

    slug: str
    memory: int
    vcpus: int
    disk: int
    transfer: float
    price_hourly: float
    regions: tuple[str, ...]
    description: str
    scratch: int = 0
    gpu: Gpu | None = None
    sold_out_in: tuple[str, ...] = ()
    is_available: bool = True
    is_listed: bool = True

    def has_room_in(self, region: str) -> bool:
        """Return whether a Droplet of this size can be placed in the region."""
        return region in self.regions and region not in self.sold_out_in


@attrs.frozen(kw_only=True)
class Image:
    """An image from which a Droplet can be rebuilt: a public image (`"base"`), or a Droplet's snapshot or backup.

    Args:
        created: Virtual second; None for public images, which are older.
        regions: Slugs of the regions that have it; None is all.
        status: `"available"`, or an earlier status of a custom image.
    """

    id: int
    slug: str | None
    name: str
    description: str
    min_disk: int
    size_gigabytes: float
    type: str = "base"
    created: float | None = None
    regions: tuple[str, ...] | None = None
    tags: tuple[str, ...] = ()
    distribution: str = "Ubuntu"
    status: str = "available"
    error_message: str = ""


@attrs.frozen(kw_only=True)
class Region:
    """A region.

    Args:
        is_available: Droplets can be made there.
        features: Its features.
    """

    slug: str
    name: str
    is_available: bool = True
    features: tuple[str, ...] = ("backups", "ipv6", "metadata", "install_agent", "storage", "image_transfer")


@attrs.frozen(kw_only=True)
class Catalogue:
    """The offer that one account sees, and its quotas.

    Args:
        regions: The regions.
        sizes: The sizes, hidden ones included.
        images: The public images.
        droplet_limit: How many Droplets the account may have.
        gpu_limit: How many GPUs its Droplets may have together; no endpoint shows it.
        reserved_ip_limit: How many reserved IPs it may have.
        volume_limit: How many volumes it may have.
    """

    regions: Sequence[Region]
    sizes: Sequence[Size]
    images: Sequence[Image]
    droplet_limit: int = 25
    gpu_limit: int = 512
    reserved_ip_limit: int = 5
    volume_limit: int = 100
    _sizes_by_slug: dict[str, Size] = attrs.field(init=False, repr=False, eq=False)

    @_sizes_by_slug.default
    def _by_slug(self) -> dict[str, Size]:
        return {size.slug: size for size in self.sizes}

    def size(self, slug: str) -> Size | None:
        """Return the size with that slug, listed or not."""
        return self._sizes_by_slug.get(slug)

    def listed_sizes(self) -> Sequence[Size]:
        """Return the sizes that the API lists."""
        return [size for size in self.sizes if size.is_listed]

    def sizes_in(self, region: str) -> Sequence[str]:
        """Return the slugs of the listed sizes that a region offers."""
        return [size.slug for size in self.sizes if size.is_listed and region in size.regions]

    def region(self, slug: str) -> Region:
        """Return the region with that slug, or an invented one if it does not exist."""
        return next((region for region in self.regions if region.slug == slug), Region(slug=slug, name=slug))

    def find_image(self, reference: int | str) -> Image | None:
        """Return the public image with that id or slug."""
        return next((image for image in self.images if reference in (image.id, image.slug)), None)

    def sold_out(self, slug: str, regions: Collection[str] | None = None) -> Catalogue:
        """Return the catalogue without room for another Droplet of a size.

        Args:
            slug: The size.
            regions: Where there is no room, although the size still lists them. None is everywhere: the size shows
                `available: true` and no regions, as GPU sizes without capacity do.

        Raises:
            ValueError: There is no such size.
        """
        size = self._known(slug)
        if regions is None:
            return self.with_sizes(attrs.evolve(size, regions=()))
        return self.with_sizes(attrs.evolve(size, sold_out_in=tuple(regions)))

    def limited(self, *, droplets: int | None = None, gpus: int | None = None) -> Catalogue:
        """Return the catalogue with other quotas; None keeps one as it is.

        Args:
            droplets: How many Droplets the account may have.
            gpus: How many GPUs its Droplets may have together.

        Raises:
            ValueError: A quota is negative.
        """
        for name, limit in (("droplet_limit", droplets), ("gpu_limit", gpus)):
            if limit is not None and limit < 0:
                raise ValueError(f"{name} must not be negative: {limit}")
        if droplets is None and gpus is None:
            return self
        return attrs.evolve(
            self,
            droplet_limit=self.droplet_limit if droplets is None else droplets,
            gpu_limit=self.gpu_limit if gpus is None else gpus,
        )

    def unlisted(self, slug: str) -> Catalogue:
        """Return the catalogue with a size that can be used but is not listed, as sizes by contract.

        Raises:
            ValueError: There is no such size.
        """
        return self.with_sizes(attrs.evolve(self._known(slug), is_listed=False))

    def _known(self, slug: str) -> Size:
        size = self.size(slug)
        if size is None:
            raise ValueError(f"size {slug!r} is not in the catalogue")
        return size

    def with_sizes(self, *sizes: Size) -> Catalogue:
        """Return the catalogue with these sizes, each in place of the one with its slug, or at the end."""
        changed = {size.slug: size for size in (*self.sizes, *sizes)}
        return attrs.evolve(self, sizes=tuple(changed.values()))

    def without_sizes(self, *slugs: str) -> Catalogue:
        """Return the catalogue without these sizes."""
        return attrs.evolve(self, sizes=tuple(size for size in self.sizes if size.slug not in slugs))
