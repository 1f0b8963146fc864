"""A brand's name joined with other words."""

import pytest

from phish_milter.detection.brands.combosquatting import Names, asks, split_words, words
from phish_milter.detection.brands.host_reading import Label
from phish_milter.detection.brands.model import TokenUse
from phish_milter.detection.brands.typosquatting import slips


@pytest.mark.parametrize(
    ("piece", "parts"),
    [
        ("account", ("account",)),
        ("accountsecurity", ("account", "security")),
        ("xyzzy", ()),
        ("accountxyzzy", ()),
        ("2026", ("2026",)),
        ("", ()),
        ("accountsecurityaccountsecurityaccountsecurity", ()),
    ],
)
def test_split_words(piece: str, parts: tuple[str, ...]) -> None:
    assert split_words(piece) == parts


def test_asks() -> None:
    assert asks("account-check")
    assert asks("accountcheck")
    assert not asks("example")


def test_no_word_is_in_both_lists() -> None:
    assert not words().asks & words().joins


def _find(label: str, use: TokenUse = TokenUse.DISTINCT) -> str:
    return Names(("pypi",), slips("pypi"), use).find(Label.of(label))


@pytest.mark.parametrize(
    ("label", "how", "why"),
    [
        ("pypi-mirror", "pypi with mirror", "a word that asks"),
        ("pypi-xyzzy", "pypi with xyzzy", "any word set off by a hyphen"),
        ("a-pypi-b", "pypi with a and b", "on both sides"),
        ("mypypi", "pypi with my", "a known word glued on"),
        ("pypi2", "pypi with 2", "a number"),
        ("pypisecurityteam", "pypi with securityteam", "several known words"),
        ("pypl-account", "pypl (pypi with i->l) with account", "misspelt, with a word that asks"),
        ("accountpypj", "pypj (pypi with i->j) with account", "the same glued"),
        ("pyppi-login", "pyppi (pypi with p doubled) with login", "a slip"),
        ("py-pi-login", "py-pi-login without its hyphens", "torn apart"),
        ("happypi", "", "part of a word"),
        ("pypilot", "", "glued to letters that are no word"),
        ("puppypics", "", "chance inside two words"),
        ("copypixel", "", "chance inside two words"),
        ("pypl-index", "", "misspelt, and nothing asks"),
        ("pypl", "", "without other words it is no combination"),
        ("pypi", "", "the name alone is no combination"),
        ("security", "", "no name"),
    ],
)
def test_distinct_names(label: str, how: str, why: str) -> None:
    assert _find(label) == how, why


@pytest.mark.parametrize(
    ("label", "found", "why"),
    [
        ("pypi-login", True, "asks"),
        ("pypi-stats", False, "asks for nothing"),
        ("pypi-xyzzy-login", False, "an unknown word makes it a project"),
        ("pyp1-login", True, "misspelt, asks"),
    ],
)
def test_names_that_projects_carry_too(label: str, found: bool, why: str) -> None:
    assert bool(_find(label, TokenUse.SHARED)) is found, why
