"""Transfer encodings and charsets, the broken and lying ones above all."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.message.decode import (
    base64_decode,
    base64_forgiving,
    quoted_printable_decode,
    text_decode,
    transfer_decode,
    uudecode,
)


@pytest.mark.parametrize(
    ("data", "expected", "clean"),
    [
        (b"aGVsbG8=", b"hello", True),
        (b"aGVs\r\nbG8=\r\n", b"hello", True),
        (b"aGVsbG8", b"hello", True),  # padding missing
        (b"aGk=aGVsbG8=", b"hihello", False),  # payload behind early padding
        (b"aGk==\r\naGVsbG8=", b"hihello", False),
        (b"aG!V*sb-G8=", b"hello", False),  # foreign characters
        (b"aGVsb", b"hel", False),  # one character too many
        (b"====", b"", True),
        (b"", b"", True),
    ],
)
def test_base64(data: bytes, expected: bytes, clean: bool) -> None:
    assert base64_decode(data) == (expected, clean)


@given(st.binary(max_size=200))
def test_base64_round_trip(data: bytes) -> None:
    assert base64_decode(base64.encodebytes(data)) == (data, True)


@pytest.mark.parametrize(
    ("data", "expected", "clean"),
    [
        (b"a=3Db", b"a=b", True),
        (b"a=\r\nb", b"ab", True),
        (b"a=  \r\nb", b"ab", False),  # space after the soft break
        (b"a=ZZb", b"a=ZZb", False),
        (b"a=\rlost?\nb=4", b"alost?\nb=4", False),  # nothing is swallowed by a bare CR
        (b"=c3=bc", b"\xc3\xbc", True),  # lower case
        (b"plain", b"plain", True),
    ],
)
def test_quoted_printable(data: bytes, expected: bytes, clean: bool) -> None:
    assert quoted_printable_decode(data) == (expected, clean)


def test_uudecode() -> None:
    assert uudecode(b"begin 644 x\n#86)C\n`\nend\n") == (b"abc", True)
    assert uudecode(b"nothing")[1] is False


@pytest.mark.parametrize(
    ("encoding", "defect"),
    [
        ("", ""),
        ("7bit", ""),
        ("base64", ""),
        ("rot13", "unknown-transfer-encoding"),
        ("x-uuencode", "unknown-transfer-encoding"),  # and no "begin" line
    ],
)
def test_transfer_decode(encoding: str, defect: str) -> None:
    assert transfer_decode(b"aGVs", encoding)[1] == defect


@pytest.mark.parametrize(
    ("data", "charset", "text", "defect"),
    [
        ("ü".encode(), "utf-8", "ü", ""),
        ("ü".encode(), "", "ü", ""),  # undeclared
        (b"\xfc", "", "ü", ""),
        (b"\xfc", "iso-8859-1", "ü", ""),
        (b"\x93a\x94", "iso-8859-1", "“a”", ""),  # means Windows-1252
        (b"\xfc", "us-ascii", "ü", ""),
        (b"a\xfc" * 20, "utf-8", "aü" * 20, "wrong-charset"),
        (b"word " * 30 + b"\xfc", "utf-8", "word " * 30 + "\ufffd", "wrong-charset"),
        ("ü".encode(), "no-such-charset", "ü", "unknown-charset"),
        (b"plain", "bogus\x01", "plain", "unknown-charset"),
        (b"+ADw-a+AD4-", "utf-7", "+ADw-a+AD4-", "unknown-charset"),  # refused
        (b"abc", "rot13", "abc", "unknown-charset"),  # a codec, but not of text
        (b"abc", "base64", "abc", "unknown-charset"),
        ("hü".encode("utf-16"), "utf-16", "hü", ""),
        ("hello".encode("utf-16-le"), "utf-16-le", "hello", ""),
        (b"plain", "utf-16", "plain", "wrong-charset"),  # lying
        ("hello".encode("utf-16-le"), "", "hello", ""),  # undeclared, and seen by its zeros
        ("hello".encode("utf-16-be"), "", "hello", ""),
        (b"\xef\xbb\xbfa\xc3\xbc", "iso-8859-1", "aü", ""),  # a byte order mark wins
        ("日本".encode("iso2022_jp"), "iso-2022-jp", "日本", ""),  # ASCII bytes, not ASCII text
        ("中".encode("gb18030"), "gb2312", "中", ""),
        ("Ж".encode("koi8-r"), "KOI8-R", "Ж", ""),
        (bytes.fromhex("88899389"), "cp037", "hili", ""),  # EBCDIC
    ],
)
def test_text_decode(data: bytes, charset: str, text: str, defect: str) -> None:
    assert text_decode(data, charset) == (text, defect)


@given(st.binary(max_size=100), st.text(max_size=20) | st.sampled_from(["utf-16", "hz", "cp037"]))
def test_text_decode_never_raises(data: bytes, charset: str) -> None:
    text_decode(data, charset)


@pytest.mark.parametrize(
    "text",
    [
        "aHR0cHM6Ly9ldmlsLmV4YW1wbGUvPz8-",
        "aHR0cHM6Ly9ldmlsLmV4YW1wbGUvPz8+",
        "aHR0cHM6Ly9ldmls%4CmV4YW1wbGUvPz8%2B",
        "aHR0cHM6Ly9l dmls\r\nLmV4YW1wbGUvPz8+",
        "aHR0cHM6%0ALy9ldmlsLmV4YW1wbGUvPz8%2b%20",
        b"aHR0cHM6Ly9ldmlsLmV4YW1wbGUvPz8%2B",
    ],
)
def test_base64_in_urls_is_read_as_browsers_do(text: str | bytes) -> None:
    assert base64_forgiving(text) == b"https://evil.example/??>"


@pytest.mark.parametrize(
    ("text", "raw"), [("", b""), ("%", b""), ("YQ", b"a"), ("Y\ud800Q=", b"a")]
)
def test_base64_in_urls_never_raises(text: str, raw: bytes) -> None:
    assert base64_forgiving(text) == raw
