"""Cutting text keeps both of its ends."""

from phish_milter.message.limits import ends


def test_ends() -> None:
    assert ends("short", 10) == "short"
    assert ends("a" * 50 + "z" * 50, 8) == "aaaaaa\nzz"
