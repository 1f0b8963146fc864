"""What strangers say through platforms: their words and links, never the platform's word."""

from html import escape
from pathlib import Path

import pytest

from phish_milter.message.model import Envelope
from phish_milter.policy.decision import Action
from phish_milter.scanning.judge import judge
from phish_milter.scanning.scanner import Scanner
from phish_milter.settings.load import parse_settings
from phish_milter.settings.model import Settings

GOLDEN = Path(__file__).parents[1] / "corpus" / "golden.toml"
SITE = """
[authentication]
verify = "never"
trusted_authserv_ids = ["mx.example.net"]
[policy]
ceiling = "reject"
"""
COVERED = "From:To:Subject:Date:Reply-To:Cc:Message-ID:MIME-Version:Content-Type"
PRESSED = "Verify your PyPI account, otherwise your account will be suspended."
PERSON = "Ines Moreau"


@pytest.fixture(scope="module")
def site() -> Settings:
    return parse_settings(SITE, GOLDEN)


@pytest.fixture(scope="module")
def scanner(site: Settings) -> Scanner:
    return Scanner(site)


def mail(author: str, subject: str, text: str, target: str, *, shown: str = "Open") -> bytes:
    """Write a notification as the platform signs it; the trusted upstream says that it did."""
    domain = author.rpartition("@")[2].rstrip(">")
    button = f'<p><a href="{escape(target)}">{escape(shown)}</a></p>'
    lines = [
        f"Authentication-Results: mx.example.net; dkim=pass header.d={domain}",
        f"DKIM-Signature: v=1; a=rsa-sha256; d={domain}; s=k; h={COVERED}; bh=AA; b=AA",
        "Received: from a.example by mx.example.net; Tue, 3 Nov 2026 10:00:00 +0000",
        f"From: {author}",
        "To: dev@example.net",
        f"Subject: {subject}",
        "Content-Type: text/html; charset=utf-8",
        "",
        f"<p>{escape(text)}</p>{button}",
        "",
    ]
    return "\n".join(lines).replace("\n", "\r\n").encode()


def action(raw: bytes, scanner: Scanner, site: Settings) -> Action:
    return judge(scanner.scan(raw, Envelope()), Envelope(), site).uncapped_action


SPEAKS = [
    # whoever is named as sharer, inviter, seller, signer, host or writer
    ("Box <noreply@box.com>", "PyPI Compliance has invited you to a folder", "Welcome."),
    ("Figma <no-reply@email.figma.com>", "PyPI Support invited you to a file", PRESSED),
    ("Trello <no-reply@trello.com>", "PyPI Admin added you to a board", PRESSED),
    ("SignNow <mail@signnow.com>", "PyPI Administration needs your signature", "See below."),
    ("Xero <post@post.xero.com>", "Invoice from PyPI Billing (12)", "499 USD are due."),
    ("Webex <messenger@webex.com>", "PyPI Security is inviting you to a meeting", PRESSED),
    ("Jotform <noreply@jotform.com>", "Account check", f"Form from PyPI Security: {PRESSED}"),
    ("Miro <no-reply@miro.com>", "npm Support invited you to a board", "Confirm your account."),
    ("Canva <no-reply@canva.com>", "Einladung von PyPI Sicherheit", "Bitte ansehen."),
    # no name, the text speaks
    ("Desk <help@owners.freshdesk.com>", "Ticket 7", PRESSED),
    ("Asana <no-reply@asana.com>", "A task for you", PRESSED),
    # platforms that nobody listed
    ("Inkwell <hello@inkwell-boards.example>", "PyPI Security sent you a file", PRESSED),
    ("PyPI Security via Inkwell <hello@inkwell-boards.example>", "Papers", PRESSED),
    ("Post <relay@sealed-post.example>", "Encrypted message from PyPI Security", "Read it."),
]


@pytest.mark.parametrize(("author", "subject", "text"), SPEAKS)
def test_a_stranger_who_speaks_as_a_brand_is_tagged(
    author: str, subject: str, text: str, scanner: Scanner, site: Settings
) -> None:
    raw = mail(author, subject, text, "https://inner.example/documents/1")

    assert action(raw, scanner, site) in (Action.TAG, Action.QUARANTINE)


DECEITS = [
    ("desk <noreply@codeberg.org>", "https://pypi-keep.example/a", "https://pypi.org/account/"),
    ("desk <gitlab@mg.gitlab.com>", "https://pypj.org/a", "Verify"),
    ("desk <notifications@github.com>", "https://githuh.com/a", "https://github.com/settings/"),
    (
        "desk <notifications@github.com>",
        "https://github.com/login/oauth/authorize?client_id=1&redirect_uri=https://take.example/",
        "Review",
    ),
]


