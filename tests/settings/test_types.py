"""Values of the configuration: what they are written as, and what they come to."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from phish_milter.detection.checks import SYMBOLS
from phish_milter.dns.questions import dns_name
from phish_milter.message.address import parse_mailboxes
from phish_milter.settings.load import parse_settings

FILE = Path("/etc/mail/filter.toml")


@pytest.mark.parametrize(
    ("socket", "parts"),
    [
        ("unix:/run/x.sock", ("unix", "/run/x.sock", "", 0)),
        ("inet:8899@127.0.0.1", ("inet", "", "127.0.0.1", 8899)),
        ("inet:08899@mx-1.example.", ("inet", "", "mx-1.example.", 8899)),
        ("inet6:8899@::1", ("inet6", "", "::1", 8899)),
        ("inet6:8899@fe80::1%eth0", ("inet6", "", "fe80::1%eth0", 8899)),
        ("inet6:8899@localhost", ("inet6", "", "localhost", 8899)),
    ],
)
def test_socket_address(socket: str, parts: tuple[str, str, str, int]) -> None:
    assert parse_settings(f"socket = '{socket}'", FILE, SYMBOLS).socket_address == parts


@pytest.mark.parametrize(
    ("listen", "address"),
    [("", None), ("localhost:80", ("localhost", 80)), ("[::1]:80", ("::1", 80))],
)
def test_metrics_address(listen: str, address: tuple[str, int] | None) -> None:
    assert parse_settings(f"[metrics]\nlisten = '{listen}'", FILE).metrics.address == address


def test_values_are_normalised() -> None:
    site = parse_settings(
        """[site]
        domains = ["Example.NET.", "bücher.example"]
        role_addresses = ["Abuse@Example.net", "postmaster@"]
        internal_networks = ["2001:db8::/32"]
        """,
        FILE,
        SYMBOLS,
    ).site

    assert site.domains == ("example.net", "xn--bcher-kva.example")
    assert site.role_addresses == ("abuse@example.net", "postmaster@")
    assert site.internal_networks == (ip_network("2001:db8::/32"),)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("::ffff:192.0.2.0/120", "192.0.2.0/24"),
        ("::FFFF:C000:200/120", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.7/32"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::fffe:0:0/95", "::fffe:0:0/95"),  # more than what is mapped
        ("::192.0.2.0/120", "::c000:200/120"),  # compatible, not mapped
    ],
)
def test_a_mapped_network_is_that_of_the_clients_meant(written: str, meant: str) -> None:
    (net,) = parse_settings(
        f"[site]\ninternal_networks = ['{written}']", FILE, SYMBOLS
    ).site.internal_networks

    assert net == ip_network(meant)


@pytest.mark.parametrize("name", ["lan", "localhost", "www.ck", "example.co.uk", "a.github.io"])
def test_a_site_may_have_a_name_below_a_public_suffix_or_a_private_one(name: str) -> None:
    assert parse_settings(f"[site]\ndomains = ['{name}']", FILE, SYMBOLS).site.domains == (name,)


@pytest.mark.parametrize("name", ["straße.example", "BÜCHER.example.", "例え.example", "☃.example"])
def test_a_domain_is_written_as_that_of_an_author(name: str) -> None:
    (domain,) = parse_settings(f"[site]\ndomains = ['{name}']", FILE, SYMBOLS).site.domains
    (author,) = parse_mailboxes(f"a@{name}", 1).authors

    assert domain == author.domain
    assert dns_name(name) in (domain, "")  # "": no name that DNS may hold (RFC 5891)
