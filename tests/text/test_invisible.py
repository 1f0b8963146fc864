"""The table of characters that are not drawn: its parts, and what each leaves alone."""

import re
import sys
import unicodedata

import pytest

from phish_milter.text.invisible import DISHONEST_IN_LATIN, DROPPED_IN_LINKS, NOT_DRAWN

PARTS = (DROPPED_IN_LINKS, DISHONEST_IN_LATIN)


def members(ranges: str) -> set[str]:
    return set(re.findall(f"[{ranges}]", "".join(map(chr, range(sys.maxunicode + 1)))))


@pytest.mark.parametrize("part", PARTS)
def test_each_part_is_of_the_whole(part: str) -> None:
    assert members(part) < members(NOT_DRAWN)


def test_nothing_that_is_drawn_is_in_it() -> None:
    categories = {unicodedata.category(character) for character in members(NOT_DRAWN)}

    assert categories <= {"Cf", "Mn", "Lo", "Cn"}  # fillers are letters, and yet empty
    assert not members(NOT_DRAWN) & set("aé 日\t\n\u00a0\u2003-")


def test_honest_marks_of_other_scripts_are_no_lie_in_latin() -> None:
    assert not members(DISHONEST_IN_LATIN) & set("\u00ad\u200e\u200f\ufeff")
