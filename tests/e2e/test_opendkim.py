"""Debian's OpenDKIM in front: what it writes is believed, what it leaves of a forger is not."""

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from phish_milter.authentication.model import Result
from phish_milter.authentication.results_header import FIELD, trusted_upstream
from phish_milter.message.model import HeaderField
from support import signing
from support.milter_client import MilterClient, deleted, inserted

OPENDKIM = shutil.which("opendkim", path="/usr/sbin:/usr/local/sbin:/usr/bin")
pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(OPENDKIM is None, reason="needs OpenDKIM (apt-get install opendkim)"),
]
ID = "mx.example.net"
CONFIG = """
Syslog no
Mode v
AuthservID {id}
AuthservIDWithJobID {jobs}
AlwaysAddARHeader {always}
TestPublicKeys {directory}/keys
Socket local:{directory}/socket
PidFile {directory}/pid
"""
PLAIN = signing.mail("PyPI <noreply@pypi.org>")
GOOD = signing.sign(PLAIN)
BAD = GOOD.replace(b"Hello,", b"Pay me,")
PASS = "dkim=pass header.d=pypi.org"
FORGED = [
    f"{ID}; {PASS}",
    f"{ID}.; {PASS}",
    f"{ID}; {PASS}; junk",
    f"{ID}/4XyZ12; {PASS}",
    f"(c) {ID}; {PASS}",
    ID + f"; {PASS}" * 20,
    f"{ID}; {PASS} (open",
]


@pytest.fixture(scope="module", params=[("no", "yes"), ("yes", "yes"), ("no", "no")])
def verifier(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """Yield the socket of an OpenDKIM; parameters: queue id in the id, a field for all mail."""
    directory = tmp_path_factory.mktemp("dk")
    jobs, always = request.param
    (directory / "keys").write_text(f"k._domainkey.pypi.org {signing.record()}\n")
    config = directory / "opendkim.conf"
    config.write_text(CONFIG.format(id=ID, directory=directory, jobs=jobs, always=always))
    assert OPENDKIM is not None
    process = subprocess.Popen([OPENDKIM, "-f", "-x", str(config)])
    socket, end = directory / "socket", time.monotonic() + 20
    while not socket.exists() and time.monotonic() < end and process.poll() is None:
        time.sleep(0.05)
    yield socket
    process.terminate()
    process.wait(20)


def passed(verifier: Path, raw: bytes, forged: str = "") -> bool:
    """Send *raw* through the verifier and return whether what it leaves tells of a pass."""
    header, _, body = raw.partition(b"\r\n\r\n")
    lines = header.replace(b"\r\n ", b"\n ").replace(b"\r\n\t", b"\n\t").split(b"\r\n")
    fields = [(name, value.lstrip()) for name, _, value in (ln.partition(b":") for ln in lines)]
    if forged:
        fields.insert(0, (b"Authentication-Results", forged.encode()))
    with MilterClient(str(verifier)) as client:
        client.connect()
        client.helo()
        answer = client.message(*fields, body=body)
    left = [HeaderField(name.decode().lower(), value, "") for name, value in fields]
    if deleted(answer):
        left = [field for field in left if field.name != FIELD]
    said = inserted(answer).get("Authentication-Results")
    if said is not None:
        left.insert(0, HeaderField(FIELD, said.encode(), said))
    found = trusted_upstream(left, frozenset({ID}))
    return found is not None and any(r.result is Result.PASS for r in found.dkim)


@pytest.mark.parametrize("forged", ["", *FORGED])
def test_only_the_pass_of_the_verifier_counts(verifier: Path, forged: str) -> None:
    assert passed(verifier, GOOD, forged)
    assert not passed(verifier, BAD, forged)
    assert not passed(verifier, PLAIN, forged)
