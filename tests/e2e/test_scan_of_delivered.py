"""`scan` of what Postfix delivered or holds says what the daemon said when it arrived."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from phish_milter.detection.checks import SYMBOLS
from phish_milter.evaluation.containers import taken_apart
from phish_milter.evaluation.mail_files import Judged, MailFile, examine_one
from phish_milter.message.model import Envelope
from phish_milter.scanning.pipeline import Pipeline
from phish_milter.settings.load import load_settings
from support.daemon import running
from support.postfix import Mta, lab_postfix
from support.smtp import SmtpClient

pytestmark = pytest.mark.e2e

FAKE = b"""\
From: PyPI Support <support@registry-desk.example>\r
To: maintainer@example.net\r
Subject: %b\r
Date: Mon, 5 Oct 2026 09:00:00 +0000\r
Message-ID: <2@registry-desk.example>\r
Content-Type: text/html; charset=utf-8\r
\r
<p>Your PyPI account will be removed within 24 hours unless you verify your email address.</p>\r
<p><a href="https://pypi-login.example/account/login/">https://pypi.org/account/login/</a></p>\r
"""
SENDER = "support@registry-desk.example"
OUTSIDE = Envelope("192.0.2.7", "mail.example.org", SENDER, ("maintainer@example.net",))
# The small mail of a role address is judged, but accepted: the recipient counts.
ROLE = ("abuse@example.net",)
CONFIG = """
[site]
authserv_id = "mx.example.net"
domains = ["example.net"]
role_addresses = ["abuse@"]
[policy]
ceiling = "quarantine"
[authentication]
verify = "never"
"""


@pytest.fixture(scope="module")
def real() -> Iterator[Mta]:
    """Postfix with the daemon as it is shipped."""
    if reason := lab_postfix.missing():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(prefix="phish-milter-") as name:
        directory = Path(name)
        directory.chmod(0o755)
        with (
            running(directory, CONFIG, real=True) as daemon,
            lab_postfix.private_postfix(f"unix:{daemon.socket}") as (postfix, sink),
        ):
            yield Mta(postfix, sink, daemon)


def scanned(real: Mta, path: Path) -> Judged:
    settings = load_settings(real.daemon.config, SYMBOLS)
    result = examine_one(MailFile(str(path), delivered=None), Pipeline(settings), settings)
    assert isinstance(result, Judged)
    return result


def verdict_of(result: Judged) -> str:
    verdict = result.verdict
    return f"action={verdict.action}; uncapped={verdict.uncapped_action}; score={verdict.score:.1f}"


def test_held_and_released(real: Mta, tmp_path: Path) -> None:
    with SmtpClient(real.postfix.port) as smtp:
        queue_id = smtp.message(FAKE % b"held-1", SENDER, OUTSIDE.rcpt_to)[1].rpartition(" ")[2]
    held = tmp_path / "held.txt"
    held.write_text(real.postfix.show(queue_id))

    (mail,) = taken_apart(held.read_bytes())
    assert mail.envelope == OUTSIDE
    told = verdict_of(scanned(real, held))
    assert told.startswith("action=quarantine")

    real.postfix.release(queue_id)
    delivered = real.sink.wait("held-1")
    path = tmp_path / "delivered.eml"
    path.write_bytes(delivered.data)
    (header,) = delivered.headers("X-Phish-Milter-Verdict")
    assert header.startswith(told)
    assert verdict_of(scanned(real, path)) == told


def test_the_recipient_of_delivered_mail_counts(real: Mta, tmp_path: Path) -> None:
    with SmtpClient(real.postfix.port) as smtp:
        assert smtp.message(FAKE % b"role-1", SENDER, ROLE)[0] == 250
    delivered = real.sink.wait("role-1")
    path = tmp_path / "delivered.eml"
    path.write_bytes(delivered.data)

    told = verdict_of(scanned(real, path))

    assert told.startswith("action=accept; uncapped=")
    (header,) = delivered.headers("X-Phish-Milter-Verdict")
    assert header.startswith(told)
