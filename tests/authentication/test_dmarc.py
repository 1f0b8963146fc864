"""DMARC: which record applies, and what it makes of DKIM and SPF."""

import pytest

from phish_milter.authentication.dmarc import (
    Dmarc,
    dmarc_questions,
    evaluate,
    is_aligned,
    parse_record,
)
from phish_milter.authentication.model import DkimResult, Result
from phish_milter.dns.questions import Answer, Answers, Status

NX = Answer(Status.NXDOMAIN)
UNKNOWN = Answer(Status.UNKNOWN, reason="timeout")


def answers(**records: str | Answer) -> Answers:
    """Records of example.com (org) and of sub.example.com (sub), and the MX of the latter (mx)."""
    names = {
        "org": ("_dmarc.example.com", "TXT"),
        "sub": ("_dmarc.sub.example.com", "TXT"),
        "mx": ("sub.example.com", "MX"),
    }
    given = {names[key]: value for key, value in records.items()}
    found = {k: Answer(Status.FOUND, (v,)) if isinstance(v, str) else v for k, v in given.items()}
    return Answers(dict.fromkeys(names.values(), NX) | found)


def dkim(domain: str, result: Result = Result.PASS) -> list[DkimResult]:
    return [DkimResult(domain, result)]


PARENT, SUB = "example.com", "sub.example.com"
NO_SPF = (Result.NONE, "")
OWN = dkim(PARENT)
PLAIN = "v=DMARC1; p=reject"
REJECT = answers(org=PLAIN)
BELOW = Answer(Status.NODATA)  # the subdomain exists, without an MX


def two(*records: str) -> Answers:
    return answers(org=Answer(Status.FOUND, records))


def tags(more: str, **others: str | Answer) -> Answers:
    return answers(org=f"v=DMARC1; {more}", **others)


CASES = [
    # a row: author, DKIM, SPF, answers, result and policy, the reason
    (PARENT, OWN, NO_SPF, REJECT, "pass reject", "DKIM"),
    (PARENT, dkim(SUB), NO_SPF, tags("p=none"), "pass none", "relaxed"),
    (PARENT, dkim(SUB), NO_SPF, tags("p=reject; adkim=s"), "fail reject", "strict"),
    (PARENT, dkim("other.example"), NO_SPF, REJECT, "fail reject", "other d="),
    (PARENT, dkim(PARENT, Result.FAIL), NO_SPF, REJECT, "fail reject", "broken"),
    (PARENT, dkim(PARENT, Result.TEMPERROR), NO_SPF, REJECT, "temperror reject", "key unknown"),
    (PARENT, [], (Result.PASS, PARENT), REJECT, "pass reject", "SPF"),
    (PARENT, [], (Result.PASS, SUB), tags("p=none; aspf=r"), "pass none", "SPF relaxed"),
    (PARENT, [], (Result.PASS, SUB), tags("p=none; aspf=s"), "fail none", "SPF strict"),
    (PARENT, [], (Result.SOFTFAIL, PARENT), REJECT, "fail reject", "softfail is no pass"),
    (PARENT, OWN, NO_SPF, answers(), "none ", "no record"),
    (PARENT, OWN, NO_SPF, answers(org=UNKNOWN), "temperror ", "record unknown"),
    (PARENT, [], NO_SPF, two(PLAIN, "v=DMARC1; p=none"), "none ", "two records"),
    (PARENT, [], NO_SPF, two("v=spf1 -all", PLAIN), "fail reject", "another TXT beside"),
    (SUB, [], NO_SPF, answers(org=PLAIN, mx=BELOW), "fail reject", "inherited"),
    (SUB, [], NO_SPF, tags("p=reject; sp=none", mx=BELOW), "fail none", "sp="),
    (SUB, [], NO_SPF, tags("p=none; np=reject", mx=BELOW), "fail none", "np= is for others"),
    (SUB, [], NO_SPF, tags("p=none; np=reject"), "fail reject", "np=: no such domain"),
    (SUB, [], NO_SPF, tags("p=none; sp=reject"), "fail reject", "np= falls back to sp="),
    (SUB, [], NO_SPF, tags("p=none", sub=PLAIN), "fail reject", "own record first"),
    (SUB, [], NO_SPF, answers(org=PLAIN, sub=UNKNOWN), "temperror ", "own record unknown"),
    (SUB, OWN, NO_SPF, answers(org=PLAIN, mx=BELOW), "pass reject", "parent signs"),
    (
        "a.co.uk",
        dkim("b.co.uk"),
        NO_SPF,
        Answers({("_dmarc.a.co.uk", "TXT"): Answer(Status.FOUND, (PLAIN,))}),
        "fail reject",
        "one suffix, two owners",
    ),
]


@pytest.mark.parametrize(
    ("given", "expected"), [(row[:4], row[4]) for row in CASES], ids=[row[-1] for row in CASES]
)
def test_results(
    given: tuple[str, list[DkimResult], tuple[Result, str], Answers], expected: str
) -> None:
    result, _, policy = expected.partition(" ")
    assert evaluate(*given) == Dmarc(Result(result), policy)


RECORDS = [
    # a row: record, (p, sp, np, pct) or None, the reason
    ("v=DMARC1; p=quarantine", ("quarantine", "quarantine", "quarantine", 100), "plain"),
    ("v=DMARC1;p=Reject;sp=NONE;pct=25", ("reject", "none", "none", 25), "case, no spaces"),
    ("v=DMARC1; p=none; np=reject", ("none", "none", "reject", 100), "np="),
    ("v=DMARC1; p=reject; pct=900", ("reject", "reject", "reject", 100), "pct= out of range"),
    ("v=DMARC1; p=reject; pct=x", ("reject", "reject", "reject", 100), "pct= is no number"),
    ("v=DMARC1; p=reject; sp=maybe", ("reject", "reject", "reject", 100), "unknown sp="),
    ("v=DMARC1; p=maybe; rua=mailto:a@b.example", ("none", "none", "none", 100), "reports only"),
    ("v=DMARC1; p=maybe", None, "no policy"),
    ("v=DMARC1", None, "nothing"),
    ("p=reject; v=DMARC1", None, "version not first"),
    ("v=DMARC2; p=reject", None, "other version"),
    ("v=DMARC1; p=reject; p=none", None, "twice"),
    ("", None, "empty"),
]


@pytest.mark.parametrize(("text", "expected", "why"), RECORDS, ids=[row[-1] for row in RECORDS])
def test_records(text: str, expected: tuple[str, str, str, int] | None, why: str) -> None:
    found = parse_record(text)
    assert (found and (found.p, found.sp, found.np, found.pct)) == expected, why


def test_alignment_knows_idna_and_junk() -> None:
    assert is_aligned("bücher.example", "xn--bcher-kva.example", strict=True)
    assert not is_aligned("", "", strict=True)


def test_questions() -> None:
    asked = [(q.name, q.type) for q in dmarc_questions("sub.example.com")]
    assert asked == [
        ("_dmarc.sub.example.com", "TXT"),
        ("_dmarc.example.com", "TXT"),
        ("sub.example.com", "MX"),
    ]
    assert [q.name for q in dmarc_questions("example.com")] == ["_dmarc.example.com"]
    assert dmarc_questions("not a..name") == ()
