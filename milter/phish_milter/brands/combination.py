"""A brand's name joined with other words: ``pypi-mirror``, ``verifypypi``, ``pypl-account``."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache

from phish_milter.brands.imitation import Imitation, canonical, visual_spelling
from phish_milter.brands.model import TokenUse
from phish_milter.resources import data_directory

_MAX_WORDS = 4  # words glued together: "accountsecurityverifynow"; more is chance
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
def asks(label: str) -> bool:
    """Whether *label* holds a word such as "login" among words that are all known."""
    pieces = canonical(label).split("-")
    return any(word in words().asks for piece in pieces for word in split_words(piece))


@dataclass(frozen=True, slots=True)
class Names:
    """
    The names of one brand, ready to be found inside longer ones.

    Attributes:
        names: Names, longest first.
        slips: Misspellings; those that count anywhere count here.
        use: How much a name beside other words says.
        canonical: *names* in canonical form.

    """

    names: tuple[str, ...]
    slips: Mapping[str, Imitation]
    use: TokenUse
    canonical: tuple[str, ...] = field(init=False)
    _sizes: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        sizes = {len(written) for written in self.slips}
        object.__setattr__(self, "canonical", tuple(map(canonical, self.names)))
        object.__setattr__(self, "_sizes", tuple(sorted(sizes)))

    def find(self, label: str) -> str:
        """
        Explain how *label* joins one of the names with other words, or return "".

        An exact name that nobody else has reason to carry counts beside any word set
        off by a hyphen and beside known words glued to it.  A misspelt name, or one
        that projects carry too, needs a word that asks for something.
        """
        plain = canonical(label)
        for name, reads in zip(self.names, self.canonical, strict=True):
            if reads in plain:
                for at in _places(plain, reads):
                    if self._counts(label, name, plain[:at], plain[at + len(reads) :]):
                        return self._explain(label, name)
        return self._misspelt(label)

    def within(self, text: str) -> bool:
        """Whether one of the names, or what looks like it, is part of *text* at all."""
        plain = canonical(text)
        return any(name in plain for name in self.canonical)

    def asking(self, label: str) -> bool:
        """Whether *label* is one of the names beside words, of which one asks."""
        plain = canonical(label)
        return any(
            _known_and_asking(f"{plain[:at]}-{plain[at + len(name) :]}")
            for name in self.canonical
            for at in _places(plain, name)
        )

    def _counts(self, label: str, name: str, before: str, after: str) -> bool:
        rest = [piece for piece in (*before.split("-"), *after.split("-")) if piece]
        known = all(split_words(piece) for piece in rest)
        asking = any(w in words().asks for piece in rest for w in split_words(piece))
        if not rest:
            return False
        if self.use is not TokenUse.DISTINCT or name not in label:
            return known and asking
        set_off = before[-1:] in ("", "-") and after[:1] in ("", "-")
        return known or set_off

    def _explain(self, label: str, name: str) -> str:
        if name in label:
            return f"{name} with other words"
        written, changes = visual_spelling(label, name)
        return f"{written} = {name} with {changes}, and other words"

    def _misspelt(self, label: str) -> str:
        """Look for a slip set off by hyphens, or at either end, beside known words."""
        for written, rest in _candidates(label, self._sizes):
            slip = self.slips.get(written)
            if slip and slip.anywhere and _known_and_asking(rest):
                return f"{written} = {slip.name} with {slip.how}, and other words"
        return ""


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _candidates(label: str, sizes: Sequence[int]) -> Iterator[tuple[str, str]]:
    if "-" in label:
        pieces = label.split("-")
        for at, piece in enumerate(pieces):
            yield piece, "-".join((*pieces[:at], *pieces[at + 1 :]))
    for size in sizes:
        if len(label) > size:
            yield label[:size], label[size:]
            yield label[-size:], label[:-size]


def _known_and_asking(rest: str) -> bool:
    pieces = [piece for piece in canonical(rest).split("-") if piece]
    split = [split_words(piece) for piece in pieces]
    return all(split) and any(w in words().asks for found in split for w in found)
