"""What it costs to leave something out, on cases made by hand."""

from collections import Counter

import ablation
from phish_milter.detection.checks import SYMBOLS
from phish_milter.evaluation.cases import Case, rejudged
from phish_milter.evaluation.mail_files import Judged
from phish_milter.evaluation.manifest import Expectation
from phish_milter.findings import Finding
from phish_milter.policy.decision import Action, Verdict
from phish_milter.policy.outcome import Scan
from phish_milter.settings.model import Settings

SETTINGS = Settings().with_ceiling("reject")


def attack(family: str, *symbols: str) -> Case:
    scan = Scan(tuple(Finding(SYMBOLS[name], "evidence", "pypi") for name in symbols))
    expected = Expectation(file=family, kind="attack", family=family, at_least="quarantine")
    return rejudged(
        Case(expected, Judged(family, Verdict(Action.ACCEPT, Action.ACCEPT), scan)), SETTINGS
    )


CASES = (
    # Two claims and two contradictions.
    attack("firm", "DISPLAY_NAME_BRAND", "SUBJECT_BRAND_TAG", "FOREIGN_AUTHOR", "LOOKALIKE_LINK"),
    # Reaches the threshold by its lures only.
    attack("talk", "DISPLAY_NAME_BRAND", "FOREIGN_AUTHOR", "LURE_SECRET_REPLY"),
)


def rows() -> dict[str, ablation.Row]:
    return {row.left_out: row for row in ablation.ablations(CASES, SETTINGS)}


def test_nothing_left_out_costs_nothing() -> None:
    assert rows()["nothing"] == ablation.Row("nothing", 2, 2, 0, Counter())


def test_a_family_is_lost_where_its_only_hold_goes() -> None:
    found = rows()

    assert found["all lure wordings"].lost == Counter(talk=1)
    assert found["check `display_name`"].lost == Counter(talk=1)  # no claim, no verdict
    assert found["check `lookalike_link`"].lost == Counter(firm=1)
    assert found["check `url_trick`"].lost == Counter()
    assert found["weight of `LURE_SECRET_REPLY`"].lost == Counter(talk=1)


def test_the_table_names_only_what_costs_something() -> None:
    lines = list(ablation.table(list(rows().values())))

    assert "| check `lookalike_link` | 1 of 2 | 0 | firm 1 |" in lines
    assert not any("url_trick" in line for line in lines)
    assert lines[-1].startswith("| each of ")
