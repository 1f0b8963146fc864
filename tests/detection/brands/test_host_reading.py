"""A host name taken apart as its reader sees it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.detection.brands.host_reading import read_host


@pytest.mark.parametrize(
    ("host", "domain", "label", "left"),
    [
        ("www.example.org", "example.org", "example", ["www"]),
        ("WWW.Example.ORG.", "example.org", "example", ["www"]),
        ("a.b.example.co.uk", "example.co.uk", "example", ["a", "b"]),
        ("name.github.io", "name.github.io", "name", []),
        ("www.\u0440ypi.org", "\u0440ypi.org", "pypi", ["www"]),
        ("\u0440ypi.example.org", "example.org", "example", ["pypi"]),
        ("xn--.example.org", "example.org", "example", [""]),
    ],
)
def test_parts(host: str, domain: str, label: str, left: list[str]) -> None:
    reading = read_host(host)
    assert reading is not None
    assert reading.domain == domain
    assert [part.text for part in reading.left] == left
    assert reading.label.text == label


@pytest.mark.parametrize(
    "host", ["", "localhost", "192.0.2.1", "[2001:db8::1]", "a" * 300 + ".org"]
)
def test_no_domain_name(host: str) -> None:
    assert read_host(host) is None


def test_disguise_is_what_the_reader_sees() -> None:
    reading = read_host("\u0440ypi.org".encode("idna").decode())
    assert reading is not None
    assert reading.label.text == "pypi"
    assert reading.disguise == "\u0440ypi.org"


@given(st.text(max_size=60))
def test_reading_never_raises(host: str) -> None:
    read_host(host)
    read_host(f"xn--{host}.org")
