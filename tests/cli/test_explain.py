"""``explain`` tells of every symbol."""

import pytest

from phish_milter.detection.checks import SYMBOLS
from support.commands import call


@pytest.mark.parametrize("name", SYMBOLS)
def test_explain_every_symbol(name: str) -> None:
    result = call("explain", name)

    assert result.exit_code == 0
    assert result.stdout.startswith(f"{name}\n")
    assert SYMBOLS[name].summary in result.stdout
    assert "Fires on:" in result.stdout


def test_explain_does_not_mind_small_letters() -> None:
    assert call("explain", "lookalike_link").stdout.startswith("LOOKALIKE_LINK\n")
