"""The configuration at work, exchanged under the feet of running messages without a stumble."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from phish_milter.scanning.origin_lookups import OriginLookups
from phish_milter.scanning.pool import ScannerPool
from phish_milter.settings.model import Settings


@dataclass(frozen=True, slots=True, eq=False)
class Runtime:
    """One configuration, the scanner processes built for it, and what it wants of DNS."""

    settings: Settings
    pool: ScannerPool
    origin_lookups: OriginLookups
    generation: int


class ActiveRuntime:
    """
    Holds the current runtime and knows who still uses which.

    A message *leases* the runtime it is judged by; an old one is idle when its last
    lease ended.  Messages that are still arriving are counted apart.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._changed = threading.Condition()
        self._current = runtime
        self._leases: dict[int, int] = {}
        self._arriving = 0
        self._closed = False

    @property
    def current(self) -> Runtime:
        """The runtime that new messages get."""
        return self._current

    @property
    def closed(self) -> bool:
        """Whether no new connection is wanted."""
        return self._closed

    def close(self) -> None:
        """Want no new connection any more."""
        self._closed = True

    def swap(self, runtime: Runtime) -> Runtime:
        """Make *runtime* the current one and return the old one."""
        with self._changed:
            old, self._current = self._current, runtime
        return old

    @contextmanager
    def lease(self) -> Iterator[Runtime]:
        """Hold the current runtime in use."""
        with self._changed:
            runtime = self._current
            key = runtime.generation
            self._leases[key] = self._leases.get(key, 0) + 1
        try:
            yield runtime
        finally:
            with self._changed:
                self._leases[key] -= 1
                self._changed.notify_all()

    def arrive(self) -> None:
        """Note that a message began to arrive."""
        with self._changed:
            self._arriving += 1

    def leave(self) -> None:
        """Note that a message that had begun to arrive was answered or given up."""
        with self._changed:
            self._arriving -= 1
            self._changed.notify_all()

    def wait_unused(self, runtime: Runtime, seconds: float) -> bool:
        """Wait until nobody holds *runtime*; return whether that is so."""
        key = runtime.generation
        with self._changed:
            return self._changed.wait_for(lambda: not self._leases.get(key), seconds)

    def wait_quiet(self, seconds: float) -> int:
        """Wait until no message is on its way; return how many still are."""
        deadline = time.monotonic() + seconds
        with self._changed:
            self._changed.wait_for(lambda: not self._arriving, deadline - time.monotonic())
            return self._arriving
