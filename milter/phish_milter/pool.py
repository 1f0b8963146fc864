"""
Scanner processes: a hard deadline per message, a bounded queue, and crashes that cost one message.

How it works:

* At most as many messages are handed to the workers as there are workers, so that a
  message waits in ``submit()``, where its deadline is watched, and never out of sight
  in a pipe.
* A worker arms a timer with the time that is left and leaves it to the kernel: a scan
  that is stuck, even inside C code, dies without anybody's help, also when the gateway
  is gone.
* What goes wrong inside a worker comes back as text.  An exception object could fail to
  unpickle and take the whole pool down.
"""

import ctypes
import multiprocessing
import resource
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

import structlog
from pebble import ProcessExpired, ProcessPool

from phish_milter.message.model import Envelope
from phish_milter.outcome import Scan

log = structlog.get_logger()
T = TypeVar("T")

# A burst of a few seconds' work may wait; beyond that waiting only turns into missed deadlines.
QUEUE_PER_WORKER = 200
# Bounds what slow leaks in C parsers can add up to; building a scanner is cheap against it.
TASKS_PER_WORKER = 10_000
# Loading brand packs and parsers on a busy machine; after that something is broken.
START_SECONDS = 60.0
# Backstop behind the worker's own timer.
KILL_GRACE_SECONDS = 1.0
# So many missed deadlines in a row mean that the pool itself is stuck, not the mail: a
# worker killed in the wrong instant takes a lock of the pool with it.
LATE_PER_WORKER = 3
# Enough of a fault's text to find it.
MAX_REASON = 300
PRELOAD = ("phish_milter.scanner",)
PR_SET_PDEATHSIG = 1
TINY = b"From: a@example.org\r\nSubject: warm\r\n\r\nhttps://example.org/\r\n"


class SupportsScan(Protocol):
    """What a worker builds once and then asks for every message."""

    def scan(self, raw: bytes, envelope: Envelope) -> Scan:
        """Take one message apart."""
        ...


class ScanFailure(Exception):  # noqa: N818 - the word operators see in logs and metrics
    """
    A message could not be scanned, and the fault is ours.

    Attributes:
        stage: ``queue_full``, ``deadline``, ``crash`` or ``scanner``.
        reason: What happened, for the log.
    """

    def __init__(self, stage: str, reason: str) -> None:
        super().__init__(f"{stage}: {reason}")
        self.stage = stage
        self.reason = reason


class PoolError(Exception):
    """The scanner processes cannot be started; the text says why."""


class BuildError(PoolError):
    """The scanner cannot be built from its settings, such as from a broken brand pack."""


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """
    What the scanner processes may use.

    Attributes:
        workers: How many processes.
        memory_bytes: Address space of each.
        queue_limit: Messages that may wait for a free worker.
    """

    workers: int
    memory_bytes: int
    queue_limit: int

    @classmethod
    def of(cls, workers: int, memory_bytes: int) -> "PoolLimits":
        """Return limits with the usual queue."""
        return cls(workers, memory_bytes, workers * QUEUE_PER_WORKER)


@dataclass(frozen=True, slots=True)
class _Fault:
    """What went wrong inside a worker, as text."""

    stage: str
    reason: str


class _Worker:
    """State of one worker process."""

    scanner: SupportsScan | None = None
    fault: _Fault | None = None


