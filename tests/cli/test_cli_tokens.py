"""The source of the access token, and the error without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import pytest

from gradient_async import settings
from gradient_async.cli.exit_codes import UsageError
from gradient_async.cli.options import AccountOptions
from gradient_async.cli.token_source import FoundToken, found_token
from gradient_async.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Typed: TypeAlias = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.once

NAMES = ("DIGITALOCEAN_ACCESS_TOKEN", "DIGITALOCEAN_TOKEN", "DIGITALOCEAN_CONTEXT", "GRADIENT_BASE_URL")


@pytest.fixture
def doctl(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """doctl's configuration, with the contexts default and prod."""
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / ".config" / "doctl" / "config.yaml"
    path.parent.mkdir(parents=True)
    path.write_text("access-token: first\nauth-contexts:\n  default: true\n  prod: second\ncontext: prod\n")
    return path


def found(**options: str) -> FoundToken:
    return found_token(AccountOptions(**options))


def test_current_context_is_taken_when_no_other_token_is_there(doctl: Path) -> None:
    assert (found().value, found().source) == ("second", f"doctl's context 'prod' in {doctl}")
    doctl.write_text("access-token: first\ncontext: default\n")
    assert found().value == "first"
    doctl.write_text("access-token: first\n")
    assert found().value == "first"


def test_what_is_named_comes_before_the_environment(
    doctl: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert doctl
    monkeypatch.setenv("DIGITALOCEAN_TOKEN", "third")
    (tmp_path / "token").write_text("\ufefffourth\r\n")
    assert (found().value, found().source) == (None, "DIGITALOCEAN_TOKEN")
    assert found(context="default").value == "first"
    assert found(token_file=str(tmp_path / "token")).value == "fourth"
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "fifth")
    assert found().source == "DIGITALOCEAN_ACCESS_TOKEN"


def test_context_of_the_environment_is_taken(doctl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctl
    monkeypatch.setenv("DIGITALOCEAN_CONTEXT", "DEFAULT")
    assert found().value == "first"
    monkeypatch.setenv("DIGITALOCEAN_CONTEXT", "nowhere")
    with pytest.raises(UsageError, match=r"^DIGITALOCEAN_CONTEXT: doctl has no context 'nowhere'"):
        found()


def test_command_is_refused_when_context_and_token_are_both_set(doctl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctl
    monkeypatch.setenv("DIGITALOCEAN_ACCESS_TOKEN", "third")
    monkeypatch.setenv("DIGITALOCEAN_CONTEXT", "prod")
    with pytest.raises(UsageError, match="DIGITALOCEAN_ACCESS_TOKEN and DIGITALOCEAN_CONTEXT are both set"):
        found()
    assert found(context="prod").value == "second"
    # doctl takes the token of the environment for its context "default".
    monkeypatch.setenv("DIGITALOCEAN_CONTEXT", "default")
    assert found().source == "DIGITALOCEAN_ACCESS_TOKEN"


@pytest.mark.parametrize(
    ("url", "is_sent"),
    [
        ("https://api.digitalocean.com", True),
        ("https://API.DigitalOcean.com./v2", True),
        ("http://api.digitalocean.com", False),
        ("http://127.0.0.1:8787", False),
        ("https://digitalocean.com.example.org", False),
        ("https://notdigitalocean.com", False),
        ("https://[::1", False),
    ],
)
def test_doctl_token_goes_only_to_the_api_unless_asked(
    doctl: Path, monkeypatch: pytest.MonkeyPatch, url: str, is_sent: bool
) -> None:
    assert doctl
    assert (found(base_url=url).value == "second") is is_sent
    monkeypatch.setenv("GRADIENT_BASE_URL", url)
    assert (found().value == "second") is is_sent
    assert found(context="prod").value == "second", "asked for by name, it does"
    if not is_sent:
        assert "is sent to another base URL only with --context NAME" in found().missing


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "; doctl has no configuration ("),
        ("access-token: [\n", "; doctl's configuration cannot be read as YAML ("),
        ("context: prod\n", "; doctl's current context 'prod' has no token ("),
        ("context: x\nauth-contexts:\n  prod: s\n", "--context NAME takes another (prod)"),
        ("[]", "; doctl's current context 'default' has no token ("),
    ],
)
def test_error_names_where_a_token_was_looked_for(
    typed: Typed, doctl: Path, content: str | None, expected: str
) -> None:
    if content is None:
        doctl.unlink()
    else:
        doctl.write_text(content)
    code, output, errors = typed("list")
    assert (code, output) == (3, "")
    assert errors.startswith("error: no access token: neither DIGITALOCEAN_ACCESS_TOKEN nor DIGITALOCEAN_TOKEN is set")
    assert expected in errors
    assert errors.endswith("--emulated 3 works without one\n")


def test_refused_token_is_reported_with_its_source(typed: Typed, doctl: Path, tmp_path: Path) -> None:
    with Emulator(1, limits=None) as emulator:
        doctl.write_text(f"access-token: wrong\nauth-contexts:\n  prod: {emulator.token}\ncontext: default\n")
        where = ("--base-url", emulator.base_url)
        assert typed("list", "--context", "prod", *where)[0] == 0
        code, _, errors = typed("list", "--context", "default", *where)
        assert code == 3
        assert errors.endswith(f". It comes from doctl's context 'default' in {doctl}\n")
        (tmp_path / "token").write_text("other")
        code, _, errors = typed("reboot", 1, 2, "--token-file", "token", *where)
        assert errors.endswith(". It comes from --token-file token\n")
        assert "there is no such file" in typed("list", "--token-file", "nowhere", *where)[2]
        _, _, errors = typed("list", "--context", "prod", "--debug", *where)
        assert f"debug: the access token comes from doctl's context 'prod' in {doctl}" in errors
        assert emulator.token not in errors
        _, _, errors = typed("list", "--context", "prod", *where)
        assert errors == ""
        doctl.write_text("access-token: [\n")
        assert typed("list", "--context", "prod", *where)[2].endswith("cannot be read as YAML\n")
        doctl.unlink()
        assert "doctl has no configuration" in typed("list", "--context", "prod", *where)[2]


def test_configuration_is_where_the_system_has_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def written(*folders: str) -> Path:
        path = tmp_path.joinpath(*folders, "doctl", "config.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
        return path

    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    assert settings.doctl_configuration() == tmp_path / ".config" / "doctl" / "config.yaml"
    for revision in ("9", "10"):
        newest = written("snap", "doctl", revision, ".config")
        assert settings.doctl_configuration() == newest, "the link of the newest one may be broken"
    current = written("snap", "doctl", "current", ".config")
    assert settings.doctl_configuration() == current
    (tmp_path / ".config" / "doctl").mkdir(parents=True)
    assert settings.doctl_configuration() == current, "a folder without a configuration is none"
    own = written(".config")
    assert settings.doctl_configuration() == own
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "x"))
    assert settings.doctl_configuration() == current
    assert written("x") == settings.doctl_configuration()
    monkeypatch.setattr("sys.platform", "darwin")
    assert settings.doctl_configuration() == tmp_path / "Library" / "Application Support" / "doctl" / "config.yaml"
