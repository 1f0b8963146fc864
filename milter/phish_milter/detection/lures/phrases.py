r"""
The phrase language of the lure files: a wording with gaps, compiled to a bounded regex.

* ``word`` matches the word; a hyphen or apostrophe in it is optional in the text;
* ``word~`` allows an ending, ``~word`` a prefix that the language glues on;
* ``(a|b c|d)`` matches one of these; ``(a|)`` is optional;
* ``<name>`` is a list of alternatives from the file's vocabulary, also inside a group;
* ``*`` is a gap of a few arbitrary words within one sentence, ``**`` one of a few
  arbitrary chunks such as URLs or options;
* ``#`` stands for a number, ``{brand}`` for a name of the brand;
* ``\x`` is the punctuation character x.

Where a script puts no spaces between words (*spaced* is false) everything matches inside
a run of characters, spaces are optional and ``*`` is a few characters.
"""

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

# Beginnings of a word that the index knows: most stems have the short length, the long is rarer.
SHORT_STEM = 4
LONG_STEM = 6
MAX_PHRASE_CHARS = 600  # one idiom per phrase; more is a mistake in the file
MAX_GAPS = 4  # every gap multiplies the steps of a failing match

# Every class below is ASCII apart from \w: large sets are slow to compile.  Sentences are
# told apart by the caller; the stops here keep a gap from crossing one that touches a word.
_SPACE = r"[^\w.!?]{1,4}"
_GLUE = r"[^\w.!?]{0,3}"
_CHUNK = r"[^\s.!?]{1,30}(?:\.[^\s.!?]{1,30}){0,3}"
_GAP = rf"(?:[^\w\s.!?]{{0,3}}\s{_CHUNK}){{0,6}}?"
_WIDE_GAP = r"(?:\s\S{1,200}){0,8}?"
_UNSPACED_GAP = r"[^.!?]{0,12}?"
_NUMBER = r"\d{1,6}\.?"  # also an ordinal
_ENDING = r"[\w]{0,14}"  # German compounds, Turkish and Indic endings
_PREFIX = r"[\w]{0,4}"
_START = r"(?<![\w])"
_END = r"(?![\w])"
_OPTIONAL_PUNCTUATION = r"[^\w]{0,2}"
_SLOT_TAIL = r"(?:\.[\w]{2,10})?(?:['\u2019][\w]{1,6})?"
_SLOT = "{brand}"
# Vowel signs of the Indic scripts belong to the word, which \w does not know.
_INDIC = re.compile(r"[\u0900-\u0963\u0966-\u0dff]")
_INDIC_WORD = r"\w\u0900-\u0963\u0966-\u0dff"

_TOKENS = re.compile(
    r"(?P<gap>\*{1,2})|(?P<slot>\{brand\})|(?P<group>\([^()]*\))|(?P<list><[a-z_]+>)"
    r"|\\(?P<mark>[^\w\s])|(?P<word>[^\s*{}()<>|\\]+)|(?P<space>\s+)|(?P<bad>.)"
)
_WORDS = re.compile(rf"[{_INDIC_WORD}]+")
_ASCII_WORDS = re.compile(r"\w+", re.ASCII)  # twice as fast


class PhraseError(ValueError):
    """A phrase that does not follow the language above."""


@dataclass(frozen=True, slots=True)
class Grammar:
    """
    What compiling needs to know about a language.

    Attributes:
        fold: Folding applied to the text before it is matched.
        spaced: Whether the script puts spaces between words.
        vocabulary: Lists of alternatives by name.
        spellings: Letters and what people type instead ("ä" -> "ae").
        common: Resolver that most mail holds, so that they say little.
    """

    fold: Callable[[str], str]
    spaced: bool
    vocabulary: Mapping[str, Sequence[str]]
    spellings: Mapping[str, str]
    common: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Phrase:
    """
    One compiled wording.

    Attributes:
        source: As written in the file.
        expression: Regular expression over folded text; holds ``{brand}`` where the
            phrase has a slot.
        required: For each set, text that matches holds at least one of its keys: as one
            of the `lookups` of a word (spaced scripts) or as a substring (others).
            The rarest set comes first.
    """

    source: str
    expression: str
    required: tuple[frozenset[str], ...]

    @property
    def has_slot(self) -> bool:
        """Whether a brand's name is part of the wording."""
        return _SLOT in self.expression

    def compile(self, names: Iterable[str] = ()) -> re.Pattern[str]:
        """Compile the expression, with the folded *names* in the brand's slot."""
        longest_first = sorted(set(names), key=lambda name: (-len(name), name))
        slot = "|".join(_SPACE.join(map(re.escape, n.split())) for n in longest_first)
        return re.compile(
            self.expression.replace(_SLOT, f"(?<![a-z0-9])(?:{slot})(?![a-z0-9]){_SLOT_TAIL}")
        )


