"""
A page that exists only on the brand's own site, on somebody else's host.

Why it matters:
    A login proxy must keep the paths of the site it relays, and copies keep them too.

Fires on:
    `https://example.net/account/verify-email/?token=`, where the pack lists the path.

Stays silent on:
    The brand's hosts, and mail that does not present itself as the brand.

Known evasions:
    Renaming the paths; `foreign-target` remains.
"""

from collections.abc import Iterator

from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

BRAND_PAGE_ELSEWHERE = Symbol(
    name="BRAND_PAGE_ELSEWHERE",
    role=Role.CONTRADICTION,
    summary="Link has a path of the brand's site on a foreign host",
    score=3.0,
    check=__name__,
)
SYMBOLS = (BRAND_PAGE_ELSEWHERE,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield a contradiction per foreign target that has one of the brand's own paths."""
    for about in facts.claimed():
        for judged in about.foreign_targets():
            path = next((p for p in about.brand.paths if judged.link.path.startswith(p)), None)
            if path:
                evidence = f"{path} belongs to {about.brand.title}, host is {judged.link.host}"
                yield Finding(BRAND_PAGE_ELSEWHERE, evidence, about.brand.id)
