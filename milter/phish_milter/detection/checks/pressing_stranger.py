"""
A mail that is odd anyway presses its reader or promises a prize.

Why it matters:
    Everybody asks to confirm things and offers prizes.  Beside a borrowed name, a hidden
    target or a disguise it is what the anomaly is for.

Fires on:
    "Your account will be suspended" over a button that opens raw storage; "You have
    won" from a sender without a domain.

Stays silent on:
    The same words in a mail with nothing odd about sender and links; deadlines,
    invitations and policies, which are everyday business; a protected brand whose
    origin is proved.

Known evasions:
    Languages without wordings in `config/lures` and `config/lists/bait-words.txt`.
"""

from collections.abc import Iterator

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.facts import Facts
from phish_milter.detection.lures.categories import Mark
from phish_milter.findings import Finding, Proof, Role, Symbol

# Not odd enough to make more of what the text says.
_EVERYDAY = frozenset({Anomaly.READER_NAMED})

STRANGER_PRESSES = Symbol(
    name="STRANGER_PRESSES",
    role=Role.SUSPICION,
    summary="SeenAnomaly mail asks to verify or threatens an account",
    score=2.0,
    check=__name__,
)
STRANGER_PROMISES = Symbol(
    name="STRANGER_PROMISES",
    role=Role.SUSPICION,
    summary="SeenAnomaly mail promises a prize or payment",
    score=1.0,
    check=__name__,
)
SYMBOLS = (STRANGER_PRESSES, STRANGER_PROMISES)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the pressure, or else the promise."""
    if all(odd.anomaly in _EVERYDAY for odd in facts.anomalies):
        return
    if any(about.proof is Proof.PASSED for about in facts.brands):
        return
    hit = next((hit for hit in facts.lures if hit.category.marks & Mark.PRESSES), None)
    if hit is not None:
        yield Finding(STRANGER_PRESSES, f"{hit.language}: {hit.evidence!r}")
    elif facts.bait:
        yield Finding(STRANGER_PROMISES, repr(facts.bait))
