"""Proof of origin: every way to have it, and every way to miss it."""

from dataclasses import replace
from typing import Any

import pytest

from phish_milter.authentication.model import Authentication, DkimResult, Result
from phish_milter.detection.brands.model import Alignment, Brand, DomainRole, OwnedDomain
from phish_milter.detection.origin_proof import acceptable, owner, proof, refuted
from phish_milter.findings import Proof
from phish_milter.message.model import HeaderField, Mailbox, Message


def owned(name: str, alignment: Alignment, *, subdomains: bool, signers: str = "") -> OwnedDomain:
    roles = frozenset({DomainRole.MAIL})
    return OwnedDomain(name, roles, subdomains, tuple((signers or name).split()), alignment)


STRICT = owned("pkg.example", Alignment.STRICT, subdomains=False)
WIDE = owned("wide.example", Alignment.STRICT, subdomains=True)
LOOSE = owned(
    "loose.example", Alignment.RELAXED, subdomains=False, signers="loose.example m.loose.example"
)
NOBODY = owned("web.example", Alignment.STRICT, subdomains=False, signers=" ")
BRAND = Brand(
    id="pkg",
    title="Pkg",
    names=("Pkg",),
    tokens=("pkg",),
    subject_tags=("Pkg",),
    domains={d.name: d for d in (STRICT, WIDE, LOOSE, NOBODY)},
    siblings=(),
    neighbours={},
    paths=(),
    speakers=(),
    phrases=(),
)

HEADER = ("from", "to", "subject", "date", "mime-version", "content-type")
GOOD_H = "From:To:Subject:Date:MIME-Version:Content-Type"


def message(
    author: str = "noreply@pkg.example", *others: Mailbox, from_fields: int = 1, more: str = ""
) -> Message:
    fields = [HeaderField(name, b" x", "x") for name in HEADER]
    for line in filter(None, more.split("\n")):
        name, _, value = line.partition(":")
        fields.append(HeaderField(name.lower(), value.encode(), value))
    return Message(
        fields=tuple(fields),
        authors=(Mailbox("", author), *others),
        from_fields=from_fields,
        reply_to=(),
        subject="x",
        parts=(),
        documents=(),
        defects=(),
        scanned_bytes=1,
    )


def signature(domain: str = "pkg.example", h: str = GOOD_H, extra: str = "") -> str:
    return f"DKIM-Signature: v=1; d={domain}; h={h}; {extra}b=x\n"


def dkim(domain: str = "pkg.example", result: Result = Result.PASS, **flags: Any) -> DkimResult:
    return DkimResult(domain, result, "", **flags)


def said(*results: DkimResult, source: str = "own", signed: str = "pkg.example") -> Authentication:
    return Authentication(dkim=results, source=source, signed_domains=tuple(signed.split()))


def upstream(*results: DkimResult, signed: str = "pkg.example") -> Authentication:
    return said(*results, source="upstream", signed=signed)


PASS = dkim()
TEMP = dkim(result=Result.TEMPERROR)
FAIL = dkim(result=Result.FAIL)
PLAIN = message()

