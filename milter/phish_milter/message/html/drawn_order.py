"""Text in another order than it is written: rows and floats that CSS fills from the right."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

Span = tuple[int, int]  # first piece of text, and the one after the last

_MOST: Final = 500  # items of one row; longer ones are lists of something


def turn(pieces: list[str], marks: list[bool], spans: Sequence[Span]) -> None:
    """
    Put the items at *spans* in the opposite order, in *pieces* and in *marks* alike.

    Items that other text stands between are left as they are: they stand in rows of
    their own.
    """
    if not 1 < len(spans) <= _MOST or _apart(pieces, spans):
        return
    place = slice(spans[0][0], spans[-1][1])
    order = [n for start, end in reversed(spans) for n in range(start, end)]
    pieces[place], marks[place] = [pieces[n] for n in order], [marks[n] for n in order]


def _apart(pieces: Sequence[str], spans: Sequence[Span]) -> bool:
    between = pairwise(spans)
    return any(piece.strip() for (_, end), (start, _) in between for piece in pieces[end:start])
