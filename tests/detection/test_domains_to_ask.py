import pytest

from phish_milter.detection.domains_to_ask import MAX_DOMAINS, link_domains, worth_asking
from phish_milter.domains.registrable import registrable
from phish_milter.links.model import Link

KNOWN = frozenset({"known.com", "github.io"})


def link(host: str) -> Link:
    url = f"https://{host}/"
    return Link(url, url, host, registrable(host), "/", "", "", "text", "1")


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("orchard.com", True),  # somebody's
        ("mail.known.com", False),  # below a domain that is known
        ("x.github.io", True),  # one user of a shared host
        ("github.io", False),  # the shared host itself
        ("192.0.2.7", False),  # no domain
        ("localhost", False),  # cannot exist publicly
        ("", False),  # no sender
    ],
)
def test_worth_asking(domain: str, expected: bool) -> None:
    assert worth_asking(domain, KNOWN) is expected


def test_keeps_the_first_domains_once() -> None:
    hosts = ["a.worst.com", "b.worst.com", *(f"n{n}.com" for n in range(20))]

    found = link_domains(map(link, hosts), KNOWN)

    assert found[:2] == ("worst.com", "n0.com")
    assert len(found) == MAX_DOMAINS
