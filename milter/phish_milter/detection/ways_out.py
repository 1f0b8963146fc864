"""Where a mail about an account at a brand wants its reader to go, or whom to answer."""

import re
from collections.abc import Sequence
from enum import StrEnum
from functools import cache

from phish_milter.detection.anomalies.organisations import is_known
from phish_milter.detection.display_names import word_list
from phish_milter.detection.facts import HOME, BrandFacts
from phish_milter.domains.host_lists import crowded_hosts
from phish_milter.domains.registrable import is_registered_name
from phish_milter.links.model import Link

MESSENGERS = "messengers.txt"

# Whoever leads to more strangers than this writes about the world, not about one page.
_MOST_STRANGERS = 3
# A messenger's name with a handle or a number nearby: "@desk_42", "+49 30 5550100".
_HANDLE = r"(?:(?<!\w)@[\w.]{3,32}|\+?\d[\d ()-]{6,18}\d|[:\uff1a]\s{0,2}[\w.]{4,32})"
_NEARBY = r"[^@+\d]{0,40}?"
# "portal . net", "portal[.]net", "portal dot net": no program makes a link of it.
_SPELLED = re.compile(
    r"(?<![\w.@-])([a-z0-9-]{3,40})(?: {1,3}\. ?| ?[\[({] ?(?:\.|dot) ?[\])}] ?| dot )([a-z]{2,12})"
    r"(?![\w.])"
)
_MOST_SPELLED = 8


class WayOut(StrEnum):
    """Whom a reader ends up with who does what a mail asks."""

    STRANGER = "stranger"  # at a page of nobody whom the mail has to do with
    CROWD = "crowd"  # at a well-known place where anybody publishes
    AUTHOR = "author"  # at a page of the author's
    MESSENGER = "messenger"  # in a chat
    SPELLED = "spelled"  # at a host written so that the reader has to type it


def warm() -> None:
    """Read the lists now, so that no message pays for it."""
    _messengers()
    crowded_hosts()


def way_out(
    text: str, about: BrandFacts, brands: Sequence[BrandFacts]
) -> tuple[WayOut, str] | None:
    """Return how a mail with the folded *text* leads away from every brand, and where to."""
    links = [
        link
        for at, link in enumerate(j.link for j in about.links)
        if _is_opened(link) and all(b.links[at].relation not in HOME for b in brands)
    ]
    own = [link for link in links if link.domain in about.identity.organisations]
    others = [link for link in links if link.domain not in about.identity.organisations]
    strangers = [link for link in others if not _is_shared(link)]
    if strangers and len(strangers) >= len(own):
        many = len({link.domain for link in strangers}) > _MOST_STRANGERS
        return None if many else (WayOut.STRANGER, strangers[0].host)
    if unlinked := _unlinked(text):
        return unlinked
    if own:
        return WayOut.AUTHOR, own[0].host
    return (WayOut.CROWD, others[0].host) if others else None


def _is_opened(link: Link) -> bool:
    return bool(link.host) and not (link.is_loaded or link.in_header or link.quoted)


def _is_shared(link: Link) -> bool:
    return is_known(link.host) or crowded_hosts().matches(link.host, link.path)


def _unlinked(text: str) -> tuple[WayOut, str] | None:
    if found := _messengers().search(text):
        return WayOut.MESSENGER, found[0]
    spelled = _SPELLED.finditer(text)
    for _, match in zip(range(_MOST_SPELLED), spelled, strict=False):
        if is_registered_name(f"{match[1]}.{match[2]}"):
            return WayOut.SPELLED, match[0]
    return None


@cache
def _messengers() -> re.Pattern[str]:
    names = "|".join(map(re.escape, sorted(word_list(MESSENGERS), key=len, reverse=True)))
    return re.compile(
        rf"(?<!\w)(?:{names})(?:(?!\w)|(?=[^\x00-\x7f])){_NEARBY}{_HANDLE}"
        rf"|{_HANDLE}{_NEARBY}(?<!\w)(?:{names})(?!\w)"
    )
