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

from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

FOREIGN_AUTHOR = Symbol(
    name="FOREIGN_AUTHOR",
    role=Role.CONTRADICTION,
    summary="Sender speaks as the brand from somebody else's domain",
    score=3.0,
    check="foreign_author",
)
SYMBOLS = (FOREIGN_AUTHOR,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield a contradiction where a strong claim meets a foreign address."""
    for about in facts.claimed():
        foreign = about.identity.foreign_author
        if foreign and about.strong:
            yield Finding(FOREIGN_AUTHOR, f"sent from {foreign}", about.brand.id)
