"""Signed mail through a real Postfix, from an outside address, while DNS comes and goes."""

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from support import signing
from support.daemon import running
from support.dns import NameServer, serving
from support.postfix import Mta, lab_postfix
from support.smtp import SmtpClient

pytestmark = pytest.mark.e2e

VERDICT = "X-Phish-Milter-Verdict"
OUTSIDE = {"ADDR": "203.0.113.25", "NAME": "a.mail.example", "HELO": "a.mail.example"}
BUDGET = 1.0  # seconds of DNS per message
CONFIG = f"""
[policy]
ceiling = "reject"
[scanner]
workers = 1
[dns]
nameservers = ["127.0.0.1"]
port = {{port}}
timeout_seconds = {BUDGET}
block_lists = ["dbl.test"]
"""


@dataclass
class Site:
    """A Postfix with the filter and a name server."""

    mta: Mta
    names: NameServer

    def deliver(self, raw: bytes, marker: str) -> str:
        """Send *raw* from outside and return the verdict it arrives with."""
        raw = f"X-Marker: {marker}\r\n".encode() + raw
        with SmtpClient(self.mta.postfix.port, **OUTSIDE) as smtp:
            assert smtp.message(raw, sender="a@ses.pypi.org")[0] == 250
        (verdict,) = self.mta.sink.wait(marker).headers(VERDICT)
        return verdict


def zone(**keys: str) -> dict[str, dict[str, list[str]]]:
    records = {f"{s}._domainkey.pypi.org": {"TXT": [signing.record(k)]} for s, k in keys.items()}
    return {**records, "example.org.dbl.test": {"A": ["127.0.1.4"]}}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    if reason := lab_postfix.missing():
        pytest.skip(reason)
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="phish-milter-")))
        directory.chmod(0o755)
        names = stack.enter_context(serving(NameServer(zone(k="rsa2048"), ttl=1)))
        text = CONFIG.format(port=names.port)
        daemon = stack.enter_context(running(directory, text, real=True))
        private = lab_postfix.private_postfix(f"unix:{daemon.socket}", {})
        postfix, sink = stack.enter_context(private)
        yield Site(Mta(postfix, sink, daemon), names)


def notice(selector: str = "k", key: str = "rsa2048") -> bytes:
    mail = signing.mail("PyPI <noreply@pypi.org>", "See https://pypi.org/manage/projects/\r\n")
    return signing.sign(mail, selector=selector, key=key)


def test_a_signed_notice_is_genuine(site: Site) -> None:
    assert "pypi:genuine" in site.deliver(notice(), "signed-1")


def test_a_body_changed_in_transit_is_not_proven(site: Site) -> None:
    changed = site.deliver(notice() + b"-- \r\nscanned by somebody\r\n", "changed-1")

    assert changed.startswith("action=tag;")
    assert "pypi:unverifiable" in changed


def test_a_new_key_works_and_the_old_one_ends(site: Site) -> None:
    """The names change as at a rotation: the new selector appears, the old key is revoked."""
    site.names.zone = {**zone(n="rsa1024"), "k._domainkey.pypi.org": {"TXT": ["v=DKIM1; p="]}}
    time.sleep(1.2)  # the TTL of the old answer

    assert "pypi:genuine" in site.deliver(notice("n", "rsa1024"), "rotated-new")
    assert "pypi:unverifiable" in site.deliver(notice(), "rotated-old")

    site.names.zone = zone(k="rsa2048")
    time.sleep(1.2)
    assert "pypi:genuine" in site.deliver(notice(), "rotated-back")


def test_dns_goes_away_and_comes_back(site: Site) -> None:
    site.names.faults = {"": "silent"}
    time.sleep(1.2)
    silent = site.deliver(notice(), "silent-1")
    ordinary = site.deliver(signing.mail("Nora <nora@shop.example.com>"), "silent-2")
    site.names.faults = {}

    assert silent.startswith("action=tag;")
    assert "pypi:unverifiable" in silent
    assert ordinary.startswith("action=accept;")

    deadline = time.monotonic() + 20
    words = ""
    while "pypi:genuine" not in words and time.monotonic() < deadline:
        words = site.deliver(notice(), f"recovered-{time.monotonic_ns()}")
    assert "pypi:genuine" in words


def test_a_listed_domain_is_found_after_the_scan(site: Site) -> None:
    mail = signing.mail("Nora <nora@shop.example.com>", "See https://www.example.org/x\r\n")
    site.deliver(mail, "listed-1")

    (found,) = site.mta.sink.wait("listed-1").headers("X-Phish-Milter-Findings")
    assert "DNSBL" in found
