"""Lures: wordings of pressure and of requests for secrets, in many languages, matched fast."""

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from phish_milter.detection.lures.categories import LureCategory, Mark
from phish_milter.detection.lures.files import LureError, LureFile, read
from phish_milter.detection.lures.phrases import (
    Grammar,
    Phrase,
    PhraseError,
    compile_phrase,
    lookups,
    words,
)
from phish_milter.text.folding import fold

# A lure stands where the reader sees it soon, or right above the signature.
MAX_HEAD_CHARS = 16_000
MAX_TAIL_CHARS = 4_000
MAX_SPAN_CHARS = 300  # a wording is part of a sentence a human reads at a glance
MAX_EVIDENCE_CHARS = 120  # enough to recognise the sentence in a log line
MAX_KNOWN_WORDS = 50_000  # some 10 MB; a language has fewer words in use

_NEGATION_REACH = 48  # characters before a hit in which its negation stands
# Letters that Unicode does not decompose, but that people type plain: dotless i, strokes.
_STROKES = (("\u0131", "i"), ("ł", "l"), ("đ", "d"), ("ø", "o"))
_SENTENCE_END = re.compile("[.!?।؟] (?<![0-9]..)|。")  # "15. März" goes on
# Kana, Han, Hangul: scripts whose words are not told apart by spaces.
_UNSPACED_SCRIPT = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class LureHit:
    """
    One kind of lure found in a text.

    Attributes:
        category: Any but ``self_present``.
        language: Language of the wording (ISO 639-1), ``zxx`` for commands.
        evidence: The folded text that matched, shortened.
    """

    category: LureCategory
    language: str
    evidence: str


@dataclass(frozen=True, slots=True)
class _Wording:
    """A phrase in its place; *rank* is its number over all files."""

    rank: int
    category: LureCategory
    language: str
    phrase: Phrase
    negation: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A wording and the stretches of a text that hold all it requires."""

    wording: _Wording
    mask: int

    def find(self, pattern: re.Pattern[str], stretches: "_Stretches") -> str:
        """Return the first match of *pattern*, shortened; "" when there is none."""
        guard = self.wording.negation
        for start, end in stretches.spans(self.mask):
            for match in pattern.finditer(stretches.text, start, end):
                reach = max(start, match.start() - _NEGATION_REACH)
                if not (guard and guard.search(stretches.text, reach, match.end())):
                    return match[0][:MAX_EVIDENCE_CHARS]
        return ""


class _Stretches:
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


class _Index:
    """Finds the wordings a text could match, without trying them all."""

    def __init__(self, wordings: Iterable[_Wording], *, spaced: bool) -> None:
        self._spaced = spaced
        self._wordings: dict[str, list[_Wording]] = {}  # by the keys of their rarest part
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

    def candidates(self, stretches: _Stretches) -> dict[int, _Candidate]:
        """Return by rank the wordings of which a stretch holds every required part."""
        held = self._words(stretches) if self._spaced else self._substrings(stretches)
        found: dict[int, _Candidate] = {}
        keys = set(held)
        for key in keys & self._wordings.keys():
            for wording in self._wordings[key]:
                if wording.rank not in found and _possible(wording.phrase.required, keys):
                    mask = _common(wording.phrase.required, held)
                    if mask:
                        found[wording.rank] = _Candidate(wording, mask)
        return found

    def _words(self, stretches: _Stretches) -> dict[str, int]:
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

    def _substrings(self, stretches: _Stretches) -> dict[str, int]:
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


class _Matcher:
    """Finds the candidates of a text over all scripts."""

    def __init__(self, wordings: Sequence[_Wording], spaced: Mapping[str, bool]) -> None:
        self._spaced = _Index((w for w in wordings if spaced[w.language]), spaced=True)
        self._unspaced = _Index((w for w in wordings if not spaced[w.language]), spaced=False)

    def candidates(self, stretches: _Stretches) -> list[_Candidate]:
        """Return the wordings that the text could match, in the order of the files."""
        found = self._spaced.candidates(stretches)
        text = stretches.text
        if not text.isascii() and _UNSPACED_SCRIPT.search(text):
            found |= self._unspaced.candidates(stretches)
        return [found[rank] for rank in sorted(found)]


class Lures:
    """
    All wordings, ready to match; what it remembers only saves time.

    Attributes:
        languages: Languages of the files, in their order.
    """

    def __init__(self, files: Sequence[LureFile]) -> None:
        """
        Compile the wordings of *files*.

        Raises:
            LureError: With every phrase that breaks the rules of the phrase language.
        """
        self._wordings = _compile(files)
        spaced = {file.language: file.spaced for file in files}
        self.languages = tuple(spaced)
        self._requests = _Matcher([w for w in self._wordings if not w.phrase.has_slot], spaced)
        self._presentations = _Matcher([w for w in self._wordings if w.phrase.has_slot], spaced)
        self._patterns: dict[tuple[int, tuple[str, ...]], re.Pattern[str]] = {}

    def match(self, folded: str) -> tuple[LureHit, ...]:
        """
        Return the first hit of every category in *folded*, in the order of the files.

        Args:
            folded: Text as `textual.fold` leaves it; the middle of a very long text is
                not looked at.
        """
        stretches = _Stretches(_prepare(folded))
        hits: dict[str, LureHit] = {}
        for candidate in self._requests.candidates(stretches):
            wording = candidate.wording
            if wording.category in hits:
                continue
            evidence = candidate.find(self._pattern(wording), stretches)
            if evidence:
                hits[wording.category] = LureHit(wording.category, wording.language, evidence)
        return tuple(hits.values())

    def self_presentations(self, folded: str, names: Sequence[str]) -> str | None:
        """
        Return the words with which *folded* speaks as the provider of an account.

        Args:
            folded: Text as `textual.fold` leaves it.
            names: Folded names of one brand.
        """
        text = _prepare(folded)
        key = tuple(_unstroke(name) for name in names if name.strip())
        if not any(name in text for name in key):
            return None
        stretches = _Stretches(text)
        for candidate in self._presentations.candidates(stretches):
            evidence = candidate.find(self._pattern(candidate.wording, key), stretches)
            if evidence:
                return evidence
        return None

    def warm(self, brands: Iterable[Sequence[str]] = ()) -> None:
        """Compile every pattern now, with the folded names of each of the *brands*."""
        keys = [tuple(_unstroke(name) for name in names if name.strip()) for names in brands]
        for wording in self._wordings:
            for key in keys if wording.phrase.has_slot else [()]:
                self._pattern(wording, key)

    def _pattern(self, wording: _Wording, names: tuple[str, ...] = ()) -> re.Pattern[str]:
        """Return the wording's pattern; a text needs few of them, so they are made on demand."""
        key = (wording.rank, names)
        pattern = self._patterns.get(key)
        if pattern is None:
            pattern = self._patterns[key] = wording.phrase.compile(names)
        return pattern


