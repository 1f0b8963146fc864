"""
Who a mail says it is: the ways in which it presents itself as one brand.

A *strong* trait is the sender speaking as the brand (address, name, subject tag,
signature).  A weak one is wording that talks to the reader as the brand would; people
who merely discuss the brand use such words too, so weak traits are contradicted by
links alone, never by the sender's address.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from phish_milter.authentication.alibi import owner, refuted
from phish_milter.authentication.model import Authentication
from phish_milter.brands.lookalike import Lookalike
from phish_milter.brands.model import Brand, DomainRole, Judgement, Relation, Speaker, TokenUse
from phish_milter.lures import Lures
from phish_milter.message.model import Document, Mailbox, Message
from phish_milter.resources import data_directory
from phish_milter.textual import contains_name, disguised, fold, skeleton


class Trait(StrEnum):
    """One way of presenting oneself as a brand."""

    FROM_DOMAIN = "from_domain"
    LOOKALIKE_FROM = "lookalike_from"
    SHOWN_ADDRESS = "shown_address"
    DISPLAY_NAME = "display_name"
    SUBJECT_TAG = "subject_tag"
    SIGNATURE = "signature"
    VOICE = "voice"
    TEMPLATE = "template"


WEAK = frozenset({Trait.VOICE, Trait.TEMPLATE})

# Characters at the beginning and end in which a mail addresses its reader; an article about
# the brand says "your account" further down.
_OPENING = 600
_CLOSING = 300
# A sign-off stands at the end; deeper lines are talk.
_SIGNATURE_LINES = 6
_TAIL_CHARS = 4096
_LONG_LINE = 200
# "PyPI Trust & Safety Operations Team" is about as long as a sign-off gets.
_SIGNATURE_LENGTH = 60
# Share of a line that self-presentation must fill to be a sign-off rather than a sentence.
_SIGNATURE_SHARE = 0.6
# Dashes, quote marks and stars around a sign-off.
_SIGN_OFF_MARKS = " ->*\u2013\u2014"
_NO_MARKS = str.maketrans(dict.fromkeys("->*\u2013\u2014,.:;!|()[]<>\"'/", " "))
# Fewer shared phrases than this occur in talk about the brand's mail.
_TEMPLATE_PHRASES = 2
# Marks put before a subject by gateways; they change nothing about who speaks.
_GATEWAY_MARKS = ("external", "extern", "ext", "externe", "externo", "caution", "spam", "suspect")


@dataclass(frozen=True, slots=True)
class Wording:
    """
    The words of a mail in the forms that checks compare.

    Attributes:
        shown: Everything the reader sees, as written: own text of all documents.
        folded: *shown* after ``textual.fold``: for words of any language.
        skeleton: *shown* after ``textual.skeleton``: for names that may be disguised.
        lines: Last lines of each document, skeletons, empty ones dropped.
        addresses: Beginning and end of each document, in both forms: where a mail
            addresses its reader.
        subject, subject_skeleton: The subject in the same two forms.
        documents: What the words were collected from.
    """

    shown: str
    folded: str
    skeleton: str
    lines: tuple[tuple[str, ...], ...]
    addresses: tuple[str, ...]
    subject: str
    subject_skeleton: str
    documents: tuple[Document, ...] = field(repr=False)

    @classmethod
    def of(cls, message: Message) -> "Wording":
        """Collect the words of *message* once for all brands."""
        own = [d.own for d in message.documents if not d.nested]
        ends = [end for text in own for end in (text[:_OPENING], text[-_CLOSING:])]
        shown, subject = "\n".join(own), message.subject
        return cls(
            shown=shown,
            folded=fold(shown),
            skeleton=skeleton(shown),
            lines=tuple(tuple(_tail(text)) for text in own),
            addresses=tuple(dict.fromkeys(form(end) for end in ends for form in (fold, skeleton))),
            subject=fold(subject),
            subject_skeleton=skeleton(subject),
            documents=message.documents,
        )

    def quoted(self) -> str:
        """Return everything the reader sees, quotations and attached mails included, folded."""
        return fold("\n".join(d.visible for d in self.documents if d.visible != d.own or d.nested))


def _tail(text: str) -> Iterator[str]:
    """Yield the last lines of *text*, as skeletons; the greeting above is no sign-off."""
    filled = [line for line in text.strip()[-_TAIL_CHARS:].splitlines() if line.strip()]
    return (skeleton(line) for line in filled[1:][-_SIGNATURE_LINES:] if len(line) < _LONG_LINE)


@dataclass(frozen=True, slots=True)
class Identity:
    """
    How one mail presents itself as one brand.

    Attributes:
        traits: Evidence by trait; empty when it does not.
        disguise: How the brand's name is written to hide it ("U+0420 for P"), or "".
        author: Judgement about the domain of the first real author.
        foreign_author: Domain of an author that is nobody the brand knows, or "".
        speaker: The platform that carries this mail, when the pack names it.
    """

    traits: Mapping[Trait, str]
    disguise: str
    author: Judgement
    foreign_author: str
    speaker: Speaker | None

    @property
    def strong(self) -> bool:
        """Whether the sender speaks as the brand."""
        return any(trait not in WEAK for trait in self.traits)


NOBODY = Identity({}, "", Judgement(Relation.FOREIGN), "", None)


@cache
def _word_list(name: str) -> frozenset[str]:
    """Load one of the word lists of ``config/lists``: a word a line, # comments."""
    text = (data_directory() / "lists" / name).read_text(encoding="utf-8")
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return frozenset(skeleton(line) for line in lines if line)


