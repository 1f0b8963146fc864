"""Runs phish-milter as a process of its own, with a small or the real scanner."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60.0
# A site that acts on what the small scanner says.
ACTING = """
[policy]
ceiling = "reject"
[site]
authserv_id = "mx.example.net"
domains = ["example.net"]
role_addresses = ["abuse@"]
[scanner]
workers = 2
max_bytes = 100000
[authentication]
trusted_authserv_ids = ["filter.example.net"]
add_results_header = true
"""
# What the workers import to build the small scanner.
ORDERED = (
    "import sys; from pathlib import Path; from support.scanners import build;"
    "from phish_milter.daemon.service import serve;"
    "sys.exit(serve(Path(sys.argv[1]), build, *map(Path, sys.argv[2:])))"
)
REAL = (
    "import sys; from pathlib import Path;"
    "from phish_milter.daemon.service import serve; sys.exit(serve(Path(sys.argv[1])))"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Daemon:
    """
    One phish-milter; *text* is its configuration without socket and metrics.

    With the small scanner *resolv_conf* stands in for that of the system.
    """

    def __init__(
        self,
        directory: Path,
        text: str = "",
        *,
        real: bool = False,
        build: str = "build",
        resolv_conf: Path | None = None,
    ) -> None:
        self.directory = directory
        self.config = directory / "phish-milter.toml"
        self.socket = directory / "milter.sock"
        self.metrics_port = free_port()
        self._code = REAL if real else ORDERED.replace("import build;", f"import {build} as build;")
        self.configure(text)
        self._more = [resolv_conf] if resolv_conf else []
        self.process: subprocess.Popen[bytes] | None = None
        self._log = directory / "daemon.log"

    def configure(self, text: str) -> None:
        listen = f'[metrics]\nlisten = "127.0.0.1:{self.metrics_port}"\n'
        top, table, tables = text.partition("[")
        head = f'socket = "unix:{self.socket}"\nsocket_mode = "666"\n'
        self.config.write_text(f"{head}{top}\n{table}{tables}\n{listen}")

    def start(self, *, wait: bool = True) -> "Daemon":
        places = [os.environ.get("PYTHONPATH", ""), str(ROOT / "milter"), str(ROOT / "tests")]
        path = os.pathsep.join(place for place in places if place)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", self._code, self.config, *self._more],
                env={**os.environ, "PYTHONPATH": path},
                stdout=log,
                stderr=log,
            )
        if wait:
            self.until(self.ready)
        return self

    def until(self, condition: object, seconds: float = START_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not condition():  # type: ignore[operator]
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError(f"phish-milter ended:\n{self.log()}")
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited in vain:\n{self.log()}")
            time.sleep(0.05)

    def ready(self) -> bool:
        return self.get("/readyz") == "ready\n"

    def get(self, path: str) -> str:
        url = f"http://127.0.0.1:{self.metrics_port}{path}"
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""

    def metric(self, series: str) -> float:
        lines = [line for line in self.get("/metrics").splitlines() if line.startswith(series)]
        return sum(float(line.rpartition(" ")[2]) for line in lines)

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def wait(self, seconds: float = 40.0) -> int:
        assert self.process is not None
        return self.process.wait(seconds)

    def stop(self) -> int:
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.signal(signal.SIGTERM)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def processes(self) -> list[int]:
        """Process ids of everything below the service: servers, spawners, scanners."""
        assert self.process is not None
        found = _children(self.process.pid)
        for pid in found:  # grows on the way
            found.extend(_children(pid))
        return found

    def workers(self) -> list[int]:
        """Process ids of the scanners: below the spawner, which is below the fork server."""
        assert self.process is not None
        servers = _children(self.process.pid)
        spawners = [spawner for server in servers for spawner in _children(server)]
        return [worker for spawner in spawners for worker in _children(spawner)]


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(pid) for t in tasks for pid in (t / "children").read_text().split()]
    except FileNotFoundError:
        return []


@contextmanager
def running(directory: Path, text: str = "", *, real: bool = False) -> Iterator[Daemon]:
    daemon = Daemon(directory, text, real=real)
    try:
        yield daemon.start()
    finally:
        daemon.stop()
