from __future__ import annotations

import copy
import logging
import math
import pickle
import traceback
from typing import Any

import attrs
import pytest
from samples import TOKEN

from gradient_async import AsyncGradientAI, GradientAIError, MissingAccessTokenError, settings
from gradient_async.settings import AccessToken, Settings
from gradient_sync import GradientAI


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
    own = ("DIGITALOCEAN_ACCESS_TOKEN", "DIGITALOCEAN_TOKEN", "GRADIENT_BASE_URL", "GRADIENT_LOG")
    for name in (*own, *names, *map(str.lower, names)):
        monkeypatch.delenv(name, raising=False)


def resolve(**changes: Any) -> Settings:
    values: dict[str, Any] = {
        "access_token": TOKEN,
        "base_url": None,
        "timeout": 60.0,
        "max_retries": 2,
        "max_retry_after": 60.0,
        "settle_seconds": 5.0,
        "create_settle_seconds": 120.0,
        "max_response_bytes": 1 << 26,
        "proxy": "environment",
        "default_headers": None,
        "default_query": None,
    }
    return settings.resolve(**{**values, **changes})


def token_of(resolved: Settings) -> str:
    return resolved.access_token.reveal()


# --- the token ---


def test_token_comes_from_the_argument_then_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_TOKEN", "second")
    assert token_of(resolve(access_token=None)) == "second"
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "first")
    assert token_of(resolve(access_token=None)) == "first"
    assert token_of(resolve(access_token="argument")) == "argument"


@pytest.mark.parametrize("blank", ["", "  ", "''", '" "', "\n"])
def test_token_comes_from_the_second_name_if_the_first_is_blank(blank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", blank)
    monkeypatch.setenv("DIGITALOCEAN_TOKEN", "second")
    assert token_of(resolve(access_token=None)) == "second"


@pytest.mark.parametrize("given_token", ["{}", " {} ", '"{}"', "'{}'", ' "{}"\n', "\t{}\r\n", "\"'{}'\""])
@pytest.mark.parametrize("is_argument", [True, False])
def test_token_is_trimmed_of_spaces_and_quotes(
    given_token: str, is_argument: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = given_token.format(TOKEN)
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "other" if is_argument else text)
    assert token_of(resolve(access_token=text if is_argument else None)) == TOKEN


def test_missing_token_is_an_error_with_the_way_out() -> None:
    with pytest.raises(MissingAccessTokenError, match="no access token: set DIGITALOCEAN_ACCESS_TOKEN") as caught:
        resolve(access_token=None)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, GradientAIError)


@pytest.mark.parametrize("blank", ["", " ", "''", "\n"])
def test_blank_token_is_an_error_though_the_environment_has_one(blank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", TOKEN)
    with pytest.raises(MissingAccessTokenError, match="access_token is empty"):
        resolve(access_token=blank)


@pytest.mark.parametrize(
    "token", ["dop_v1_a\nHost: evil", "dop_v1_a\r\nX: y", "dop v1", "dop\x00v1", "döp", "dop\u2028v1", "a\x7fb"]
)
def test_token_that_breaks_its_header_is_refused_unshown(token: str) -> None:
    with pytest.raises(ValueError, match="access_token: expected printable ASCII without spaces") as caught:
        resolve(access_token=token)
    assert token not in str(caught.value)
    assert "dop_v1_a" not in str(caught.value)


def test_bad_token_in_the_environment_is_refused_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DIGITALOCEAN_ACCESS_TOKEN", raising=False)
    monkeypatch.setenv("DIGITALOCEAN_TOKEN", "Bearer dop_v1_a")
    with pytest.raises(ValueError, match=r"^DIGITALOCEAN_TOKEN in the environment: expected printable ASCII") as caught:
        resolve(access_token=None)
    assert "dop_v1_a" not in str(caught.value)


@pytest.mark.parametrize("token", [5, b"dop_v1_a", ["dop_v1_a"], True, object()])
def test_token_is_refused_unshown_when_it_is_no_str(token: Any) -> None:
    with pytest.raises(TypeError, match=f"access_token: expected a str, got {type(token).__name__}$") as caught:
        resolve(access_token=token)
    assert "dop_v1_a" not in str(caught.value)
    with pytest.raises(TypeError, match=f"access_token: expected a str, got {type(token).__name__}$"):
        AsyncGradientAI(token)


def shown(value: object) -> list[str]:
    return [repr(value), str(value), f"{value}", f"{value!r:.500}", f"{[value]} {{{value}}}"]


@pytest.mark.parametrize(
    "make",
    [
        lambda: AccessToken(TOKEN),
        resolve,
        lambda: resolve().changed(timeout=5.0),
        lambda: resolve(default_headers={"X-Key": TOKEN}, default_query={"key": TOKEN}),
        lambda: AsyncGradientAI(TOKEN),
        lambda: AsyncGradientAI(TOKEN).with_options(timeout=1.0),
        lambda: AsyncGradientAI(TOKEN).with_options(access_token=TOKEN + "x"),
        lambda: AsyncGradientAI(TOKEN).gpu_droplets,
        lambda: AsyncGradientAI(TOKEN).gpu_droplets.actions.with_raw_response,
        lambda: AsyncGradientAI(TOKEN).rate_budget,
        lambda: GradientAI(TOKEN),
    ],
)
def test_token_is_in_no_repr(make: Any) -> None:
    assert not any(TOKEN in text for text in shown(make()))


@pytest.mark.parametrize(
    ("make", "copied"),
    [
        (make, copied)
        for make in (lambda: AccessToken(TOKEN), resolve, lambda: AsyncGradientAI(TOKEN), lambda: GradientAI(TOKEN))
        for copied in (pickle.dumps, copy.copy, copy.deepcopy)
        if (make, copied) != (resolve, copy.copy)
    ],
)
def test_token_is_in_no_pickle_and_in_no_copy_made_by_one(make: Any, copied: Any) -> None:
    value = make()
    with pytest.raises(TypeError, match="cannot be pickled") as caught:
        copied(value)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))


