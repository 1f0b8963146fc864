"""The scanner on whatever bytes there are."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phish_milter.detection.checks import SYMBOLS
from phish_milter.message.defects import DISBELIEVED_RESULTS
from phish_milter.message.model import Envelope
from phish_milter.policy.decision import Circumstances, decide
from phish_milter.scanning.scanner import Scanner
from phish_milter.settings.load import load_settings

GOLDEN = Path(__file__).parents[1] / "corpus" / "golden.toml"
CONFIGURED = load_settings(GOLDEN, SYMBOLS)
SCANNER = Scanner(CONFIGURED)

PIECES = [
    b"From: PyPI <noreply@pypi.org>\r\n",
    b"From: \xff<\x00>\r\n",
    b"Subject: [PyPI] =?utf-8?q?=F0=9F?=\r\n",
    b"Content-Type: text/html; charset=utf-7\r\n",
    b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"\r\n",
    b"--b\r\n",
    b"<a href='https://pypi.org@\xd0\xbe.example/'>pypi.org</a>",
    b"Dear PyPI user, reply with your token https://xn--/ http://[::1",
    b"--b--\r\n",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=40)), max_size=12))
def test_it_never_raises(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)

    scan = SCANNER.scan(raw, Envelope())

    assert scan.scanned_bytes <= len(raw)
    decide(scan.findings, Circumstances(scan.proofs), CONFIGURED.policy_values())


def test_it_holds_nothing_between_messages() -> None:
    spoof = b"From: PyPI <x@shop.example>\r\n\r\nhttps://pypi-helpcentre.org/x\r\n"
    plain = b"From: Anna <anna@shop.example>\r\n\r\nHello.\r\n"

    first = SCANNER.scan(spoof, Envelope()).findings
    SCANNER.scan(plain, Envelope())

    assert SCANNER.scan(spoof, Envelope()).findings == first
    assert SCANNER.scan(plain, Envelope()).findings == ()


def test_it_names_results_that_are_not_believed() -> None:
    scanner = Scanner(CONFIGURED)
    scanner.rules = replace(scanner.rules, trusted_ids=frozenset({"mx.example.net"}))
    for name, expected in (("mx.example.net", ()), ("mx.example.net.", (DISBELIEVED_RESULTS,))):
        raw = f"Authentication-Results: {name}; none\r\nFrom: a@shop.example\r\n\r\nHello.\r\n"
        assert scanner.scan(raw.encode(), Envelope()).defects == expected


def test_it_reports_links_with_their_relation() -> None:
    raw = b"From: a@shop.example\r\n\r\nhttps://pypi.org/help/ https://pypi-helpcentre.org/x\r\n"

    links = SCANNER.scan(raw, Envelope()).links

    assert [(link.host, link.relation) for link in links] == [
        ("pypi.org", "brand"),
        ("pypi-helpcentre.org", "lookalike"),
    ]


@pytest.mark.parametrize("stage", ["parse", "links", "authentication", "checks"])
def test_it_times_each_stage(stage: str) -> None:
    assert SCANNER.scan(b"From: a@b.example\r\n\r\nHi\r\n", Envelope()).seconds[stage] >= 0


def test_warming_changes_no_result() -> None:
    spoof = b"From: PyPI <x@shop.example>\r\n\r\nVerify your account at https://x.example/\r\n"
    warmed = Scanner(CONFIGURED)
    warmed.warm()

    assert warmed.scan(spoof, Envelope()).findings == SCANNER.scan(spoof, Envelope()).findings
