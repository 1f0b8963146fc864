"""Lines for people: nothing of a mail can act on the terminal."""

from dataclasses import replace

import pytest

from phish_milter.authentication.model import Authentication, Result
from phish_milter.cli.terminal import lines
from phish_milter.evaluation.mail_files import Judged, Unreadable
from phish_milter.findings import Finding, Role, Symbol
from phish_milter.policy.decision import (
    Action,
    BrandVerdict,
    BrandVerdictWord,
    ScoredFinding,
    Verdict,
)
from phish_milter.policy.outcome import LinkReport, Scan

HOSTILE = "\x1b]0;owned\x07\u202e\nnext?token=abc"
NEAR = Symbol("NEAR_FROM", Role.CONTRADICTION, "Sender looks like the brand", 4.0, "near")
FINDING = Finding(NEAR, HOSTILE, "pypi")
LINK = LinkReport(f"https://a.example/{HOSTILE}", "a.example", HOSTILE, "html:a", "foreign")
VERDICT = Verdict(
    Action.TAG,
    Action.REJECT,
    16.0,
    (BrandVerdict("pypi", BrandVerdictWord.IMPERSONATION, 16.0),),
    (ScoredFinding(FINDING, 4.0),),
)
SCAN = Scan((FINDING,), links=(LINK,) * 12, defects=(HOSTILE,))


def test_the_verdict_and_its_reasons() -> None:
    headline, brand, finding, *rest = lines(Judged("x.eml", VERDICT, SCAN, 0.0031))

    assert "tag" in headline
    assert headline.endswith("(reject without the ceiling), score 16, 3.1 ms")
    assert brand == "  pypi: impersonation, score 16"
    assert finding.startswith("   +4.0  contradiction  NEAR_FROM [pypi]: ")
    assert "  and 2 more links" in rest


def test_what_the_domain_asks_for_stands_beside_dmarc() -> None:
    known = Authentication(dmarc=Result.FAIL, source="own", dmarc_policy="reject pct=20")
    told = "\n".join(lines(Judged("x.eml", VERDICT, replace(SCAN, authentication=known))))

    assert " dmarc=fail (p=reject pct=20) arc=" in told


@pytest.mark.parametrize(
    "result",
    [Judged(HOSTILE, VERDICT, SCAN), Unreadable(HOSTILE, HOSTILE)],
    ids=["judged", "unreadable"],
)
def test_every_line_is_safe(result: Judged | Unreadable) -> None:
    for line in lines(result):
        plain = line.replace("\x1b[", "")  # our own colours
        assert plain.isprintable()
        assert "\x1b]" not in line
