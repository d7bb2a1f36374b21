from __future__ import annotations

import math
import re
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, cast, get_type_hints

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from samples import Indexed, steady_repr

from gradient_async.cli.options import FleetArguments, ResumeLimits
from gradient_async.cli.run_options import fleet_options, resume_options
from gradient_async.fleet import plan as plans
from gradient_async.fleet.limits import Limit
from gradient_async.fleet.option_checks import limit_from
from gradient_async.fleet.options import OPTIONS, FleetOptions, RunOptions, run_options
from gradient_async.fleet.run_spec import RunSpec
from gradient_async.models.action_requests import EnableBackups, PowerOn, Shutdown, Snapshot
from gradient_async.models.action_types import ACTION_TYPES, BULK_ACTION_TYPES

if TYPE_CHECKING:
    from gradient_async.models.droplet import Droplet

pytestmark = pytest.mark.once

LIMITS = ("max_concurrency", "max_errors", "batch_size")
SECONDS = ("timeout", "action_timeout", "poll_interval", "health_timeout", "health_interval")
SWITCHES = ("wait", "check_first", "by_tag")
CALLABLES = ("health_check", "on_progress")


def options(**given_options: Any) -> RunOptions:
    return run_options(cast("FleetOptions", given_options))


def spec(plan: plans.Plan | None = None, *, tag: str | None = "training", **given_options: Any) -> RunSpec:
    return RunSpec(
        plan=plan or plans.plan_of("reboot", until_status=False),
        options=options(**given_options),
        droplets=None if tag else [1, 2, 3],
        tag=tag,
    )


# --- all of them ---


def test_options_are_the_documented_defaults_when_none_is_given() -> None:
    assert options() == RunOptions()
    assert attrs.asdict(RunOptions()) == {
        "wait": True,
        "until": "action",
        "on_busy": "wait",
        "max_concurrency": None,
        "max_errors": None,
        "batch_size": None,
        "timeout": None,
        "action_timeout": None,
        "poll_interval": None,
        "health_check": None,
        "health_timeout": 30.0,
        "health_retries": 3,
        "health_interval": 5.0,
        "journal": None,
        "check_first": True,
        "if_finished": "error",
        "on_progress": None,
        "by_tag": False,
        "gpus_only": False,
        "key_prefix": None,
        "key_ttl": 86_400.0,
    }


def test_every_option_of_the_public_type_is_checked_and_kept() -> None:
    assert set(get_type_hints(FleetOptions)) == set(attrs.fields_dict(RunOptions))


@pytest.mark.parametrize("name", sorted(FleetOptions.__annotations__))
def test_option_is_its_default_when_it_is_none(name: str) -> None:
    assert options(**{name: None}) == RunOptions()


def test_unknown_option_is_refused_with_all_that_there_are() -> None:
    with pytest.raises(TypeError) as caught:
        options(concurrency=5, wait=True, batchsize=3)
    text = str(caught.value)
    assert text.startswith("concurrency, batchsize: unknown option")
    assert all(name in text for name in FleetOptions.__annotations__)


def test_unknown_option_is_refused_when_its_value_is_none() -> None:
    with pytest.raises(TypeError, match="max_error: unknown option"):
        options(max_error=None)


# --- numbers and percentages ---


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", [1, 7, 10**9])
def test_limit_is_a_count_when_it_is_an_int(name: str, value: int) -> None:
    assert getattr(options(**{name: value}), name) == Limit(count=value)


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize(
    ("value", "percent"), [("10%", 10), ("100%", 100), ("2.5%", 2.5), (" 5% ", 5), ("0.1%", 0.1), ("007%", 7)]
)
def test_limit_is_a_share_when_it_is_a_percentage(name: str, value: str, percent: float) -> None:
    limit = getattr(options(**{name: value}), name)
    assert limit.count is None
    assert float(limit.percent) == percent


def test_max_errors_can_be_zero() -> None:
    assert options(max_errors=0).max_errors == Limit(count=0)
    nothing = options(max_errors="0%").max_errors
    assert nothing is not None
    assert nothing.percent == 0
    assert nothing.of(10_000, least=0) == 0


