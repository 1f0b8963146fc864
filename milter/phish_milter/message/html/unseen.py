"""
Text that is taken for hidden, and whether it is read all the same.

Mail programs differ in what they hide, and nobody can know all of them.  So hidden text that
could be a letter is a second reading beside what is visible: what hides it is in doubt, a
link stands in it, it is long, or it outweighs everything else.  Salt between the letters of a
word and the preview line of a newsletter are none of that, and stay unread.
"""

import re
from dataclasses import dataclass
from typing import Final

from phish_milter.message.html.link_collector import CollectedLink

# Letters of hidden text that is no preview line any more; those have about 100.
_LONG: Final = 150
_LETTER: Final = re.compile(r"[^\W_]")


@dataclass(frozen=True, slots=True)
class _Piece:
    """Hidden text; *at* is the number of the visible piece that it stands before."""

    text: str
    at: int
    quoted: bool
    doubtful: bool


class Unseen:
    """The hidden text of one document, in order."""

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []

    def __len__(self) -> int:
        return len(self._pieces)

    def add(self, text: str, at: int, *, quoted: bool, doubtful: bool) -> None:
        """Take a piece of text, or the break between two."""
        self._pieces.append(_Piece(text, at, quoted, doubtful))

    def text(self, first: int = 0) -> str:
        """Return all of it from piece *first* on."""
        return "".join(piece.text for piece in self._pieces[first:])

    def reading(self, visible: str, collector: list[CollectedLink], cut: int) -> str:
        """
        Return what is read all the same, "" for nothing.

        What is quoted, or stands behind the visible piece *cut*, is not the author's own.
        """
        own = [piece for piece in self._pieces if not piece.quoted and piece.at < cut]
        text = "".join(piece.text for piece in own)
        letters = _count(text)
        if letters == 0:
            return ""
        if letters >= _LONG or any(d.unseen >= 0 and not d.quoted for d in collector):
            return text
        if letters > _count(visible):
            return text
        return "".join(piece.text for piece in own if piece.doubtful)


def _count(text: str) -> int:
    return sum(1 for _ in _LETTER.finditer(text))
