"""Everything about one mail that checks may look at, computed once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from phish_milter.authentication.model import Authentication
from phish_milter.detection.anomalies.model import Anomaly, SeenAnomaly
from phish_milter.detection.brands.model import Brand, Judgement, Relation
from phish_milter.detection.carriers import Carried
from phish_milter.detection.claims import Identity, Trait, names_service
from phish_milter.detection.lures.matcher import LureHit
from phish_milter.findings import Proof
from phish_milter.links.feeds.feed_set import Listing
from phish_milter.links.model import Link
from phish_milter.message.model import Envelope, Mailbox, Message
from phish_milter.text.wording import Wording

# Where a reader who believes the brand speaks would rightly be led.
HOME = frozenset({Relation.BRAND, Relation.SIBLING, Relation.NEIGHBOUR})
# Made to be taken for the brand.
DECEPTIVE = frozenset({Relation.LOOKALIKE, Relation.BRAND_IN_LABEL})


@dataclass(frozen=True, slots=True)
class JudgedLink:
    """
    A link and how it relates to one brand.

    Attributes:
        link: The link.
        judgement: Relation of the worst host it may lead to.
        shows_brand: The text shown for it names a host of the brand.
        deceives: It is written so that it seems to lead to the brand.
        uploads: The brand's host serves what other people uploaded: no safe target.
    """

    link: Link
    judgement: Judgement
    shows_brand: bool = False
    deceives: bool = False
    uploads: bool = False

    @property
    def relation(self) -> Relation:
        """Relation of the worst host the link may lead to."""
        return self.judgement.relation


@dataclass(frozen=True)
class BrandFacts:
    """
    What one mail has to do with one brand.

    Attributes:
        brand: The brand.
        identity: How the mail presents itself as the brand.
        links: Every link, judged against the brand.
        proof: State of the proof of origin, for mail whose From is at the brand.
        away: The mail leads to neither the brand nor its author.
        own: The mail leads to its author's own organisation, which is not the brand.
        lured: How many kinds of lures about the reader's account the mail holds.
        pressed: The same, less one where they only tell of an event: so do colleagues.
        warned: The mail talks about deceit.
        replies: Mailboxes of Reply-To that no signature of the brand covers and that
            belong to nobody the brand knows.
        list_pages: Hosts that the footer of the list platform that signed the mail leads to.
    """

    brand: Brand
    identity: Identity
    links: tuple[JudgedLink, ...]
    proof: Proof
    away: bool = False
    own: bool = False
    lured: int = 0
    pressed: int = 0
    warned: bool = False
    replies: tuple[Mailbox, ...] = ()
    list_pages: tuple[str, ...] = ()

    @property
    def strong(self) -> bool:
        """Whether the sender speaks as the brand."""
        return self.identity.speaks(
            away=self.away, own=self.own, lured=self.pressed, warned=self.warned
        )

    @cached_property
    def claimed(self) -> bool:
        """
        Whether the mail presents itself as the brand.

        People who discuss the brand use its wording, so that wording alone is a claim
        only in a mail that also leads to an imitation of the brand.
        """
        if self.strong or self.lures_to_imitation:
            return True
        worded = bool(self.identity.traits)
        return worded and any(self._imitates(judged) for judged in self.targets())

    @property
    def imitated(self) -> bool:
        """Whether a link leads to an imitation of the brand, wherever it stands."""
        return any(judged.relation in DECEPTIVE for judged in self.links)

    @cached_property
    def lures_to_imitation(self) -> bool:
        """
        Whether the mail lures its reader to a look-alike, which needs no word of the brand.

        Warnings describe one lure and name the host; two lures are no description.
        """
        if self.lured < (2 if self.warned else 1):
            return False
        return any(judged.relation in DECEPTIVE for judged in self.targets())

    @property
    def impostor(self) -> bool:
        """
        Whether the sender speaks as the brand from elsewhere, or as it without signing.

        Such a sender is not believed that the rest of the mail is a quotation: a line
        like "Original message" would else hide everything below it.
        """
        foreign = self.strong and bool(self.identity.foreign_author)
        robot = self.identity.robot and self.proof is Proof.FAILED
        return foreign or robot or self.proof is Proof.MISSING

    def _imitates(self, judged: JudgedLink) -> bool:
        if judged.relation in HOME or self.is_own_service(judged):
            return False
        if judged.shows_brand or judged.deceives or judged.relation in DECEPTIVE:
            return True
        return judged.link.path.startswith(self.brand.paths)

    def is_own_service(self, judged: JudgedLink) -> bool:
        """Whether a link leads to ``pypi.ORGANISATION`` of the author's own organisation."""
        return self.is_own(judged) and names_service(judged.link.host, self.brand)

    def is_own(self, judged: JudgedLink) -> bool:
        """Whether a link leads to the author's own organisation."""
        return judged.link.domain in self.identity.organisations

    @property
    def says_service(self) -> bool:
        """
        Whether the author's host, ``pypi.ORGANISATION``, is a claim.

        So are services named that an organisation runs: it takes a lure to make it one.
        """
        return Trait.SERVICE_FROM in self.identity.traits and self.lured > 0

    def targets(self) -> Iterator[JudgedLink]:
        """
        Yield the links a reader of this mail is led to.

        Header links are no targets.  Quoted ones are only where an impostor quotes; a
        host merely mentioned is one only where the sender speaks as the brand.
        """
        for judged in self.links:
            link = judged.link
            if link.is_loaded or link.in_header or (link.quoted and not self.impostor):
                continue
            if not (link.host or link.candidates):
                continue
            if not link.is_mention or self.strong:
                yield judged

    def foreign_targets(self) -> Iterator[JudgedLink]:
        """Yield the targets that the brand's own mail would not lead to."""
        for judged in self.targets():
            away = judged.relation not in HOME or judged.uploads
            if away and judged.link.host not in (*self.brand.targets, *self.list_pages):
                yield judged


