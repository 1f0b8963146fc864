"""Verification as a whole: questions, a real name server, crypto, proof."""

import base64
from collections.abc import Iterator
from dataclasses import replace

import pytest

from phish_milter.authentication.model import Authentication, Result
from phish_milter.authentication.verify import (
    Evidence,
    Rules,
    authenticate,
    gather,
    needed,
    questions,
)
from phish_milter.detection.brands.model import Alignment, Brand, DomainRole, OwnedDomain, Speaker
from phish_milter.detection.origin_proof import proof, relevant_domains
from phish_milter.dns.resolver import Resolver
from phish_milter.findings import Proof
from phish_milter.message.model import Envelope, HeaderField, Message
from phish_milter.message.parse import parse
from support.dns import NameServer, serving
from support.signing import NOW, mail, record, seal, sign

BRAND = Brand(
    id="pkg",
    title="Pkg",
    names=("Pkg",),
    tokens=("pkg",),
    subject_tags=(),
    domains={
        "pkg.example": OwnedDomain(
            name="pkg.example",
            roles=frozenset({DomainRole.MAIL}),
            subdomains=True,
            signers=("pkg.example",),
            alignment=Alignment.STRICT,
        )
    },
    siblings=(),
    neighbours={},
    paths=(),
    speakers=(Speaker("Platform", ("talk.example",)),),
    phrases=(),
)
RULES = Rules(
    trusted_ids=frozenset({"mx.example.net"}),
    trusted_sealers=frozenset({"gate.example"}),
    domains=relevant_domains([BRAND]),
)
ENVELOPE = Envelope("192.0.2.1", "out.pkg.example", "bounce@ses.pkg.example", ("dev@example.net",))
ZONE = {
    "k._domainkey.pkg.example": {"TXT": [record()]},
    "new._domainkey.pkg.example": {"CNAME": ["new.keys.example."]},
    "new.keys.example": {"TXT": [record("rsa1024")]},
    "old._domainkey.pkg.example": {"TXT": ["v=DKIM1; p="]},
    "k._domainkey.evil.example": {"TXT": [record()]},
    "arc._domainkey.gate.example": {"TXT": [record()]},
    "arc._domainkey.stranger.example": {"TXT": [record()]},
    "_dmarc.pkg.example": {"TXT": ["v=DMARC1; p=quarantine; adkim=s"]},
    "ses.pkg.example": {"TXT": ["v=spf1 ip4:192.0.2.0/24 -all"]},
}
SAW = "mx; dkim=pass header.d=pkg.example"
FROM = "Pkg <noreply@pkg.example>"


@pytest.fixture
def server() -> Iterator[NameServer]:
    with serving(NameServer(ZONE)) as names:
        yield names


@pytest.fixture
def lookups(server: NameServer) -> Iterator[Resolver]:
    asker = Resolver(["127.0.0.1"], server.port, timeout_seconds=0.6)
    yield asker
    asker.close()


def run(
    raw: bytes, lookups: Resolver, rules: Rules = RULES, *, truncated: bool = False
) -> tuple[Message, Authentication]:
    """Run both halves as the gateway and the scanner do."""
    message = parse(raw)
    evidence = None
    if needed(message.fields, rules):
        evidence = gather(message.fields, ENVELOPE, lookups.session())
    found = authenticate(raw, message, ENVELOPE, evidence, rules, now=NOW, truncated=truncated)
    return message, found


PLAIN = mail(FROM)
SIGNED = sign(PLAIN, "pkg.example")
BANNER = SIGNED.replace(b"Hello,", b"[EXTERNAL]")
AR = b"Authentication-Results: mx.example.net; "

