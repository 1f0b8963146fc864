"""
The look-alike engine: how a host or URL relates to a brand, and which trick makes it so.

Order of judging, first match wins: hosts the pack knows and the recipient's own, imitations of
the registered name, the name among the labels, and for URLs the name in the path.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from phish_milter.detection.brands.combosquatting import Names, asks
from phish_milter.detection.brands.host_reading import REMEMBERED, Label, Reading, read_host
from phish_milter.detection.brands.known_hosts import Acquaintances, mentions_by_path
from phish_milter.detection.brands.model import Brand, Judgement, Relation, TokenUse
from phish_milter.detection.brands.typosquatting import Imitation, canonical, slips, visual_spelling
from phish_milter.text.folding import disguised

_FOREIGN = Judgement(Relation.FOREIGN)
# A label of the brand's domains that short ("io", "gh") is nobody's mark unless it holds a token.
_MIN_MARK = 6
# Shorter tokens ("npm") are initials of many: under other suffixes they say nothing.
_MIN_SWAP = 4
# Suffixes that read as a department of whoever stands before them.
_SERVICE_SUFFIXES = frozenset({"help", "support", "security", "services", "email"})
_REMEMBERED_URLS = 512  # URLs recur within a mail, hardly ever between mails
_MAX_PATH = 1024  # a reader sees the start of a path
_SEGMENTS = re.compile(r"[/;]+")
_ENDING = re.compile(r"\.(?:s?html?|php\d?|aspx?|jsp|cgi)$")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, slots=True)
class _Mark:
    """
    A name under which the brand is registered, and where.

    Attributes:
        name: The name.
        domain: A domain of the brand that has it, or the name itself.
        suffixes: What the brand registered it under.
        ordinary: It is a word that others use too, so that only what comes close to
            the whole domain imitates the brand.

    """

    name: str
    domain: str
    suffixes: frozenset[str]
    ordinary: bool


class Lookalike:
    """
    Judges hosts and URLs against one brand; built once per process.

    Attributes:
        brand: The brand.
        judge_host: Judge a host (ASCII or Unicode, also the domain of an address).
        judge_url: Judge a host together with a path.  Both remember their answers.

    """

    def __init__(self, brand: Brand, site_domains: Collection[str] = ()) -> None:
        self.brand = brand
        self._known = Acquaintances(brand, site_domains)
        self._marks = _marks(brand)
        self._canonical = {canonical(name): mark for name, mark in self._marks.items()}
        self._slips = _all_slips(self._marks)
        self._distinct = brand.token_use is TokenUse.DISTINCT
        self._names = _names(brand, self._marks, self._slips)
        self._ordinary = _ordinary_names(self._marks)
        self._domain_labels = _domain_labels(brand)
        self.judge_host: Callable[[str], Judgement] = lru_cache(REMEMBERED)(self._judge_host)
        self.judge_url: Callable[[str, str], Judgement] = lru_cache(_REMEMBERED_URLS)(
            self._judge_url
        )

    def _judge_host(self, host: str) -> Judgement:
        reading = read_host(host)
        if reading is None:
            return _FOREIGN
        return (
            self._known.host(reading.host)
            or self._imitated(reading)
            or self._among_labels(reading)
            or _FOREIGN
        )

    def _judge_url(self, host: str, path: str) -> Judgement:
        judged = self.judge_host(host)
        if judged.relation is not Relation.FOREIGN:
            return judged
        shown = _ready_path(path)
        return self._known.page(host.lower(), shown) or self._in_path(host, shown) or judged

    def _imitated(self, reading: Reading) -> Judgement | None:
        """Judge the registered name."""
        how = self._how_imitated(reading)
        if not how:
            return None
        shown = f" (shown as {reading.disguise})" if reading.disguise else ""
        return Judgement(Relation.LOOKALIKE, f"{reading.domain}{shown} = {how}")

    def _how_imitated(self, reading: Reading) -> str:
        label = reading.label
        mark = self._marks.get(label.text)
        if mark is not None:
            return self._elsewhere(reading, mark)
        mark = self._canonical.get(label.plain.replace("-", ""))
        if mark is not None and _looks_apply(reading, mark):
            _, changes = visual_spelling(label.text, mark.name)
            return _with(reading, mark, changes or "letters that look alike")
        slip = self._slips.get(label.text)
        if slip is not None:
            mark = self._marks[slip.name]
            if _slip_applies(reading, slip, mark):
                return _with(reading, mark, slip.how)
        if "-" in label.text and (found := self._domain_labels.search(label.text)):
            return f"{found[0].strip('-')} as a name"
        return self._names.find(label) or self._ordinary_asking(reading)

    def _ordinary_asking(self, reading: Reading) -> str:
        """Explain an ordinary word beside one that asks, under the suffix the brand has."""
        at_home = any(reading.suffix in mark.suffixes for mark in self._marks.values())
        return self._ordinary.find(reading.label) if at_home else ""

    def _elsewhere(self, reading: Reading, mark: _Mark) -> str:
        """Explain the exact name under another suffix, or in other letters."""
        ordinary = mark.ordinary or len(mark.name) < _MIN_SWAP
        if reading.disguise:
            changes = disguised(reading.disguise, mark.name) or "letters of another script"
            return _with(reading, mark, changes)
        if reading.suffix not in mark.suffixes and ordinary:
            return _with(reading, mark, "") if reading.suffix in _SERVICE_SUFFIXES else ""
        return _with(reading, mark, "")

    def _among_labels(self, reading: Reading) -> Judgement | None:
        """Judge what stands left of the registered name."""
        if not reading.left:
            return None
        how = self._how_among_labels(reading)
        return Judgement(Relation.BRAND_IN_LABEL, f"{reading.host}: {how}") if how else None

    def _how_among_labels(self, reading: Reading) -> str:
        joined = ".".join([label.text for label in reading.left])
        if found := self._domain_labels.search(joined):
            return f"{found[0].strip('.-')} stands left of {reading.domain}"
        for label in reading.left:
            if how := self._how_label(label, reading):
                return f"{how} stands left of {reading.domain}"
        return ""

    def _how_label(self, label: Label, reading: Reading) -> str:
        if label.text in self._names.names:
            return label.text if self._distinct or _asks_beside(label, reading) else ""
        if how := self._names.find(label):
            return how
        mark = self._canonical.get(label.plain.replace("-", ""))
        slip = self._slips.get(label.text)
        name = mark.name if mark else slip.name if slip and slip.anywhere else ""
        if not name or self._marks[name].ordinary:
            return ""
        spelled = any(other.text in self._marks[name].suffixes for other in reading.left)
        asked = spelled or _asks_beside(label, reading)
        return f"{label.text} (reads {name})" if asked else ""

    def _in_path(self, host: str, path: str) -> Judgement | None:
        if (
            not self._names.within(canonical(path))
            or mentions_by_path(host)
            or self._known.is_format(path)
        ):
            return None
        for segment in _SEGMENTS.split(path):
            if self._names_brand(_ENDING.sub("", segment)):
                return Judgement(Relation.BRAND_IN_PATH, f"/{segment} on {host}")
        return None

    def _names_brand(self, segment: str) -> bool:
        """Whether one step of a path is the brand's name, alone or with words that ask."""
        label = Label.of(_NOT_WORD.sub("-", segment).strip("-"))
        if label.text in self._names.names or self._domain_labels.fullmatch(label.text):
            return self._distinct
        return self._names.asking(label)


