"""
A stranger presses the reader about an account at a brand, without claiming to be the brand.

Why it matters:
    "Your PyPI account closes today" works from any sender.  It claims nobody, so that no
    claim can be contradicted; what is odd is a stranger who presses about what the
    reader has elsewhere and leads away from there.

Fires on:
    "Your PyPI account is locked, sign in within 24 hours: https://desk.example/x" from
    an office without a name; a request to answer with a password, to write to a handle in
    a messenger or to type a host spelled with blanks.

Stays silent on:
    Links to the brand; one question among colleagues ("can you verify your PyPI
    account?"); services that press about themselves; quoted text; articles that link to
    many places.

Known evasions:
    Languages without wordings in `config/lures`; a letter with only one kind of pressure
    and none of the brand's dress.
"""

from collections.abc import Iterator

from phish_milter.detection.facts import Facts
from phish_milter.findings import Finding, Role, Symbol

ACCOUNT_APPEAL = Symbol(
    name="ACCOUNT_APPEAL",
    role=Role.SUSPICION,
    summary="Stranger presses about the reader's account at a brand and leads elsewhere",
    score=4.0,
    check=__name__,
)
SYMBOLS = (ACCOUNT_APPEAL,)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the appeal unless the mail claims a brand, which says more."""
    asked = facts.appeal
    if asked is not None and not any(facts.claimed()):
        yield Finding(ACCOUNT_APPEAL, f"{asked.title}: {asked.said!r}, leads to {asked.where}")
