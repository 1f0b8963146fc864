import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.detection.anomalies.obfuscated_letters import disguise, is_random


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P\u0430yroll", "U+0430 among"),  # a Cyrillic letter in a Latin word
        ("\u039cetroline", "U+039C among"),  # a Greek capital
        ("\u13deedger", "U+13DE among"),  # Cherokee
        ("R o w a n s", "spaced out"),  # five single letters
        ("Row\u200ban", "invisible"),  # zero-width space
        ("R\U000e0139owan", "invisible"),  # variation selector of the supplement
        ("\U0001d5e5\U0001d5fc\U0001d604", "formulas"),  # mathematical letters
        ("\u1d18\u1d00\u028f\u1d0d\u1d07", "formulas"),  # small capitals of phonetics
        ("R\u0336o\u0336w\u0336an", "marks"),  # struck through
        ("R\u073fo\u073fw\u073fan", "marks"),  # Syriac points
    ],
)
def test_disguises(text: str, expected: str) -> None:
    assert expected in disguise(text)


@pytest.mark.parametrize(
    "text",
    [
        "Payroll",  # plain
        "Zo\u00eb M\u00fcller",  # accents
        "Zoe\u0308 Mu\u0308ller Ho\u0308lle",  # the same, decomposed
        "\u041f\u0440\u0438\u0432\u0435\u0442 from Kyiv",  # two scripts, each in its words
        "\u03bcTorrent and \u00b5Blog",  # a unit
        "\u03a9-team, \u0394x",  # symbols of formulas, alone
        "\u6771\u4eac Tower \U0001f389",  # Han, emoji
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 family",  # joiners between emoji
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian needs the joiner
        "Plan A B C D",  # single letters, not enough of them
        "Na\u00adtur",  # a soft hyphen
        "",
    ],
)
def test_honest_letters(text: str) -> None:
    assert disguise(text) == ""


@given(st.text(max_size=600))
def test_no_text_is_too_strange(text: str) -> None:
    assert isinstance(disguise(text), str)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("k3v9x2q7m1", True),  # letters and digits by turns
        ("yxnvwvdgd", True),  # nothing to pronounce
        ("orchard24", False),  # a word and a number
        ("b2b4you", False),  # short
        ("rechtsschutz", False),  # eight consonants, five sounds
        ("xn--k3v9x2q7m1", False),  # coded, judged elsewhere
        ("d41d8cd98f00b204e9800998ecf8427e41d8cd98", False),  # a digest
    ],
)
def test_random(label: str, expected: bool) -> None:
    assert is_random(label) is expected
