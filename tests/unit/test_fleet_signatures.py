"""The calls of the methods of ``client.fleet``: their signatures, and the errors of wrong calls."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, get_type_hints

import attrs
import pytest

from gradient_async.fleet import fleet as async_fleet
from gradient_async.fleet import options
from gradient_async.fleet.options import FleetOptions, RunOptions, changed_options, given_options
from gradient_async.fleet.wrong_calls import explain_wrong_calls, too_many_values, unknown_parameters
from gradient_sync.fleet import fleet as sync_fleet

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.once

CLASSES = [async_fleet.Fleet, sync_fleet.Fleet]
RUNS = ["run", "stream", "reboot", "power_cycle", "power_on", "power_off", "snapshot", "resize"]
KEPT_ON_RESUME = {"wait", "until", "journal", "by_tag", "gpus_only", "key_prefix", "key_ttl"}
each_class = pytest.mark.parametrize("cls", CLASSES, ids=["async", "sync"])
each_run = pytest.mark.parametrize("name", RUNS)


def parameters(cls: type, name: str) -> dict[str, inspect.Parameter]:
    return dict(list(inspect.signature(getattr(cls, name)).parameters.items())[1:])


async def called(cls: type, name: str, *values: Any, **named: Any) -> None:
    """Return a call that has to fail before the method's body is reached: there is no client behind it."""
    result = getattr(cls, name)(object.__new__(cls), *values, **named)
    if inspect.isawaitable(result):
        await result


# --- signatures ---


@each_class
@each_run
def test_method_has_every_option_with_its_type_and_default(cls: type, name: str) -> None:
    defaults = {field.name: field.default for field in attrs.fields(RunOptions)}
    found = parameters(cls, name)
    assert set(list(found)[-len(defaults) :]) == set(FleetOptions.__annotations__)
    for option in FleetOptions.__annotations__:
        assert found[option].kind is inspect.Parameter.KEYWORD_ONLY
        assert found[option].default == defaults[option]
        assert found[option].annotation == parameters(async_fleet.Fleet, "run")[option].annotation


def test_type_of_an_option_is_the_same_as_in_a_dict_of_options() -> None:
    hints = get_type_hints(FleetOptions)
    for option, parameter in parameters(async_fleet.Fleet, "run").items():
        if option in hints:
            assert eval(parameter.annotation, vars(options)) == hints[option], option


@each_class
@each_run
def test_signature_has_no_catch_all_when_help_shows_it(cls: type, name: str) -> None:
    kinds = {one.kind for one in parameters(cls, name).values()}
    assert kinds == {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}


@each_class
def test_resume_has_every_option_that_can_be_changed(cls: type) -> None:
    assert set(parameters(cls, "resume")) - {"path"} == set(FleetOptions.__annotations__) - KEPT_ON_RESUME


@each_class
@pytest.mark.parametrize(
    ("name", "positional"),
    [
        ("run", ["action", "droplets"]),
        ("stream", ["action", "droplets"]),
        ("resume", ["path"]),
        ("reboot", ["droplets"]),
        ("power_cycle", ["droplets"]),
        ("power_on", ["droplets"]),
        ("power_off", ["droplets"]),
        ("snapshot", ["name", "droplets"]),
        ("resize", ["size", "droplets"]),
    ],
)
def test_droplets_need_no_name_when_they_come_first_or_second(cls: type, name: str, positional: list[str]) -> None:
    found = parameters(cls, name).values()
    assert [one.name for one in found if one.kind is one.POSITIONAL_OR_KEYWORD] == positional


def test_full_description_of_every_option_is_in_run() -> None:
    text = inspect.getdoc(async_fleet.Fleet.run) or ""  # without the indentation, which Python 3.13 does not keep
    assert [option for option in FleetOptions.__annotations__ if f"\n    {option}: " not in text] == []


def test_method_that_explains_wrong_calls_is_a_coroutine() -> None:
    assert inspect.iscoroutinefunction(async_fleet.Fleet.run)
    assert not inspect.iscoroutinefunction(async_fleet.Fleet.stream)
    assert not inspect.iscoroutinefunction(sync_fleet.Fleet.run)


# --- options out of a method's locals ---


def test_options_are_taken_out_of_other_parameters() -> None:
    assert given_options({"self": 1, "tag": "t", "droplets": [1], "wait": False, "timeout": None}) == {
        "wait": False,
        "timeout": None,
    }


