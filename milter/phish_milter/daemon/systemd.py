"""Tell systemd how the service is doing: the protocol of sd_notify(3), without a library."""

import os
import socket
import time
from collections.abc import Callable

# Of the time between two words of the watchdog: what was not well is looked at again sooner,
# so that one slow answer of a busy machine does not have the service killed.
RETRY_SHARE = 0.25


def notify(*words: str) -> bool:
    """
    Send *words* such as ``READY=1`` to the service manager; return whether there is one.

    A manager that cannot be reached is no reason to stop filtering mail.
    """
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    if address.startswith("@"):  # the abstract namespace of unix(7)
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.connect(address)
            sender.sendall("\n".join(words).encode())
    except OSError:
        return False
    return True


def reloading() -> bool:
    """Announce a reload; the time tells the manager which signal it answers."""
    microseconds = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    return notify("RELOADING=1", f"MONOTONIC_USEC={microseconds}")


def watchdog_seconds() -> float | None:
    """Return how often to send ``WATCHDOG=1``: half of what systemd allows; None if never."""
    microseconds = os.environ.get("WATCHDOG_USEC", "")
    if not microseconds.isdigit() or os.environ.get("WATCHDOG_PID", str(os.getpid())) != str(
        os.getpid()
    ):
        return None
    return int(microseconds) / 2_000_000


class Watchdog:
    """
    Sends ``WATCHDOG=1`` by the clock while the service is well.

    Args:
        seconds: Between two words, see ``watchdog_seconds()``; None for never.
        well: Whether everything that matters works; asked before each word.
    """

    def __init__(self, seconds: float | None, well: Callable[[], bool]) -> None:
        self._seconds, self._well = seconds, well
        self._due = time.monotonic()

    def pause(self, longest: float) -> float:
        """Return how many seconds to wait before the next ``look()``, at most *longest*."""
        if self._seconds is None:
            return longest
        return min(longest, max(0.0, self._due - time.monotonic()))

    def look(self) -> None:
        """Say the word if it is time; call it as often as you like."""
        if self._seconds is None or time.monotonic() < self._due:
            return
        if self._well():
            notify("WATCHDOG=1")
            self._due = time.monotonic() + self._seconds
        else:
            self._due = time.monotonic() + self._seconds * RETRY_SHARE
