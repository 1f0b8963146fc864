"""
An attached page acts by itself when it is opened.

Why it matters:
    A page on the reader's own disk has no host to judge.  One that goes elsewhere, writes
    itself anew or sends what is typed is a phishing page that came by mail.

Fires on:
    Attached HTML or SVG with a script that decodes text, changes the location or
    fetches, or with a refresh to another page.

Stays silent on:
    Attached pages without such scripts (reports, saved pages of plain text), pictures.

Known evasions:
    Archives; a plain form (see MAIL_ASKS_SECRET).
"""

from collections.abc import Iterator

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

SCRIPTED_ATTACHMENT = Symbol(
    name="SCRIPTED_ATTACHMENT",
    role=Role.SUSPICION,
    summary="Attached page decodes, redirects or sends by script",
    score=3.0,
    check=__name__,
)
SYMBOLS = (SCRIPTED_ATTACHMENT,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the suspicion with the page and what it does."""
    if evidence := facts.anomaly(Anomaly.SCRIPTED_ATTACHMENT):
        yield Finding(SCRIPTED_ATTACHMENT, evidence)