PROOFS = [
    # a row: mail, proof, DMARC, the reason
    (SIGNED, "passed", "pass", "aligned"),
    (sign(PLAIN, "pkg.example", selector="new", key="rsa1024"), "passed", "pass", "new key, CNAME"),
    (sign(PLAIN, "pkg.example", selector="old"), "failed", "pass", "revoked; SPF passes"),
    (sign(PLAIN, "pkg.example", selector="gone"), "failed", "pass", "selector gone"),
    (sign(PLAIN, "evil.example"), "missing", "pass", "signed by somebody else"),
    (PLAIN, "missing", "pass", "unsigned"),
    (BANNER, "failed", "pass", "body changed in transit"),
    (seal(BANNER, "gate.example", SAW), "passed", "pass", "gateway saw it before its banner"),
    (seal(BANNER, "stranger.example", SAW), "failed", "pass", "a stranger says it saw it"),
    (b"Reply-To: x@evil.example\r\n" + SIGNED, "passed", "pass", "an added Reply-To"),
    (b"Subject: Pay\r\n" + SIGNED, "failed", "pass", "a second Subject"),
    (b"From: x@evil.example\r\n" + SIGNED, "failed", "permerror", "a second From"),
    (AR + b"spf=pass smtp.mailfrom=pkg.example\r\n" + SIGNED, "passed", "pass", "upstream: SPF"),
    (AR + b"dkim=fail header.d=pkg.example\r\n" + SIGNED, "passed", "pass", "upstream: fail"),
    (AR + b"dkim=pass header.d=pkg.example\r\n" + BANNER, "passed", "pass", "upstream: pass"),
    (
        AR + b"dkim=fail header.d=pkg.example\r\n" + seal(BANNER, "gate.example", SAW),
        "passed",
        "pass",
        "upstream: fail, and a trusted gateway saw why",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "expected", "dmarc", "why"), PROOFS, ids=[row[-1] for row in PROOFS]
)
def test_proofs(lookups: Resolver, raw: bytes, expected: str, dmarc: str, why: str) -> None:
    message, found = run(raw, lookups)
    assert (proof(message, found, BRAND).value, found.dmarc.value) == (expected, dmarc), why


JUNK = b"DKIM-Signature: v=1; a=rsa-sha256; d=pkg.example; s=k; h=From; bh=AAAA; b=AAAA\r\n"
SAYS = AR + b"dkim=pass header.d=pkg.example header.s=k\r\n"
SAYS_NO = AR + b"dkim=none\r\n"
OTHER = SAYS.replace(b"=pass", b"=fail")
MADE_UP = (  # by somebody who has no key, with everything that a proof asks for
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/simple; d=pkg.example; s=k;\r\n"
    b" h=Subject:From:To:MIME-Version:Content-Type:Message-ID:Date;\r\n"
    b" bh=" + base64.b64encode(bytes(32)) + b"; b=" + base64.b64encode(bytes(256)) + b"\r\n"
)
GONE = sign(PLAIN, "pkg.example", selector="gone")
EXPIRED = sign(PLAIN, "pkg.example", tags={"t": str(NOW - 9000), "x": str(NOW - 4000)})
REVOKED = sign(PLAIN, "pkg.example", selector="old")

TRUST = [
    # a row of docs/authentication.md: mail, proof with verify=auto, with never
    (SIGNED, "passed", "skipped", "nobody spoke"),
    (SAYS + SIGNED, "passed", "passed", "both say pass"),
    (OTHER + SIGNED, "passed", "failed", "upstream fails what holds here"),
    (SAYS + BANNER, "passed", "passed", "changed after the upstream saw it"),
    (BANNER, "failed", "skipped", "changed, nobody saw it before"),
    (SAYS + PLAIN, "missing", "missing", "a pass without a signature"),
    (SAYS + sign(PLAIN, "evil.example"), "missing", "missing", "signed by somebody else"),
    (SAYS.replace(b"header.s=k", b"header.s=j") + BANNER, "failed", "skipped", "other selector"),
    (SAYS.replace(b"header.s", b"header.b") + BANNER, "failed", "skipped", "other b="),
    (SAYS.replace(b"s=k", b"s=old") + REVOKED, "failed", "passed", "a revoked key stays revoked"),
    (SAYS_NO + SAYS + BANNER, "failed", "failed", "forged below the verifier's own"),
    (SAYS.replace(b".net;", b".net.;") + BANNER, "failed", "skipped", "final dot"),
    (SAYS.replace(b"Results: ", b"Results: (c) ") + BANNER, "failed", "skipped", "comment"),
    (SAYS.replace(b".net;", b".net; junk;") + BANNER, "failed", "skipped", "unparsable"),
    (SAYS.replace(b"\r", b"; spf=none" * 20 + b"\r") + BANNER, "failed", "skipped", "many results"),
    (SAYS.replace(b".net;", b".net/4XyZ;") + BANNER, "passed", "passed", "queue id of OpenDKIM"),
    (b"Received: by a\r\n" + SAYS + BANNER, "failed", "skipped", "below a Received"),
    (SAYS.replace(b"mx.", b"my.") + BANNER, "failed", "skipped", "an id that is not trusted"),
    (SAYS + MADE_UP + PLAIN, "failed", "passed", "made up, though it covers everything"),
    (SAYS + SIGNED.replace(b"A\r\n notice", b"Pay"), "failed", "passed", "the Subject changed"),
    (SAYS.replace(b"=k", b"=gone") + GONE, "failed", "passed", "a key that is gone"),
    (SAYS + EXPIRED, "failed", "passed", "expired"),
    (SAYS.upper() + BANNER, "passed", "passed", "in capital letters"),
    (SAYS.replace(b"mx", b'"mx').replace(b"t;", b't";') + BANNER, "failed", "skipped", "quoted"),
    (SAYS.replace(b".net;", b".net 2;") + BANNER, "failed", "skipped", "another version"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "auto", "never", "why"), TRUST, ids=[row[-1] for row in TRUST])
