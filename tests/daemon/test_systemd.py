import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from phish_milter.daemon import systemd


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        yield receiver


def test_words_arrive_as_lines(manager: socket.socket) -> None:
    assert systemd.notify("READY=1", "STATUS=serving")
    assert manager.recv(99) == b"READY=1\nSTATUS=serving"


def test_a_reload_tells_the_time(manager: socket.socket) -> None:
    assert systemd.reloading()
    word, _, time = manager.recv(99).partition(b"\n")

    assert word == b"RELOADING=1"
    assert int(time.removeprefix(b"MONOTONIC_USEC=")) > 0


def test_the_abstract_namespace(monkeypatch: pytest.MonkeyPatch) -> None:
    name = f"phish-milter-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(f"\0{name}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")

        assert systemd.notify("READY=1")
        assert receiver.recv(99) == b"READY=1"


@pytest.mark.parametrize("address", ["", "/nonexistent/notify"])
def test_no_manager_is_no_fault(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", address)

    assert not systemd.notify("READY=1")


@pytest.mark.parametrize(
    ("microseconds", "pid", "seconds"),
    [
        ("30000000", "ours", 15.0),  # half of what is allowed
        ("30000000", None, 15.0),  # for anybody
        ("30000000", "1", None),  # meant for another process
        ("", None, None),  # no watchdog
        ("soon", None, None),  # nonsense
    ],
)
def test_watchdog(
    monkeypatch: pytest.MonkeyPatch, microseconds: str, pid: str | None, seconds: float | None
) -> None:
    monkeypatch.setenv("WATCHDOG_USEC", microseconds)
    if pid is None:
        monkeypatch.delenv("WATCHDOG_PID", raising=False)
    else:
        monkeypatch.setenv("WATCHDOG_PID", str(os.getpid()) if pid == "ours" else pid)

    assert systemd.watchdog_seconds() == seconds


@pytest.mark.parametrize(
    ("seconds", "well", "said"),
    [
        (0.05, True, True),
        (0.05, False, False),  # nothing is said of a service that is not well
        (None, True, False),  # nobody asked
    ],
)
def test_the_watchdog_is_told_that_all_is_well(
    manager: socket.socket, seconds: float | None, well: bool, said: bool
) -> None:
    watchdog = systemd.Watchdog(seconds, lambda: well)
    watchdog.look()
    systemd.notify("STATUS=end")

    assert (manager.recv(99) == b"WATCHDOG=1") == said
    assert watchdog.pause(60.0) <= (seconds or 60.0)


def test_the_watchdog_goes_by_the_clock(manager: socket.socket) -> None:
    watchdog = systemd.Watchdog(0.2, lambda: True)
    end = time.monotonic() + 0.5
    while time.monotonic() < end:  # as under a storm of signals
        watchdog.look()
    systemd.notify("STATUS=end")
    words = [manager.recv(99)]
    while words[-1] != b"STATUS=end":
        words.append(manager.recv(99))

    assert words[:-1] == [b"WATCHDOG=1"] * 3  # at 0, 0.2 and 0.4
