"""Forwarders, lists and replays, walked through the whole pipeline against a name server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from phish_milter.detection.checks import SYMBOLS
from phish_milter.message.model import Envelope
from phish_milter.policy.decision import Verdict
from phish_milter.scanning.judge import judge
from phish_milter.scanning.pipeline import Pipeline
from phish_milter.settings.load import load_settings
from support.dns import NameServer, serving
from support.signing import mail, record, seal, sign

ZONE = {
    "k._domainkey.pypi.org": {"TXT": [record()]},
    "arc._domainkey.gate.example.com": {"TXT": [record()]},
    "arc._domainkey.other.example.org": {"TXT": [record()]},
}
SAW_PASS = "mx.gate.example.com; dkim=pass header.d=pypi.org"
SAW_FAIL = "mx.gate.example.com; dkim=fail header.d=pypi.org"
GATE, OTHER = "gate.example.com", "other.example.org"
HOME = "Hello,\r\n\r\nsee https://pypi.org/manage/projects/\r\n"
WRAPPED = (
    b"https://eur01.safelinks.protection.outlook.com/"
    b"?url=https%3A%2F%2Fpypi.org%2Fmanage%2Fprojects%2F&data=05"
)
GENUINE = sign(mail("PyPI <noreply@pypi.org>", HOME))
BANNERED = GENUINE.replace(b"Hello,", b"[EXTERNAL]\r\n\r\nHello,")
REWRITTEN = GENUINE.replace(b"https://pypi.org/manage/projects/", WRAPPED)
SPOOF = mail("PyPI <noreply@pypi.org>", "Hello,\r\n\r\nsee https://shop.example.com/x\r\n")
LIST_POST = mail(
    "Ee via pypi-announce <pypi-announce@python.org>", HOME, "List-Id: <a.python.org>\r\n"
)

JUNK = b"DKIM-Signature: v=1; a=rsa-sha256; d=pypi.org; s=k; h=from:reply-to; bh=AA==; b=AA==\r\n"
HIDDEN = mail(
    "PyPI <noreply@pypi.org>",
    "Hi.\r\n\r\n---- Original Message ----\r\nhttps://shop.example.com/x\r\n",
)
# Signed with l=0: the sealer's verifier may say pass, and the body is anybody's.
OPEN_END = sign(mail("PyPI <noreply@pypi.org>", HOME), tags={"l": "0"}).replace(
    b"https://pypi.org/manage/projects/", b"https://shop.example.com/account/login/"
)

CASES = [
    # mail, verdict about the brand, strongest action, why
    (
        b"Received: from a by b; Thu, 9 Oct 2025 09:00:00 +0000\r\n" + GENUINE,
        "genuine",
        "accept",
        "L9",
    ),
    (seal(BANNERED, GATE, SAW_PASS), "genuine", "accept", "L10, sealed by a trusted gateway"),
    (seal(REWRITTEN, GATE, SAW_PASS), "genuine", "accept", "L25, sealed by a trusted gateway"),
    (BANNERED, "unverifiable", "tag", "L10, nobody vouches"),
    (REWRITTEN, "unverifiable", "tag", "L25, nobody vouches, inner links lead home"),
    (seal(BANNERED, OTHER, SAW_PASS), "unverifiable", "tag", "a seal of a stranger proves nothing"),
    (seal(SPOOF, GATE, SAW_FAIL), "impersonation", "reject", "laundered through a trusted sealer"),
    (
        seal(SPOOF, GATE, "mx.gate.example.com; arc=none"),
        "impersonation",
        "reject",
        "no pass recorded",
    ),
    (LIST_POST, "none", "accept", "L14, the list speaks"),
    (b"Reply-To: desk@shop.example.com\r\n" + GENUINE, "genuine", "tag", "replay, added Reply-To"),
    (b"Subject: 2\r\n" + GENUINE, "unverifiable", "tag", "replay, second Subject"),
    (seal(b"Subject: 2\r\n" + GENUINE, GATE, SAW_PASS), "unverifiable", "tag", "the same, sealed"),
    (seal(OPEN_END, GATE, SAW_PASS), "impersonation", "quarantine", "l= and more body, sealed"),
    (GENUINE + b"One more line.\r\n", "unverifiable", "tag", "replay, longer body"),
    (JUNK + HIDDEN, "impersonation", "reject", "a spoof below a fake quotation"),
]


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Pipeline, Path]]:
    with serving(NameServer(ZONE)) as server:
        path = tmp_path_factory.mktemp("site") / "phish-milter.toml"
        path.write_text(
            f'[dns]\nnameservers = ["127.0.0.1"]\nport = {server.port}\n'
            f'[authentication]\ntrusted_arc_sealers = ["{GATE}"]\n[policy]\nceiling = "reject"\n'
        )
        yield Pipeline(load_settings(path, SYMBOLS)), path


def verdict_on(raw: bytes, pipeline: tuple[Pipeline, Path]) -> Verdict:
    walked, path = pipeline
    return judge(walked.scan(raw, Envelope()), Envelope(), load_settings(path, SYMBOLS))


@pytest.mark.parametrize(("raw", "word", "most", "why"), CASES, ids=[c[-1] for c in CASES])
def test_cases(raw: bytes, word: str, most: str, why: str, pipeline: tuple[Pipeline, Path]) -> None:
    verdict = verdict_on(raw, pipeline)

    words = {b.brand: str(b.verdict) for b in verdict.brands}
    ranks = ("accept", "tag", "quarantine", "reject")
    assert words.get("pypi", "none") == word, why
    assert ranks.index(str(verdict.action)) <= ranks.index(most), why


@pytest.mark.parametrize("junk", [b"", JUNK], ids=["bare", "named by a junk signature"])
def test_an_added_reply_to_is_seen(junk: bytes, pipeline: tuple[Pipeline, Path]) -> None:
    """The replay is tagged although its origin is proven."""
    verdict = verdict_on(junk + b"Reply-To: desk@shop.example.com\r\n" + GENUINE, pipeline)

    assert str(verdict.action) == "tag"
    assert "REPLY_NOT_COVERED" in {s.finding.symbol.name for s in verdict.findings}
