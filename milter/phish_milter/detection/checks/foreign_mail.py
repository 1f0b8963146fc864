"""
Everything a mail leads to belongs to one stranger.

Why it matters:
    Senders link to themselves at least somewhere: imprint, profile, unsubscribing.  Mail
    sent through a hacked or forged address has nothing of its own to link to.

Fires on:
    A mail from shop.example in which every hyperlink opens other.example; more so when
    the way to unsubscribe does too.

Stays silent on:
    Mail with any link to the sender, mail services that are known as such, targets
    that are not readable, plain text; bulk mail that the domain of its links signed.

Known evasions:
    One link to the sender's domain.
"""

from collections.abc import Iterator

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

ONE_FOREIGN_TARGET = Symbol(
    name="ONE_FOREIGN_TARGET",
    role=Role.SUSPICION,
    summary="Every link leads to one domain that is not the sender's",
    score=1.0,
    check=__name__,
)
BULK_ELSEWHERE = Symbol(
    name="BULK_ELSEWHERE",
    role=Role.SUSPICION,
    summary="Every link, also to unsubscribe, leads to one unknown domain",
    score=1.5,
    check=__name__,
)
SYMBOLS = (ONE_FOREIGN_TARGET, BULK_ELSEWHERE)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the one or the other."""
    if evidence := facts.anomaly(Anomaly.ONE_FOREIGN_TARGET):
        yield Finding(ONE_FOREIGN_TARGET, evidence)
    if evidence := facts.anomaly(Anomaly.BULK_ELSEWHERE):
        yield Finding(BULK_ELSEWHERE, evidence)
