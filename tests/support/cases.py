"""Finished cases made by hand: every way in which one can go right or wrong."""

from phish_milter.evaluation.cases import Case
from phish_milter.evaluation.mail_files import Judged, Unreadable
from phish_milter.evaluation.manifest import Expectation
from phish_milter.findings import Finding, Role, Symbol
from phish_milter.policy.decision import (
    Action,
    BrandVerdict,
    BrandVerdictWord,
    ScoredFinding,
    Verdict,
)
from phish_milter.policy.outcome import Scan

SYMBOL = Symbol("LOOKALIKE_LINK", Role.CONTRADICTION, "s", 4.0, "c")


def case(
    kind: str,
    action: str,
    *,
    at_least: str,
    at_most: str,
    verdict: str = "none",
    score: float = 5.0,
) -> Case:
    """Return a case that ended with *action*; ``unreadable`` is one that was not scanned."""
    expected = Expectation.model_validate(
        {
            "file": f"{kind}-{action}.eml",
            "kind": kind,
            "family": "fam",
            "at_least": at_least,
            "at_most": at_most,
            "brand": "pypi",
            "brand_verdict": ["impersonation", "none"],
            "why": "[red]a reason[/red]",
        }
    )
    if action == "unreadable":
        return Case(expected, Unreadable(expected.file, "gone"))
    brands = () if verdict == "none" else (BrandVerdict("pypi", BrandVerdictWord(verdict), 4.0),)
    finding = Finding(SYMBOL, "evil\x1b[2J<b>", "pypi")
    found = (ScoredFinding(finding, 4.0),) * (action != "accept")
    done = Action.parse(action)
    decided = Verdict(done, done, score, brands, found)
    return Case(expected, Judged(expected.file, decided, Scan(())))


CASES = (
    case("attack", "quarantine", at_least="quarantine", at_most="reject"),
    case("attack", "tag", at_least="quarantine", at_most="reject"),
    case("attack", "unreadable", at_least="quarantine", at_most="reject"),
    case("legit", "accept", at_least="accept", at_most="accept", verdict="genuine"),
    case("legit", "tag", at_least="accept", at_most="tag"),
    case("legit", "quarantine", at_least="accept", at_most="accept"),
    case("robustness", "tag", at_least="accept", at_most="tag"),
)
