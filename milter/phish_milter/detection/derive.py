"""From a parsed mail to facts: judge its sender, words and links against each brand."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from phish_milter.authentication.model import Authentication
from phish_milter.detection.anomalies.collect import anomalies
from phish_milter.detection.anomalies.promises import bait
from phish_milter.detection.appeals import appeal, may_appeal
from phish_milter.detection.brands.lookalike import Lookalike
from phish_milter.detection.brands.model import Brand, DomainRole, Judgement, Relation
from phish_milter.detection.carried import carried
from phish_milter.detection.carriers import Carried, Conveyed, conveyed
from phish_milter.detection.claims import Identity, identify
from phish_milter.detection.display_names import warns
from phish_milter.detection.facts import HOME, BrandFacts, Facts, JudgedLink
from phish_milter.detection.list_platforms import pages
from phish_milter.detection.lures.categories import LureCategory, Mark
from phish_milter.detection.lures.matcher import LureHit, Lures
from phish_milter.detection.origin_proof import covers_replies, owner, proof
from phish_milter.links.feeds.feed_set import Listing
from phish_milter.links.model import Link, Trick
from phish_milter.message.model import Envelope, Mailbox, Message
from phish_milter.text.wording import Wording

# What a link is said to be when its possible hosts relate differently, worst first.
_WORST = (
    Relation.LOOKALIKE,
    Relation.BRAND_IN_LABEL,
    Relation.BRAND_IN_PATH,
    Relation.WRAPPER_UNRESOLVED,
    Relation.FOREIGN,
    Relation.NEIGHBOUR,
    Relation.SIBLING,
    Relation.BRAND,
)
# What one link is reported as when brands differ: the most telling first.
_MOST_TELLING = (
    *_WORST[:3],
    Relation.BRAND,
    Relation.SIBLING,
    Relation.NEIGHBOUR,
    Relation.WRAPPER_UNRESOLVED,
    Relation.FOREIGN,
)
_FOREIGN = Judgement(Relation.FOREIGN)
# Tricks that make a reader or a parser see another host than the browser opens.
_HOST_TRICKS = frozenset({Trick.USERINFO, Trick.BACKSLASH, Trick.CONTROL, Trick.ENCODED_HOST})


@dataclass(frozen=True, slots=True)
class Guard:
    """One protected brand with its look-alike engine."""

    brand: Brand
    lookalike: Lookalike


@dataclass(frozen=True, slots=True)
class Parsed:
    """One mail as parsing leaves it: what everything below is computed from."""

    message: Message
    envelope: Envelope
    links: tuple[Link, ...]
    authentication: Authentication
    listings: tuple[Listing, ...] = ()


def derive(
    parsed: Parsed, guards: Sequence[Guard], lures: Lures, site_domains: Sequence[str]
) -> Facts:
    """Compute everything that checks may look at."""
    wording = Wording.of(parsed.message)
    odd = anomalies(parsed.message, parsed.envelope, parsed.links, parsed.authentication)
    footer = pages(parsed.message, parsed.authentication)
    brands = tuple(_brand_facts(parsed, wording, guard, lures, footer) for guard in guards)
    texts = [wording.subject, wording.folded]
    hits: tuple[LureHit, ...] = ()
    concerned = any(b.identity.mentioned or b.identity.traits or b.imitated for b in brands)
    brought = conveyed(parsed.message, wording) if concerned else None
    named = may_appeal(wording, brands)
    # Lures say something only about a mail that claims to be somebody, or is odd anyway.
    if odd or brought or named or any(b.identity.traits or b.imitated for b in brands):
        hits = lures.match("\n".join(texts))
        kinds = {hit.category for hit in hits}
        warned = warns(wording.folded) or warns(wording.subject)
        brands = tuple(_lured(b, kinds, warned=warned) for b in brands)
    asked = appeal(parsed.message, wording, brands, hits, lures) if named else None
    if any(b.impostor for b in brands) and (quoted := wording.quoted()):
        texts.append(quoted)
        hits = lures.match("\n".join(texts))
    return Facts(
        message=parsed.message,
        envelope=parsed.envelope,
        wording=wording,
        links=parsed.links,
        lures=hits,
        brands=brands,
        authentication=parsed.authentication,
        site_domains=site_domains,
        anomalies=odd,
        appeal=asked,
        bait=bait(texts) if odd else "",
        listings=parsed.listings,
        carried=tuple(_carried(parsed, wording, brands, brought, hits)),
    )


def _carried(
    parsed: Parsed,
    wording: Wording,
    brands: Iterable[BrandFacts],
    brought: Conveyed | None,
    lures: tuple[LureHit, ...],
) -> Iterator[Carried]:
    """Yield what a stranger says as one of *brands* through somebody else's mail."""
    if brought is not None:
        for about in brands:
            found = carried(about, brought, message=parsed.message, wording=wording, lures=lures)
            if found is not None:
                yield found


