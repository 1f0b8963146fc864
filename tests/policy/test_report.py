"""The JSON of `scan --json`: exactly the keys and forms that other tools rely on."""

import json

from phish_milter.authentication.model import Authentication, DkimResult, Result
from phish_milter.findings import Finding, Role, Symbol
from phish_milter.policy.decision import (
    Action,
    BrandVerdict,
    BrandVerdictWord,
    ScoredFinding,
    Verdict,
)
from phish_milter.policy.outcome import LinkReport, Scan
from phish_milter.policy.report import error_json, to_json

FROM = Symbol("NEAR_FROM", Role.CONTRADICTION, "Sender looks like the brand", 4.0, "near")
TRICK = Symbol("TRICK", Role.SUSPICION, "URL is written to mislead", 1.0, "trick")

FINDINGS = (Finding(FROM, "pypj.org = pypi.org with i->j", "pypi"), Finding(TRICK, "a@b"))
SCAN = Scan(
    findings=FINDINGS,
    links=(LinkReport("https://pypj.org/x?y=1", "pypj.org", "Verify", "html:a", "lookalike"),),
    authentication=Authentication(
        spf=Result.PASS, dkim=(DkimResult("pypj.org", Result.FAIL),), dmarc=Result.NONE
    ),
    defects=("duplicate-from",),
    scanned_bytes=12345,
)
VERDICT = Verdict(
    Action.TAG,
    Action.QUARANTINE,
    11.5,
    (BrandVerdict("pypi", BrandVerdictWord.IMPERSONATION, 10.5),),
    (ScoredFinding(FINDINGS[0], 4.0), ScoredFinding(FINDINGS[1], 1.0)),
)


def test_the_contract() -> None:
    assert json.loads(json.dumps(to_json("x.eml", VERDICT, SCAN, 0.00312))) == {
        "path": "x.eml",
        "action": "tag",
        "uncapped_action": "quarantine",
        "score": 11.5,
        "brands": [{"brand": "pypi", "verdict": "impersonation", "score": 10.5}],
        "findings": [
            {
                "symbol": "NEAR_FROM",
                "role": "contradiction",
                "brand": "pypi",
                "score": 4.0,
                "evidence": "pypj.org = pypi.org with i->j",
            },
            {
                "symbol": "TRICK",
                "role": "suspicion",
                "brand": None,
                "score": 1.0,
                "evidence": "a@b",
            },
        ],
        "authentication": {
            "spf": "pass",
            "dkim": [["pypj.org", "fail"]],
            "dmarc": "none",
            "arc": "skipped",
        },
        "links": [
            {
                "target": "https://pypj.org/x?y=1",
                "host": "pypj.org",
                "shown": "Verify",
                "source": "html:a",
                "relation": "lookalike",
            }
        ],
        "defects": ["duplicate-from"],
        "scanned_bytes": 12345,
        "milliseconds": 3.1,
    }


def test_file_names_that_are_no_text_stay_valid_json() -> None:
    entry = error_json("caf\udce9.eml", "No such file or directory")

    assert entry == {"path": "caf?.eml", "error": "No such file or directory"}
