"""The line about each message, in every form and with every degree of privacy."""

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from phish_milter.findings import Finding, Role, Symbol
from phish_milter.message.model import Envelope
from phish_milter.observability.log import MessageLog, configure, log
from phish_milter.policy.decision import (
    Action,
    BrandVerdict,
    BrandVerdictWord,
    ScoredFinding,
    Verdict,
    failure_verdict,
)
from phish_milter.policy.outcome import Outcome, Scan
from phish_milter.settings.load import parse_settings
from phish_milter.settings.model import Settings

CLAIM = Symbol("CLAIM", Role.CLAIM, "claim", 4.0, "a")
FOUND = Finding(CLAIM, "subject: Reset your password", "pypi")
VERDICT = Verdict(
    Action.TAG,
    Action.REJECT,
    4.5,
    (BrandVerdict("pypi", BrandVerdictWord.UNVERIFIABLE, 4.0),),
    (ScoredFinding(FOUND, 4.0), ScoredFinding(FOUND, 0.0)),
)
ENVELOPE = Envelope("192.0.2.1", "mail", "joe\n@example.org", ("a@example.net", "b@example.net"))
OUTCOME = Outcome("4XyZ", ENVELOPE, VERDICT, Scan((FOUND,)), seconds=0.00425)


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


def written(outcome: Outcome, text: str) -> str:
    settings = parse_settings(text, Path("x.toml"))
    stream = io.StringIO()
    configure(settings, stream)
    MessageLog(settings).record(outcome)
    return stream.getvalue()


def test_logfmt() -> None:
    line = written(OUTCOME, "")

    assert line.startswith("time=2")
    assert line.partition(" ")[2] == (
        "level=info event=message queue_id=4XyZ sender=joe\\u000a@example.org recipients=2 "
        "action=tag uncapped_action=reject score=4.5 brands=pypi:unverifiable symbols=CLAIM "
        "milliseconds=4.2\n"
    )


def test_json() -> None:
    fields = json.loads(written(OUTCOME, "[log]\nformat = 'json'"))

    assert fields.pop("time")
    assert fields == {
        "level": "info",
        "event": "message",
        "queue_id": "4XyZ",
        "sender": "joe\\u000a@example.org",
        "recipients": 2,
        "action": "tag",
        "uncapped_action": "reject",
        "score": 4.5,
        "brands": {"pypi": "unverifiable"},
        "symbols": ["CLAIM"],
        "milliseconds": 4.2,
    }


@pytest.mark.parametrize(
    ("addresses", "sender"),
    [("full", "joe\\u000a@example.org"), ("domain", "*@example.org"), ("none", "")],
)
def test_privacy_of_addresses(addresses: str, sender: str) -> None:
    line = written(OUTCOME, f"[log]\nformat = 'json'\naddresses = '{addresses}'")

    assert json.loads(line)["sender"] == sender
    assert "example.net" not in line  # recipients are only counted


def test_a_fault_of_ours_is_a_warning() -> None:
    verdict = failure_verdict(Settings().policy_values())
    line = written(Outcome("4XyZ", ENVELOPE, verdict, failure="deadline"), "")

    assert "level=warning" in line
    assert line.endswith("failure=deadline\n")


def test_events_and_libraries_write_the_same_way_and_keep_no_secret() -> None:
    stream = io.StringIO()
    configure(Settings(), stream)

    log.warning("reload refused", problem="a\nb", url="https://a.example/?token=s3cret")
    logging.getLogger("library").warning("odd %s", "\x1b[2J")

    first, second = stream.getvalue().splitlines()
    assert 'event="reload refused" problem=a\\u000ab url="https://a.example/?token=…"' in first
    assert "s3cret" not in first
    assert "level=warning" in second
    assert "\x1b" not in second


def test_a_traceback_is_one_line() -> None:
    stream = io.StringIO()
    configure(Settings(), stream)

    try:
        int("boom")
    except ValueError:
        log.exception("scan failed")

    (line,) = stream.getvalue().splitlines()
    assert "ValueError: invalid literal" in line


def test_configuring_again_replaces_what_was() -> None:
    before, after = io.StringIO(), io.StringIO()
    configure(Settings(), before)
    configure(Settings(), after)

    log.info("hello")

    assert (before.getvalue(), after.getvalue().count("hello")) == ("", 1)


def test_syslog_that_nobody_reads_stops_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    settings = parse_settings("[log]\ndestination = 'syslog'", Path("x.toml"))
    configure(settings)

    MessageLog(settings).record(OUTCOME)

    assert capfd.readouterr().err == ""
