"""
The sender speaks as the brand, and the address belongs to somebody else.

Why it matters:
    The brand's mail comes from the brand's domains.  That the other domain passes SPF,
    DKIM and DMARC as itself clears nobody.

Fires on:
    `From: PyPI Support <info@example.com>`.

Stays silent on:
    Siblings, the site's own domains, speakers that the pack names, and mail
    that merely mentions the brand.

Known evasions:
    Spoofing the brand's own domain; then the proof of origin decides.
"""

from collections.abc import Iterator

from phish_milter.detection.brands.model import Relation
from phish_milter.detection.claims import Trait
from phish_milter.detection.facts import BrandFacts, Facts
from phish_milter.findings import Finding, Role, Symbol

FOREIGN_AUTHOR = Symbol(
    name="FOREIGN_AUTHOR",
    role=Role.CONTRADICTION,
    summary="Sender speaks as the brand from somebody else's domain",
    score=3.0,
    check=__name__,
)
SYMBOLS = (FOREIGN_AUTHOR,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield a contradiction where a strong claim meets a foreign address."""
    for about in facts.claimed():
        foreign = about.identity.foreign_author
        if foreign and about.strong and not about.says_service:
            yield Finding(FOREIGN_AUTHOR, f"sent from {foreign}", about.brand.id)
        elif about.lured and _borrows_name(about):
            evidence = f"nothing proves that it was sent from {about.identity.stray_author}"
            yield Finding(FOREIGN_AUTHOR, evidence, about.brand.id)


def _borrows_name(about: BrandFacts) -> bool:
    """Whether an address of the brand's owner, unproven, bears the brand's name."""
    named = Trait.DISPLAY_NAME in about.identity.traits
    kin = about.identity.author.relation is Relation.SIBLING
    return named and kin and bool(about.identity.stray_author)
