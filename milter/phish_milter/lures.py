"""Lures: wordings of pressure and of requests for secrets, in many languages, matched fast."""

import bisect
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from phish_milter.lurefiles import LureError, LureFile, read
from phish_milter.phrases import Grammar, Phrase, PhraseError, compile_phrase, lookups, words
from phish_milter.textual import fold

# A lure stands where the reader sees it soon, or right above the signature.
MAX_HEAD_CHARS = 16_000
MAX_TAIL_CHARS = 4_000
MAX_EVIDENCE_CHARS = 120  # enough to recognise the sentence in a log line
MAX_KNOWN_WORDS = 50_000  # some 10 MB; a language has fewer words in use

# "We never ask you to reply with your token" is advice, not a lure.
_NEGATABLE = frozenset({"secret_reply"})
_NEGATION_REACH = 48  # characters before a hit in which its negation stands
# Letters that Unicode does not decompose, but that people type plain: dotless i, strokes.
_STROKES = (("\u0131", "i"), ("ł", "l"), ("đ", "d"), ("ø", "o"))
_SENTENCE_END = re.compile("[.!?।؟] |。")
# Kana, Han, Hangul: scripts whose words are not told apart by spaces.
_UNSPACED_SCRIPT = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7a3]")


@dataclass(frozen=True, slots=True)
class LureHit:
    """
    One kind of lure found in a text.

    Attributes:
        category: One of `phish_milter.lurefiles.CATEGORIES`, except ``self_present``.
        language: Language of the wording (ISO 639-1), ``zxx`` for commands.
        evidence: The folded text that matched, shortened.
    """

    category: str
    language: str
    evidence: str


@dataclass(frozen=True, slots=True)
class _Wording:
    """A phrase in its place; *rank* is its number over all files."""

    rank: int
    category: str
    language: str
    phrase: Phrase
    negation: re.Pattern[str] | None


class _Sentences:
    """The sentences of a text; no wording reaches beyond one."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = [0, *(match.end() for match in _SENTENCE_END.finditer(text))]
        self._ends = [*self._starts[1:], len(text)]
        self._masks: dict[str, int] = {}  # literal -> one bit for each sentence that holds it

    def holding(self, parts: Sequence[Sequence[str]]) -> Iterator[tuple[int, int]]:
        """Yield start and end of the sentences that hold at least one literal of every part."""
        mask = -1
        for literals in parts:
            found = 0
            for literal in literals:
                found |= self._mask(literal)
            mask &= found
        while mask > 0:
            lowest = mask & -mask
            index = lowest.bit_length() - 1
            yield self._starts[index], self._ends[index]
            mask ^= lowest

    def _mask(self, literal: str) -> int:
        known = self._masks.get(literal)
        if known is not None:
            return known
        mask = 0
        position = self.text.find(literal)
        while position >= 0:
            index = bisect.bisect_right(self._starts, position) - 1
            mask |= 1 << index
            position = self.text.find(literal, self._ends[index])
        self._masks[literal] = mask
        return mask


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A wording and, for each of its required parts, the literals that a text could hold."""

    wording: _Wording
    literals: tuple[tuple[str, ...], ...]

    def find(self, pattern: re.Pattern[str], sentences: _Sentences) -> str:
        """Return the first match of *pattern*, shortened; "" when there is none."""
        guard = self.wording.negation
        for start, end in sentences.holding(self.literals):
            for match in pattern.finditer(sentences.text, start, end):
                reach = max(start, match.start() - _NEGATION_REACH)
                if not (guard and guard.search(sentences.text, reach, match.end())):
                    return match[0][:MAX_EVIDENCE_CHARS]
        return ""


class _Entry:
    """A wording in an index, its keys laid out for fast set operations."""

    __slots__ = ("_literals", "required", "wording")

    def __init__(self, wording: _Wording) -> None:
        self.wording = wording
        self.required = tuple(
            frozenset(key.lookup for key in keys) for keys in wording.phrase.required
        )
        self._literals: tuple[dict[str, list[str]], ...] = tuple({} for _ in self.required)
        for literals, keys in zip(self._literals, wording.phrase.required, strict=True):
            for key in sorted(keys):
                literals.setdefault(key.lookup, []).append(key.literal)

    def candidate(self, held: set[str]) -> _Candidate | None:
        """Return the wording as a candidate if *held* has a key of every required part."""
        for keys in self.required:
            if keys.isdisjoint(held):
                return None
        found = (
            tuple(literal for key in keys & held for literal in literals[key])
            for keys, literals in zip(self.required, self._literals, strict=True)
        )
        return _Candidate(self.wording, tuple(found))


class _Index:
    """Finds the wordings a text could match, without trying them all."""

    def __init__(self, wordings: Iterable[_Wording], *, spaced: bool) -> None:
        self._spaced = spaced
        self._by_lookup: dict[str, list[_Entry]] = {}
        self._lookups: set[str] = set()
        self._known: dict[str, frozenset[str]] = {}  # word -> its lookups that matter here
        for entry in map(_Entry, wordings):
            self._lookups.update(*entry.required)
            for lookup in entry.required[0]:
                self._by_lookup.setdefault(lookup, []).append(entry)

    def candidates(self, text: str) -> dict[int, _Candidate]:
        """Return the wordings by rank whose required parts could all stand in *text*."""
        held = self._held(text)
        found: dict[int, _Candidate] = {}
        for lookup in held & self._by_lookup.keys():
            for entry in self._by_lookup[lookup]:
                candidate = entry.candidate(held)
                if candidate:
                    found[entry.wording.rank] = candidate
        return found

    def _held(self, text: str) -> set[str]:
        if not self._spaced:
            return {lookup for lookup in self._lookups if lookup in text}
        held: set[str] = set()
        known = self._known
        for word in words(text):
            found = known.get(word)
            held.update(self._learn(word) if found is None else found)
        return held

    def _learn(self, word: str) -> frozenset[str]:
        """Remember what a word is good for; most words of a mail are seen every day."""
        if len(self._known) >= MAX_KNOWN_WORDS:
            self._known.clear()
        self._known[word] = frozenset(self._lookups & lookups(word))
        return self._known[word]


class _Matcher:
    """Finds the candidates of a text over all scripts."""

    def __init__(self, wordings: Sequence[_Wording], spaced: Mapping[str, bool]) -> None:
        self._spaced = _Index((w for w in wordings if spaced[w.language]), spaced=True)
        self._unspaced = _Index((w for w in wordings if not spaced[w.language]), spaced=False)

    def candidates(self, text: str) -> list[_Candidate]:
        """Return the wordings that *text* could match, in the order of the files."""
        found = self._spaced.candidates(text)
        if not text.isascii() and _UNSPACED_SCRIPT.search(text):
            found |= self._unspaced.candidates(text)
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
        sentences = _Sentences(_prepare(folded))
        hits: dict[str, LureHit] = {}
        for candidate in self._requests.candidates(sentences.text):
            wording = candidate.wording
            if wording.category in hits:
                continue
            evidence = candidate.find(self._pattern(wording), sentences)
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
        sentences = _Sentences(text)
        for candidate in self._presentations.candidates(text):
            evidence = candidate.find(self._pattern(candidate.wording, key), sentences)
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
            guard = negation if category in _NEGATABLE else None
            wordings.append(_Wording(len(wordings), category, file.language, phrase, guard))
    if problems:
        raise LureError(problems)
    return tuple(wordings)


def _sources(file: LureFile) -> Iterator[tuple[str, str]]:
    for category, sources in file.phrases.items():
        for source in sources:
            yield category, source


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