@pytest.mark.parametrize("name", ["max_concurrency", "batch_size"])
@pytest.mark.parametrize("value", [0, "0%", "0.0%", " 0% "])
def test_limit_is_refused_when_nothing_could_ever_start_with_it(name: str, value: object) -> None:
    with pytest.raises(ValueError, match=f"^{name}: .*got .*{re.escape(str(value))}"):
        options(**{name: value})


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize(
    "value",
    [
        *(
            "101%",
            "100.1%",
            "1000%",
            "-1%",
            "+5%",
            "%",
            "",
            " ",
            "10",
            "ten",
            "ten%",
            "10 %",
            "10%%",
            "1e1%",
            ".5%",
            "5.%",
        ),
        *("nan%", "inf%", "9" * 400 + "%", "1_0%", "10%\n5%", "0x10%", "1,5%"),
    ],
)
def test_limit_is_refused_when_it_is_no_percentage(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"{name}: ")) as caught:
        options(**{name: value})
    assert f"got {value!r}"[:40] in str(caught.value)
    assert "'10%'" in str(caught.value), "it is shown what a percentage looks like"


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", [-1, -(10**9)])
def test_limit_is_refused_when_it_is_below_zero(name: str, value: int) -> None:
    with pytest.raises(ValueError, match=rf"^{name}: .*at least [01].*got {value}"):
        options(**{name: value})


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", [True, False, 1.0, 0.1, math.nan, math.inf, b"10%", [10], {"percent": 10}, ("10%",)])
def test_limit_is_refused_when_it_is_neither_int_nor_text(name: str, value: object) -> None:
    with pytest.raises(TypeError, match=f"^{name}: .*got .*{re.escape(repr(value))}"):
        options(**{name: value})


@pytest.mark.parametrize("name", LIMITS)
def test_refusal_of_a_float_says_how_to_write_a_percentage(name: str) -> None:
    """0.1 for a tenth is the obvious mistake."""
    with pytest.raises(TypeError, match=r"percentage .* such as '10%'"):
        options(**{name: 0.1})


@pytest.mark.parametrize(("name", "value"), [("max_errors", "101%"), ("max_concurrency", "0%"), ("batch_size", "0%")])
def test_refusal_of_a_percentage_says_what_range_is_allowed(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"(from|above|up to|at most|between) .*100"):
        options(**{name: value})


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_count_is_no_percentage_for_any_total(count: int, total: int) -> None:
    assert Limit(count=count).of(total, least=1) == count


@pytest.mark.parametrize(
    ("percent", "total", "least", "number"),
    [
        (10, 100, 1, 10),
        (10, 99, 1, 9),
        (10, 9, 1, 1),  # a run with a concurrency of 0 would never end
        (10, 9, 0, 0),
        (10, 0, 1, 1),
        (10, 0, 0, 0),
        (100, 7, 1, 7),
        (2.5, 1000, 0, 25),
        (2.5, 39, 0, 0),
        (0, 1000, 0, 0),
        (5, 19, 0, 0),
        (5, 20, 0, 1),
        (33.3, 10, 1, 3),
    ],
)
def test_share_is_rounded_down_but_not_below_the_least(percent: float, total: int, least: int, number: int) -> None:
    limit = options(max_errors=f"{percent}%").max_errors
    assert limit is not None
    assert limit.of(total, least=least) == number


@given(st.decimals(0, 100, places=2).filter(lambda share: not share.is_signed()), st.integers(0, 20_000))
@example(Fraction(9996, 100), 10_000)
@example(Fraction(57, 100), 10_000)
def test_share_is_exact_when_it_has_decimals(share: Any, total: int) -> None:
    text = f"{float(share):.2f}"
    limit = options(max_errors=f"{text}%").max_errors
    assert limit is not None
    assert limit.of(total, least=0) == math.floor(Fraction(text) * total / 100)


@given(st.integers(0, 100), st.integers(0, 10_000), st.integers(0, 1))
def test_share_is_never_more_than_all_nor_less_than_the_least(percent: int, total: int, least: int) -> None:
    limit = options(max_errors=f"{percent}%").max_errors
    assert limit is not None
    assert least <= limit.of(total, least=least) <= max(total, least)


@pytest.mark.parametrize("name", LIMITS)
def test_total_is_needed_only_for_a_percentage(name: str) -> None:
    assert options(**{name: "10%"}).needs_total
    assert not options(**{name: 10}).needs_total


def test_total_is_needed_when_there_is_a_journal() -> None:
    assert options(journal="run.journal").needs_total
    assert not options().needs_total


def test_total_is_needed_when_a_percentage_is_zero() -> None:
    assert options(max_errors="0%").needs_total


# --- the others ---


