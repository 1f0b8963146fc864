"""
What strangers say through others' mail, judged as strangers' words with strangers' links.

The platform's signature and good name stand for the delivery alone.  A stranger's name, title
or text that speaks as a brand is a suspicion; beside a link that imitates the brand it is
deceit.  Talk about a brand is neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs

from phish_milter.detection.brands.model import Relation
from phish_milter.detection.carriers import Carried, Conveyed
from phish_milter.detection.claims import Trait
from phish_milter.detection.display_names import (
    OFFICES,
    PORTALS,
    Shown,
    about_accounts,
    besides_name,
    plain,
    shown_as,
    word_list,
)
from phish_milter.detection.facts import DECEPTIVE, HOME, BrandFacts, JudgedLink
from phish_milter.detection.lures.categories import Mark
from phish_milter.detection.lures.matcher import LureHit
from phish_milter.detection.origin_proof import owner
from phish_milter.domains.registrable import registrable
from phish_milter.links.url import parse
from phish_milter.message.model import Message
from phish_milter.message.quoting import is_answer, is_forward
from phish_milter.text.folding import skeleton
from phish_milter.text.wording import Wording

# Kinds of demands that make a post about accounts more than talk.
_MORE_THAN_TALK = 2
# Traits of a text that addresses its reader as the brand would.
_VOICES = (Trait.VOICE, Trait.LETTERHEAD, Trait.SIGNATURE, Trait.LINK_TEXT)
_KIN = (Relation.BRAND, Relation.SIBLING)
_MOST_URL = 2000
_REDIRECTS = ("redirect_uri", "redirect_url")


@dataclass(frozen=True, slots=True)
class _Reading:
    """One brand's view of what a mail carries."""

    about: BrandFacts
    brought: Conveyed
    message: Message
    wording: Wording
    lures: tuple[LureHit, ...]

    def judge(self) -> Carried | None:
        """Return what the stranger says as the brand, None for talk and for the brand itself."""
        imitation = next(self._imitations(), "")
        if self._of_brand():
            voice = self._demand()
            return self._carried(voice, imitation) if voice and imitation else None
        voice = self._name() or self._text()
        if not voice and imitation and self.brought.listed:
            voice = self._demand()
        return self._carried(voice, imitation) if voice else None

    def _carried(self, voice: str, imitation: str) -> Carried:
        return Carried(self.about.brand.id, f"{self.brought.carrier.kind}: {voice}", imitation)

    def _of_brand(self) -> bool:
        """Whether who carries is the brand or kin: it may name itself, not imitate itself."""
        if not self.brought.listed and self.about.identity.author.relation in _KIN:
            return True
        return any(owner(a.domain, self.about.brand) for a in self.message.senders)

    def _demand(self) -> str:
        """Return what is asked of the reader's account; a warning describes it."""
        told = next((h for h in self.lures if h.category.marks & Mark.ABOUT_ACCOUNT), None)
        return f"asks {told.evidence!r}" if told and not self._warns() else ""

    def _warns(self) -> bool:
        """Whether the mail talks about deceit, and no link shows another target than it has."""
        return self.about.warned and not any(_disguises(j) for j in self._links())

    def _name(self) -> str:
        """Return whom the mail names, where that is the brand and wants something."""
        return next(
            (f"{n!r} is named as who writes" for n in self.brought.names if self._is(n)), ""
        )

    def _is(self, name: str) -> bool:
        """Whether *name* is the brand's, of somebody who acts as the brand."""
        how = shown_as(name, "", self.about.brand)
        group = self.about.identity.carried and not self.brought.listed
        idle = not (self.about.away or self.about.own)
        if group and (idle or self.message.first("list-id")):
            return False  # it rewrites From, and passes the brand's own mail on
        if how in (Shown.BRAND, Shown.TEAM):
            return self._means_it(name)
        if how is not Shown.KIN:
            return False
        titled = self.brought.listed and self._titled() and self._leads_away(own=False)
        return titled or (self.about.pressed > 0 and self._leads_away())

    def _means_it(self, name: str) -> bool:
        """Whether somebody so named acts as the brand; a community may bear its bare name."""
        if self.brought.carrier.talk:
            return self._presses()
        if not self.brought.listed:
            told = is_answer(self.message.subject) or is_forward(self.message.subject)
            return not told and (self._presses() or self._sealed())
        if self.about.pressed or self._asks_answer() or self._voice():
            return True
        rest = besides_name(skeleton(name), plain(self.about.brand.names))
        return about_accounts(" ".join(rest or ()))

    def _presses(self) -> bool:
        """Whether something is demanded elsewhere, by somebody who does not warn of it."""
        return self.about.pressed > 0 and not self.about.warned and self._leads_away()

    def _asks_answer(self) -> bool:
        """Whether the reader shall call or write back."""
        return any(hit.category.marks & Mark.BY_ANSWER for hit in self.lures)

    def _sealed(self) -> bool:
        """Whether an unknown platform keeps the message behind a login."""
        subject = self.wording.subject_skeleton
        return any(word in subject for word in word_list(PORTALS)) and self._leads_away()

    def _titled(self) -> bool:
        """Whether the title a stranger chose is about accounts at the brand."""
        title = skeleton(self.brought.title.rpartition("] ")[2])
        rest = besides_name(title, plain(self.about.brand.names))
        return rest is not None and "?" not in title and about_accounts(" ".join(rest))

    def _text(self) -> str:
        """Return the brand's voice in a text that presses and leads away, and is no talk."""
        if not self.brought.listed or self.about.warned or is_answer(self.message.subject):
            return ""
        voice, titled, talk = self._voice(), self._titled(), self.brought.carrier.talk
        pressure = self.about.pressed + (titled if voice else 0)
        if not (voice or (titled and not talk)) or not self._leads_away():
            return ""
        if not self.about.pressed or pressure < _MORE_THAN_TALK:
            return ""
        return f"says {voice or self.brought.title!r}"

    def _voice(self) -> str:
        """Return how the text addresses its reader; the name of an office in it is talk."""
        identity = self.about.identity
        told = {**identity.excused, **identity.traits}
        rest = besides_name(skeleton(told.get(Trait.VOICE, "")), plain(self.about.brand.names))
        if rest is not None and word_list(OFFICES).issuperset(rest):
            del told[Trait.VOICE]
        return next((told[trait] for trait in _VOICES if trait in told), "")

    def _leads_away(self, *, own: bool = True) -> bool:
        """
        Whether a stranger's link, or an answer, takes the reader away from the brand.

        *own*: pages of the platform count, too, unless people just talk there.
        """
        if self._asks_answer():
            return True
        known = {registrable(a.domain) for a in self.message.senders}
        if own and not self.brought.carrier.talk:
            known = set()
        return any(j.relation not in HOME and j.link.domain not in known for j in self._links())

    def _links(self) -> Iterator[JudgedLink]:
        """Yield what the stranger may have written."""
        for judged in self.about.links:
            link = judged.link
            if link.host and not (link.quoted or link.in_header or link.is_loaded):
                yield judged

    def _imitations(self) -> Iterator[str]:
        for judged in self._links():
            link = judged.link
            if judged.relation in DECEPTIVE and not link.is_mention:
                yield judged.judgement.explanation
            elif _disguises(judged):
                yield f"shows {link.shown_host or link.written[:80]}, opens {link.host}"
            elif self.about.pressed and (where := self._grantee(judged)):
                yield f"asks consent at {link.host} for {where}"

    def _grantee(self, judged: JudgedLink) -> str:
        """Return the stranger who would get what a consent page grants, or ""."""
        host = _handed_over(judged)
        known = {judged.link.domain, *(registrable(a.domain) for a in self.message.senders)}
        return host if "." in host and registrable(host) not in known else ""


def carried(
    about: BrandFacts,
    brought: Conveyed,
    *,
    message: Message,
    wording: Wording,
    lures: tuple[LureHit, ...],
) -> Carried | None:
    """Return what of *brought* presents itself as the brand that *about* is about."""
    return _Reading(about, brought, message, wording, lures).judge()


def _disguises(judged: JudgedLink) -> bool:
    return judged.deceives or (judged.shows_brand and judged.relation not in HOME)


def _handed_over(judged: JudgedLink) -> str:
    """Return the host that a consent page (RFC 6749 section 4.1.1) hands its grant to, or ""."""
    query = parse_qs(judged.link.path[:_MOST_URL].partition("?")[2])
    opened = (parse(value[0]) for key in _REDIRECTS if (value := query.get(key)))
    return next((target.host for target in opened if target is not None), "")
