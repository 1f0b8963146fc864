"""The one-way pipeline for one message: bytes and envelope in, findings out."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from phish_milter.authentication.results_header import disbelieved
from phish_milter.authentication.verify import Evidence, authenticate
from phish_milter.detection import carriers, checks, display_names, ways_out
from phish_milter.detection.anomalies import collect
from phish_milter.detection.brands.lookalike import Lookalike
from phish_milter.detection.brands.model import Brand
from phish_milter.detection.brands.pack import load_packs
from phish_milter.detection.derive import Guard, Parsed, derive, report_relation, worst_first
from phish_milter.detection.domains_to_ask import link_domains, worth_asking
from phish_milter.detection.facts import Facts
from phish_milter.detection.lures import matcher
from phish_milter.dns.questions import DomainsAsked
from phish_milter.findings import Proof
from phish_milter.links.feeds.feed_set import Feed, FeedSet, shipped_shared_hosts
from phish_milter.links.inventory import inventory
from phish_milter.links.inventory import warm as warm_links
from phish_milter.message.defects import DISBELIEVED_RESULTS, TRUNCATED
from phish_milter.message.model import Envelope
from phish_milter.message.parse import Limits, parse
from phish_milter.policy.outcome import LinkReport, Scan
from phish_milter.resources import data_directory
from phish_milter.scanning.origin_lookups import rules_of
from phish_milter.settings.model import Settings

# Something of everything, so that what is loaded or compiled on first use is.
_TINY = (
    b"From: a@example.org\r\nSubject: warm\r\nContent-Type: text/html\r\n\r\n"
    b'<p>warm <a href="https://example.org/">https://example.org/</a></p>\r\n'
)


class Scanner:
    """
    Scans messages; built once per process, holds no state between messages.

    It needs no network: what DNS has to say travels in with the message.

    Attributes:
        rules: When to ask DNS, and whom to believe.
    """

    def __init__(self, settings: Settings) -> None:
        brands = load_packs(settings.brands.directories, settings.brands.enabled)
        self._site = settings.site.domains
        self._guards = tuple(Guard(brand, Lookalike(brand, self._site)) for brand in brands)
        self._lures = matcher.load(data_directory() / "lures")
        self.rules = rules_of(settings, brands)
        self._limits = Limits(max_bytes=settings.scanner.max_bytes)
        self._own = owned_domains(settings, brands)
        self._feeds = FeedSet(configured_feeds(settings), self._own)
        self._known = self._own | shipped_shared_hosts() if _asks_later(settings) else None
        display_names.warm()
        carriers.warm()
        warm_links()
        collect.warm()
        ways_out.warm()

    def warm(self) -> None:
        """
        Compile every wording and scan once, so that no mail pays for it.

        That costs most of a second, which who scans a handful of mails does better without;
        after a fork the workers share what it made.
        """
        self._lures.warm(display_names.plain(guard.brand.names) for guard in self._guards)
        self.scan(_TINY, Envelope(client_ip="192.0.2.1", mail_from="a@example.org"))

    def scan(self, raw: bytes, envelope: Envelope, evidence: Evidence | None = None) -> Scan:
        """
        Scan one message as the MTA handed it over; never raises on any *raw*.

        *evidence* is what DNS said about it; None when nobody asked.
        """
        seconds: dict[str, float] = {}
        with _timed("parse", seconds):
            message = parse(raw, self._limits)
        with _timed("links", seconds):
            found = inventory(message)
        with _timed("authentication", seconds):
            authentication = authenticate(
                raw,
                message,
                envelope,
                evidence,
                self.rules,
                now=time.time(),
                truncated=TRUNCATED in message.defects,
            )
        with _timed("checks", seconds):
            self._feeds.refresh()
            listings = self._feeds.listings(found.links)
            parsed = Parsed(message, envelope, found.links, authentication, listings)
            facts = derive(parsed, self._guards, self._lures, self._site)
            findings = tuple(checks.run(facts))
        reasons = disbelieved(message.fields, self.rules.trusted_ids)
        distrust = [DISBELIEVED_RESULTS] if reasons else []
        return Scan(
            findings=findings,
            links=tuple(_reports(facts)),
            authentication=authentication,
            proofs=_proofs(facts),
            defects=tuple(sorted({*message.defects, *found.defects, *distrust})),
            disbelieved=reasons,
            domains=self._domains(facts),
            scanned_bytes=message.scanned_bytes,
            seconds=seconds,
        )

    def _domains(self, facts: Facts) -> DomainsAsked:
        """Return what DNS may be asked about *facts*, nothing where that is switched off."""
        if self._known is None:
            return DomainsAsked()
        author = next((a.domain for a in facts.message.senders), "")
        sender = author if worth_asking(author, self._known) else ""
        return DomainsAsked(link_domains(worst_first(facts), self._known), sender)


def configured_feeds(settings: Settings) -> tuple[Feed, ...]:
    """Return the local feeds of *settings*."""
    return tuple(Feed(feed.name, feed.path, feed.enforce) for feed in settings.feeds)


def owned_domains(settings: Settings, brands: Iterable[Brand]) -> frozenset[str]:
    """Return the domains of the brands and the site, which no list may name."""
    own = {name for brand in brands for name in (*brand.domains, *brand.siblings)}
    return frozenset(own | set(settings.site.domains))


def _asks_later(settings: Settings) -> bool:
    return settings.dns.domain_facts or bool(settings.dns.block_lists)


def _proofs(facts: Facts) -> dict[str, Proof]:
    """Return the proofs that somebody looked for; absence is evidence only then."""
    if not facts.authentication.source:
        return {}
    return {b.brand.id: b.proof for b in facts.brands if b.proof is not Proof.SKIPPED}


def _reports(facts: Facts) -> Iterator[LinkReport]:
    for at, link in enumerate(facts.links):
        relation = report_relation(at, facts.brands)
        yield LinkReport(link.target, link.host, link.shown, link.source, relation)


@contextmanager
def _timed(stage: str, seconds: dict[str, float]) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - started
