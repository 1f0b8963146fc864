"""Author, subject and id of a message from its header alone."""

import pytest

from phish_milter.message.headline import Headline, headline
from phish_milter.message.model import HeaderField


def fields(*lines: tuple[str, bytes]) -> tuple[HeaderField, ...]:
    return tuple(HeaderField(name, raw, "") for name, raw in lines)


def test_what_a_message_is_known_by() -> None:
    found = headline(
        fields(
            ("from", b" =?utf-8?q?J=C3=B6?= <joe@EXAMPLE.org>"),
            ("subject", b" =?utf-8?b?R3LDvMOfZQ==?=\r\n again"),
            ("subject", b" second"),
            ("message-id", b" <1@example.org>"),
        )
    )

    assert [(a.display_name, a.address) for a in found.authors] == [("J\xf6", "joe@example.org")]
    assert found.subject == "Gr\xfc\xdfe again"
    assert found.message_id == "1@example.org"


@pytest.mark.parametrize(
    ("written", "domain"),
    [
        ((b"a@one.example",), "one.example"),
        ((b"a@one.example, B <b@one.example>",), "one.example"),
        ((b"a@one.example", b"b@two.example"), ""),  # RFC 7489: nothing to look at
        ((b"undisclosed:;",), ""),
        ((), ""),
    ],
)
def test_the_domain_that_dmarc_looks_at(written: tuple[bytes, ...], domain: str) -> None:
    assert headline(fields(*(("from", raw) for raw in written))).author_domain == domain


def test_broken_fields_raise_nothing() -> None:
    broken = fields(("from", b"\xff\x00<@"), ("subject", b"=?utf-8?b?\xff?="), ("message-id", b"<"))

    assert headline(broken).message_id == ""
    assert headline(()) == Headline()
