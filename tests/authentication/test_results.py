"""Authentication-Results: what is believed, what is not, and what we write."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.authentication.model import Authentication, DkimResult, Result
from phish_milter.authentication.results import (
    forged_indexes,
    parse_results,
    trusted_upstream,
    write_results,
)
from phish_milter.authentication.tags import parse_tags, signed_domains, signed_fields
from phish_milter.message.model import Envelope, HeaderField

MX = frozenset({"mx.example.net"})


def ar(value: str) -> HeaderField:
    return HeaderField("authentication-results", b" " + value.encode(), value)


def field(name: str, value: str = "x") -> HeaderField:
    return HeaderField(name, b" " + value.encode(), value)


PARSED = [
    # (field value, (method, result, header.d) of every result, reason)
    ("mx; dkim=pass header.d=pypi.org", [("dkim", "pass", "pypi.org")], "plain"),
    ("mx 1; dkim=pass header.d=pypi.org", [("dkim", "pass", "pypi.org")], "version one"),
    ("mx 2; dkim=pass header.d=pypi.org", [], "a version we do not know"),
    ("mx; none", [], "no result"),
    ("mx", [], "nothing but the id"),
    ("", [], "empty"),
    ("mx; DKIM=Pass Header.D=PyPI.org", [("dkim", "pass", "pypi.org")], "case is ignored"),
    (
        "mx; dkim (c;c) = (d) pass (2048-bit; key) header.d (e) = (f) pypi.org (g)",
        [("dkim", "pass", "pypi.org")],
        "comments anywhere, semicolons inside",
    ),
    ("mx; dkim/1=pass header.d=a.org", [("dkim", "pass", "a.org")], "method version"),
    ("mx; dkim / 1 = pass header . d = a.org", [("dkim", "pass", "a.org")], "spaces around signs"),
    ("mx; dkim=pass (a (b\\) c) d) header.d=a.org", [("dkim", "pass", "a.org")], "nested comment"),
    ('mx; dkim=pass header.d="a.org"', [("dkim", "pass", "a.org")], "quoted value"),
    (
        'mx; spf=fail smtp.mailfrom="x; dkim=pass header.d=pypi.org"@evil.example',
        [("spf", "fail", "")],
        "a local part cannot add results",
    ),
    (
        'mx; spf=fail reason="\\"; dkim=pass header.d=pypi.org"; dmarc=fail',
        [("spf", "fail", ""), ("dmarc", "fail", "")],
        "an escaped quote does not end the string",
    ),
    ("mx; spf=fail (dkim; dkim=pass header.d=pypi.org", [("spf", "fail", "")], "unclosed comment"),
    (
        'mx; spf=fail reason="; dkim=pass header.d=pypi.org',
        [("spf", "fail", "")],
        "unclosed string",
    ),
    ("mx; dkim=superb header.d=a.org; spf=none", [("spf", "none", "")], "unknown result word"),
    ("mx; ; ;; = ; =; a=; dkim=pass", [("dkim", "pass", "")], "junk between"),
    ("mx; dkim=hardfail header.d=a.org", [("dkim", "fail", "a.org")], "word of RFC 5451 drafts"),
    (
        "mx; dkim=pass header.d=a.org header.d=pypi.org",
        [("dkim", "pass", "")],
        "two different values name nobody",
    ),
    (
        "mx; dkim=pass header.i=@a.org header.b=ab/c+= header.s=k",
        [("dkim", "pass", "")],
        "base64 with padding",
    ),
    ("spf=pass smtp.mailfrom=a.org; dkim=pass header.d=a.org", [], "no authserv-id at all"),
    (
        (
            "mx;\r\n\tdkim=pass (signature was verified)\r\n header.d=a.org;dmarc=pass action=none"
            "\r\n header.from=a.org;compauth=pass reason=100"
        ),
        [("dkim", "pass", "a.org"), ("dmarc", "pass", ""), ("compauth", "pass", "")],
        "the shape Microsoft writes",
    ),
]


@pytest.mark.parametrize(("value", "expected", "why"), PARSED, ids=[row[-1] for row in PARSED])
def test_parse(value: str, expected: list[tuple[str, str, str]], why: str) -> None:
    found = parse_results(value.encode()).results
    assert [(r.method, r.result.value, r.property("header.d")) for r in found] == expected, why


PASS = "mx.example.net; dkim=pass header.d=pypi.org"
TRUSTED = [
    # (fields from the top, (domain, result) of the believed DKIM results or None, reason)
    ([ar(PASS)], [("pypi.org", "pass")], "trusted id"),
    ([ar("MX.Example.NET.; dkim=pass header.d=pypi.org")], [("pypi.org", "pass")], "any case"),
    ([ar("mx2.example.net; dkim=pass header.d=pypi.org")], None, "another id"),
    ([ar("a.mx.example.net; dkim=pass header.d=pypi.org")], None, "a subdomain is another id"),
    ([ar('"mx.example.net"; dkim=pass header.d=a.org')], [("a.org", "pass")], "quoted id"),
    ([field("received"), ar(PASS)], None, "below the first Received"),
    (
        [ar("other; spf=pass"), field("x-spam"), ar(PASS), field("received")],
        [("pypi.org", "pass")],
        "other filters may write between",
    ),
    ([ar("mx.example.net; none")], [], "the verifier found nothing"),
    (
        [ar("mx.example.net; dkim=fail header.d=a.org"), ar(PASS)],
        [("a.org", "fail"), ("pypi.org", "pass")],
        "several trusted fields are combined",
    ),
    ([ar("mx.example.net; dkim=pass header.i=@Mail.A.org")], [("mail.a.org", "pass")], "header.i"),
    ([ar("mx.example.net; dkim=pass header.i=joe@a.org")], [("a.org", "pass")], "user in i="),
    (
        [ar("mx.example.net; dkim=pass header.d=evil.example header.i=@pypi.org")],
        [("evil.example", "pass")],
        "header.d wins over header.i",
    ),
    ([ar("=?utf-8?q?mx=2Eexample=2Enet=3B?= dkim=pass header.d=a.org")], None, "encoded word"),
]


@pytest.mark.parametrize(("fields", "expected", "why"), TRUSTED, ids=[row[-1] for row in TRUSTED])
def test_trusted_upstream(
    fields: list[HeaderField], expected: list[tuple[str, str]] | None, why: str
) -> None:
    found = trusted_upstream(fields, MX)
    said = None if found is None else [(d.domain, d.result.value) for d in found.dkim]
    assert said == expected, why


def test_encoded_words_are_not_decoded_into_results() -> None:
    raw = (
        b" mx.example.net; spf=fail smtp.mailfrom==?utf-8?q?=3B_dkim=3Dpass_header=2Ed=3Da=2Eorg?="
    )
    shown = "mx.example.net; spf=fail smtp.mailfrom=; dkim=pass header.d=a.org"
    found = trusted_upstream([HeaderField("authentication-results", raw, shown)], MX)
    assert found is not None
    assert found.dkim == ()


def test_nobody_is_trusted_by_default() -> None:
    assert trusted_upstream([ar(PASS), ar("; dkim=pass header.d=pypi.org")], frozenset()) is None


def test_one_word_each_for_spf_dmarc_and_arc() -> None:
    found = trusted_upstream(
        [
            ar("mx.example.net; spf=none smtp.helo=h.example; spf=pass smtp.mailfrom=a.org"),
            ar("mx.example.net; dmarc=fail header.from=a.org; arc=pass; spf=fail smtp.mailfrom=b"),
            field("dkim-signature", "v=1; d=A.org; s=x"),
        ],
        MX,
    )
    assert found == Authentication(
        Result.PASS,
        (),
        Result.FAIL,
        Result.PASS,
        "upstream",
        signed_domains=("a.org",),
    )


FORGED = [
    # (fields, own id, trusted ids, indexes, reason)
    ([ar(PASS)], "mx.example.net", (), (1,), "ours, and we did not write it"),
    (
        [ar(PASS)],
        "mx.example.net",
        ("mx.example.net",),
        (),
        "another filter of this host writes it",
    ),
    ([ar(PASS)], "example.net", (), (), "only the exact id"),
    (
        [ar("a; none"), field("subject"), ar("MX.example.net; none")],
        "mx.example.net",
        (),
        (2,),
        "case",
    ),
    ([ar("mx.example.net")], "mx.example.net", (), (1,), "no results, our id all the same"),
    ([ar("mx.example.net 7; dkim=pass")], "mx.example.net", (), (1,), "any version"),
    ([field("received"), ar(PASS)], "mx.example.net", (), (1,), "below Received too"),
    ([ar(PASS)], "", (), (), "no id configured"),
]


@pytest.mark.parametrize(("fields", "own", "trusted", "expected", "why"), FORGED)
def test_forged_indexes(
    fields: list[HeaderField],
    own: str,
    trusted: tuple[str, ...],
    expected: tuple[int, ...],
    why: str,
) -> None:
    assert forged_indexes(fields, own, frozenset(trusted)) == expected, why


def test_what_we_write_is_read_back() -> None:
    said = Authentication(
        Result.SOFTFAIL,
        (
            DkimResult("pypi.org", Result.PASS),
            DkimResult("a.org", Result.FAIL, 'body "hash"\r\nX: y'),
        ),
        Result.PASS,
        Result.NONE,
    )
    sender = Envelope(mail_from="a b@x.org")
    text = write_results("mx.example.net", said, header_from="pypi.org", envelope=sender)
    assert text == (
        'mx.example.net;\n spf=softfail smtp.mailfrom="a b@x.org";\n dkim=pass header.d=pypi.org;\n'
        ' dkim=fail reason="body \\"hash\\"??X: y" header.d=a.org;\n'
        " dmarc=pass header.from=pypi.org;\n arc=none"
    )
    found = trusted_upstream([ar(text)], MX)
    assert found is not None
    assert [d.result for d in found.dkim] == [Result.PASS, Result.FAIL]
    assert (found.spf, found.dmarc, found.arc) == (said.spf, said.dmarc, said.arc)


def test_what_the_domain_asks_for_is_written_as_a_comment() -> None:
    said = Authentication(dmarc=Result.FAIL, dmarc_policy="quarantine pct=100")
    text = write_results("mx.example.net", said, header_from="pypi.org")
    (found,) = parse_results(text.encode()).results

    assert text.endswith("\n dmarc=fail (p=quarantine pct=100) header.from=pypi.org")
    assert (found.result, found.property("header.from")) == (Result.FAIL, "pypi.org")


@pytest.mark.parametrize(
    ("envelope", "written", "why"),
    [
        (Envelope(helo="h.example", mail_from="a@b.example"), "smtp.mailfrom=a@b.example", "sent"),
        (Envelope(helo="h.example"), "smtp.helo=h.example", "a bounce has the null sender"),
        (Envelope(helo="a b;\r\nX: y"), 'smtp.helo="a b;??X: y"', "a hostile name"),
        (Envelope(), "", "nothing known"),
    ],
)
def test_spf_names_what_it_looked_at(envelope: Envelope, written: str, why: str) -> None:
    text = write_results("mx", Authentication(spf=Result.PASS), envelope=envelope)

    assert text == f"mx;\n spf=pass {written}".rstrip(), why


@pytest.mark.parametrize(
    ("said", "written", "why"),
    [
        (Authentication(source="own"), "mx;\n dkim=none", "looked at and unsigned"),
        (Authentication(), "mx;\n none", "nobody looked"),
        (
            Authentication(source="own", signed_domains=("a.org",)),
            "mx;\n none",
            "signed, and no signature looked at",
        ),
        (
            Authentication(source="own", dkim=(DkimResult("", Result.PERMERROR),)),
            "mx;\n dkim=permerror",
            "a signature that names no domain",
        ),
    ],
)
def test_unsigned_mail_is_said_to_be_unsigned(said: Authentication, written: str, why: str) -> None:
    assert write_results("mx", said) == written, why


def test_nothing_checked_is_written_as_none() -> None:
    assert write_results("mx.example.net", Authentication()) == "mx.example.net;\n none"


@given(st.binary(max_size=300))
def test_parsing_never_raises(raw: bytes) -> None:
    parse_results(raw)
    parse_tags(raw)


@given(st.lists(st.sampled_from([*'();="\\. /1', "dkim", "pass", "mx", "header.d", "a.org"])))
def test_parsing_of_almost_right_fields_never_raises(pieces: list[str]) -> None:
    parse_results("".join(pieces).encode())


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_no_text_of_a_message_escapes_its_string(domain: str, reason: str, sender: str) -> None:
    said = Authentication(
        spf=Result.FAIL, dkim=(DkimResult(domain, Result.FAIL, reason),), dmarc=Result.FAIL
    )
    text = write_results("mx", said, header_from=domain, envelope=Envelope(mail_from=sender))
    found = parse_results(text.encode())
    assert [(r.method, r.result) for r in found.results] == [
        ("spf", Result.FAIL),
        ("dkim", Result.FAIL),
        ("dmarc", Result.FAIL),
    ]


TAGS = [
    (b" v=1; d=A.org ;h=From : To", {"v": "1", "d": "A.org", "h": "From : To"}, "plain"),
    (b"v=1; d=a; d=b", {}, "a duplicate tag makes the list invalid"),
    (b"v=1; junk", {}, "no equals sign"),
    (b"v=1;;", {"v": "1"}, "final semicolons"),
    (b"h=from:\r\n\tto", {"h": "from: to"}, "folds are taken out"),
]


@pytest.mark.parametrize(("raw", "expected", "why"), TAGS)
def test_tags(raw: bytes, expected: dict[str, str], why: str) -> None:
    assert dict(parse_tags(raw)) == expected, why


def test_signed_fields_and_domains() -> None:
    assert signed_fields(parse_tags(b"h=From : to:FROM:")) == ("from", "to", "from")
    fields = [field("dkim-signature", "d=A.org."), field("dkim-signature", "v=1"), field("to")]
    assert signed_domains(fields) == ("a.org",)