class ScannerPool:
    """
    Scanner processes for one configuration.

    *build* is called as ``build(*args)`` once in every worker; both must pickle.
    """

    def __init__(
        self, build: Callable[..., SupportsScan], args: tuple[object, ...], limits: PoolLimits
    ) -> None:
        self._build, self._args, self._limits = build, args, limits
        self._lock = threading.Lock()
        self._free = threading.Semaphore(limits.workers)
        self._waiting = 0
        self._late = 0
        self._processes = self._new_processes()

    def start(self, seconds: float = START_SECONDS) -> None:
        """Start the workers and wait until one can scan; raises PoolError, BuildError."""
        future = self._processes.schedule(_probe)
        try:
            fault = future.result(timeout=seconds)
        except (RuntimeError, ProcessExpired, TimeoutError, OSError) as error:
            self.stop()
            raise PoolError(f"scanner processes do not start: {_reason(error)}") from None
        if fault is not None:
            self.stop()
            raise BuildError(fault.reason)

    def submit(self, raw: bytes, envelope: Envelope, deadline: float) -> Scan:
        """
        Scan one message.

        *deadline* is a time of ``time.monotonic()``; waiting for a worker counts.
        Raises ScanFailure.
        """
        with self._place(deadline):
            try:
                answer = self._run(raw, envelope, deadline)
            except RuntimeError as error:  # the pool broke, not the scan: once more
                self._replace_processes(self._processes, _reason(error))
                answer = self._run_again(raw, envelope, deadline)
        if isinstance(answer, _Fault):
            raise ScanFailure(answer.stage, answer.reason)
        return answer

    def stop(self) -> None:
        """End the workers, whatever they are doing."""
        _end(self._processes, 0.0)

    def drain(self, seconds: float) -> None:
        """Let running scans finish, for at most *seconds*, then end the workers."""
        _end(self._processes, seconds)

    @contextmanager
    def _place(self, deadline: float) -> Iterator[None]:
        """Wait for a free worker."""
        with self._lock:
            if self._waiting >= self._limits.queue_limit:
                raise ScanFailure("queue_full", f"{self._waiting} messages wait already")
            self._waiting += 1
        try:
            free = self._free.acquire(timeout=max(0.0, deadline - time.monotonic()))
        finally:
            with self._lock:
                self._waiting -= 1
        if not free:
            raise ScanFailure("deadline", "no scanner became free in time")
        try:
            yield
        finally:
            self._free.release()

    def _run(self, raw: bytes, envelope: Envelope, deadline: float) -> Scan | _Fault:
        processes = self._processes
        left = deadline - time.monotonic()
        if left <= 0:
            return _Fault("deadline", "no time left to scan")
        future = processes.schedule(
            _scan, (raw, envelope, deadline), timeout=left + KILL_GRACE_SECONDS
        )
        try:
            answer = future.result(timeout=left)
        except (TimeoutError, CancelledError):
            future.cancel()  # type: ignore[no-untyped-call]
            self._note_late(processes)
            return _Fault("deadline", f"no answer within {left:.1f} s")
        except ProcessExpired as error:
            return _crash(error.exitcode)
        self._late = 0
        return answer

    def _run_again(self, raw: bytes, envelope: Envelope, deadline: float) -> Scan | _Fault:
        try:
            return self._run(raw, envelope, deadline)
        except RuntimeError as error:
            return _Fault("crash", _reason(error))

    def _note_late(self, processes: ProcessPool) -> None:
        self._late += 1
        if self._late >= LATE_PER_WORKER * self._limits.workers:
            self._replace_processes(processes, f"{self._late} deadlines missed in a row")

    def _new_processes(self) -> ProcessPool:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(list(PRELOAD))
        return ProcessPool(
            max_workers=self._limits.workers,
            max_tasks=TASKS_PER_WORKER,
            initializer=_initialise,
            initargs=(self._build, self._args, self._limits.memory_bytes),
            context=context,
        )

    def _replace_processes(self, broken: ProcessPool, reason: str) -> None:
        """Put new processes in the place of *broken*, unless another thread has done it."""
        with self._lock:
            if self._processes is not broken:
                return
            self._processes = self._new_processes()
            self._late = 0
        log.warning("scanner processes replaced", reason=reason)
        threading.Thread(target=_end, args=(broken, 0.0), daemon=True).start()


def _end(processes: ProcessPool, seconds: float) -> None:
    """Stop *processes*, after waiting up to *seconds* for their tasks."""
    processes.close()  # type: ignore[no-untyped-call]
    try:
        processes.join(timeout=seconds)
    except TimeoutError:
        processes.stop()  # type: ignore[no-untyped-call]
        processes.join()


def _crash(exitcode: int) -> _Fault:
    if exitcode == -signal.SIGALRM:
        return _Fault("deadline", "scan ended by its timer")
    return _Fault("crash", f"scanner process died with status {exitcode}")


def _reason(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:MAX_REASON]


# What follows runs in the worker processes.


def _initialise(
    build: Callable[..., SupportsScan], args: tuple[object, ...], memory_bytes: int
) -> None:
    """Prepare a worker: die with the parent, bound memory, build and warm the scanner."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    # A core dump would hold other people's mail.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # libmilter blocks signals in its threads, and one of those may have started us.
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    answer = _guarded(lambda: _warm(build(*args)))
    if isinstance(answer, _Fault):
        _Worker.fault = answer
    else:
        _Worker.scanner = answer


def _warm(scanner: SupportsScan) -> SupportsScan:
    """Scan once, so that the first mail does not pay for lazy imports and caches."""
    scanner.scan(TINY, Envelope(client_ip="192.0.2.1", mail_from="a@example.org"))
    return scanner


def _probe() -> _Fault | None:
    """Tell whether the scanner could be built here."""
    return _Worker.fault


def _scan(raw: bytes, envelope: Envelope, deadline: float) -> Scan | _Fault:
    """Scan one message; the kernel ends this process when time is out."""
    scanner = _Worker.scanner
    if scanner is None:
        return _Worker.fault or _Fault("scanner", "no scanner was built")
    left = deadline - time.monotonic()
    if left <= 0:
        return _Fault("deadline", "no time left to scan")
    signal.setitimer(signal.ITIMER_REAL, left)
    try:
        return _guarded(lambda: scanner.scan(raw, envelope))
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _guarded(work: Callable[[], T]) -> T | _Fault:
    """
    Do *work* and turn whatever goes wrong into a fault: the isolation point of a worker.

    Nothing may leave as an exception: one that does not unpickle ends the whole pool.
    """
    try:
        return work()
    except MemoryError:
        return _Fault("crash", "memory limit reached")
    except Exception as error:  # noqa: BLE001 - any parser bug costs one message, not the service
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        return _Fault("scanner", f"{_reason(error)} ({where})")
