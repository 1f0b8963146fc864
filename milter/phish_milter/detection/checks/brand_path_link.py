"""
The brand's name stands in the path of a link to somebody else's host.

Why it matters:
    Free hosting and hijacked sites have respectable hosts; the deceit is in the path.

Fires on:
    `https://sites.example.com/view/pypivalidate`, `/wp-content/uploads/pypi/`.

Stays silent on:
    Registries that serve packages under such a path, and articles about the brand,
    unless the sender speaks as the brand.

Known evasions:
    Paths without the name.
"""

from collections.abc import Iterator

from phish_milter.detection.brands.model import Relation
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

BRAND_PATH_LINK = Symbol(
    name="BRAND_PATH_LINK",
    role=Role.CONTRADICTION,
    summary="Link has the brand's name in the path of a foreign host",
    score=2.5,
    check=__name__,
)
SYMBOLS = (BRAND_PATH_LINK,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield a contradiction per such link where the sender speaks as the brand."""
    for about in facts.brands:
        if about.strong:
            for judged in about.targets():
                if judged.relation is Relation.BRAND_IN_PATH:
                    yield Finding(BRAND_PATH_LINK, judged.judgement.explanation, about.brand.id)
