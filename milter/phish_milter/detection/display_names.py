"""What names say: does a display name, a subject or a sign-off present its owner as a brand?"""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import cache, lru_cache

from phish_milter.detection.brands.combosquatting import split_words
from phish_milter.detection.brands.combosquatting import words as page_words
from phish_milter.detection.brands.model import Brand, TokenUse
from phish_milter.detection.brands.typosquatting import canonical
from phish_milter.domains.registrable import registrable
from phish_milter.resources import phrases
from phish_milter.text.folding import contains_name, disguised, skeleton

MENTIONS = "mention-words.txt"
OFFICES = "office-words.txt"
JOINS = "joining-words.txt"
WARNINGS = "warning-words.txt"
BUTTONS = "button-words.txt"
SERVICES = "service-words.txt"
NOTICES = "notice-words.txt"
PORTALS = "portal-words.txt"

_NO_MARKS = str.maketrans(dict.fromkeys("->*\u2013\u2014,.:;!|()[]<>\"'/#@&", " "))
# What letters of one name are torn apart with.
_TEAR = r"[\W_]"
# "P y P I", "P.y.P.I": letters torn apart; longer runs are no name.
_TORN = re.compile(rf"(?<!\w)\w(?:{_TEAR}{{1,2}}\w){{2,15}}(?!\w)")
_TEARS = re.compile(rf"{_TEAR}+")
_LOCAL_MARKS = re.compile(r"[._+=-]+")
_BETWEEN = re.compile(r"[\W_]+")
_BEGINNING = 3  # letters of a name that nothing stands between, to look for it fast
_KEPT = 1024  # senders and names recur
# A torn name has few pieces; more would join words of a sentence.
_MOST_PIECES = 3
_OVERRIDE = re.compile("\u202e([^\u202c\u2069]{1,80})[\u202c\u2069]?")
# "Slack (#pypi-releases)" from slack.com names itself; shorter words fit into any domain.
_SELF_NAME = 4
# Torn letters are looked for in names and subjects; in a whole text they are initials.
_MOST_NAME = 300


@cache
def word_list(name: str) -> frozenset[str]:
    """Return the words of one of the word lists of ``config/lists`` as they are compared."""
    return frozenset(map(skeleton, phrases(name)))


def warm() -> None:
    """Load the word lists, so that the first mail does not pay for it."""
    word_list(MENTIONS)
    word_list(OFFICES)
    word_list(JOINS)
    word_list(WARNINGS)
    word_list(BUTTONS)
    word_list(SERVICES)
    word_list(NOTICES)
    word_list(PORTALS)
    page_words()


def as_seen(text: str) -> str:
    """Return *text* as it is read: right-to-left overrides applied, torn letters joined."""
    if "\u202e" in text:
        text = _OVERRIDE.sub(lambda match: match[1][::-1], text)
    return _TORN.sub(lambda match: _TEARS.sub("", match[0]), text)


class Shown(StrEnum):
    """How far a name shown for a sender presents its owner as a brand."""

    BRAND = "brand"  # as the brand or an office of it
    KIN = "kin"  # as a service that has to do with it
    TEAM = "team"  # as a team or an activity of it
    CARRIED = "carried"  # as the brand, by a group or a queue that says it passes it on
    FEED = "feed"  # as something that writes about it