def test_token_is_shared_when_settings_are_copied_shallowly() -> None:
    value = resolve()
    assert copy.copy(value).access_token is value.access_token
    assert not any(TOKEN in text for text in shown(copy.copy(value)))


# --- the base URL ---


def test_base_url_comes_from_argument_environment_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert resolve().base_url == "https://api.digitalocean.com"
    monkeypatch.setenv("GRADIENT_BASE_URL", "http://127.0.0.1:8787")
    assert resolve().base_url == "http://127.0.0.1:8787"
    assert resolve(base_url="https://proxy.example/do").base_url == "https://proxy.example/do"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://api.digitalocean.com/", "https://api.digitalocean.com"),
        ("https://api.digitalocean.com/v2", "https://api.digitalocean.com"),
        ("https://api.digitalocean.com/v2/", "https://api.digitalocean.com"),
        (" http://[::1]:8787 ", "http://[::1]:8787"),
        ("http://host:80/prefix/v2", "http://host:80/prefix"),
        ("HTTPS://API.DIGITALOCEAN.COM", "HTTPS://API.DIGITALOCEAN.COM"),
    ],
)
def test_base_url_is_trimmed_to_what_paths_are_put_behind(url: str, expected: str) -> None:
    assert resolve(base_url=url).base_url == expected


BAD_URLS = [
    "api.digitalocean.com",
    "ftp://api.digitalocean.com",
    "//api.digitalocean.com",
    "https://",
    "https:///v2",
    "https://host:0",
    "https://host:99999",
    "https://host:port",
    "https://[::1",
    "https://host/?page=1",
    "https://host/#top",
    "https://user:password@host",
    "https://user@host",
    "https://:password@host",
    "https://@host",
    "https://host?",
    "https://host/v2?",
    "https://host#",
    "https://ho st",
    "https://host/pa th",
    "https://ho\nst",
    "https://host\r\nX: y",
    "https://ho\tst",
    "https://host/\x00",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("url", BAD_URLS)
def test_base_url_is_refused_when_it_is_none_to_put_paths_behind(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match=r"base_url: expected http\(s\)://host"):
        resolve(base_url=url)
    with pytest.raises(ValueError, match=r"base_url: expected http\(s\)://host"):
        resolve().changed(base_url=url)
    if "\x00" not in url:
        monkeypatch.setenv("GRADIENT_BASE_URL", url)
        with pytest.raises(ValueError, match=r"^GRADIENT_BASE_URL in the environment: expected http\(s\)://host"):
            resolve()


def test_password_is_not_shown_when_the_base_url_has_one() -> None:
    with pytest.raises(ValueError, match="base_url") as caught:
        resolve(base_url="https://user:hunter2@host")
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("url", [5, b"https://host", ["https://host"]])
def test_base_url_is_refused_when_it_is_no_str(url: Any) -> None:
    with pytest.raises(TypeError, match="base_url: expected a str, got "):
        resolve(base_url=url)


def test_empty_base_url_is_refused() -> None:
    with pytest.raises(ValueError, match="base_url"):
        resolve(base_url="")


# --- numbers, headers, copies ---


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("timeout", 0, ValueError),
        ("timeout", -1.0, ValueError),
        ("timeout", math.inf, ValueError),
        ("timeout", math.nan, ValueError),
        ("timeout", "60", TypeError),
        ("timeout", True, TypeError),
        ("max_retries", -1, ValueError),
        ("max_retries", 1.5, TypeError),
        ("max_retries", True, TypeError),
        ("max_retry_after", -1, ValueError),
        ("max_retry_after", math.nan, ValueError),
        ("max_retry_after", "1", TypeError),
        ("max_retry_after", False, TypeError),
        ("create_settle_seconds", -0.1, ValueError),
        ("settle_seconds", -0.1, ValueError),
        ("settle_seconds", math.inf, ValueError),
        ("settle_seconds", "5", TypeError),
        ("max_response_bytes", 0, ValueError),
        ("max_response_bytes", 1.5, TypeError),
        ("default_headers", "X: y", TypeError),
        ("default_headers", {"X": "a\r\nb"}, ValueError),
        ("default_query", 5, TypeError),
    ],
)
def test_impossible_setting_is_refused_with_its_name(name: str, value: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match=name):
        resolve(**{name: value})
    with pytest.raises(error, match=name):
        resolve().changed(**{name: value})
    with pytest.raises(error, match=name):
        AsyncGradientAI(TOKEN, **{name: value})


