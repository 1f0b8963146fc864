"""
Mail of a stranger about the reader's account at a brand, which it does not claim to be.

The words alone are everybody's: colleagues, newsletters and build services write "your PyPI
token expires" too.  So every part of the scene is a point, and it takes several: the reader's
own thing is at stake, the brand stands in the letter, kinds of pressure, an office
without a person as the sender; and always a way out that is not the brand's.
"""

from collections.abc import Collection, Iterator, Sequence
from types import MappingProxyType

from phish_milter.detection.brands.model import Relation
from phish_milter.detection.claims import Trait
from phish_milter.detection.display_names import (
    JOINS,
    OFFICES,
    besides_name,
    is_nobody,
    plain,
    word_list,
)
from phish_milter.detection.facts import Appeal, BrandFacts
from phish_milter.detection.lures.categories import LureCategory, Mark
from phish_milter.detection.lures.matcher import LureHit, Lures
from phish_milter.detection.ways_out import WayOut, way_out
from phish_milter.findings import Proof
from phish_milter.message.model import Message
from phish_milter.text.folding import contains_name
from phish_milter.text.wording import Wording

# What shows the brand in a letter without making its sender the brand.
_PRESENTS = frozenset(
    {
        Trait.SUBJECT_TAG,
        Trait.SUBJECT_VOICE,
        Trait.LINK_TEXT,
        Trait.LETTERHEAD,
        Trait.LAST_LINE,
        Trait.TEMPLATE,
        Trait.KIN_NAME,
        Trait.TEAM_NAME,
        Trait.SERVICE_FROM,
    }
)
_LONGEST_LINE = 60
# Beside a name they make no sentence: "(c) 2026 PyPI", "PyPI logo".
_ORNAMENTS = frozenset({"c", "copyright", "foundation", "inc", "llc", "logo", "ltd"})
# Points that a mail needs, by where it leads: people share their own pages and platforms.
_NEEDED = MappingProxyType(
    {
        WayOut.STRANGER: 3,
        WayOut.MESSENGER: 3,
        WayOut.SPELLED: 3,
        WayOut.CROWD: 4,
        WayOut.AUTHOR: 5,
    }
)
_NEEDED_TO_ANSWER = 3
_NEEDED_MORE_TO_WARN = 2  # whoever talks about deceit describes several kinds of pressure


def may_appeal(wording: Wording, brands: Sequence[BrandFacts]) -> bool:
    """Whether a closer look for an appeal is worth its time: few mails name a brand."""
    return any(_named(wording, about) for about in brands)


def appeal(
    message: Message,
    wording: Wording,
    brands: Sequence[BrandFacts],
    hits: Collection[LureHit],
    lures: Lures,
) -> Appeal | None:
    """Return the first appeal of a mail whose own words hold the lures *hits*."""
    pressing = [hit for hit in hits if hit.category.marks & Mark.ABOUT_ACCOUNT]
    if not any(hit.category.marks & Mark.DEMANDS for hit in pressing):
        return None
    secret = any(hit.category is LureCategory.SECRET_REPLY for hit in hits)
    pressure = len(pressing) + secret + any(h.category is LureCategory.DEADLINE for h in hits)
    pressure += any(is_nobody(author.display_name) for author in message.authors)
    text = f"{wording.subject}\n{wording.folded}"
    for about in brands:
        if _is_strangers(about) and _named(wording, about):
            signs = list(_signs(wording, about, lures, text))
            needed, where = _needed(text, about, brands, secret=secret)
            if needed and len(signs) + pressure >= needed:
                said = (*signs, pressing[0].evidence)
                return Appeal(about.brand.title, " / ".join(said[:2]), where)
    return None


def _needed(
    text: str, about: BrandFacts, brands: Sequence[BrandFacts], *, secret: bool
) -> tuple[int, str]:
    """Return how many points it takes, 0 for no number of them, and where the mail leads."""
    more = _NEEDED_MORE_TO_WARN if about.warned else 0
    if secret:
        return _NEEDED_TO_ANSWER + more, "an answer"
    found = way_out(text, about, brands)
    return (_NEEDED[found[0]] + more, found[1]) if found else (0, "")


def _is_strangers(about: BrandFacts) -> bool:
    """Whether the author neither is the brand nor a place that passes on what others wrote."""
    identity = about.identity
    known = identity.speaker is not None or identity.carried or identity.author.ours
    return bool(identity.foreign_author) and not known and about.proof is not Proof.PASSED


def _named(wording: Wording, about: BrandFacts) -> bool:
    if not about.identity.mentioned:
        return False
    texts = (wording.subject_skeleton, wording.skeleton)
    return any(
        name in text and contains_name(text, name)
        for name in plain(about.brand.names)
        for text in texts
    )


def _signs(wording: Wording, about: BrandFacts, lures: Lures, text: str) -> Iterator[str]:
    """Yield what is said of the reader's own thing there, and what shows the brand."""
    names = plain(about.brand.names)
    if voice := lures.self_presentations(text, names):
        yield voice
    shown = next((said for t, said in about.identity.traits.items() if t in _PRESENTS), "")
    if shown := shown or _line(wording, names) or _logo(about):
        yield shown


def _line(wording: Wording, names: Sequence[str]) -> str:
    """Return a line that holds nothing but the brand: a heading, a sign-off, a copyright."""
    for line in wording.skeleton.splitlines():
        if len(line) <= _LONGEST_LINE and any(name in line for name in names):
            rest = besides_name(line, names)
            idle = _ORNAMENTS | word_list(JOINS) | word_list(OFFICES)
            if rest is not None and all(word.isdigit() or word in idle for word in rest):
                return line.strip()
    return ""


def _logo(about: BrandFacts) -> str:
    """Return the host of the brand that a picture comes from."""
    loaded = (j.link.host for j in about.links if j.link.is_loaded and j.relation is Relation.BRAND)
    return next((f"picture from {host}" for host in loaded), "")
