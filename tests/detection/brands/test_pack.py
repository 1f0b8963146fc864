"""Brand packs: the shipped ones load, broken ones say everything that is wrong."""

from pathlib import Path

import pytest

from phish_milter.detection.brands.model import Alignment, DomainRole, TokenUse
from phish_milter.detection.brands.pack import PackError, load_pack, load_packs, shipped_ids
from phish_milter.resources import data_directory
from phish_milter.settings.model import Settings

SHIPPED = ("pypi", "npm", "crates", "rubygems", "github", "python")

GOOD = """
id = "acme"
title = "Acme"
names = ["Acme"]
tokens = ["acme"]
phrases = ["Your ACME  parcel waits"]

[[domains]]
name = "acme.example.org"
roles = ["mail"]
signers = ["acme.example.org"]
reason = "shop"

[[siblings]]
hosts = ["mother.example.org"]
reason = "owner"

[[neighbours]]
hosts = ["acne.example.org", "*-acme.example.net", "shop.example.net/acme/", "*/api/acme/"]
reason = "somebody else"

[[targets]]
hosts = ["survey.example.com"]
reason = "survey"

[[speakers]]
name = "List"
from_domains = ["lists.example.org"]
reason = "list"
"""


def _write(directory: Path, text: str, name: str = "acme") -> Path:
    path = directory / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_packs_load(name: str) -> None:
    brand = load_pack(data_directory() / "brands" / f"{name}.toml")
    assert brand.id == name
    assert brand.domains
    assert brand.names


def test_no_pack_is_shipped_untested() -> None:
    assert {p.stem for p in (data_directory() / "brands").glob("*.toml")} == set(SHIPPED)


@pytest.mark.parametrize(
    ("name", "domain", "signers", "alignment"),
    [
        ("pypi", "pypi.org", ("pypi.org",), Alignment.STRICT),
        ("pypi", "test.pypi.org", ("test.pypi.org",), Alignment.STRICT),
        ("npm", "npmjs.com", ("npmjs.com",), Alignment.RELAXED),
        ("crates", "crates.io", ("crates.io",), Alignment.RELAXED),
        ("rubygems", "rubygems.org", ("rubygems.org", "mailer.rubygems.org"), Alignment.RELAXED),
        ("github", "github.com", ("github.com",), Alignment.RELAXED),
    ],
)
def test_who_proves_a_brand(
    name: str, domain: str, signers: tuple[str, ...], alignment: Alignment
) -> None:
    owned = load_pack(data_directory() / "brands" / f"{name}.toml").domains[domain]
    assert DomainRole.MAIL in owned.roles
    assert (owned.signers, owned.alignment) == (signers, alignment)


@pytest.mark.parametrize(
    ("name", "domain", "why"),
    [
        ("python", "python.org", "developers write from there through their own servers"),
        ("github", "users.noreply.github.com", "patches of users"),
        ("pypi", "pythonhosted.org", "files of users"),
    ],
)
def test_who_does_not_send_for_a_brand(name: str, domain: str, why: str) -> None:
    brand = load_pack(data_directory() / "brands" / f"{name}.toml")
    assert DomainRole.MAIL not in brand.domains[domain].roles, why


def test_where_people_write_in_their_own_name() -> None:
    brands = load_packs([], SHIPPED)
    personal = {
        domain.name
        for brand in brands
        for domain in brand.domains.values()
        if DomainRole.PERSONAL in domain.roles
    }
    assert personal == {"python.org", "users.noreply.github.com"}


def test_a_long_name_has_plurals() -> None:
    (brand,) = load_packs((), ("pypi",))

    assert {"Python Package Index", "Python Packages Index"} <= set(brand.names)
    assert "PyPIs" not in brand.names


def test_everything_of_a_pack_arrives(tmp_path: Path) -> None:
    brand = load_pack(_write(tmp_path, GOOD))
    domain = brand.domains["acme.example.org"]
    assert domain.roles == {DomainRole.MAIL}
    assert domain.subdomains
    assert domain.alignment is Alignment.STRICT
    assert brand.siblings == ("mother.example.org",)
    assert len(brand.neighbours) == 4
    assert brand.targets == ("survey.example.com",)
    assert brand.phrases == ("your acme parcel waits",)
    assert brand.token_use is TokenUse.DISTINCT


