"""The watchdog: a service that is alive says so by the clock, one that hangs falls silent."""

import itertools
import os
import resource
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from support.daemon import Daemon, running

WATCHDOG_SECONDS = 2.0


@pytest.fixture
def manager(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A service manager that wants to hear from its services."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
        listener.bind(str(tmp_path / "notify"))
        listener.settimeout(0)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", str(int(WATCHDOG_SECONDS * 1_000_000)))
        yield listener


@pytest.fixture
def watched(tmp_path: Path, manager: socket.socket) -> Iterator[Daemon]:
    assert manager
    with running(tmp_path, "[scanner]\nworkers = 2\n") as daemon:
        yield daemon


def pings(manager: socket.socket) -> list[float]:
    """The time now for each word of the watchdog that has come since the last call."""
    heard = []
    with suppress(BlockingIOError):
        while True:
            if manager.recv(99) == b"WATCHDOG=1":
                heard.append(time.monotonic())
    return heard


def lasting(daemon: Daemon, manager: socket.socket, event: Callable[[], object]) -> bool:
    """Whether the watchdog speaks for as long as it may be silent, after *event* sank in."""
    event()
    time.sleep(WATCHDOG_SECONDS / 2)
    pings(manager)
    time.sleep(WATCHDOG_SECONDS)
    assert daemon.process
    assert daemon.process.poll() is None
    return bool(pings(manager))


class TestWatchdog:
    def test_reloads_do_not_put_it_off(self, watched: Daemon, manager: socket.socket) -> None:
        times: list[float] = []
        for _ in range(60):  # three times what the manager allows, without a quiet moment
            watched.signal(signal.SIGHUP)
            time.sleep(0.1)
            times += pings(manager)

        gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
        assert max(gaps) < WATCHDOG_SECONDS
        assert len(times) <= 10, "by the clock, not with every signal"
        assert watched.metric("phish_milter_skipped_total") == 0

    def test_a_gateway_that_cannot_be_reached_is_noticed(
        self, watched: Daemon, manager: socket.socket
    ) -> None:
        assert not lasting(watched, manager, watched.socket.unlink)
        assert "gateway" in watched.log()

    def test_a_gateway_that_accepts_nothing_is_noticed_and_may_recover(
        self, watched: Daemon, manager: socket.socket
    ) -> None:
        assert watched.process
        pid = watched.process.pid
        limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
        tight = partial(resource.prlimit, pid, resource.RLIMIT_NOFILE, (3, limits[1]))

        assert not lasting(watched, manager, tight)
        assert lasting(
            watched, manager, partial(resource.prlimit, pid, resource.RLIMIT_NOFILE, limits)
        )

    def test_scanners_that_cannot_be_replaced_are_noticed(
        self, watched: Daemon, manager: socket.socket
    ) -> None:
        def break_them() -> None:
            spawner, *workers = watched.processes()[-3:]
            os.kill(spawner, signal.SIGSTOP)
            for worker in workers:
                os.kill(worker, signal.SIGKILL)

        assert not lasting(watched, manager, break_them)
        assert "scanners" in watched.log()
        watched.signal(signal.SIGKILL)

    def test_scanners_that_died_idle_are_replaced(
        self, watched: Daemon, manager: socket.socket
    ) -> None:
        def kill_them() -> None:
            for worker in watched.workers():
                os.kill(worker, signal.SIGKILL)

        assert lasting(watched, manager, kill_them)