def test_whose_word_counts(lookups: Resolver, raw: bytes, auto: str, never: str, why: str) -> None:
    for verify, expected in (("auto", auto), ("never", never)):
        message, found = run(raw, lookups, replace(RULES, verify=verify))
        assert proof(message, found, BRAND).value == expected, (why, verify)


@pytest.mark.parametrize("fault", ["silent", "servfail", "refused", "garbage"])
def test_without_dns_the_upstream_counts(server: NameServer, fault: str) -> None:
    server.faults[""] = fault
    for raw, expected in ((SAYS + SIGNED, "passed"), (SAYS + PLAIN, "missing")):
        asked = Resolver(["127.0.0.1"], server.port, timeout_seconds=0.6)
        message, found = run(raw, asked)
        asked.close()
        assert proof(message, found, BRAND).value == expected


@pytest.mark.parametrize("c", ["relaxed/simple", "relaxed/relaxed", "simple/simple", "simple"])
def test_changed_is_a_body_under_a_header_that_the_domain_signed(lookups: Resolver, c: str) -> None:
    changed = sign(PLAIN, "pkg.example", c=c).replace(b"Hello,", b"[EXTERNAL]")
    for raw, expected in (
        (changed, Proof.PASSED),
        (changed.replace(b" A\r", b" B\r"), Proof.FAILED),
    ):
        message, found = run(SAYS + raw, lookups)
        assert proof(message, found, BRAND) is expected


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (SAYS + SIGNED, Proof.PASSED),
        (SIGNED, Proof.FAILED),
        (SAYS + MADE_UP + PLAIN, Proof.FAILED),
        (SAYS + REVOKED, Proof.FAILED),
    ],
)
def test_of_a_truncated_message_the_header_is_verified(
    lookups: Resolver, raw: bytes, expected: Proof
) -> None:
    message, found = run(raw, lookups, truncated=True)
    assert proof(message, found, BRAND) is expected


def test_a_forger_does_not_choose_whether_dns_fails(server: NameServer) -> None:
    server.faults[""] = "silent"
    for selector in (b"a b", b"*", b"a/b", b"a..b", b"x" * 64, b".", b"k\xc3\xa9"):
        asked = Resolver(["127.0.0.1"], server.port, timeout_seconds=0.6)
        said = SAYS.replace(b" header.s=k", b"")
        message, found = run(said + MADE_UP.replace(b"s=k", b"s=" + selector) + PLAIN, asked)
        asked.close()
        assert proof(message, found, BRAND) is Proof.FAILED, selector


def test_a_field_beyond_those_that_are_read_counts_for_cover(lookups: Resolver) -> None:
    own_subject = b"Subject: [Registry] A\r\n notice\r\n"
    above, below = BANNER.split(own_subject)
    filler = b"X-Filler: x\r\n" * 2100
    raw = SAYS + above + b"Subject: Pay\r\n" + filler + own_subject + below
    message, found = run(raw, lookups)
    assert message.subject.startswith("Pay")
    assert proof(message, found, BRAND) is not Proof.PASSED


FORGERIES = [
    # a row: mail with the verifier's name forged on top, the reason
    (SAYS + MADE_UP + BANNER, Proof.FAILED, "a made-up signature beside one that was replayed"),
    (SAYS + b"From: x@evil.example\r\n" + BANNER, Proof.FAILED, "a second From above"),
    (SAYS + b"Subject: Pay\r\n" + BANNER, Proof.FAILED, "a second Subject above"),
    (
        SAYS + sign(PLAIN, "pkg.example", tags={"l": "5"}).replace(b"read this", b"pay"),
        Proof.FAILED,
        "behind the signed length",
    ),
    (SAYS.replace(b"header.s=k", b"header.b=A") + MADE_UP + PLAIN, Proof.FAILED, "a short b="),
    (
        SAYS.replace(b"header.d=", b"header.i=@") + sign(PLAIN, "evil.example"),
        Proof.MISSING,
        "i= of the brand, d= of another",
    ),
    (
        sign(PLAIN, "evil.example", tags={"i": "@pkg.example"}),
        Proof.MISSING,
        "i= of the brand in a good signature of another",
    ),
    (
        SAYS + sign(PLAIN, "pkg.example", tags={"x": "1e9"}),
        Proof.FAILED,
        "a time that is none",
    ),
]


