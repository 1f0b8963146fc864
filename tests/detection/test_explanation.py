"""What there is to know about a symbol, from the check that raises it."""

import pytest

from phish_milter.detection.checks import ALL, SYMBOLS
from phish_milter.detection.explanation import UnknownSymbolError, explain, find


@pytest.mark.parametrize("check", ALL)
def test_a_symbol_is_told_by_its_own_check(check: object) -> None:
    for symbol in check.SYMBOLS:  # type: ignore[attr-defined]
        text = explain(symbol.name)

        assert symbol.summary in text
        assert str(check.__doc__).strip().splitlines()[0] in text
        assert f"check  {symbol.check}" in text
        assert symbol.check == check.__name__.rpartition(".")[2]  # type: ignore[attr-defined]


def test_letters_of_any_case_find_it() -> None:
    assert find("proven_origin") is SYMBOLS["PROVEN_ORIGIN"]


@pytest.mark.parametrize(
    ("name", "hint"),
    [("LOOKALIKE_LINC", "did you mean LOOKALIKE_LINK"), ("\x1b[31m", "no check has one like it")],
)
def test_an_unknown_one_is_refused_with_what_may_be_meant(name: str, hint: str) -> None:
    with pytest.raises(UnknownSymbolError, match=hint) as caught:
        explain(name)
    assert str(caught.value).isprintable()
