"""The tables that people read, and what they do with hostile text."""

import pytest

from phish_milter.cli.tables import print_sightings, print_tables
from phish_milter.evaluation.figures import measure, sightings
from support.cases import CASES


def test_tables(capsys: pytest.CaptureFixture[str]) -> None:
    print_tables(measure(CASES))

    printed = capsys.readouterr().out
    assert "[red]a reason[/red]" in printed  # markup is not obeyed
    assert "\\u001b[2J" in printed
    assert "66.7%" in printed
    row = next(line.split() for line in printed.splitlines() if line.startswith("LOOKALIKE_LINK"))
    assert row == ["LOOKALIKE_LINK", "contradiction", "2", "2", "1", "50.0%"]


def test_sightings(capsys: pytest.CaptureFixture[str]) -> None:
    print_sightings(sightings(CASES, {"LOOKALIKE_LINK"}))

    assert capsys.readouterr().out.splitlines()[0] == (
        "LOOKALIKE_LINK +4.0 attack-quarantine.eml (attack, quarantine): evil\\u001b[2J<b>"
    )
