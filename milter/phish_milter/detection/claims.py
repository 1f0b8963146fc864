"""
Who a mail says it is: the ways in which it presents itself as one brand.

A *strong* trait is the sender speaking as the brand: address, name, sign-off.  A *leading*
one does so only in a mail that asks its reader for something and leads away, since tools
and colleagues write "[PyPI] build failed" too.  A
*weak* one is wording that talks to the reader as the brand would; people who discuss the
brand use such words, so weak traits count only beside an imitation of the brand.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from phish_milter.authentication.model import Authentication
from phish_milter.detection.brands.combosquatting import asks
from phish_milter.detection.brands.lookalike import Lookalike
from phish_milter.detection.brands.model import (
    Brand,
    DomainRole,
    Judgement,
    Relation,
    Speaker,
    TokenUse,
)
from phish_milter.detection.display_names import (
    Shown,
    about_accounts,
    disguise,
    is_button,
    is_letterhead,
    is_notice,
    is_office,
    opens_with,
    plain,
    shown_as,
)
from phish_milter.detection.list_platforms import list_host
from phish_milter.detection.lures.matcher import Lures
from phish_milter.detection.origin_proof import held, owner, refuted
from phish_milter.domains.names import is_within
from phish_milter.domains.registrable import registrable
from phish_milter.message.model import Mailbox, Message
from phish_milter.text.folding import skeleton
from phish_milter.text.wording import Wording


class Trait(StrEnum):
    """One way of presenting oneself as a brand."""

    FROM_DOMAIN = "from_domain"
    LOOKALIKE_FROM = "lookalike_from"
    SHOWN_ADDRESS = "shown_address"
    DISPLAY_NAME = "display_name"
    KIN_NAME = "kin_name"
    TEAM_NAME = "team_name"
    FEED_NAME = "feed_name"
    SERVICE_FROM = "service_from"
    SIGNATURE = "signature"
    LAST_LINE = "last_line"
    SUBJECT_TAG = "subject_tag"
    SUBJECT_VOICE = "subject_voice"
    LINK_TEXT = "link_text"
    LETTERHEAD = "letterhead"
    VOICE = "voice"
    TEMPLATE = "template"


STRONG = frozenset(
    {
        Trait.FROM_DOMAIN,
        Trait.LOOKALIKE_FROM,
        Trait.SHOWN_ADDRESS,
        Trait.DISPLAY_NAME,
        Trait.SIGNATURE,
    }
)
# Strong only in a mail that leads away and asks its reader for something.
LEADING = frozenset(
    {
        Trait.SUBJECT_TAG,
        Trait.SUBJECT_VOICE,
        Trait.KIN_NAME,
        Trait.TEAM_NAME,
        Trait.SERVICE_FROM,
        Trait.LAST_LINE,
        Trait.LINK_TEXT,
        Trait.LETTERHEAD,
    }
)
# What asks for the brand's account besides lures, and what shows the brand's hand in the text.
_ASKING = frozenset({Trait.LINK_TEXT, Trait.LETTERHEAD})
_SHOWING = _ASKING | {Trait.LAST_LINE, Trait.TEAM_NAME, Trait.TEMPLATE}
# The author's own pages are where mail leads to: one lure may be about the author's own service.
_ASKED_AT_HOME = 2

# "PyPI Trust & Safety Operations Team" is about as long as a sign-off gets.
_SIGNATURE_LENGTH = 60
# Share of a line that self-presentation must fill to be a sign-off rather than a sentence.
_SIGNATURE_SHARE = 0.6
# Dashes, quote marks and stars around a sign-off.
_SIGN_OFF_MARKS = " ->*\u2013\u2014"
# How a salutation ends: "Dear PyPI Support,".
_SALUTES = (",", ":", "!", "\uff0c", "\uff1a")
_NAME_TRAITS = MappingProxyType(
    {
        Shown.BRAND: Trait.DISPLAY_NAME,
        Shown.KIN: Trait.KIN_NAME,
        Shown.TEAM: Trait.TEAM_NAME,
        Shown.CARRIED: Trait.KIN_NAME,
        Shown.FEED: Trait.FEED_NAME,
    }
)
# Fewer shared phrases than this occur in talk about the brand's mail.
_TEMPLATE_PHRASES = 2
_MOST_SUBJECT = 80
# "[PyPI]", and the brackets of other scripts.
_TAG = re.compile(
    "[\\[({<\u3010\uff3b\u00ab]([^\\])}>\u3011\uff3d\u00bb]{2,40})[\\])}>\u3011\uff3d\u00bb]"
)
_ROBOT = re.compile(r"(?:do-?not|no)-?reply(?:[+._-][^@]{0,64})?@", re.IGNORECASE)
# Links whose text is read; the button that matters comes early.
_MOST_ANCHORS = 40
_MOST_BUTTON = 60


@dataclass(frozen=True, slots=True)
class Identity:
    """
    How one mail presents itself as one brand.

    Attributes:
        traits: Evidence by trait; empty when it does not.
        disguise: How the brand's name is written to hide it ("U+0420 for P"), or "".
        author: Judgement about the domain of the first real author.
        foreign_author: Domain of an author that is not of the brand, "" for none.
        stray_author: Domain of an author of the brand's owner, or of the site itself, who
            has not proved to write from there; "" for none.
        organisations: Registrable domains of the authors.
        robot: The author is an address of the brand that nobody answers from.
        carried: A group or a ticket queue passes on what shows the brand's name.
        speaker: The platform that carries this mail, when the pack names it.
        excused: Traits that are a member's talk where *speaker* carries it.
        mentioned: Subject or text hold the brand's name.
    """

    traits: Mapping[Trait, str]
    disguise: str
    author: Judgement
    foreign_author: str
    stray_author: str
    organisations: frozenset[str]
    robot: bool
    carried: bool
    speaker: Speaker | None
    excused: Mapping[Trait, str]
    mentioned: bool

    def speaks(self, *, away: bool, own: bool, lured: int, warned: bool) -> bool:
        """
        Whether the sender speaks as the brand.

        *away*: the mail leads to neither the brand nor its author; *own*: it leads to
        its author; *lured*: kinds of lures in it; *warned*: it talks about deceit.
        """
        said = self.traits.keys()
        if not STRONG.isdisjoint(said):
            return True
        if away and not lured:  # a button asks for nothing where the subject is neutral
            return Trait.SUBJECT_TAG in said and not _ASKING.isdisjoint(said)
        if not away and not (own and lured + len(_SHOWING & said) >= _ASKED_AT_HOME):
            return False
        return not LEADING.isdisjoint(said) or (Trait.FEED_NAME in said and not warned)


def identify(
    message: Message,
    authentication: Authentication,
    *,
    wording: Wording,
    brand: Brand,
    lookalike: Lookalike,
    lures: Lures,
) -> Identity:
    """Return how *message* presents itself as *brand*."""
    authors = message.senders
    judged = [(a, lookalike.judge_host(a.domain)) for a in authors if a.domain]
    shown = [(a, _shown(a, message, brand)) for a in authors]
    carried = any(how is Shown.CARRIED for _, how in shown)
    speaker = None
    if all(how is not Shown.BRAND for _, how in shown):
        speaker = _speaker(message, authors, brand, authentication)
    traits = dict(_sender_traits(judged, shown, brand))
    traits |= dict(_shown_address(message, lookalike))
    traits |= dict(_subject_tag(wording, brand))
    titled = [n for n in plain(brand.names) if n in wording.subject_skeleton]
    told = [n for n in plain(brand.names) if n in wording.skeleton]
    said = dict(_subject_voice(wording, titled, lures))
    said |= dict(_text_traits(wording, told, brand, lures))
    if carried and (signature := said.pop(Trait.SIGNATURE, "")):
        said[Trait.LAST_LINE] = signature  # the letter is not by who passes it on
    said |= dict(_link_text(message, brand))
    if speaker is None:
        traits |= said
    names = [m.display_name for m in message.authors]
    return Identity(
        traits=traits,
        disguise=_disguise(names, message.subject, wording, brand) if traits else "",
        author=judged[0][1] if judged else Judgement(Relation.FOREIGN),
        foreign_author="" if speaker else _foreign_author(authors, judged),
        stray_author=_stray_author(judged, shown, authentication),
        organisations=frozenset(registrable(a.domain) for a, _ in judged),
        robot=any(j.relation is Relation.BRAND and _ROBOT.match(a.address) for a, j in judged),
        carried=carried,
        speaker=speaker,
        excused=said if speaker else MappingProxyType({}),
        mentioned=bool(titled or told),
    )


def _shown(author: Mailbox, message: Message, brand: Brand) -> Shown | None:
    """Return as what an author is shown; a list that rewrites From names itself in List-Id."""
    how = shown_as(author.display_name, author.address, brand)
    if how is not None and " via " in author.display_name:
        host = list_host(message)
        if host and registrable(host) == registrable(author.domain):
            return Shown.CARRIED
    return how


def _disguise(names: Sequence[str], subject: str, wording: Wording, brand: Brand) -> str:
    text = wording.shown
    for mark in brand.own_marks:
        text = text.replace(mark, "")
    return disguise([*names, subject, text], brand)


def _speaker(
    message: Message, authors: Sequence[Mailbox], brand: Brand, authentication: Authentication
) -> Speaker | None:
    """Return the platform that all authors write from, unless its signature is refuted."""
    domains = {a.domain for a in authors}
    if not domains or any(refuted(authentication, domain) for domain in domains):
        return None
    return next(
        (
            s
            for s in brand.speakers
            if all(is_within(d, s.from_domains) for d in domains)
            and (not s.lists or is_within(list_host(message), s.lists))
        ),
        None,
    )


def _foreign_author(authors: Sequence[Mailbox], judged: Sequence[tuple[Mailbox, Judgement]]) -> str:
    """
    Return the domain of an author who is not of the brand, ``nowhere`` without one.

    Being no look-alike is not being the brand: a neighbour may carry a similar name, not
    speak for it.
    """
    if not judged or len(judged) < len([a for a in authors if a.domain]):
        return "nowhere"
    known = (Relation.BRAND, Relation.SIBLING)
    return next((a.domain for a, j in judged if j.relation not in known and not j.ours), "")


def _stray_author(
    judged: Sequence[tuple[Mailbox, Judgement]],
    shown: Sequence[tuple[Mailbox, Shown | None]],
    authentication: Authentication,
) -> str:
    """Return who has not proved to write from there; a list proves for no name it shows."""
    named = {author.address for author, how in shown if how is not None}
    for author, judgement in judged:
        kin = judgement.relation is Relation.SIBLING or judgement.ours
        if kin and (author.address in named or not held(authentication, author.domain)):
            return author.domain
    return ""


def _sender_traits(
    judged: Sequence[tuple[Mailbox, Judgement]],
    shown: Sequence[tuple[Mailbox, Shown | None]],
    brand: Brand,
) -> Iterator[tuple[Trait, str]]:
    for author, judgement in judged:
        if judgement.relation is Relation.BRAND:
            if not _personal(author.domain, brand):
                yield Trait.FROM_DOMAIN, author.domain
        elif judgement.relation in (Relation.LOOKALIKE, Relation.BRAND_IN_LABEL):
            service = names_service(author.domain, brand)
            yield (Trait.SERVICE_FROM if service else Trait.LOOKALIKE_FROM), judgement.explanation
    kin = {a.address for a, j in judged if _may_bear_name(a.domain, j, brand)}
    for author, how in shown:
        if how is not None:
            trait = Trait.KIN_NAME if author.address in kin else _NAME_TRAITS[how]
            yield trait, author.display_name or author.address


def _may_bear_name(domain: str, judgement: Judgement, brand: Brand) -> bool:
    """Whether *domain* is an honest neighbour's, or an installation of what the brand makes."""
    installed = brand.token_use is not TokenUse.DISTINCT and names_service(domain, brand)
    return judgement.relation is Relation.NEIGHBOUR or installed


