"""Every place of a mail that leads somewhere, understood once: the link inventory."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from phish_milter.domains import registrable
from phish_milter.links import bare_hosts, plain_text, unwrap
from phish_milter.links.attachments import qr, register
from phish_milter.links.attachments.budget import Budget
from phish_milter.links.model import HEADER, LOADED_SOURCES, Link, Trick
from phish_milter.links.url import parse
from phish_milter.message.html.link_elements import keep_some
from phish_milter.message.model import Anchor, Document, Message

_LONGEST_SHOWN = 300  # characters of link text kept; a host comes early or is not seen
_LONGEST_ANCHOR = 2000  # characters of an anchor's text searched for links
_LONGEST_WRITTEN = 2048  # characters of a target kept for evidence
_LAST_TEXT = 20_000  # characters at the end that are searched when the beginning is full of links
_HEADER_URL = re.compile(r"<\s*(https?:[^<>]{1,4096})>", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
# Fields with pages for the members of a list (RFC 2369).
_LIST_FIELDS = ("list-unsubscribe", "list-help", "list-post")
_NO_TRICKS: frozenset[Trick] = frozenset()  # nobody reads the URL of a background

_BUDGET = Budget()


@dataclass(frozen=True, slots=True)
class LinkLimits:
    """
    How much of one mail is looked at.

    Attributes:
        links: Different links; the longest honest digests seen have about 600.
        text: Characters of one text part; longer ones are logs or attacks on us.
        attachments: What may be spent on attachments.
    """

    links: int = 1500
    text: int = 1_000_000
    attachments: Budget = _BUDGET


@dataclass(frozen=True, slots=True)
class Inventory:
    """
    The links of one mail.

    Attributes:
        links: In order of the mail, identical ones once; header fields last.
        defects: Sorted, stable words for what was left out.
    """

    links: tuple[Link, ...]
    defects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Place:
    anchor: Anchor
    part: str
    written: str = ""  # in text: as it stands there, before a scheme was added
    broken_up: bool = False


_DEFAULT = LinkLimits()


def warm() -> None:
    """Read every list now, so that no message pays for it."""
    registrable.warm()
    unwrap.warm()
    bare_hosts.warm()
    qr.warm()


def inventory(message: Message, limits: LinkLimits = _DEFAULT) -> Inventory:
    """Return the links of *message*; what exceeds *limits* is left out and named in defects."""
    defects: set[str] = set()
    places = dict.fromkeys(_places(message, limits, defects))
    links: dict[tuple[str, ...], Link] = {}
    for place in _some(places, limits.links, defects):
        link = _link(place)
        if link is not None:
            _add(links, link)
    return Inventory(tuple(links.values()), tuple(sorted(defects)))


def _add(links: dict[tuple[str, ...], Link], link: Link) -> None:
    """Join *link* with an identical one; the more serious reading of the two stays."""
    key = (link.target, link.shown, link.source, "form" if link.asks_secret else "")
    known = links.get(key)
    if known is None:
        links[key] = link
    elif known.quoted and not link.quoted:
        links[key] = replace(link, tricks=link.tricks | known.tricks)


def _some(places: Collection[_Place], most: int, defects: set[str]) -> Collection[_Place]:
    """Return *places*, over the limit the first of every host and those at both ends."""
    if len(places) <= most:
        return places
    defects.add("links-truncated")
    ordered = list(places)
    return [ordered[n] for n in keep_some([place.anchor.url for place in ordered], most)]


def _places(message: Message, limits: LinkLimits, defects: set[str]) -> Iterator[_Place]:
    for document in message.documents:
        if len(document.visible) > limits.text:
            defects.add("link-text-truncated")
        for anchor in document.anchors:
            yield _Place(_quoted(anchor, document.nested), document.part)
        yield from _in_text(document, limits.text)
    for field in message.fields:
        if field.name in _LIST_FIELDS:
            for url in _HEADER_URL.findall(field.value):
                yield _Place(Anchor(f"header:{field.name}", _BLANKS.sub("", url)), HEADER)
    for part, anchor in register.anchors_of(message.parts, limits.attachments, defects):
        yield _Place(_quoted(anchor, part.nested), part.path)


def _quoted(anchor: Anchor, nested: bool) -> Anchor:
    return replace(anchor, quoted=True) if nested and not anchor.quoted else anchor


def _in_text(document: Document, most: int) -> Iterator[_Place]:
    """Yield the links a mail client makes of the visible text, anchors of HTML left out."""
    found = plain_text.find(document.visible[:most])
    if len(found) == plain_text.MOST_FOUND:
        found += plain_text.first_of_hosts(document.visible[:most])
        found += plain_text.find(document.visible[-_LAST_TEXT:], most=_LAST_TEXT)
    if not found:
        return
    html = document.media_type == "text/html"
    source = "html:text" if html else "text"
    anchored = _anchored(document.anchors) if html else Counter()
    own = _own(document, most)
    for link in found:
        if anchored[link.written] > 0:
            anchored[link.written] -= 1
            continue
        quoted = document.nested or (own is not None and link.written not in own)
        anchor = Anchor(source, link.url, link.label, quoted=quoted)
        yield _Place(anchor, document.part, link.written, link.broken_up)


def _anchored(anchors: Iterable[Anchor]) -> Counter[str]:
    """Count the links named in the text of anchors: they are on the screen, but lead elsewhere."""
    shown = (anchor.shown for anchor in anchors if "." in anchor.shown or ":" in anchor.shown)
    return Counter(
        link.written for named in shown for link in plain_text.find(named[:_LONGEST_ANCHOR])
    )


def _own(document: Document, most: int) -> frozenset[str] | None:
    """Return what stands outside quotes, None when everything does."""
    if len(document.own) >= len(document.visible):
        return None
    return frozenset(link.written for link in plain_text.find(document.own[:most]))


def _link(place: _Place) -> Link | None:
    anchor = place.anchor
    parsed = parse(anchor.url, anchor.base) if anchor.url else None
    if parsed is None:
        return _form_to_nowhere(place) if anchor.asks_secret else None
    found = unwrap.unwrap(parsed)
    target = found.url
    shown = anchor.shown.strip()[:_LONGEST_SHOWN]
    broken_up = frozenset({Trick.CONTROL}) if place.broken_up else frozenset()
    return Link(
        written=(place.written or anchor.url)[:_LONGEST_WRITTEN],
        target=target.href,
        host=target.host,
        domain=registrable.registrable(target.host),
        path=target.path,
        shown=shown,
        shown_host=_shown_host(shown, anchor.source),
        source=anchor.source,
        part=place.part,
        wrappers=found.wrappers,
        unresolved=found.unresolved,
        quoted=anchor.quoted,
        asks_secret=anchor.asks_secret,
        tricks=_NO_TRICKS if anchor.source in LOADED_SOURCES else found.tricks | broken_up,
        candidates=found.candidates,
    )


def _form_to_nowhere(place: _Place) -> Link:
    """Return a form that asks for a secret and whose script decides where it goes."""
    return Link(
        written="",
        target="",
        host="",
        domain="",
        path="",
        shown="",
        shown_host="",
        source=place.anchor.source,
        part=place.part,
        quoted=place.anchor.quoted,
        asks_secret=True,
    )


def _shown_host(shown: str, source: str) -> str:
    """In plain text only the word next to the link is its text, the rest is the sentence."""
    if source == "text":
        shown = shown.rpartition(" ")[2]
    return plain_text.host_shown(shown) if "." in shown or not shown.isascii() else ""
