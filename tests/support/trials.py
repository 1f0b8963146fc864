"""Finished trials made by hand: every way in which one can go right or wrong."""

from phish_milter.evaluation.cases import Trial
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


def trial(
    kind: str,
    action: str,
    *,
    at_least: str,
    at_most: str,
    verdict: str = "none",
    score: float = 5.0,
) -> Trial:
    """Return a trial that ended with *action*; ``unreadable`` is one that was not scanned."""
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
        return Trial(expected, Unreadable(expected.file, "gone"))
    brands = () if verdict == "none" else (BrandVerdict("pypi", BrandVerdictWord(verdict), 4.0),)
    finding = Finding(SYMBOL, "evil\x1b[2J<b>", "pypi")
    found = (ScoredFinding(finding, 4.0),) * (action != "accept")
    done = Action.parse(action)
    decided = Verdict(done, done, score, brands, found)
    return Trial(expected, Judged(expected.file, decided, Scan(())))


TRIALS = (
    trial("attack", "quarantine", at_least="quarantine", at_most="reject"),
    trial("attack", "tag", at_least="quarantine", at_most="reject"),
    trial("attack", "unreadable", at_least="quarantine", at_most="reject"),
    trial("legit", "accept", at_least="accept", at_most="accept", verdict="genuine"),
    trial("legit", "tag", at_least="accept", at_most="tag"),
    trial("legit", "quarantine", at_least="accept", at_most="accept"),
    trial("robustness", "tag", at_least="accept", at_most="tag"),
)
