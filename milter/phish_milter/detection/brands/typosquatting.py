"""
How one name imitates another: which spellings of a name a hurried reader takes for it.

Everything is worked out when a brand is loaded; judging a host is a few look-ups.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

# One class of strokes that differ by a dot or a hook; digits written for letters.
_CANONICAL = str.maketrans("l1!|j0345", "iiiiioeas")
_PAIRS = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("nn", "m"))
_READ_AS = MappingProxyType(
    {
        "i": "[ijl1!|]",
        "j": "[ijl1!|]",
        "l": "[ijl1!|]",
        "o": "[o0]",
        "e": "[e3]",
        "a": "[a4]",
        "s": "[s5]",
        "m": "(?:m|rn|nn)",
        "w": "(?:w|vv)",
        "d": "(?:d|cl)",
    }
)
# Letters whose shapes are mixed up one at a time; applying several would hit other words.
_VISUAL = MappingProxyType(
    {
        "a": "o",
        "b": "h68",
        "c": "e",
        "e": "c",
        "f": "t",
        "g": "q9",
        "h": "bn",
        "m": "n",
        "n": "mh",
        "o": "a",
        "p": "q",
        "q": "pg",
        "t": "f",
        "u": "v",
        "v": "uy",
        "y": "v",
        "z": "2",
    }
)
_KEYBOARD = MappingProxyType(
    {
        "a": "qwsz",
        "b": "vghn",
        "c": "xdfv",
        "d": "serfcx",
        "e": "wsdr",
        "f": "drtgvc",
        "g": "ftyhbv",
        "h": "gyujnb",
        "i": "ujko",
        "j": "huikmn",
        "k": "jiolm",
        "l": "kop",
        "m": "njk",
        "n": "bhjm",
        "o": "iklp",
        "p": "ol",
        "q": "wa",
        "r": "edft",
        "s": "awedxz",
        "t": "rfgy",
        "u": "yhji",
        "v": "cfgb",
        "w": "qase",
        "x": "zsdc",
        "y": "tghu",
        "z": "asx",
    }
)
_VOWELS = frozenset("aeiouy")
_NARROW = "ijl1"  # letters that hide between others
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"

# Names shorter than this have too many honest neighbours for letters left out or mixed up.
_MEDIUM = 5
_SIX = 6
# From here on any single slip is an imitation: no other word is that close.
_LONG = 8


@dataclass(frozen=True, slots=True)
class Imitation:
    """
    A spelling that is taken for a name.

    Attributes:
        name: The name imitated.
        how: What was done to it, such as ``i->j``.
        anywhere: It is an imitation under every suffix, not only under the name's own.

    """

    name: str
    how: str
    anywhere: bool


def canonical(text: str) -> str:
    """Return *text* with letters that look alike made equal; meant for comparing only."""
    for written, read in _PAIRS:
        if written in text:
            text = text.replace(written, read)
    return text.translate(_CANONICAL)


def visual_spelling(text: str, name: str) -> tuple[str, str]:
    """Return what in *text* looks like *name*, and its differences; ("", "") when nothing."""
    match = _visual_pattern(name).search(text)
    return (match[0], _changes(name, match)) if match else ("", "")


@lru_cache(maxsize=256)
def _visual_pattern(name: str) -> re.Pattern[str]:
    groups = (f"({_READ_AS.get(letter, re.escape(letter))})" for letter in name)
    return re.compile("-?".join(groups))


def _changes(name: str, match: re.Match[str]) -> str:
    pairs = zip(name, match.groups(), strict=True)
    changes = [f"{a}->{b}" for a, b in pairs if a != b]
    changes += ["hyphen put in"] * ("-" in match[0])
    return ", ".join(dict.fromkeys(changes))


def slips(name: str) -> dict[str, Imitation]:
    """Return the spellings that are one slip away from *name* and taken for it."""
    found: dict[str, Imitation] = {}
    for written, how, anywhere in _slips(name):
        if written != name and len(written) > 1:
            known = found.get(written)
            if known is None or (anywhere and not known.anywhere):
                found[written] = Imitation(name, how, anywhere)
    return found


def _slips(name: str) -> Iterator[tuple[str, str, bool]]:
    size = len(name)
    for at, letter in enumerate(name):
        head, tail = name[:at], name[at + 1 :]
        for other in _VISUAL.get(letter, ""):
            yield head + other + tail, f"{letter}->{other}", True
        for other in _typos(letter, size):
            how = f"{letter}->{other} (next key)"
            yield head + other + tail, how, size >= _LONG
        yield head + letter + letter + tail, f"{letter} doubled", True
        if tail and tail[0] != letter:
            swapped = head + tail[0] + letter + tail[1:]
            yield swapped, f"{letter}{tail[0]}->{tail[0]}{letter}", size >= _MEDIUM
        if size >= _SIX:
            yield head + tail, f"{letter} left out", size >= _LONG
    for at in range(size + 1):
        for narrow in _NARROW:
            yield name[:at] + narrow + name[at:], f"{narrow} put in", False
    yield name + "s", "s added", False
    if size >= _LONG:
        yield from _any_slip(name)


def _typos(letter: str, size: int) -> Iterator[str]:
    """Yield neighbouring keys; one vowel for another turns a short name into a word."""
    for other in _KEYBOARD.get(letter, ""):
        if size > _MEDIUM or not (letter in _VOWELS and other in _VOWELS):
            yield other


def _any_slip(name: str) -> Iterator[tuple[str, str, bool]]:
    for at in range(len(name) + 1):
        head, tail = name[:at], name[at:]
        for other in _LETTERS:
            yield head + other + tail, f"{other} put in", True
            if tail:
                yield head + other + tail[1:], f"{tail[0]}->{other}", True
