"""
The text repeats phrases of the brand's own mail templates.

Why it matters:
    Clones copy the genuine mail and change the link.

Fires on:
    Two or more phrases that the pack lists.

Stays silent on:
    Quoted and forwarded text, and a single phrase.

Known evasions:
    Rewording; the other claims remain.
"""

from collections.abc import Iterator

from phish_milter.detection.claims import Trait
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

TEMPLATE_WORDING = Symbol(
    name="TEMPLATE_WORDING",
    role=Role.CLAIM,
    summary="Text repeats the brand's mail templates",
    score=1.0,
    check=__name__,
)
SYMBOLS = (TEMPLATE_WORDING,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the claim for each brand whose templates the text repeats."""
    for about in facts.claimed():
        if phrases := about.identity.traits.get(Trait.TEMPLATE):
            yield Finding(TEMPLATE_WORDING, phrases, about.brand.id)
