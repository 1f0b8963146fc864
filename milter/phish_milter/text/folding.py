"""Text as its reader sees it: without invisible characters, disguises, case and accents."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from phish_milter.text.invisible import BRAILLE_BLANK, NOT_DRAWN

_CONTROLS = "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
# Marks that decorate Latin, Greek and Cyrillic letters, and the optional points of Hebrew and
# Arabic.  Kana voicing marks and Indic vowel signs stay: without them it is another word.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"
    "\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
)
_UNSEEN = re.compile(f"[{NOT_DRAWN}{_CONTROLS}]+")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_UNSEEN_ASCII = re.compile(r"[\x00-\x08\x0e-\x1b\x7f]+")
_NO_CONTROLS = dict.fromkeys((*range(0x09), *range(0x0E, 0x1C), 0x7F))
_DECORATION = re.compile(f"[{_MARKS}]+")
_BLANKS = MappingProxyType({ord(BRAILLE_BLANK): " "})
# Marks of rights are no letters of the name before them.
_RIGHTS = MappingProxyType(dict.fromkeys(map(ord, "\u2122\u00ae\u00a9\u2120\u2117"), " "))
_WORD = re.compile(r"\w+")

# How ASCII letters are imitated in running text; hosts are judged by brands.lookalike.
_STROKES = MappingProxyType(
    {"i": "[il1|!]", "l": "[li1|]", "o": "[o0]", "m": "(?:m|rn)", "w": "(?:w|vv)"}
)
_FULLWIDTH = range(0xFF01, 0xFF5F)  # ordinary typography in East Asian text
_KEPT_TEXT = 512  # longest text that counts as short
_KEPT_TEXTS = 2048
_KEPT_LONG_TEXTS = 8
_KEPT_RUNS = 4096  # words of other scripts, typographic quotes, emoji


def _load_confusables() -> dict[int, str]:
    table: dict[int, str] = {}
    source = Path(__file__).with_name("confusables.txt").read_text(encoding="ascii")
    for line in source.splitlines():
        if line and not line.startswith("#"):
            target, *points = line.split()
            table.update((int(point, 16), target) for point in points)
    return table


_CONFUSABLES = _load_confusables()


def fold(text: str) -> str:
    """
    Return *text* for comparing words: what differs only in looks becomes equal.

    Compatibility forms (fullwidth, mathematical letters) become plain ones, invisible and
    control characters, case and accents go, white space becomes single spaces.
    """
    if len(text) > _KEPT_TEXT:
        return _fold_long(text)
    return _fold(text)


def skeleton(text: str) -> str:
    """
    Return *text* folded, with letters of other scripts replaced by the Latin ones they look like.

    A UTS #39 skeleton for texts that imitate Latin words.  ASCII look-alikes (``l``, ``1``
    and ``I``) stay distinct.
    """
    if text.isascii():
        return fold(text)
    if len(text) > _KEPT_TEXT:
        return _skeleton_long(text)
    return _skeleton(text)


def _uncached_fold(text: str) -> str:
    if text.isascii():  # the fast path of str.translate
        return " ".join(text.translate(_NO_CONTROLS).lower().split())
    text = _NOT_ASCII.sub(lambda run: _fold_run(run[0]), text)
    return " ".join(_UNSEEN_ASCII.sub("", text).lower().split())


def _uncached_skeleton(text: str) -> str:
    return _uncached_fold(_NOT_ASCII.sub(lambda run: _skeleton_run(run[0]), text))


@lru_cache(maxsize=_KEPT_RUNS)
def _fold_run(run: str) -> str:
    plain = _undecorated(_UNSEEN.sub("", run)).casefold()
    # Casefolding can decorate again ("İ" becomes "i" and a dot above).
    return unicodedata.normalize("NFC", _undecorated(plain)).translate(_BLANKS)


@lru_cache(maxsize=_KEPT_RUNS)
def _skeleton_run(run: str) -> str:
    # Capitals first: their small forms may look like another letter (Cyrillic U+041D, U+043D).
    plain = _undecorated(_UNSEEN.sub("", run)).translate(_CONFUSABLES)
    return _fold_run(plain).translate(_CONFUSABLES)


def _undecorated(text: str) -> str:
    return _DECORATION.sub("", unicodedata.normalize("NFKD", text.translate(_RIGHTS)))


# Names and subjects recur across messages; a body is asked about several times in a row.
_fold = lru_cache(maxsize=_KEPT_TEXTS)(_uncached_fold)
_skeleton = lru_cache(maxsize=_KEPT_TEXTS)(_uncached_skeleton)
_fold_long = lru_cache(maxsize=_KEPT_LONG_TEXTS)(_uncached_fold)
_skeleton_long = lru_cache(maxsize=_KEPT_LONG_TEXTS)(_uncached_skeleton)


def words(text: str) -> tuple[str, ...]:
    """Return the words of *text*, folded, in order."""
    return tuple(_WORD.findall(fold(text)))


def contains_name(text: str, name: str, *, in_hosts: bool = False) -> bool:
    """
    Whether *text* names *name* as a word of its own, however it is disguised.

    ``PyPI's``, ``[PyPI]``, ``PyPI-Team`` and a name before kana count, ``pypiserver`` does
    not.  Parts of hosts, addresses and URLs (``pypi.corp.example``) count with *in_hosts*.
    """
    pattern = _name_pattern(name)
    if _names(pattern, fold(text), in_hosts=in_hosts):
        return True
    return not text.isascii() and _names(pattern, skeleton(text), in_hosts=in_hosts)


def _names(pattern: re.Pattern[str], text: str, *, in_hosts: bool) -> bool:
    return any(in_hosts or not _inside_address(text, m) for m in pattern.finditer(text))


def _inside_address(text: str, match: re.Match[str]) -> bool:
    """Whether the match is part of a host, an e-mail address or a URL."""
    after = text[match.end() : match.end() + 2]
    if after[:1] == "@" or (after[:1] == "." and after[1:].isalnum()):
        return True
    before = text[text.rfind(" ", 0, match.start()) + 1 : match.start()]
    if before.endswith(".") and before[-2:-1].isalnum():
        return True
    return "://" in before or (before.endswith("/") and "." in before)


@lru_cache(maxsize=_KEPT_TEXTS)
def _name_pattern(name: str) -> re.Pattern[str]:
    body = "[ ._-]?".join(re.escape(word) for word in skeleton(name).split())
    return re.compile(rf"(?<![a-z0-9_]){body}(?![a-z0-9_])")


def disguised(text: str, name: str) -> str | None:
    """
    Explain how *text* shows *name* without spelling it, such as ``U+0420 for P``.

    Returns None when the name is not there, or is written plainly (upper and lower case
    and fullwidth forms are plain).
    """
    pattern = _imitation_pattern(name)
    hits = len(pattern.findall(skeleton(text)))
    if not hits or hits == len(_name_pattern(name).findall(" ".join(text.lower().split()))):
        return None
    seen, origin = _with_origin(text)
    explanations = (_explain(text, name, match, origin) for match in pattern.finditer(seen))
    return next((explanation for explanation in explanations if explanation), None)


@lru_cache(maxsize=_KEPT_TEXTS)
def _imitation_pattern(name: str) -> re.Pattern[str]:
    """One group per letter of the name, so that a match says what stands for which."""
    groups = "".join(f"({_STROKES.get(c, re.escape(c))})" for c in fold(name))
    return re.compile(rf"(?<![a-z0-9_]){groups}(?![a-z0-9_])")


def _with_origin(text: str) -> tuple[str, list[int]]:
    """Return the skeleton of *text* character by character, and where each came from."""
    seen: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        piece = " " if char.isspace() else skeleton(char)
        if piece == " " and seen[-1:] == [" "]:
            continue
        seen.extend(piece)
        origin.extend([index] * len(piece))
    return "".join(seen), origin


def _explain(text: str, name: str, match: re.Match[str], origin: list[int]) -> str:
    notes = list(_substitutions(text, name, match, origin))
    inside = text[origin[match.start()] : origin[match.end() - 1] + 1]
    notes += [f"{_shown(c)} inside" for c in inside if not c.isspace() and not skeleton(c)]
    return ", ".join(dict.fromkeys(notes))


def _substitutions(text: str, name: str, match: re.Match[str], origin: list[int]) -> Iterator[str]:
    for group, letter in enumerate(" ".join(name.split()), start=1):
        start, end = match.span(group)
        written = text[origin[start] : origin[end - 1] + 1]
        plain = written.isspace() or written.casefold() == letter.casefold()
        if not plain and not (len(written) == 1 and ord(written) in _FULLWIDTH):
            yield f"{_shown(written)} for {letter}"


def _shown(written: str) -> str:
    if written.isascii() and written.isprintable():
        return written
    return " ".join(f"U+{ord(char):04X}" for char in written)
