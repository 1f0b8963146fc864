"""What checks get to see: targets, impostors and the words that count."""

from pathlib import Path

import pytest

from phish_milter.detection.checks import SYMBOLS
from phish_milter.message.model import Envelope
from phish_milter.scanning.scanner import Scanner
from phish_milter.settings.load import load_settings

GOLDEN = Path(__file__).parents[1] / "corpus" / "golden.toml"
IMPOSTOR = "From: PyPI <office@flowers.example>"
COLLEAGUE = "From: Anna Berg <anna@example.com>"
SIGNED = "DKIM-Signature: v=1; a=rsa-sha256; d=pypi.org; s=k; h=From:Subject; bh=AA; b=AA"
QUOTE = "Hi.\n\n---- Original Message ----\nPlease verify your account: https://shop.example.com/x"


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(load_settings(GOLDEN, SYMBOLS))


def symbols(scanner: Scanner, *head: str, body: str, kind: str = "text/plain") -> set[str]:
    lines = [*head, "To: dev@example.net", f"Content-Type: {kind}; charset=utf-8", "", body, ""]
    raw = "\n".join(lines).replace("\n", "\r\n").encode()
    return {f.symbol.name for f in scanner.scan(raw, Envelope()).findings}


def test_an_impostor_is_not_believed_to_quote(scanner: Scanner) -> None:
    found = symbols(scanner, IMPOSTOR, "Subject: Notice", body=QUOTE)

    assert {"FOREIGN_TARGET", "LURE_VERIFY"} <= found


def test_an_unsigned_mail_of_the_brand_is_not_believed_to_quote(scanner: Scanner) -> None:
    author = "From: PyPI <noreply@pypi.org>"

    assert "UNPROVEN_TARGET" in symbols(scanner, author, "Subject: Notice", body=QUOTE)
    assert "UNPROVEN_TARGET" not in symbols(scanner, SIGNED, author, "Subject: Hi", body=QUOTE)


def test_a_colleague_may_quote_an_impostor(scanner: Scanner) -> None:
    quoted = (
        "Is this real?\n\n> From: PyPI <x@pypi-helpcentre.org>\n> https://pypi-helpcentre.org/x"
    )

    assert symbols(scanner, COLLEAGUE, "Subject: Fwd: Notice", body=quoted) == set()


@pytest.mark.parametrize("author", ["From: PyPI <>", "From: PyPI", "From: PyPI,"])
def test_an_author_without_an_address_is_foreign(author: str, scanner: Scanner) -> None:
    assert "FOREIGN_AUTHOR" in symbols(scanner, author, "Subject: Notice", body="Hello.")


@pytest.mark.parametrize(
    "form",
    [
        '<form><input type="password"></form>',  # a script sends it
        '<form action=""><input name="otp"></form>',
        '<input type="password">',  # no form at all
    ],
)
def test_a_form_needs_no_target_to_ask_for_a_secret(form: str, scanner: Scanner) -> None:
    found = symbols(scanner, IMPOSTOR, "Subject: Notice", body=form, kind="text/html")

    assert "CREDENTIAL_FORM" in found


@pytest.mark.parametrize(
    ("author", "why"),
    [
        ("PyPI <noreply@pypy.org>", "a neighbour nobody proved"),
        ("PyPI Support <it@example.net>", "the site's own domain, from outside"),
    ],
)
def test_a_neighbours_name_is_no_shelter(author: str, why: str, scanner: Scanner) -> None:
    body = "Please verify your account: https://shop.example.com/x\n\nThe PyPI Team"
    found = symbols(scanner, f"From: {author}", "Subject: Notice", body=body)

    assert {"DISPLAY_NAME_BRAND", "FOREIGN_TARGET"} <= found, why


def test_a_neighbour_may_sign_its_own_service(scanner: Scanner) -> None:
    body = "Your password expires in 5 days: https://pypi.example.net/account/password"

    assert (
        symbols(scanner, "From: Internal PyPI <pypi@example.net>", "Subject: Hi", body=body)
        == set()
    )


def test_a_report_is_not_excused_by_its_type(scanner: Scanner) -> None:
    text = "Dear PyPI user,\n\nverify your account: https://pypi-help.org/x\n\nPyPI Support Team"
    body = f"--b\n\n{text}\n--b--"
    kind = 'multipart/report; report-type=delivery-status; boundary="b"'

    assert "LOOKALIKE_LINK" in symbols(scanner, COLLEAGUE, "Subject: Hi", body=body, kind=kind)
    assert "BRAND_SIGNATURE" in symbols(scanner, COLLEAGUE, "Subject: Hi", body=body, kind=kind)


LURE = "Please verify your account. Otherwise your account will be suspended."


@pytest.mark.parametrize(
    ("body", "claimed"),
    [
        (f"{LURE}\nhttps://pypi-help.org/x", True),  # need not name the brand
        (f"{LURE} This protects you from phishing.\nhttps://pypi-help.org/x", True),  # nor warn
        ("They ask to verify your account. Phishing!\nhttps://pypi-help.org/x", False),
        (f"{LURE}\nhttps://shop.example.com/x", False),  # no imitation
        ("Our new tool: https://pypi-help.org/x", False),  # no lure
    ],
)
def test_a_lure_to_an_imitation_is_a_claim(body: str, claimed: bool, scanner: Scanner) -> None:
    found = symbols(scanner, COLLEAGUE, "Subject: Hi", body=body)

    assert ("LURES_TO_IMITATION" in found) is claimed


