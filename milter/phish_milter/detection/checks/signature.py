"""
The text speaks as the brand: it signs as it, or addresses its account holders.

Why it matters:
    When name and address are neutral ("Maintainer Services"), the wording tells the
    reader whom to believe.

Fires on:
    A last line `PyPI Security Team` (signature) after a closing, or after none where the
    mail presses its reader and leads away; `Dear PyPI user`, `your PyPI account`
    (voice), in many languages; a button `Log in to PyPI`; `PyPI` alone as first line.

Stays silent on:
    Salutations (`Dear PyPI Support,`), quoted and forwarded text, returned mail in
    bounces, and platforms that the pack names as speakers.

Known evasions:
    A text without any words, such as one image.
"""

from collections.abc import Iterator

from phish_milter.detection.claims import Trait
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

BRAND_SIGNATURE = Symbol(
    name="BRAND_SIGNATURE",
    role=Role.CLAIM,
    summary="Mail signs as the brand",
    score=1.5,
    check=__name__,
)
BRAND_VOICE = Symbol(
    name="BRAND_VOICE",
    role=Role.CLAIM,
    summary="Mail addresses the reader as the brand would",
    score=1.0,
    check=__name__,
)
BRAND_BUTTON = Symbol(
    name="BRAND_BUTTON",
    role=Role.CLAIM,
    summary="Button says that it leads to the brand's account pages",
    score=1.5,
    check=__name__,
)
BRAND_LETTERHEAD = Symbol(
    name="BRAND_LETTERHEAD",
    role=Role.CLAIM,
    summary="Mail is headed by nothing but the brand's name",
    score=1.5,
    check=__name__,
)
SYMBOLS = (BRAND_SIGNATURE, BRAND_VOICE, BRAND_BUTTON, BRAND_LETTERHEAD)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield a claim each for signature, wording, button and letterhead."""
    for about in facts.claimed():
        traits = about.identity.traits
        if line := traits.get(Trait.SIGNATURE) or traits.get(Trait.LAST_LINE):
            yield Finding(BRAND_SIGNATURE, f"signed {line!r}", about.brand.id)
        if words := about.identity.traits.get(Trait.VOICE):
            yield Finding(BRAND_VOICE, f"says {words!r}", about.brand.id)
        if button := about.identity.traits.get(Trait.LINK_TEXT):
            yield Finding(BRAND_BUTTON, f"button {button!r}", about.brand.id)
        if head := about.identity.traits.get(Trait.LETTERHEAD):
            yield Finding(BRAND_LETTERHEAD, f"headed {head!r}", about.brand.id)
