"""
A mail of the brand links to a host of the brand that serves what others uploaded.

Why it matters:
    Such a host belongs to the brand and its content to anybody: proof of origin and
    the brand's good name say nothing about the page.

Fires on:
    `https://pythonhosted.org/somebody/` in a mail that presents itself as the brand,
    proven or not.

Stays silent on:
    The brand's other hosts, quoted links, and mail that makes no claim.

Known evasions:
    Uploading to a host that the pack does not mark with the role `uploads`.
"""

from collections.abc import Iterator

from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

UPLOADED_CONTENT = Symbol(
    name="UPLOADED_CONTENT",
    role=Role.LURE,
    summary="Link leads to content that others uploaded to the brand's host",
    score=2.0,
    check=__name__,
    survives_alibi=True,
)
SYMBOLS = (UPLOADED_CONTENT,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding per such target."""
    for about in facts.claimed():
        for judged in about.targets():
            if judged.uploads:
                evidence = f"{judged.link.host} serves uploads"
                yield Finding(UPLOADED_CONTENT, evidence, about.brand.id)