CASES = [
    # a row: message, authentication, expected proof, the reason
    (PLAIN, said(PASS), Proof.PASSED, "aligned pass"),
    (PLAIN, upstream(PASS, signed=""), Proof.PASSED, "upstream pass, signature taken out"),
    (message(more=signature()), upstream(PASS), Proof.PASSED, "upstream pass, signature covers"),
    (PLAIN, said(dkim("other.example"), PASS), Proof.PASSED, "a second signature is no harm"),
    (PLAIN, said(FAIL, PASS), Proof.PASSED, "one pass is enough"),
    (PLAIN, said(dkim("other.example"), signed="other.example"), Proof.MISSING, "foreign d="),
    (PLAIN, said(dkim("a.pkg.example"), signed="a.pkg.example"), Proof.MISSING, "strict: d= below"),
    (PLAIN, said(FAIL), Proof.FAILED, "broken signature"),
    (PLAIN, said(dkim(result=Result.POLICY)), Proof.FAILED, "weak key"),
    (PLAIN, said(dkim(result=Result.PERMERROR)), Proof.FAILED, "no such key"),
    (PLAIN, said(TEMP), Proof.UNKNOWN, "key not to be had now"),
    (PLAIN, said(FAIL, TEMP), Proof.UNKNOWN, "the second might have passed"),
    (PLAIN, said(dkim(uncovered=frozenset({"subject"}))), Proof.FAILED, "subject not signed"),
    (PLAIN, said(dkim(whole_body=False)), Proof.FAILED, "signed length"),
    (PLAIN, said(signed=""), Proof.MISSING, "unsigned"),
    (PLAIN, Authentication(), Proof.MISSING, "unsigned, and nobody looked"),
    (PLAIN, Authentication(signed_domains=("pkg.example",)), Proof.SKIPPED, "nobody looked"),
    (PLAIN, Authentication(signed_domains=("a.example",)), Proof.MISSING, "foreign, nobody looked"),
    (PLAIN, replace(upstream(), spf=Result.PASS), Proof.SKIPPED, "upstream looked at SPF only"),
    (PLAIN, replace(said(signed=""), spf=Result.PASS, dmarc=Result.PASS), Proof.MISSING, "SPF"),
    (PLAIN, upstream(dkim("", Result.FAIL)), Proof.FAILED, "upstream fail without a domain"),
    (PLAIN, upstream(dkim("", Result.TEMPERROR)), Proof.UNKNOWN, "upstream temperror, no domain"),
    (PLAIN, upstream(dkim("other.example")), Proof.FAILED, "upstream passed another only"),
    (PLAIN, upstream(dkim("o.example", Result.TEMPERROR)), Proof.FAILED, "temperror of another"),
    (message(more=signature(h="From:To")), upstream(PASS), Proof.FAILED, "upstream, subject free"),
    (message(more=signature(extra="l=9; ")), upstream(PASS), Proof.FAILED, "upstream, l="),
    (
        message(more=signature() + signature(extra="l=9; ")),
        upstream(PASS),
        Proof.FAILED,
        "upstream: which of the two passed is not known",
    ),
    (
        message(more=signature() + signature("other.example", h="From")),
        upstream(PASS),
        Proof.PASSED,
        "a signature of somebody else need not cover",
    ),
    (message(more=signature() + "Subject: 2"), upstream(PASS), Proof.FAILED, "second Subject"),
    (
        message(more=signature(h=GOOD_H + ":Subject") + "Subject: 2"),
        upstream(PASS),
        Proof.PASSED,
        "both Subjects signed",
    ),
    (message(more=signature() + "Reply-To: a@b.example"), upstream(PASS), Proof.PASSED, "Reply-To"),
    (message(from_fields=2), said(PASS), Proof.FAILED, "two From fields"),
    (message("a@pkg.example", Mailbox("", "b@c.example")), said(PASS), Proof.FAILED, "two authors"),
    (
        message("a@c.example", Mailbox("", "b@pkg.example")),
        said(PASS),
        Proof.FAILED,
        "two authors, the brand's second",
    ),
    (
        message("a@pkg.example", Mailbox("", "x@c.example", shown_only=True)),
        said(PASS),
        Proof.PASSED,
        "an address in the display name is no author",
    ),
    (message("a@c.example"), said(PASS), Proof.SKIPPED, "From elsewhere"),
    (
        message("a@c.example", Mailbox("", "x@pkg.example", shown_only=True)),
        said(PASS),
        Proof.SKIPPED,
        "the brand's address shown only",
    ),
    (message("a@evil-pkg.example"), said(PASS), Proof.SKIPPED, "no subdomain"),
    (message("a@x.pkg.example"), said(PASS), Proof.SKIPPED, "subdomains are not the brand's"),
    (message("a@x.wide.example"), said(dkim("x.wide.example")), Proof.PASSED, "strict subdomain"),
    (
        message("a@x.wide.example"),
        said(dkim("wide.example"), signed="wide.example"),
        Proof.MISSING,
        "strict: d= above",
    ),
    (message("a@loose.example"), said(dkim("m.loose.example")), Proof.PASSED, "relaxed"),
    (
        message("a@loose.example"),
        said(dkim("z.loose.example"), signed="z.loose.example"),
        Proof.MISSING,
        "relaxed, but no signer of the brand",
    ),
    (
        message("a@web.example"),
        said(dkim("web.example"), signed="web.example"),
        Proof.MISSING,
        "a domain that never signs",
    ),
    (PLAIN, replace(said(FAIL), arc_dkim=(PASS,)), Proof.PASSED, "trusted sealer saw the pass"),
    (PLAIN, replace(said(FAIL), arc_dkim=(dkim("o.example"),)), Proof.FAILED, "sealer, other d="),
    (PLAIN, replace(said(FAIL), arc_dkim=(TEMP,)), Proof.UNKNOWN, "chain not verifiable now"),
    (PLAIN, replace(said(FAIL), arc=Result.PASS), Proof.FAILED, "a seal proves nothing by itself"),
    (
        PLAIN,
        replace(said(FAIL), arc_dkim=(dkim(uncovered=frozenset({"subject"})),)),
        Proof.FAILED,
        "seal leaves the subject free",
    ),
]


@pytest.mark.parametrize(
    ("mail", "authentication", "expected", "why"), CASES, ids=[row[-1] for row in CASES]
)
def test_proof(mail: Message, authentication: Authentication, expected: Proof, why: str) -> None:
    assert proof(mail, authentication, BRAND) is expected, why


OWNERS = [
    ("pkg.example", "pkg.example", "exact"),
    ("x.pkg.example", None, "no subdomains"),
    ("a.b.wide.example", "wide.example", "any depth"),
    ("example", None, "parent"),
    ("", None, "no domain"),
]


@pytest.mark.parametrize(("domain", "expected", "why"), OWNERS)
def test_owner(domain: str, expected: str | None, why: str) -> None:
    found = owner(domain, BRAND)
    assert (found and found.name) == expected, why


def test_relaxed_alignment_stays_within_one_registration() -> None:
    shared = owned("a.co.uk", Alignment.RELAXED, subdomains=False, signers="b.co.uk")
    assert not acceptable("b.co.uk", "a.co.uk", shared)


REFUTED = [
    # a row: authentication, refuted for talk.example, the reason
    (said(dkim("talk.example")), False, "a signature held"),
    (said(dkim("mail.talk.example")), False, "one of the same owner"),
    (said(dkim("talk.example", Result.TEMPERROR)), False, "nobody can tell now"),
    (said(dkim("talk.example", Result.FAIL)), True, "broken"),
    (said(dkim("evil.example")), True, "somebody else's"),
    (said(), True, "we looked, there is none"),
    (Authentication(), False, "nobody looked"),
    (replace(upstream(), spf=Result.FAIL), False, "the upstream looked at SPF only"),
    (upstream(dkim("evil.example")), True, "the upstream saw somebody else's"),
]


@pytest.mark.parametrize(
    ("authentication", "expected", "why"), REFUTED, ids=[row[-1] for row in REFUTED]
)
def test_refuted(authentication: Authentication, expected: bool, why: str) -> None:
    assert refuted(authentication, "talk.example") is expected, why
