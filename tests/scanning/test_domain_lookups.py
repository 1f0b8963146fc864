from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from phish_milter.dns.questions import DomainsAsked
from phish_milter.dns.resolver import Resolver
from phish_milter.message.model import Envelope
from phish_milter.policy.outcome import Scan
from phish_milter.scanning import domain_lookups
from phish_milter.scanning.pipeline import Pipeline
from phish_milter.settings.model import DnsSettings, Settings
from support.dns import NameServer, serving

ZONE = "dbl.lists.test"
RECORDS = {
    "orchard.com": {"MX": ["10 mx.orchard.com."], "NS": ["ns1.orchard.com."]},
    "only-web.com": {"A": ["192.0.2.1"], "NS": ["ns1.only-web.com."]},
    "mute.com": {"MX": ["0 ."], "A": ["192.0.2.1"], "NS": ["ns1.mute.com."]},
    "bare.com": {"NS": ["ns1.bare.com."]},
    "for-sale.com": {"A": ["192.0.2.1"], "NS": ["ns2.sedoparking.com.", "ns1.sedoparking.com."]},
    f"listed.com.{ZONE}": {"A": ["127.0.1.5"]},
    f"orchard.com.{ZONE}": {"A": ["127.0.0.2", "127.0.0.4"]},
    f"too-many.com.{ZONE}": {"A": ["127.255.255.254"]},
    f"blocked.com.{ZONE}": {"A": ["127.0.0.1"]},
    f"number.com.{ZONE}": {"A": ["127.0.1.255"]},
    f"invented.com.{ZONE}": {"A": ["203.0.113.7"]},
}
FACTS = DnsSettings(domain_facts=True)
LISTS = DnsSettings(block_lists=(ZONE,))


@dataclass
class Names:
    server: NameServer
    lookups: Resolver
    timeout: float = 1.0
    more: dict[str, str] = field(default_factory=dict)

    def ask(self, dns: DnsSettings, *links: str, sender: str = "") -> list[str]:
        scan = Scan((), domains=DomainsAsked(links, sender))
        return [f.symbol.name for f in domain_lookups.findings(scan, self.lookups.session(), dns)]


@pytest.fixture
def names() -> Iterator[Names]:
    with serving(NameServer(RECORDS)) as server:
        lookups = Resolver(("127.0.0.1",), server.port, 0.6)
        yield Names(server, lookups)
        lookups.close()


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("orchard.com", []),  # has an MX
        ("only-web.com", []),  # RFC 5321 section 5.1: the address takes the mail
        ("mute.com", ["SENDER_DOMAIN_NO_MAIL"]),  # null MX, RFC 7505
        ("bare.com", ["SENDER_DOMAIN_NO_MAIL"]),  # exists, has neither MX nor address
        ("gone.com", ["SENDER_DOMAIN_GONE"]),  # NXDOMAIN
    ],
)
def test_facts_about_the_sender(names: Names, sender: str, expected: list[str]) -> None:
    assert names.ask(FACTS, sender=sender) == expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("orchard.com", []),  # lives
        ("gone.com", ["LINK_DOMAIN_GONE"]),  # NXDOMAIN
        ("for-sale.com", ["LINK_DOMAIN_PARKED"]),  # once, though both servers say so
    ],
)
def test_facts_about_links(names: Names, link: str, expected: list[str]) -> None:
    assert names.ask(FACTS, link) == expected


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("listed.com", ["DNSBL_LISTED"]),  # a code of the DBL
        ("orchard.com", ["DNSBL_LISTED"]),  # several codes are one finding
        ("clean.com", []),  # NXDOMAIN
        ("too-many.com", []),  # 127.255.255.254: asked through a public resolver
        ("blocked.com", []),  # 127.0.0.1: asked too much
        ("number.com", []),  # 127.0.1.255: no domain
        ("invented.com", []),  # a resolver that answers everything
    ],
)
def test_block_lists(names: Names, domain: str, expected: list[str]) -> None:
    assert names.ask(LISTS, domain) == expected
    assert names.ask(LISTS, sender=f"mail.{domain}") == expected  # its registrable domain


@pytest.mark.parametrize("fault", ["silent", "servfail", "refused", "lame", "garbage"])
def test_what_stays_unknown_says_nothing(names: Names, fault: str) -> None:
    names.server.faults[""] = fault

    both = DnsSettings(domain_facts=True, block_lists=(ZONE,))

    assert names.ask(both, "gone.com", "listed.com", sender="mute.com") == []


def test_switched_off_asks_nothing(names: Names) -> None:
    assert names.ask(DnsSettings(), "gone.com", sender="gone.com") == []
    assert names.server.asked == []


MAIL = (
    b"From: Office <desk@gone.com>\r\nTo: dev@example.net\r\nSubject: Papers\r\n\r\n"
    b"See https://www.for-sale.com/p and https://x.github.io/ and http://192.0.2.7/ please.\r\n"
    b"> https://listed.com/\r\n"
)


def pipeline(server: NameServer, **dns: object) -> Pipeline:
    address = {"nameservers": ("127.0.0.1",), "port": server.port, "timeout_seconds": 0.6}
    return Pipeline(Settings.model_validate({"dns": {**address, **dns}}))


def test_ordinary_mail_asks_nothing_by_default(names: Names) -> None:
    pipeline(names.server).scan(MAIL, Envelope("203.0.113.9", "mx.example", "desk@gone.com"))

    assert names.server.asked == []


def test_the_whole_street_asks_once_switched_on(names: Names) -> None:
    scan = pipeline(names.server, domain_facts=True).scan(MAIL, Envelope())

    assert scan.domains == DomainsAsked(("for-sale.com", "x.github.io"), "gone.com")
    assert {f.symbol.name for f in scan.findings} >= {"SENDER_DOMAIN_GONE", "LINK_DOMAIN_PARKED"}
    assert not any("listed.com" in name for name in names.server.asked)  # quoted


def test_domains_of_brands_and_platforms_are_not_asked_about(names: Names) -> None:
    mail = MAIL.replace(b"desk@gone.com", b"a@github.com").replace(
        b"www.for-sale.com", b"pypi.org/x https://bit.ly"
    )

    scan = pipeline(names.server, block_lists=(ZONE,)).scan(mail, Envelope())

    assert scan.domains.links == ("x.github.io",)
    assert scan.domains.sender == ""
