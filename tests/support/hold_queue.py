"""A real Postfix that holds everything, and the helper in front of its queue."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from phish_milter.operations.quarantine.held import HoldQueue
from phish_milter.operations.quarantine.protocol import QueuedMail
from support.postfix import lab_postfix
from support.smtp import SmtpClient, mail

ROOT = Path(__file__).resolve().parents[2]
HELPER = "import sys; from phish_milter.operations.quarantine.helper import main; sys.exit(main())"
WAIT_SECONDS = 20.0


@dataclass
class Holding:
    """Postfix, what it delivers to, the helper's socket and its client."""

    postfix: Any
    sink: Any
    socket: Path
    queue: HoldQueue

    def hold(self, marker: str, recipients: tuple[str, ...] = ("r@example.net",)) -> QueuedMail:
        """Have a mail held and return how the helper tells of it."""
        with SmtpClient(self.postfix.port) as smtp:
            code, text = smtp.message(mail(marker), recipients=recipients)
        assert code == 250, text
        queue_id = text.rpartition(" ")[2]
        (found,) = [held for held in self.queue.mails() if held.queue_id == queue_id]
        return found


@contextmanager
def helper(socket: Path, *arguments: str, user: str | None = None) -> Iterator[int]:
    """Run the helper at *socket*; yields its process id."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "milter")}
    command = [sys.executable, "-c", HELPER, "--socket", str(socket), *arguments]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, user=user) as process:
        try:
            deadline = time.monotonic() + WAIT_SECONDS
            while not socket.exists() and process.poll() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            yield process.pid
        finally:
            process.terminate()


@contextmanager
def holding(directory: Path, *arguments: str) -> Iterator[Holding]:
    """Run Postfix and the helper; *arguments* are further ones of the helper."""
    everything = {
        "smtpd_data_restrictions": "check_client_access static:hold",
        "enable_long_queue_ids": "yes",
    }
    with lab_postfix.private_postfix("", everything) as (postfix, sink):
        path = directory / "helper.sock"
        with helper(path, "--postfix-config", str(postfix.directory), *arguments):
            yield Holding(postfix, sink, path, HoldQueue(path))
