"""The alibi: given for an aligned signature of the brand, and for nothing less."""

import pytest

from phish_milter.detection.checks import SYMBOLS
from phish_milter.message.model import Envelope
from phish_milter.scanning.scanner import Scanner
from phish_milter.settings.load import parse_settings
from support.tree import ROOT

SETTINGS = "[authentication]\ntrusted_authserv_ids = ['mx.example']\n"
SIGNATURE = "DKIM-Signature: v=1; a=rsa-sha256; d={0}; s=k; h=from:subject:to; bh=eA==; b=eA==\r\n"


@pytest.fixture(scope="module", name="scanner")
def _scanner() -> Scanner:
    return Scanner(parse_settings(SETTINGS, ROOT / "config" / "x.toml", SYMBOLS))


def proven(scanner: Scanner, results: str, sender: str = "noreply@pypi.org") -> bool:
    domain = results.partition("header.d=")[2].partition(" ")[0]
    head = f"Authentication-Results: mx.example; {results}\r\n"
    head += SIGNATURE.format(domain) if domain else ""
    raw = f"{head}From: PyPI <{sender}>\r\nTo: dev@example.net\r\nSubject: Hello\r\n\r\nHi.\r\n"
    found = scanner.scan(raw.encode(), Envelope()).findings
    return "PROVEN_ORIGIN" in {finding.symbol.name for finding in found}


@pytest.mark.parametrize(
    ("results", "sender", "given"),
    [
        ("dkim=pass header.d=pypi.org header.s=k", "noreply@pypi.org", True),
        ("dkim=fail header.d=pypi.org header.s=k", "noreply@pypi.org", False),
        ("dkim=pass header.d=mailer.example header.s=k", "noreply@pypi.org", False),
        ("spf=pass smtp.mailfrom=noreply@pypi.org", "noreply@pypi.org", False),
        ("dkim=pass header.d=pypi.org header.s=k", "noreply@pypi.example", False),
        ("none", "noreply@pypi.org", False),
    ],
)
def test_proof(results: str, sender: str, given: bool, scanner: Scanner) -> None:
    assert proven(scanner, results, sender) is given
