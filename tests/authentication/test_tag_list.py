"""Tag lists of signatures: read strictly, never with an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.authentication.tag_list import (
    MAX_TAG_LIST,
    parse_tags,
    signed_domains,
    signed_fields,
)
from phish_milter.message.model import HeaderField


def field(name: str, value: str = "x") -> HeaderField:
    return HeaderField(name, b" " + value.encode(), value)


TAGS = [
    (b" v=1; d=A.org ;h=From : To", {"v": "1", "d": "A.org", "h": "From : To"}, "plain"),
    (b"v=1; d=a; d=b", {}, "a duplicate tag makes the list invalid"),
    (b"v=1; junk", {}, "no equals sign"),
    (b"v=1;;", {"v": "1"}, "final semicolons"),
    (b"h=from:\r\n\tto", {"h": "from: to"}, "folds are taken out"),
]


@pytest.mark.parametrize(("raw", "expected", "why"), TAGS)
def test_tags(raw: bytes, expected: dict[str, str], why: str) -> None:
    assert dict(parse_tags(raw)) == expected, why


def test_signed_fields_and_domains() -> None:
    assert signed_fields(parse_tags(b"h=From : to:FROM:")) == ("from", "to", "from")
    fields = [field("dkim-signature", "d=A.org."), field("dkim-signature", "v=1"), field("to")]
    assert signed_domains(fields) == ("a.org",)


@given(st.binary(max_size=300))
def test_no_list_raises(raw: bytes) -> None:
    parse_tags(raw)


def test_an_oversized_list_is_empty() -> None:
    assert parse_tags(b"a=" + b"x" * MAX_TAG_LIST) == {}
