"""A message as signatures see it: canonical bodies like those of the library, fields in order."""

import pytest
from dkim.canonicalization import (
    compress_whitespace,
    correct_empty_body,
    strip_trailing_lines,
    strip_trailing_whitespace,
)
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.authentication.canonical import Wire, _Relaxed, _Simple


@given(st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b"bc"]), max_size=30))
def test_our_canonical_forms_are_those_of_the_library(pieces: list[bytes]) -> None:
    body = b"".join(pieces)
    tidy = compress_whitespace(strip_trailing_whitespace(body))
    assert _Relaxed.canonicalize_body(body) == correct_empty_body(strip_trailing_lines(tidy))
    assert _Simple.canonicalize_body(body) == strip_trailing_lines(body)


def test_many_empty_lines_at_the_end_are_stripped() -> None:
    for count in (4095, 4096, 4097, 9000):
        assert _Relaxed.canonicalize_body(b"a" + b"\r\n" * count) == b"a\r\n"
        assert _Simple.canonicalize_body(b"\r\n" * count) == b"\r\n"


@pytest.mark.parametrize("end", [b"\r\n", b"\n"])
def test_fields_and_body_are_taken_apart_as_written(end: bytes) -> None:
    raw = end.join([b"Subject: a", b" b", b"no field", b"TO : x", b"", b"body", b""])

    wire = Wire.of(raw)

    assert wire.headers == ((b"Subject", b" a\r\n b\r\n"), (b"TO", b" x\r\n"))
    assert (wire.names(), wire.values("to")) == (["subject", "to"], [b" x\r\n"])
    assert wire.body == b"body\r\n"


@pytest.mark.parametrize(
    ("raw", "body"), [(b"", b""), (b"\r\nbody", b"body"), (b"Subject: x", b""), (b"junk", b"")]
)
def test_a_message_of_one_half_has_the_other_empty(raw: bytes, body: bytes) -> None:
    assert Wire.of(raw).body == body


def test_a_verifier_sees_the_wanted_fields_and_the_body() -> None:
    seen = Wire.of(b"A: 1\r\nB: 2\r\na: 3\r\n\r\nbody").verifier(["a"])

    assert (seen.headers, seen.body) == ([(b"A", b" 1\r\n"), (b"a", b" 3\r\n")], b"body")
