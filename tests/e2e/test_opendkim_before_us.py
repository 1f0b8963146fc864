"""Debian's OpenDKIM in front of us, under the name of the host."""

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.daemon import free_port, running
from support.postfix import lab_postfix
from support.smtp import SmtpClient, mail

pytestmark = pytest.mark.e2e

OPENDKIM = Path("/usr/sbin/opendkim")
START_SECONDS = 20.0
HOST = "mx.example.net"
OURS = "filter.example.net"
SETTINGS = """
[site]
authserv_id = "{name}"
[scanner]
workers = 1
[dns]
nameservers = ["127.0.0.1"]
port = 9
[authentication]
add_results_header = {add}
"""


@contextmanager
def opendkim(directory: Path) -> Iterator[int]:
    """Run OpenDKIM as a verifier that names *HOST*, and yield its port."""
    port = free_port()
    config = directory / "opendkim.conf"
    config.write_text(
        f"Mode v\nSocket inet:{port}@127.0.0.1\nAuthservID {HOST}\nAlwaysAddARHeader yes\n"
        "InternalHosts 192.0.2.1\nBackground no\nSyslog no\n"
    )
    with (directory / "opendkim.log").open("wb") as log:
        process = subprocess.Popen(
            [OPENDKIM, "-f", "-x", config], stdout=log, stderr=log, stdin=subprocess.DEVNULL
        )
    try:
        _await(process, port, directory / "opendkim.log")
        yield port
    finally:
        process.terminate()
        process.wait(10)


def _await(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"OpenDKIM does not start: {log.read_text(errors='replace')}")


@pytest.fixture
def directory() -> Iterator[Path]:
    """A place that Postfix' user can reach, which pytest's own is not."""
    with tempfile.TemporaryDirectory(prefix="phish-milter-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.mark.parametrize(
    ("name", "add", "kept"),
    [
        (HOST, "false", [HOST]),
        (OURS, "true", [OURS, HOST]),
    ],
    ids=["the host's name, nothing added", "a name of our own, results added"],
)
def test_the_results_of_opendkim_arrive(
    directory: Path, name: str, add: str, kept: list[str]
) -> None:
    if reason := lab_postfix.missing():
        pytest.skip(reason)
    if not OPENDKIM.exists():
        pytest.skip("OpenDKIM is not installed")
    text = SETTINGS.format(name=name, add=add)
    with running(directory, text, real=True) as daemon, opendkim(directory) as port:
        chain = {"smtpd_milters": f"inet:127.0.0.1:{port}, unix:{daemon.socket}"}
        with lab_postfix.private_postfix("", chain) as (postfix, sink):
            with SmtpClient(postfix.port) as smtp:
                assert smtp.message(mail("opendkim-1"))[0] == 250
            delivered = sink.wait("opendkim-1")

    results = delivered.headers("Authentication-Results")
    assert delivered.headers("X-Phish-Milter-Verdict")
    assert [value.partition(";")[0] for value in results] == kept
    assert all("dkim=none" in value for value in results)
