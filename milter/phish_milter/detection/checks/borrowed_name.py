"""
A stranger writes under the name of a well-known organisation.

Why it matters:
    Readers see the name, not the address.  Banks, carriers and shops write from
    domains of their own; a stranger with their name wants to be taken for them.

Fires on:
    `"Home Depot" <info@example.com>`; more so where the mail leads to a third
    party and to nothing of the organisation's.

Stays silent on:
    The organisation's own domains (`config/lists/organisations.txt`, or its name
    under any suffix), names that speak about it ("PayPal Users Group"), people
    whose surname is a company's; a signature of the organisation that holds, mail that
    leads to nobody but it, "PayPal Benefits at Orchard" signed by orchard.example.

Known evasions:
    Organisations that are not on the list; a name further inside the display name.
"""

from collections.abc import Iterator

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

ORGANISATION_NAME = Symbol(
    name="ORGANISATION_NAME",
    role=Role.SUSPICION,
    summary="Display name is a well-known organisation's, address is not",
    score=2.5,
    check=__name__,
)
ORGANISATION_ABSENT = Symbol(
    name="ORGANISATION_ABSENT",
    role=Role.SUSPICION,
    summary="Neither address nor links belong to the organisation in the display name",
    score=1.5,
    check=__name__,
)
SYMBOLS = (ORGANISATION_NAME, ORGANISATION_ABSENT)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the borrowed name, and that its owner has no part in the mail."""
    if evidence := facts.anomaly(Anomaly.BORROWED_NAME):
        yield Finding(ORGANISATION_NAME, evidence)
    if evidence := facts.anomaly(Anomaly.OWNER_ABSENT):
        yield Finding(ORGANISATION_ABSENT, evidence)
