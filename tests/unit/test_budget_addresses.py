"""The URL of a shared rate budget's store."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import pytest

from gradient_async import RateBudget
from gradient_async.budget.addresses import MemoryAddress, RedisAddress, SqliteAddress, address_of, network_system_of
from gradient_async.budget.stored_budget import StoredRateBudget

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
none /proc
server:/short /short nfs
/dev/sdc1 /twice ext4 rw 0 0
server:/twice /twice nfs4 rw 0 0
server:/home /home nfs4 rw 0 0
/dev/sdb1 /home/local ext4 rw 0 0
//server/share /mnt/my\\040share cifs rw 0 0
server:/tab /mnt/a\\011b nfs4 rw 0 0
scratch /scratch beegfs rw 0 0
"""


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("memory:", MemoryAddress()),
        ("sqlite:", SqliteAddress(None)),
        ("sqlite:///run/budget.sqlite3", SqliteAddress(Path("/run/budget.sqlite3"))),
        ("sqlite:///var/my%20budget.db", SqliteAddress(Path("/var/my budget.db"))),
        ("sqlite:////run/budget.sqlite3", SqliteAddress(Path("/run/budget.sqlite3"))),
        ("sqlite:///var/a%3Fb.db", SqliteAddress(Path("/var/a?b.db"))),
        ("sqlite:///C:/budget.db", SqliteAddress(Path("C:/budget.db"))),
        ("redis://host:6379/0", RedisAddress("redis://host:6379/0")),
        ("valkeys://user:word@host", RedisAddress("valkeys://user:word@host")),
        ("unix:///run/redis.sock?db=1", RedisAddress("unix:///run/redis.sock?db=1")),
    ],
)
def test_url_names_a_store(url: str, expected: object) -> None:
    assert address_of(url) == expected


@pytest.mark.parametrize(
    ("url", "error", "text"),
    [
        ("sqlite://budget.db", ValueError, "with three slashes and a whole path"),
        ("sqlite:budget.db", ValueError, "with three slashes and a whole path"),
        ("sqlite:///", ValueError, "with three slashes and a whole path"),
        ("sqlite:///var/gpu/", ValueError, "with three slashes and a whole path"),
        ("sqlite:///~/budget.db", ValueError, "without ~"),
        ("sqlite:///budget.db?mode=ro", ValueError, "without options, got 'sqlite:///budget.db"),
        ("sqlite:///budget.db#x", ValueError, "without options"),
        ("sqlite:///a%00b", ValueError, "with three slashes and a whole path"),
        ("postgres://host/db", ValueError, "expected 'memory:', .* 'redis://host:port/0'"),
        ("", ValueError, "expected 'memory:'"),
        (3, TypeError, "url: expected 'memory:', .* got int"),
    ],
)
def test_other_url_is_refused_with_the_known_ones(url: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        address_of(url)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mongo://user:s3cret-word@host/0", "mongo://user:…@host/0"),
        ("redi://user:s3cret#word@host/0", "redi://…"),
        ("redi://user:s3cret?word@host/0", "redi://…"),
        ("redi://user:s3cret/word@host/0", "redi://user:…@host/0"),
        ("redi://host/0?password=s3cret-word", "redi://host/0?…"),
        ("redi://host/0?password=s3cret@word", "redi://…"),
        ("redi://host/0#password=s3cret@word", "redi://…"),
        ("sqlite://host/0?password=s3cret@word", "sqlite://…"),
        ("sqlite:///budget.db#s3cret-word", "sqlite:///budget.db#…"),
        ("redi:user:s3cret-word@host", "redi:…"),
        ("redi:host?password=s3cret-word", "redi:host?…"),
        ("sqlite://user:s3cret-word@host/0", "sqlite://user:…@host/0"),
        ("s3cret-word@host:6379", "…"),
        ("postgres://host/db", "postgres://host/db"),
        ("redi", "redi"),
    ],
)
def test_refusal_of_a_url_does_not_show_its_password(url: str, shown: str) -> None:
    with pytest.raises(ValueError, match=re.escape(f"got {shown!r}")) as caught:
        address_of(url)
    assert "word" not in str(caught.value)


def test_repr_of_a_servers_address_does_not_show_its_url() -> None:
    assert "s3cret" not in repr(address_of("redis://:s3cret-word@host/0"))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/run/budget.db", None),
        ("/home/ann/budget.db", "nfs4"),
        ("/home/local/budget.db", None),
        ("/mnt/my share/budget.db", "cifs"),
        ("/mnt/a\tb/budget.db", "nfs4"),
        ("/scratch/budget.db", "beegfs"),
        ("/run/../twice/budget.db", "nfs4"),
        ("/short/budget.db", "nfs"),
        ("/twice/budget.db", "nfs4"),
    ],
)
def test_network_file_system_is_recognized(path: str, expected: str | None) -> None:
    assert network_system_of(Path(path), MOUNTS) == expected


def test_network_file_system_is_recognized_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "shared")
    mounts = f"/dev/sda1 / ext4 rw 0 0\nserver:/shared {tmp_path.resolve()}/shared nfs4 rw 0 0\n"
    assert network_system_of(tmp_path / "link" / "budget.db", mounts) == "nfs4"


@pytest.mark.parametrize(
    ("url", "place"),
    [("sqlite:///home/ann/budget.db", "/home/ann/budget.db"), ("sqlite:", "/home/ann/.state/gradient-async")],
)
@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="other systems have no XDG directories")
def test_network_file_system_is_refused(monkeypatch: pytest.MonkeyPatch, url: str, place: str) -> None:
    monkeypatch.setattr("gradient_async.budget.shared_budget.network_system_of", lambda _: "nfs4")
    monkeypatch.setenv("XDG_STATE_HOME", "/home/ann/.state")
    with pytest.raises(ValueError, match=rf"{place} is on a network file system \(nfs4\)"):
        RateBudget.shared(url)


def test_user_without_a_home_is_told_to_name_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container whose user is a number alone."""

    def refuse() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in ("XDG_STATE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", refuse)
    with pytest.raises(ValueError, match="Set HOME, or pass sqlite:///path/to/file"):
        RateBudget.shared("sqlite:")
    RateBudget.shared("sqlite:///var/budget.db")


def test_shell_and_cron_of_one_user_have_the_same_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Cron has no runtime directory."""
    monkeypatch.setenv("HOME", str(tmp_path))
    files = []
    for directory in (str(tmp_path / "run"), None):
        if directory is None:
            monkeypatch.delenv("XDG_RUNTIME_DIR")
        else:
            monkeypatch.setenv("XDG_RUNTIME_DIR", directory)
        budget = RateBudget.shared("sqlite:").bound_to(b"account")
        assert isinstance(budget, StoredRateBudget)
        files.append(budget._path)
    assert files[0] == files[1]


def test_budget_in_memory_is_an_ordinary_one() -> None:
    assert type(RateBudget.shared("memory:", windows=[(3, 1.0)])) is RateBudget


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"on_outage": "raise"}, "on_outage: expected one of 'share', 'wait', got 'raise'"),
        ({"reserve": 1.0}, "reserve: "),
        ({"windows": []}, "windows: expected at least one"),
    ],
)
def test_impossible_options_are_refused(options: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        RateBudget.shared("sqlite:///tmp/budget.db", **options)
