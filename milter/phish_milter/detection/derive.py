"""From a parsed mail to facts: judge its sender, words and links against each brand."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from phish_milter.authentication.model import Authentication
from phish_milter.detection.anomalies.collect import anomalies
from phish_milter.detection.anomalies.promises import bait
from phish_milter.detection.brands.lookalike import Lookalike
from phish_milter.detection.brands.model import Brand, DomainRole, Judgement, Relation
from phish_milter.detection.claims import identify
from phish_milter.detection.display_names import warns
from phish_milter.detection.facts import HOME, BrandFacts, Facts, JudgedLink
from phish_milter.detection.lures.matcher import LureHit, Lures
from phish_milter.detection.origin_proof import covers_replies, owner, proof
from phish_milter.domains.registrable import registrable
from phish_milter.links.feeds.feed_set import Listing
from phish_milter.links.model import LOADED_SOURCES, Link, Trick
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


# Lures about the reader's account, unlike a command or a date that any mail may hold.
_ACCOUNT_LURES = frozenset(
    {"verify", "suspension", "removal", "two_factor", "security_alert", "breach", "policy"}
    | {"secret_reply", "vulnerability"}
)


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


def understand(
    parsed: Parsed, guards: Sequence[Guard], lures: Lures, site_domains: Sequence[str]
) -> Facts:
    """Compute everything that checks may look at."""
    wording = Wording.of(parsed.message)
    odd = anomalies(parsed.message, parsed.envelope, parsed.links)
    brands = tuple(_brand_facts(parsed, wording, guard, lures) for guard in guards)
    texts = [wording.subject, wording.folded]
    hits: tuple[LureHit, ...] = ()
    # Lures say something only about a mail that claims to be somebody, or is odd anyway.
    if odd or any(b.identity.traits or b.imitated for b in brands):
        hits = lures.match("\n".join(texts))
        lured = sum(hit.category in _ACCOUNT_LURES for hit in hits)
        warned = warns(wording.folded) or warns(wording.subject)
        brands = tuple(replace(b, lured=lured, warned=warned) for b in brands)
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
        bait=bait(texts) if odd else "",
        listings=parsed.listings,
    )


def report_relation(link_at: int, brands: Iterable[BrandFacts]) -> Relation:
    """Return the most telling relation of one link over all brands, for reports."""
    relations = {b.links[link_at].relation for b in brands}
    return next((r for r in _MOST_TELLING if r in relations), Relation.FOREIGN)


def worst_first(facts: Facts) -> Iterator[Link]:
    """Yield the unquoted links, those that deceive or imitate a brand before the others."""
    ranks = [
        (not link.tricks, _MOST_TELLING.index(report_relation(at, facts.brands)), at)
        for at, link in enumerate(facts.links)
        if link.host and not link.quoted and link.source not in LOADED_SOURCES
    ]
    return (facts.links[at] for *_, at in sorted(ranks))


def _brand_facts(parsed: Parsed, wording: Wording, guard: Guard, lures: Lures) -> BrandFacts:
    links = tuple(judge(link, guard) for link in parsed.links)
    return BrandFacts(
        brand=guard.brand,
        identity=identify(
            parsed.message,
            parsed.authentication,
            wording=wording,
            brand=guard.brand,
            lookalike=guard.lookalike,
            lures=lures,
        ),
        links=links,
        proof=proof(parsed.message, parsed.authentication, guard.brand),
        away=_leads_away(parsed.message, links),
        replies=tuple(_uncovered_replies(parsed, guard)),
    )


def _leads_away(message: Message, links: Iterable[JudgedLink]) -> bool:
    """Whether a link leads to neither the brand nor the author's own organisation."""
    own = {registrable(author.domain) for author in message.authors}
    return any(
        j.relation not in HOME and j.link.host and j.link.domain not in own and not j.link.quoted
        for j in links
        if j.link.part != "header" and j.link.source not in LOADED_SOURCES
    )


def judge(link: Link, guard: Guard) -> JudgedLink:
    """Judge the worst host that *link* may lead to."""
    lookalike = guard.lookalike
    judgements = [lookalike.judge_url(link.host, link.path) if link.host else _FOREIGN]
    judgements += [lookalike.judge_host(host) for host in link.candidates]
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
