"""The answers of the endpoints of images."""

from __future__ import annotations

from attrs import field, frozen

from gradient_async.models.image import Image
from gradient_async.models.model import Model
from gradient_async.models.own_fields import NOT_FROM_THE_API


@frozen(kw_only=True)
class ImageCreateResponse(Model):
    """The new image.

    Attributes:
        image: The image. It can be used when its status is ``"available"``.
        is_adopted: ``True`` if the answer was lost and the image was found in the account's list. This field is not
            from the API.
        is_replayed: ``True`` if an earlier call with the same key created it. This field is not from the API.
    """

    image: Image
    is_adopted: bool = field(default=False, metadata={NOT_FROM_THE_API: True})
    is_replayed: bool = field(default=False, metadata={NOT_FROM_THE_API: True})


@frozen(kw_only=True)
class ImageRetrieveResponse(Model):
    """One image."""

    image: Image


@frozen(kw_only=True)
class ImageUpdateResponse(Model):
    """The image as changed."""

    image: Image
