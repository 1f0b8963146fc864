"""Every shipped pack has attacks that it catches and honest mail that it leaves alone."""

from pathlib import Path

import pytest

from phish_milter.detection.brands.pack import shipped_ids
from phish_milter.detection.checks import SYMBOLS
from phish_milter.message.model import Envelope
from phish_milter.policy.decision import Action, BrandVerdictWord, Verdict
from phish_milter.scanning.judge import judge
from phish_milter.scanning.scanner import Scanner
from phish_milter.settings.load import load_settings

HERE = Path(__file__).parent
SETTINGS = load_settings(HERE / "golden.toml", SYMBOLS).with_ceiling("reject")
MAILS = sorted((HERE / "packs").glob("*/*.eml"))
ENVELOPE = Envelope("203.0.113.9", "mx.example", "", ("dev@example.net",))


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(SETTINGS)


def verdict_on(mail: Path, scanner: Scanner) -> Verdict:
    raw = mail.read_bytes().replace(b"\n", b"\r\n")
    return judge(scanner.scan(raw, ENVELOPE), ENVELOPE, SETTINGS)


@pytest.mark.parametrize(
    "mail",
    [m for m in MAILS if m.stem.startswith("attack")],
    ids=lambda m: f"{m.parent.name}-{m.stem}",
)
def test_attacks_are_held_or_refused(mail: Path, scanner: Scanner) -> None:
    verdict = verdict_on(mail, scanner)

    words = {b.brand: b.verdict for b in verdict.brands}
    assert words.get(mail.parent.name) is BrandVerdictWord.IMPERSONATION
    assert verdict.action >= Action.QUARANTINE


@pytest.mark.parametrize(
    "mail",
    [m for m in MAILS if m.stem.startswith("legit")],
    ids=lambda m: f"{m.parent.name}-{m.stem}",
)
def test_honest_mail_is_left_alone(mail: Path, scanner: Scanner) -> None:
    verdict = verdict_on(mail, scanner)

    assert verdict.action is Action.ACCEPT
    assert BrandVerdictWord.IMPERSONATION not in {b.verdict for b in verdict.brands}


def test_every_enabled_pack_has_both() -> None:
    have = {(m.parent.name, m.stem.partition("-")[0]) for m in MAILS}

    for brand in shipped_ids():
        assert {(brand, "attack"), (brand, "legit")} <= have
