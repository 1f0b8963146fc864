"""
A link leads to a page that anybody could have published within minutes.

Why it matters:
    Pages for stealing passwords are put on site builders, application platforms, form
    services and raw storage: no identity is needed, and the platform's good name
    covers them.

Fires on:
    A mail from one domain whose button opens `x.site-builder.example`, or a page in a
    storage bucket.

Stays silent on:
    Pages at the sender's own name on such a platform, quoted links, files in storage
    (reports, installers).

Known evasions:
    A hacked site under a domain of its own.
"""

from collections.abc import Iterator

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

HOSTED_TARGET = Symbol(
    name="HOSTED_TARGET",
    role=Role.SUSPICION,
    summary="Link opens a page on a platform where anybody publishes",
    score=1.5,
    check=__name__,
)
STORAGE_TARGET = Symbol(
    name="STORAGE_TARGET",
    role=Role.SUSPICION,
    summary="Link opens a page in raw storage",
    score=2.5,
    check=__name__,
)
SYMBOLS = (HOSTED_TARGET, STORAGE_TARGET)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one suspicion for each kind of platform."""
    if evidence := facts.anomaly(Anomaly.HOSTED_TARGET):
        yield Finding(HOSTED_TARGET, evidence)
    if evidence := facts.anomaly(Anomaly.STORAGE_TARGET):
        yield Finding(STORAGE_TARGET, evidence)
