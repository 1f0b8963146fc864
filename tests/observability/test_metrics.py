"""What is counted, and what the metrics server answers."""

from dataclasses import replace

import pytest

from phish_milter.authentication.model import Disbelief
from phish_milter.dns.questions import LookupResult
from phish_milter.findings import Finding, Role, Symbol
from phish_milter.links.feeds.feed_set import FeedState
from phish_milter.message.model import Envelope
from phish_milter.observability.metrics import (
    LOOKUPS,
    STAGES,
    Metrics,
)
from phish_milter.policy.decision import (
    Action,
    BrandVerdict,
    BrandVerdictWord,
    ScoredFinding,
    Verdict,
)
from phish_milter.policy.outcome import Outcome, Scan, Stage

LOOKALIKE = Symbol("LOOKALIKE_FROM", Role.CONTRADICTION, "Look-alike sender", 4.0, "sender")
CLAIMED = Symbol("NAME_CLAIM", Role.CLAIM, "Brand in the display name", 1.0, "name")


def outcome(failure: Stage | None = None) -> Outcome:
    """Return a message that was quarantined, with one symbol that fired twice."""
    findings = tuple(
        Finding(symbol, "paypa1.example", "acme") for symbol in (LOOKALIKE, LOOKALIKE, CLAIMED)
    )
    verdict = Verdict(
        Action.TAG,
        Action.QUARANTINE,
        9.0,
        (BrandVerdict("acme", BrandVerdictWord.IMPERSONATION, 9.0),),
        tuple(ScoredFinding(finding, 4.0) for finding in findings),
    )
    scan = None if failure else Scan(findings, seconds={"parse": 0.002, "checks": 0.0004})
    return Outcome("4Q1", Envelope(), verdict, scan, failure, seconds=0.004)


@pytest.fixture
def metrics() -> Metrics:
    return Metrics(("acme", "globex"), ("LOOKALIKE_FROM", "NAME_CLAIM"))


def value(metrics: Metrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(name, labels)


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("messages_total", {"action": "accept", "uncapped_action": "accept"}),
        ("messages_total", {"action": "tag", "uncapped_action": "reject"}),  # a watcher's
        ("messages_total", {"action": "defer", "uncapped_action": "defer"}),
        ("messages_total", {"action": "quarantine", "uncapped_action": "quarantine"}),
        ("messages_total", {"action": "reject", "uncapped_action": "reject"}),
        ("brand_verdicts_total", {"brand": "acme", "verdict": "genuine"}),
        ("brand_verdicts_total", {"brand": "globex", "verdict": "impersonation"}),
        ("brand_verdicts_total", {"brand": "globex", "verdict": "unverifiable"}),
        ("findings_total", {"symbol": "LOOKALIKE_FROM"}),
        *(("scan_seconds_count", {"stage": stage}) for stage in STAGES),
        *(("failures_total", {"stage": stage}) for stage in Stage),
        *(
            ("lookups_total", {"kind": kind, "result": result})
            for kind in LOOKUPS
            for result in LookupResult
        ),
        *(("lookup_seconds_count", {"kind": kind}) for kind in LOOKUPS),
        ("skipped_total", {"reason": "authenticated"}),
        ("skipped_total", {"reason": "internal"}),
        ("reloads_total", {"result": "success"}),
        ("reloads_total", {"result": "failure"}),
        ("in_flight", {}),
        ("workers", {}),
        ("config_generation", {}),
    ],
)
def test_every_known_label_value_starts_at_zero(
    metrics: Metrics, name: str, labels: dict[str, str]
) -> None:
    assert value(metrics, f"phish_milter_{name}", **labels) == 0


def test_a_ceiling_never_makes_harsher(metrics: Metrics) -> None:
    assert (
        value(metrics, "phish_milter_messages_total", action="reject", uncapped_action="tag")
        is None
    )


