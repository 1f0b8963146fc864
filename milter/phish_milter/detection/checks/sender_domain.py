"""
The header From is at a domain that the brand owns.

Why it matters:
    Such an address is the strongest claim there is.  Whether it is true is for the
    proof of origin to say; the claim alone is never held against a mail.

Fires on:
    `From: PyPI <noreply@pypi.org>`, also when it is one of several From fields.

Stays silent on:
    Addresses inside display names (see `lookalike-sender`), siblings and neighbours.

Known evasions:
    None: a mail that does not use the address does not make this claim.
"""

from collections.abc import Iterator

from phish_milter.detection.claims import Trait
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

FROM_BRAND_DOMAIN = Symbol(
    name="FROM_BRAND_DOMAIN",
    role=Role.CLAIM,
    summary="Header From is at a domain of the brand",
    score=2.5,
    check=__name__,
)
SYMBOLS = (FROM_BRAND_DOMAIN,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the claim for each brand whose domain is in the header From."""
    for about in facts.claimed():
        if domain := about.identity.traits.get(Trait.FROM_DOMAIN):
            yield Finding(FROM_BRAND_DOMAIN, f"From is at {domain}", about.brand.id)
