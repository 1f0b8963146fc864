"""Letters that no honest sender writes names with: made to be read and not to be matched."""

import re
import unicodedata

from phish_milter.text.invisible import DISHONEST_IN_LATIN

_LONGEST = 400  # characters of a name or subject looked at
_SPLIT = re.compile(f"[A-Za-z][{DISHONEST_IN_LATIN}]{{1,8}}[A-Za-z]")
# Letters for formulas and phonetics, three in a row: a word, not a variable.
_STYLED = re.compile(
    "[\U0001d400-\U0001d7ff]{3}|[\u1d00-\u1d2b\u0262\u026a\u0274\u0280\u028f\u0299\u029c\u029f]{3}"
)
# Marks that are no part of any composed Latin letter, on several letters of one text.
_MARKED = re.compile("[A-Za-z][\u0300-\u036f\u0489\u0700-\u074f\u20d0-\u20ff]")
_LEAST_MARKED = 3
# "C o i n b a s e": five single letters, spaced.
_SPACED = re.compile(r"(?<![\w'])[A-Za-z](?: [A-Za-z]){4,40}(?![\w'])")
_WORD = re.compile(r"[^\W\d_]{3,60}")
_LATIN = re.compile("[A-Za-z]{2}|[A-Za-z].*[A-Za-z]")
# Scripts with letters that are drawn like Latin ones, and that no word mixes with Latin.
_BORROWED = re.compile(
    "[\u0370-\u052f\u0530-\u058f\u10a0-\u10ff\u1200-\u137f\u13a0-\u13ff\u1400-\u167f"
    "\u1780-\u17ff\u1950-\u19df\ua4d0-\ua4ff\uab70-\uabbf]"
)
_MICRO = "\u03bc"  # of units: "µTorrent"


def disguise(text: str) -> str:
    """Return how letters of *text* are disguised, "" when they are not."""
    text = text[:_LONGEST]
    if text.isascii():
        return "letters spaced out" if _SPACED.search(text) else ""
    if _SPLIT.search(text):
        return "invisible characters inside words"
    if _STYLED.search(text):
        return "letters of formulas"
    composed = unicodedata.normalize("NFC", text)
    if len(_MARKED.findall(composed)) >= _LEAST_MARKED:
        return "marks on letters that take none"
    return _mixed(composed)


def _mixed(text: str) -> str:
    for word in _WORD.findall(text):
        if not word.isascii() and _LATIN.search(word):
            found = _BORROWED.search(word)
            if found and found[0] != _MICRO:
                return f"U+{ord(found[0]):04X} among Latin letters"
    return ""


_SWITCH = re.compile("[a-z][0-9]|[0-9][a-z]")
_LEAST_SWITCHES = 4  # "k7pg5thv"; names with a number or two have at most three
_CONSONANTS = re.compile("[bcdfghjklmnpqrstvwxz]{6}")
# One sound in many languages: "rechtsschutz" has eight consonants in a row and is a word.
_ONE_SOUND = re.compile("sch|ch|ck|gh|ng|ph|sh|st|th|tz")
_SHORTEST_RANDOM = 8  # characters
_HEX_LIKE = 40  # characters; longer labels are digests of content networks


def is_random(label: str) -> bool:
    """Return whether the host *label* looks as if a program had drawn it by lot."""
    if not _SHORTEST_RANDOM <= len(label) < _HEX_LIKE or label.startswith("xn--"):
        return False
    if len(_SWITCH.findall(label)) >= _LEAST_SWITCHES:
        return True
    return bool(_CONSONANTS.search(_ONE_SOUND.sub("t", label)))