@pytest.mark.parametrize("name", SECONDS)
@pytest.mark.parametrize("value", [1, 0.25, 10**9])
def test_seconds_are_kept_as_a_float_when_they_are_above_zero(name: str, value: float) -> None:
    kept = getattr(options(**{name: value}), name)
    assert type(kept) is float
    assert kept == value


@pytest.mark.parametrize("name", SECONDS)
@pytest.mark.parametrize("value", [0, -1, -0.5, math.nan, math.inf])
def test_option_in_seconds_is_refused_when_out_of_range(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"^{name}: expected a finite number of seconds above 0, got {value!r}"):
        options(**{name: value})


@pytest.mark.parametrize("name", SECONDS)
@pytest.mark.parametrize("value", ["10", "10%", True, [1]])
def test_option_in_seconds_is_refused_when_it_is_no_number(name: str, value: object) -> None:
    with pytest.raises(TypeError, match=f"^{name}: expected seconds as a number, got .*{re.escape(repr(value))}"):
        options(**{name: value})


@pytest.mark.parametrize("name", SWITCHES)
def test_switch_is_kept_when_it_is_true_or_false(name: str) -> None:
    assert getattr(options(**{name: True}), name) is True
    assert getattr(options(**{name: False}), name) is False


@pytest.mark.parametrize("name", SWITCHES)
@pytest.mark.parametrize("value", [0, 1, "true", "no", []])
def test_switch_is_refused_when_it_is_no_bool(name: str, value: object) -> None:
    with pytest.raises(TypeError, match=f"^{name}: expected True or False, got .*{re.escape(repr(value))}"):
        options(**{name: value})


@pytest.mark.parametrize(("name", "allowed"), [("until", ("action", "status")), ("on_busy", ("wait", "fail", "skip"))])
def test_choice_is_one_of_those_that_are_documented(name: str, allowed: tuple[str, ...]) -> None:
    for word in allowed:
        assert getattr(options(**{name: word}), name) == word
    for stray in ("", "Action", "done", 1, True, ["wait"], allowed):
        with pytest.raises(ValueError, match=f"^{name}: expected one of ") as caught:
            options(**{name: stray})
        assert all(repr(word) in str(caught.value) for word in allowed)
        assert f"got {stray!r}" in str(caught.value)


@pytest.mark.parametrize("name", CALLABLES)
def test_callback_is_kept_as_it_is_when_it_can_be_called(name: str) -> None:
    async def asks(_: object) -> bool:
        return True

    for callback in (print, asks, lambda _: True, Indexed):
        assert getattr(options(**{name: callback}), name) is callback


@pytest.mark.parametrize("name", CALLABLES)
@pytest.mark.parametrize("value", ["https://example.com/health", 1, True])
def test_callback_is_refused_when_it_cannot_be_called(name: str, value: object) -> None:
    with pytest.raises(TypeError, match=f"^{name}: expected a callable, got {type(value).__name__}"):
        options(**{name: value})


@pytest.mark.parametrize("value", [0, 1, 10])
def test_health_retries_are_kept_when_they_are_zero_or_more(value: int) -> None:
    assert options(health_retries=value).health_retries == value


def test_health_retries_are_refused_when_they_are_no_count() -> None:
    with pytest.raises(ValueError, match=r"^health_retries: expected an int at least 0, got -1"):
        options(health_retries=-1)
    for value in (1.5, "3", True, "10%"):
        with pytest.raises(TypeError, match=f"^health_retries: expected an int, got .*{value!r}"):
            options(health_retries=value)


class _PathOfBytes:
    def __fspath__(self) -> bytes:
        return b"run.journal"


@pytest.mark.parametrize(
    "value", ["run.journal", Path("run.journal"), PurePosixPath("run.journal"), _PathOfBytes()], ids=steady_repr
)
def test_journal_becomes_text_when_it_is_a_path_of_any_kind(value: object) -> None:
    assert options(journal=value).journal == "run.journal"


@pytest.mark.parametrize("value", [b"run.journal", 3, True, ["run.journal"]])
def test_journal_is_refused_with_its_name_when_it_is_no_path(value: object) -> None:
    with pytest.raises(TypeError, match=f"^journal: expected a path, got {type(value).__name__}"):
        options(journal=value)


def test_journal_is_refused_when_it_is_empty() -> None:
    with pytest.raises(ValueError, match=r"^journal: expected a path, got ''"):
        options(journal="")


def test_journal_is_refused_when_no_file_can_have_the_name() -> None:
    with pytest.raises(ValueError, match=r"^journal: "):
        options(journal="run\0.journal")


