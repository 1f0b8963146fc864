"""From findings to the verdict: settings and role recipients reach the policy."""

from pathlib import Path

import pytest

from phish_milter.findings import Finding, Role, Symbol
from phish_milter.message.model import Envelope
from phish_milter.policy.outcome import Scan
from phish_milter.scanning.judge import judge
from phish_milter.settings.load import parse_settings

CLAIM = Symbol("CLAIM", Role.CLAIM, "claim", 4.0, "a")
FIRST = Symbol("FIRST", Role.CONTRADICTION, "first", 6.0, "b")
SECOND = Symbol("SECOND", Role.CONTRADICTION, "second", 6.0, "c")
SCAN = Scan(tuple(Finding(symbol, "evidence", "pypi") for symbol in (CLAIM, FIRST, SECOND)))

SETTINGS = parse_settings(
    """[site]
    domains = ["example.net"]
    role_addresses = ["abuse@"]
    """,
    Path("x.toml"),
)


@pytest.mark.parametrize(
    ("recipients", "ceiling", "action", "uncapped"),
    [
        (("joe@example.net",), "tag", "tag", "reject"),  # as shipped: watch
        (("joe@example.net",), "reject", "reject", "reject"),
        (("abuse@example.net",), "reject", "accept", "accept"),  # a report must arrive
        (("joe@example.net", "abuse@example.net"), "reject", "quarantine", "quarantine"),
    ],
)
def test_judge(recipients: tuple[str, ...], ceiling: str, action: str, uncapped: str) -> None:
    verdict = judge(SCAN, Envelope(rcpt_to=recipients), SETTINGS.with_ceiling(ceiling))

    assert (str(verdict.action), str(verdict.uncapped_action)) == (action, uncapped)