@pytest.mark.parametrize(
    ("name", "labels", "expected"),
    [
        ("messages_total", {"action": "tag", "uncapped_action": "quarantine"}, 1),
        ("brand_verdicts_total", {"brand": "acme", "verdict": "impersonation"}, 1),
        ("brand_verdicts_total", {"brand": "globex", "verdict": "impersonation"}, 0),
        ("findings_total", {"symbol": "LOOKALIKE_FROM"}, 1),  # twice in one message
        ("findings_total", {"symbol": "NAME_CLAIM"}, 1),
        ("scan_seconds_sum", {"stage": "total"}, 0.004),
        ("scan_seconds_sum", {"stage": "parse"}, 0.002),
        ("scan_seconds_count", {"stage": "links"}, 0),  # a stage nobody timed
        ("failures_total", {"stage": "deadline"}, 0),
    ],
)
def test_a_message_is_counted(
    metrics: Metrics, name: str, labels: dict[str, str], expected: float
) -> None:
    metrics.record(outcome())

    assert value(metrics, f"phish_milter_{name}", **labels) == expected


def test_results_that_are_not_believed_are_counted_by_reason(metrics: Metrics) -> None:
    told = outcome()
    assert told.scan is not None
    scan = replace(told.scan, disbelieved=(Disbelief.FORM, Disbelief.FURTHER))
    metrics.record(replace(told, scan=scan))

    name = "phish_milter_disbelieved_results_total"
    found = {r: metrics.registry.get_sample_value(name, {"reason": r}) for r in Disbelief}
    assert found == {Disbelief.FORM: 1, Disbelief.FURTHER: 1, Disbelief.SPELLING: 0}


def test_a_fault_of_ours_is_counted_with_its_message(metrics: Metrics) -> None:
    metrics.record(outcome(failure=Stage.DEADLINE))
    metrics.failure(Stage.OBSERVER)

    assert value(metrics, "phish_milter_failures_total", stage="deadline") == 1
    assert value(metrics, "phish_milter_failures_total", stage="observer") == 1
    assert value(metrics, "phish_milter_scan_seconds_count", stage="total") == 1


def test_a_refused_reload_shows_until_a_good_one(metrics: Metrics) -> None:
    metrics.loaded(1, workers=4)
    loaded_at = value(metrics, "phish_milter_config_loaded_timestamp_seconds")
    metrics.reload(ok=False, generation=1)
    assert value(metrics, "phish_milter_config_last_reload_successful") == 0
    assert value(metrics, "phish_milter_config_loaded_timestamp_seconds") == loaded_at

    metrics.reload(ok=True, generation=2, workers=8)
    assert value(metrics, "phish_milter_config_last_reload_successful") == 1
    assert value(metrics, "phish_milter_config_generation") == 2
    assert value(metrics, "phish_milter_workers") == 8
    assert value(metrics, "phish_milter_reloads_total", result="failure") == 1
    assert value(metrics, "phish_milter_reloads_total", result="success") == 1


def test_new_brands_of_a_reload_start_at_zero_and_old_figures_stay(metrics: Metrics) -> None:
    metrics.record(outcome())
    metrics.expect(("acme", "initech"), ("NEW_SYMBOL",))

    name = "phish_milter_brand_verdicts_total"
    assert value(metrics, name, brand="initech", verdict="genuine") == 0
    assert value(metrics, name, brand="acme", verdict="impersonation") == 1


def test_gauges_and_lookups(metrics: Metrics) -> None:
    metrics.in_flight(+1)
    metrics.in_flight(+1)
    metrics.in_flight(-1)
    metrics.skipped("internal")
    metrics.lookup("dkim", "answer", 0.02)
    metrics.lookup("dkim", "cached")
    metrics.lookup("dkim", "budget", 2.0)

    assert value(metrics, "phish_milter_in_flight") == 1
    assert value(metrics, "phish_milter_skipped_total", reason="internal") == 1
    assert value(metrics, "phish_milter_lookups_total", kind="dkim", result="cached") == 1
    assert (
        value(metrics, "phish_milter_lookup_seconds_count", kind="dkim") == 1
    )  # only what was settled


def test_ignored_lines_of_a_feed_show_while_it_is_there(metrics: Metrics) -> None:
    metrics.feeds([FeedState("local", 2, 0.0, 3)])
    assert value(metrics, "phish_milter_feed_ignored_lines", feed="local") == 3

    metrics.feeds([])
    assert value(metrics, "phish_milter_feed_ignored_lines", feed="local") is None


def test_two_registries_do_not_collide() -> None:
    assert Metrics().registry is not Metrics().registry