@pytest.mark.parametrize(("raw", "expected", "why"), FORGERIES, ids=[row[-1] for row in FORGERIES])
def test_forged_beside_what_was_signed(
    lookups: Resolver, raw: bytes, expected: Proof, why: str
) -> None:
    message, found = run(raw, lookups)
    assert proof(message, found, BRAND) is expected, why


@pytest.mark.parametrize("fault", ["silent", "servfail"])
def test_without_dns_what_is_not_believed_stays_unknown(server: NameServer, fault: str) -> None:
    server.faults[""] = fault
    asked = Resolver(["127.0.0.1"], server.port, timeout_seconds=0.6)
    message, found = run(SAYS_NO + SAYS + SIGNED, asked)
    asked.close()
    assert proof(message, found, BRAND) is Proof.UNKNOWN


def test_a_junk_signature_that_covers_too_little_proves_nothing(lookups: Resolver) -> None:
    message, found = run(SAYS + JUNK + PLAIN, lookups)
    assert proof(message, found, BRAND) is Proof.FAILED


@pytest.mark.parametrize(
    ("written", "author", "policy"),
    [
        ("v=DMARC1; p=quarantine", FROM, "quarantine pct=100"),  # the percentage by default
        ("v=DMARC1; p=reject; pct=20", FROM, "reject pct=20"),
        ("v=DMARC1; p=reject; sp=none", "A <a@sub.pkg.example>", "none pct=100"),  # inherited
        ("v=spf1 -all", FROM, ""),  # no record of DMARC
    ],
)
def test_what_the_domain_asks_for_is_kept(written: str, author: str, policy: str) -> None:
    zone = {
        "_dmarc.pkg.example": {"TXT": [written]},
        "sub.pkg.example": {"MX": ["10 mx.pkg.example"]},
    }
    with serving(NameServer(zone)) as names:
        asked = Resolver(["127.0.0.1"], names.port, timeout_seconds=0.6)
        _, found = run(mail(author), asked)
        asked.close()
    assert found.dmarc_policy == policy


def test_always_overrules_the_upstream(lookups: Resolver) -> None:
    raw = AR + b"dkim=pass header.d=pkg.example\r\n" + BANNER
    message, found = run(raw, lookups, replace(RULES, verify="always"))
    assert proof(message, found, BRAND) is Proof.FAILED
    assert found.source == "own"


def test_an_upstream_that_spoke_saves_no_questions(lookups: Resolver, server: NameServer) -> None:
    run(AR + b"dkim=pass header.d=pkg.example\r\n" + SIGNED, lookups)
    assert "k._domainkey.pkg.example TXT" in server.asked


def test_never_asks_nothing(lookups: Resolver, server: NameServer) -> None:
    message, found = run(SIGNED, lookups, replace(RULES, verify="never"))
    assert proof(message, found, BRAND) is Proof.SKIPPED
    assert server.asked == []


ORDINARY = [
    # a row: From, the reason
    ("Ann <ann@corp.example>", "no brand at all"),
    ('"noreply@pkg.example" <x@evil.example>', "the brand's address is only shown"),
    ("Pkg <noreply@evil-pkg.example>", "a look-alike"),
    ("Pkg <noreply@pkg.example.evil.example>", "the brand's domain as a label"),
    ("", "no author"),
    ("<>", "no address"),
]


@pytest.mark.parametrize(("author", "why"), ORDINARY, ids=[row[-1] for row in ORDINARY])
def test_ordinary_mail_asks_nothing(
    lookups: Resolver, server: NameServer, author: str, why: str
) -> None:
    _, found = run(sign(mail(author), "evil.example"), lookups)
    assert server.asked == [], why
    assert found == Authentication(signed_domains=("evil.example",))


RELEVANT = [
    ("Pkg <noreply@pkg.example>", "the brand"),
    ("Pkg <noreply@PKG.Example>", "in any case"),
    ("noreply@mail.pkg.example (Pkg)", "below the brand"),
    ("Ann <ann@corp.example>, noreply@pkg.example", "the second author"),
    ("=?utf-8?q?Pkg?= <noreply@pkg.example>", "an encoded name"),
    ("Ann via Platform <bot@talk.example>", "a platform that carries talk"),
    ("noreply@pkg(hidden).example", "a comment within the domain, as far as the parser sees it"),
]