def warm() -> None:
    """Load the word lists, so that the first mail does not pay for it."""
    _word_list("mention-words.txt")
    _word_list("office-words.txt")


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
    authors = [a for a in message.authors if not a.shown_only]
    judged = [(a, lookalike.judge_host(a.domain)) for a in authors if a.domain]
    speaker = _speaker(authors, brand, authentication)
    traits = dict(_sender_traits(message, judged, brand, lookalike))
    if not message.report_type:
        traits |= dict(_subject_traits(message, wording, brand))
        if speaker is None:
            traits |= dict(_text_traits(wording, brand, lures))
    return Identity(
        traits=traits,
        disguise=_disguise(message, wording, brand) if traits else "",
        author=judged[0][1] if judged else Judgement(Relation.FOREIGN),
        foreign_author=_foreign_author(authors, judged, speaker),
        speaker=speaker,
    )


def _speaker(
    authors: Sequence[Mailbox], brand: Brand, authentication: Authentication
) -> Speaker | None:
    """Return the platform that all authors write from, unless its signature is refuted."""
    domains = {a.domain for a in authors}
    if not domains or any(refuted(authentication, domain) for domain in domains):
        return None
    return next(
        (s for s in brand.speakers if all(_under(d, s.from_domains) for d in domains)), None
    )


def _under(host: str, domains: Sequence[str]) -> bool:
    return any(host == d or host.endswith("." + d) for d in domains)


def _foreign_author(
    authors: Sequence[Mailbox],
    judged: Sequence[tuple[Mailbox, Judgement]],
    speaker: Speaker | None,
) -> str:
    """Return the domain of an author whom the brand does not know, ``nowhere`` without one."""
    known = (Relation.BRAND, Relation.SIBLING, Relation.NEIGHBOUR)
    if speaker is not None:
        return ""
    if authors and not judged:
        return "nowhere"
    return next((author.domain for author, j in judged if j.relation not in known), "")


def _sender_traits(
    message: Message,
    judged: Sequence[tuple[Mailbox, Judgement]],
    brand: Brand,
    lookalike: Lookalike,
) -> Iterator[tuple[Trait, str]]:
    for author, judgement in judged:
        if judgement.relation is Relation.BRAND:
            if not _personal(author.domain, brand):
                yield Trait.FROM_DOMAIN, author.domain
        elif judgement.relation in (Relation.LOOKALIKE, Relation.BRAND_IN_LABEL):
            yield Trait.LOOKALIKE_FROM, judgement.explanation
    for mailbox in message.authors:
        if mailbox.shown_only and mailbox.domain:
            if lookalike.judge_host(mailbox.domain).relation is Relation.BRAND:
                yield Trait.SHOWN_ADDRESS, mailbox.address
        elif not _as_oneself(mailbox, judged) and _speaks_as(mailbox.display_name, brand):
            yield Trait.DISPLAY_NAME, mailbox.display_name


