import pytest

from phish_milter.authentication.model import Authentication, DkimResult, Result
from phish_milter.daemon.response import (
    FINDINGS_HEADER,
    LINE,
    MAX_SYMBOLS,
    VERDICT_HEADER,
    DeleteHeader,
    InsertHeader,
    additions,
    hold_reason,
    removals,
    reply,
    results_field,
)
from phish_milter.findings import Finding, Role, Symbol
from phish_milter.message.model import Envelope, HeaderField
from phish_milter.policy.decision import (
    Action,
    BrandVerdict,
    BrandVerdictWord,
    ScoredFinding,
    Verdict,
)

GENUINE = BrandVerdict("github", BrandVerdictWord.GENUINE, 0.0)
IMPERSONATION = BrandVerdict("pypi", BrandVerdictWord.IMPERSONATION, 10.5)


def scored(name: str, score: float) -> ScoredFinding:
    symbol = Symbol(name, Role.SUSPICION, "", score, "test")
    return ScoredFinding(Finding(symbol, "evidence \r\nX-Evil: yes"), score)


def fields(*pairs: tuple[str, bytes]) -> tuple[HeaderField, ...]:
    return tuple(HeaderField(name.lower(), raw, "") for name, raw in pairs)


@pytest.mark.parametrize(
    ("verdict", "failure", "value"),
    [
        (
            Verdict(Action.ACCEPT, Action.ACCEPT),
            "",
            "action=accept; uncapped=accept; score=0.0",  # nothing found
        ),
        (
            Verdict(Action.TAG, Action.QUARANTINE, 11.5, (IMPERSONATION,)),
            "",
            "action=tag; uncapped=quarantine; score=11.5;\n\tbrands=pypi:impersonation",  # folded
        ),
        (
            Verdict(Action.TAG, Action.TAG),
            "deadline",
            "action=tag; failure=deadline",  # a fault of ours says nothing about the mail
        ),
    ],
)
def test_verdict_field(verdict: Verdict, failure: str, value: str) -> None:
    assert additions(verdict, failure) == (InsertHeader(VERDICT_HEADER, value),)


def test_findings_name_each_symbol_once_with_all_it_added_and_no_evidence() -> None:
    found = (scored("ONE", 4.0), scored("TWO", 1.5), scored("ONE", 4.0), scored("NIL", 0.0))
    verdict = Verdict(Action.TAG, Action.TAG, 9.5, findings=found)

    assert additions(verdict)[0] == InsertHeader(FINDINGS_HEADER, "ONE(8.0), TWO(1.5), NIL(0.0)")


def test_fields_stay_short_and_ascii() -> None:
    found = tuple(scored(f"SYMBOL_NUMBER_{n}", 1.0) for n in range(MAX_SYMBOLS + 40))
    field = additions(Verdict(Action.TAG, Action.TAG, 1.0, findings=found))[0]
    lines = f"{field.name}: {field.value}".split("\n")

    assert all(len(line) <= LINE and line.isascii() for line in lines)
    assert all(line.startswith("\t") for line in lines[1:])
    assert field.value.count("(") == MAX_SYMBOLS
    assert field.value.endswith("...")


@pytest.mark.parametrize(
    ("pairs", "own", "trusted", "removed"),
    [
        ((("Subject", b" x"),), "mx.example", (), ()),  # nothing of ours
        (
            (("X-Phish-Milter-Verdict", b""), ("x-phish-MILTER-verdict", b" b")),
            "",
            (),
            (DeleteHeader(VERDICT_HEADER, 2), DeleteHeader(VERDICT_HEADER, 1)),  # last one first
        ),
        (
            (("Authentication-Results", b" mx.example; spf=pass"),),
            "mx.example",
            (),
            (DeleteHeader("Authentication-Results", 1),),  # ours, from outside
        ),
        (
            (
                ("Authentication-Results", b" a.example;"),
                ("authentication-results", b' "MX.example" 1;'),
            ),
            "mx.example",
            (),
            (DeleteHeader("Authentication-Results", 2),),  # the second, quoted, with a version
        ),
        (
            (("Authentication-Results", b" mx.example; spf=pass"),),
            "mx.example",
            ("mx.example",),
            (),  # somebody before us writes it, and we believe it
        ),
        (
            (("Authentication-Results", b" not-mx.example; spf=pass"),),
            "mx.example",
            (),
            (),  # another name that contains ours
        ),
        ((("Authentication-Results", b" mx.example;"),), "", (), ()),  # we have no name
    ],
)
def test_removals(
    pairs: tuple[tuple[str, bytes], ...],
    own: str,
    trusted: tuple[str, ...],
    removed: tuple[DeleteHeader, ...],
) -> None:
    assert removals(fields(*pairs), own, trusted) == removed


@pytest.mark.parametrize(
    ("verdict", "failure", "start", "reason"),
    [
        (
            Verdict(Action.REJECT, Action.REJECT, 20, (IMPERSONATION,)),
            "",
            "550 5.7.1",
            "brand-impersonation",
        ),
        (
            Verdict(Action.REJECT, Action.REJECT, 20, (GENUINE, IMPERSONATION)),
            "",
            "550 5.7.1",
            "brand-impersonation",  # not what stands first
        ),
        (
            Verdict(Action.REJECT, Action.REJECT, 20, (GENUINE,)),
            "",
            "550 5.7.1",
            "policy",  # an enforced list; being genuine is no reason
        ),
        (Verdict(Action.DEFER, Action.DEFER), "deadline", "451 4.7.1", "filter-failure"),
        (Verdict(Action.DEFER, Action.DEFER), "", "451 4.7.1", "unverifiable"),
    ],
)
def test_replies(verdict: Verdict, failure: str, start: str, reason: str) -> None:
    answer = reply(verdict, "4XyZ12", failure)

    assert answer is not None
    assert f"{answer.code} {answer.enhanced}" == start
    assert answer.text.endswith(f"(reason {reason}, id 4XyZ12)")


@pytest.mark.parametrize("action", [Action.ACCEPT, Action.TAG, Action.QUARANTINE])
def test_no_reply_for_what_is_taken(action: Action) -> None:
    assert reply(Verdict(action, action), "4XyZ12") is None


def test_a_reply_repeats_nothing_that_is_no_queue_id() -> None:
    answer = reply(Verdict(Action.REJECT, Action.REJECT), "x\r\n250 ok")

    assert answer is not None
    assert answer.text.endswith("(reason policy, id unknown)")


@pytest.mark.parametrize(
    ("brands", "reason"),
    [
        ((IMPERSONATION,), "phish-milter: pypi impersonation, score 11.0"),
        ((), "phish-milter: suspicious links, score 11.0"),  # an enforced list
    ],
)
def test_hold_reason(brands: tuple[BrandVerdict, ...], reason: str) -> None:
    assert hold_reason(Verdict(Action.QUARANTINE, Action.QUARANTINE, 11.0, brands)) == reason


def test_our_results() -> None:
    found = Authentication(dkim=(DkimResult("pypi.org", Result.PASS),), dmarc=Result.PASS)
    field = results_field("mx.example", found, "pypi.org", Envelope(mail_from="a@pypi.org"))

    assert field.name == "Authentication-Results"
    assert field.value.startswith("mx.example;\n dkim=pass header.d=pypi.org;\n dmarc=pass")
