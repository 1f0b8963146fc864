"""Hosts a pack knows by name."""

from dataclasses import replace
from pathlib import Path

import pytest

from phish_milter.detection.brands.known_hosts import Acquaintances, mentions_by_path
from phish_milter.detection.brands.model import Alignment, Brand, DomainRole, OwnedDomain, Relation


def _domain(name: str, *, subdomains: bool = True) -> OwnedDomain:
    return OwnedDomain(name, frozenset({DomainRole.WEB}), subdomains, (), Alignment.STRICT)


BRAND = Brand(
    id="acme",
    title="Acme",
    names=("Acme",),
    tokens=("acme",),
    subject_tags=(),
    domains={
        "acme.example.org": _domain("acme.example.org"),
        "alone.example.org": _domain("alone.example.org", subdomains=False),
    },
    siblings=("example.org",),
    neighbours={
        "acne.example.com": "spelling",
        "*-acme.example.com": "customers",
        "*.d.goods.*.cloud.example": "one label each",
        "shop.example.com/acme/": "a shelf",
        "*/api/acme/": "format",
    },
    paths=(),
    speakers=(),
    phrases=(),
)
KNOWN = Acquaintances(BRAND, ["Corp.Example."])


@pytest.mark.parametrize(
    ("host", "relation", "why"),
    [
        ("acme.example.org", Relation.BRAND, "the domain"),
        ("www.acme.example.org", Relation.BRAND, "below it"),
        ("alone.example.org", Relation.BRAND, "the domain"),
        ("x.alone.example.org", Relation.SIBLING, "subdomains are not included, its parent is"),
        ("blog.example.org", Relation.SIBLING, "below a sibling"),
        ("acne.example.com", Relation.NEIGHBOUR, "exact"),
        ("www.acne.example.com", Relation.NEIGHBOUR, "below it"),
        ("berlin-acme.example.com", Relation.NEIGHBOUR, "pattern"),
        ("corp.example", Relation.NEIGHBOUR, "the recipient's own"),
        ("acme.corp.example", Relation.NEIGHBOUR, "the recipient's own"),
        ("notcorp.example", None, "ends alike"),
        ("xacne.example.com", None, "ends alike"),
        ("-acme.example.com", None, "a star stands for something"),
        ("evil.x-acme.example.com", None, "a star stands for one label"),
        ("me-1.d.goods.eu.cloud.example", Relation.NEIGHBOUR, "two stars"),
        ("me-1.d.goods.eu.store.eu.cloud.example", None, "a bucket of another product"),
        ("a.b.d.goods.eu.cloud.example", None, "no star stands for two labels"),
        ("shop.example.com", None, "only a part of it is known"),
    ],
)
def test_host(host: str, relation: Relation | None, why: str) -> None:
    found = KNOWN.host(host)
    assert (found.relation if found else None) is relation, why


def test_page() -> None:
    page = KNOWN.page("www.shop.example.com", "/acme/anvil")
    assert page is not None
    assert page.relation is Relation.NEIGHBOUR
    assert KNOWN.page("shop.example.com", "/other/") is None


def test_format_paths_hold_on_any_host() -> None:
    assert KNOWN.is_format("/repo/api/acme/simple")
    assert not KNOWN.is_format("/api/other/")


def test_the_brand_comes_before_the_recipients_own_domain() -> None:
    found = Acquaintances(replace(BRAND), ["acme.example.org"]).host("acme.example.org")
    assert found is not None
    assert found.relation is Relation.BRAND


def test_mention_hosts() -> None:
    assert mentions_by_path("github.com")
    assert mentions_by_path("gist.github.com")
    assert not mentions_by_path("someone.github.io")
    assert not mentions_by_path("sites.google.com")


def test_mention_hosts_are_sorted_out_by_hand_only_once() -> None:
    path = Path(__file__).parents[3] / "config" / "brands" / "mention-hosts.txt"
    hosts = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    assert len(hosts) == len(set(hosts))
