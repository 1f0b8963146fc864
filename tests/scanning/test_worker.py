"""Frames between gateway and worker, and what a worker makes of whatever goes wrong."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from phish_milter.message.model import Envelope
from phish_milter.policy.outcome import Scan, Stage
from phish_milter.scanning.worker import MAX_REASON, Fault, Frames, Task, guarded, work
from support.scanners import OrderedScanner


@pytest.fixture(name="ends")
def _ends() -> Iterator[tuple[Frames, Frames]]:
    ends = socket.socketpair()
    yield Frames(ends[0]), Frames(ends[1])
    for end in ends:
        end.close()


def test_an_object_crosses_whole_even_if_no_buffer_holds_it(ends: tuple[Frames, Frames]) -> None:
    ours, theirs = ends
    big = b"x" * 3_000_000
    sender = threading.Thread(target=lambda: ours.send(big))
    sender.start()

    assert theirs.receive() == big
    sender.join()


def test_silence_ends_with_the_deadline(ends: tuple[Frames, Frames]) -> None:
    with pytest.raises(TimeoutError):
        ends[0].receive(time.monotonic() + 0.05)
    with pytest.raises(TimeoutError):
        ends[0].receive(time.monotonic() - 1)


def test_a_closed_side_is_the_end(ends: tuple[Frames, Frames]) -> None:
    ours, theirs = ends
    assert not ours.ended()
    theirs.close()

    assert ours.ended()
    with pytest.raises(EOFError):
        ours.receive()


@pytest.mark.parametrize(
    ("error", "stage", "reason"),
    [
        (MemoryError(), Stage.CRASH, "memory limit reached"),
        (ValueError("bad"), Stage.SCANNER, "ValueError: bad (test_worker.py:"),
        (KeyError("x" * 999), Stage.SCANNER, "KeyError: 'xxx"),
    ],
)
def test_whatever_goes_wrong_is_a_fault(error: Exception, stage: Stage, reason: str) -> None:
    def fail() -> None:
        raise error

    fault = guarded(fail)

    assert isinstance(fault, Fault)
    assert fault.stage is stage
    assert fault.reason.startswith(reason)
    assert len(fault.reason) < MAX_REASON + 50


def test_what_goes_right_is_handed_through() -> None:
    assert guarded(lambda: 7) == 7


def test_a_worker_answers_each_task_until_the_other_side_closes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for limit in ("follow_orders", "resource.setrlimit", "signal.setitimer"):
        monkeypatch.setattr(f"phish_milter.scanning.worker.{limit}", lambda *_: None)
    ours, theirs = socket.socketpair()
    worker = threading.Thread(target=work, args=(theirs, OrderedScanner(), 1))
    worker.start()
    frames = Frames(ours)

    def answer(task: object) -> object:
        frames.send(task)
        return frames.receive(time.monotonic() + 20)

    later = time.monotonic() + 20
    scan = answer(Task(b"X-Order: hold\r\n\r\n", Envelope(), None, later))
    late = answer(Task(b"", Envelope(), None, time.monotonic() - 1))
    stray = answer("no task at all")
    frames.close()
    worker.join(20)

    assert isinstance(scan, Scan)
    assert len(scan.findings) == 2
    assert late == Fault(Stage.DEADLINE, "no time left to scan")
    assert stray == Fault(Stage.SCANNER, "no task")
    assert not worker.is_alive()
    theirs.close()
