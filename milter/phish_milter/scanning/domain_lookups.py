"""
Late findings: what DNS says about a message's domains, asked after the scan.

The gateway and ``pipeline`` call ``findings()`` with the scan and a session of the lookups, and
add what it returns to the scan.  Ordinary installations ask nothing: both settings are off.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol

from phish_milter.detection.checks import block_list, domain_facts
from phish_milter.dns.questions import Answers, Question
from phish_milter.findings import Finding
from phish_milter.policy.outcome import Scan
from phish_milter.resources import words
from phish_milter.settings.model import DnsSettings

PARKING = "parking-nameservers.txt"  # of domains that nobody uses; their subdomains count too


class Asker(Protocol):
    """Asks DNS within the budget of one message; ``resolver.Session`` is one."""

    def ask(self, questions: Iterable[Question]) -> Answers:
        """Return the answers, unknown where there was no time."""
        ...


def wanted(scan: Scan, dns: DnsSettings) -> bool:
    """Whether DNS has to be asked about *scan* at all."""
    on = dns.domain_facts or bool(dns.block_lists)
    return on and bool(scan.domains.links or scan.domains.sender)


def findings(scan: Scan, session: Asker, dns: DnsSettings) -> tuple[Finding, ...]:
    """
    Ask about the domains of *scan* and return the suspicions that follow.

    Blocks for at most what is left of the *session*'s budget, and never raises; what stays
    unknown says nothing.
    """
    if not wanted(scan, dns):
        return ()
    asked, zones = scan.domains, dns.block_lists
    questions = [*block_list.questions(asked, zones)]
    if dns.domain_facts:
        questions += domain_facts.questions(asked)
    answers = session.ask(questions)
    found = [*block_list.check(asked, answers, zones)]
    if dns.domain_facts:
        found += domain_facts.check(asked, answers, words(PARKING))
    return tuple(found)


def completed(scan: Scan, session: Asker, dns: DnsSettings) -> Scan:
    """Return *scan* with its late findings."""
    return replace(scan, findings=(*scan.findings, *findings(scan, session, dns)))
