"""Generates the exports of both packages. A name is imported at its first use."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from generator.rules import EXAMPLE_RULES, INLINED_BASES, OWN_NAMES, RENAMED_CLASSES
from generator.source import GENERATED, RESOURCES, ROOT, SOURCE, TARGET, GenerationError, Module, folder_of, header

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MODELS: Final = f"{SOURCE}.models"
# Every public class and type alias of these packages is exported.
WHOLE: Final = (f"{SOURCE}.errors", MODELS)
# Only these names of these modules are exported.
CHOSEN: Final[Mapping[str, tuple[str, ...]]] = {
    f"{SOURCE}.client": ("AsyncGradientAI",),
    f"{SOURCE}.fleet.cancellation": ("FleetCancelled", "FleetClosedError"),
    f"{SOURCE}.fleet.lease_errors": ("LeaseError", "LeaseExpiredError", "LeaseLeftoverError"),
    f"{SOURCE}.fleet.cost": ("DropletCost", "FleetCost"),
    # Bases of the fleet are read, and not exported.
    f"{SOURCE}.fleet.costs": (),
    f"{SOURCE}.fleet.hibernation": (),
    f"{SOURCE}.fleet.reaping": (),
    f"{SOURCE}.fleet.lease_options": ("LeaseOptions",),
    f"{SOURCE}.fleet.leasing": (),
    f"{SOURCE}.fleet.removal": (),
    f"{SOURCE}.fleet.destroy.outcomes": (
        "BillingResource",
        "DestroyOutcome",
        "DestroyProgress",
        "DestroyStatus",
        "UnseenDroplet",
    ),
    f"{SOURCE}.fleet.destroy.report": ("DestroyCancelled", "DestroyReport"),
    f"{SOURCE}.fleet.destroy.resource_choice": ("ResourceKind",),
    f"{SOURCE}.fleet.create.offers": ("Exclusion", "Offer"),
    f"{SOURCE}.fleet.create.plan": ("CreationPlan",),
    f"{SOURCE}.fleet.create.outcomes": (
        "CreationEvent",
        "CreationOutcome",
        "CreationProgress",
        "CreationStatus",
        "CreationTry",
        "OfferAnswers",
    ),
    f"{SOURCE}.fleet.create.report": ("CreationCancelled", "CreationReport", "NotEnoughDropletsError"),
    f"{SOURCE}.fleet.create.spec": ("CreationCallback",),
    f"{SOURCE}.fleet.creation": (),
    f"{SOURCE}.fleet.fleet": ("Fleet",),
    f"{SOURCE}.fleet.action_runs": (),
    f"{SOURCE}.fleet.runs": (),
    f"{SOURCE}.fleet.hibernation_records": (
        "HibernatedDroplet",
        "HibernationCancelled",
        "HibernationReport",
    ),
    f"{SOURCE}.fleet.restore_report": ("RestoreOutcome", "RestoreReport", "RestoreStatus"),
    f"{SOURCE}.fleet.options": ("FleetOptions", "HealthCheck", "ProgressCallback"),
    f"{SOURCE}.fleet.outcome": ("FleetProgress", "Outcome", "OutcomeStatus"),
    f"{SOURCE}.fleet.report": ("FleetReport",),
    f"{SOURCE}.http.budget": ("RateBudget", "RateBudgetSnapshot"),
    f"{SOURCE}.http.endpoint": ("Request",),
    f"{SOURCE}.http.raw_response": ("RawResponse",),
    f"{SOURCE}.http.request": ("KeyedOptions", "ReadOptions", "RequestOptions", "Response"),
    f"{SOURCE}.http.windows": ("DOCUMENTED_WINDOWS", "ProcessUse", "RateWindow", "WindowUse"),
    f"{SOURCE}.fleet.lease_types": ("AsyncLease", "Lease"),
    f"{SOURCE}.models.action_types": ("ACTION_TYPES", "BULK_ACTION_TYPES"),
    f"{SOURCE}.streams": ("AsyncStream", "Stream"),
    f"{SOURCE}.waiting.readiness": ("Probe", "Readiness", "Until"),
}
# Modules that are public as they are. The sync package has one of the same name that re-exports its names.
MODULES_AS_THEY_ARE: Final = ("probes",)
TITLES: Final = {
    SOURCE: "Async SDK for DigitalOcean GPU Droplets. ``gradient_sync`` is its blocking twin.",
    TARGET: "The sync twin of ``gradient_async``: the same names, run on a private event loop.",
}


def modules_to_read() -> list[str]:
    """Return the modules with names to export, without the generated modules."""
    packages = [one for one in (*WHOLE, RESOURCES) if (ROOT / folder_of(one)).is_dir()]
    inside = [
        f"{package}.{path.stem}"
        for package in packages
        for path in sorted((ROOT / folder_of(package)).glob("*.py"))
        if path.stem != "__init__"
    ]
    return sorted({*inside, *CHOSEN, *(one for one in WHOLE if one not in packages)})


def is_resource(cls: ast.ClassDef) -> bool:
    """Return whether a class is a group of endpoints, or of other groups."""
    return bool({f"Generated{cls.name}", "Resource"} & {ast.unparse(base) for base in cls.bases})


def has_endpoints(cls: ast.ClassDef) -> bool:
    """Return whether a class has endpoints of its own, and so a raw twin."""
    return f"Generated{cls.name}" in {ast.unparse(base) for base in cls.bases}


def public_names(modules: Mapping[str, Module]) -> dict[str, str]:
    """Return the module that each public name comes from.

    Raises:
        GenerationError: A module does not define a name that has to be exported.
    """
    names = {name: module for module, chosen in CHOSEN.items() for name in chosen}
    if strange := [name for name, module in names.items() if name not in modules[module].definitions]:
        raise GenerationError(f"no rule for {', '.join(strange)}, which the module does not define")
    for module in modules.values():
        names |= dict.fromkeys(_public_in(module), module.name)
    return names


def _public_in(module: Module) -> Iterator[str]:
    if module.name.startswith((f"{GENERATED}.", f"{RESOURCES}.")):
        is_generated = module.name.startswith(f"{GENERATED}.")
        for cls in module.classes():
            if cls.name.startswith("Raw") if is_generated else is_resource(cls) and cls.name not in INLINED_BASES:
                yield cls.name
    elif module.name.startswith(WHOLE):
        for name, node in module.definitions.items():
            is_alias = isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias"
            if not name.startswith("_") and (isinstance(node, ast.ClassDef) or is_alias):
                yield name


def async_package(names: Mapping[str, str]) -> str:
    """Return the async package's ``__init__``."""
    return _package(SOURCE, names)


