"""What the scanner hands back, and what is known once a message was answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from phish_milter.authentication.model import Authentication, Disbelief
from phish_milter.dns.questions import DomainsAsked
from phish_milter.findings import Finding, Proof
from phish_milter.message.headline import Headline
from phish_milter.message.model import Envelope
from phish_milter.policy.decision import Verdict


class Stage(StrEnum):
    """Where a fault of ours happened; the label of a metric."""

    QUEUE_FULL = "queue_full"  # too many messages waited for a scanner
    DEADLINE = "deadline"  # no verdict in time
    CRASH = "crash"  # a scanner process died, or ran out of memory
    SCANNER = "scanner"  # a scan raised
    GATEWAY = "gateway"  # what speaks to Postfix raised, or lost a part of the message
    OBSERVER = "observer"  # the log or the metrics of a judged message; the verdict holds
    RELOAD = "reload"  # reading a changed configuration raised
    FEEDS = "feeds"  # reading the feeds raised


@dataclass(frozen=True, slots=True)
class LinkReport:
    """One link as `scan --json` prints it; `relation` is the worst over all brands."""

    target: str
    host: str
    shown: str
    source: str
    relation: str


@dataclass(frozen=True, slots=True)
class Scan:
    """
    What scanning one message found; crosses from the scanner process to the gateway.

    Attributes:
        findings: Everything the checks raised.
        links: The link inventory.
        authentication: What is known about the origin.
        proofs: Proof of origin per brand whose domain the header From names.
        defects: Sorted words: what was wrong with the mail or not looked at.
        disbelieved: Why results of a trusted verifier's name were not believed.
        domains: What DNS may be asked about afterwards.
        scanned_bytes: How many bytes were looked at.
        seconds: Wall time per stage: ``parse``, ``links``, ``authentication``, ``checks``.
    """

    findings: tuple[Finding, ...]
    links: tuple[LinkReport, ...] = ()
    authentication: Authentication = field(default_factory=Authentication)
    proofs: Mapping[str, Proof] = field(default_factory=dict)
    defects: tuple[str, ...] = ()
    disbelieved: tuple[Disbelief, ...] = ()
    domains: DomainsAsked = field(default_factory=DomainsAsked)
    scanned_bytes: int = 0
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    Everything known about one message after it was answered: for metrics and the log.

    Attributes:
        queue_id: Postfix' queue id, "" when unknown.
        envelope: What SMTP said.
        verdict: What was decided.
        scan: What the scanner found; None when a fault of ours prevented it.
        failure: Stage of our fault, None when there was none.
        headline: Author, subject and id, from the header alone.
        seconds: End of message to answer, wall time.
    """

    queue_id: str
    envelope: Envelope
    verdict: Verdict
    scan: Scan | None = None
    failure: Stage | None = None
    headline: Headline = field(default_factory=Headline)
    seconds: float = 0.0