def load(directory: Path) -> Lures:
    """
    Read and compile every ``*.toml`` in *directory*.

    Raises:
        LureError: With every fault of every file.
    """
    files, problems = read(directory)
    try:
        lures = Lures(files)
    except LureError as error:
        raise LureError([*problems, *error.problems]) from None
    if problems:
        raise LureError(problems)
    return lures


def _compile(files: Sequence[LureFile]) -> tuple[_Wording, ...]:
    wordings: list[_Wording] = []
    problems: list[str] = []
    common = frozenset(word for file in files for word in file.common)
    for file in files:
        grammar = Grammar(_fold, file.spaced, file.vocabulary, file.spellings, common)
        negation = _negation(file)
        for category, source in _sources(file):
            try:
                phrase = compile_phrase(source, grammar)
            except PhraseError as error:
                problems.append(f"{file.origin}: phrases.{category}: {error}")
                continue
            guard = negation if category.marks & Mark.NEGATABLE else None
            wordings.append(_Wording(len(wordings), category, file.language, phrase, guard))
    if problems:
        raise LureError(problems)
    return tuple(wordings)


def _sources(file: LureFile) -> Iterator[tuple[LureCategory, str]]:
    for category, sources in file.phrases.items():
        for source in sources:
            yield LureCategory(category), source


def _negation(file: LureFile) -> re.Pattern[str] | None:
    if not file.negations:
        return None
    alternatives = "|".join(re.escape(_fold(word)) for word in file.negations)
    edge = r"\b" if file.spaced else ""
    return re.compile(f"{edge}(?:{alternatives}){edge}")


def _prepare(folded: str) -> str:
    if len(folded) > MAX_HEAD_CHARS + MAX_TAIL_CHARS:
        folded = f"{folded[:MAX_HEAD_CHARS]} . {folded[-MAX_TAIL_CHARS:]}"
    return folded if folded.isascii() else _unstroke(folded)


def _fold(text: str) -> str:
    return _unstroke(fold(text))


def _unstroke(text: str) -> str:
    for letter, plain in _STROKES:
        text = text.replace(letter, plain)
    return text
