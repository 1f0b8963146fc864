"""
DNS says that a domain of the mail does not exist, takes no mail, or is parked.

Why it matters:
    Who sends a request wants an answer: a sender's domain that does not exist or takes no
    mail is invented.  A link to a domain that is gone or parked is what remains of a
    campaign.  Asked only with `[dns] domain_facts = true`, after the scan.

Fires on:
    NXDOMAIN for the sender's or a link's domain; a null MX (RFC 7505), or neither MX nor
    address for the sender's; name servers of `config/lists/parking-nameservers.txt`.

Stays silent on:
    Timeouts and failures of DNS; domains of the site, the brands and shared hosts, which
    nobody asks about.

Known evasions:
    A registered domain with any MX.
"""

from collections.abc import Collection, Iterator

from phish_milter.dns.questions import Answers, DomainsAsked, Question, Status
from phish_milter.domains.names import parents
from phish_milter.findings import Finding, Role, Symbol


def _suspicion(name: str, score: float, summary: str) -> Symbol:
    return Symbol(name, Role.SUSPICION, summary, score, __name__)


SENDER_DOMAIN_GONE = _suspicion("SENDER_DOMAIN_GONE", 3.0, "Sender's domain does not exist")
SENDER_DOMAIN_NO_MAIL = _suspicion("SENDER_DOMAIN_NO_MAIL", 1.5, "Sender's domain takes no mail")
LINK_DOMAIN_GONE = _suspicion("LINK_DOMAIN_GONE", 1.5, "Domain of a link does not exist")
LINK_DOMAIN_PARKED = _suspicion("LINK_DOMAIN_PARKED", 1.0, "Domain of a link is parked")
SYMBOLS = (SENDER_DOMAIN_GONE, SENDER_DOMAIN_NO_MAIL, LINK_DOMAIN_GONE, LINK_DOMAIN_PARKED)

_NULL_MX = "0 ."


def questions(asked: DomainsAsked) -> Iterator[Question]:
    """Yield what DNS has to be asked."""
    if asked.sender:
        yield from (Question(asked.sender, type_) for type_ in ("MX", "A", "AAAA"))
    yield from (Question(domain, "NS") for domain in asked.links)


def check(asked: DomainsAsked, answers: Answers, parking: Collection[str]) -> Iterator[Finding]:
    """Yield what the *answers* say; *parking* holds name servers of parked domains."""
    if asked.sender:
        yield from _about_sender(asked.sender, answers)
    for domain in asked.links:
        answer = answers.get(domain, "NS")
        if answer.status is Status.NXDOMAIN:
            yield Finding(LINK_DOMAIN_GONE, f"{domain} does not exist")
        for server in answer.values:
            if any(name in parking for name in parents(server.rstrip("."))):
                yield Finding(LINK_DOMAIN_PARKED, f"{domain} is served by {server}")
                break


def _about_sender(sender: str, answers: Answers) -> Iterator[Finding]:
    mail, *addresses = (answers.get(sender, type_) for type_ in ("MX", "A", "AAAA"))
    if mail.status is Status.NXDOMAIN:
        yield Finding(SENDER_DOMAIN_GONE, f"{sender} does not exist")
    elif mail.values == (_NULL_MX,):
        yield Finding(SENDER_DOMAIN_NO_MAIL, f"{sender} says that it takes no mail")
    elif mail.status is Status.NODATA and all(a.status is Status.NODATA for a in addresses):
        yield Finding(SENDER_DOMAIN_NO_MAIL, f"{sender} has neither MX nor address")
