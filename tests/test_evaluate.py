"""Figures about trials whose right outcome is known."""

import json

import pytest

from phish_milter.evaluate import Trial, as_json, measure, print_tables
from phish_milter.findings import Finding, Role, Symbol
from phish_milter.mailfiles import Expectation, Judged, Unreadable
from phish_milter.outcome import Scan
from phish_milter.policy import Action, BrandVerdict, BrandVerdictWord, ScoredFinding, Verdict

SYMBOL = Symbol("LOOKALIKE_LINK", Role.CONTRADICTION, "s", 4.0, "c")


def trial(kind: str, action: str, *, at_least: str, at_most: str, verdict: str = "none") -> Trial:
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
    finding = Finding(SYMBOL, "evil\x1b[2J", "pypi")
    found = (ScoredFinding(finding, 4.0),) * (action != "accept")
    done = Action.parse(action)
    return Trial(expected, Judged(expected.file, Verdict(done, done, 5.0, brands, found), Scan(())))


TRIALS = (
    trial("attack", "quarantine", at_least="quarantine", at_most="reject"),
    trial("attack", "tag", at_least="quarantine", at_most="reject"),
    trial("attack", "unreadable", at_least="quarantine", at_most="reject"),
    trial("legit", "accept", at_least="accept", at_most="accept", verdict="genuine"),
    trial("legit", "tag", at_least="accept", at_most="tag"),
    trial("legit", "quarantine", at_least="accept", at_most="accept"),
    trial("robustness", "tag", at_least="accept", at_most="tag"),
)


def test_families_are_counted() -> None:
    attack, legit, other = measure(TRIALS).families

    assert (attack.kind, legit.kind, other.kind) == ("attack", "legit", "robustness")
    assert (attack.n, attack.caught, attack.tagged, attack.missing) == (3, 1, 2, 1)
    assert (legit.n, legit.harmed, legit.agrees, legit.missing) == (3, 1, 2, 0)


def test_precision_and_recall() -> None:
    tag, quarantine, reject = measure(TRIALS).thresholds

    assert (tag.precision, tag.recall) == (0.5, 0.6667)  # 2 of 4 tagged; 2 of 3 attacks
    assert (quarantine.precision, quarantine.recall) == (0.5, 0.3333)
    assert (reject.precision, reject.recall) == (None, 0.0)  # nothing was rejected


def test_symbols_are_counted_by_kind_of_mail() -> None:
    firing = next(f for f in measure(TRIALS).symbols if f.symbol == "LOOKALIKE_LINK")

    assert (firing.attack, firing.legit, firing.other) == (2, 2, 1)


def test_the_gravest_failure_comes_first() -> None:
    result = measure(TRIALS, worst=3)

    assert result.failed == 4
    assert [failure.problem for failure in result.worst] == [
        "not scanned: gone",
        "harmed: quarantine, at most accept is right",
        "missed: tag, at least quarantine",
    ]


def test_nothing_to_measure_is_no_fault() -> None:
    result = measure([])

    assert result.failed == 0
    assert result.thresholds[0].precision is None


def test_both_forms_can_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    result = measure(TRIALS)

    assert json.loads(json.dumps(as_json(result)))["totals"][0]["caught"] == 1
    print_tables(result)
    printed = capsys.readouterr().out
    assert "[red]a reason[/red]" in printed  # markup is not obeyed
    assert "\\u001b[2J" in printed
    assert "66.7%" in printed
