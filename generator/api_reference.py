"""Generates the pages of the API reference that list classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from generator.exports import MODELS, is_resource
from generator.rules import OWN_NAMES, RENAMED_CLASSES
from generator.source import COMMAND, GENERATED, RESOURCES, SOURCE, TARGET

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from generator.source import Module

FILES: Final = ("docs/api/async.md", "docs/api/models.md", "docs/api/sync.md")
HEADER: Final = f"<!-- Generated from the modules. Do not edit; run: {COMMAND} -->"
RESPONSES: Final = f"{MODELS}.responses"
# These modules have pages of their own.
ELSEWHERE: Final = (f"{MODELS}.action_requests", f"{MODELS}.action_types", f"{MODELS}.backup_policy")


def texts(modules: Mapping[str, Module], names: Mapping[str, str], flavoured: Mapping[str, str]) -> dict[str, str]:
    """Return the pages by their path."""
    resources = [
        cls.name
        for module in modules.values()
        if module.name.startswith(f"{RESOURCES}.") and not module.name.startswith(f"{GENERATED}.")
        for cls in module.classes()
        if is_resource(cls) and cls.name in names
    ]
    raw = sorted(name for name, origin in names.items() if origin.startswith(f"{GENERATED}."))
    return {
        "docs/api/async.md": _async_page(resources, raw),
        "docs/api/sync.md": _sync_page(resources, raw, flavoured),
        "docs/api/models.md": _models_page(modules, names),
    }


def _async_page(resources: Iterable[str], raw: Iterable[str]) -> str:
    groups = ["AsyncGradientAI", *sorted(resources)]
    return "\n".join(
        [
            "# gradient_async: client and resources",
            "",
            HEADER,
            "",
            *_block(SOURCE, [*groups, "Fleet"], inherited=[*groups, "Fleet"]),
            "## The HTTP answer itself",
            "",
            "The results of `with_raw_response`.",
            "",
            *_block(SOURCE, ["RawResponse", "Request", "Response", *raw]),
            "## Options of single calls",
            "",
            *_block(SOURCE, ["RequestOptions", "KeyedOptions", "ReadOptions"])[:-1],
            "",
        ]
    )


def _sync_page(resources: Iterable[str], raw: Iterable[str], flavoured: Mapping[str, str]) -> str:
    clients = [RENAMED_CLASSES[name] for name in flavoured if name in RENAMED_CLASSES]
    return "\n".join(
        [
            "# gradient_sync: client and resources",
            "",
            HEADER,
            "",
            "Generated from `gradient_async`, method by method.",
            "A test fails if a name, a signature or a docstring differs.",
            "",
            *_block(TARGET, [*clients, *sorted(resources), "Fleet", *raw], exceptions=set(OWN_NAMES))[:-2],
            *(f".. autoexception:: {name}" for name in OWN_NAMES),
            "```",
            "",
        ]
    )


def _models_page(modules: Mapping[str, Module], names: Mapping[str, str]) -> str:
    lines = ["# What the API returns", "", HEADER, ""]
    for name, module in sorted(modules.items(), key=lambda one: (one[0] == RESPONSES, one[0])):
        public = [one for one in module.definitions if names.get(one) == name]
        if not name.startswith(f"{MODELS}.") or name in ELSEWHERE or not public:
            continue
        title = (module.docstring(module.tree) or "").strip('"').splitlines()[0].rstrip(".")
        lines += [f"## {title}", "", *_block(SOURCE, public)]
    return "\n".join(lines)


def _block(
    package: str, names: Iterable[str], inherited: Iterable[str] = (), exceptions: Iterable[str] = ()
) -> list[str]:
    lines = ["```{eval-rst}", f".. currentmodule:: {package}", ""]
    for name in names:
        lines.append(f".. {'autoexception' if name in exceptions else 'autoclass'}:: {name}")
        lines += ["   :inherited-members:"] if name in inherited else []
    return [*lines, "```", ""]
