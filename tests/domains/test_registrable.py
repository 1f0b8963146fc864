import pytest

from phish_milter.domains import registrable as subject


@pytest.mark.parametrize(
    ("host", "domain", "icann"),
    [
        ("a.b.host.co.uk", "host.co.uk", "host.co.uk"),
        ("evil.github.io", "evil.github.io", "github.io"),  # everybody gets a subdomain
        ("github.io", "github.io", "github.io"),  # a private suffix is its own owner
        ("co.uk", "co.uk", "co.uk"),  # a suffix alone
        ("localhost", "localhost", "localhost"),
        ("203.0.113.61", "203.0.113.61", "203.0.113.61"),  # not 113.61
        ("[2001:db8::1]", "[2001:db8::1]", "[2001:db8::1]"),
        ("a.b.unknown-suffix", "b.unknown-suffix", "b.unknown-suffix"),  # the default rule
        ("www.xn--e1aybc.xn--p1ai", "xn--e1aybc.xn--p1ai", "xn--e1aybc.xn--p1ai"),
        ("", "", ""),
    ],
)
def test_registrable(host: str, domain: str, icann: str) -> None:
    assert (subject.registrable(host), subject.registrable_icann(host)) == (domain, icann)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("co.uk", True), ("github.io", True), ("host.co.uk", False), ("localhost", False)],
)
def test_is_public_suffix(host: str, expected: bool) -> None:
    assert subject.is_public_suffix(host) is expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("host.org", True),
        ("evil.github.io", True),  # below io
        ("setup.cfg", False),  # no suffix
        ("co.uk", False),  # nothing below it
        ("203.0.113.61", False),
    ],
)
def test_is_registered_name(host: str, expected: bool) -> None:
    assert subject.is_registered_name(host) is expected


def test_known_tlds_in_both_forms() -> None:
    assert {"org", "\u0440\u0444", "xn--p1ai"} <= subject.known_tlds()


def test_nothing_is_remembered_without_bound() -> None:
    for number in range(20_000):
        subject.registrable(f"{number}.example")

    assert subject.registrable.cache_info().currsize < 20_000