@pytest.mark.parametrize("action_type", sorted(ACTION_TYPES))
def test_action_timeout_is_longer_for_what_copies_disks(
    action_type: str,
) -> None:
    long = action_type in {"snapshot", "restore", "rebuild", "resize"}
    assert options().action_timeout_of(action_type) == (14_400 if long else 900)
    assert options(action_timeout=5).action_timeout_of(action_type) == 5


# --- what does not go together ---


@pytest.mark.parametrize(
    "plan",
    [
        plans.power_off_plan(graceful=True, grace=1),
        plans.resize_plan("gpu-h100x1-80gb", disk=False, grace=1),
    ],
    ids=["power_off", "resize"],
)
def test_several_steps_are_refused_without_waiting(plan: plans.Plan) -> None:
    with pytest.raises(TypeError, match=rf"^wait: {plan.name} takes several steps"):
        spec(plan, wait=False)
    assert spec(plan).plan is plan


@pytest.mark.parametrize(
    "plan",
    [
        plans.plan_of("reboot", until_status=False),
        plans.power_on_plan(),
        plans.power_off_plan(graceful=False, grace=1),
        plans.snapshot_plan("{name}"),
    ],
    ids=["reboot", "power_on", "power_off", "snapshot"],
)
def test_order_is_taken_when_it_has_one_step_and_is_not_to_wait(plan: plans.Plan) -> None:
    assert not spec(plan, wait=False).options.wait


def test_health_check_is_refused_when_it_has_nothing_to_check() -> None:
    with pytest.raises(TypeError, match=r"^health_check: not allowed with wait=False"):
        spec(wait=False, health_check=lambda _: True)
    assert spec(health_check=lambda _: True).options.health_check is not None


def test_until_status_is_refused_without_waiting() -> None:
    with pytest.raises(TypeError, match=r"^(until|wait): "):
        spec(plans.plan_of("reboot", until_status=True), wait=False, until="status")


@pytest.mark.parametrize("action_type", sorted(BULK_ACTION_TYPES))
def test_order_by_tag_is_taken_when_the_api_takes_the_type(action_type: str) -> None:
    request = Snapshot(name="nightly") if action_type == "snapshot" else action_type
    assert spec(plans.plan_of(request, until_status=False), by_tag=True).options.by_tag


def test_order_by_tag_is_taken_when_the_state_is_waited_for() -> None:
    assert spec(plans.plan_of("power_on", until_status=True), by_tag=True, until="status").options.by_tag
    assert spec(plans.plan_of(EnableBackups(), until_status=False), by_tag=True, wait=False).options.by_tag


@pytest.mark.parametrize("action_type", ["reboot", "password_reset"])
def test_run_by_tag_of_other_types_is_refused_with_the_eight(action_type: str) -> None:
    with pytest.raises(ValueError, match=f"^by_tag: .*'{action_type}' by tag") as caught:
        spec(plans.plan_of(action_type, until_status=False), by_tag=True)
    assert all(name in str(caught.value) for name in BULK_ACTION_TYPES)
    assert "leave by_tag out" in str(caught.value)


def test_order_by_tag_is_refused_when_the_droplets_are_named() -> None:
    with pytest.raises(TypeError, match=r"^by_tag: only with a tag"):
        spec(plans.plan_of("power_cycle", until_status=False), tag=None, by_tag=True)


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", [1, "10%"])
def test_order_by_tag_is_refused_when_a_limit_cannot_hold(name: str, value: Any) -> None:
    with pytest.raises(TypeError, match=rf"^{name}: cannot hold beside by_tag=True"):
        spec(plans.plan_of("power_cycle", until_status=False), **{"by_tag": True, name: value})


def test_run_by_tag_is_refused_with_every_limit_given() -> None:
    with pytest.raises(TypeError, match=r"^batch_size, max_concurrency, max_errors: cannot hold"):
        spec(
            plans.plan_of("power_cycle", until_status=False), by_tag=True, batch_size=1, max_errors=0, max_concurrency=1
        )


_LOOKING_PLANS = [
    plans.power_on_plan(),
    plans.power_off_plan(graceful=False, grace=1),
    plans.power_off_plan(graceful=True, grace=1),
    plans.snapshot_plan("{name}"),
]


@pytest.mark.parametrize("plan", _LOOKING_PLANS, ids=lambda plan: f"{plan.name}, {len(plan.steps)} steps")
def test_run_by_tag_is_refused_when_the_plan_reads_droplets(plan: plans.Plan) -> None:
    with pytest.raises(ValueError, match=r"^by_tag: "):
        spec(plan, by_tag=True)


