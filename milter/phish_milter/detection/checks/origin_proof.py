"""
The origin of the mail is proven: it comes from the brand.

Why it matters:
    A genuine notice and its copy carry the same words.  Only proof of origin tells
    them apart, and it takes the brand's claims and lures out of the score.

Fires on:
    One From field with one address, and an aligned DKIM pass for a domain the pack
    accepts, or a trusted ARC chain that records one.

Stays silent on:
    SPF alone, `d=` of a mail service, several authors, results nobody trusted wrote; a
    post carried by the brand's platform whose links imitate the brand.

Known evasions:
    A stolen key or account of the brand.
"""

from collections.abc import Iterator

from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Proof, Role, Symbol

PROVEN_ORIGIN = Symbol(
    name="PROVEN_ORIGIN",
    role=Role.ALIBI,
    summary="Origin is proven by an aligned signature of the brand",
    score=0.0,
    check=__name__,
)
SYMBOLS = (PROVEN_ORIGIN,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the alibi of each brand whose proof passed."""
    for about in facts.claimed():
        if about.proof is Proof.PASSED and not facts.carries_imitation(about.brand):
            evidence = f"aligned DKIM pass ({facts.authentication.source or 'own'})"
            yield Finding(PROVEN_ORIGIN, evidence, about.brand.id)
