"""What the settings take from the environment, beside the token and the base URL."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from samples import TOKEN

from gradient_async import settings
from gradient_async.settings import AccessToken, Settings

FROM_ENVIRONMENT = "http://proxy.example:3128"
OWN = "http://own.example:8080"


@pytest.fixture(autouse=True)
def known_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY")
    own = (*settings.TOKEN_VARIABLES, "DIGITALOCEAN_CONTEXT", "GRADIENT_BASE_URL")
    places = ("LOCALAPPDATA", "APPDATA", "XDG_STATE_HOME", "XDG_CONFIG_HOME")
    for name in (*own, *places, *names, *map(str.lower, names)):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/ada")


def resolved(proxy: str | None = "environment", base_url: str = "https://api.example") -> Settings:
    return settings.resolve(
        access_token=TOKEN,
        base_url=base_url,
        timeout=60.0,
        max_retries=2,
        max_retry_after=60.0,
        settle_seconds=5.0,
        create_settle_seconds=120.0,
        max_response_bytes=1 << 26,
        proxy=proxy,
        default_headers=None,
        default_query=None,
    )


def proxy_of(made: Settings) -> str | None:
    return None if made.proxy is None else made.proxy.url


# --- the proxy ---


def test_changed_base_url_asks_the_environment_for_its_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", FROM_ENVIRONMENT)
    monkeypatch.setenv("NO_PROXY", "direct.example")
    first = resolved()
    assert (proxy_of(first), first.follows_environment) == (FROM_ENVIRONMENT, True)
    direct = first.changed(base_url="https://direct.example")
    assert (proxy_of(direct), direct.follows_environment) == (None, True)
    assert proxy_of(direct.changed(base_url="https://api.example")) == FROM_ENVIRONMENT


def test_proxy_stays_when_other_settings_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", FROM_ENVIRONMENT)
    first = resolved()
    monkeypatch.setenv("HTTPS_PROXY", OWN)
    assert first.changed(timeout=1.0).proxy is first.proxy
    assert first.changed(timeout=1.0).follows_environment


@pytest.mark.parametrize("own", [OWN, None])
def test_own_proxy_stays_when_the_base_url_changes(own: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", FROM_ENVIRONMENT)
    for made in (resolved(own), resolved().changed(proxy=own)):
        assert (proxy_of(made), made.follows_environment) == (own, False)
        assert proxy_of(made.changed(base_url="https://other.example")) == own


def test_environments_proxy_replaces_an_own_one_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", FROM_ENVIRONMENT)
    made = resolved(OWN).changed(proxy="environment")
    assert (proxy_of(made), made.follows_environment) == (FROM_ENVIRONMENT, True)


# --- the API's address ---


@pytest.mark.parametrize(
    ("base_url", "host"),
    [
        ("http://api.example", "api.example"),
        ("http://api.example:8080/path", "api.example"),
        ("HTTP://api.example", "api.example"),
        ("https://api.example", None),
        ("http://localhost:8080", None),
        ("http://127.0.0.1", None),
        ("https://localhost", None),
    ],
)
def test_token_goes_in_clear_to_another_machine_over_http(base_url: str, host: str | None) -> None:
    assert Settings(access_token=AccessToken(TOKEN), base_url=base_url).host_in_clear == host


@pytest.mark.parametrize(
    ("base_url", "is_public"),
    [
        ("https://api.digitalocean.com", True),
        (" HTTPS://API.DigitalOcean.com./v2 ", True),
        ("https://digitalocean.com", True),
        ("http://api.digitalocean.com", False),
        ("http://digitalocean.com", False),
        ("https://api.digitalocean.com.example", False),
        ("https://notdigitalocean.com", False),
        ("https://localhost", False),
        ("https:///v2", False),
        ("https://[::1", False),
    ],
)
def test_api_is_digitaloceans_by_its_host_over_https(base_url: str, is_public: bool) -> None:
    assert settings.is_public_api(base_url) is is_public


def test_api_is_the_environments_when_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings.is_public_api(None)
    monkeypatch.setenv("GRADIENT_BASE_URL", "https://api.example")
    assert not settings.is_public_api(None)
    assert settings.is_public_api("https://api.digitalocean.com")


# --- places ---


@pytest.mark.parametrize(
    ("platform", "variable", "default"),
    [
        ("linux", "XDG_STATE_HOME", "/home/ada/.local/state"),
        ("win32", "LOCALAPPDATA", "/home/ada/AppData/Local"),
        ("darwin", None, "/home/ada/Library/Application Support"),
    ],
)
def test_state_is_kept_where_the_system_keeps_it(
    platform: str, variable: str | None, default: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert settings.state_directory() == Path(default) / "gradient-async"
    if variable is not None:
        monkeypatch.setenv(variable, "/elsewhere")
        assert settings.state_directory() == Path("/elsewhere/gradient-async")


@pytest.mark.parametrize(
    ("platform", "variable", "default"),
    [
        ("linux", "XDG_CONFIG_HOME", "/home/ada/.config"),
        ("win32", "APPDATA", "/home/ada/AppData/Roaming"),
        ("darwin", None, "/home/ada/Library/Application Support"),
    ],
)
def test_doctl_is_read_where_it_writes_on_this_system(
    platform: str, variable: str | None, default: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert settings.doctl_configuration() == Path(default) / "doctl" / "config.yaml"
    if variable is not None:
        monkeypatch.setenv(variable, "/elsewhere")
        assert settings.doctl_configuration() == Path("/elsewhere/doctl/config.yaml")


@pytest.mark.parametrize(("text", "context"), [(" gpu ", "gpu"), ("  ", None), (None, None)])
def test_doctl_context_is_the_environments(
    text: str | None, context: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is not None:
        monkeypatch.setenv("DIGITALOCEAN_CONTEXT", text)
    assert settings.doctl_context() == context


# --- the environment of a child process ---


@pytest.mark.parametrize(
    ("name", "value", "is_kept"),
    [
        ("DIGITALOCEAN_ACCESS_TOKEN", "short", False),
        ("digitalocean_token", "another", False),
        ("COPY", TOKEN, False),
        ("COPY", f" {TOKEN}\n", False),
        ("HEADER", f"Bearer {TOKEN}", False),
        ("PIN", "0123456789abcdef", False),
        ("PIN", "x0123456789abcdefx", False),
        ("WORD", "short", False),
        ("WORD", "shorter", True),
        ("OTHER", "dop_v1_of_another_account", True),
        ("EMPTY", "", True),
        ("BLANK", " ", True),
    ],
)
def test_child_gets_no_variable_with_a_token(
    name: str, value: str, is_kept: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "short")
    monkeypatch.setenv("DIGITALOCEAN_TOKEN", "0123456789abcdef")
    monkeypatch.setenv(name, value)
    child = settings.environment_without_tokens(TOKEN)
    assert (child.get(name) == value) is is_kept
    assert child["HOME"] == "/home/ada"


def test_child_keeps_blank_variables_when_no_token_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGITALOCEAN_TOKEN", " ")
    monkeypatch.setenv("BLANK", "")
    assert settings.environment_without_tokens()["BLANK"] == ""
