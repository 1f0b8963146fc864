"""The start and the end of a body in bounded memory."""

from hypothesis import given
from hypothesis import strategies as st

from phish_milter.message.buffer import BodyBuffer


def test_small_bodies_are_whole() -> None:
    buffer = BodyBuffer(max_bytes=10, tail_bytes=4)
    for chunk in (b"abc", b"", b"defghij", b"klm"):
        buffer.add(chunk)

    assert buffer.take() == b"abcdefghijklm"
    assert not buffer.truncated


@given(st.lists(st.binary(max_size=30), max_size=30), st.integers(0, 40), st.integers(1, 20))
def test_keeps_start_and_end(chunks: list[bytes], head: int, tail: int) -> None:
    buffer = BodyBuffer(max_bytes=head, tail_bytes=tail)
    for chunk in chunks:
        buffer.add(chunk)
    body = b"".join(chunks)

    assert buffer.seen_bytes == len(body)
    assert buffer.truncated == (len(body) > head + tail)
    assert buffer.take() == (body[:head] + body[-tail:] if buffer.truncated else body)