@pytest.mark.parametrize(
    ("old", "new", "problem", "why"),
    [
        ('id = "acme"', 'id = "other"', "id: must be 'acme'", "the file name is the id"),
        ('title = "Acme"', "", "title: Field required", "a missing key"),
        ('title = "Acme"', 'titel = "x"', "titel: Extra inputs", "a misspelt key"),
        (
            'names = ["Acme"]',
            "names = []",
            "names: List should have at least 1",
            "nothing to claim",
        ),
        ('tokens = ["acme"]', 'tokens = ["Ac-me"]', "tokens.0: ", "tokens are letters and digits"),
        ('tokens = ["acme"]', 'tokens = ["acme", "acme"]', "tokens: 'acme' is there 2", "twice"),
        ("Your ACME  parcel waits", "Your parcel", "phrases.0: ", "anybody writes two words"),
        (
            'name = "acme.example.org"',
            'name = "co.uk"',
            "domains.0.name: 'co.uk' is a public",
            "suffix",
        ),
        ('name = "acme.example.org"', 'name = "Acme.org"', "domains.0.name: ", "upper case"),
        (
            'name = "acme.example.org"',
            'name = "acme"',
            "domains.0.name: 'acme' is not a",
            "one label",
        ),
        ('name = "acme.example.org"', 'name = "github.io"', "needs the role 'uploads'", "shared"),
        ('roles = ["mail"]', 'roles = ["post"]', "domains.0.roles.0: ", "unknown role"),
        ('reason = "shop"', "", "domains.0.reason: Field required", "every entry has its reason"),
        ("mother.example.org", "github.io", "siblings.0.hosts.0: ", "others have sites there"),
        ("mother.example.org", "acme.example.org", "is a domain of the brand already", "overlap"),
        ("acne.example.org", "mother.example.org", "is there 2 times", "sibling and neighbour"),
        ("*/api/acme/", "*/", "would cover every page", "any host, any path"),
        ("*/api/acme/", "x.example.net/API/", "compared in lower case", "never matches"),
        ("acne.example.org", "*.com", "is a public suffix", "covers everybody"),
        ('name = "List"', "", "speakers.0.name: Field required", "nested key"),
    ],
)
def test_a_broken_pack_names_file_and_key(
    tmp_path: Path, old: str, new: str, problem: str, why: str
) -> None:
    assert old in GOOD
    path = _write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(PackError) as raised:
        load_pack(path)
    assert any(p.startswith(f"{path}: ") and problem in p for p in raised.value.problems), why


def test_all_problems_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('title = "Acme"', "").replace('["acme"]', '["acme", "acme"]')
    path = _write(tmp_path, text.replace("acne.example.org", "Acne"))
    with pytest.raises(PackError) as raised:
        load_pack(path)
    keys = {
        problem.removeprefix(f"{path}: ").partition(":")[0] for problem in raised.value.problems
    }
    assert keys == {"title", "tokens", "neighbours.0.hosts.0"}


@pytest.mark.parametrize("text", ["id = ", "\x00", 'domains = "x"\nneighbours = [1]'])
def test_what_is_no_pack(tmp_path: Path, text: str) -> None:
    with pytest.raises(PackError, match=r"acme\.toml"):
        load_pack(_write(tmp_path, text))


def test_undecodable_file(tmp_path: Path) -> None:
    path = tmp_path / "acme.toml"
    path.write_bytes(b'id = "\xff"')
    with pytest.raises(PackError, match=r"acme\.toml"):
        load_pack(path)


def test_brands_come_in_the_order_enabled() -> None:
    assert [b.id for b in load_packs([], ["npm", "pypi", "npm"])] == ["npm", "pypi"]


def test_shipped_stands_for_every_pack_that_ships(tmp_path: Path) -> None:
    _write(tmp_path, GOOD)
    loaded = [brand.id for brand in load_packs([tmp_path], ["acme", "shipped", "pypi"])]

    assert loaded == ["acme", *shipped_ids()]
    assert "pypi" in shipped_ids()
    assert load_packs([], Settings().brands.enabled) == load_packs([], shipped_ids())


def test_a_later_directory_replaces_and_adds(tmp_path: Path) -> None:
    _write(tmp_path, GOOD)
    _write(tmp_path, GOOD.replace('id = "acme"', 'id = "pypi"'), "pypi")
    added, replaced = load_packs([tmp_path], ["acme", "pypi"])
    assert added.title == "Acme"
    assert replaced.title == "Acme"


def test_unknown_brand_is_an_error_beside_all_others(tmp_path: Path) -> None:
    _write(tmp_path, GOOD.replace('title = "Acme"', ""))
    with pytest.raises(PackError) as raised:
        load_packs([tmp_path], ["nobody", "acme"])
    assert "nobody" in raised.value.problems[0]
    assert "title" in raised.value.problems[1]


def test_a_directory_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no such directory"):
        load_packs((tmp_path / "nowhere",), ("pypi",))
