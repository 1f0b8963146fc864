"""
A mail leads nowhere but to one stranger, behind a picture or at an odd host.

Why it matters:
    Who writes has a name, and his mail leads to it somewhere.  A mail whose words are all
    in a picture wants no filter to read them; a host drawn by lot, under a suffix that
    costs nothing, on a platform for everybody or behind a shortener belongs to nobody
    who could be asked.

Fires on:
    A linked picture with a line of text, on the way to one or two strangers; "Renew" that
    opens `q7xk2m9v.icu`, a free page, a shortener or a token nobody can read, and nothing
    else in the mail leads anywhere.

Stays silent on:
    Links to the author's domain or to that of a signature that holds (where nobody
    verified, one that is there), services that count clicks for senders, hosts in sight
    (plain text), well-known organisations, tokens that differ from link to link where
    the author's domain signed.

Known evasions:
    One link to somebody else with a name; a readable host of one's own.
"""

from collections.abc import Iterator

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

PICTURE_MAIL = Symbol(
    name="PICTURE_MAIL",
    role=Role.SUSPICION,
    summary="Hardly more than a picture, and it opens a stranger's page",
    score=3.0,
    check=__name__,
)
LONE_ODD_TARGET = Symbol(
    name="LONE_ODD_TARGET",
    role=Role.SUSPICION,
    summary="The only host to go to is a stranger's and odd",
    score=3.0,
    check=__name__,
)
SYMBOLS = (PICTURE_MAIL, LONE_ODD_TARGET)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the picture mail and the odd host."""
    if evidence := facts.anomaly(Anomaly.PICTURE_MAIL):
        yield Finding(PICTURE_MAIL, evidence)
    if evidence := facts.anomaly(Anomaly.LONE_ODD_TARGET):
        yield Finding(LONE_ODD_TARGET, evidence)
