"""Soft line breaks of format=flowed (RFC 3676)."""

import pytest

from phish_milter.message.format_flowed import unflow


@pytest.mark.parametrize(
    ("text", "delete_space", "expected"),
    [
        ("a \nb", False, "a b"),
        ("a\nb", False, "a\nb"),  # a hard break
        ("https://a.example/x \ny", True, "https://a.example/xy"),  # DelSp: the URL is whole
        ("a \nb \nc\nd", False, "a b c\nd"),
        (" >a", False, ">a"),  # space-stuffed: no quote
        ("> a \n> b", False, "> a b"),  # a quoted paragraph
        ("> a \nb", False, "> a \nb"),  # another depth ends it
        ("x\n-- \nsig", False, "x\n-- \nsig"),  # a signature never flows
        ("", False, ""),
    ],
)
def test_unflow(text: str, delete_space: bool, expected: str) -> None:
    assert unflow(text, delete_space=delete_space) == expected
