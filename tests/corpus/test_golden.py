"""
Golden mails: ``CHECK/fires.SYMBOL.eml`` raises the symbol, ``silent.SYMBOL.eml`` does not.

Origin has its own golden mails in tests/authentication, because they need signatures.
"""

from pathlib import Path

import pytest

from phish_milter.detection.checks import CHECKS, SYMBOLS
from phish_milter.message.model import Envelope
from phish_milter.scanning.scanner import Scanner
from phish_milter.settings.load import load_settings

HERE = Path(__file__).parent
MAILS = sorted(HERE.glob("*/*.eml"))
# Needs a verified signature or a trusted upstream: see test_origin_proof.py, test_carried.py.
ELSEWHERE = {"PROVEN_ORIGIN", "CARRIER_PROVEN"}


@pytest.fixture(scope="session")
def scanner() -> Scanner:
    return Scanner(load_settings(HERE / "golden.toml", SYMBOLS))


@pytest.mark.parametrize("mail", MAILS, ids=lambda m: f"{m.parent.name}/{m.stem}")
def test_golden_mail(mail: Path, scanner: Scanner) -> None:
    raw = mail.read_bytes().replace(b"\n", b"\r\n")
    expectation, symbol = mail.stem.split(".")

    scan = scanner.scan(raw, Envelope("203.0.113.9", "mx.example", "", ("dev@example.net",)))

    raised = {f.symbol.name for f in scan.findings}
    assert (symbol in raised) is (expectation == "fires"), sorted(raised)


def test_every_symbol_has_a_mail_that_fires_and_a_near_miss() -> None:
    symbols = {s.name: s.check for check in CHECKS for s in check.SYMBOLS}
    have = {(m.parent.name, *m.stem.split(".")) for m in MAILS}

    for name, check in symbols.items():
        if name not in ELSEWHERE:
            assert {(check, "fires", name), (check, "silent", name)} <= have


def test_symbols_name_the_check_that_raises_them() -> None:
    for check in CHECKS:
        assert {s.check for s in check.SYMBOLS} == {check.__name__.rpartition(".")[2]}
