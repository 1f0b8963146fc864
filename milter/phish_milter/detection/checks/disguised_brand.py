"""
The brand's name is written so that readers see it and filters do not.

Why it matters:
    Nobody writes their own name with foreign look-alike letters or invisible
    characters inside.

Fires on:
    A Cyrillic letter or a zero-width space inside the brand's name, in the display
    name, the subject or the text.

Stays silent on:
    Foreign letters and zero-width characters anywhere else (names, emoji, Persian).

Known evasions:
    The name as a picture.
"""

from collections.abc import Iterator

from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

DISGUISED_BRAND = Symbol(
    name="DISGUISED_BRAND",
    role=Role.CONTRADICTION,
    summary="Brand's name is written with foreign or invisible characters",
    score=4.0,
    check=__name__,
)
SYMBOLS = (DISGUISED_BRAND,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield a contradiction where the claimed brand's name is disguised."""
    for about in facts.claimed():
        if about.identity.disguise:
            yield Finding(DISGUISED_BRAND, about.identity.disguise, about.brand.id)