def test_settings_may_be_zero_where_nothing_is_to_be_waited_for() -> None:
    resolved = resolve(max_retries=0, max_retry_after=0, settle_seconds=0, max_response_bytes=1)
    assert (resolved.max_retries, resolved.max_retry_after, resolved.settle_seconds) == (0, 0, 0)
    assert resolved.max_response_bytes == 1


def test_changed_settings_keep_what_was_not_changed() -> None:
    before = resolve(default_headers={"X-A": "1", "X-B": "2"}, default_query={"q": 1, "flag": True}, timeout=7.0)
    after = before.changed(default_headers={"X-B": "3"}, default_query={"r": "x"}, max_retries=9, timeout=None)
    assert after.default_headers == {"X-A": "1", "X-B": "3"}
    assert after.default_query == {"q": "1", "flag": "true", "r": "x"}
    assert (after.max_retries, after.timeout, token_of(after)) == (9, 7.0, TOKEN)
    assert before.default_headers == {"X-A": "1", "X-B": "2"}


def test_changed_token_and_url_are_checked_and_hidden() -> None:
    after = resolve().changed(access_token=" 'dop_v1_other' ", base_url="http://127.0.0.1:1/v2/")
    assert token_of(after) == "dop_v1_other"
    assert after.base_url == "http://127.0.0.1:1"
    assert "dop_v1_other" not in repr(after)
    with pytest.raises(MissingAccessTokenError):
        resolve().changed(access_token="")


def test_later_changes_of_a_callers_dict_change_nothing() -> None:
    headers = {"X-A": "1"}
    resolved = resolve(default_headers=headers)
    headers["X-A"] = "2"
    assert resolved.default_headers == {"X-A": "1"}


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        resolve().timeout = 1.0  # type: ignore[misc]


@pytest.mark.parametrize(
    ("value", "level"),
    [
        ("debug", logging.DEBUG),
        ("INFO", logging.INFO),
        (" info ", logging.INFO),
        ("warning", None),
        ("1", None),
        ("", None),
    ],
)
def test_log_level_is_asked_for_by_two_words(value: str, level: int | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIENT_LOG", value)
    assert settings.log_level() == level


def test_log_stays_silent_when_the_environment_says_nothing() -> None:
    assert settings.log_level() is None


@pytest.mark.parametrize("rate_budget", ["Shared", "unchanged", 5, True, object()])
def test_rate_budget_is_refused_when_it_is_none(rate_budget: Any) -> None:
    with pytest.raises((ValueError, TypeError), match="rate_budget: expected 'shared', a RateBudget or None"):
        AsyncGradientAI(TOKEN, rate_budget=rate_budget)


def test_shared_budget_is_named_when_a_url_is_given() -> None:
    url: Any = "sqlite:"
    with pytest.raises(ValueError, match=r"got 'sqlite:'\. A URL goes into RateBudget\.shared\(url\)$"):
        AsyncGradientAI(TOKEN, rate_budget=url)


@pytest.mark.parametrize("session", ["session", 5, object()])
def test_http_session_is_refused_when_it_is_none(session: Any) -> None:
    with pytest.raises(TypeError, match=r"http_session: expected an aiohttp\.ClientSession"):
        AsyncGradientAI(TOKEN, http_session=session)
