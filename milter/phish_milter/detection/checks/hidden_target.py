"""
Where a mail leads is hidden behind somebody else's good name.

Why it matters:
    A shortened link behind words shows neither the reader nor a filter where it goes, and
    a search engine's redirector makes any target look like the engine's.  Honest bulk
    mail never hides the way to unsubscribe.

Fires on:
    A mail all of whose hyperlinks are shortened and stand behind words; "Unsubscribe"
    that opens a shortener; `https://search.example/url?q=https://other.example/`.

Stays silent on:
    A shortened link in sight, one among others, rewriters of gateways and mail
    services, links for sharing a page.

Known evasions:
    A redirector on the attacker's own host.
"""

from collections.abc import Iterator

from phish_milter.detection.anomalies.model import Anomaly
from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol


def _suspicion(name: str, score: float, summary: str) -> Symbol:
    return Symbol(name, Role.SUSPICION, summary, score, "hidden_target")


SHORTENED_ONLY = _suspicion("SHORTENED_ONLY", 2.0, "Every hyperlink is shortened, behind words")
UNSUBSCRIBE_HIDDEN = _suspicion(
    "UNSUBSCRIBE_HIDDEN", 2.0, "Way to unsubscribe is hidden behind a shortener or platform"
)
PUBLIC_REDIRECT = _suspicion("PUBLIC_REDIRECT", 1.5, "Well-known site is used to send readers on")
SYMBOLS = (SHORTENED_ONLY, UNSUBSCRIBE_HIDDEN, PUBLIC_REDIRECT)

_SYMBOL_OF = {
    Anomaly.SHORTENED_ONLY: SHORTENED_ONLY,
    Anomaly.UNSUBSCRIBE_HIDDEN: UNSUBSCRIBE_HIDDEN,
    Anomaly.PUBLIC_REDIRECT: PUBLIC_REDIRECT,
}


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each way in which targets are hidden."""
    for anomaly, symbol in _SYMBOL_OF.items():
        if evidence := facts.anomaly(anomaly):
            yield Finding(symbol, evidence)
