"""Fields of headers as they come: line ends, folds, encoded words, too many of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.message.header import decode_field, decode_words, split
from phish_milter.message.limits import DEFAULT, Limits


def fields(data: bytes) -> list[tuple[bytes, bytes]]:
    return split(data, 0, len(data), DEFAULT).fields


@pytest.mark.parametrize(
    ("data", "expected", "body"),
    [
        (b"A: b\r\nC: d\r\n\r\nbody", [(b"a", b" b"), (b"c", b" d")], b"body"),
        (b"A: b\nC: d\n\nbody", [(b"a", b" b"), (b"c", b" d")], b"body"),  # LF only
        (b"A: b\r\n\tc\r\n\r\nbody", [(b"a", b" b\r\n\tc")], b"body"),  # the fold is kept
        (b"A : b\n\nbody", [(b"a", b" b")], b"body"),  # space before the colon
        (b"From x Mon\nA: b\n\nbody", [(b"a", b" b")], b"body"),  # mbox
        (b">From x Mon\nA: b\n\nbody", [(b"a", b" b")], b"body"),
        (b"\nbody", [], b"body"),  # no header
        (b"just text\n\nmore", [], b"just text\n\nmore"),
        (b"A: b", [(b"a", b" b")], b""),  # no body
        (b"A: b\nno field\nB: c\n\nx", [(b"a", b" b")], b"no field\nB: c\n\nx"),  # as Postfix
        (b"A: b\rB: c\n\nx", [(b"a", b" b"), (b"b", b" c")], b"x"),  # bare CR before a field
        (b"A: b\rc\n\nx", [(b"a", b" b c")], b"x"),  # bare CR in a value
        (b"", [], b""),
    ],
)
def test_split(data: bytes, expected: list[tuple[bytes, bytes]], body: bytes) -> None:
    header = split(data, 0, len(data), DEFAULT)

    assert header.fields == expected
    assert data[header.body :] == body


def test_vital_fields_survive_a_wall_of_others() -> None:
    data = b"X-A: b\n" * 50 + b"From: a@b.example\n\n"

    header = split(data, 0, len(data), Limits(max_fields=10))

    assert header.values(b"from") == [b" a@b.example"]
    assert len(header.fields) == 11
    assert "too-many-fields" in header.defects


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("=?utf-8?q?Gr=C3=BC=C3=9Fe?=", "Grüße"),
        ("=?UTF-8?B?R3LDvMOfZQ==?=", "Grüße"),
        ("=?utf-8?b?R3LDvMOfZQ?=", "Grüße"),  # padding missing
        ("=?utf-8?q?a?= =?utf-8?q?b?=", "ab"),  # space between words goes
        ("=?utf-8?q?a?=\t =?iso-8859-1?q?=FC?=", "aü"),
        ("=?utf-8?q?=C3?= =?utf-8?q?=BC?=", "ü"),  # a character split between words
        ("x =?utf-8?q?a?= y", "x a y"),
        ("=?utf-8?q?a_b?=", "a b"),
        ('"=?utf-8?q?a?="', '"a"'),  # inside quotes, where many clients decode
        ("x=?utf-8?q?a?=y", "xay"),  # glued to text
        ("=?utf-8*en?q?a?=", "a"),  # RFC 2231 language
        ("=?utf-8?q?a b?=", "a b"),  # space inside, forbidden and common
        ("=?no-such?q?=C3=BC?=", "ü"),  # unknown charset
        ("=?utf-8?x?a?=", "=?utf-8?x?a?="),  # unknown encoding
        ("=?utf-8?q?a", "=?utf-8?q?a"),  # never ends
        ("=?", "=?"),
        ("=?utf-8?q?=41?=", "A"),  # "?=" at the seam is not the end
    ],
)
def test_decode_words(written: str, read: str) -> None:
    assert decode_words(written, set()) == read


@pytest.mark.parametrize(
    ("raw", "value", "defect"),
    [
        (b" a\r\n b", "a b", ""),
        (b" Gr\xc3\xbc\xc3\x9fe", "Grüße", ""),  # raw UTF-8 (RFC 6532)
        (b" Gr\xfc\xdfe", "Grüße", ""),  # raw Latin-1
        (b" a\0b", "ab", "nul"),
        (b" =?utf-8?q?a", "=?utf-8?q?a", "broken-encoded-word"),
    ],
)
def test_decode_field(raw: bytes, value: str, defect: str) -> None:
    field, found = decode_field(b"subject", raw, DEFAULT)

    assert (field.name, field.raw, field.value) == ("subject", raw, value)
    assert found == ({defect} if defect else set())


def test_long_field_keeps_both_ends() -> None:
    field, found = decode_field(b"from", b"A" + b"x" * 5000 + b"Z", Limits(max_field_bytes=100))

    assert field.value[0] == "A"
    assert field.value[-1] == "Z"
    assert len(field.value) <= 101
    assert found == {"long-field"}


@given(st.binary(max_size=300))
def test_split_loses_no_body(data: bytes) -> None:
    header = split(data, 0, len(data), DEFAULT)

    assert 0 <= header.body <= len(data)
    assert all(name == name.lower() and b":" not in name for name, _ in header.fields)