def sync_package(names: Mapping[str, str], flavoured: Mapping[str, str]) -> str:
    """Return the sync package's ``__init__``."""
    shared = {name: origin for name, origin in names.items() if name not in flavoured}
    twins = {RENAMED_CLASSES.get(name, name): module.replace(SOURCE, TARGET, 1) for name, module in flavoured.items()}
    return _package(TARGET, {**shared, **twins, **OWN_NAMES})


def _package(package: str, names: Mapping[str, str]) -> str:
    origins: dict[str, list[str]] = {}
    for name, origin in names.items():
        origins.setdefault(origin, []).append(name)
    imports = [f"    from {origin} import {', '.join(sorted(group))}" for origin, group in origins.items()]
    imports += [f"    from {package} import {name} as {name}" for name in MODULES_AS_THEY_ARE]
    in_order = sorted(names, key=export_order)
    exported = [f"    {name!r}," for name in sorted([*names, *MODULES_AS_THEY_ARE, "__version__"], key=export_order)]
    table = [f"    {name!r}: {names[name]!r}," for name in in_order]
    return f'''{header("the modules of gradient_async")}
"""{TITLES[package]}"""

from __future__ import annotations

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

from {SOURCE}._version import VERSION as __version__  # noqa: N811 - the name that tools look for

if TYPE_CHECKING:
{chr(10).join(imports)}

__all__ = [
{chr(10).join(exported)}
]

_MODULES = frozenset({MODULES_AS_THEY_ARE!r})
_ORIGINS = {{
{chr(10).join(table)}
}}

if not TYPE_CHECKING:  # to type checkers an unknown name stays an error

    def __getattr__(name: str) -> object:
        """Import a public name at its first use."""
        if name in _MODULES:
            return _import_module(f"{{__name__}}.{{name}}")
        if name not in _ORIGINS:
            raise AttributeError(f"module {{__name__!r}} has no attribute {{name!r}}")
        value = globals()[name] = getattr(_import_module(_ORIGINS[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({{*globals(), *__all__}})
'''


def module_as_it_is(name: str) -> str:
    """Return the sync package's module that re-exports a public module."""
    module = Module(f"{SOURCE}.{name}")
    declared = module.definitions["__all__"]
    if not isinstance(declared, ast.Assign):
        raise GenerationError(f"no rule for {module.file}, whose __all__ is annotated")
    listed = [str(one) for one in ast.literal_eval(declared.value)]
    docstring = module.docstring(module.tree) or ""
    for old, new in EXAMPLE_RULES.items():
        docstring = docstring.replace(old, new)
    return f"""{header(module.file)}
{docstring}

from __future__ import annotations

from {module.name} import {", ".join(sorted(listed))}

__all__ = {listed!r}
"""


def export_order(name: str) -> tuple[int, str]:
    """Return the place of a name in ``__all__``: constants, then classes, then the rest."""
    return (0 if name.isupper() else 1 if name[:1].isupper() else 2, name)