def names_service(host: str, brand: Brand) -> bool:
    """Whether *host* is ``pypi.ORGANISATION``: a service named after what it carries."""
    organisation = registrable(host)
    label, _, rest = host.removesuffix(organisation).partition(".")
    spelled = any(host.startswith(f"{domain}.") for domain in brand.domains)
    return label in brand.tokens and not spelled and not asks(f"{rest}-{organisation}")


def _shown_address(message: Message, lookalike: Lookalike) -> Iterator[tuple[Trait, str]]:
    for mailbox in message.authors:
        shown = mailbox.domain if mailbox.shown_only else ""
        if shown and lookalike.judge_host(shown).relation is Relation.BRAND:
            yield Trait.SHOWN_ADDRESS, mailbox.address


def _personal(domain: str, brand: Brand) -> bool:
    """Whether people write from *domain* in their own name, which claims nothing."""
    owned = owner(domain, brand)
    return owned is not None and DomainRole.PERSONAL in owned.roles


def _subject_tag(wording: Wording, brand: Brand) -> Iterator[tuple[Trait, str]]:
    subject = wording.subject_skeleton
    tag = _TAG.match(subject)
    known = (*plain(brand.subject_tags), *plain(brand.names)) if tag else ()
    if tag and tag[1].strip() in known:
        yield Trait.SUBJECT_TAG, subject[:_MOST_SUBJECT]


