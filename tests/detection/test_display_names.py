"""What names say, judged with the shipped packs and word lists."""

import pytest

from phish_milter.detection import display_names
from phish_milter.detection.brands.model import Brand
from phish_milter.detection.brands.pack import load_packs
from phish_milter.detection.display_names import Shown


@pytest.fixture(scope="module")
def brands() -> dict[str, Brand]:
    return {b.id: b for b in load_packs((), ("pypi", "npm", "github", "python"))}


BRAND, KIN, TEAM, CARRIED, FEED = Shown


@pytest.mark.parametrize(
    ("brand", "name", "address", "shown"),
    [
        ("pypi", "PyPI", "x@shop.example", BRAND),
        ("pypi", "PyPI Trust & Safety", "x@shop.example", BRAND),
        ("pypi", "pypi_admin", "x@shop.example", BRAND),  # an underscore is a space
        ("pypi", "www.pypi.org", "x@shop.example", BRAND),
        ("pypi", "PyPI via Signing Service", "x@shop.example", BRAND),  # meant to be PyPI
        ("pypi", "Donna via pypi-announce", "x@shop.example", None),  # Donna
        ("pypi", "PyPI Weekly", "x@shop.example", FEED),  # about it
        ("pypi", "PyPI Account News", "x@shop.example", FEED),  # says so, at least
        ("pypi", "Slack (#pypi-releases)", "x@slack.com", KIN),  # names itself
        ("pypi", "PyPI Sentinel", "x@sentinel-mail.com", KIN),  # so may everybody
        ("pypi", "PyPI Mail", "x@mail-desk.example", BRAND),  # "mail" names nobody
        ("pypi", "pypi-bot", "ci@shop.example", KIN),  # a tool of the shop's
        ("pypi", "Nexus PyPI Proxy", "nexus@shop.example", KIN),
        ("pypi", "'PyPI' via team", "team@shop.example", CARRIED),  # a group passes it on
        ("pypi", "PyPI Admins via RT", "rt@shop.example", CARRIED),  # tickets
        ("pypi", "PyPI Admins via RT", "x@shop.example", BRAND),
        ("pypi", "Account verification via PyPI", "x@shop.example", BRAND),
        ("pypi", "Donna Doe via PyPI", "x@shop.example", None),  # a person
        ("pypi", "PyPI.Accounts", "x@shop.example", BRAND),  # a dot is no host
        ("pypi", "PyPI@Support", "x@shop.example", BRAND),
        ("pypi", "pypi.corp.example", "x@corp.example", None),  # a host
        ("pypi", "Py\u00b7PI", "x@shop.example", BRAND),  # torn by any mark
        ("pypi", "Py\u2e31PI", "x@shop.example", BRAND),
        ("pypi", "PyPI \u2705", "x@shop.example", BRAND),  # an ornament
        ("pypi", "Py|PI Team", "x@shop.example", BRAND),
        ("pypi", "PyPI\u2122", "x@shop.example", BRAND),  # a mark of rights
        ("pypi", "PyPI (R)", "x@shop.example", BRAND),
        ("pypi", "Python Packages Index", "x@shop.example", BRAND),  # a plural
        ("pypi", "pypiserver", "x@shop.example", None),  # another word
        ("pypi", "", "x@shop.example", None),
        ("pypi", "", "pypi@shop.example", KIN),  # what is shown is the address
        ("pypi", "", "no-reply.pypi.org@shop.example", KIN),
        ("pypi", "Account Desk", "pypi-security@shop.example", KIN),
        ("pypi", "", "pypi-fan@shop.example", None),
        ("github", "GitHub Support", "x@shop.example", BRAND),
        ("github", "Equipo de seguridad de GitHub", "x@shop.example", BRAND),
        ("github", "GitHub, Inc.", "x@shop.example", BRAND),  # a legal form
        ("github", "GitHub no-reply", "x@shop.example", BRAND),
        ("github", "GitHub Verification Login", "x@shop.example", KIN),  # accounts
        ("github", "GitHub Secret Scanning", "x@shop.example", BRAND),  # a team of the pack
        ("github", "Secret Scanning", "x@shop.example", TEAM),
        ("github", "github-actions[bot]", "x@shop.example", None),  # somebody's tool
        ("github", "John Doe", "github@jdoe.example", None),  # an address for one purpose
        ("npm", "npm", "x@shop.example", BRAND),
        ("npm", "npm, Inc.", "x@shop.example", BRAND),
        ("python", "PyPA", "x@shop.example", TEAM),
        ("python", "PyCon US 2027", "x@shop.example", TEAM),
        ("python", "Anna", "anna@pyconus-tickets.example", TEAM),  # in the sender's domain
        ("python", "Anna", "anna@pycon-nowhere.example", None),
        ("python", "PyCon Nowhere", "x@shop.example", None),  # not the foundation's
        ("python", "Python Weekly", "x@shop.example", None),  # an ordinary word
    ],
)
def test_shown_as(
    brand: str, name: str, address: str, shown: Shown | None, brands: dict[str, Brand]
) -> None:
    assert display_names.shown_as(name, address, brands[brand]) is shown


@pytest.mark.parametrize(
    ("subject", "notice"),
    [
        ("notice from pypi", True),
        ("action required: pypi account", True),
        ("final notice - pypi account", True),
        ("avis de pypi", True),
        ("notice from pypi about numpy", False),  # news
        ("pypi account?", False),  # a question
        ("pypi", False),
    ],
)
def test_is_notice(subject: str, notice: bool) -> None:
    assert display_names.is_notice(subject, ["pypi"]) is notice


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
    assert display_names.as_seen(written) == seen


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
    assert display_names.is_office(line, ["pypi"]) is office


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
    assert display_names.opens_with(subject, ["pypi"]) is opens


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
    assert display_names.is_button(text, ["pypi"]) is button


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
    assert display_names.is_letterhead(line, ["pypi", "python package index"]) is letterhead


@pytest.mark.parametrize(
    ("words", "about"),
    [
        ("your pypi account", True),
        ("your pypi package", False),  # talk
        ("pypi 계정", True),  # no spaces to split at
    ],
)
def test_about_accounts(words: str, about: bool) -> None:
    assert display_names.about_accounts(words) is about


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
    assert display_names.disguise([text], brands["pypi"]) == disguise


def test_a_plain_name_over_two_lines_is_no_disguise() -> None:
    (rubygems,) = load_packs((), ("rubygems",))

    text = "maps 1.2.0 was pushed to RubyGems.org by anna.\nReset it at https://rubygems.org/"
    assert display_names.disguise([text], rubygems) == ""


def test_warns() -> None:
    assert display_names.warns("is this phishing?")
    assert not display_names.warns("please verify your address")
