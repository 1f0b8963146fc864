"""Whole messages: what a check is given for the mails that come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.message.buffer import BodyBuffer
from phish_milter.message.limits import TAIL_BYTES, Limits
from phish_milter.message.model import Document, Message
from phish_milter.message.parse import parse

MAIL = """\
From: "Ann Bee" <ann@a.example>
Reply-To: other@b.example
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Content-Type: multipart/alternative; boundary=b

--b
Content-Type: text/plain; charset=utf-8

hello https://a.example/
--b
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: quoted-printable

<p>hello <a href=3D"https://a.example/">there</a></p>
--b--
"""


def read(text: str, **limits: int) -> Message:
    return parse(text.encode("utf-8", "surrogateescape"), Limits(**limits))


def only(message: Message) -> Document:
    (document,) = message.documents
    return document


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_an_ordinary_mail(end: str) -> None:
    message = read(MAIL.replace("\n", end))

    assert [(m.display_name, m.address) for m in message.authors] == [("Ann Bee", "ann@a.example")]
    assert [m.address for m in message.reply_to] == ["other@b.example"]
    assert message.subject == "Grüße"
    assert message.from_fields == 1
    assert [part.content_type for part in message.parts] == ["text/plain", "text/html"]
    assert [d.visible for d in message.documents] == ["hello https://a.example/", "hello there"]
    assert message.documents[1].anchors[0].url == "https://a.example/"
    assert message.defects == ()


@pytest.mark.parametrize(
    ("head", "defect"),
    [
        ("From: a@b.example\nFrom: c@d.example\n", "duplicate-from"),
        ("Subject: x\n", "missing-from"),
        ("From: a@b.example\nSubject: x\nSubject: y\n", "duplicate-subject"),
        ("From: a@b.example <c@d.example> <e@f.example>\n", "malformed-from"),
        ("From: a@b.example\nSubject: \0\n", "nul"),
        ("", "no-header"),
    ],
)
def test_header_defects(head: str, defect: str) -> None:
    assert defect in read(f"{head}\nhi").defects


def test_every_from_field_gives_authors() -> None:
    message = read("From: a@b.example\nFrom: C <c@d.example>\n\nhi")

    assert [m.address for m in message.authors] == ["a@b.example", "c@d.example"]
    assert message.from_fields == 2


@pytest.mark.parametrize(
    ("head", "body", "media", "visible", "attached"),
    [
        ("Content-Type: text/plain", "<html>x", "text/plain", "<html>x", False),
        ("X: y", "<html><p>x", "text/html", "x", False),  # no type at all
        ("Content-Type: application/octet-stream", "<!DOCTYPE html>x", "text/html", "x", True),
        ("Content-Type: nonsense", "<html><p>x", "text/html", "x", False),
        ("Content-Type: application/pdf; name=a.html", "<p>x", "text/html", "x", True),
        ("Content-Type: application/xhtml+xml", "<p>x</p>", "text/html", "x", True),
        ("Content-Type: image/svg+xml", "<svg><text>x</text></svg>", "text/html", "x", True),
        ("Content-Type: text/html\nContent-Disposition: attachment", "x", "text/html", "x", True),
        ("Content-Type: text/x-patch; name=a.patch", "x", "text/plain", "x", True),
        ("Content-Type: text/plain; format=flowed", "a \nb", "text/plain", "a b", False),
        (
            "Content-Type: text/calendar",
            "DESC:a\n b\\nc\\, d",
            "text/plain",
            "DESC:ab\nc, d",
            False,
        ),
        ("Content-Type: text/plain; charset=utf-7", "a+AD4-", "text/plain", "a+AD4-", False),
    ],
)
def test_documents(head: str, body: str, media: str, visible: str, attached: bool) -> None:
    document = only(read(f"From: a@b.example\n{head}\n\n{body}"))

    assert (document.media_type, document.visible) == (media, visible)
    assert document.attached is attached or "name=" not in head


def test_other_types_are_parts_only() -> None:
    message = read("From: a@b.example\nContent-Type: image/png; name=a.png\n\n<html>")

    assert message.documents == ()
    assert message.parts[0].filename == "a.png"


def test_nested_messages_are_marked() -> None:
    message = read(
        "From: a@b.example\nContent-Type: message/rfc822\n\nFrom: c@d.example\nSubject: x\n\nhi"
    )

    assert only(message).nested
    assert [m.address for m in message.authors] == ["a@b.example"]  # not the inner one


@pytest.mark.parametrize(
    ("subject", "own"), [("Re: x", "> all\n> of it"), ("Fwd: x", ""), ("WG: x", "")]
)
def test_whole_mail_quoting_is_not_quoting(subject: str, own: str) -> None:
    document = only(read(f"From: a@b.example\nSubject: {subject}\n\n> all\n> of it"))

    assert document.own == own


@pytest.mark.parametrize(
    ("head", "mark", "own"),
    [
        ("Subject: news", "", "mine\nindented"),  # layout of newsletters, and of phishing
        ("Subject: news", " type=cite", "mine"),
        ("Subject: Re: x", "", "mine"),
        ("In-Reply-To: <x@b.example>", "", "mine"),
        ("List-Id: <x.b.example>", "", "mine"),
    ],
)
def test_blockquotes_quote_in_conversations(head: str, mark: str, own: str) -> None:
    html = f"<p>mine</p><blockquote{mark}>indented</blockquote>"

    assert only(read(f"{head}\nContent-Type: text/html\n\n{html}")).own == own


def test_meta_charset_counts_when_the_header_has_none() -> None:
    body = '<meta charset="koi8-r"><p>Ж'.encode("koi8-r")

    assert (
        parse(b"From: a@b.example\nContent-Type: text/html\n\n" + body).documents[0].visible == "Ж"
    )


def test_oversized_mail_is_read_at_both_ends() -> None:
    raw = b"From: a@b.example\n\nfirst " + b"x" * (2 * TAIL_BYTES) + b" last"
    message = parse(raw, Limits(max_bytes=1000))

    assert "truncated" in message.defects
    assert message.scanned_bytes == 1000 + TAIL_BYTES
    assert message.documents[0].visible.startswith("first")
    assert message.documents[0].visible.endswith("last")


def test_buffering_changes_nothing() -> None:
    raw = b"From: a@b.example\n\nfirst " + b"x\n" * TAIL_BYTES + b" last"
    buffer = BodyBuffer(max_bytes=1000)
    for start in range(0, len(raw), 65535):
        buffer.add(raw[start : start + 65535])
    limits = Limits(max_bytes=1000)

    assert parse(buffer.take(), limits, truncated=buffer.truncated) == parse(raw, limits)


@given(st.binary(max_size=2000))
def test_any_bytes(raw: bytes) -> None:
    message = parse(raw)

    assert message.scanned_bytes == len(raw)
    assert list(message.defects) == sorted(set(message.defects))


_TOKENS = st.sampled_from(
    [
        "From: ",
        "Subject: ",
        "Content-Type: ",
        "text/html",
        "multipart/mixed",
        "; boundary=b",
        "message/rfc822",
        "\n",
        "\r\n",
        "\r",
        "--b",
        "--b--",
        "<a href=x>",
        "=?utf-8?q?",
        "?=",
        "\0",
        "Content-Transfer-Encoding: base64",
        "quoted-printable",
        "=",
        "<a@b.example>",
        '"',
        "(",
        "> ",
        "; charset=utf-16",
        "; charset=hz",
        "\udcff",
        "é",
        "On x Ann wrote:",
        "<style>p{",
        "On",
    ]
)


@given(st.lists(_TOKENS, max_size=60))
def test_any_mixture(tokens: list[str]) -> None:
    text = "".join(tokens)

    assert read(text) == read(text)


def test_hidden_text_that_could_be_a_letter_is_a_second_reading() -> None:
    html = "<p>Hello <a href=a>A</a></p><video>Your account <a href=b>B</a></video>"
    found = parse(f"Content-Type: text/html\n\n{html}".encode())

    assert [d.visible for d in found.documents] == ["Hello A", "Your account B"]
    assert [a.url for d in found.documents for a in d.anchors] == ["a", "b"]
    assert {d.part for d in found.documents} == {"1"}