@pytest.mark.parametrize(("author", "target", "shown"), DECEITS)
def test_an_imitation_beside_a_demand_is_held_and_never_rejected(
    author: str, target: str, shown: str, scanner: Scanner, site: Settings
) -> None:
    raw = mail(author, "[desk/x] Notice (#1)", PRESSED, target, shown=shown)

    scan = scanner.scan(raw, Envelope())

    assert judge(scan, Envelope(), site).uncapped_action == Action.QUARANTINE
    assert {"CARRIED_IMITATION", "CARRIER_PROVEN"} <= {f.symbol.name for f in scan.findings}
    assert all(str(b.verdict) != "genuine" for b in judge(scan, Envelope(), site).brands)


HONEST = [
    ("Box <noreply@box.com>", f"{PERSON} invited you to PyPI migration plan", "Welcome."),
    ("Figma <no-reply@email.figma.com>", f"{PERSON} invited you to PyPI accounts", "Hi."),
    ("Trello <no-reply@trello.com>", f"{PERSON} added you to PyPI token rotation", "Hi."),
    ("Jira <jira@acme.atlassian.net>", "OPS-1", f"{PERSON} assigned OPS-1: the PyPI token expired"),
    ("Xero <post@post.xero.com>", "Invoice from Acme (12)", "Hosting of the PyPI mirror."),
    ("Slack <no-reply@slack.com>", f"{PERSON} invited you to PyPI Users Berlin", "Join us."),
    (
        f"{PERSON} <noreply@codeberg.org>",
        "[tools/pypi] Upload fails (#3)",
        "My PyPI token expired.",
    ),
    ("GitHub <noreply@github.com>", "[GitHub] Please verify your email address", "Verify it."),
    (
        f"{PERSON} <notifications@github.com>",
        "[pypi/support] Account recovery (#9)",
        "I cannot log in to my PyPI account and need to reset two-factor authentication.",
    ),
    (
        f"{PERSON} <notifications@github.com>",
        "[acme/x] Phishing (#9)",
        'A phishing mail says "verify your PyPI account" and leads to pypj.org.',
    ),
    ("LinkedIn <updates@linkedin.com>", "GitHub shared a post", "Enable two-factor everywhere."),
    ("Ines <ines@acme.example>", "Mail", "I got a message from PyPI Support: verify my account?"),
    ("Weekly <news@weekly-notes.example>", "Issue 7", "PyPI Security posted about breached keys."),
]


@pytest.mark.parametrize(("author", "subject", "text"), HONEST)
def test_honest_notifications_are_accepted(
    author: str, subject: str, text: str, scanner: Scanner, site: Settings
) -> None:
    host = author.rpartition("@")[2].rstrip(">")
    raw = mail(author, subject, text, f"https://{host}/items/1")

    assert action(raw, scanner, site) == Action.ACCEPT


@pytest.mark.parametrize(
    ("target", "grants"),
    [
        ("https://github.com/login/oauth/authorize?redirect_uri=https%3A%2F%2Ftake.example", True),
        ("https://github.com/login/oauth/authorize?redirect_uri=https://github.com/cb", False),
        ("https://github.com/login/oauth/authorize?redirect_uri=http://localhost:80/cb", False),
        ("https://github.com/login/oauth/authorize?redirect_uri=https://[broken", False),
        ("https://github.com/login/oauth/authorize?client_id=1", False),
    ],
)
def test_who_gets_what_a_consent_page_grants(target: str, grants: bool, scanner: Scanner) -> None:
    raw = mail("desk <notifications@github.com>", "[desk/x] Notice (#1)", PRESSED, target)

    found = {f.symbol.name for f in scanner.scan(raw, Envelope()).findings}

    assert ("CARRIED_IMITATION" in found) is grants


def test_a_name_in_reply_to_is_a_stranger_s_too(scanner: Scanner) -> None:
    text = "Hosting of packages for PyPI: 20 USD."
    raw = mail("Xero <post@post.xero.com>", "Invoice 12", text, "https://in.xero.com/12")
    named = raw.replace(b"To: dev", b"Reply-To: PyPI Billing <pay@bills.example>\r\nTo: dev")

    fired = [{f.symbol.name for f in scanner.scan(m, Envelope()).findings} for m in (raw, named)]

    assert ["CARRIED_VOICE" in names for names in fired] == [False, True]


def test_without_a_signature_of_the_platform_nothing_shelters(scanner: Scanner) -> None:
    raw = mail("desk <noreply@codeberg.org>", "x", PRESSED, "https://pypj.org/a")
    forged = raw.replace(b"dkim=pass", b"dkim=fail")

    assert "CARRIER_PROVEN" not in {
        f.symbol.name for f in scanner.scan(forged, Envelope()).findings
    }