@dataclass(frozen=True, slots=True)
class Appeal:
    """
    A stranger presses about the reader's account at a brand without claiming to be it.

    Attributes:
        title: Of the brand.
        said: What the mail says about it; text of the mail.
        where: Where the reader is led, or who is answered.
    """

    title: str
    said: str
    where: str


@dataclass(frozen=True, slots=True)
class Facts:
    """
    One mail, understood.

    Attributes:
        message: The parsed mail.
        envelope: What SMTP said.
        wording: Its words, in comparable form.
        links: The link inventory.
        lures: Lures in its own text and subject, one per category.
        brands: What it has to do with each enabled brand.
        authentication: What is known about its origin.
        site_domains: Domains of the recipient's own organisation.
        anomalies: What is odd about sender and targets, each anomaly once.
        listings: Where its unquoted links stand on local feeds, each entry once.
        carried: Strangers' words in it that present themselves as a brand.
        appeal: What a stranger wants of the reader's account at a brand, None for nothing.
        bait: Promise of a prize or payment in its own text, "" when there is none.
    """

    message: Message
    envelope: Envelope
    wording: Wording
    links: tuple[Link, ...]
    lures: tuple[LureHit, ...]
    brands: tuple[BrandFacts, ...]
    authentication: Authentication
    site_domains: Sequence[str] = ()
    anomalies: tuple[SeenAnomaly, ...] = ()
    appeal: Appeal | None = None
    bait: str = ""
    listings: tuple[Listing, ...] = ()
    carried: tuple[Carried, ...] = ()

    def carries_imitation(self, brand: Brand) -> bool:
        """Whether a stranger's words in the mail imitate *brand*, whoever carries them."""
        return any(c.imitation and c.brand == brand.id for c in self.carried)

    def anomaly(self, anomaly: Anomaly) -> str:
        """Return the evidence for *anomaly*, "" when it was not seen."""
        return next((odd.evidence for odd in self.anomalies if odd.anomaly is anomaly), "")

    def claimed(self) -> Iterator[BrandFacts]:
        """Yield the brands that the mail presents itself as."""
        return (b for b in self.brands if b.claimed)
