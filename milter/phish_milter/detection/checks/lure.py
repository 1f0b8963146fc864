"""
The text presses the reader, or asks for secrets, in one of many languages.

Why it matters:
    Pressure and requests are what make a false claim dangerous.  They prove nothing:
    genuine mail asks to verify addresses too, so lures only add weight.

Fires on:
    "Verify your address within 24 hours or your package will be removed", and its
    idiomatic equivalents; the phrases are data in `config/lures`.

Stays silent on:
    Quoted and forwarded text; mail that does not present itself as a brand.

Known evasions:
    Text as a picture; languages without a data file.
"""

from collections.abc import Iterator

from phish_milter.detection.facts import Facts
from phish_milter.detection.lures.categories import LureCategory
from phish_milter.findings import Finding, Role, Symbol

_WEIGHTS = {
    LureCategory.VERIFY: (1.0, "Asks to verify or confirm"),
    LureCategory.SUSPENSION: (1.5, "Threatens to suspend or limit the account"),
    LureCategory.REMOVAL: (1.5, "Threatens to remove a package or project"),
    LureCategory.DEADLINE: (1.0, "Sets a deadline"),
    LureCategory.TWO_FACTOR: (1.0, "Is about two-factor authentication or recovery codes"),
    LureCategory.SECURITY_ALERT: (1.0, "Warns of an unusual login"),
    LureCategory.BREACH: (1.0, "Tells of a breach or leaked token"),
    LureCategory.INVITE: (0.5, "Invites to a project or organisation"),
    LureCategory.SECRET_REPLY: (3.0, "Asks to answer with a secret"),
    LureCategory.COMMAND: (1.5, "Asks to run a command"),
    LureCategory.CALLBACK: (2.0, "Asks to call a phone number"),
    LureCategory.VULNERABILITY: (1.0, "Tells of a vulnerability in a package"),
    LureCategory.POLICY: (1.0, "Asks to accept a policy or pass a validation"),
}
LURES = {
    category: Symbol(f"LURE_{category.upper()}", Role.LURE, summary, score, "lure")
    for category, (score, summary) in _WEIGHTS.items()
}
SYMBOLS = tuple(LURES.values())


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each category of lure once for every brand that the mail claims to be."""
    for about in facts.claimed():
        for hit in facts.lures:
            if symbol := LURES.get(hit.category):
                yield Finding(symbol, f"{hit.language}: {hit.evidence!r}", about.brand.id)
