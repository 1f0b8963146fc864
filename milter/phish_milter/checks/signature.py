"""
The text speaks as the brand: it signs as it, or addresses its account holders.

Why it matters:
    When name and address are neutral ("Maintainer Services"), the wording tells the
    reader whom to believe.

Fires on:
    A last line `PyPI Security Team` (signature), `Dear PyPI user`, `your PyPI account`
    (voice), in many languages.

Stays silent on:
    Quoted and forwarded text, bounces, and platforms that the pack names as speakers.

Known evasions:
    A text without any words, such as one image.
"""

from collections.abc import Iterator

from phish_milter.facts import Facts
from phish_milter.findings import Finding, Role, Symbol
from phish_milter.identity import Trait

BRAND_SIGNATURE = Symbol(
    name="BRAND_SIGNATURE",
    role=Role.CLAIM,
    summary="Mail signs as the brand",
    score=1.5,
    check="signature",
)
BRAND_VOICE = Symbol(
    name="BRAND_VOICE",
    role=Role.CLAIM,
    summary="Mail addresses the reader as the brand would",
    score=1.0,
    check="signature",
)
SYMBOLS = (BRAND_SIGNATURE, BRAND_VOICE)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one claim for a signature and one for the wording."""
    for about in facts.claimed():
        if line := about.identity.traits.get(Trait.SIGNATURE):
            yield Finding(BRAND_SIGNATURE, f"signed {line!r}", about.brand.id)
        if words := about.identity.traits.get(Trait.VOICE):
            yield Finding(BRAND_VOICE, f"says {words!r}", about.brand.id)
