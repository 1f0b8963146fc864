"""DKIM: what passes, what does not, and what each result says."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.authentication.canonical import Wire
from phish_milter.authentication.dkim import MAX_SIGNATURES, verify_signatures
from phish_milter.authentication.model import DkimResult
from phish_milter.dns.questions import Answer, Answers, Status
from support.signing import NOW, SIGNED, mail, record, sign

NAME = "k._domainkey.pypi.org"


def dns(*records: str, status: Status = Status.FOUND) -> Answers:
    values = records if status is Status.FOUND else ()
    return Answers({(NAME, "TXT"): Answer(status, values, "timeout")})


def verify(raw: bytes, answers: Answers | None = None, now: float = NOW) -> list[DkimResult]:
    wire = Wire.of(raw)
    return list(verify_signatures(wire, wire.names(), answers or dns(record()), now))


def key(name: str) -> Answers:
    return dns(record(name))


PLAIN = mail()
GOOD = sign(PLAIN)
TWICE = ("From", "From", "Subject", "Subject", "To", "Date", "MIME-Version", "Content-Type")

RESULTS = [
    # a row: mail, answers (None: the right key), result, beginning of the reason, the reason
    (GOOD, None, "pass", "", "relaxed/simple, as the brand's provider signs"),
    (sign(PLAIN, c="simple/simple"), None, "pass", "", "simple/simple"),
    (sign(PLAIN, c="simple/relaxed"), None, "pass", "", "simple/relaxed"),
    (sign(PLAIN, c="relaxed/relaxed"), None, "pass", "", "relaxed/relaxed"),
    (sign(PLAIN, c="relaxed"), None, "pass", "", "c=relaxed means simple body"),
    (sign(mail(body="")), None, "pass", "", "no body"),
    (sign(mail(body=""), c="relaxed/relaxed"), None, "pass", "", "no body, relaxed"),
    (sign(mail(body="a\r\n\r\n\r\n")), None, "pass", "", "empty lines at the end"),
    (sign(PLAIN, h=TWICE), None, "pass", "", "over-signed"),
    (sign(PLAIN, key="ed25519"), key("ed25519"), "pass", "", "Ed25519"),
    (sign(PLAIN, key="rsa1024"), key("rsa1024"), "pass", "", "the smallest key allowed"),
    (sign(PLAIN, key="rsa768"), key("rsa768"), "policy", "RSA key of 768", "small key"),
    (sign(PLAIN, key="rsa512"), key("rsa512"), "policy", "RSA key of 512", "tiny key"),
    (sign(PLAIN, hash_name="sha1"), None, "policy", "algorithm rsa-sha1", "SHA-1"),
    (GOOD.replace(b"rsa-sha256", b"rsa-md5"), None, "policy", "algorithm", "unknown algorithm"),
    (GOOD.replace(b"read this", b"read that"), None, "fail", "body hash", "body changed"),
    (GOOD + b"more\r\n", None, "fail", "body hash", "body longer"),
    (GOOD.replace(b"A\r\n notice", b"A notices"), None, "fail", "signature", "subject changed"),
    (GOOD.replace(b"Subject: [R", b"Subject:   [R"), None, "pass", "", "white space of a header"),
    (GOOD.replace(b"\nSubject:", b"\nSUBJECT:"), None, "pass", "", "case of a name"),
    (b"X-Added: 1\r\n" + GOOD, None, "pass", "", "a field added on the way"),
    (b"From: evil@evil.example\r\n" + GOOD, None, "fail", "signature", "a second From"),
    (
        sign(PLAIN, h=TWICE).replace(b"\nTo:", b"\nSubject: x\r\nTo:"),
        None,
        "fail",
        "",
        "added Subject",
    ),
    (GOOD, key("rsa1024"), "fail", "signature", "another key"),
    (GOOD, dns(status=Status.NXDOMAIN), "permerror", "no key", "key name does not exist"),
    (GOOD, dns(status=Status.NODATA), "permerror", "no key", "no TXT there"),
    (GOOD, dns(status=Status.UNKNOWN), "temperror", "key not available: timeout", "no answer"),
    (GOOD, Answers(), "temperror", "key not available: not asked", "never asked"),
    (GOOD, dns("v=DKIM1; p="), "permerror", "key revoked", "revoked"),
    (GOOD, dns("v=spf1 -all"), "permerror", "malformed key", "not a key"),
    (GOOD, dns("v=DKIM1; p=AAAA"), "permerror", "malformed key", "junk key"),
    (GOOD, dns("v=DKIM1; p=%%%"), "permerror", "malformed key", "no base64"),
    (GOOD, dns("v=DKIM2; " + record()[9:]), "permerror", "malformed key", "other version"),
    (GOOD, dns(record()[9:]), "pass", "", "a record without version"),
    (GOOD, dns(record() + "; h=sha1"), "permerror", "hash not allowed", "key for SHA-1 only"),
    (GOOD, dns(record() + "; h=sha1:sha256; s=email; t=s"), "pass", "", "key with all tags"),
    (GOOD, dns(record() + "; s=tlsrpt"), "permerror", "key is not for mail", "other service"),
    (GOOD, key("ed25519"), "permerror", "key of another", "kinds differ"),
    (GOOD, dns("v=spf1 -all", record()), "pass", "", "one usable record of two"),
    (sign(PLAIN, tags={"x": str(NOW + 60)}), None, "pass", "", "not yet expired"),
    (sign(PLAIN, tags={"x": str(NOW - 9000)}), None, "fail", "signature expired", "expired"),
    (sign(PLAIN, tags={"x": "soon"}), None, "permerror", "malformed time", "x= is no number"),
    (sign(PLAIN, tags={"t": str(NOW + 60)}), None, "pass", "", "clocks differ a little"),
    (sign(PLAIN, tags={"t": str(NOW + 9000)}), None, "permerror", "signed in the", "future"),
    (sign(PLAIN, tags={"v": "2"}), None, "permerror", "unknown version", "v=2"),
    (sign(PLAIN, tags={"i": "@evil.example"}), None, "permerror", "malformed", "i= elsewhere"),
    (sign(PLAIN, tags={"i": "a@mail.pypi.org"}), None, "pass", "", "i= below d="),
    (sign(PLAIN, h=("To", "Subject")), None, "permerror", "From is not", "From not signed"),
    (GOOD.replace(b"relaxed/simple", b"odd/odd"), None, "permerror", "malformed", "c="),
    (b"DKIM-Signature: v=1; junk\r\n" + PLAIN, None, "permerror", "malformed sig", "junk field"),
    (b"DKIM-Signature:\r\n" + PLAIN, None, "permerror", "malformed sig", "empty field"),
    (GOOD.replace(b"\r\n b=", b"\r\n b=" + b" " * 99), None, "permerror", "malf", "long space"),
    (re.sub(rb" b=.*", b" b=!!!!", GOOD, count=1), None, "permerror", "malformed", "b= junk"),
    (
        GOOD.replace(b"h=Subject", b"h=" + b"a:" * 300 + b"Subject"),
        None,
        "policy",
        "too",
        "long h=",
    ),
]


@pytest.mark.parametrize(
    ("case", "expected"),
    [((raw, answers), (result, reason)) for raw, answers, result, reason, _ in RESULTS],
    ids=[row[-1] for row in RESULTS],
)
def test_results(case: tuple[bytes, Answers | None], expected: tuple[str, str]) -> None:
    [found] = verify(*case)
    assert found.result.value == expected[0], found
    assert found.reason.startswith(expected[1])
    assert found.reason or found.result.value == "pass"


COVER = [
    # a row: mail, (uncovered, whole_body), the reason
    (GOOD, ("", True), "all six fields"),
    (sign(PLAIN, h=SIGNED[1:]), ("subject", True), "Subject is free"),
    (
        sign(PLAIN, h=("From", "Subject", "To", "Date")),
        ("mime-version content-type", True),
        "Content-Type is free",
    ),
    (sign(PLAIN, tags={"l": "20"}) + b"more\r\n", ("", False), "l="),
    (b"Subject: 2\r\n" + GOOD, ("subject", True), "a second Subject on top"),
    (b"Content-Type : text/html\r\n" + GOOD, ("content-type", True), "space before the colon"),
    (b"Reply-To: a@b.example\r\n" + GOOD, ("reply-to", True), "an added Reply-To is told"),
    (sign(PLAIN.replace(b"To: dev@example.net\r\n", b"")), ("", True), "To signed, not there"),
]


@pytest.mark.parametrize(("raw", "expected", "why"), COVER, ids=[row[-1] for row in COVER])
def test_what_a_pass_covers(raw: bytes, expected: tuple[str, bool], why: str) -> None:
    [found] = verify(raw)
    assert found.result.value == "pass"
    assert (found.uncovered, found.whole_body) == (frozenset(expected[0].split()), expected[1]), why


def test_fields_that_only_the_reader_sees_count_too() -> None:
    wire = Wire.of(GOOD)
    [found] = verify_signatures(wire, [*wire.names(), "subject"], dns(record()), NOW)
    assert found.uncovered == {"subject"}


def test_several_signatures_are_judged_each_for_itself() -> None:
    both = sign(sign(PLAIN, "mailer.example"), h=(*SIGNED, "DKIM-Signature"))
    answers = dns(record()).joined(
        Answers({("k._domainkey.mailer.example", "TXT"): Answer(Status.NXDOMAIN)})
    )
    assert [(r.domain, r.result.value) for r in verify(both, answers)] == [
        ("pypi.org", "pass"),
        ("mailer.example", "permerror"),
    ]


def test_no_more_signatures_than_the_limit_are_verified() -> None:
    raw = PLAIN
    for _ in range(MAX_SIGNATURES + 2):
        raw = sign(raw)
    results = [r.result.value for r in verify(raw)]
    assert results == ["pass"] * MAX_SIGNATURES + ["policy"] * 2


def test_bare_line_feeds_are_read_as_line_ends() -> None:
    assert verify(GOOD.replace(b"\r\n", b"\n"))[0].result.value == "pass"


def test_an_unsigned_mail_has_no_results() -> None:
    assert verify(PLAIN) == []


@given(st.binary(max_size=400))
def test_no_signature_field_raises(junk: bytes) -> None:
    verify(b"DKIM-Signature: v=1; a=rsa-sha256; d=pypi.org; s=k; h=from; " + junk + PLAIN)
    verify(junk + GOOD)
