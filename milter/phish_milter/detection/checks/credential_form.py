"""
A form in the mail or its attachment asks for a password or code.

Why it matters:
    No registry asks for secrets inside a mail.  A form needs no link, so that link
    checks alone would miss it.

Fires on:
    `<form action="https://example.net/p.php"><input type="password">`.

Stays silent on:
    Forms without secret fields (surveys, search), forms that lead to the brand.

Known evasions:
    A form drawn by a script; the script's page is a foreign target.
"""

from collections.abc import Iterator

from phish_milter.detection.facts import HOME, Facts
from phish_milter.findings import Finding, Role, Symbol

CREDENTIAL_FORM = Symbol(
    name="CREDENTIAL_FORM",
    role=Role.CONTRADICTION,
    summary="Form asks for a secret and does not lead to the brand",
    score=4.0,
    check=__name__,
)
MAIL_ASKS_SECRET = Symbol(
    name="MAIL_ASKS_SECRET",
    role=Role.SUSPICION,
    summary="Form inside the mail asks for a password or code",
    score=3.0,
    check=__name__,
)
SYMBOLS = (CREDENTIAL_FORM, MAIL_ASKS_SECRET)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield a contradiction per claimed brand, and the suspicion in any mail."""
    for about in facts.claimed():
        for judged in about.links:
            if judged.link.asks_secret and judged.relation not in HOME:
                evidence = f"form sends a secret to {judged.link.host or judged.link.target[:40]}"
                yield Finding(CREDENTIAL_FORM, evidence, about.brand.id)
    for link in facts.links:
        if link.asks_secret and not link.quoted:
            yield Finding(MAIL_ASKS_SECRET, f"form in {link.source}, part {link.part}")
