"""Text as its reader sees it."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.text.folding import contains_name, disguised, fold, skeleton, words


@pytest.mark.parametrize(
    ("written", "folded", "why"),
    [
        ("Verify  your\n\taccount ", "verify your account", "white space collapses"),
        ("VERIFY", "verify", "case goes"),
        ("Straße", "strasse", "casefold, not lower"),
        ("vérifié", "verifie", "accents go"),
        ("ve\u0301rifie", "verifie", "decomposed accents too"),
        ("\uff30\uff39\uff30\uff29", "pypi", "fullwidth letters"),
        ("\U0001d5e3\U0001d606\U0001d5e3\U0001d5dc", "pypi", "mathematical letters"),
        ("PYP\u0130", "pypi", "the dotted I leaves a combining dot behind"),
        ("P\u200by\u2060P\u00adI", "pypi", "zero-width, word joiner, soft hyphen"),
        ("a\u202eb\u202cc", "abc", "bidi controls"),
        ("❤\ufe0f ok", "❤ ok", "variation selectors"),
        ("a\u00a0b\u3000c\u2800d", "a b c d", "every blank is a space"),
        ("a\x00b\x07c\x7f", "abc", "control characters are not drawn"),
        ("\u200bé\x00", "e", "the same beside letters of other scripts"),
        ("がぎ", "がぎ", "kana keep their voicing marks: they make another word"),
        ("\u304b\u3099", "が", "and are composed"),
        ("계정", "계정", "Hangul is composed again"),
        ("подтвердить", "подтвердить", "Cyrillic stays Cyrillic"),
        ("שָׁלוֹם", "שלום", "Hebrew points are optional"),
        ("", "", "nothing"),
    ],
)
def test_fold(written: str, folded: str, why: str) -> None:
    assert fold(written) == folded, why


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("\u0420y\u0420\u0406", "Cyrillic capitals"),
        ("\u0440\u0443\u0440\u0456", "Cyrillic small letters"),
        ("\u03a1\u03a5\u03a1\u0399", "Greek capitals"),
        ("PyP\u04c0", "palochka"),
        ("PyP\u0131", "dotless i"),
        ("\u1d18\u028f\u1d18\u026a", "small capitals"),
        ("\U0001f1f5\U0001f1fe\U0001f1f5\U0001f1ee", "regional indicators"),
        ("\U0001f17f\U0001f188\U0001f17f\U0001f178", "squared letters"),
        ("P\u200b\u0443P\u0406", "invisible and foreign at once"),
    ],
)
def test_skeleton_reads_foreign_letters_as_latin(written: str, why: str) -> None:
    assert skeleton(written) == "pypi", why


@pytest.mark.parametrize("other", ["pypl", "pyp1", "pypj", "PyP|"])
def test_skeleton_keeps_ascii_lookalikes_apart(other: str) -> None:
    assert skeleton(other) != skeleton("pypi")


def test_words() -> None:
    assert words("Verify, PyPI-Team: 計画!") == ("verify", "pypi", "team", "計画")


@pytest.mark.parametrize(
    ("text", "in_hosts", "there", "why"),
    [
        ("PyPI", False, True, "the name alone"),
        ("Your PYPI account", False, True, "any case"),
        ("[PyPI] Email", False, True, "in brackets"),
        ("PyPI's team", False, True, "possessive"),
        ("PyPI-Team", False, True, "hyphen"),
        ("visit PyPI.", False, True, "end of a sentence"),
        ("PyPI/npm", False, True, "listed with a slash"),
        ("PyPIを確認", False, True, "before kana, where \\b sees one word"),
        ("请登录PyPI", False, True, "after Han characters"),
        ("\u0441\u0430\u0439\u0442PyPI", False, True, "after Cyrillic letters"),
        ("\u0420yPI", False, True, "disguised"),
        ("pypiserver", False, False, "part of another word"),
        ("mypypi", False, False, "part of another word"),
        ("pypi_token", False, False, "part of an identifier"),
        ("pypi.corp.example", False, False, "a host"),
        ("mirror.pypi.example", False, False, "inside a host"),
        ("pypi.corp.example", True, True, "a host, when asked"),
        ("a@pypi.org", False, False, "an address"),
        ("pypi@lists.example", False, False, "a local part"),
        ("see https://x.example/pypi/y", False, False, "a URL"),
        ("see x.example/pypi/y", False, False, "a URL without scheme"),
        ("", False, False, "nothing"),
    ],
)
def test_contains_name(text: str, in_hosts: bool, there: bool, why: str) -> None:
    assert contains_name(text, "PyPI", in_hosts=in_hosts) is there, why


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("The Python Package Index team", True),
        ("Python\n  Package Index", True),
        ("Python-Package-Index", True),
        ("Python Package Indexes", False),
        ("Package Index", False),
    ],
)
def test_contains_name_of_several_words(text: str, there: bool) -> None:
    assert contains_name(text, "Python Package Index") is there


@pytest.mark.parametrize(
    ("text", "how", "why"),
    [
        ("\u0420yP\u0406 Support", "U+0420 for P, U+0406 for I", "foreign letters"),
        ("P\u200byPI", "U+200B inside", "zero-width space inside the name"),
        ("Py\u00adPI", "U+00AD inside", "soft hyphen inside the name"),
        ("PyPl", "l for I", "ASCII letter of the same shape"),
        ("PYP1 team", "1 for I", "digit"),
        ("PyP\u00ed", "U+00ED for I", "accent"),
        ("Py\u0301pi", "U+0301 inside", "combining accent"),
        ("PyPI and \u0420yPI", "U+0420 for P", "one plain, one not"),
        ("PyPI", None, "plain"),
        ("pypi PYPI", None, "case is no disguise"),
        ("\uff30\uff59\uff30\uff29", None, "fullwidth is ordinary typography"),
        ("\u200bPyPI\u200b", None, "invisible characters around the name"),
        ("Привет от PyPI", None, "foreign words beside the name"),
        ("\u0420\u043e\u0441\u0441\u0438\u044f", None, "a foreign word"),
        ("👩\u200d💻 writes", None, "emoji sequence"),
        ("pyplot", None, "another word"),
        ("", None, "nothing"),
    ],
)
def test_disguised(text: str, how: str | None, why: str) -> None:
    assert disguised(text, "PyPI") == how, why


def test_disguised_pairs_of_letters() -> None:
    assert disguised("RubyGerns", "RubyGems") == "rn for m"


def test_disguised_name_of_several_words() -> None:
    assert disguised("Python  Package \u0406ndex", "Python Package Index") == "U+0406 for I"


@given(st.text(max_size=200))
def test_folding_is_stable(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert skeleton(skeleton(text)) == skeleton(text)


@given(st.text(max_size=80))
def test_reading_never_raises(text: str) -> None:
    contains_name(text, "PyPI")
    disguised(text, "PyPI")
    words(text)


@given(st.text(st.characters(codec="ascii"), max_size=80))
def test_plain_names_are_found_and_not_disguised(text: str) -> None:
    assert contains_name(f"{fold(text)} PyPI ", "PyPI")
    assert unicodedata.is_normalized("NFC", fold(text))
