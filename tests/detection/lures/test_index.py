"""Stretches of a text, and which wordings each could match: never fewer than do match."""

import re

import pytest

from phish_milter.detection.lures.index import MAX_SPAN_CHARS, Stretches
from phish_milter.detection.lures.matcher import Lures, load
from support.tree import ROOT


@pytest.fixture(scope="module", name="lures")
def _lures() -> Lures:
    return load(ROOT / "config" / "lures")


def spans(text: str) -> list[str]:
    stretches = Stretches(text)
    every = (1 << len(stretches.blocks)) - 1
    return [text[start:end] for start, end in stretches.spans(every)]


def test_a_sentence_is_a_stretch_and_a_date_ends_none() -> None:
    assert spans("log in now. until 15. march! 詳細。") == [
        "log in now. ",
        "until 15. march! ",
        "詳細。",
        "",
    ]


def test_what_has_no_full_stops_is_cut_into_overlapping_pairs() -> None:
    text = " ".join(f"word{n}" for n in range(200))

    found = spans(text)

    assert all(len(span) <= 2 * MAX_SPAN_CHARS for span in found)
    for match in re.finditer(r"word\d+ word\d+ word\d+", text):
        assert any(match[0] in span for span in found)


def test_a_text_without_blanks_is_cut_all_the_same() -> None:
    assert all(len(span) <= 2 * MAX_SPAN_CHARS for span in spans("x" * 5000))


def test_a_wording_over_the_edge_of_a_block_is_found(lures: Lures) -> None:
    wording = "verify your email address"
    for filler in range(MAX_SPAN_CHARS - 40, MAX_SPAN_CHARS + 10):
        text = "x" * (filler % 40 or 1) + " " + "ab " * (filler // 3) + wording
        assert lures.match(text), filler


def test_an_idle_text_has_no_candidates(lures: Lures) -> None:
    assert lures.match("the quick brown fox jumps over the lazy dog") == ()
