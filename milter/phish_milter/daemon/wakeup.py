"""Wake the main thread: for a signal, whichever thread the kernel gave it to, or for a thread."""

import os
import select
import signal
from contextlib import suppress


class Alarm:
    """
    A pipe that the C part of Python's signal handling writes into.

    A process-directed signal may be delivered to any thread.  Handlers written in Python
    run in the main thread, but a main thread that waits for a lock does not notice; one
    that waits for a file descriptor does.
    """

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        os.set_blocking(self._write, False)

    def arm(self) -> None:
        """Let signals ring; call it in the main thread (``signal.set_wakeup_fd``)."""
        signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)

    def ring(self) -> None:
        """Wake the waiting thread."""
        with suppress(BlockingIOError):  # full: it is ringing already
            os.write(self._write, b"\0")

    def wait(self, seconds: float) -> bool:
        """Wait for at most *seconds*; return whether it rang."""
        rang = bool(select.select([self._read], [], [], seconds)[0])
        with suppress(BlockingIOError):
            while rang and os.read(self._read, 4096):
                pass
        return rang