def _asks_beside(label: Label, reading: Reading) -> bool:
    """Whether another label of the host holds a word such as "login"."""
    return any(asks(other.plain) for other in (*reading.left, reading.label) if other is not label)


def _ready_path(path: str) -> str:
    """Return the path alone, as compared: decoded, lower case, bounded."""
    path = path[:_MAX_PATH].partition("?")[0].partition("#")[0]
    return (unquote(path) if "%" in path else path).lower()


def _looks_apply(reading: Reading, mark: _Mark) -> bool:
    return not mark.ordinary or reading.suffix in mark.suffixes


def _slip_applies(reading: Reading, slip: Imitation, mark: _Mark) -> bool:
    at_home = reading.suffix in mark.suffixes
    return slip.anywhere and at_home if mark.ordinary else slip.anywhere or at_home


def _with(reading: Reading, mark: _Mark, changes: str) -> str:
    notes = [changes] if changes else []
    if mark.suffixes and reading.suffix not in mark.suffixes:
        notes.append(f".{mark.domain.partition('.')[2]}->.{reading.suffix}")
    return f"{mark.domain} with {' and '.join(notes)}" if notes else mark.domain


def _marks(brand: Brand) -> Mapping[str, _Mark]:
    """Return the names the brand is registered under, and its tokens."""
    domains: dict[str, list[str]] = {}
    for domain in brand.domains:
        reading = read_host(domain)
        if reading is not None and reading.domain == domain:
            domains.setdefault(reading.label.text, []).append(domain)
    marks = {}
    for name in {*domains, *brand.tokens}:
        if name in brand.tokens or len(name) >= _MIN_MARK or _holds_token(name, brand):
            owned = domains.get(name, [])
            suffixes = frozenset(domain.partition(".")[2] for domain in owned)
            ordinary = brand.token_use is TokenUse.COMMON and name not in brand.tokens
            marks[name] = _Mark(name, owned[0] if owned else name, suffixes, ordinary)
    return marks


def _holds_token(name: str, brand: Brand) -> bool:
    return any(token in name for token in brand.tokens)


def _all_slips(marks: Mapping[str, _Mark]) -> dict[str, Imitation]:
    found: dict[str, Imitation] = {}
    for name in marks:
        if len(name) >= _MIN_SWAP:
            found |= {s: i for s, i in slips(name).items() if s not in marks}
    return found


def _names(brand: Brand, marks: Mapping[str, _Mark], found: dict[str, Imitation]) -> Names:
    """Return what is looked for inside longer names: ordinary words are not."""
    names = {name for name, mark in marks.items() if not mark.ordinary}
    usable = {written: slip for written, slip in found.items() if slip.name in names}
    suffixes = frozenset(canonical(s) for mark in marks.values() for s in mark.suffixes)
    longest_first = tuple(sorted(names, key=lambda name: (-len(name), name)))
    return Names(longest_first, usable, brand.token_use, suffixes)


def _ordinary_names(marks: Mapping[str, _Mark]) -> Names:
    return Names(
        tuple(sorted(name for name, m in marks.items() if m.ordinary)), {}, TokenUse.COMMON
    )


def _domain_labels(brand: Brand) -> re.Pattern[str]:
    """Match the brand's domains written as labels of another: ``pypi.org.`` or ``pypi-org-``."""
    forms = [re.escape(name).replace(r"\.", "[.-]") for name in _registered(brand)]
    return re.compile(rf"(?:^|[.-])(?:{'|'.join(forms)})(?:$|[.-])")


def _registered(brand: Brand) -> Iterator[str]:
    for domain in brand.domains:
        reading = read_host(domain)
        if reading is not None and reading.domain == domain:
            yield domain