@lru_cache(maxsize=_KEPT)
def plain(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return *names* as skeletons."""
    return tuple(map(skeleton, names))


@lru_cache(maxsize=_KEPT)
def _squeezed(text: str) -> str:
    """Return all that *text* may read as, without what stands between letters."""
    flat = skeleton(text)
    return f"{_BETWEEN.sub('', canonical(flat))} {_BETWEEN.sub('', flat)}"


@lru_cache(maxsize=_KEPT)
def _squeezed_names(names: tuple[str, ...]) -> re.Pattern[str]:
    forms = {form for name in names for form in _squeezed(name).split()}
    return re.compile("|".join(map(re.escape, sorted(forms))))


def _may_name(text: str, brand: Brand) -> bool:
    """Whether a closer look at *text* can find a name; most senders have none of a brand."""
    return "\u202e" in text or bool(
        _squeezed_names(brand.names + brand.teams).search(_squeezed(text))
    )


def shown_as(display_name: str, address: str, brand: Brand) -> Shown | None:
    """
    Return as what *display_name*, or else *address*, presents its owner.

    "Donna via pypi-announce" is Donna; "The Python Package Index Blog" writes about the
    brand; "PyPI (Feedly)" from feedly.com and "Nexus PyPI Proxy" name services of their own.
    """
    local, _, domain = address.partition("@")
    label = registrable(domain).partition(".")[0]
    if not _may_name(f"{display_name} {local} {label}", brand):
        return None
    found = _team(display_name, brand) or _named(display_name, local, domain, brand)
    if found is None and _team_owns(label, brand):
        return Shown.TEAM
    return found or (Shown.KIN if _local_part_names(local, display_name, brand) else None)


def _named(display_name: str, local: str, domain: str, brand: Brand) -> Shown | None:
    name = as_seen(display_name).replace("_", " ").removeprefix("www.")
    before, via, after = name.partition(" via ")
    rest = _besides_name(before if via else name, brand)
    if rest is None:
        return _carried(before, after, brand) if via else None
    carrier = skeleton(after).translate(_NO_MARKS).split()
    if via and _is_own(carrier, local, domain):
        return Shown.CARRIED  # "'PyPI' via team" from team@
    return _among(rest, domain, brand)


def _among(rest: Sequence[str], domain: str, brand: Brand) -> Shown | None:
    """Judge a brand's name among the words *rest*."""
    office = word_list(OFFICES) | word_list(JOINS)
    if brand.token_use is not TokenUse.DISTINCT:
        if office.issuperset(rest):
            return Shown.BRAND
        return Shown.KIN if all(w in office or _common(w) for w in rest) else None
    if not word_list(MENTIONS).isdisjoint(rest):
        return Shown.FEED
    if _names_itself(rest, domain) or not word_list(SERVICES).isdisjoint(rest):
        return Shown.KIN
    return Shown.BRAND


def _carried(before: str, after: str, brand: Brand) -> Shown | None:
    """Judge "Account verification via PyPI": offices and errands, but no person's name."""
    rest = _besides_name(after, brand)
    words = skeleton(before).translate(_NO_MARKS).split()
    idle = word_list(JOINS) | word_list(NOTICES)
    if rest is None or not words or not all(w in idle or _common(w) for w in (*rest, *words)):
        return None
    return Shown.BRAND


def _team(display_name: str, brand: Brand) -> Shown | None:
    """Look for a team or an activity of the brand, among words that fit into any name."""
    if not brand.teams:
        return None
    rest = besides_name(skeleton(display_name), plain(brand.teams))
    if rest is None:
        return None
    own = {word for name in plain(brand.names) for word in name.split()}
    idle = word_list(JOINS) | own
    if not all(w in idle or w.isdigit() or _common(w) for w in rest):
        return None
    return Shown.TEAM if own.isdisjoint(rest) else Shown.BRAND


def _team_owns(label: str, brand: Brand) -> bool:
    """Whether *label* of the sender's domain is a team of the brand, alone or among known words."""
    name = canonical(label.replace("-", ""))
    long = (canonical(team.replace(" ", "")) for team in plain(brand.teams) if " " in team)
    found = next((team for team in long if team in name), None)
    return found is not None and all(split_words(piece) for piece in name.split(found, 1) if piece)


def _local_part_names(local: str, display_name: str, brand: Brand) -> bool:
    """
    Whether a mail program that shows an address shows the brand: ``pypi-security@``.

    Beside a display name ``github@`` is how people tell apart who they gave an address to.
    """
    words = " ".join(_LOCAL_MARKS.split(skeleton(local)))
    names = [name.replace(".", " ") for name in plain(brand.names)]
    rest = besides_name(words, names)
    if rest is None or not all(_common(word) or word in word_list(JOINS) for word in rest):
        return False
    return bool(rest) or not display_name.strip() or skeleton(display_name) == words


def _is_own(words: Sequence[str], local: str, domain: str) -> bool:
    """Whether *words* are what the sender's own address says."""
    return "".join(words) == _LOCAL_MARKS.sub("", skeleton(local)) or _names_itself(words, domain)


def _besides_name(text: str, brand: Brand) -> list[str] | None:
    """Return the words of *text* besides the brand's name, None where it does not stand."""
    names = plain(brand.names)
    flat = skeleton(text)
    found = besides_name(flat, names)
    if found is not None:
        return found
    if any(disguised(text, name) for name in brand.names):
        return flat.translate(_NO_MARKS).split()[1:]
    glued = next(_besides_glued(flat.translate(_NO_MARKS).split(), names), None)
    return (
        glued
        or _besides_dotted(flat, names)
        or next(_besides_torn(_TEARS.split(flat), names), None)
    )


def is_notice(subject: str, names: Sequence[str]) -> bool:
    """Whether *subject* is nothing but a name and words of notices: "Notice from PyPI"."""
    rest = besides_name(subject, names)
    if not rest or "?" in subject:
        return False
    idle = word_list(JOINS) | word_list(NOTICES)
    return all(word in idle or _common(word) for word in rest)


def besides_name(line: str, names: Sequence[str]) -> list[str] | None:
    """Return the words of *line* besides one of *names*; all are skeletons."""
    name = max(
        (n for n in names if n[:_BEGINNING] in line and contains_name(line, n)),
        key=len,
        default=None,
    )
    if name is None:
        return None
    words = line.replace(name, " ").translate(_NO_MARKS).split()
    return [word for word in words if _TEARS.fullmatch(word) is None]  # no ornaments


def warns(text: str) -> bool:
    """Whether folded *text* talks about deceit."""
    return any(word in text for word in word_list(WARNINGS))


def _besides_glued(words: list[str], names: Sequence[str]) -> Iterator[list[str]]:
    """Look for a name with an office glued to it ("PyPISecurity")."""
    for word in words:
        for name in names:
            rest = word.removeprefix(name)
            if rest and rest != word and _asks(rest):
                yield [rest, *(w for w in words if w != word)]


def _besides_dotted(plain: str, names: Sequence[str]) -> list[str] | None:
    """Look for a name before a dot and an office ("PyPI.Accounts"), which no host would hold."""
    apart = plain.replace(".", " ").replace("@", " ")
    rest = besides_name(apart, names) if apart != plain else None
    return rest if rest and all(map(_common, rest)) else None


def _besides_torn(pieces: list[str], names: Sequence[str]) -> Iterator[list[str]]:
    """Look for a name in two or three neighbouring pieces ("Py-PI")."""
    whole = {_TEARS.sub("", name) for name in names}
    for size in range(2, _MOST_PIECES + 1):
        for at in range(len(pieces) - size + 1):
            if "".join(pieces[at : at + size]) in whole:
                yield pieces[:at] + pieces[at + size :]


def _names_itself(rest: Sequence[str], domain: str) -> bool:
    owner = registrable(domain).partition(".")[0]
    return any(len(w) >= _SELF_NAME and not _common(w) and w in owner for w in rest)


def is_office(line: str, names: Sequence[str]) -> bool:
    """Whether *line* is nothing but a brand's name and words for an office of it."""
    rest = besides_name(line, names)
    words = set(rest or ()) - word_list(JOINS)
    return bool(words) and word_list(OFFICES).issuperset(words)


def is_letterhead(line: str, names: Sequence[str]) -> bool:
    """Whether *line* is nothing but names of the brand: "PyPI The Python Package Index"."""
    rest = line
    for name in sorted(names, key=len, reverse=True):
        rest = rest.replace(name, " ")
    words = rest.translate(_NO_MARKS).split()
    return rest != line and set(words) <= word_list(JOINS) | {"logo"}


def is_button(text: str, names: Sequence[str]) -> bool:
    """Whether *text* invites to the brand's account pages: "Log in to PyPI", "Verify PyPI"."""
    rest = besides_name(text, names)
    joins = word_list(JOINS) | word_list(BUTTONS)
    return bool(rest) and all(_asks(word) or word in joins for word in rest or ())


def opens_with(subject: str, names: Sequence[str]) -> bool:
    """Whether *subject* opens with a name as a letterhead does: "PyPI: ...", "PyPI account"."""
    name = max((n for n in names if subject.startswith(n)), key=len, default=None)
    if name is None or "?" in subject:  # who asks is no letterhead
        return False
    rest = subject.removeprefix(name)
    return rest.lstrip()[:1] in tuple(":-|\u2013\u2014") or about_accounts(
        " ".join(rest.translate(_NO_MARKS).split()[:1])
    )


def about_accounts(words: str) -> bool:
    """Whether *words*, a skeleton, are about accounts and offices, not packages or releases."""
    if any(_asks(word) for word in words.translate(_NO_MARKS).split()):
        return True
    offices = word_list(OFFICES)
    return not words.isascii() and any(w in words for w in offices if not w.isascii())


def _asks(word: str) -> bool:
    """Whether *word* is of offices and account pages."""
    return word in word_list(OFFICES) or canonical(word) in page_words().asks


def is_nobody(display_name: str) -> bool:
    """Whether a name is an office of nothing, without person or firm: "Account Desk"."""
    words = skeleton(display_name).translate(_NO_MARKS).split()
    office = word_list(OFFICES) | word_list(NOTICES)
    idle = word_list(JOINS)
    return not office.isdisjoint(words) and all(
        w in office or w in idle or _common(w) for w in words
    )


def _common(word: str) -> bool:
    """Whether *word* fits into anybody's name."""
    return _asks(word) or canonical(word) in page_words().joins


def disguise(texts: Sequence[str], brand: Brand) -> str:
    """Return how the brand's name is disguised in one of *texts*, or ""."""
    for text in texts:
        seen = as_seen(text) if len(text) < _MOST_NAME else text
        for name in brand.names:
            if not text.isascii() and (found := disguised(text, name)):
                return found
            if seen != text and _only_when_seen(text, seen, name):
                return f"{text!r} reads {name}"
    return ""


def _only_when_seen(text: str, seen: str, name: str) -> bool:
    return contains_name(skeleton(seen), name) and not contains_name(skeleton(text), name)