def test_a_target_inside_another_scheme_is_judged(scanner: Scanner) -> None:
    link = '<a href="ms-word:ofe|u|https://pypi-help.org/x">Open</a>'
    found = symbols(scanner, IMPOSTOR, "Subject: Notice", body=link, kind="text/html")

    assert "LOOKALIKE_LINK" in found


def test_wording_alone_claims_nothing_without_an_imitation(scanner: Scanner) -> None:
    text = "Dear PyPI user,\n\nplease look at %s\n\nThank you."
    honest = symbols(scanner, COLLEAGUE, "Subject: Hi", body=text % "https://pypi.org/help/")
    deceptive = symbols(scanner, COLLEAGUE, "Subject: Hi", body=text % "https://pypi-help.org/x")

    assert honest == set()
    assert {"BRAND_VOICE", "LOOKALIKE_LINK"} <= deceptive


PRESSED = "Verify your PyPI account, otherwise your account will be suspended:"
TEAM = "From: 'PyPI' via team <team@example.com>"
LIST = "From: 'PyPI' via Release People <list@example.com>\nList-Id: <releng.example.com>"
FOOTER = "List-Unsubscribe: <https://groups.example.org/team/leave>"
REQUEST = (
    "To proceed, follow the link to verify the address: https://pypi.org/account/verify-email/"
)


@pytest.mark.parametrize(
    ("author", "subject", "body", "claimed"),
    [
        # the author's own domain is no home of the brand
        (COLLEAGUE, "[PyPI] Notice", f"{PRESSED} https://example.com/x", True),
        (COLLEAGUE, "[PyPI] Release is out", "See https://example.com/x", False),
        (COLLEAGUE, "[PyPI] Notes", "Notes: https://pad.example.org/x", False),
        (COLLEAGUE, "[PyPI] Token", "Our token expired, see https://example.com/x", False),
        (COLLEAGUE, "[PyPI] Alert", "Unusual login: https://alerts.example.org/7", False),  # told
        (COLLEAGUE, "[PyPI] Recovery", "Reply with your recovery code and password.", True),
        # nor is a neighbour's, nor an example of documentation
        ("From: PyPI <a@pypistats.org>", "Hi", f"{PRESSED} https://pypistats.org/x", True),
        ("From: PyPI Stats <a@pypistats.org>", "Hi", "See https://pypistats.org/x", False),
        (
            "From: PyPI <a@your-own-pypi-mirror.org>",
            "Hi",
            f"{PRESSED} https://your-own-pypi-mirror.org/x",
            True,
        ),
        # nor the name of the brand at an address of its owner that nobody proved
        ("From: PyPI Admins <a@pypa.io>", "Hi", "Your PyPI account will be suspended.", True),
        ("From: Ana Admin <a@pypa.io>", "Hi", "Your PyPI account will be suspended.", False),
        # a service named after what it holds, unless it presses about accounts at PyPI
        (
            "From: PyPI Mirror <root@pypi.example.com>",
            "Your account on pypi.example.com",
            "Set a password: https://pypi.example.com/account/x",
            False,
        ),
        (
            "From: PyPI Mirror <root@pypi.example.com>",
            "Your PyPI account",
            f"{PRESSED} https://pypi.example.com/x",
            True,
        ),
        (
            "From: PyPI <root@pypi.example.com>",
            "Sync done",
            "Report: https://pypi.example.com/sync",
            True,  # a tag: the name alone
        ),
        (
            "From: GitHub <root@github.example.com>",
            "Verify your email",
            "Please verify your email: https://github.example.com/verify",
            False,  # an installation
        ),
        ("From: PyPI Admins via RT <rt@example.com>", "[#7] Done", "https://rt.example.com", False),
        # content delivery networks are nobody's pages
        (COLLEAGUE, "PyPI: verify your account", f"{PRESSED} https://unpkg.com/x", False),
    ],
)
def test_whose_pages_excuse_a_claim(
    author: str, subject: str, body: str, *, claimed: bool, scanner: Scanner
) -> None:
    found = symbols(scanner, author, f"Subject: {subject}", body=body)

    assert ("FOREIGN_AUTHOR" in found or "LOOKALIKE_FROM" in found) is claimed


@pytest.mark.parametrize("carrier", [TEAM, LIST])
@pytest.mark.parametrize(
    ("body", "claimed"),
    [
        (f"{REQUEST}\n\n-- \nLeave: https://groups.example.org/team", False),
        (f"{REQUEST}\n\n{PRESSED} https://pages.example.net.example/x", True),
        (f"{PRESSED} https://example.com/x", True),  # a group that attacks itself
    ],
)
def test_a_group_passes_on_what_leads_to_the_brand(
    carrier: str, body: str, *, claimed: bool, scanner: Scanner
) -> None:
    found = symbols(scanner, carrier, FOOTER, "Subject: [PyPI] Email verification", body=body)

    assert bool(found) is claimed
