"""Figures about cases whose right outcome is known."""

import json

from phish_milter.evaluation.figures import as_json, measure, sightings
from support.cases import CASES


def test_families_are_counted() -> None:
    attack, legit, other = measure(CASES).families

    assert (attack.kind, legit.kind, other.kind) == ("attack", "legit", "robustness")
    assert (attack.n, attack.caught, attack.tagged, attack.missing) == (3, 1, 2, 1)
    assert (legit.n, legit.harmed, legit.agrees, legit.missing) == (3, 1, 2, 0)


def test_precision_and_recall() -> None:
    tag, quarantine, reject = measure(CASES).thresholds

    assert (tag.precision, tag.recall) == (0.5, 0.6667)  # 2 of 4 tagged; 2 of 3 attacks
    assert (quarantine.precision, quarantine.recall) == (0.5, 0.3333)
    assert (reject.precision, reject.recall) == (None, 0.0)  # nothing was rejected


def test_symbols_are_counted_by_kind_of_mail() -> None:
    firing = next(f for f in measure(CASES).symbols if f.symbol == "LOOKALIKE_LINK")

    assert (firing.attack, firing.legit, firing.other) == (2, 2, 1)


def test_the_gravest_failure_comes_first() -> None:
    result = measure(CASES, worst=3)

    assert result.failed == 4
    assert [failure.problem for failure in result.worst] == [
        "not scanned: gone",
        "harmed: quarantine, at most accept is right",
        "missed: tag, at least quarantine",
    ]


def test_nothing_to_measure_is_no_fault() -> None:
    result = measure([])

    assert result.failed == 0
    assert result.thresholds[0].precision is None


def test_precision_of_a_symbol() -> None:
    firings = {firing.symbol: firing for firing in measure(CASES).symbols}

    assert firings["LOOKALIKE_LINK"].precision == 0.5  # the robustness mail does not count
    assert firings["LOOKALIKE_FROM"].precision is None  # it never fired


def test_sightings_tell_where_a_symbol_fired() -> None:
    found = list(sightings(CASES, {"LOOKALIKE_LINK"}))

    assert [s.file for s in found if s.kind == "legit"] == [
        "legit-tag.eml",
        "legit-quarantine.eml",
    ]
    assert found[0].evidence == "evil\\u001b[2J<b>"  # escaped once and for all
    assert list(sightings(CASES, {"LOOKALIKE_FROM"})) == []


def test_machines_can_read_it() -> None:
    figures = json.loads(json.dumps(as_json(measure(CASES))))

    assert figures["totals"][0]["caught"] == 1
    assert figures["worst"][0]["problem"] == "not scanned: gone"
