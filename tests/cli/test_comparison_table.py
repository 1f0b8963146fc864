"""Two configurations side by side, as people read them."""

from dataclasses import replace

import pytest

from phish_milter.cli.comparison_table import print_comparison
from phish_milter.evaluation.comparison import compare
from phish_milter.evaluation.mail_files import Unreadable
from phish_milter.policy.decision import Action
from support.cases import CASES


def test_a_change_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    changed = CASES[1]
    assert not isinstance(changed.result, Unreadable)
    verdict = replace(changed.result.verdict, action=Action.ACCEPT, score=5.0)
    accepted = replace(changed, result=replace(changed.result, verdict=verdict))

    print_comparison(compare(CASES[:2], [CASES[0], accepted]))

    printed = capsys.readouterr().out
    assert "1 message changes action or verdict, 0 more only the score" in printed
    assert "attack-tag.eml (attack fam): tag -> accept, score 5" in printed
