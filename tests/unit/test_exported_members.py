from __future__ import annotations

import inspect
import subprocess
import sys
import textwrap
import typing
from functools import cached_property
from typing import TYPE_CHECKING, Any

import attrs
import pytest

import gradient_async
import gradient_async.emulator
import gradient_sync

if TYPE_CHECKING:
    from types import ModuleType

pytestmark = pytest.mark.once

METHOD_KINDS = (property, cached_property, classmethod, staticmethod)
PACKAGES = [gradient_async, gradient_sync]
each_package = pytest.mark.parametrize("package", PACKAGES, ids=lambda package: package.__name__)
MODELS = [
    value
    for name in gradient_async.__all__
    if attrs.has(value := getattr(gradient_async, name)) and value.__module__.startswith("gradient_async.")
]


def order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2, name)


def public_methods(cls: type) -> list[tuple[str, Any]]:
    return [
        (name, getattr(member, "fget", None) or getattr(member, "__func__", None) or getattr(member, "func", member))
        for name, member in vars(cls).items()
        if not name.startswith("_") and (callable(member) or isinstance(member, METHOD_KINDS))
    ]


def own_members() -> dict[str, Any]:
    """Return the exported classes and functions, without aliases and constants; models and errors come once."""
    found: dict[int, tuple[str, Any]] = {}
    for package in PACKAGES:
        for name in package.__all__:
            value = getattr(package, name)
            is_own = getattr(value, "__module__", "").startswith(("gradient_async", "gradient_sync"))
            if is_own and (inspect.isclass(value) or inspect.isfunction(value)):
                found.setdefault(id(value), (f"{package.__name__}.{name}", value))
    return dict(found.values())


# Each list holds only what its test asserts something of.
MEMBERS = own_members()
METHODS = {
    f"{name}.{method_name}": method
    for name, value in MEMBERS.items()
    if inspect.isclass(value)
    for method_name, method in public_methods(value)
}
METHODS_WITH_ARGUMENTS = {name: method for name, method in METHODS.items() if "Args:" in (method.__doc__ or "")}
# Modules that are public as they are. Each package has its own.
PUBLIC_MODULES = {"probes"}


def test_lists_of_members_are_not_empty() -> None:
    assert len(MEMBERS) > 100
    assert len(METHODS) > 100
    assert len(METHODS_WITH_ARGUMENTS) > 30


@pytest.mark.parametrize("package", [*PACKAGES, gradient_async.emulator], ids=lambda package: package.__name__)
def test_exported_names_are_sorted_and_come_once(package: ModuleType) -> None:
    assert package.__all__ == sorted(set(package.__all__), key=order)


@each_package
def test_exported_names_are_the_public_names(package: ModuleType) -> None:
    for name in package.__all__:
        assert getattr(package, name) is not None
    public = {
        name
        for name, value in vars(package).items()
        if not name.startswith("_") and not inspect.ismodule(value) and name not in {"annotations", "TYPE_CHECKING"}
    }
    assert public | {"__version__", *PUBLIC_MODULES} == set(package.__all__)


@each_package
def test_unknown_name_is_an_attribute_error_when_asked_for(package: ModuleType) -> None:
    with pytest.raises(AttributeError, match=f"module '{package.__name__}' has no attribute 'Reboots'"):
        _ = package.Reboots
    assert set(package.__all__) <= set(dir(package))


@each_package
def test_exported_names_are_all_imported_by_a_star(package: ModuleType) -> None:
    namespace: dict[str, object] = {}
    exec(f"from {package.__name__} import *", namespace)
    assert set(package.__all__) <= namespace.keys()


def test_sync_package_exports_the_very_same_models_and_errors() -> None:
    assert all(
        vars(gradient_sync.probes)[name] is vars(gradient_async.probes)[name] for name in gradient_sync.probes.__all__
    )
    for name in set(gradient_async.__all__) & set(gradient_sync.__all__) - PUBLIC_MODULES:
        mine, theirs = getattr(gradient_async, name), getattr(gradient_sync, name)
        is_twin = getattr(theirs, "__module__", "").startswith("gradient_sync.")
        assert is_twin or mine is theirs, name


@pytest.mark.parametrize("name", MEMBERS)
def test_exported_class_or_function_is_documented(name: str) -> None:
    value = MEMBERS[name]
    first, *_ = inspect.cleandoc(value.__dict__.get("__doc__") or value.__doc__ or "").splitlines() or [""]
    assert first, f"{name} has no docstring"
    assert first.endswith((".", ":")), first
    assert not first.startswith(f"{name.rpartition('.')[2]}("), "that is the docstring attrs makes up"


@pytest.mark.parametrize("name", METHODS)
def test_method_of_an_exported_class_is_documented_and_typed(name: str) -> None:
    method = METHODS[name]
    assert inspect.cleandoc(method.__doc__ or ""), f"{name} has no docstring"
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        assert parameter.annotation is not parameter.empty, f"{name}: {parameter.name}"
        assert "Any" not in str(parameter.annotation).split("["), f"{name}: {parameter.name}"


