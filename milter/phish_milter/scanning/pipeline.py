"""The whole way of a message in one process: what `scan` and `evaluate` walk."""

from phish_milter.dns.resolver import Resolver
from phish_milter.message.header import split
from phish_milter.message.limits import Limits
from phish_milter.message.model import Envelope
from phish_milter.policy.outcome import Scan
from phish_milter.scanning import domain_lookups
from phish_milter.scanning.origin_lookups import OriginLookups, header_fields
from phish_milter.scanning.scanner import Scanner
from phish_milter.settings.model import Settings

_LIMITS = Limits()


class Pipeline:
    """
    Asks DNS and scans, one message after the other.

    The daemon does the same, with the questions in the gateway and the scanners in
    processes of their own.
    """

    def __init__(self, settings: Settings) -> None:
        dns = self._dns = settings.dns
        lookups = Resolver(dns.nameservers, dns.port, dns.timeout_seconds)
        self._scanner = Scanner(settings)
        self._origin_lookups = OriginLookups(lookups, self._scanner.rules)

    def scan(self, raw: bytes, envelope: Envelope) -> Scan:
        """Scan one message; waits for DNS where its origin matters."""
        header = split(raw, 0, len(raw), _LIMITS)
        fields = header_fields((name.decode("ascii"), value) for name, value in header.fields)
        asked = self._origin_lookups.needed(fields)
        evidence = self._origin_lookups.evidence(fields, envelope) if asked else None
        scan = self._scanner.scan(raw, envelope, evidence)
        if domain_lookups.wanted(scan, self._dns):
            scan = domain_lookups.completed(scan, self._origin_lookups.lookups.session(), self._dns)
        return scan
