"""
From the brand's own address, without proof, and it leads or asks somewhere else.

Why it matters:
    Forwarders and gateways break signatures too, so broken proof alone is held against
    nobody.  But what a forwarder passes on still leads to the brand.

Fires on:
    `From: noreply@pypi.org` without a valid signature, and a foreign link, form,
    request for a secret, or foreign Reply-To.

Stays silent on:
    Proven mail; mail nobody tried to verify; a temporary DNS failure, because unknown
    is not guilty; targets of the brand, its siblings and the site's own domains.

Known evasions:
    Sending while DNS is down; hiding the target in what is not read, such as a picture
    of a link or an encrypted document.
"""

from collections.abc import Iterator

from phish_milter.detection.facts import BrandFacts, Facts
from phish_milter.detection.lures.categories import Mark
from phish_milter.findings import Finding, Proof, Role, Symbol

UNPROVEN_TARGET = Symbol(
    name="UNPROVEN_TARGET",
    role=Role.CONTRADICTION,
    summary="Brand's address without proof, link leads to somebody else",
    score=4.0,
    check=__name__,
)
UNPROVEN_REQUEST = Symbol(
    name="UNPROVEN_REQUEST",
    role=Role.CONTRADICTION,
    summary="Brand's address without proof, asks for a secret or a command",
    score=3.5,
    check=__name__,
)
SYMBOLS = (UNPROVEN_TARGET, UNPROVEN_REQUEST)

_GUILTY = (Proof.FAILED, Proof.MISSING)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield contradictions where proof is broken for good and something leads away."""
    for about in facts.claimed():
        if about.proof in _GUILTY:
            yield from _targets(about)
            yield from _requests(facts, about)


def _targets(about: BrandFacts) -> Iterator[Finding]:
    for judged in about.foreign_targets():
        evidence = f"proof {about.proof}, link to {judged.link.host}"
        yield Finding(UNPROVEN_TARGET, evidence, about.brand.id)


def _requests(facts: Facts, about: BrandFacts) -> Iterator[Finding]:
    for lure in facts.lures:
        if lure.category.marks & Mark.REQUESTS:
            evidence = f"proof {about.proof}, asks {lure.evidence!r}"
            yield Finding(UNPROVEN_REQUEST, evidence, about.brand.id)
