"""What names say, judged with the shipped packs and word lists."""

import pytest

from phish_milter.detection import display_names as naming
from phish_milter.detection.brands.model import Brand
from phish_milter.detection.brands.pack import load_packs


@pytest.fixture(scope="module")
def brands() -> dict[str, Brand]:
    return {b.id: b for b in load_packs((), ("pypi", "npm", "github", "python"))}


@pytest.mark.parametrize(
    ("brand", "name", "domain", "presents"),
    [
        ("pypi", "PyPI", "shop.example", True),
        ("pypi", "PyPI Trust & Safety", "shop.example", True),
        ("pypi", "pypi_admin", "shop.example", True),  # an underscore is a space
        ("pypi", "www.pypi.org", "shop.example", True),
        ("pypi", "PyPI via Signing Service", "shop.example", True),  # meant to be PyPI
        ("pypi", "Donna via pypi-announce", "shop.example", False),  # Donna
        ("pypi", "PyPI Weekly", "shop.example", False),  # about it
        ("pypi", "Slack (#pypi-releases)", "slack.com", False),  # names itself
        ("pypi", "PyPI Mail", "mail-desk.example", True),  # "mail" names nobody
        ("pypi", "pypiserver", "shop.example", False),  # another word
        ("pypi", "", "shop.example", False),
        ("github", "GitHub Support", "shop.example", True),
        ("github", "github-actions[bot]", "shop.example", False),  # somebody's tool
        ("npm", "npm", "shop.example", True),
        ("python", "Python Weekly", "shop.example", False),  # an ordinary word
    ],
)
def test_presents(
    brand: str, name: str, domain: str, presents: bool, brands: dict[str, Brand]
) -> None:
    assert naming.presents(name, domain, brands[brand]) is presents


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("P y P I", "PyPI"),
        ("P.y.P.I Support", "PyPI Support"),
        ("\u202eIPyP\u202c", "PyPI"),  # a right-to-left override
        ("A. B. Carter", "A. B. Carter"),  # initials before a name
        ("e.g. this", "e.g. this"),
    ],
)
def test_as_seen(written: str, seen: str) -> None:
    assert naming.as_seen(written) == seen


@pytest.mark.parametrize(
    ("line", "office"),
    [
        ("pypi moderation", True),
        ("the pypi trust & safety team", True),
        ("pypi", False),  # a bare name may be a heading
        ("the pypi", False),  # joining words make no office
        ("pypi release notes", False),
    ],
)
def test_is_office(line: str, office: bool) -> None:
    assert naming.is_office(line, ["pypi"]) is office


@pytest.mark.parametrize(
    ("subject", "opens"),
    [
        ("pypi: verify your address", True),
        ("pypi account maintenance", True),
        ("pypi release planning", False),  # what colleagues plan
        ("our pypi account", False),  # does not open with it
        ("pypi login not working?", False),  # asks
    ],
)
def test_opens_with(subject: str, opens: bool) -> None:
    assert naming.opens_with(subject, ["pypi"]) is opens


@pytest.mark.parametrize(
    ("text", "button"),
    [
        ("log in to pypi", True),
        ("verify my pypi account", True),
        ("how we publish to pypi", False),
        ("pypi", False),
    ],
)
def test_is_button(text: str, button: bool) -> None:
    assert naming.is_button(text, ["pypi"]) is button


@pytest.mark.parametrize(
    ("line", "letterhead"),
    [
        ("pypi", True),
        ("pypi the python package index", True),
        ("pypi weekly", False),
        ("hello", False),
    ],
)
def test_is_letterhead(line: str, letterhead: bool) -> None:
    assert naming.is_letterhead(line, ["pypi", "python package index"]) is letterhead


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("your pypi account", True),
        ("your pypi package", False),  # talk
        ("pypi 계정", True),  # no spaces to split at
    ],
)
def test_about_accounts(words: str, about: bool) -> None:
    assert naming.about_accounts(words) is about


@pytest.mark.parametrize(
    ("text", "disguise"),
    [
        ("\u0420yPI Support", "U+0420 for P"),
        ("P y P I", "'P y P I' reads PyPI"),
        ("PyPI Support", ""),
        ("Pushed to PyPI.\nReset it at pypi.org", ""),  # plain, in two lines
    ],
)
def test_disguise(text: str, disguise: str, brands: dict[str, Brand]) -> None:
    assert naming.disguise([text], brands["pypi"]) == disguise


def test_a_plain_name_over_two_lines_is_no_disguise() -> None:
    (rubygems,) = load_packs((), ("rubygems",))

    text = "maps 1.2.0 was pushed to RubyGems.org by anna.\nReset it at https://rubygems.org/"
    assert naming.disguise([text], rubygems) == ""


def test_warns() -> None:
    assert naming.warns("is this phishing?")
    assert not naming.warns("please verify your address")
