"""
A link to a stranger carries the reader's own address.

Why it matters:
    Pages for stealing passwords fill in the reader's address to look like a page that
    knows them.  Encoded, or behind a #, it is meant to be overlooked.

Fires on:
    `https://example.net/x#jane@example.org`, the address in base64 or hexadecimal in
    the path; with little weight `?email=jane@example.org`.

Stays silent on:
    Links to the sender's own domain, addresses of others, numbers for readers.

Known evasions:
    A number for each reader.
"""

from collections.abc import Iterator

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

READER_ENCODED = Symbol(
    name="READER_ENCODED",
    role=Role.SUSPICION,
    summary="Link to a stranger carries an address encoded or behind a #",
    score=2.0,
    check=__name__,
)
READER_NAMED = Symbol(
    name="READER_NAMED",
    role=Role.SUSPICION,
    summary="Link to a stranger carries the reader's address",
    score=0.5,
    check=__name__,
)
SYMBOLS = (READER_ENCODED, READER_NAMED)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield how links name the reader."""
    if evidence := facts.anomaly(Anomaly.READER_ENCODED):
        yield Finding(READER_ENCODED, evidence)
    if evidence := facts.anomaly(Anomaly.READER_NAMED):
        yield Finding(READER_NAMED, evidence)
