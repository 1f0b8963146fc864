"""The main thread hears signals that other threads get."""

import signal
import threading
import time
from collections.abc import Iterator

import pytest

from phish_milter.daemon.wakeup import Alarm

LONG = 30.0


@pytest.fixture
def alarm() -> Iterator[Alarm]:
    alarm = Alarm()
    alarm.arm()
    yield alarm
    signal.set_wakeup_fd(-1)


def later(work: object) -> None:
    threading.Timer(0.2, work).start()  # type: ignore[arg-type]


def test_a_signal_that_another_thread_gets_is_handled_at_once(alarm: Alarm) -> None:
    heard: list[int] = []
    old = signal.signal(signal.SIGUSR1, lambda number, _: heard.append(number))
    started = time.monotonic()
    try:
        later(lambda: signal.pthread_kill(threading.get_ident(), signal.SIGUSR1))
        assert alarm.wait(LONG)
    finally:
        signal.signal(signal.SIGUSR1, old)

    assert heard == [signal.SIGUSR1]
    assert time.monotonic() - started < LONG / 2


def test_a_thread_can_ring(alarm: Alarm) -> None:
    later(alarm.ring)

    assert alarm.wait(LONG)


def test_silence_ends_after_the_time_given(alarm: Alarm) -> None:
    assert not alarm.wait(0.01)


def test_many_rings_are_one(alarm: Alarm) -> None:
    for _ in range(100_000):  # more than the pipe holds
        alarm.ring()

    assert alarm.wait(LONG)
    assert not alarm.wait(0.01)