@pytest.mark.parametrize(("author", "why"), RELEVANT, ids=[row[-1] for row in RELEVANT])
def test_both_halves_agree_about_relevance(author: str, why: str) -> None:
    raw = mail(author)
    message = parse(raw)
    domains = {a.domain for a in message.authors if not a.shown_only}
    expected = any(d == name or d.endswith("." + name) for d in domains for name in RULES.domains)
    fields = [HeaderField("from", b" " + author.encode(), "")]
    assert needed(fields, RULES) == needed(message.fields, RULES) == expected, why


def test_everything_is_verified_for_a_header_of_our_own(lookups: Resolver) -> None:
    raw = sign(mail("Ann <ann@evil.example>"), "evil.example")
    _, found = run(raw, lookups, replace(RULES, everything=True))
    assert [(r.domain, r.result) for r in found.dkim] == [("evil.example", Result.PASS)]
    assert (found.spf, found.dmarc, found.arc) == (Result.PASS, Result.NONE, Result.NONE)


def test_questions_are_asked_at_once_and_no_more(lookups: Resolver, server: NameServer) -> None:
    run(seal(SIGNED, "gate.example", SAW), lookups)
    assert sorted(server.asked) == [
        "_dmarc.pkg.example TXT",
        "arc._domainkey.gate.example TXT",
        "k._domainkey.pkg.example TXT",
        "ses.pkg.example TXT",
    ]


def test_questions_of_a_hostile_header_are_bounded() -> None:
    raw = PLAIN
    for number in range(100):
        raw = b"DKIM-Signature: v=1; d=e%d.example; s=k\r\n" % number + raw
        raw = b"ARC-Seal: i=1; d=a%d.example; s=k\r\n" % number + raw
    assert len(questions(parse(raw).fields, ENVELOPE)) <= 8 + 20 + 4


DNS_FAILURES = [
    # a row: faults, proof of a genuine mail, proof of an unsigned one, the reason
    ({"": "silent"}, "unknown", "missing", "no answer at all"),
    ({"": "servfail"}, "unknown", "missing", "server failure"),
    ({"": "refused"}, "unknown", "missing", "refused"),
    ({"": "garbage"}, "unknown", "missing", "malformed"),
    ({"": "truncated-everywhere"}, "unknown", "missing", "truncated"),
    ({"_domainkey.pkg.example": "servfail"}, "unknown", "missing", "keys only"),
    ({"_dmarc.pkg.example": "servfail"}, "passed", "missing", "DMARC only"),
    ({"ses.pkg.example": "silent"}, "passed", "missing", "SPF only"),
    ({"": "spoofed"}, "passed", "missing", "spoofed ids"),
    ({"": "truncated"}, "passed", "missing", "TCP needed"),
]


@pytest.mark.parametrize(
    ("faults", "signed", "unsigned", "why"), DNS_FAILURES, ids=[row[-1] for row in DNS_FAILURES]
)
def test_unknown_is_not_guilty(
    server: NameServer, faults: dict[str, str], signed: str, unsigned: str, why: str
) -> None:
    server.faults.update(faults)
    for raw, expected in ((SIGNED, signed), (PLAIN, unsigned)):
        lookups = Resolver(["127.0.0.1"], server.port, timeout_seconds=0.6)
        message, found = run(raw, lookups)
        lookups.close()
        assert proof(message, found, BRAND).value == expected, why
        assert Result.FAIL not in [r.result for r in found.dkim], why


def test_a_truncated_message_cannot_be_verified(lookups: Resolver) -> None:
    message, found = run(SIGNED, lookups, truncated=True)
    assert proof(message, found, BRAND) is Proof.FAILED
    assert found.dkim[0].reason == "message too large to verify"


def test_without_evidence_nothing_is_claimed_to_be_verified() -> None:
    message = parse(SIGNED)
    found = authenticate(SIGNED, message, ENVELOPE, None, RULES, now=NOW)
    assert proof(message, found, BRAND) is Proof.SKIPPED
    assert found.source == ""


def test_evidence_without_answers_is_unknown() -> None:
    message = parse(SIGNED)
    found = authenticate(SIGNED, message, ENVELOPE, Evidence(), RULES, now=NOW)
    assert proof(message, found, BRAND) is Proof.UNKNOWN