def _subject_voice(
    wording: Wording, names: Sequence[str], lures: Lures
) -> Iterator[tuple[Trait, str]]:
    subject = wording.subject_skeleton
    if names:
        spoken = lures.self_presentations(wording.subject, names)
        spoken = spoken or lures.self_presentations(subject, names) or ""
        # "your PyPI package" is talk, "pypi/support" a repository
        asked = "/" not in spoken and about_accounts(skeleton(spoken))
        if opens_with(subject, names) or is_notice(subject, names) or asked:
            yield Trait.SUBJECT_VOICE, spoken or subject[:_MOST_SUBJECT]


def _text_traits(
    wording: Wording, names: Sequence[str], brand: Brand, lures: Lures
) -> Iterator[tuple[Trait, str]]:
    if names:
        if head := next((line for line in wording.heads if is_letterhead(line, names)), ""):
            yield Trait.LETTERHEAD, head
        yield from _signature(wording, names, lures)
        if voice := _voice(wording, names, lures):
            yield Trait.VOICE, voice
    phrases = [p for p in brand.phrases if p in wording.skeleton]
    if len(phrases) >= _TEMPLATE_PHRASES:
        yield Trait.TEMPLATE, " / ".join(phrases[:_TEMPLATE_PHRASES])


def _link_text(message: Message, brand: Brand) -> Iterator[tuple[Trait, str]]:
    """Yield a button that says it leads to the brand ("Log in to PyPI")."""
    names = plain(brand.names)
    for document in message.documents:
        for anchor in document.anchors[:_MOST_ANCHORS]:
            shown = anchor.shown
            short = 0 < len(shown) <= _MOST_BUTTON and "." not in shown
            if short and not anchor.quoted and _invites(skeleton(shown), names):
                yield Trait.LINK_TEXT, shown


