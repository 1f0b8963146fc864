"""Content-Type and Content-Disposition, well-formed and not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.message.content_type import parse_disposition, parse_type


@pytest.mark.parametrize(
    ("raw", "name", "parameters"),
    [
        (b"text/plain", "text/plain", {}),
        (b" TEXT/Html; Charset=UTF-8", "text/html", {"charset": "UTF-8"}),
        (b'a/b; boundary="x y;z"', "a/b", {"boundary": "x y;z"}),
        (rb'a/b; boundary="x\"y"', "a/b", {"boundary": 'x"y'}),
        (b"a/b; boundary='x'", "a/b", {"boundary": "x"}),
        (b'a/b; boundary="x', "a/b", {"boundary": "x"}),  # quote never closed
        (b"text/html charset=utf-8", "text/html", {"charset": "utf-8"}),  # no semicolon
        (b"text/html;\r\n\tcharset=utf-8", "text/html", {"charset": "utf-8"}),
        (b"a/b; name*=utf-8''na%C3%AFve.html", "a/b", {"name": "naïve.html"}),  # RFC 2231
        (b"a/b; name*0=ab; name*1=cd", "a/b", {"name": "abcd"}),
        (b"a/b; name*1*=%C3%BC; name*0*=utf-8''a", "a/b", {"name": "aü"}),  # out of order
        (b'a/b; name="=?utf-8?q?=C3=BC=2Ehtml?="', "a/b", {"name": "ü.html"}),  # forbidden, common
        (b"a/b; x = y", "a/b", {"x": "y"}),
    ],
)
def test_parse_type(raw: bytes, name: str, parameters: dict[str, str]) -> None:
    kind = parse_type(raw)

    assert kind is not None
    assert kind.name == name
    assert dict(kind.parameters) == parameters


@pytest.mark.parametrize("raw", [b"", b"text", b"/", b"; charset=utf-8", b"\xff\xfe"])
def test_parse_type_that_is_none(raw: bytes) -> None:
    assert parse_type(raw) is None


def test_repeated_parameters_are_all_kept() -> None:
    kind = parse_type(b"multipart/mixed; boundary=a; boundary=b")

    assert kind is not None
    assert kind.all("boundary") == ["a", "b"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], ("", "")),
        ([b" inline"], ("inline", "")),
        ([b'attachment; filename="a.html"'], ("attachment", "a.html")),
        ([b"ATTACHMENT; FILENAME=a.html"], ("attachment", "a.html")),
        ([b"unheard-of; filename=a"], ("attachment", "a")),  # RFC 2183, 2.8
        ([b"; filename=a"], ("", "a")),
    ],
)
def test_parse_disposition(values: list[bytes], expected: tuple[str, str]) -> None:
    assert parse_disposition(values) == expected


@given(st.binary(max_size=200))
def test_never_raises(raw: bytes) -> None:
    parse_type(raw)
    parse_disposition([raw])
