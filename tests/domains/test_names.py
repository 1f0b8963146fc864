"""Names of hosts as text."""

import pytest

from phish_milter.domains.names import canonical_domain, is_within, parents


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("a.b.c", ["a.b.c", "b.c", "c"]),
        ("c", ["c"]),
        (".".join("abcdefghijkl"), [".".join("abcdefghijkl"[n:]) for n in range(2, 12)]),
    ],
)
def test_parents(host: str, expected: list[str]) -> None:
    assert list(parents(host)) == expected


@pytest.mark.parametrize(
    ("host", "domains", "expected"),
    [
        ("b.example", ["b.example"], True),
        ("a.b.example", ["x.example", "b.example"], True),
        ("ab.example", ["b.example"], False),
        ("example", ["b.example"], False),
        ("b.example", [], False),
    ],
)
def test_is_within(host: str, domains: list[str], expected: bool) -> None:
    assert is_within(host, domains) is expected


@pytest.mark.parametrize(
    ("domain", "canonical"),
    [
        ("Example.ORG.", "example.org"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("faß.example", "xn--fa-hia.example"),  # not folded to "ss" (UTS #46)
        (
            "\u0440\u0430\u0443\u0440\u0430l.example",
            "xn--l-7sba6dbr.example",
        ),  # Cyrillic look-alike
        ("a。example", "a.example"),  # ideographic full stop
        ("-ü-.example", "xn-----xka.example"),  # forbidden by IDNA, still comparable
        ("\u200d.example", "xn--1ug.example"),
        ("", ""),
    ],
)
def test_canonical_domain(domain: str, canonical: str) -> None:
    assert canonical_domain(domain) == canonical
