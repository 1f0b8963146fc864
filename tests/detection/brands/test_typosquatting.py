"""Spellings a hurried reader takes for a name."""

import pytest

from phish_milter.detection.brands.typosquatting import canonical, slips, visual_spelling


@pytest.mark.parametrize(
    ("written", "name", "changes"),
    [
        ("pypj", "pypi", "i->j"),
        ("pyp1", "pypi", "i->1"),
        ("g1thvb", "github", ""),
        ("glthub", "github", "i->l"),
        ("rubygerns", "rubygems", "m->rn"),
        ("nprnjs", "npmjs", "m->rn"),
        ("pyth0nhosted", "pythonhosted", "o->0"),
        ("clocker", "docker", "d->cl"),
        ("tvvine", "twine", "w->vv"),
        ("pypi", "pypi", ""),
        ("pypy", "pypi", ""),
    ],
)
def test_visual_spelling(written: str, name: str, changes: str) -> None:
    assert visual_spelling(written, name)[1] == changes
    if changes:
        assert canonical(written) == canonical(name)


def test_visual_spelling_finds_the_place() -> None:
    assert visual_spelling("my-pypl-account", "pypi") == ("pypl", "i->l")
    assert visual_spelling("py-pi", "pypi") == ("py-pi", "hyphen put in")
    assert visual_spelling("nothing", "pypi") == ("", "")


@pytest.mark.parametrize(
    ("written", "name", "how", "anywhere"),
    [
        ("pyppi", "pypi", "p doubled", True),
        ("pyip", "pypi", "pi->ip", False),
        ("pvpi", "pypi", "y->v", True),
        ("oypi", "pypi", "p->o (next key)", False),
        ("pypis", "pypi", "s added", False),
        ("pypli", "pypi", "l put in", False),
        ("npnjs", "npmjs", "m->n", True),
        ("npmsj", "npmjs", "js->sj", True),
        ("gihub", "github", "t left out", False),
        ("rubygem", "rubygems", "s left out", True),
        ("pythanhosted", "pythonhosted", "o->a", True),
        ("pythonhoster", "pythonhosted", "d->r (next key)", True),
    ],
)
def test_slips(written: str, name: str, how: str, anywhere: bool) -> None:
    slip = slips(name)[written]
    assert (slip.name, slip.how, slip.anywhere) == (name, how, anywhere)


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("pypi", "the name itself"),
        ("pipi", "one vowel for another makes a word"),
        ("papi", "not close in looks or on the keyboard"),
        ("pupi", "one vowel for another"),
        ("pybi", "not close"),
        ("pypa", "a name of its own"),
        ("pip", "letters left out of a short name"),
        ("pyup", "two letters away"),
    ],
)
def test_words_near_a_short_name_are_no_slips(word: str, why: str) -> None:
    assert word not in slips("pypi"), why