@dataclass(frozen=True, slots=True)
class _Item:
    """One element of a phrase: its regex, what text must hold for it, how it joins."""

    kind: str  # gap, slot, mark or choice
    regex: str
    keys: frozenset[str] = frozenset()
    optional: bool = False


def words(text: str) -> set[str]:
    """Return the distinct words of folded *text*."""
    return set((_ASCII_WORDS if text.isascii() else _WORDS).findall(text))


def lookups(word: str) -> set[str]:
    """Return what a *word* of a text is looked up by: itself and its beginnings."""
    return {word, word[:SHORT_STEM], word[:LONG_STEM]}


def compile_phrase(source: str, grammar: Grammar) -> Phrase:
    """
    Compile one phrase.

    Raises:
        PhraseError: *source* breaks the rules of the language, or nothing in it could
            tell quickly that a text does not match.
    """
    if len(source) > MAX_PHRASE_CHARS:
        raise PhraseError(f"longer than {MAX_PHRASE_CHARS} characters: {source[:40]}...")
    items = list(_items(source, grammar))
    _check_shape(source, items)
    required = _required(items, grammar)
    if not required:
        raise PhraseError(f"no word in it can be looked up: {source}")
    expression = _join(items, grammar)
    return Phrase(source, expression, required)


def _items(source: str, grammar: Grammar) -> Iterator[_Item]:
    glued = False  # the previous element touches this one
    for token in _TOKENS.finditer(source):
        kind, text = str(token.lastgroup), token[str(token.lastgroup)]
        if kind == "bad":
            raise PhraseError(f"unexpected {text!r}: {source}")
        if glued and grammar.spaced and kind not in ("space", "mark"):
            raise PhraseError(f"a space is missing before {text!r}: {source}")
        glued = kind not in ("space", "mark")
        if kind != "space":
            yield _item(kind, text, grammar)


def _item(kind: str, text: str, grammar: Grammar) -> _Item:
    if kind == "gap":
        if not grammar.spaced:
            return _Item("gap", _UNSPACED_GAP)
        return _Item("gap", _GAP if text == "*" else _WIDE_GAP)
    if kind == "slot":
        return _Item("slot", _SLOT)
    if kind == "mark":
        return _Item("mark", re.escape(text))
    inner = text[1:-1] if kind == "group" else text
    return _choice(list(_alternatives(inner, grammar)), grammar)


def _alternatives(inner: str, grammar: Grammar) -> Iterator[str]:
    """Yield the alternatives of a group with the vocabulary filled in."""
    for alternative in inner.split("|"):
        pieces = re.split(r"(<[a-z_]+>)", alternative)
        options = [_lookup(p, grammar) if p.startswith("<") else (p,) for p in pieces]
        yield from map("".join, itertools.product(*options))


def _lookup(reference: str, grammar: Grammar) -> Sequence[str]:
    name = reference.strip("<>")
    if name not in grammar.vocabulary:
        raise PhraseError(f"no <{name}> in the vocabulary")
    return grammar.vocabulary[name]


def _choice(alternatives: list[str], grammar: Grammar) -> _Item:
    full = [a for a in alternatives if a.strip()]
    if not full:
        raise PhraseError("a group without alternatives")
    space = _SPACE if grammar.spaced else _GLUE
    spelled = dict.fromkeys(s for a in full for s in _spellings(a, grammar))
    parts = [space.join(_atom(word, grammar) for word in a.split()) for a in spelled]
    regex = parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"
    keys = [_keys(a, grammar) for a in spelled]
    usable = frozenset().union(*keys) if all(keys) else frozenset()
    return _Item("choice", regex, usable, optional=len(full) < len(alternatives))


