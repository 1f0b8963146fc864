"""
Platforms that carry what strangers write, and where their mail names those strangers.

A signature of such a platform proves who carried a mail, never who wrote its words.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType

from phish_milter.domains.names import parents
from phish_milter.message.model import Mailbox, Message
from phish_milter.resources import list_path, phrases
from phish_milter.text.folding import fold
from phish_milter.text.wording import Wording

_MOST_NAME = 60  # characters of a name that a frame holds
_OPENING = 500  # the person is named in the subject and in the first lines
# Where a name after "message from" ends.
_AFTER_NAME = re.compile(
    r"[\n<>(\[{|:;!?#\u201c\u201e\"]|,|\. |\.$|(?:^|\s)(?:about|regarding|re|via|on|in|to|for|is"
    r"|are|was|has|have|with|at|of|and|wants|needs|dated|due)\s|\s[-\u2013\u2014]\s|\s\d"
)
# Where a name before "invited you" begins.
_BEFORE_NAME = re.compile(r"[\n\[\]>:,!?(\u201e\u201c]|\. | - | that | by ")
# "Ada (via Example Drive)", "Ada via Example Sign": what the platform adds to a name.
_ADDED = re.compile(
    r"\s*[(\[](?:[^()\[\]]{1,80})[)\]]\s*$|\s+(?:via|through|\u00fcber|par|por|tramite|przez)\s.{1,80}$",
    re.IGNORECASE,
)
_VIA = re.compile(r"\b(?:via|through)\s", re.IGNORECASE)
_MARKS = " \t'\"`*_\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb"


class Field(StrEnum):
    """Where a platform shows what its users wrote."""

    NAME = "name"
    REPLIES = "replies"
    SUBJECT = "subject"
    BODY = "body"


@dataclass(frozen=True, slots=True)
class Carrier:
    """
    A kind of platform.

    Attributes:
        kind: What it is for, as operators read it.
        strangers: Fields that its users fill.
        talk: People discuss there, so that a text about accounts is talk.
    """

    kind: str
    strangers: frozenset[Field]
    talk: bool = False


# Who is not in the list, but writes as carriers do.
UNLISTED = Carrier("platform", frozenset(Field))


@dataclass(frozen=True, slots=True)
class Conveyed:
    """
    Words of a stranger that somebody else's mail brings.

    Attributes:
        carrier: Who brings them.
        names: Whom the mail names as the person it is about, folded or as written.
        title: The subject, folded, where a stranger chose it.
    """

    carrier: Carrier
    names: tuple[str, ...]
    title: str

    @property
    def listed(self) -> bool:
        """Whether the carrier is known; else only its wording tells of one."""
        return self.carrier is not UNLISTED


@dataclass(frozen=True, slots=True)
class Carried:
    """
    A stranger's words, carried by somebody else, that present themselves as a brand.

    Attributes:
        brand: Id of the brand.
        voice: What speaks as the brand, as evidence.
        imitation: Link beside it that imitates the brand, as evidence, or "".
    """

    brand: str
    voice: str
    imitation: str = ""


def warm() -> None:
    """Read the lists, so that the first mail does not pay for it."""
    _carriers()
    _frames(listed=True)
    _frames(listed=False)


def conveyed(message: Message, wording: Wording) -> Conveyed | None:
    """Return what *message* brings of a stranger, None where nothing says that it does."""
    authors = message.senders
    carrier = next((c for a in authors if (c := carrier_of(a)) is not None), None)
    named = tuple(dict.fromkeys(_framed(carrier or UNLISTED, wording)))
    if carrier is None:
        named = (*filter(None, map(_passed_on, authors)), *named)
        return Conveyed(UNLISTED, named, wording.subject) if named else None
    shown = [_bare(m.display_name) for m in _signatories(message, carrier)]
    title = wording.subject if Field.SUBJECT in carrier.strangers else ""
    return Conveyed(carrier, (*filter(None, shown), *named), title)


def _signatories(message: Message, carrier: Carrier) -> Iterator[Mailbox]:
    """Yield the mailboxes whose names users choose."""
    if Field.NAME in carrier.strangers:
        yield from message.senders
    if Field.REPLIES in carrier.strangers:
        yield from message.reply_to


def carrier_of(author: Mailbox) -> Carrier | None:
    """Return the listed platform that *author* writes from."""
    table = _carriers()
    found = table.get(author.address.lower())
    return found or next((table[d] for d in parents(author.domain) if d in table), None)


def _passed_on(author: Mailbox) -> str:
    """Return whom *author* says to pass on ("X via Example"), "" for nobody."""
    found = _ADDED.search(author.display_name[: 3 * _MOST_NAME])
    return _bare(author.display_name) if found and _VIA.search(found[0]) else ""


def _bare(display_name: str) -> str:
    """Return *display_name* without what the platform adds to it."""
    return _ADDED.sub("", display_name[: 3 * _MOST_NAME]).strip(_MARKS)


def _framed(carrier: Carrier, wording: Wording) -> Iterator[str]:
    """
    Yield the names that stand where notifications name a person.

    People tell each other of "a message from X": of an unknown sender the subject counts.
    """
    texts = []
    if Field.SUBJECT in carrier.strangers:
        texts.append(wording.subject)
    if carrier is not UNLISTED and Field.BODY in carrier.strangers:
        texts.append(wording.folded[:_OPENING])
    before, after = _frames(listed=carrier is not UNLISTED)
    for text in texts:
        for match in before.finditer(text):
            start = max(0, match.start() - _MOST_NAME)
            yield _BEFORE_NAME.split(text[start : match.start()])[-1].strip(_MARKS)
        for match in after.finditer(text):
            rest = text[match.end() : match.end() + _MOST_NAME].lstrip(_MARKS + ":")
            yield _AFTER_NAME.split(rest, maxsplit=1)[0].strip(_MARKS)


@cache
def _carriers() -> Mapping[str, Carrier]:
    """Return the listed carriers by domain or address."""
    table: dict[str, Carrier] = {}
    for entry in tomllib.loads(list_path("carriers.toml").read_text(encoding="utf-8"))["carriers"]:
        fields = frozenset(map(Field, entry["strangers"]))
        carrier = Carrier(entry["kind"], fields, bool(entry.get("talk", False)))
        table.update(dict.fromkeys(entry["senders"], carrier))
    return MappingProxyType(table)


@cache
def _frames(*, listed: bool) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return what finds a name before a phrase, and the phrases that stand before a name."""
    found = [p for line in phrases("carrier-frames.txt") if (p := _phrase(line, listed=listed))]
    followed = _any_of([p.removeprefix("*") for p in found if p.startswith("*")])
    leading = _any_of([p.removesuffix("*").rstrip() for p in found if p.endswith("*")])
    return re.compile(followed), re.compile(rf"(?<!\w){leading}")


def _phrase(line: str, *, listed: bool) -> str:
    """Return the phrase of *line*, "" where it is for listed carriers alone."""
    phrase, alone, _ = line.partition("~")
    return phrase.strip() if listed or not alone else ""


def _any_of(phrases: Sequence[str]) -> str:
    folded = sorted({fold(f"x{p}")[1:] for p in phrases}, key=len, reverse=True)
    ends = (re.escape(p) + (r"(?!\w)" if p[-1:].isalnum() and p.isascii() else "") for p in folded)
    return f"(?:{'|'.join(ends)})"
