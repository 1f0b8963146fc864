"""Running mails whose right treatment is known, and judging them again."""

from pathlib import Path

import pytest

from phish_milter.evaluation.cases import ALONE, Case, rejudged, run
from phish_milter.evaluation.mail_files import Judged, Unreadable
from phish_milter.evaluation.manifest import Expectation
from phish_milter.findings import Finding, Role, Symbol
from phish_milter.policy.decision import Action, Verdict
from phish_milter.policy.outcome import Scan
from phish_milter.settings.load import parse_settings
from phish_milter.settings.model import Settings
from support.cases import CASES

MAIL = b"From: a@example.org\r\nSubject: hello\r\n\r\nhello\r\n"
FINDINGS = tuple(
    Finding(Symbol(name, role, "s", 6.0, name), "evidence", "pypi")
    for name, role in (("A", Role.CLAIM), ("B", Role.CONTRADICTION), ("C", Role.CONTRADICTION))
)


@pytest.mark.parametrize("count", [3, ALONE])  # in this process, and in processes of their own
def test_results_come_in_the_order_of_the_manifest(tmp_path: Path, count: int) -> None:
    (tmp_path / "a.eml").write_bytes(MAIL)
    names = ["a.eml", "gone.eml"] * count
    entries = [Expectation(file=name) for name in names[:count]]
    settings = parse_settings("[scanner]\nworkers = 2\n", tmp_path / "x.toml")

    cases = run(tmp_path / "manifest.jsonl", entries, settings)

    assert [t.expected.file for t in cases] == names[:count]
    assert [isinstance(t.result, Unreadable) for t in cases] == [
        name == "gone.eml" for name in names[:count]
    ]


def test_a_verdict_is_replayed_under_other_thresholds() -> None:
    done = Verdict(Action.TAG, Action.REJECT)
    case = Case(Expectation(file="a"), Judged("a", done, Scan(FINDINGS)))

    again = rejudged(case, Settings().with_ceiling("reject"))
    milder = rejudged(
        case, parse_settings("[policy]\nreject = 100\nceiling = 'reject'", Path("x.toml"))
    )

    assert (again.action, again.score) == (Action.REJECT, 18.0)
    assert milder.action is Action.QUARANTINE


def test_what_was_not_scanned_stays_so() -> None:
    lost = next(t for t in CASES if isinstance(t.result, Unreadable))

    assert rejudged(lost, Settings()) is lost
    assert (lost.action, lost.score, lost.findings, lost.right) == (None, None, (), False)


def test_right_needs_action_and_verdict() -> None:
    assert [t.right for t in CASES] == [True, False, False, False, True, False, True]