def _invites(shown: str, names: Sequence[str]) -> bool:
    tag = _TAG.match(shown)
    return is_button(shown, names) or (tag is not None and tag[1].strip() in names)


def _voice(wording: Wording, names: Sequence[str], lures: Lures) -> str:
    """
    Look where a mail addresses its reader: the beginning and the end.

    In both forms, because skeletons spoil foreign words and folding keeps disguises.
    """
    found = (lures.self_presentations(text, names) for text in wording.addresses)
    return next((voice for voice in found if voice), "")


def _signature(wording: Wording, names: Sequence[str], lures: Lures) -> Iterator[tuple[Trait, str]]:
    """
    Yield the sign-off, or else a last line that reads like one.

    A sign-off stands after a closing; notes and agendas end with names, too.
    """
    found = [line for lines in wording.lines for line in lines if _signs(line, names, lures)]
    signed = next((line for line in found if line in wording.signed), "")
    if signed:
        yield Trait.SIGNATURE, signed
    elif last := next((line for line in found if not line.endswith(_SALUTES)), ""):
        yield Trait.LAST_LINE, last


def _signs(line: str, names: Sequence[str], lures: Lures) -> bool:
    if len(line) > _SIGNATURE_LENGTH or not any(n in line for n in names):
        return False
    found = lures.self_presentations(line, names)
    whole = found and len(found) >= _SIGNATURE_SHARE * len(line.strip(_SIGN_OFF_MARKS))
    return bool(whole) or is_office(line, names)
