"""Several mails in one file: which bytes, which envelope."""

import gzip

import pytest

from phish_milter.evaluation.containers import HeldMail, taken_apart
from phish_milter.message.model import Envelope

MAIL = b"From: Ann <a@b.example>\nSubject: x\n\nbody\n"
MARK = b"From a@b.example Sat Oct 31 09:00:00 2026\n"
QUEUED = (
    b"*** ENVELOPE RECORDS hold/4QX ***\n"
    b"message_size:             420             180               1               0\n"
    b"named_attribute: client_address=IPv6:2001:db8::9\n"
    b"named_attribute: helo_name=mail.example\n"
    b"sender: s@evil.example\n"
    b"original_recipient: r@example.net\nrecipient: r@example.net\nrecipient: t@example.net\n"
    b"*** MESSAGE CONTENTS hold/4QX ***\n%b"
    b"*** HEADER EXTRACTED hold/4QX ***\n*** MESSAGE FILE END hold/4QX ***\n"
)
ENVELOPE = Envelope(
    "2001:db8::9", "mail.example", "s@evil.example", ("r@example.net", "t@example.net")
)


@pytest.mark.parametrize(
    ("raw", "mails"),
    [
        (MAIL, [MAIL]),
        (MARK + MAIL, [MAIL]),
        (MARK + MAIL + b"\n" + MARK + MAIL, [MAIL + b"\n", MAIL]),
        (gzip.compress(MARK + MAIL + b"\n" + MARK + MAIL, mtime=0), [MAIL + b"\n", MAIL]),
        (
            (MARK + MAIL + b"\n" + MARK + MAIL).replace(b"\n", b"\r\n"),
            [(MAIL + b"\n").replace(b"\n", b"\r\n"), MAIL.replace(b"\n", b"\r\n")],
        ),
        # A postmark in the middle of a paragraph is text, and so is an ordinary "From".
        (MARK + MAIL + MARK + b"on\n", [MAIL + MARK + b"on\n"]),
        (MARK + MAIL + b"\nFrom here on\n", [MAIL + b"\nFrom here on\n"]),
        (MARK + MAIL + b">From here\n>>From x\n", [MAIL + b"From here\n>From x\n"]),
        # RFC 5322 section 4.5.1: blanks before the colon; no postmark.
        (b"From : Ann <a@b.example>\n\nbody\n", [b"From : Ann <a@b.example>\n\nbody\n"]),
        (b"", [b""]),
    ],
)
def test_mails_of_a_file(raw: bytes, mails: list[bytes]) -> None:
    assert taken_apart(raw) == [HeldMail(mail) for mail in mails]


def test_postcat_brings_the_envelope() -> None:
    assert taken_apart(QUEUED % MAIL) == [HeldMail(MAIL, ENVELOPE)]


def test_a_mail_cannot_end_its_own_queue_file() -> None:
    mail = MAIL + b"*** MESSAGE FILE END hold/other ***\nhttps://evil.example/\n"

    assert taken_apart(QUEUED % mail) == [HeldMail(mail, ENVELOPE)]


def test_several_queue_files() -> None:
    assert [m.raw for m in taken_apart(QUEUED % MAIL + QUEUED % MAIL)] == [MAIL, MAIL]


def test_an_envelope_alone_is_told() -> None:
    with pytest.raises(ValueError, match="without -e"):
        taken_apart(QUEUED.partition(b"*** MESSAGE")[0])
