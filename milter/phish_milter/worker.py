"""Inside a scanner process: build the scanner once, then answer one message after another."""

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
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from phish_milter.authentication.verify import Evidence
from phish_milter.message.model import Envelope
from phish_milter.outcome import Scan

T = TypeVar("T")

PR_SET_PDEATHSIG = 1
# Enough of a fault's text to find it.
MAX_REASON = 300
# One frame: its length in bytes, then a pickle.
_LENGTH = struct.Struct("!Q")
_CHUNK = 1024 * 1024
# Something of everything, so that what is loaded or compiled on first use is.
TINY = (
    b"From: a@example.org\r\nSubject: warm\r\nContent-Type: text/html\r\n\r\n"
    b'<p>warm <a href="https://example.org/">https://example.org/</a></p>\r\n'
)


class SupportsScan(Protocol):
    """What a worker builds once and then asks for every message."""

    def scan(self, raw: bytes, envelope: Envelope, evidence: Evidence | None = None) -> Scan:
        """Take one message apart; *evidence* is what DNS said about it, if anybody asked."""
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
    """What went wrong with one message, as text; *stage* as in ``Outcome.failure``."""

    stage: str
    reason: str

    @classmethod
    def of_exit(cls, status: int | None) -> "Fault":
        """Return what the end of a process with exit *status* means for its message."""
        if status == -signal.SIGALRM:
            return cls("deadline", "the scan was ended by its timer")
        return cls("crash", f"the scanner process ended with status {status}")


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


def run(
    stream: socket.socket,
    build: Callable[..., SupportsScan],
    args: tuple[object, ...],
    memory_bytes: int,
) -> None:
    """
    Be a scanner process until the other side of *stream* closes it.

    The first frame tells how building went: a word or a fault.  Then each task is
    answered by a scan or a fault.
    """
    _confine(memory_bytes)
    frames = Frames(stream)
    scanner = guarded(lambda: _warm(build(*args)))
    if isinstance(scanner, Fault):
        frames.send(scanner)
        return
    frames.send("ready")
    try:
        while True:
            frames.send(_answer(scanner, frames.receive()))
    except (EOFError, ConnectionError):
        return  # the pool let go of us


def _confine(memory_bytes: int) -> None:
    """Die with the parent, bound memory, and leave signals to the service."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # A core dump would hold other people's mail.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # libmilter blocks signals in its threads, and one of those may have started us.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _warm(scanner: SupportsScan) -> SupportsScan:
    """Scan once, so that the first mail does not pay for lazy imports and caches."""
    scanner.scan(TINY, Envelope(client_ip="192.0.2.1", mail_from="a@example.org"))
    return scanner


def _answer(scanner: SupportsScan, task: object) -> Scan | Fault:
    """Scan one message; the kernel ends this process when its time is out."""
    if not isinstance(task, Task):
        return Fault("scanner", "no task")
    left = task.deadline - time.monotonic()
    if left <= 0:
        return Fault("deadline", "no time left to scan")
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
        return Fault("crash", "memory limit reached")
    except Exception as error:  # noqa: BLE001 - any parser bug costs one message, not the process
        place = traceback.extract_tb(error.__traceback__)[-1]
        text = f"{type(error).__name__}: {error}"[:MAX_REASON]
        return Fault("scanner", f"{text} ({Path(place.filename).name}:{place.lineno})")