@pytest.mark.parametrize("plan", _LOOKING_PLANS, ids=lambda plan: f"{plan.name}, {len(plan.steps)} steps")
def test_refusal_by_tag_does_not_contradict_itself(plan: plans.Plan) -> None:
    """The API does take ``power_on`` by tag; what cannot be is that each Droplet is looked at first."""
    with pytest.raises(ValueError, match=r"^by_tag: ") as caught:
        spec(plan, by_tag=True)
    assert f"does not take {plan.name!r} by tag" not in str(caught.value)


# --- the health check ---


class _Check:
    def __call__(self, droplet: Droplet) -> bool:
        return droplet.is_active


class _Checks:
    def both(self, droplet: Droplet, timeout: float = 5) -> bool:
        return droplet.is_active and timeout > 0


@pytest.mark.parametrize(
    "check",
    [lambda _: True, lambda *_: True, lambda _, retries=3: bool(retries), _Check(), _Checks().both, bool, all],
    ids=range(7),
)
def test_health_check_is_taken_when_it_takes_one_argument(check: Any) -> None:
    assert options(health_check=check).health_check is check


@pytest.mark.parametrize(
    "check", [lambda: True, lambda _, __: True, lambda *, droplet: droplet, _Checks.both, _Check.__call__], ids=range(5)
)
def test_health_check_is_refused_unless_it_takes_one_argument(check: Any) -> None:
    with pytest.raises(
        TypeError, match=r"^health_check: expected a function that takes one argument, the Droplet, got"
    ):
        options(health_check=check)


# --- one class states all options ---


def test_every_option_has_what_is_known_of_it() -> None:
    assert list(OPTIONS) == [one.name for one in attrs.fields(RunOptions)]
    kept = {name for name, option in OPTIONS.items() if option.scope == "kept"}
    assert kept == {"wait", "until", "journal", "by_tag", "gpus_only", "key_prefix", "key_ttl"}
    assert {name for name, option in OPTIONS.items() if not option.is_recorded} == {
        *("wait", "until", "journal", "health_check", "if_finished", "on_progress")
    }


@pytest.mark.parametrize("name", OPTIONS)
def test_default_passes_its_own_check(name: str) -> None:
    default = attrs.fields_dict(RunOptions)[name].default
    if default is not None:
        assert OPTIONS[name].check(name, default) == default


def test_command_line_has_every_option_with_its_default() -> None:
    arguments = FleetArguments()
    without = {name for name, option in OPTIONS.items() if option.flag == ""}
    assert without == {"poll_interval", "on_progress"}
    given = run_options(fleet_options(arguments))
    assert given == RunOptions()
    assert set(fleet_options(arguments)) == set(OPTIONS) - without


def test_command_line_changes_only_what_a_resumed_run_may_change() -> None:
    for one in attrs.fields(ResumeLimits):
        assert OPTIONS[one.name].scope == "recorded"
    typed = ResumeLimits(timeout="1h30m", max_errors="5%", batch_size="7", on_busy="skip")
    assert resume_options(typed) == {"timeout": 5400.0, "max_errors": "5%", "batch_size": 7, "on_busy": "skip"}


@pytest.mark.parametrize(("least", "range_text"), [(0, "from 0 up to 100"), (1, "above 0 up to 100")])
def test_refused_limit_is_told_its_least(least: int, range_text: str) -> None:
    with pytest.raises(ValueError, match=f"^x: expected an int of at least {least}, or a percentage {range_text} "):
        limit_from(least)("x", "101%")


def test_limit_of_none_is_shown_as_it_was_given() -> None:
    assert (Limit(count=0).given, Limit(count=3).given, Limit(percent=Fraction(5, 2)).given) == (0, 3, "2.5%")


def test_gpus_only_goes_with_a_tag_alone() -> None:
    assert spec(gpus_only=True).options.gpus_only
    with pytest.raises(TypeError, match=r"^gpus_only: only with a tag"):
        spec(tag=None, gpus_only=True)


def test_request_by_tag_is_refused_for_two_steps_of_any_kind() -> None:
    steps = (plans.Step(request=Shutdown()), plans.Step(request=PowerOn()))
    with pytest.raises(ValueError, match=r"^by_tag: fleet.restart\(\) reads each Droplet first"):
        spec(plans.Plan(name="restart", steps=steps), by_tag=True)
