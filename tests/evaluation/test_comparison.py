"""What other settings would change."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from phish_milter.evaluation.cases import Case, run
from phish_milter.evaluation.comparison import (
    Shift,
    as_json,
    compare,
    run_both,
    same_scan,
)
from phish_milter.evaluation.mail_files import Judged, Unreadable
from phish_milter.evaluation.manifest import Expectation
from phish_milter.policy.decision import Action
from phish_milter.settings.load import parse_settings
from phish_milter.settings.model import Settings
from support.cases import CASES

FAKE = """\
From: PyPI Support <support@registry-desk.example>
To: maintainer@example.net
Subject: [PyPI] Verify your email address

Your PyPI account will be removed within 24 hours unless you verify your email address:
https://pypi-login.example/account/login/
""".replace("\n", "\r\n")
ENTRIES = (
    Expectation(file="fake.eml", kind="attack", family="desk", at_least="quarantine"),
    Expectation(file="plain.eml", kind="legit", family="lunch", at_most="accept"),
)


def settings(text: str = "") -> Settings:
    return parse_settings(f"[scanner]\nworkers = 1\n{text}", Path("x.toml")).with_ceiling("reject")


@pytest.fixture(name="manifest")
def _manifest(tmp_path: Path) -> Path:
    (tmp_path / "fake.eml").write_text(FAKE, newline="")
    (tmp_path / "plain.eml").write_text("From: a@example.org\r\n\r\nLunch?\r\n", newline="")
    return tmp_path / "manifest.jsonl"


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("", True),
        ("[policy]\ntag = 2", True),
        ("[scores]\nLURE_VERIFY = 0", True),
        ("[log]\nformat = 'json'", True),  # has nothing to do with mail
        ("[site]\ndomains = ['example.net']", False),  # its own hosts are no look-alikes
        ("[brands]\nenabled = ['npm']", False),
        ("[authentication]\nverify = 'never'", False),
    ],
)
def test_when_one_scan_is_enough(text: str, same: bool) -> None:
    assert same_scan(settings(), settings(text)) is same


def test_other_thresholds_need_one_scan(manifest: Path) -> None:
    other = settings("[policy]\nquarantine = 99\nreject = 100\n[scores]\nFOREIGN_AUTHOR = 1.5")

    before, after = run_both(manifest, ENTRIES, settings(), other)
    result = compare(before, after)

    assert [a.scan is b.scan for a, b in zip(_judged(before), _judged(after), strict=True)] == [
        True,
        True,
    ]
    (change,) = result.changes
    assert (change.file, change.effect, change.after.action) == ("fake.eml", "broken", "tag")
    assert Shift("FOREIGN_AUTHOR", 3.0, 1.5) in change.shifts
    assert [t.caught for t in (*result.before, *result.after) if t.kind == "attack"] == [1, 0]
    scanned = run(manifest, ENTRIES, other)
    assert [j.verdict for j in _judged(after)] == [j.verdict for j in _judged(scanned)]


def _judged(cases: list[Case]) -> list[Judged]:
    return [t.result for t in cases if isinstance(t.result, Judged)]


def test_other_packs_need_two(manifest: Path) -> None:
    before, after = run_both(manifest, ENTRIES, settings(), settings("[brands]\nenabled = ['npm']"))

    (change,) = compare(before, after).changes

    assert change.before.verdicts == ("pypi impersonation",)
    assert change.after.verdicts == ()
    assert all(shift.after is None for shift in change.shifts)
    assert str(change.shifts[0]).startswith("-")


def test_broken_comes_before_fixed_and_fixed_before_the_rest() -> None:
    quarantined, tagged, unread, genuine, *_ = CASES
    before = [unread, tagged, quarantined, genuine]
    after = [
        _with(tagged, Action.ACCEPT),  # wrong before and after
        _with(tagged, Action.REJECT),
        _with(quarantined, Action.TAG),
        _with(genuine, Action.ACCEPT, score=1.0),  # only the score
    ]

    result = compare(before, after)

    assert [c.effect for c in result.changes] == ["broken", "fixed", ""]
    assert result.changes[2].before.action == "not scanned"
    assert result.rescored == 1


def _with(case: Case, action: Action, score: float = 5.0) -> Case:
    assert not isinstance(case.result, Unreadable)
    verdict = replace(case.result.verdict, action=action, score=score)
    return replace(case, result=replace(case.result, verdict=verdict))


def test_the_comparison_is_plain_data() -> None:
    result = compare(CASES[:2], [CASES[0], _with(CASES[1], Action.ACCEPT)])

    assert json.loads(json.dumps(as_json(result)))["changes"][0]["after"]["action"] == "accept"
