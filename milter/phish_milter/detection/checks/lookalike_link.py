"""
A link leads to a host that is made to be taken for the brand's.

Why it matters:
    The page behind it is a copy or a proxy of the brand's login.

Fires on:
    `https://pypj.org/`, `https://pypi-mirror.org/`, `https://pypi.org.example.com/`,
    also behind redirectors and in forms.  Beside a lure about the reader's account the
    look-alike is the claim as well, and the mail need not name the brand.

Stays silent on:
    Quoted, forwarded and defanged addresses, neighbours and mirrors the pack names,
    the site's own domains, and a bare host that a text only mentions.

Known evasions:
    Hosts that resemble nothing; see `foreign-target` and `brand-page-elsewhere`.
"""

from collections.abc import Iterator

from phish_milter.detection.brands.model import Relation
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

LOOKALIKE_LINK = Symbol(
    name="LOOKALIKE_LINK",
    role=Role.CONTRADICTION,
    summary="Link leads to a look-alike of the brand's domain",
    score=4.5,
    check=__name__,
)
BRAND_LABEL_LINK = Symbol(
    name="BRAND_LABEL_LINK",
    role=Role.CONTRADICTION,
    summary="Link leads to a host that carries the brand's name in a label",
    score=4.0,
    check=__name__,
)
LURES_TO_IMITATION = Symbol(
    name="LURES_TO_IMITATION",
    role=Role.CLAIM,
    summary="Mail lures its reader to an imitation of the brand",
    score=0.5,
    check=__name__,
)
SYMBOLS = (LOOKALIKE_LINK, BRAND_LABEL_LINK, LURES_TO_IMITATION)

_SYMBOL_OF = {
    Relation.LOOKALIKE: LOOKALIKE_LINK,
    Relation.BRAND_IN_LABEL: BRAND_LABEL_LINK,
}


def check(facts: Facts) -> Iterator[Finding]:
    """Yield a contradiction per link target that imitates the brand's hosts."""
    for about in facts.brands:
        if about.lures_to_imitation:
            evidence = f"{about.lured} kinds of account lures beside the link"
            yield Finding(LURES_TO_IMITATION, evidence, about.brand.id)
        for judged in about.targets():
            if about.says_service and about.is_own_service(judged):
                continue  # the sender's address has said so already
            if symbol := _SYMBOL_OF.get(judged.relation):
                yield Finding(symbol, judged.judgement.explanation, about.brand.id)
