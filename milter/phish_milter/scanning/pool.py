"""
Scanner processes: a hard deadline per message, a bounded queue, and crashes that cost one message.

How it works:

* Every worker has a socket of its own and shares no lock with the others.  A pool whose
  workers take tasks from one pipe stalls when one is killed while it holds the pipe.
* A message waits in ``submit()`` until a worker is free, and its deadline runs meanwhile.
* A worker arms a timer with the time that is left and leaves it to the kernel: a scan
  that is stuck, even inside C code, dies without anybody's help, also when the gateway
  is gone.  The gateway kills it as well, which helps where even the timer does not.
* Workers are forked by a process that has built the scanner (see ``spawner``), so that a
  new one is there in milliseconds.
* What goes wrong inside a worker comes back as text, because an exception object need
  not unpickle.
"""

import os
import select
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue

import structlog

from phish_milter.policy.outcome import Scan, Stage
from phish_milter.scanning.spawner import REAP_SECONDS, PoolError, Spawner
from phish_milter.scanning.worker import Fault, Frames, SupportsScan, Task

log = structlog.get_logger()

# A burst of a few seconds' work may wait; beyond that waiting only turns into missed deadlines.
QUEUE_PER_WORKER = 200
# Bounds what slow leaks in C parsers can add up to; building a scanner is cheap against it.
TASKS_PER_WORKER = 10_000
# The timer of a worker may go off that much before the gateway's.
TIMER_SLACK_SECONDS = 0.05
# Between two attempts to start a worker that does not come up.
RETRY_SECONDS = 1.0
ENDING = "the scanner processes are being ended"


class ScanFailure(Exception):  # noqa: N818 - the word operators see in logs and metrics
    """
    A message could not be scanned, and the fault is ours.

    Attributes:
        stage: What kind of fault, for metrics.
        reason: What happened, for the log.
    """

    def __init__(self, stage: Stage, reason: str) -> None:
        super().__init__(f"{stage}: {reason}")
        self.stage = stage
        self.reason = reason


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """
    What the scanner processes may use.

    Attributes:
        workers: How many processes.
        memory_bytes: Address space of each.
        queue_limit: Messages that may wait for a free worker.
        tasks: Messages after which a worker is replaced by a fresh one.
    """

    workers: int
    memory_bytes: int
    queue_limit: int
    tasks: int = TASKS_PER_WORKER

    @classmethod
    def of(cls, workers: int, memory_bytes: int) -> "PoolLimits":
        """Return limits with the usual queue."""
        return cls(workers, memory_bytes, workers * QUEUE_PER_WORKER)