def test_only_changed_options_are_taken_when_a_run_is_resumed() -> None:
    given: dict[str, object] = {"path": "p", "timeout": "unchanged", "max_errors": None, "health_check": None}
    assert changed_options(given) == {"max_errors": None, "health_check": None}


# --- wrong calls ---


@each_class
@pytest.mark.parametrize("name", [*RUNS, "resume"])
@pytest.mark.parametrize(
    ("stray", "hint"),
    [
        ("tags", 'For a tag pass tag="training".'),
        ("tag_name", 'For a tag pass tag="training".'),
        ("ids", "For Droplets pass droplets=[3164444, 3164445]."),
        ("droplet_ids", "For Droplets pass droplets=[3164444, 3164445]."),
        ("droplet_id", "For Droplets pass droplets=[3164444, 3164445]."),
        ("max_error", "Did you mean 'max_errors'?"),
        ("timeuot", "Did you mean 'timeout'?"),
        ("concurrency", "Did you mean 'max_concurrency'?"),
    ],
)
async def test_error_says_what_to_type_when_an_option_is_unknown(cls: type, name: str, stray: str, hint: str) -> None:
    first: dict[str, tuple[object, ...]] = {"run": ("reboot",), "stream": ("reboot",), "resize": ("s",)}
    with pytest.raises(TypeError) as caught:
        await called(cls, name, *first.get(name, ()), **{stray: 1})
    text = str(caught.value)
    assert text.startswith(f"{stray}: unknown option. {hint} fleet.{name}() takes ")
    assert all(f" {one}" in text for one in parameters(cls, name))


@each_class
async def test_parameter_of_an_action_is_sent_to_its_request(cls: type) -> None:
    with pytest.raises(TypeError, match=r"size: unknown option\. Pass an action's own parameters in a request, such"):
        await called(cls, "run", "reboot", droplets=[1], size="gpu-h100x8-640gb")


@each_class
async def test_error_asks_for_a_list_when_ids_are_positional(cls: type) -> None:
    with pytest.raises(TypeError, match=r"Pass several Droplets in a list: fleet\.reboot\(\[3164444, 3164445\]\)"):
        await called(cls, "reboot", 1, 2)
    with pytest.raises(TypeError, match=r"Pass several Droplets in a list: fleet\.run\(…, \[3164444, 3164445\]\)"):
        await called(cls, "run", "reboot", 1, 2)
    with pytest.raises(TypeError, match=r"fleet\.resume\(\) takes path without a name, and all else by name\."):
        await called(cls, "resume", "a", "b")


@each_class
@pytest.mark.parametrize("stray", [*sorted(KEPT_ON_RESUME), "droplets", "tag", "action"])
async def test_resume_says_that_it_keeps_what_the_run_began_with(cls: type, stray: str) -> None:
    with pytest.raises(TypeError, match=f"^{stray}: cannot be changed when a run is resumed$"):
        await called(cls, "resume", "j", **{stray: 1})


def test_messages_name_all_that_is_wrong_once() -> None:
    text = unknown_parameters("run", ["tags", "tag_name", "nonsense"], ["action", "droplets", "tag"])
    assert text == (
        'tags, tag_name, nonsense: unknown option. For a tag pass tag="training". '
        "fleet.run() takes action, droplets, tag"
    )
    assert too_many_values("power_on", ["droplets"]).startswith("fleet.power_on() takes droplets without a name")


@pytest.mark.parametrize("name", ["run", "reboot"])
@each_class
async def test_missing_action_or_droplets_keep_pythons_error(cls: type, name: str) -> None:
    method: Callable[..., Any] = getattr(cls, name)
    assert method.__qualname__ == f"Fleet.{name}"
    if name == "run":
        with pytest.raises(TypeError, match="missing 1 required positional argument: 'action'"):
            await called(cls, name)


def test_only_public_methods_explain_wrong_calls() -> None:
    @explain_wrong_calls
    class Sample:
        LIMIT = 3

        @property
        def size(self) -> int:
            return self._hidden(4)

        def double(self, number: int) -> int:
            return 2 * number

        def add(self, number: int, **more: int) -> int:
            return number + sum(more.values())

        def _hidden(self, number: int) -> int:
            return number

    sample: Any = Sample()
    assert (sample.LIMIT, sample.size, sample.double(3)) == (3, 4, 6)
    assert sample.add(3, other=4) == 7
    with pytest.raises(TypeError, match=r"^other: unknown option"):
        sample.double(other=1)
    with pytest.raises(TypeError, match=r"_hidden\(\) got an unexpected keyword argument 'other'"):
        sample._hidden(other=1)
