"""What names say: does a display name, a subject or a sign-off present its owner as a brand?"""

import re
from collections.abc import Iterator, Sequence
from functools import cache

from phish_milter.detection.brands.combosquatting import words as page_words
from phish_milter.detection.brands.model import Brand, TokenUse
from phish_milter.detection.brands.typosquatting import canonical
from phish_milter.domains.registrable import registrable
from phish_milter.resources import data_directory
from phish_milter.text.folding import contains_name, disguised, skeleton

MENTIONS = "mention-words.txt"
OFFICES = "office-words.txt"
JOINS = "joining-words.txt"
WARNINGS = "warning-words.txt"
BUTTONS = "button-words.txt"

_NO_MARKS = str.maketrans(dict.fromkeys("->*\u2013\u2014,.:;!|()[]<>\"'/#@", " "))
# "P y P I", "P.y.P.I": letters torn apart; longer runs are no name.
_TORN = re.compile(r"(?<!\w)\w(?:[ ._-]{1,2}\w){2,15}(?!\w)")
_TEARS = re.compile(r"[\s._-]+")
# A torn name has few pieces; more would join words of a sentence.
_MOST_PIECES = 3
_OVERRIDE = re.compile("\u202e([^\u202c\u2069]{1,80})[\u202c\u2069]?")
# "Slack (#pypi-releases)" from slack.com names itself; shorter words fit into any domain.
_SELF_NAME = 4
# Torn letters are looked for in names and subjects; in a whole text they are initials.
_MOST_NAME = 300


@cache
def word_list(name: str) -> frozenset[str]:
    """Load one of the word lists of ``config/lists``: a word a line, # comments."""
    text = (data_directory() / "lists" / name).read_text(encoding="utf-8")
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return frozenset(skeleton(line) for line in lines if line)


def warm() -> None:
    """Load the word lists, so that the first mail does not pay for it."""
    word_list(MENTIONS)
    word_list(OFFICES)
    word_list(JOINS)
    word_list(WARNINGS)
    word_list(BUTTONS)
    page_words()


def as_seen(text: str) -> str:
    """Return *text* as it is read: right-to-left overrides applied, torn letters joined."""
    if "\u202e" in text:
        text = _OVERRIDE.sub(lambda match: match[1][::-1], text)
    return _TORN.sub(lambda match: _TEARS.sub("", match[0]), text)


def presents(display_name: str, domain: str, brand: Brand) -> bool:
    """
    Whether *display_name*, written at *domain*, presents its owner as *brand*.

    "Donna via pypi-announce" and "The Python Package Index Blog" talk about the brand;
    "PyPI (Feedly)" from feedly.com names itself; "github-actions[bot]" is a tool.
    """
    name = as_seen(display_name).replace("_", " ").removeprefix("www.")
    before, via, after = name.partition(" via ")
    # "Donna via pypi-list" is Donna; "PyPI via Signing Service" is meant to be PyPI.
    rest = _besides_name(before if via else name, brand)
    if rest is None:
        return False
    rest = [*rest, *after.split()]
    if brand.token_use is not TokenUse.DISTINCT:
        return (word_list(OFFICES) | word_list(JOINS)).issuperset(rest)
    return word_list(MENTIONS).isdisjoint(rest) and not _names_itself(rest, domain)


def _besides_name(text: str, brand: Brand) -> list[str] | None:
    """Return the words of *text* besides the brand's name, None where it does not stand."""
    names = [skeleton(name) for name in brand.names]
    plain = skeleton(text)
    found = besides_name(plain, names)
    if found is not None:
        return found
    if any(disguised(text, name) for name in brand.names):
        return plain.translate(_NO_MARKS).split()[1:]
    glued = next(_besides_glued(plain.translate(_NO_MARKS).split(), names), None)
    return glued or next(_besides_torn(_TEARS.split(plain), names), None)


def besides_name(line: str, names: Sequence[str]) -> list[str] | None:
    """Return the words of *line* besides one of *names*; all are skeletons."""
    name = max((n for n in names if contains_name(line, n)), key=len, default=None)
    if name is None:
        return None
    return line.replace(name, " ").replace("&", " ").translate(_NO_MARKS).split()


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


def _besides_torn(pieces: list[str], names: Sequence[str]) -> Iterator[list[str]]:
    """Look for a name in two or three neighbouring pieces ("Py-PI")."""
    whole = {name.replace(" ", "") for name in names}
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
