"""
The sender's domain is none that honest senders of such mail have.

Why it matters:
    Who sends links has an address that can be asked and answered.  Several authors at
    different owners, a domain that cannot exist, the subdomain of a platform for web
    pages, and a domain drawn by lot are how throw-away senders look.

Fires on:
    `From: a@shop.example, b@other.example`; hyperlinks from `parcel@carrier` (no such
    domain); mail from `x.web-platform.example` that leads elsewhere; `From: Prize Desk,
    <a@shop.example>` in a mail that leads to strangers.

Stays silent on:
    Plain mail of machines ("root@localhost" without hyperlinks), sign-up mail of a
    hosted application that leads back to itself, names with a comma in quotes, `Vale,
    Robin <r@vale.example>` signed by vale.example.

Known evasions:
    A registered domain with a readable name.
"""

from collections.abc import Iterator

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol


def _suspicion(name: str, score: float, summary: str) -> Symbol:
    return Symbol(name, Role.SUSPICION, summary, score, "odd_sender")


AUTHORS_DIFFER = _suspicion("AUTHORS_DIFFER", 2.5, "Authors are at different owners' domains")
SENDER_NO_DOMAIN = _suspicion(
    "SENDER_NO_DOMAIN", 3.0, "Mail with hyperlinks comes from a domain that cannot exist"
)
SENDER_ON_HOSTING = _suspicion(
    "SENDER_ON_HOSTING", 3.0, "Sender is at a platform for web pages and leads elsewhere"
)
SENDER_RANDOM = _suspicion("SENDER_RANDOM", 1.0, "Sender's domain looks drawn by lot")
SENDER_LACKS_ADDRESS = _suspicion(
    "SENDER_LACKS_ADDRESS", 4.0, "From holds a comma item without an address, as no program writes"
)
SYMBOLS = (
    AUTHORS_DIFFER,
    SENDER_NO_DOMAIN,
    SENDER_ON_HOSTING,
    SENDER_RANDOM,
    SENDER_LACKS_ADDRESS,
)

_SYMBOL_OF = {
    Anomaly.AUTHORS_DIFFER: AUTHORS_DIFFER,
    Anomaly.NO_SENDER_DOMAIN: SENDER_NO_DOMAIN,
    Anomaly.HOSTED_SENDER: SENDER_ON_HOSTING,
    Anomaly.RANDOM_SENDER: SENDER_RANDOM,
    Anomaly.ITEM_NO_ADDRESS: SENDER_LACKS_ADDRESS,
}


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each anomaly of the sender's domain."""
    for anomaly, symbol in _SYMBOL_OF.items():
        if evidence := facts.anomaly(anomaly):
            yield Finding(symbol, evidence)
