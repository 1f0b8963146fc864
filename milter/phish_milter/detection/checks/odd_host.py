"""
The host of a link is none that honest mail hides behind words.

Why it matters:
    A machine without a name, a coded label below a plain domain and a stranger's host
    named like a page for signing in are made for one campaign.

Fires on:
    "Open my account" on `http://198.51.100.7/`, `xn--...` below a plain domain,
    `secure-login.example` in a mail from elsewhere.

Stays silent on:
    Addresses in sight (logs, reports), internationalised domains, hosts of the sender,
    of mail services and of well-known organisations.

Known evasions:
    A neutral name.
"""

from collections.abc import Iterator

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol


def _suspicion(name: str, score: float, summary: str) -> Symbol:
    return Symbol(name, Role.SUSPICION, summary, score, "odd_host")


ADDRESS_BEHIND_WORDS = _suspicion(
    "ADDRESS_BEHIND_WORDS", 2.0, "Words open an address literal that the reader does not see"
)
PUNYCODE_LABEL = _suspicion("PUNYCODE_LABEL", 2.0, "Coded label below a domain in plain letters")
LOGIN_HOST = _suspicion("LOGIN_HOST", 1.0, "Stranger's host is named like a page to sign in")
SYMBOLS = (ADDRESS_BEHIND_WORDS, PUNYCODE_LABEL, LOGIN_HOST)

_SYMBOL_OF = {
    Anomaly.ADDRESS_TARGET: ADDRESS_BEHIND_WORDS,
    Anomaly.PUNYCODE_LABEL: PUNYCODE_LABEL,
    Anomaly.LOGIN_LABEL: LOGIN_HOST,
}


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each kind of odd host."""
    for anomaly, symbol in _SYMBOL_OF.items():
        if evidence := facts.anomaly(anomaly):
            yield Finding(symbol, evidence)
