"""
The sender's address, or one shown in its name, is made to be taken for the brand's.

Why it matters:
    Look-alike domains authenticate perfectly, as themselves.  Only the resemblance
    gives them away; it is both the claim and what shows the claim to be false.

Fires on:
    `From: PyPI <noreply@pypj.org>`, `From: noreply@pypi.org.example.com`, and the
    display name `"noreply@pypi.org" <x@example.com>`.

Stays silent on:
    The brand's domains, its neighbours (`pypy.org`), the site's own domains, and
    `pypi.example.com` (an organisation's own mirror) unless the mail presses its reader.

Known evasions:
    A domain that resembles nothing; then the name and the wording must carry the claim.
"""

from collections.abc import Iterator

from phish_milter.detection.claims import Trait
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

LOOKALIKE_FROM_CLAIM = Symbol(
    name="LOOKALIKE_FROM_CLAIM",
    role=Role.CLAIM,
    summary="Header From presents itself as the brand's domain",
    score=1.5,
    check=__name__,
)
LOOKALIKE_FROM = Symbol(
    name="LOOKALIKE_FROM",
    role=Role.CONTRADICTION,
    summary="Header From is at a look-alike of the brand's domain",
    score=4.5,
    check=__name__,
)
ADDRESS_IN_NAME_CLAIM = Symbol(
    name="ADDRESS_IN_NAME_CLAIM",
    role=Role.CLAIM,
    summary="Display name shows an address of the brand",
    score=2.0,
    check=__name__,
)
ADDRESS_IN_NAME = Symbol(
    name="ADDRESS_IN_NAME",
    role=Role.CONTRADICTION,
    summary="Display name shows the brand's address, the mail is from another",
    score=3.5,
    check=__name__,
)
SYMBOLS = (LOOKALIKE_FROM_CLAIM, LOOKALIKE_FROM, ADDRESS_IN_NAME_CLAIM, ADDRESS_IN_NAME)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield claim and contradiction together: the resemblance is both."""
    for about in facts.claimed():
        traits, brand = about.identity.traits, about.brand.id
        service = traits.get(Trait.SERVICE_FROM) if about.says_service else None
        if explanation := traits.get(Trait.LOOKALIKE_FROM) or service:
            yield Finding(LOOKALIKE_FROM_CLAIM, explanation, brand)
            yield Finding(LOOKALIKE_FROM, explanation, brand)
        if shown := traits.get(Trait.SHOWN_ADDRESS):
            yield Finding(ADDRESS_IN_NAME_CLAIM, f"name shows {shown}", brand)
            if foreign := about.identity.foreign_author:
                yield Finding(ADDRESS_IN_NAME, f"name shows {shown}, sent from {foreign}", brand)