def report_relation(link_at: int, brands: Iterable[BrandFacts]) -> Relation:
    """Return the most telling relation of one link over all brands, for reports."""
    relations = {b.links[link_at].relation for b in brands}
    return next((r for r in _MOST_TELLING if r in relations), Relation.FOREIGN)


def worst_first(facts: Facts) -> Iterator[Link]:
    """Yield the unquoted links, those that deceive or imitate a brand before the others."""
    ranks = [
        (not link.tricks, _MOST_TELLING.index(report_relation(at, facts.brands)), at)
        for at, link in enumerate(facts.links)
        if link.host and not link.quoted and not link.is_loaded
    ]
    return (facts.links[at] for *_, at in sorted(ranks))


def _brand_facts(
    parsed: Parsed, wording: Wording, guard: Guard, lures: Lures, list_pages: tuple[str, ...]
) -> BrandFacts:
    links = tuple(judge(link, guard) for link in parsed.links)
    identity = identify(
        parsed.message,
        parsed.authentication,
        wording=wording,
        brand=guard.brand,
        lookalike=guard.lookalike,
        lures=lures,
    )
    carriers = _carriers(parsed.links) if identity.carried else frozenset[str]()
    elsewhere = [
        j.link.domain in identity.organisations
        for j in links
        if _is_elsewhere(j, identity, guard.brand) and j.link.domain not in carriers
    ]
    return BrandFacts(
        brand=guard.brand,
        identity=identity,
        links=links,
        proof=proof(parsed.message, parsed.authentication, guard.brand),
        away=not all(elsewhere),
        own=any(elsewhere),
        replies=tuple(_uncovered_replies(parsed, guard)),
        list_pages=list_pages,
    )


def _lured(about: BrandFacts, kinds: Collection[LureCategory], *, warned: bool) -> BrandFacts:
    """Return *about* with what is known of the lures; an answer to a stranger leads away."""
    lured = sum(bool(kind.marks & Mark.ABOUT_ACCOUNT) for kind in kinds)
    told = bool(lured) and not any(kind.marks & Mark.DEMANDS for kind in kinds)
    by_answer = any(kind.marks & Mark.BY_ANSWER for kind in kinds)
    answered = bool(about.identity.foreign_author) and by_answer
    return replace(
        about,
        lured=lured,
        pressed=lured - told,
        warned=warned,
        away=about.away or answered,
    )


def _carriers(links: Iterable[Link]) -> frozenset[str]:
    """Return the domains that List-Unsubscribe and its like name: a group links to itself."""
    return frozenset(link.domain for link in links if link.in_header)


def _is_elsewhere(judged: JudgedLink, identity: Identity, brand: Brand) -> bool:
    """Whether a reader is led to somebody who is not the brand; its neighbours are not."""
    link = judged.link
    if not link.host or link.quoted or link.in_header or link.is_loaded:
        return False
    if judged.relation is Relation.NEIGHBOUR:
        return link.domain in identity.organisations and not judged.judgement.ours
    return judged.relation not in HOME and link.host not in brand.targets


def judge(link: Link, guard: Guard) -> JudgedLink:
    """Judge the worst host that *link* may lead to."""
    lookalike = guard.lookalike
    judgements = [lookalike.judge_url(link.host, link.path) if link.host else _FOREIGN]
    judgements += [lookalike.judge_host(host) for host in link.candidates]
    worst = judgements[0]
    if link.candidates:
        worst = min(judgements, key=lambda j: _WORST.index(j.relation))
    if link.unresolved and worst.relation in (Relation.FOREIGN, *HOME):
        worst = Judgement(Relation.WRAPPER_UNRESOLVED, f"{link.host} hides its target")
    return JudgedLink(
        link,
        worst,
        shows_brand=bool(link.shown_host)
        and lookalike.judge_host(link.shown_host).relation is Relation.BRAND,
        deceives=bool(link.tricks & _HOST_TRICKS)
        and judgements[0].relation is not Relation.BRAND
        and any(j.relation is Relation.BRAND for j in judgements[1:]),
        uploads=worst.relation is Relation.BRAND and _serves_uploads(link.host, guard.brand),
    )


def _serves_uploads(host: str, brand: Brand) -> bool:
    owned = owner(host, brand)
    return owned is not None and DomainRole.UPLOADS in owned.roles


def _uncovered_replies(parsed: Parsed, guard: Guard) -> Iterator[Mailbox]:
    """Yield the foreign Reply-To mailboxes unless the brand's signature covers them."""
    message = parsed.message
    if not message.reply_to or covers_replies(message, parsed.authentication, guard.brand):
        return
    for mailbox in message.reply_to:
        if mailbox.domain and guard.lookalike.judge_host(mailbox.domain).relation not in HOME:
            yield mailbox
