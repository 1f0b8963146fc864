"""What a signature protects of what a reader sees."""

import pytest

from phish_milter.authentication.signed_parts import covers_body, uncovered

ALL = "From:Subject:To:Date:MIME-Version:Content-Type"


@pytest.mark.parametrize(
    ("signed", "names", "free"),
    [
        (ALL, ["from", "subject"], ""),
        ("From", ["from", "subject", "received"], "subject"),
        (ALL, ["from", "subject", "subject"], "subject"),  # one name signs one field
        ("Subject:" + ALL, ["from", "subject", "subject"], ""),
        (ALL, ["from", "reply-to"], "reply-to"),
        ("", ["from"], "from"),
    ],
)
def test_uncovered(signed: str, names: list[str], free: str) -> None:
    assert uncovered({"h": signed}, names) == set(free.split())


def test_a_length_leaves_the_end_of_the_body_open() -> None:
    assert covers_body({"h": ALL})
    assert not covers_body({"h": ALL, "l": "20"})
