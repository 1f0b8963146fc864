"""The process that forks the workers: made, asked, refused, ended."""

import os
import select
import socket
import time
from collections.abc import Iterator

import pytest

from phish_milter.message.model import Envelope
from phish_milter.policy.outcome import Scan
from phish_milter.scanning.spawner import BuildError, PoolError, Spawner
from phish_milter.scanning.worker import Frames, Task
from support.scanners import OrderedScanner

MEMORY = 400 * 1024 * 1024


@pytest.fixture(name="spawner")
def _spawner() -> Iterator[Spawner]:
    spawner = Spawner(OrderedScanner, ("pypi",), MEMORY)
    spawner.wait_ready()
    yield spawner
    spawner.end()


def test_a_worker_serves_its_socket_and_ends_with_it(spawner: Spawner) -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        handle = spawner.spawn(theirs)
    frames = Frames(ours)
    frames.send(Task(b"X-Order: tag\r\n\r\n", Envelope(), None, time.monotonic() + 20))

    answer = frames.receive(time.monotonic() + 20)
    frames.close()

    assert isinstance(answer, Scan)
    assert answer.defects[0] != str(os.getpid())
    assert select.select([handle], [], [], 20)[0]  # a pidfd is readable once its process ended
    os.close(handle)


def test_a_scanner_that_cannot_be_built_is_told() -> None:
    spawner = Spawner(OrderedScanner, ("broken",), MEMORY)

    with pytest.raises(BuildError, match=r"broken\.toml: no such brand"):
        spawner.wait_ready()
    assert not spawner.alive()


def test_an_ended_one_forks_nothing_and_says_so(spawner: Spawner) -> None:
    assert spawner.alive()
    spawner.end()

    assert not spawner.alive()
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(PoolError, match="can be forked"):
        spawner.spawn(theirs)


def test_its_workers_end_with_it(spawner: Spawner) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        handle = spawner.spawn(theirs)
        assert not select.select([handle], [], [], 0)[0]

        spawner.end()

        assert select.select([handle], [], [], 20)[0]
    os.close(handle)
