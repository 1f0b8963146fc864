"""Our own Authentication-Results: what we write, and that it is read back as it was meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.authentication.model import Authentication, DkimResult, Result
from phish_milter.authentication.results_header import parse_results, trusted_upstream
from phish_milter.authentication.results_writing import write_results
from phish_milter.message.model import Envelope, HeaderField


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
    fields = [
        HeaderField("authentication-results", b" " + text.encode(), text),
        HeaderField("dkim-signature", b"d=pypi.org; s=k", ""),
    ]
    found = trusted_upstream(fields, frozenset({"mx.example.net"}))
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
