"""A brand's name joined with other words: ``pypi-mirror``, ``verifypypi``, ``pypl-account``."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache

from phish_milter.detection.brands.host_reading import Label
from phish_milter.detection.brands.model import TokenUse
from phish_milter.detection.brands.typosquatting import Imitation, canonical, visual_spelling
from phish_milter.resources import data_directory

_MAX_WORDS = 4  # words glued together: "accountsecurityverifynow"; more is chance
_SYLLABLE = 2
_NEVER = r"(?!)"
_MAX_LABEL = 63  # RFC 1035; bounds the work on path segments too


@dataclass(frozen=True, slots=True)
class Words:
    """Words of ``words.txt``, canonical: *asks* is what deceivers' pages are about."""

    asks: frozenset[str]
    joins: frozenset[str]


@cache
def words() -> Words:
    """Load the shipped words."""
    kinds: dict[str, set[str]] = {"asks": set(), "joins": set()}
    text = (data_directory() / "brands" / "words.txt").read_text(encoding="ascii")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kind, *listed = line.split()
            kinds[kind].update(canonical(word) for word in listed)
    return Words(frozenset(kinds["asks"]), frozenset(kinds["joins"]))


@lru_cache(maxsize=4096)
def split_words(piece: str) -> tuple[str, ...]:
    """Return the known words that canonical *piece* is glued together from, () when unknown."""
    return next(_splits(piece, _MAX_WORDS), ()) if len(piece) <= _MAX_LABEL else ()


def _splits(piece: str, most: int) -> Iterator[tuple[str, ...]]:
    known = words()
    if piece in known.asks or piece in known.joins or piece.isdigit():
        yield (piece,)
    elif most > 1:
        for at in range(len(piece) - 1, 0, -1):
            if piece[:at] in known.asks or piece[:at] in known.joins:
                for rest in _splits(piece[at:], most - 1):
                    yield (piece[:at], *rest)


@lru_cache(maxsize=4096)
def asks(plain: str) -> bool:
    """Whether canonical *plain* holds a word such as "login"."""
    return any(word in words().asks for piece in plain.split("-") for word in split_words(piece))


@dataclass(frozen=True, slots=True)
class Names:
    """
    The names of one brand, ready to be found inside longer ones.

    Attributes:
        names: Names, longest first.
        slips: Misspellings; those that count anywhere count here.
        use: How much a name beside other words says.
        suffixes: Suffixes of the brand's domains: beside a misspelt name they spell the
            domain, as in ``pypj-org``.

    """

    names: tuple[str, ...]
    slips: Mapping[str, Imitation]
    use: TokenUse
    suffixes: frozenset[str] = frozenset()
    _within: re.Pattern[str] = field(init=False)
    _sizes: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        forms = "|".join(re.escape(canonical(name)) for name in self.names)
        object.__setattr__(self, "_within", re.compile(forms or _NEVER))
        glued = self.slips if self.use is TokenUse.DISTINCT else ()
        object.__setattr__(self, "_sizes", tuple(sorted({len(slip) for slip in glued})))

    def within(self, plain: str) -> bool:
        """Whether something that looks like a name is part of canonical *plain* at all."""
        return self._within.search(plain) is not None

    def find(self, label: Label) -> str:
        """
        Explain how *label* joins one of the names with other words, or return "".

        An exact name that nobody else has reason to carry counts beside any word set
        off by a hyphen and beside known words glued to it.  A misspelt name, or one
        that projects carry too, needs a word that asks for something.
        """
        if self.within(label.plain):
            for name in self.names:
                for before, after in _around(label.plain, canonical(name)):
                    if self._counts(label.text, name, before, after):
                        return _explain(label.text, name)
        return self._misspelt(label.text) or self._hyphenated(label)

    def asking(self, label: Label) -> bool:
        """Whether *label* is one of the names beside known words, of which one asks."""
        return any(
            all(self._rest(before, after))
            for name in self.names
            for before, after in _around(label.plain, canonical(name))
        )

    def _counts(self, label: str, name: str, before: str, after: str) -> bool:
        if not before and not after:
            return False
        known, asking = self._rest(before, after)
        if self.use is not TokenUse.DISTINCT or name not in label:
            return known and asking
        set_off = before[-1:] in ("", "-") and after[:1] in ("", "-")
        return known or set_off or label.replace(name, "").isdigit()

    def _hyphenated(self, label: Label) -> str:
        """Look for a name torn apart by hyphens beside known words, one of which asks."""
        if "-" not in label.text:
            return ""
        squeezed = Label.of(label.text.replace("-", ""))
        if self.within(squeezed.plain) and self.asking(squeezed):
            return f"{label.text} without its hyphens"
        return ""

    def _rest(self, before: str, after: str) -> tuple[bool, bool]:
        """
        Return whether all words around a name are known, and whether one of them asks.

        Set off by hyphens, a syllable of two letters is a word; glued on it is chance.
        """
        *apart_before, glued_before = before.split("-")
        glued_after, *apart_after = after.split("-")
        pieces = [p for p in (*apart_before, glued_before, glued_after, *apart_after) if p]
        glued = {glued_before, glued_after} - {""}
        known = all(split_words(p) or (len(p) <= _SYLLABLE and p not in glued) for p in pieces)
        asking = any(
            w in words().asks or w in self.suffixes for p in pieces for w in split_words(p)
        )
        return known, asking

    def _misspelt(self, label: str) -> str:
        """Look for a slip set off by hyphens, or at either end, beside known words."""
        for written, before, after in self._suspects(label):
            slip = self.slips[written]
            if slip.anywhere and all(self._rest(canonical(before), canonical(after))):
                return f"{written} ({slip.name} with {slip.how}) with {_others(label, written)}"
        return ""

    def _suspects(self, label: str) -> list[tuple[str, str, str]]:
        found = []
        for size in self._sizes:
            if label[:size] in self.slips:
                found.append((label[:size], "", label[size:]))
            if label[-size:] in self.slips:
                found.append((label[-size:], label[:-size], ""))
        if "-" in label:
            pieces = label.split("-")
            for at, piece in enumerate(pieces):
                if piece in self.slips:
                    before, after = "-".join(pieces[:at]), "-".join(pieces[at + 1 :])
                    found.append((piece, before + "-", "-" + after))
        return found


def _explain(label: str, name: str) -> str:
    if name in label:
        return f"{name} with {_others(label, name)}"
    written, changes = visual_spelling(label, name)
    return f"{written} ({name} with {changes}) with {_others(label, written)}"


def _others(label: str, written: str) -> str:
    """Return what stands beside *written* in *label*."""
    pieces = (piece.strip("-") for piece in label.partition(written)[::2])
    return " and ".join(piece for piece in pieces if piece)


def _around(plain: str, name: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before and after each place of *name*."""
    at = plain.find(name)
    while at >= 0:
        yield plain[:at], plain[at + len(name) :]
        at = plain.find(name, at + 1)
