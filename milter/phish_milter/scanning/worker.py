"""What runs in a scanner process: one task after the other, each within its time and memory."""

import ctypes
import pickle
import resource
import select
import signal
import socket
import struct
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from phish_milter.authentication.verify import Evidence
from phish_milter.message.model import Envelope
from phish_milter.policy.outcome import Scan, Stage

T = TypeVar("T")

PR_SET_PDEATHSIG = 1
# Enough of a fault's text to find it.
MAX_REASON = 300
# One frame: its length in bytes, then a pickle.
_LENGTH = struct.Struct("!Q")
_CHUNK = 1024 * 1024


class SupportsScan(Protocol):
    """What a worker builds once and then asks for every message."""

    def scan(self, raw: bytes, envelope: Envelope, evidence: Evidence | None = None) -> Scan:
        """Take one message apart; *evidence* is what DNS said about it, if anybody asked."""
        ...

    def warm(self) -> None:
        """Do now what the first messages would pay for; called once, before the fork."""
        ...


@dataclass(frozen=True, slots=True)
class Task:
    """One message for a worker; *deadline* is a time of ``time.monotonic()``."""

    raw: bytes
    envelope: Envelope
    evidence: Evidence | None
    deadline: float


@dataclass(frozen=True, slots=True)
class Fault:
    """What went wrong with one message, as text."""

    stage: Stage
    reason: str


class Frames:
    """Objects over a stream socket, each with a deadline of ``time.monotonic()``."""

    def __init__(self, stream: socket.socket) -> None:
        self._stream = stream

    def send(self, what: object, deadline: float | None = None) -> None:
        """Send one object; raises TimeoutError, OSError."""
        data = pickle.dumps(what, pickle.HIGHEST_PROTOCOL)
        self._allow(deadline)
        self._stream.sendall(_LENGTH.pack(len(data)) + data)

    def receive(self, deadline: float | None = None) -> object:
        """Return the next object; raises EOFError at the end, TimeoutError, OSError."""
        (length,) = _LENGTH.unpack(self._exactly(_LENGTH.size, deadline))
        answer: object = pickle.loads(self._exactly(length, deadline))  # noqa: S301 - our own process
        return answer

    def ended(self) -> bool:
        """Whether the other side is gone (or said something unasked)."""
        poll = select.poll()
        poll.register(self._stream, select.POLLIN)
        return bool(poll.poll(0))

    def close(self) -> None:
        """Close the socket."""
        self._stream.close()

    def _exactly(self, size: int, deadline: float | None) -> bytes:
        data = bytearray()
        while len(data) < size:
            self._allow(deadline)
            piece = self._stream.recv(min(size - len(data), _CHUNK))
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)

    def _allow(self, deadline: float | None) -> None:
        if deadline is None:
            self._stream.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._stream.settimeout(left)


def work(stream: socket.socket, scanner: SupportsScan, memory_bytes: int) -> None:
    """Be a worker: answer each task by a scan or a fault, until the other side closes."""
    follow_orders()
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # A core dump would hold other people's mail.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    frames = Frames(stream)
    with suppress(EOFError, ConnectionError):
        while True:
            frames.send(_answer(scanner, frames.receive()))


def follow_orders() -> None:
    """Die with the parent, and leave the signals of the service to the service."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # libmilter blocks signals in its threads, and one of those may have started us.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _answer(scanner: SupportsScan, task: object) -> Scan | Fault:
    """Scan one message; the kernel ends this process when its time is out."""
    if not isinstance(task, Task):
        return Fault(Stage.SCANNER, "no task")
    left = task.deadline - time.monotonic()
    if left <= 0:
        return Fault(Stage.DEADLINE, "no time left to scan")
    signal.setitimer(signal.ITIMER_REAL, left)
    try:
        return guarded(lambda: scanner.scan(task.raw, task.envelope, task.evidence))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def guarded(work: Callable[[], T]) -> T | Fault:
    """Do *work* and turn whatever goes wrong into a fault: the isolation point of a process."""
    try:
        return work()
    except MemoryError:
        return Fault(Stage.CRASH, "memory limit reached")
    except Exception as error:  # noqa: BLE001 - any parser bug costs one message, not the process
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error}"[:MAX_REASON]
        return Fault(Stage.SCANNER, f"{text} ({Path(place.filename).name}:{place.lineno})")
