"""
The process that builds the scanner once and forks the workers, from both sides.

A fork takes milliseconds and shares the memory of brands, lures and tables, where a
process that builds its own scanner takes seconds and a hundred megabytes.
"""

import gc
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import forkserver, resource_tracker

from phish_milter.scanning.worker import Fault, Frames, SupportsScan, follow_orders, guarded, work

# Loading brand packs and parsers on a busy machine; after that something is broken.
START_SECONDS = 60.0
# A killed process is gone in milliseconds; this is for a machine out of breath.
REAP_SECONDS = 5.0
PRELOAD = ["phish_milter.scanning.scanner", "phish_milter.scanning.spawner"]


class PoolError(Exception):
    """The scanner processes cannot be started; the text says why."""


class BuildError(PoolError):
    """The scanner cannot be built from its settings, such as from a broken brand pack."""


class Spawner:
    """The process that forks the workers, seen from the gateway."""

    def __init__(
        self, build: Callable[..., SupportsScan], args: tuple[object, ...], memory_bytes: int
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOAD)
        self._control, theirs = socket.socketpair()
        self._process = context.Process(
            target=run_spawner,
            args=(theirs, build, args, memory_bytes),
            name="spawner",
            daemon=True,
        )
        try:
            with theirs:
                self._process.start()
        except (OSError, EOFError) as error:  # no memory, or the fork server died on an import
            self._control.close()
            raise PoolError(f"scanner processes do not start: {error!r}") from None

    def wait_ready(self) -> None:
        """Wait until the scanner is built; raises PoolError, BuildError, and ends it then."""
        try:
            answer = Frames(self._control).receive(time.monotonic() + START_SECONDS)
        except (OSError, EOFError) as error:
            self.end()
            raise PoolError(f"scanner processes do not start: {error!r}") from None
        if isinstance(answer, Fault):
            self.end()
            raise BuildError(f"scanner cannot be built: {answer.reason}")

    def spawn(self, stream: socket.socket) -> int:
        """Have a worker forked that serves *stream*; returns its pidfd, raises PoolError."""
        try:
            self._control.settimeout(START_SECONDS)
            socket.send_fds(self._control, [b"."], [stream.fileno()])
            _, handles, _, _ = socket.recv_fds(self._control, 1, 1)
        except OSError as error:
            self.end()
            raise PoolError(f"no scanner process can be forked: {error!r}") from None
        if not handles:
            self.end()
            raise PoolError("no scanner process can be forked: the spawner died")
        return handles[0]

    def alive(self) -> bool:
        """Whether it can fork."""
        return self._process.is_alive()

    def end(self) -> None:
        """End it and wait until it is gone; it kills and buries its workers first."""
        with suppress(OSError):  # ended before
            self._control.shutdown(socket.SHUT_RDWR)  # wakes a thread that waits for an answer
        self._control.close()
        self._process.join(REAP_SECONDS)
        self._process.kill()
        self._process.join(REAP_SECONDS)


def end_helpers() -> None:
    """
    End the processes of ``multiprocessing`` itself; all pools must have been stopped.

    It has no public way for that: they find out that we are gone only after we are, when
    a service manager already counts them as left behind.
    """
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # noqa: SLF001
    resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]  # noqa: SLF001


def run_spawner(
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
    follow_orders()
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
            work(socket.socket(fileno=stream), scanner, memory_bytes)
            status = 0
        finally:
            os._exit(status)  # the spawner's cleaning up is not ours
    os.close(stream)
    handle = os.pidfd_open(pid)
    socket.send_fds(control, [b"."], [handle])
    os.close(handle)
    return pid


def _warm(scanner: SupportsScan) -> SupportsScan:
    scanner.warm()
    return scanner
