"""Pin the methods of the retired SDK's ``client.gpu_droplets``: their names, and the names of their parameters.

Run it by its path, ``python tests/contract/pin_retired_methods.py``, where ``gradient`` (3.12.2) is installed.
"""

from __future__ import annotations

import importlib
import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PINNED: Final = Path(__file__).with_name("retired_methods.json")
# Every method has these.
_OPTIONS: Final = {"self", "extra_headers", "extra_query", "extra_body", "timeout"}


def methods_of(resource: object, path: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Yield each method below a resource, with its parameters by how they can be passed."""
    for name in sorted(dir(type(resource))):
        if name.startswith(("_", "with_")):
            continue
        static = inspect.getattr_static(type(resource), name)
        if inspect.isfunction(static):
            yield f"{path}.{name}", _parameters(static)
        elif type(child := getattr(resource, name, None)).__name__.endswith("Resource"):
            yield from methods_of(child, f"{path}.{name}")


def _parameters(method: Any) -> dict[str, list[str]]:
    given = [one for one in inspect.signature(method).parameters.values() if one.name not in _OPTIONS]
    return {
        "positional": [one.name for one in given if one.kind is one.POSITIONAL_OR_KEYWORD],
        "required": sorted(one.name for one in given if one.kind is one.KEYWORD_ONLY and one.default is one.empty),
        "optional": sorted(one.name for one in given if one.default is not one.empty),
    }


if __name__ == "__main__":
    client = importlib.import_module("gradient").Gradient(access_token="none")
    found = dict(methods_of(client.gpu_droplets, "gpu_droplets"))
    lines = (f"  {json.dumps(name)}: {json.dumps(parameters)}" for name, parameters in found.items())
    PINNED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    print(f"{len(found)} methods in {PINNED.name}")  # noqa: T201 - the result of the command
