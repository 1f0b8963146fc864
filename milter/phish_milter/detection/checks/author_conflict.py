"""
Several authors, one of them at the brand's domain.

Why it matters:
    RFC 5322 allows one From field.  Programs differ in which of several they show and
    which they authenticate.

Fires on:
    Two From fields, or one with two addresses, where only one is the brand's.

Stays silent on:
    Several authors who all belong to the brand.

Known evasions:
    None worth having: one honest From is what every other check reads.
"""

from collections.abc import Iterator

from phish_milter.detection.claims import Trait
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

AUTHOR_CONFLICT = Symbol(
    name="AUTHOR_CONFLICT",
    role=Role.CONTRADICTION,
    summary="Several authors, only some of them at the brand's domain",
    score=4.0,
    check=__name__,
)
SYMBOLS = (AUTHOR_CONFLICT,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield a contradiction where one author is the brand and another is not."""
    for about in facts.claimed():
        ours = about.identity.traits.get(Trait.FROM_DOMAIN)
        foreign = about.identity.foreign_author
        if ours and foreign:
            yield Finding(AUTHOR_CONFLICT, f"From names {ours} and {foreign}", about.brand.id)
