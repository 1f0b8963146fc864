"""Bars, axis and thresholds of the score histogram."""

import re
from xml.etree import ElementTree as ET

import pytest

from phish_milter.evaluation.cases import Case
from phish_milter.evaluation.histogram import histogram
from phish_milter.policy.decision import Policy
from support.cases import case

POLICY = Policy()


def scored(action: str, score: float) -> Case:
    return case("attack", action, at_least="accept", at_most="reject", score=score)


def titles(svg: str) -> list[str]:
    return [e.text or "" for e in ET.fromstring(svg).iter("title")]


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ((0.0, 0.9, 1.0), ["score 0: 2 tag", "score 1: 1 tag"]),
        ((4.0,), ["score 4: 1 tag"]),
        ((), []),
    ],
)
def test_bars_count_messages(scores: tuple[float, ...], expected: list[str]) -> None:
    assert titles(histogram([scored("tag", s) for s in scores], POLICY, 15.0)) == expected


def test_a_bar_has_the_colours_of_its_actions() -> None:
    svg = histogram([scored("accept", 9.5), scored("quarantine", 9.0)], POLICY, 15.0)

    assert titles(svg) == ["score 9: 1 accept, 1 quarantine"]
    assert re.findall(r'<rect class="(\w+)"', svg) == ["accept", "quarantine"]


def test_thresholds_are_marked_where_they_are() -> None:
    svg = histogram([scored("tag", 5.0)], Policy(tag=4.0, quarantine=8.0, reject=500.0), 15.0)

    assert re.findall(r'class="at" x="[\d.]+" y="\d+">([\w ]+)<', svg) == ["tag 4", "quarantine 8"]
    lines = [float(x) for x in re.findall(r'<line class="at" x1="([\d.]+)"', svg)]
    assert lines[1] - 12 == pytest.approx(2 * (lines[0] - 12), abs=0.2)  # 12 is the left margin


def test_a_huge_score_widens_the_bins() -> None:
    svg = histogram([scored("reject", 600.0)], POLICY, 600.0)

    assert titles(svg) == ["score 594 to 605: 1 reject"]
    assert 'height="0.0"' not in svg


def test_what_was_not_scanned_has_no_bar() -> None:
    assert titles(histogram([scored("unreadable", 0.0)], POLICY, 15.0)) == []