@pytest.mark.parametrize("name", METHODS_WITH_ARGUMENTS)
def test_method_of_an_exported_class_documents_its_parameters(name: str) -> None:
    method = METHODS_WITH_ARGUMENTS[name]
    missing = [one for one in list(inspect.signature(method).parameters)[1:] if f"{one}:" not in method.__doc__]
    assert not missing, f"{name} does not say what {missing} are"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_models_are_frozen_slotted_and_made_by_keywords(model: type[Any]) -> None:
    fields = attrs.fields(model)
    assert all(field.kw_only for field in fields)
    assert not hasattr(model, "__dict__") or "__slots__" in vars(model)
    hints = typing.get_type_hints(model)
    assert all(field.name in hints for field in fields)
    blank = object.__new__(model)
    assert not hasattr(blank, "__dict__")
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        blank.anything = 1


def test_there_are_models_to_check() -> None:
    assert len(MODELS) > 30


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_models_hold_nothing_that_can_change(model: type[Any]) -> None:
    for name, hint in typing.get_type_hints(model).items():
        if name != "type" or "ClassVar" not in str(hint):
            assert not any(word in str(hint) for word in ("list[", "dict[", "set[")), f"{model.__name__}.{name}: {hint}"


def test_vocabularies_cannot_be_changed_by_a_caller() -> None:
    for vocabulary in (gradient_async.ACTION_TYPES, gradient_async.BULK_ACTION_TYPES):
        with pytest.raises(TypeError):
            vocabulary["defragment"] = gradient_async.Reboot  # type: ignore[index]


# --- what an import does ---

_WATCHED = """
import socket, sys, threading, asyncio
opened = []
real = socket.socket.__init__
def watched(self, *args, **kwargs):
    opened.append(args)
    real(self, *args, **kwargs)
socket.socket.__init__ = watched
{imports}
assert threading.enumerate() == [threading.main_thread()], threading.enumerate()
assert opened == [], opened
loaded = [name for name in sys.modules if name.split(".")[0] in {forbidden!r} or name in {forbidden!r}]
assert loaded == [], loaded
"""


def run(program: str, *, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


@pytest.mark.parametrize(
    ("imports", "forbidden"),
    [
        (
            "import gradient_async; from gradient_async import *",
            [
                "gradient_async.emulator",
                "gradient_async.pytest_plugin",
                "gradient_sync",
                "pytest",
                "_pytest",
                "hypothesis",
            ],
        ),
        (
            "import gradient_sync; from gradient_sync import *",
            ["gradient_async.emulator", "gradient_async.pytest_plugin", "pytest", "_pytest", "hypothesis"],
        ),
        (
            "import gradient_async; gradient_async.AsyncGradientAI('token')",
            ["gradient_async.emulator", "gradient_sync", "pytest"],
        ),
        ("import gradient_sync; gradient_sync.GradientAI('token')", ["gradient_async.emulator", "pytest"]),
    ],
)
def test_import_starts_nothing_and_loads_no_tests(imports: str, forbidden: list[str]) -> None:
    ended = run(_WATCHED.format(imports=imports, forbidden=forbidden))
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


@pytest.mark.parametrize("client", ["gradient_async.AsyncGradientAI", "gradient_sync.GradientAI"])
def test_group_is_loaded_when_it_is_first_touched(client: str) -> None:
    ended = run(
        f"""
        import sys, gradient_async, gradient_sync

        def loaded():
            names = [name.partition(".")[2] for name in sys.modules if name.startswith("gradient_")]
            return {{name for name in names if name.startswith(("resources", "endpoints", "fleet.fleet"))}}

        client = {client}("token")
        shared = {{"endpoints", "endpoints.actions", "endpoints.droplet_actions"}}  # look-ups and waits use them
        shared |= {{"resources", "resources.resource", "resources.paginator", "resources.generated"}}
        shared |= {{f"{{one}}.any_endpoint" for one in ("endpoints", "resources", "resources.generated")}}
        assert loaded() <= shared, loaded() - shared
        assert {{"gpu_droplets", "fleet"}} <= set(dir(client))
        client.gpu_droplets.account
        assert {{"resources.gpu_droplets", "resources.account"}} <= loaded(), loaded()
        assert not {{"resources.account_keys", "resources.images", "fleet.fleet"}} & loaded(), loaded()
        """
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_watching_an_import_would_notice() -> None:
    """The test above can fail: each of its three watches sees what it is there for."""
    for imports, seen in (
        ("import threading; threading.Thread(target=threading.Event().wait, daemon=True).start()", "Thread"),
        ("import socket; socket.socket().close()", "AssertionError"),
        ("import json.tool", "json.tool"),
    ):
        ended = run(_WATCHED.format(imports=imports, forbidden=["json.tool"]))
        assert ended.returncode != 0
        assert seen in ended.stderr


def test_import_reads_no_environment_and_writes_no_log() -> None:
    ended = run(
        """
        import os
        os.environ.update(GRADIENT_LOG="debug", DIGITALOCEAN_ACCESS_TOKEN="'", GRADIENT_BASE_URL="not a url")
        import logging, gradient_async, gradient_sync
        assert logging.getLogger("gradient_async").level == logging.NOTSET
        assert logging.getLogger().handlers == []
        """
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
