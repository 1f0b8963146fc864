"""Debian's OpenDKIM and OpenDMARC as milters on loopback ports."""

import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from support import signing
from support.daemon import free_port

OPENDKIM = Path("/usr/sbin/opendkim")
OPENDMARC = Path("/usr/sbin/opendmarc")
START_SECONDS = 20.0
# A loopback address at which nobody answers: OpenDMARC can be told no resolver but the system's.
NO_RESOLVER = "nameserver 127.9.9.9\noptions timeout:1 attempts:1\n"


def missing() -> str:
    """Return which of them is not installed, "" where both are."""
    absent = [path.name for path in (OPENDKIM, OPENDMARC) if not path.exists()]
    return f"not installed: {', '.join(absent)}" if absent else ""


@contextmanager
def opendkim(directory: Path, name: str, *lines: str) -> Iterator[int]:
    """Run OpenDKIM as a verifier that calls itself *name* and knows our key; yield its port."""
    port = free_port()
    (directory / "keys").write_text(f"k._domainkey.pypi.org {signing.record()}\n")
    config = directory / "opendkim.conf"
    config.write_text(
        f"Mode v\nSocket inet:{port}@127.0.0.1\nAuthservID {name}\nAlwaysAddARHeader yes\n"
        f"InternalHosts 192.0.2.1\nBackground no\nSyslog no\nTestPublicKeys {directory}/keys\n"
        + "".join(f"{line}\n" for line in lines)
    )
    with _listening([OPENDKIM, "-f", "-x", config], port, directory / "opendkim.log"):
        yield port


@contextmanager
def opendmarc(directory: Path, name: str, trusted: Sequence[str]) -> Iterator[int]:
    """Run OpenDMARC, which calls itself *name* and believes *trusted*; yield its port."""
    port = free_port()
    resolv = directory / "resolv.conf"
    resolv.write_text(NO_RESOLVER)
    config = directory / "opendmarc.conf"
    config.write_text(
        f"Socket inet:{port}@127.0.0.1\nAuthservID {name}\nTrustedAuthservIDs {','.join(trusted)}\n"
        "Background no\nSyslog no\nIgnoreHosts /dev/null\nPidFile /dev/null\nRejectFailures no\n"
    )
    inside = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", inside, "sh", resolv]
    with _listening([*command, OPENDMARC, "-f", "-c", config], port, directory / "opendmarc.log"):
        yield port


@contextmanager
def _listening(command: Sequence[object], port: int, log: Path) -> Iterator[None]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(word) for word in command], stdout=output, stderr=output, stdin=subprocess.DEVNULL
        )
    try:
        _await(process, port, log)
        yield
    finally:
        process.kill()  # told to end, a libmilter waits for what it might still have to do
        process.wait(10)


def _await(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{log.stem} does not start: {log.read_text(errors='replace')}")
