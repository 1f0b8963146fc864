"""Lures: wordings of pressure and of requests for secrets, in many languages, matched fast."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from phish_milter.detection.lures.categories import LureCategory, Mark
from phish_milter.detection.lures.files import LureError, LureFile, read
from phish_milter.detection.lures.index import Index, Stretches, Wording
from phish_milter.detection.lures.phrases import (
    Grammar,
    PhraseError,
    compile_phrase,
)
from phish_milter.text.folding import fold

# A lure stands where the reader sees it soon, or right above the signature.
MAX_HEAD_CHARS = 16_000
MAX_TAIL_CHARS = 4_000

# Letters that Unicode does not decompose, but that people type plain: dotless i, strokes.
_STROKES = (("\u0131", "i"), ("ł", "l"), ("đ", "d"), ("ø", "o"))


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
        self._requests = Index([w for w in self._wordings if not w.phrase.has_slot], spaced)
        self._presentations = Index([w for w in self._wordings if w.phrase.has_slot], spaced)
        self._patterns: dict[tuple[int, tuple[str, ...]], re.Pattern[str]] = {}

    def match(self, folded: str) -> tuple[LureHit, ...]:
        """
        Return the first hit of every category in *folded*, in the order of the files.

        Args:
            folded: Text as `textual.fold` leaves it; the middle of a very long text is
                not looked at.
        """
        stretches = Stretches(_prepare(folded))
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
        stretches = Stretches(text)
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

    def _pattern(self, wording: Wording, names: tuple[str, ...] = ()) -> re.Pattern[str]:
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


def _compile(files: Sequence[LureFile]) -> tuple[Wording, ...]:
    wordings: list[Wording] = []
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
            wordings.append(Wording(len(wordings), category, file.language, phrase, guard))
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