class ScannerPool:
    """
    Scanner processes for one configuration.

    *build* is called as ``build(*args)`` once in every worker; both must pickle.
    """

    def __init__(
        self, build: Callable[..., SupportsScan], args: tuple[object, ...], limits: PoolLimits
    ) -> None:
        self._build, self._args, self._limits = build, args, limits
        self._changed = threading.Condition()
        # Last in, first out: few warm workers do the work when there is little of it.
        self._idle: list[_Worker] = []
        # First come, first served: nobody misses a deadline because others were quicker.
        self._waiting: deque[SimpleQueue[_Worker]] = deque()
        self._workers: set[_Worker] = set()
        self._busy = 0
        self._stopped = False
        # One at a time: the spawner answers in the order of the questions.
        self._spawning = threading.Lock()
        self._spawner: Spawner | None = None

    def start(self) -> None:
        """Start the workers and wait until all can scan; raises PoolError, BuildError."""
        with ExitStack() as undo:
            undo.callback(self.stop)
            for _ in range(self._limits.workers):
                self._give(self._new_worker())
            undo.pop_all()

    def submit(self, task: Task) -> Scan:
        """Scan one message; waiting for a worker counts.  Raises ScanFailure."""
        with self._worker(task.deadline) as worker:
            answer = worker.ask(task)
        if isinstance(answer, Fault):
            raise ScanFailure(answer.stage, answer.reason)
        return answer

    @property
    def stopped(self) -> bool:
        """Whether it was stopped, which is for ever."""
        return self._stopped

    def alive(self) -> bool:
        """Whether messages can be scanned now; idle workers that died are replaced."""
        with self._changed:
            dead = [worker for worker in self._idle if not worker.alive()]
            self._idle = [worker for worker in self._idle if worker not in dead]
            able = bool(self._idle or self._busy)
        for worker in dead:
            self._replace(worker)
        return able

    def stop(self) -> None:
        """End all processes, whatever they are doing, and return when they are gone."""
        with self._changed:
            self._stopped, spawner = True, self._spawner
        if spawner:
            spawner.end()
        with self._spawning:  # whoever starts a process right now gives up; nobody follows
            workers = tuple(self._workers)
        for worker in workers:
            worker.end()

    def drain(self, seconds: float) -> None:
        """Let running scans finish, for at most *seconds*, then end the workers."""
        with self._changed:
            self._changed.wait_for(lambda: not self._busy, seconds)
        self.stop()

    @contextmanager
    def _worker(self, deadline: float) -> Iterator["_Worker"]:
        """Take a free worker and give it back, or a fresh one in its place."""
        worker = self._take(deadline)
        while not worker.alive():  # it died while idle, which costs no message
            self._replace(worker)
            worker = self._take(deadline)
        self._note_busy(1)
        try:
            yield worker
        finally:
            self._note_busy(-1)
            if worker.fit and worker.tasks < self._limits.tasks:
                self._give(worker)
            else:
                self._replace(worker)

    def _take(self, deadline: float) -> "_Worker":
        """Return a free worker, waiting in line for one; raises ScanFailure."""
        with self._changed:
            if self._idle:
                return self._idle.pop()
            if len(self._waiting) >= self._limits.queue_limit:
                raise ScanFailure(Stage.QUEUE_FULL, f"{len(self._waiting)} messages wait already")
            place: SimpleQueue[_Worker] = SimpleQueue()
            self._waiting.append(place)
        try:
            return place.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            self._leave_line(place)
            raise ScanFailure(Stage.DEADLINE, "no scanner became free in time") from None

    def _leave_line(self, place: "SimpleQueue[_Worker]") -> None:
        with self._changed:
            if place in self._waiting:
                self._waiting.remove(place)
                return
        self._give(place.get())  # it came in the last moment: for the next one

    def _give(self, worker: "_Worker") -> None:
        """Hand a free worker to whoever waits longest."""
        with self._changed:
            if self._waiting:
                self._waiting.popleft().put(worker)
            else:
                self._idle.append(worker)

    def _note_busy(self, change: int) -> None:
        with self._changed:
            self._busy += change
            self._changed.notify_all()

    def _replace(self, worker: "_Worker") -> None:
        """End *worker* and start a fresh one, without making anybody wait for it."""
        threading.Thread(target=self._renew, args=(worker,), daemon=True).start()

    def _renew(self, worker: "_Worker") -> None:
        worker.end()
        with self._changed:
            self._workers = {other for other in self._workers if not other.ended}
        while not self._stopped:
            try:
                self._give(self._new_worker())
            except (PoolError, OSError) as error:  # also when no socket can be had
                if not self._stopped:
                    log.warning("no new scanner process", reason=str(error))
                    time.sleep(RETRY_SECONDS)
            else:
                return

    def _new_worker(self) -> "_Worker":
        """Return a new worker, ended at once if the pool is; raises PoolError."""
        with self._spawning:
            spawner = self._spawner
            if spawner is None or not spawner.alive():
                spawner = self._new_spawner()
                spawner.wait_ready()
            worker = _Worker(spawner)
        with self._changed:
            self._workers.add(worker)
            stopped = self._stopped
        if stopped:
            worker.end()
        return worker

    def _new_spawner(self) -> "Spawner":
        """Return a new spawner that ``stop()`` knows of; raises PoolError, also when stopped."""
        if self._stopped:
            raise PoolError(ENDING)
        spawner = Spawner(self._build, self._args, self._limits.memory_bytes)
        with self._changed:
            self._spawner, stopped = spawner, self._stopped
        if stopped:  # it was begun before that and would outlive the pool
            spawner.end()
            raise PoolError(ENDING)
        return spawner


class _Worker:
    """One scanner process, seen from the gateway; used by one thread at a time."""

    def __init__(self, spawner: Spawner) -> None:
        ours, theirs = socket.socketpair()
        self.fit = True
        self.ended = False
        self.tasks = 0
        with theirs:
            self._handle = spawner.spawn(theirs)
        self._frames = Frames(ours)

    def alive(self) -> bool:
        """Whether it can be asked something."""
        return self.fit and not self._frames.ended()

    def ask(self, task: Task) -> Scan | Fault:
        """Have one message scanned; afterwards ``fit`` says whether it may be used again."""
        self.tasks += 1
        answer = self._exchange(task)
        if isinstance(answer, Scan | Fault):
            return answer
        return Fault(Stage.CRASH, "the scanner process answered nonsense")

    def end(self) -> None:
        """Kill it and wait until it is gone."""
        self.fit = False
        if not self.ended:
            self.ended = True
            self._kill()
            gone = select.poll()
            gone.register(self._handle, select.POLLIN)
            gone.poll(REAP_SECONDS * 1000)
            os.close(self._handle)
            self._frames.close()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def _exchange(self, task: Task) -> object:
        self.fit = False
        try:
            self._frames.send(task, task.deadline)
            answer = self._frames.receive(task.deadline)
        except TimeoutError:
            self._kill()
            return Fault(Stage.DEADLINE, "no answer in time")
        except (OSError, EOFError):
            return self._died(task)
        self.fit = True
        return answer

    @staticmethod
    def _died(task: Task) -> Fault:
        if time.monotonic() > task.deadline - TIMER_SLACK_SECONDS:
            return Fault(Stage.DEADLINE, "the scan was ended by its timer")
        return Fault(Stage.CRASH, "the scanner process died")