def _spellings(alternative: str, grammar: Grammar) -> Iterator[str]:
    """Yield *alternative* as written and as people without the keyboard type it."""
    yield grammar.fold(alternative)
    typed = alternative
    for letter, replacement in grammar.spellings.items():
        typed = typed.replace(letter, replacement)
    if typed != alternative:
        yield grammar.fold(typed)


def _atom(word: str, grammar: Grammar) -> str:
    core = word.strip("~")
    if not core or "~" in core:
        raise PhraseError(f"~ belongs at an end of a word: {word}")
    pieces = [p for p in re.split(rf"[^{_INDIC_WORD}#]+", core) if p]
    if not pieces:
        raise PhraseError(f"punctuation needs a backslash: {word}")
    regex = _OPTIONAL_PUNCTUATION.join(re.escape(p).replace(r"\#", _NUMBER) for p in pieces)
    if word.startswith("~"):
        regex = _PREFIX + regex
    return regex + _ENDING if word.endswith("~") and grammar.spaced else regex


def _keys(alternative: str, grammar: Grammar) -> frozenset[str]:
    """Return keys of which every text with *alternative* holds one; none if unsure."""
    if not grammar.spaced:
        longest = max(re.split(r"[\s~#]+", alternative), key=len)
        return frozenset({longest} - {""})
    parts = (word for word in alternative.split() if "#" not in word)
    sure = [keys for keys in (_word_keys(part, grammar) for part in parts) if keys]
    return max(sure, key=lambda keys: _rarity(keys, grammar), default=frozenset())


def _word_keys(word: str, grammar: Grammar) -> frozenset[str]:
    core = word.rstrip("~")
    is_open = word.endswith("~")
    pieces = _WORDS.findall(core)
    if word.startswith("~") or not pieces:
        return frozenset()
    # "e-mail" stands in the text as one word or as two; only the last one is open.
    split = [_key(piece, is_open=False) for piece in pieces[:-1]]
    split.append(_key(pieces[-1], is_open=is_open))
    sure = [key for key in split if key]
    joined = _key("".join(pieces), is_open=is_open)
    if not sure or not joined:
        return frozenset()
    return frozenset({joined, max(sure, key=lambda key: _rarity({key}, grammar))})


def _key(word: str, *, is_open: bool) -> str:
    """Return what a text with *word* is looked up by, "" if an open word is too short."""
    if not is_open:
        return word
    if len(word) < SHORT_STEM:
        return ""
    return word[: LONG_STEM if len(word) >= LONG_STEM else SHORT_STEM]


def _rarity(keys: AbstractSet[str], grammar: Grammar) -> int:
    """Say how little to expect of *keys* in a text: long words are rare."""
    return min(0 if key in grammar.common else len(key) for key in keys)


def _check_shape(source: str, items: list[_Item]) -> None:
    if not items:
        raise PhraseError("an empty phrase")
    for edge in (items[0], items[-1]):
        if edge.kind == "gap" or edge.optional:
            raise PhraseError(f"must begin and end with something it requires: {source}")
    kinds = [item.kind for item in items]
    if kinds.count("gap") > MAX_GAPS:
        raise PhraseError(f"more than {MAX_GAPS} gaps: {source}")
    if any(a == b == "gap" for a, b in itertools.pairwise(kinds)):
        raise PhraseError(f"two gaps in a row: {source}")


def _required(items: list[_Item], grammar: Grammar) -> tuple[frozenset[str], ...]:
    sets = {item.keys for item in items if item.keys and not item.optional}
    # The order is stable because equal sets are one and sorting falls back on the keys.
    return tuple(sorted(sets, key=lambda keys: (-_rarity(keys, grammar), len(keys), sorted(keys))))


def _join(items: list[_Item], grammar: Grammar) -> str:
    expression = ""
    before = ""
    for item in items:
        if item.kind == "gap":
            expression += item.regex
            before = "gap"
            continue
        joint = _joint(before, item.kind, grammar) if expression else ""
        part = joint + item.regex
        expression += f"(?:{part})?" if item.optional else part
        before = item.kind
    if grammar.spaced and items[0].kind != "mark":
        expression = _START + expression
    if grammar.spaced and items[-1].kind != "mark":
        expression += _END
    return expression.replace(r"\w", _INDIC_WORD) if _INDIC.search(expression) else expression


def _joint(before: str, kind: str, grammar: Grammar) -> str:
    if "mark" in (before, kind):
        return r"\s{0,2}"
    return _SPACE if grammar.spaced else _GLUE
