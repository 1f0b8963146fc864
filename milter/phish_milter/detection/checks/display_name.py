"""
The display name of the sender is the brand's name.

Why it matters:
    Most mail programs show the name and hide the address.

Fires on:
    `From: "PyPI Support" <info@example.com>`, also with confusable letters or
    zero-width characters inside the name, marks (`PyPI (R)`) and legal forms.  In a mail
    that presses its reader and leads away also teams of the brand, names of services
    (`pypi-bot`), feeds, and `pypi-security@example.com` without a name.

Stays silent on:
    Names that talk about the brand: `Donna via pypi-announce`, `PyPI Weekly`; services of
    an organisation and groups that pass mail on (`'PyPI' via team`), unless they press.

Known evasions:
    Names without the brand ("Security Desk"); the signature or wording then claims it.
"""

from collections.abc import Iterator

from phish_milter.detection.claims import Trait
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

DISPLAY_NAME_BRAND = Symbol(
    name="DISPLAY_NAME_BRAND",
    role=Role.CLAIM,
    summary="Display name of the sender is the brand's name",
    score=2.5,
    check=__name__,
)
SYMBOLS = (DISPLAY_NAME_BRAND,)

_NAMES = (Trait.DISPLAY_NAME, Trait.KIN_NAME, Trait.TEAM_NAME, Trait.FEED_NAME)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the claim for each brand that a display name of the sender names."""
    for about in facts.claimed():
        traits = about.identity.traits
        if name := next((traits[trait] for trait in _NAMES if trait in traits), ""):
            yield Finding(DISPLAY_NAME_BRAND, f"display name {name!r}", about.brand.id)
