"""
The sender speaks as the brand and leads the reader to somebody else's host.

Why it matters:
    The brand's own mail links to the brand's sites and to few others, which the pack
    lists.  The worst link counts: eight genuine ones do not excuse one foreign.

Fires on:
    A mail named "PyPI Support" whose button opens `https://account-check.example/`, or
    a shortener or opaque redirector.

Stays silent on:
    Mail from the brand's own address (see `broken-proof`), speakers, quoted links,
    header links, neighbours, mirrors and what the pack lists as targets.

Known evasions:
    No link at all: an attachment, a phone number, an answer by mail.
"""

from collections.abc import Iterator

from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

FOREIGN_TARGET = Symbol(
    name="FOREIGN_TARGET",
    role=Role.CONTRADICTION,
    summary="Sender speaks as the brand, link leads to somebody else",
    score=2.5,
    check=__name__,
)
HIDDEN_TARGET = Symbol(
    name="HIDDEN_TARGET",
    role=Role.CONTRADICTION,
    summary="Sender speaks as the brand, link hides where it leads",
    score=2.5,
    check=__name__,
)
SYMBOLS = (FOREIGN_TARGET, HIDDEN_TARGET)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield a contradiction per foreign target of a sender who is not the brand."""
    for about in facts.claimed():
        away = about.identity.foreign_author or about.identity.stray_author
        if not (about.strong and away):
            continue
        for judged in about.foreign_targets():
            if about.is_own(judged) and not about.lured:
                continue  # FOREIGN_AUTHOR has said whose they are
            symbol = HIDDEN_TARGET if judged.link.unresolved else FOREIGN_TARGET
            yield Finding(symbol, f"link to {judged.link.host}", about.brand.id)
