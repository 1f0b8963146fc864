"""Bytes of a configuration file: text in UTF-8, or an error that says what they are."""

import pytest

from phish_milter.settings.encoding import decoded

TEXT = "[policy]\nceiling = 'tag' # für alle\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_text_with_and_without_a_byte_order_mark(encoding: str) -> None:
    assert decoded(TEXT.encode(encoding)) == TEXT


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"]
)
def test_wide_text_is_named(encoding: str) -> None:
    with pytest.raises(ValueError, match="looks like UTF-16 or UTF-32; save it as UTF-8"):
        decoded(TEXT.encode(encoding))


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        (b"a = '\xff'", "line 1: byte 0xff is not UTF-8 text; save it as UTF-8"),
        (b"\xef\xbb\xbf\n# caf\xe9\n", "line 2: byte 0xe9 is not UTF-8 text"),
    ],
)
def test_other_bytes_are_told_with_their_line(data: bytes, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        decoded(data)
