"""Lures: wordings of pressure and of requests for secrets, in many languages, matched fast."""

import functools
import operator
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from phish_milter.phrases import (
    Grammar,
    Phrase,
    PhraseError,
    compile_phrase,
    lookups,
)
from phish_milter.textual import fold

CATEGORIES = (
    "verify",  # confirm the account, address or identity
    "suspension",  # the account is or will be limited
    "removal",  # the package or project is or will be removed
    "deadline",  # little time left
    "two_factor",  # two-factor must be set up, renewed, proven
    "security_alert",  # an unusual login, a compromise
    "breach",  # a breach notice, leaked credentials
    "invite",  # an invitation to accept
    "secret_reply",  # send a secret back by mail
    "command",  # run this command
    "callback",  # call this number
    "vulnerability",  # a flaw in the reader's package
    "policy",  # accept new terms, mandatory validation
    "self_present",  # speaks as the account's provider; the brand fills the slot
)
SELF_PRESENT = "self_present"

# A lure stands where the reader sees it soon, or right above the signature.
MAX_HEAD_CHARS = 16_000
MAX_TAIL_CHARS = 4_000
MAX_EVIDENCE_CHARS = 120  # enough to recognise the sentence in a log line
MAX_FILE_BYTES = 200_000  # ten times the largest shipped file
# "We never ask you to reply with your token" is advice, not a lure.
_NEGATABLE = frozenset({"secret_reply"})
_SENTENCE_END = re.compile("[.!?।؟] |。")
_NEGATION_REACH = 48  # characters before a hit in which its negation stands
# Letters that Unicode does not decompose, but that people type without the stroke.
_STROKES = (("ı", "i"), ("ł", "l"), ("đ", "d"), ("ø", "o"))


@dataclass(frozen=True, slots=True)
class LureHit:
    """
    One kind of lure found in a text.

    Attributes:
        category: One of `CATEGORIES`.
        language: Language of the wording (ISO 639-1), ``zxx`` for commands.
        evidence: The folded text that matched, shortened.
    """

    category: str
    language: str
    evidence: str


class LureError(ValueError):
    """Lure files that cannot be used; ``problems`` names file and key of every fault."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


_Text = Annotated[str, Field(min_length=1, max_length=2_000)]


class LureFile(BaseModel):
    """
    One file of wordings.

    Attributes:
        language: ISO 639-1 code; ``zxx`` where the wording is no language.
        name: English name of the language.
        spaced: Whether its script puts spaces between words.
        spellings: Letters and what people type instead.
        negations: Words before a request that turn it into advice.
        near_misses: Ordinary sentences that hold no request and no threat.
        vocabulary: Lists of alternatives for ``<name>``.
        phrases: Wordings by category.
        examples: A sentence by category that has to match.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    language: Annotated[str, Field(pattern="^[a-z]{2,3}$")]
    name: _Text
    spaced: bool = True
    spellings: dict[str, str] = {}
    negations: list[_Text] = []
    near_misses: list[_Text] = []
    vocabulary: dict[str, list[_Text]] = {}
    phrases: dict[str, list[_Text]]
    examples: dict[str, list[_Text]] = {}


