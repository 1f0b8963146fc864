"""Delivered mail: envelope and client from what our own MTA wrote."""

import pytest

from phish_milter.evaluation.containers import HeldMail
from phish_milter.evaluation.delivered import Hosts, received
from phish_milter.message.model import Envelope

HOSTS = Hosts.of(("mx.example.net",), "mail")
REST = b"Authentication-Results: mx.example.net; dkim=none\nFROM: Ann <a@b.example>\n\nbody\n"
SENDER = "s@b.example"


def field(by: str, sent: str = "from h.example (unknown [198.51.100.7])", end: str = "") -> bytes:
    return f"Received: {sent}\n\tby {by} with ESMTP id 4QX{end}; Sat, 31 Oct 2026\n".encode()


CLIENT = Envelope("198.51.100.7", "h.example", SENDER)


@pytest.mark.parametrize(
    ("top", "envelope"),
    [
        (field("mx.example.net"), CLIENT),
        (field("MX.example.NET (Postfix)"), CLIENT),
        (field("mail (Postfix)"), CLIENT),
        (field("mail.example.net (Postfix)"), CLIENT),
        (
            field("mx.example.net", "from x (dyn.example [IPv6:2001:db8::7])"),
            Envelope("2001:db8::7", "x", SENDER),
        ),
        (
            field("mx.example.net", end="\n\tfor <r@example.net>"),
            Envelope("198.51.100.7", "h.example", SENDER, ("r@example.net",)),
        ),
        (
            b"Delivered-To: r@example.net\n" + field("mx.example.net"),
            Envelope("198.51.100.7", "h.example", SENDER, ("r@example.net",)),
        ),
        # LMTP and a filter of our own: what came from outside lies below.
        (field("mx.example.net", "from mx.example.net") + field("mail (Postfix)"), CLIENT),
        (
            field("mail (Postfix)", "from localhost (localhost [127.0.0.1])")
            + field("mail (Postfix)"),
            CLIENT,
        ),
        # What a sender wrote below our own field is not ours.
        (field("mx.example.net") + field("mx.example.net", "from z (z [192.0.2.1])"), CLIENT),
    ],
)
def test_the_envelope_of_delivered_mail(top: bytes, envelope: Envelope) -> None:
    mail = received(HeldMail(b"Return-Path: <s@b.example>\n" + top + REST), HOSTS)

    assert mail.envelope == envelope
    assert mail.raw.endswith(REST)
    assert b"Return-Path" not in mail.raw


@pytest.mark.parametrize(
    "raw",
    [
        REST,
        field("other.example (Postfix)") + REST,
        field("mail") + REST,  # this host by its short name, but not our software
        b"Received: by mx.example.net (Postfix, from userid 1000)\n\tid 4QX; Sat\n" + REST,
        field("mx.example.net", "from h.example (unknown [999.1.1.1])") + REST,
        b"",
    ],
)
def test_other_mail_is_left_as_it_is(raw: bytes) -> None:
    assert received(HeldMail(raw), HOSTS) == HeldMail(raw)


def test_whoever_says_delivered_is_believed() -> None:
    mail = HeldMail(field("other.example") + REST)

    found = received(mail, Hosts.of((), "", anybody=True)).envelope

    assert found
    assert found.client_ip == "198.51.100.7"
