"""Items that CSS puts in the opposite order."""

import pytest

from phish_milter.message.html.drawn_order import Span, turn


@pytest.mark.parametrize(
    ("pieces", "spans", "turned"),
    [
        (["nd", "Bra"], [(0, 1), (1, 2)], "Brand"),
        (["x", "nd", " ", "B", "ra", "y"], [(1, 2), (3, 5)], "xBrandy"),
        (["nd", "and", "Bra"], [(0, 1), (2, 3)], "ndandBra"),  # rows of their own
        (["a", "b"], [(0, 1)], "ab"),
        (["a", "b"], [], "ab"),
        (["a"] * 501 + ["b"], [(n, n + 1) for n in range(502)], "a" * 501 + "b"),  # a long list
    ],
)
def test_turn(pieces: list[str], spans: list[Span], turned: str) -> None:
    marks = [piece == "nd" for piece in pieces]

    turn(pieces, marks, spans)

    assert "".join(pieces) == turned
    assert marks == [piece == "nd" for piece in pieces]
