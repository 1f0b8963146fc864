"""
The sender is at the brand's domain and answers go to somebody else.

Why it matters:
    Reply-To is seldom covered by a signature: a replayed genuine mail with an added
    Reply-To still verifies, and the answer reaches the attacker.

Fires on:
    `From: noreply@pypi.org` with `Reply-To: help@example.com`, without proof (a
    contradiction), or with proof that does not cover the field (it can still tag).

Stays silent on:
    Answers to the brand, its siblings and the site's own domains; a signature that
    covers Reply-To.

Known evasions:
    Asking in the text for an answer to another address.
"""

from collections.abc import Iterator

from phish_milter.detection.brands.model import Relation
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Proof, Role, Symbol

REPLY_DIVERTED = Symbol(
    name="REPLY_DIVERTED",
    role=Role.CONTRADICTION,
    summary="Brand's address without proof, answers go to somebody else",
    score=4.0,
    check=__name__,
)
REPLY_NOT_COVERED = Symbol(
    name="REPLY_NOT_COVERED",
    role=Role.LURE,
    summary="Answers to the brand's address go to somebody else, unsigned",
    score=4.0,
    check=__name__,
    survives_alibi=True,
)
SYMBOLS = (REPLY_DIVERTED, REPLY_NOT_COVERED)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding per address that answers to the brand are led to."""
    for about in facts.claimed():
        if about.identity.author.relation is Relation.BRAND:
            broken = about.proof in (Proof.FAILED, Proof.MISSING)
            symbol = REPLY_DIVERTED if broken else REPLY_NOT_COVERED
            for mailbox in about.replies:
                yield Finding(symbol, f"Reply-To is {mailbox.address}", about.brand.id)