@dataclass(frozen=True, slots=True)
class _Wording:
    """A compiled phrase in its place; *pattern* is None where a brand fills a slot."""

    rank: int
    category: str
    language: str
    phrase: Phrase
    negation: re.Pattern[str] | None
    pattern: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A wording and, for each of its required parts, the keys of it that a text holds."""

    wording: _Wording
    held: tuple[tuple[str, ...], ...]

    def find(self, pattern: re.Pattern[str], sentences: "_Sentences") -> str:
        """Return the first match of *pattern*, shortened; "" when there is none."""
        guard = self.wording.negation
        for sentence in sentences.holding(self.held):
            for match in pattern.finditer(sentence):
                reach = max(0, match.start() - _NEGATION_REACH)
                if not (guard and guard.search(sentence, reach, match.end())):
                    return match[0][:MAX_EVIDENCE_CHARS]
        return ""


class _Sentences:
    """The distinct sentences of a text; no wording reaches beyond one."""

    def __init__(self, text: str) -> None:
        self._all = tuple(dict.fromkeys(_SENTENCE_END.split(text)))
        self._masks: dict[str, int] = {}  # key -> one bit for each sentence that holds it

    def holding(self, parts: Sequence[Sequence[str]]) -> Iterator[str]:
        """Yield the sentences that hold at least one key of every part."""
        mask = -1
        for keys in parts:
            mask &= functools.reduce(operator.or_, map(self._mask, keys))
        while mask:
            lowest = mask & -mask
            yield self._all[lowest.bit_length() - 1]
            mask ^= lowest

    def _mask(self, key: str) -> int:
        mask = self._masks.get(key)
        if mask is None:
            mask = sum(1 << n for n, sentence in enumerate(self._all) if key in sentence)
            self._masks[key] = mask
        return mask


class _Index:
    """Finds the wordings a text could match, without trying them all."""

    def __init__(self, wordings: Iterable[_Wording], *, spaced: bool) -> None:
        self._spaced = spaced
        self._by_lookup: dict[str, list[tuple[_Wording, list[set[str]]]]] = {}
        self._lookups: set[str] = set()
        for wording in wordings:
            required = [{key.lookup for key in keys} for keys in wording.phrase.required]
            self._lookups.update(*required)
            for lookup in required[0]:
                self._by_lookup.setdefault(lookup, []).append((wording, required))

    def candidates(self, text: str) -> dict[int, _Candidate]:
        """Return the wordings by rank whose required parts could all stand in *text*."""
        held = self._held(text)
        found: dict[int, _Candidate] = {}
        for lookup in held & self._by_lookup.keys():
            for wording, required in self._by_lookup[lookup]:
                if wording.rank not in found and not any(map(held.isdisjoint, required)):
                    found[wording.rank] = _candidate(wording, held)
        return found

    def _held(self, text: str) -> set[str]:
        if self._spaced:
            return self._lookups & lookups(text)
        return {lookup for lookup in self._lookups if lookup in text}


def _candidate(wording: _Wording, held: set[str]) -> _Candidate:
    parts = (
        tuple(key.literal for key in keys if key.lookup in held)
        for keys in wording.phrase.required
    )
    return _Candidate(wording, tuple(parts))


class _Matcher:
    """Candidates of a text over all scripts, in the order of the files."""

    def __init__(self, wordings: Sequence[_Wording], spaced: Mapping[str, bool]) -> None:
        self._spaced = _Index((w for w in wordings if spaced[w.language]), spaced=True)
        self._unspaced = _Index((w for w in wordings if not spaced[w.language]), spaced=False)

    def candidates(self, text: str) -> list[_Candidate]:
        """Return the wordings that *text* could match, in the order of the files."""
        found = self._spaced.candidates(text)
        if not text.isascii() and _UNSPACED_SCRIPT.search(text):
            found |= self._unspaced.candidates(text)
        return [found[rank] for rank in sorted(found)]


# Kana, Han, Hangul (also decomposed): scripts whose words are not told apart by spaces.
_UNSPACED_SCRIPT = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3130-\u318f\u3400-\u9fff\uac00-\ud7a3]")


class Lures:
    """All shipped wordings, compiled once; immutable for its users and safe to share."""

    def __init__(self, files: Sequence[LureFile]) -> None:
        """
        Compile the wordings of *files*.

        Raises:
            LureError: A phrase of a file cannot be compiled.
        """
        wordings = list(_compile(files))
        spaced = {file.language: file.spaced for file in files}
        self.languages = tuple(file.language for file in files)
        self._requests = _Matcher([w for w in wordings if not w.phrase.has_slot], spaced)
        self._presentations = _Matcher([w for w in wordings if w.phrase.has_slot], spaced)
        self._bound: dict[tuple[int, tuple[str, ...]], re.Pattern[str]] = {}

    def match(self, folded: str) -> tuple[LureHit, ...]:
        """
        Return the first hit of every category in *folded*, in the order of the files.

        Args:
            folded: Text as `textual.fold` leaves it; the middle of a very long text is
                not looked at.
        """
        text = _prepare(folded)
        sentences = _Sentences(text)
        hits: dict[str, LureHit] = {}
        for candidate in self._requests.candidates(text):
            wording = candidate.wording
            if wording.category in hits or wording.pattern is None:
                continue
            evidence = candidate.find(wording.pattern, sentences)
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
            evidence = candidate.find(self._bind(candidate.wording, key), sentences)
            if evidence:
                return evidence
        return None

    def _bind(self, wording: _Wording, names: tuple[str, ...]) -> re.Pattern[str]:
        """Compile a wording for a brand the first time it becomes a candidate."""
        key = (wording.rank, names)
        if key not in self._bound:
            self._bound[key] = wording.phrase.compile(names)
        return self._bound[key]


def load(directory: Path) -> Lures:
    """
    Read and compile every ``*.toml`` in *directory*.

    Raises:
        LureError: With every fault of every file.
    """
    return Lures(read(directory))


def read(directory: Path) -> tuple[LureFile, ...]:
    """
    Read and validate every ``*.toml`` in *directory*, in the order of the names.

    Raises:
        LureError: With every fault of every file, or if there is no file.
    """
    problems: list[str] = []
    files = [_read_file(path, problems) for path in sorted(directory.glob("*.toml"))]
    if not files:
        problems.append(f"{directory}: no lure files")
    codes = [file.language for file in files if file]
    problems += [f"language {c!r} has two files" for c in sorted(set(codes)) if codes.count(c) > 1]
    if problems:
        raise LureError(problems)
    return tuple(file for file in files if file)


def _read_file(path: Path, problems: list[str]) -> LureFile | None:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            problems.append(f"{path.name}: larger than {MAX_FILE_BYTES} bytes")
            return None
        file = LureFile.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        for fault in error.errors():
            key = ".".join(map(str, fault["loc"]))
            problems.append(f"{path.name}: {key}: {fault['msg']}")
    except (OSError, ValueError) as error:
        problems.append(f"{path.name}: {error}")
    else:
        problems += [f"{path.name}: {problem}" for problem in _content_problems(file)]
        return file
    return None


def _content_problems(file: LureFile) -> Iterator[str]:
    for table in ("phrases", "examples"):
        for category in getattr(file, table):
            if category not in CATEGORIES:
                yield f"{table}.{category}: no such category"
    for category, sources in file.phrases.items():
        for source in sources:
            if ("{brand}" in source) != (category == SELF_PRESENT):
                yield f"phrases.{category}: {{brand}} belongs into self_present only: {source}"
    yield from _phrase_problems(file)


def _phrase_problems(file: LureFile) -> Iterator[str]:
    grammar = _grammar(file)
    for category, sources in file.phrases.items():
        for source in sources:
            try:
                compile_phrase(source, grammar)
            except PhraseError as error:
                yield f"phrases.{category}: {error}"


def _grammar(file: LureFile) -> Grammar:
    return Grammar(_fold, file.spaced, file.vocabulary, file.spellings)


def _compile(files: Sequence[LureFile]) -> Iterator[_Wording]:
    rank = 0
    for file in files:
        grammar = _grammar(file)
        negation = _negation(file)
        for category, sources in file.phrases.items():
            guard = negation if category in _NEGATABLE else None
            for source in sources:
                phrase = compile_phrase(source, grammar)
                pattern = None if phrase.has_slot else phrase.compile()
                yield _Wording(rank, category, file.language, phrase, guard, pattern)
                rank += 1


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
