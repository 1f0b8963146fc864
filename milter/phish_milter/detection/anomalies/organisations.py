"""Whose name a sender borrows: well-known organisations and the domains they write from."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from phish_milter.domains.names import parents
from phish_milter.domains.registrable import registrable_icann
from phish_milter.resources import entries, list_path, words
from phish_milter.text.folding import fold, skeleton

_OFFICES = "office-words.txt"
_ABOUT = "about-words.txt"
_LONGEST_NAME = 120  # characters of a display name looked at
_MOST_WORDS = 5  # "united states postal service" and one to spare
_WORD = re.compile(r"[^\W_]+(?:['\u2019.&+-][^\W_]+|\+)*")
_SIGNS = re.compile(r"[^a-z0-9]+")
# Strokes that are drawn alike; only for finding that a name was imitated.
_ALIKE = str.maketrans("i1|0!", "lllol")
_SHORTEST_IMITATED = 5  # letters; shorter names are too close to other words


@dataclass(frozen=True, slots=True)
class Organisation:
    """
    A well-known sender.

    Attributes:
        name: Its first name in the list.
        labels: What its own registrable domain may be called under any suffix.
        domains: Domains it writes from and leads to, subdomains included.
    """

    name: str
    labels: frozenset[str]
    domains: frozenset[str]

    def lists(self, host: str) -> bool:
        """Return whether *host* is in a domain that the list names for the organisation."""
        return not self.domains.isdisjoint(parents(host))

    def owns(self, host: str) -> bool:
        """Return whether *host* is one of the organisation's, as far as the list knows."""
        if self.lists(host):
            return True
        label = registrable_icann(host).partition(".")[0]
        return label in self.labels or _SIGNS.sub("", label) in self.labels


@dataclass(frozen=True, slots=True)
class _Name:
    organisation: Organisation
    ordinary: bool  # a word or surname: counts only alone or beside an office


@dataclass(frozen=True, slots=True)
class Borrowed:
    """A name at the beginning of a display name, and whether it is only drawn like it."""

    organisation: Organisation
    imitated: bool


@lru_cache(maxsize=1)
def _table() -> tuple[Mapping[str, _Name], Mapping[str, str]]:
    """Return names by skeleton, and the names by their look."""
    names: dict[str, _Name] = {}
    path = list_path("organisations.txt")
    for number, text in entries(path):
        names.update(_entry(text, f"{path}:{number}"))
    looks = {_look(name): name for name in names if len(name) >= _SHORTEST_IMITATED}
    return MappingProxyType(names), MappingProxyType(looks)


def _entry(text: str, place: str) -> Iterator[tuple[str, _Name]]:
    left, equals, right = text.partition("=")
    spoken = [name.strip() for name in left.split(",")]
    domains = frozenset(right.split())
    if not equals or not domains or not all(spoken):
        raise ValueError(f"{place}: expected name[, name] = domain ...")
    plain = [name.lstrip("~") for name in spoken]
    labels = frozenset(_SIGNS.sub("", fold(name)) for name in plain)
    organisation = Organisation(plain[0], labels, domains)
    for name in spoken:
        yield _words(skeleton(name.lstrip("~"))), _Name(organisation, name.startswith("~"))


def warm() -> None:
    """Read the lists now, so that no message pays for it."""
    _domains()
    words(_OFFICES)
    words(_ABOUT)


def is_known(host: str) -> bool:
    """Return whether *host* is in a domain of somebody on the list."""
    return not _domains().isdisjoint(parents(host))


@lru_cache(maxsize=1)
def _domains() -> frozenset[str]:
    return frozenset(d for name in _table()[0].values() for d in name.organisation.domains)


def borrowed(display_name: str) -> Borrowed | None:
    """Return whose name *display_name* begins with, None when it is nobody's on the list."""
    names, looks = _table()
    words = _WORD.findall(skeleton(display_name[:_LONGEST_NAME]))
    for count in range(min(_MOST_WORDS, len(words)), 0, -1):
        start = " ".join(words[:count])
        name = names.get(start)
        imitated = name is None
        if imitated:
            name = names.get(looks.get(_look(start), ""))
        if name is not None:
            rest = words[count:]
            return Borrowed(name.organisation, imitated) if _counts(name, rest) else None
    return None


def _counts(name: _Name, rest: Sequence[str]) -> bool:
    if not words(_ABOUT).isdisjoint(rest):
        return False
    return not name.ordinary or not rest or rest[0] in words(_OFFICES)


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text))


def _look(text: str) -> str:
    return text.translate(_ALIKE)
