"""
The display name is an address or host of another domain.

Why it matters:
    Many mail programs show the display name alone.  An address in it is read as the
    sender's address.

Fires on:
    `"support@bank.example" <x@example.net>`, `"Shop.example" <x@example.net>`.

Stays silent on:
    The author's own domain, or the same name under another suffix; those who say for
    whom they carry mail ("jane@example.org via Sign").

Known evasions:
    A company's name without its domain.
"""

from collections.abc import Iterator

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

NAME_SHOWS_ADDRESS = Symbol(
    name="NAME_SHOWS_ADDRESS",
    role=Role.SUSPICION,
    summary="Display name shows an address or host of another domain",
    score=2.0,
    check=__name__,
)
SYMBOLS = (NAME_SHOWS_ADDRESS,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the suspicion with both domains."""
    if evidence := facts.anomaly(Anomaly.SHOWS_OTHER_ADDRESS):
        yield Finding(NAME_SHOWS_ADDRESS, evidence)
