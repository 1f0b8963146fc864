"""Authentication-Results: what is believed, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.authentication.model import Authentication, Result
from phish_milter.authentication.results_header import (
    disbelieved,
    forged_indexes,
    parse_results,
    trusted_upstream,
)
from phish_milter.message.model import HeaderField

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
SIGNERS = ("pypi.org", "a.org", "mail.a.org", "evil.example")
TRUSTED = [
    # (fields from the top, (domain, result) of the believed DKIM results or None, reason)
    ([ar(PASS)], [("pypi.org", "pass")], "trusted id"),
    ([ar("MX.Example.NET; dkim=pass header.d=pypi.org")], [("pypi.org", "pass")], "any case"),
    ([ar("mx2.example.net; dkim=pass header.d=pypi.org")], None, "another id"),
    ([ar("a.mx.example.net; dkim=pass header.d=pypi.org")], None, "a subdomain is another id"),
    ([ar('"mx.example.net"; dkim=pass header.d=a.org')], None, "quoted id"),
    ([field("received"), ar(PASS)], None, "below the first Received"),
    (
        [ar("other; spf=pass"), field("x-spam"), ar(PASS), field("received")],
        [("pypi.org", "pass")],
        "other filters may write between",
    ),
    ([ar("mx.example.net; none")], [], "the verifier found nothing"),
    (
        [ar("mx.example.net; dkim=fail header.d=a.org"), ar(PASS)],
        [("a.org", "fail")],
        "only the topmost of several",
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
    signed = [field("dkim-signature", f"d={d}; s=k") for d in SIGNERS]
    found = trusted_upstream([*fields, *signed], MX)
    said = None if found is None else [(d.domain, d.result.value) for d in found.dkim]
    assert said == expected, why


K = "v=1; d=pypi.org; s=k; h=From:To:Subject; b=Ab c\r\n d/="
BOUND = [
    # (results, DKIM-Signature fields, whether the pass counts, reason)
    ("header.d=pypi.org", [K], True, "d= alone"),
    ("header.d=pypi.org", [], False, "no signature"),
    ("header.d=pypi.org", ["v=1; d=a.org; s=k; b=Abcd"], False, "a signature of somebody else"),
    ("header.d=pypi.org header.s=K", [K], True, "selector, in any case"),
    ("header.d=pypi.org header.s=j", [K], False, "another selector"),
    ("header.d=pypi.org header.s=k header.s=j", [K], False, "two selectors"),
    ('header.d=pypi.org header.b="Abcd/"', [K], True, "start of b=, folds taken out"),
    ('header.d=pypi.org header.b="aBcd/"', [K], False, "case of b= counts"),
    ('header.d=pypi.org header.b=""', [K], False, "an empty b= names nothing"),
    ("header.d=pypi.org", ["v=1; d=pypi.org; d=a.org; s=k; b=A"], False, "unreadable signature"),
    ("", [K], False, "a pass of nobody"),
]


@pytest.mark.parametrize(("said", "signatures", "counts", "why"), BOUND)
def test_a_pass_needs_its_signature(
    said: str, signatures: list[str], counts: bool, why: str
) -> None:
    fields = [ar(f"mx.example.net; dkim=pass {said}")]
    found = trusted_upstream([*fields, *(field("dkim-signature", s) for s in signatures)], MX)
    assert found is not None, why
    assert [r.result for r in found.dkim] == [Result.PASS] * counts, why


def test_a_pass_carries_what_its_signatures_cover() -> None:
    signatures = ["d=pypi.org; s=k; h=From:Subject", "d=pypi.org; s=j; h=From; l=9"]
    fields = [ar(PASS), field("subject"), *(field("dkim-signature", s) for s in signatures)]
    found = trusted_upstream(fields, MX)
    assert found is not None
    assert [(r.uncovered, r.whole_body) for r in found.dkim] == [({"subject"}, False)]


D = "dkim=pass header.d=pypi.org"
FORMS = [
    # (field value, whether it is believed, reason)
    (f"mx.example.net; {D}", True, "plain"),
    (f"mx.example.net 1; {D}", True, "version 1"),
    (f"mx.example.net/4XyZ12; {D}", True, "OpenDKIM with the queue id"),
    (f"\n\tmx.example.net;\n\t{D}", True, "folded as libmilter hands it over"),
    (f"mx.example.net;\r\n\t{D} header.i=@pypi.org", True, "folded as on the wire"),
    ("mx.example.net; none", True, "no result"),
    (
        (
            "mx.example.net;\n\tdkim=pass (2048-bit key; unprotected) header.d=pypi.org "
            'header.i=@pypi.org header.a=rsa-sha256 header.s=k header.b="Abcd/";\n\t'
            "dkim-atps=neutral"
        ),
        True,
        "as OpenDKIM writes",
    ),
    (f"mx.example.net; spf=pass smtp.mailfrom=SRS0=a=b=c.org=x@f.org; {D}", True, "address"),
    (f'mx.example.net; spf=fail reason="a; b" smtp.mailfrom="a b"@c.org; {D}', True, "quoted"),
    (f"mx.example.net.; {D}", False, "final dot"),
    (f"mx.example.net./4XyZ; {D}", False, "final dot before the queue id"),
    (f"mx.example.net/; {D}", False, "empty queue id"),
    (f"mx.example.net/4/5; {D}", False, "two queue ids"),
    (f"mx.example.net /4X; {D}", False, "a space before the queue id"),
    (f"mx.example.net/4X 1; {D}", False, "queue id and version"),
    (f"(c) mx.example.net; {D}", False, "comment before the id"),
    (f"mx.example.net (c); {D}", False, "comment behind the id"),
    (f'"mx.example.net"; {D}', False, "quoted id"),
    (f'mx.example.net"x"; {D}', False, "half quoted id"),
    (f"mx.example.net junk; {D}", False, "junk behind the id"),
    (f"mx.example.net 2; {D}", False, "another version"),
    (f"mx.example.net {D}", False, "no semicolon"),
    ("mx.example.net", False, "nothing but the id"),
    (f"=mx.example.net; {D}", False, "names nobody"),
    (f"mx.example.net; {D};", False, "final semicolon"),
    (f"mx.example.net;; {D}", False, "an empty result"),
    (f"mx.example.net; none; {D}", False, "none and a result"),
    (f"mx.example.net; junk; {D}", False, "a word without a result"),
    (f"mx.example.net; {D} junk", False, "a word without a value"),
    (f"mx.example.net; {D} (open", False, "unclosed comment"),
    (f"mx.example.net; {D} )", False, "stray parenthesis"),
    (f'mx.example.net; {D} reason="open', False, "unclosed string"),
    ("mx.example.net; dkim=pass header.d==pypi.org", False, "two equals signs"),
    ("mx.example.net; dkim= header.d=pypi.org", False, "no result word"),
    ('mx.example.net; dkim="pass" header.d=pypi.org', False, "quoted result word"),
    ("mx.example.net; dkim/2=pass header.d=pypi.org", False, "another version of the method"),
    ("mx.example.net; dkim=pass d=pypi.org", False, "no property"),
    (f"mx.example.net; {D} header.x=\u00e9", False, "no ASCII"),
    (f"mx.example.net; {D}\0", False, "NUL"),
    (f"mx.example.net;\r{D}", False, "bare CR"),
    (f"mx.example.net; {D}\n \n x.y=z", False, "an empty folded line"),
    ("mx.example.net" + f"; {D}" * 16, True, "as many results as OpenDKIM reads"),
    ("mx.example.net" + f"; {D}" * 17, False, "more results than OpenDKIM reads"),
    (f"mx.example.net; {D} (" + "x" * 33_000 + ")", False, "too long"),
]


@pytest.mark.parametrize(("value", "believed", "why"), FORMS, ids=[row[-1] for row in FORMS])
def test_only_strictly_formed_fields_are_believed(value: str, believed: bool, why: str) -> None:
    fields = [ar(value), ar(PASS), field("dkim-signature", K)]
    assert (trusted_upstream(fields, MX) is not None) == believed, why
    assert bool(disbelieved(fields[:1], MX)) == (not believed), why


DISBELIEVED = [
    # (fields, why something is not believed, the reason of the row)
    ([ar(PASS)], "", "one field"),
    ([ar(PASS), ar(PASS)], "further", "a second field of the id"),
    ([ar("mx.example.net.; none")], "spelling", "a final dot"),
    ([ar("mx . example . net; none")], "spelling", "torn by spaces"),
    ([ar("mx.(c)example.net; none")], "spelling", "torn by a comment"),
    ([ar("dkim=pass; mx.example.net; none")], "spelling", "it names nobody, and mentions the id"),
    ([ar("dkim=pass; not-mx.example.net; none")], "", "it mentions a longer name"),
    ([ar("mx.example.net; junk")], "form", "junk"),
    ([ar("mx.example.net" + f"; {D}" * 17)], "form", "too many results"),
    ([ar("mx.example.net; \u00e9")], "form", "no ASCII"),
    (
        [ar("mx.example.net; none"), ar("MX.example.net.; none"), ar("mx.example.net; junk")],
        "form further spelling",
        "everything at once",
    ),
    ([ar("other.example; none"), ar(PASS)], "", "a field of somebody else"),
    ([ar("other.example; x=mx.example.net"), ar(PASS)], "", "it only mentions the id"),
    ([ar(PASS), field("received"), ar(PASS)], "", "what was there before is ignored"),
    ([], "", "no field"),
]


@pytest.mark.parametrize(("fields", "expected", "why"), DISBELIEVED)
def test_disbelieved(fields: list[HeaderField], expected: str, why: str) -> None:
    assert " ".join(disbelieved(fields, MX)) == expected, why
    assert not disbelieved(fields, frozenset()), why


@given(st.lists(st.sampled_from([*'();="\\. /1@\n', "dkim", "pass", "reason", "header.d", "a"])))
def test_strictness_never_raises(pieces: list[str]) -> None:
    fields = [ar("mx.example.net;" + "".join(pieces))]
    assert (trusted_upstream(fields, MX) is None) == bool(disbelieved(fields, MX))


def test_encoded_words_are_not_decoded_into_results() -> None:
    raw = (
        b" mx.example.net; spf=fail smtp.mailfrom==?utf-8?q?=3B_dkim=3Dpass_header=2Ed=3Da=2Eorg?="
    )
    shown = "mx.example.net; spf=fail smtp.mailfrom=; dkim=pass header.d=a.org"
    assert trusted_upstream([HeaderField("authentication-results", raw, shown)], MX) is None
    assert [r.method for r in parse_results(raw).results] == ["spf"]


def test_nobody_is_trusted_by_default() -> None:
    assert trusted_upstream([ar(PASS), ar("; dkim=pass header.d=pypi.org")], frozenset()) is None


def test_one_word_each_for_spf_dmarc_and_arc() -> None:
    found = trusted_upstream(
        [
            ar(
                "mx.example.net; spf=none smtp.helo=h.example; spf=pass smtp.mailfrom=a.org; "
                "dmarc=fail header.from=a.org; arc=pass; spf=fail smtp.mailfrom=b"
            ),
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
    ([ar("mx.example.net.; none")], "mx.example.net", (), (1,), "a final dot"),
    ([ar('"mx.example.net"; none')], "mx.example.net", (), (1,), "a quoted string"),
    ([ar("(c) mx.example.net/4X; none")], "mx.example.net", (), (1,), "comment and queue id"),
    ([ar("mx . example . net; none")], "mx.example.net", (), (1,), "torn by spaces"),
    ([ar("=mx.example.net; none")], "mx.example.net", (), (1,), "junk that names nobody"),
    ([ar("dkim=pass; MX.example.net; none")], "mx.example.net", (), (1,), "our id further behind"),
    ([ar("dkim=pass; a.mx.example.net; x")], "mx.example.net", (), (), "junk with a longer name"),
    ([ar("a; x=mx.example.net")], "mx.example.net", (), (), "a field of a that mentions us"),
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


@given(st.binary(max_size=300))
def test_parsing_never_raises(raw: bytes) -> None:
    parse_results(raw)


@given(st.lists(st.sampled_from([*'();="\\. /1', "dkim", "pass", "mx", "header.d", "a.org"])))
def test_parsing_of_almost_right_fields_never_raises(pieces: list[str]) -> None:
    parse_results("".join(pieces).encode())
