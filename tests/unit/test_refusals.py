"""Refusals of creates: the text decides about the error, and unknown texts stay general."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from samples import request, response

from gradient_async import errors
from gradient_async.http import reader, refusals

ASKED = {"size": "gpu-h100x1-80gb", "region": "tor1", "name": "a", "image": "gpu-h100x1-base"}


def error_of(message: str, status: int = 422, **body: Any) -> Any:
    content = json.dumps({"id": "unprocessable_entity", "message": message, **body}).encode()
    return reader.error_of(response(status, content), request(body=ASKED))


@pytest.mark.parametrize(
    ("message", "error_class"),
    [
        ("creating this/these droplet(s) will exceed your GPU limit", errors.GpuLimitError),
        ("creating this droplet will exceed your GPU limit", errors.GpuLimitError),
        ("creating these droplets will exceed your droplet limit", errors.DropletLimitError),
        ("Size is not available in this region.", errors.SizeNotInRegionError),
        ("This size is unavailable", errors.SizeRetiredError),
        ("512189 are invalid key identifiers for Droplet creation.", errors.SshKeyUnknownError),
        ("You specified an invalid image for Droplet creation.", errors.ImageError),
        ("The image you selected is not available in this region.", errors.ImageError),
        ("There is not enough capacity.", errors.CapacityError),
        ("Droplet already has a pending event.", errors.PendingEventError),
        ("Only valid hostname characters are allowed. (a-z, A-Z, 0-9, . and -)", errors.UnprocessableEntityError),
        ("Something that no table has.", errors.UnprocessableEntityError),
    ],
)
def test_text_of_a_refusal_decides_about_its_error(message: str, error_class: type) -> None:
    error = error_of(message)
    assert type(error) is error_class
    assert isinstance(error, errors.UnprocessableEntityError)
    assert type(error_of(message, status=400)) is errors.BadRequestError
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), vars(copy)) == (type(error), vars(error))


def test_capacity_error_names_what_was_asked_and_what_there_is() -> None:
    error = error_of("Size is not available in this region.")
    assert isinstance(error, errors.CapacityError)
    assert (error.size, error.region, error.available_regions) == ("gpu-h100x1-80gb", "tor1", ())
    assert "Try another region or size" in str(error)
    seen = error_of("Something new.", error_attributes={"available_regions": ["nyc3", "ams3", 7]})
    assert type(seen) is errors.CapacityError
    assert seen.available_regions == ("nyc3", "ams3")
    assert "Regions with capacity: nyc3, ams3." in str(seen)


@pytest.mark.parametrize(
    ("message", "identifiers"),
    [
        ("512189 are invalid key identifiers for Droplet creation.", ("512189",)),
        ("512189, 3b:16:e4 are invalid key identifiers for Droplet creation.", ("512189", "3b:16:e4")),
        ("invalid key identifiers", ()),
    ],
)
def test_key_error_names_the_refused_keys(message: str, identifiers: tuple[str, ...]) -> None:
    assert error_of(message).identifiers == identifiers


def test_each_text_has_a_source() -> None:
    assert all(text.source for text in refusals.TEXTS)
    assert all(issubclass(text.error_class, errors.APIStatusError) for text in refusals.TEXTS)
