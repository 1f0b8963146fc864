"""Which wordings a text could match at all: found by its words, without trying every pattern."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from phish_milter.detection.lures.categories import LureCategory
from phish_milter.detection.lures.phrases import Phrase, lookups, words

MAX_SPAN_CHARS = 300  # a wording is part of a sentence a human reads at a glance
MAX_EVIDENCE_CHARS = 120  # enough to recognise the sentence in a log line
MAX_KNOWN_WORDS = 50_000  # some 10 MB; a language has fewer words in use
_NEGATION_REACH = 48  # characters before a hit in which its negation stands
_SENTENCE_END = re.compile("[.!?।؟] (?<![0-9]..)|。")  # "15. März" goes on
# Kana, Han, Hangul: scripts whose words are not told apart by spaces.
_UNSPACED_SCRIPT = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class Wording:
    """A phrase in its place; *rank* is its number over all files."""

    rank: int
    category: LureCategory
    language: str
    phrase: Phrase
    negation: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A wording and the stretches of a text that hold all it requires."""

    wording: Wording
    mask: int

    def find(self, pattern: re.Pattern[str], stretches: "Stretches") -> str:
        """Return the first match of *pattern*, shortened; "" when there is none."""
        guard = self.wording.negation
        for start, end in stretches.spans(self.mask):
            for match in pattern.finditer(stretches.text, start, end):
                reach = max(start, match.start() - _NEGATION_REACH)
                if not (guard and guard.search(stretches.text, reach, match.end())):
                    return match[0][:MAX_EVIDENCE_CHARS]
        return ""


class Stretches:
    """
    Where the wordings of a text may lie: its sentences, or pairs of blocks of a long one.

    No wording reaches beyond a sentence.  What has no full stops (code, tables, hostile
    text) is cut, since it would hold a part of everything.  A set of stretches is an
    integer with one bit for each.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.blocks: list[tuple[int, int]] = []
        self._joined: list[bool] = []  # whether the block goes on from the one before
        start = 0
        for match in _SENTENCE_END.finditer(text):
            self._add(start, match.end())
            start = match.end()
        self._add(start, len(text))

    def _add(self, start: int, end: int) -> None:
        joined = False
        while end - start > MAX_SPAN_CHARS:
            cut = self.text.rfind(" ", start, start + MAX_SPAN_CHARS) + 1
            cut = cut or start + MAX_SPAN_CHARS
            self.blocks.append((start, cut))
            self._joined.append(joined)
            start, joined = cut, True
        self.blocks.append((start, end))
        self._joined.append(joined)

    def bits(self, block: int) -> int:
        """Return the stretches a word of *block* lies in: the block's, and the one before."""
        return 3 << block - 1 if self._joined[block] else 1 << block

    def spans(self, mask: int) -> Iterator[tuple[int, int]]:
        """Yield start and end of the stretches in *mask*."""
        while mask:
            lowest = mask & -mask
            mask ^= lowest
            yield self._span(lowest.bit_length() - 1)

    def _span(self, block: int) -> tuple[int, int]:
        following = block + 1
        last = following if following < len(self.blocks) and self._joined[following] else block
        return self.blocks[block][0], self.blocks[last][1]

    def containing(self, part: str) -> int:
        """Return the stretches that contain *part* as a substring."""
        mask = 0
        for block in range(len(self.blocks)):
            if self.text.find(part, *self._span(block)) >= 0:
                mask |= 1 << block
        return mask


class _ScriptIndex:
    """Finds the wordings a text could match, without trying them all."""

    def __init__(self, wordings: Iterable[Wording], *, spaced: bool) -> None:
        self._spaced = spaced
        self._wordings: dict[str, list[Wording]] = {}  # by the keys of their rarest part
        self._keys: set[str] = set()
        self._known: dict[str, frozenset[str]] = {}  # word -> the keys it holds
        self._idle: set[str] = set()  # words that hold none
        self._starts: dict[str, list[str]] = {}  # two characters -> the keys they begin
        for wording in wordings:
            self._keys.update(*wording.phrase.required)
            for key in wording.phrase.required[0]:
                self._wordings.setdefault(key, []).append(wording)
        for key in sorted(self._keys):
            self._starts.setdefault(key[:2], []).append(key)

    def candidates(self, stretches: Stretches) -> dict[int, Candidate]:
        """Return by rank the wordings of which a stretch holds every required part."""
        held = self._words(stretches) if self._spaced else self._substrings(stretches)
        found: dict[int, Candidate] = {}
        keys = set(held)
        for key in keys & self._wordings.keys():
            for wording in self._wordings[key]:
                if wording.rank not in found and _possible(wording.phrase.required, keys):
                    mask = _common(wording.phrase.required, held)
                    if mask:
                        found[wording.rank] = Candidate(wording, mask)
        return found

    def _words(self, stretches: Stretches) -> dict[str, int]:
        held: dict[str, int] = {}
        for block, (start, end) in enumerate(stretches.blocks):
            telling = words(stretches.text[start:end]) - self._idle
            if telling:
                bits = stretches.bits(block)
                for word in telling:
                    for key in self._known.get(word) or self._learn(word):
                        held[key] = held.get(key, 0) | bits
        return held

    def _learn(self, word: str) -> frozenset[str]:
        """Remember what a word is good for; most words of a mail are seen every day."""
        if len(self._known) + len(self._idle) >= MAX_KNOWN_WORDS:
            self._known.clear()
            self._idle.clear()
        found = frozenset(self._keys & lookups(word))
        if found:
            self._known[word] = found
        else:
            self._idle.add(word)
        return found

    def _substrings(self, stretches: Stretches) -> dict[str, int]:
        text = stretches.text
        starts = {first + second for first, second in itertools.pairwise(text)}.union(text)
        keys = (key for start in starts & self._starts.keys() for key in self._starts[start])
        return {key: stretches.containing(key) for key in keys if key in text}


def _possible(parts: Sequence[frozenset[str]], held: set[str]) -> bool:
    """Return whether every one of *parts* has a key in *held*: most fail here, and cheaply."""
    return not any(map(held.isdisjoint, parts))


def _common(parts: Sequence[frozenset[str]], held: Mapping[str, int]) -> int:
    """Return the stretches that hold a key of every one of *parts*."""
    mask = -1
    for keys in parts:
        found = 0
        for key in keys & held.keys():
            found |= held[key]
        mask &= found
        if not mask:
            break
    return mask


class Index:
    """Finds the candidates of a text over all scripts."""

    def __init__(self, wordings: Sequence[Wording], spaced: Mapping[str, bool]) -> None:
        self._spaced = _ScriptIndex((w for w in wordings if spaced[w.language]), spaced=True)
        self._unspaced = _ScriptIndex((w for w in wordings if not spaced[w.language]), spaced=False)

    def candidates(self, stretches: Stretches) -> list[Candidate]:
        """Return the wordings that the text could match, in the order of the files."""
        found = self._spaced.candidates(stretches)
        text = stretches.text
        if not text.isascii() and _UNSPACED_SCRIPT.search(text):
            found |= self._unspaced.candidates(stretches)
        return [found[rank] for rank in sorted(found)]
