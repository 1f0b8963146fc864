"""
A link leads to a host or page on one of the site's own lists.

Why it matters:
    A host that somebody reported is bad whatever the mail around it says.  A feed marked
    `enforce` is trusted enough to hold mail without any brand being claimed.

Fires on:
    Any link whose host, a parent of it, or URL prefix stands on a feed of `[[feeds]]`.

Stays silent on:
    Quoted links and hosts merely mentioned in text; whole shared hosts (suffixes,
    platforms, shorteners), which a feed cannot list; hosts of the site and the brands.

Known evasions:
    A new host.
"""

from collections.abc import Iterator

from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

LISTED_HOST = Symbol(
    name="LISTED_HOST",
    role=Role.SUSPICION,
    summary="Link leads to a host or page on a local feed",
    score=4.0,
    check=__name__,
)
LISTED_HOST_ENFORCED = Symbol(
    name="LISTED_HOST_ENFORCED",
    role=Role.SUSPICION,
    summary="Link leads to a host or page on a local feed marked enforce",
    score=8.0,
    check=__name__,
    enforced=True,
)
SYMBOLS = (LISTED_HOST, LISTED_HOST_ENFORCED)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield a finding for each listing."""
    for listing in facts.listings:
        symbol = LISTED_HOST_ENFORCED if listing.enforce else LISTED_HOST
        yield Finding(symbol, f"{listing.entry} is on {listing.feed}")
