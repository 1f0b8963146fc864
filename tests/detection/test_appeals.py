"""Strangers who press about an account at a brand, and people who write the same words."""

from pathlib import Path

import pytest

from phish_milter.detection.checks import SYMBOLS
from phish_milter.message.model import Envelope
from phish_milter.scanning.scanner import Scanner
from phish_milter.settings.load import load_settings

GOLDEN = Path(__file__).parents[1] / "corpus" / "golden.toml"
DESK = "Service Desk <desk@bakery.example>"
ANNA = "Anna Berg <anna@bakery.example>"
PAGE = "https://plan-desk.example/p"
PRESSED = "Your account was limited. Verify your identity within 24 hours."


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(load_settings(GOLDEN, SYMBOLS))


def fires(scanner: Scanner, author: str, subject: str, body: str, kind: str = "plain") -> bool:
    head = f"From: {author}\nSubject: {subject}\nTo: dev@example.net\n"
    raw = f"{head}Content-Type: text/{kind}; charset=utf-8\n\n{body}\n".replace("\n", "\r\n")
    found = {f.symbol.name for f in scanner.scan(raw.encode(), Envelope()).findings}
    return "ACCOUNT_APPEAL" in found


@pytest.mark.parametrize(
    ("author", "body", "why"),
    [
        (DESK, f"Your PyPI account is locked. Verify it today: {PAGE}", "an office"),
        (
            ANNA,
            f"Your PyPI account will be suspended. Verify it within 24 hours: {PAGE}",
            "anybody",
        ),
        (ANNA, f"This is an automated message from npm.\n\n{PRESSED}\n\n{PAGE}", "its message"),
        (ANNA, f"{PRESSED}\n\n{PAGE}\n\n\u00a9 2026 PyPI", "a copyright"),
        (ANNA, f"Your project on PyPI was flagged. {PRESSED}\n{PAGE}", "a project"),
        (DESK, "Your PyPI account closes. Reply with your PyPI password.", "an answer"),
        (DESK, f"Your npm account: {PRESSED} Write to @npm_desk on Telegram.", "a messenger"),
        (DESK, f"Your npm account: {PRESSED} Open plan-desk . com", "blanks"),
        (DESK, f"Your npm account: {PRESSED} Open plan-desk [dot] com", "a spelled dot"),
        (DESK, f"Your npm account: {PRESSED}\n\nhttps://bakery.example/p", "its own page"),
        (
            "IT Service Desk <x@bakery.example>",
            f"Sign in with your PyPI account today: {PAGE}",
            "IT",
        ),
    ],
)
def test_a_stranger_presses(author: str, body: str, why: str, scanner: Scanner) -> None:
    assert fires(scanner, author, "Reminder", body), why


def test_a_picture_of_the_brand_presents_it(scanner: Scanner) -> None:
    logo = '<div style="background: url(https://pypi.org/static/images/logo.svg)"></div>'
    body = f'{{}}<p>About PyPI. Verify your account within 24 hours.</p><a href="{PAGE}">Go</a>'

    assert fires(scanner, ANNA, "Reminder", body.format(logo), "html")
    assert not fires(scanner, ANNA, "Reminder", body.format(""), "html")


@pytest.mark.parametrize(
    ("author", "body", "why"),
    [
        (ANNA, f"Can you verify your PyPI account? The release is blocked: {PAGE}", "a question"),
        (ANNA, f"The PyPI token in CI expired, see {PAGE}", "an event"),
        (ANNA, "Can you verify your PyPI account today? https://pypi.org/manage/account/", "home"),
        (ANNA, f"PyPI is up. {PRESSED}\n\nhttps://bakery.example/p", "a service about itself"),
        (ANNA, f"{PRESSED}\n\n{PAGE}", "no brand"),
        (ANNA, f"Phishing says 'your PyPI account is locked, verify it': {PAGE}", "a warning"),
        ("Anna <anna@example.net>", f"Your PyPI account: {PRESSED}\n\n{PAGE}", "the reader's own"),
        (ANNA, f"Is this real?\n\n> Your PyPI account: {PRESSED}\n> {PAGE}", "a quotation"),
        (ANNA, "Could you send me the PyPI token? I need it for the release.", "one request"),
        (
            ANNA,
            "PyPI news.\n" + "\n".join(f"{PRESSED} https://site-{n}.example/" for n in "abcde"),
            "many places",
        ),
    ],
)
def test_people_and_services_do_not(author: str, body: str, why: str, scanner: Scanner) -> None:
    assert not fires(scanner, author, "Reminder", body), why


def test_a_claim_says_more(scanner: Scanner) -> None:
    body = f"Your PyPI account: {PRESSED}\n\n{PAGE}"

    assert not fires(scanner, "PyPI <x@bakery.example>", "Reminder", body)
