import pytest

from phish_milter.daemon.transaction import MAX_HEADER_BYTES, MAX_RECIPIENTS, Transaction
from phish_milter.message.limits import Limits
from phish_milter.message.parse import parse

LIMIT = 64 * 1024


def transaction(sender: bytes = b"<a@example.org>", limit: int = LIMIT) -> Transaction:
    return Transaction("192.0.2.1", "mail.example.org", sender, limit)


@pytest.mark.parametrize(
    ("written", "address"),
    [
        (b"<a@example.org>", "a@example.org"),
        (b"<>", ""),  # the null sender
        (b"a@example.org", "a@example.org"),  # without brackets
        ("<jürgen@exämple.org>".encode(), "jürgen@exämple.org"),  # SMTPUTF8
        (b"<\xff@example.org>", "\\xff@example.org"),  # no UTF-8: visible, never lost
    ],
)
def test_addresses(written: bytes, address: str) -> None:
    one = transaction(written)
    one.add_recipient(written)

    assert one.envelope.mail_from == address
    assert one.envelope.rcpt_to == (address,)


@pytest.mark.parametrize(
    ("fields", "header"),
    [
        ([], b"\r\n"),  # no header at all
        ([("Subject", b" x")], b"Subject: x\r\n\r\n"),
        ([("A", b"x"), ("B", b"")], b"A:x\r\nB:\r\n\r\n"),  # spaces are the sender's
        ([("A", b" x\n\ty\r\n z")], b"A: x\r\n\ty\r\n z\r\n\r\n"),  # folds of both kinds
        ([("A", b" \xff")], b"A: \xff\r\n\r\n"),  # raw bytes stay
    ],
)
def test_the_message_is_put_together_byte_by_byte(
    fields: list[tuple[str, bytes]], header: bytes
) -> None:
    one = transaction()
    for name, value in fields:
        one.add_field(name, value)
    one.add_body(b"one\r\n")
    one.add_body(b"two\r\n")

    assert one.raw() == header + b"one\r\ntwo\r\n"


def test_a_message_without_body() -> None:
    one = transaction()
    one.add_field("Subject", b" x")

    assert one.raw() == b"Subject: x\r\n\r\n"


@pytest.mark.parametrize("size", [LIMIT, 10 * LIMIT, 30 * LIMIT])
def test_the_scanner_sees_of_a_big_message_what_it_sees_of_the_file(size: int) -> None:
    one, body = transaction(), bytes(range(32, 127)) * (size // 95) + b"the end"
    one.add_field("Subject", b" x")
    for at in range(0, len(body), 65535):
        one.add_body(body[at : at + 65535])
    limits = Limits(max_bytes=LIMIT)

    assert parse(one.raw(), limits) == parse(b"Subject: x\r\n\r\n" + body, limits)
    assert len(one.raw()) < LIMIT + 300_000


def test_memory_is_bounded() -> None:
    one = transaction()
    for _ in range(MAX_RECIPIENTS + 5):
        one.add_recipient(b"<b@example.net>")
    for _ in range(20):
        one.add_field("X", b"x" * 100_000)

    assert len(one.envelope.rcpt_to) == MAX_RECIPIENTS
    assert len(one.raw()) <= MAX_HEADER_BYTES
    assert one.shortened