def _personal(domain: str, brand: Brand) -> bool:
    """Whether people write from *domain* in their own name, which claims nothing."""
    owned = owner(domain, brand)
    return owned is not None and DomainRole.PERSONAL in owned.roles


def _as_oneself(mailbox: Mailbox, judged: Sequence[tuple[Mailbox, Judgement]]) -> bool:
    """Whether a neighbour or the site itself signs its own service ("Internal PyPI")."""
    return any(m is mailbox and j.relation is Relation.NEIGHBOUR for m, j in judged)


def _speaks_as(display_name: str, brand: Brand) -> bool:
    """
    Whether *display_name* presents its owner as *brand*.

    "Donna via pypi-announce" and "The Python Package Index Blog" talk about the brand.
    """
    rest = _besides_name(skeleton(display_name), [skeleton(name) for name in brand.names])
    if rest is None:
        return False
    if brand.token_use is not TokenUse.DISTINCT:  # "github-actions[bot]" is somebody's tool
        return _word_list("office-words.txt").issuperset(rest)
    return _word_list("mention-words.txt").isdisjoint(rest)


def _besides_name(line: str, names: Sequence[str]) -> list[str] | None:
    """Return the words of *line* besides a brand's name, None where no name stands there."""
    name = max((n for n in names if contains_name(line, n)), key=len, default=None)
    if name is None:
        return None
    rest = line.replace(name, " ").replace("&", " ").replace("-", " ")
    return rest.translate(_NO_MARKS).split()


def _subject_traits(
    message: Message, wording: Wording, brand: Brand
) -> Iterator[tuple[Trait, str]]:
    subject = wording.subject_skeleton
    while subject.startswith("[") and "]" in subject:
        mark, _, rest = subject[1:].partition("]")
        if mark.strip(" :-") not in _GATEWAY_MARKS:
            break
        subject = rest.lstrip()
    if any(subject.startswith(f"[{skeleton(tag)}]") for tag in brand.subject_tags):
        yield Trait.SUBJECT_TAG, message.subject[:80]


def _text_traits(wording: Wording, brand: Brand, lures: Lures) -> Iterator[tuple[Trait, str]]:
    names = [
        n
        for n in map(skeleton, brand.names)
        if n in wording.skeleton or n in wording.subject_skeleton
    ]
    if names:
        if signature := _signature(wording, names, lures):
            yield Trait.SIGNATURE, signature
        if voice := _voice(wording, names, lures):
            yield Trait.VOICE, voice
    phrases = [p for p in brand.phrases if p in wording.skeleton]
    if len(phrases) >= _TEMPLATE_PHRASES:
        yield Trait.TEMPLATE, " / ".join(phrases[:_TEMPLATE_PHRASES])


def _voice(wording: Wording, names: Sequence[str], lures: Lures) -> str:
    """
    Look where a mail addresses its reader: the subject, the beginning and the end.

    In both forms, because skeletons spoil foreign words and folding keeps disguises.
    """
    for text in dict.fromkeys((*wording.addresses, wording.subject, wording.subject_skeleton)):
        if voice := lures.self_presentations(text, names):
            return voice
    return ""


def _signature(wording: Wording, names: Sequence[str], lures: Lures) -> str:
    for lines in wording.lines:
        for line in lines:
            if len(line) <= _SIGNATURE_LENGTH and any(n in line for n in names):
                found = lures.self_presentations(line, names)
                whole = found and len(found) >= _SIGNATURE_SHARE * len(line.strip(_SIGN_OFF_MARKS))
                if whole or _is_office(line, names):
                    return line
    return ""


def _is_office(line: str, names: Sequence[str]) -> bool:
    """Whether *line* is nothing but a brand's name and words for an office of it."""
    rest = _besides_name(line, names)
    return bool(rest) and _word_list("office-words.txt").issuperset(rest)


def _disguise(message: Message, wording: Wording, brand: Brand) -> str:
    """Return how the brand's name is disguised where readers look first, or ""."""
    texts = [m.display_name for m in message.authors] + [message.subject, wording.shown]
    for text in texts:
        if text.isascii():
            continue
        for name in brand.names:
            if found := disguised(text, name):
                return found
    return ""
