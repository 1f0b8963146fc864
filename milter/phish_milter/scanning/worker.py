"""
What runs in the scanner processes: a nursery builds the scanner once and forks the workers.

A fork takes milliseconds and shares the memory of brands, lures and tables, where a
process that builds its own scanner takes seconds and a hundred megabytes.
"""

import ctypes
import gc
import os
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
from phish_milter.policy.outcome import Scan

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


def nurse(
    control: socket.socket,
    build: Callable[..., SupportsScan],
    args: tuple[object, ...],
    memory_bytes: int,
) -> None:
    """
    Build the scanner, then fork a worker for every socket that comes in over *control*.

    The first frame out tells how building went: a word or a fault.  Then each socket is
    answered by the pidfd of its worker.  Ends with *control*, and the workers with it.
    """
    _follow_orders()
    scanner = guarded(lambda: _warm(build(*args)))
    if isinstance(scanner, Fault):
        Frames(control).send(scanner)
        return
    gc.freeze()  # what never changes stays shared
    with suppress(ConnectionError):  # the pool was stopped meanwhile, which is heard below
        Frames(control).send("ready")
    children: set[int] = set()
    while sockets := socket.recv_fds(control, 1, 1)[1]:
        children -= {pid for pid in children if os.waitpid(pid, os.WNOHANG) != (0, 0)}
        children.add(_fork(control, sockets[0], scanner, memory_bytes))
    for pid in children:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def _fork(control: socket.socket, stream: int, scanner: SupportsScan, memory_bytes: int) -> int:
    """Fork one worker and return its process id."""
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            control.close()
            _work(socket.socket(fileno=stream), scanner, memory_bytes)
            status = 0
        finally:
            os._exit(status)  # the nursery's cleaning up is not ours
    os.close(stream)
    handle = os.pidfd_open(pid)
    socket.send_fds(control, [b"."], [handle])
    os.close(handle)
    return pid


def _work(stream: socket.socket, scanner: SupportsScan, memory_bytes: int) -> None:
    """Be a worker: answer each task by a scan or a fault, until the other side closes."""
    _follow_orders()
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # A core dump would hold other people's mail.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    frames = Frames(stream)
    with suppress(EOFError, ConnectionError):
        while True:
            frames.send(_answer(scanner, frames.receive()))


def _follow_orders() -> None:
    """Die with the parent, and leave the signals of the service to the service."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
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
