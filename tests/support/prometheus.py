"""A private Prometheus: own directory, own port on the loopback, gone with the test."""

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

CONFIG = Path(__file__).parents[2] / "config"
START_SECONDS = 60

needs_prometheus = pytest.mark.skipif(
    shutil.which("prometheus") is None or shutil.which("promtool") is None,
    reason="Debian's package prometheus is not installed",
)


def promtool(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """Run promtool; stdout and stderr come back together in ``stdout``."""
    return subprocess.run(
        ["promtool", *arguments],
        input=stdin,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=60,
        check=False,
    )


class Prometheus:
    """Questions to a running server."""

    def __init__(self, address: str) -> None:
        self.address = address

    def get(self, path: str, **parameters: str) -> object:
        """Return the ``data`` of an answer of the HTTP API; raises OSError."""
        url = f"http://{self.address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        with urllib.request.urlopen(url, timeout=10) as response:
            return json.load(response)["data"]

    def values(self, expression: str) -> list[float]:
        """Return what an instant query finds; a bad expression raises ValueError."""
        try:
            data = self.get("query", query=expression)
        except urllib.error.HTTPError as error:
            raise ValueError(f"{expression}: {error.read().decode()}") from None
        assert isinstance(data, dict)
        return [float(series["value"][1]) for series in data["result"]]


def free_port() -> int:
    """Return a port of the loopback that nobody used a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    directory: Path, jobs: Mapping[str, tuple[str, str]], rules: Sequence[Path] = ()
) -> Iterator[Prometheus]:
    """
    Run a server that scrapes every second.

    Args:
        directory: Where configuration and data go.
        jobs: Name of the job to address and path.
        rules: Rule files to load.

    """
    config = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(rule) for rule in rules],
        "scrape_configs": [
            {"job_name": job, "metrics_path": path, "static_configs": [{"targets": [address]}]}
            for job, (address, path) in jobs.items()
        ],
    }
    (directory / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
    address = f"127.0.0.1:{free_port()}"
    with (directory / "prometheus.log").open("w") as log:
        process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={directory / 'prometheus.yml'}",
                f"--storage.tsdb.path={directory / 'data'}",
                f"--web.listen-address={address}",
            ],
            stdout=log,
            stderr=log,
        )
    try:
        server = Prometheus(address)
        _await_start(server, process, directory / "prometheus.log")
        yield server
    finally:
        process.terminate()
        process.wait(30)


def _await_start(server: Prometheus, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            server.get("status/buildinfo")
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"Prometheus did not start:\n{log.read_text()[-2000:]}")
