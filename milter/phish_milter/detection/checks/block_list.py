"""
A domain of the mail stands on a domain block list that is asked over DNS.

Why it matters:
    Spamhaus DBL, SURBL, URIBL and their like know domains of campaigns within minutes.
    Asked only where `[dns] block_lists` names zones, after the scan.

Fires on:
    An address in 127.0.0.0/16 for `DOMAIN.ZONE`, where DOMAIN is a link's or the sender's.

Stays silent on:
    The codes by which lists say that they refuse to answer (127.255.255.0/24, 127.0.0.1,
    127.0.x.255), any other address (a resolver that invents answers), no answer.

Known evasions:
    A new domain.
"""

from collections.abc import Iterator, Sequence

from phish_milter.dns.questions import Answers, DomainsAsked, Question
from phish_milter.domains.registrable import registrable
from phish_milter.findings import Finding, Role, Symbol

DNSBL_LISTED = Symbol(
    name="DNSBL_LISTED",
    role=Role.SUSPICION,
    summary="Domain of a link or the sender is on a block list",
    score=4.0,
    check=__name__,
)
SYMBOLS = (DNSBL_LISTED,)

# "You ask too much" at URIBL and SURBL.
_REFUSED = "127.0.0.1"
# "This is no domain" at the DBL.
_NO_DOMAIN = ".255"


def questions(asked: DomainsAsked, zones: Sequence[str]) -> Iterator[Question]:
    """Yield what the lists in *zones* have to be asked."""
    for zone in zones:
        yield from (Question(f"{domain}.{zone}", "A") for domain in _domains(asked))


def check(asked: DomainsAsked, answers: Answers, zones: Sequence[str]) -> Iterator[Finding]:
    """Yield a finding for each listed domain and list."""
    for domain in _domains(asked):
        for zone in zones:
            codes = [c for c in answers.get(f"{domain}.{zone}", "A").values if _is_listing(c)]
            if codes:
                yield Finding(DNSBL_LISTED, f"{domain} is on {zone} ({', '.join(codes[:3])})")


def _domains(asked: DomainsAsked) -> tuple[str, ...]:
    sender = (registrable(asked.sender),) if asked.sender else ()
    return tuple(dict.fromkeys((*asked.links, *sender)))


def _is_listing(code: str) -> bool:
    if code == _REFUSED or code.endswith(_NO_DOMAIN):
        return False
    return code.startswith("127.0.")
