"""What comes out of a message is fit to be seen, and keeps no secret."""

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phish_milter.text.escaping import mask_address, present, redact, show

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates included


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pypj.org = pypi.org with i->j", "pypj.org = pypi.org with i->j"),
        ("a\r\nX-Spam: no", "a\\u000d\\u000aX-Spam: no"),  # header injection
        ("\x1b[2J", "\\u001b[2J"),  # terminal control
        ("\x9b2J", "\\u009b2J"),  # the same in one C1 character
        ("gro.ipyp\u202e", "gro.ipyp\\u202e"),  # right to left
        ("py\u200bpi", "py\\u200bpi"),  # zero width space
        ("py\u00adpi", "py\\u00adpi"),  # soft hyphen
        ("py\u3164pi", "py\\u3164pi"),  # Hangul filler: a letter without a shape
        ("py\U000e0101pi", "py\\U000e0101pi"),  # variation selector
        ("a\u00a0b\u2028c", "a\\u00a0b\\u2028c"),  # spaces and line ends that are none
        ("\ud83d", "\\ud83d"),  # lone surrogate, cannot be encoded
        ("Grüße 漢字 😀", "Grüße 漢字 😀"),  # people's languages stay readable
        ("[bold]x[/bold] <b>", "[bold]x[/bold] <b>"),  # markup is the printer's to switch off
    ],
)
def test_show(text: str, shown: str) -> None:
    assert show(text) == shown


def test_show_cuts_and_says_so() -> None:
    assert show("x" * 300, 10) == "x" * 9 + "…"
    assert show("\n" * 300, 10) == "\\u000a…"  # never half an escape


@given(ANY_TEXT, st.integers(1, 60))
def test_show_is_short_printable_and_encodable(text: str, limit: int) -> None:
    shown = show(text, limit)

    assert len(shown) <= limit
    assert all(unicodedata.category(c)[0] not in "CZ" or c == " " for c in shown)
    shown.encode()


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (
            "https://pypi.org/verify/?token=abc&x=1 rest",
            "https://pypi.org/verify/?token=…&x=… rest",
        ),
        ("https://a.example/#access_token=abc", "https://a.example/#access_token=…"),
        ("a = b, 2 = 2", "a = b, 2 = 2"),  # no query
        ("pypi-" + "AgEIcHlwaS5vcmcCJDAx" * 3, "pypi-…"),
        ("ghp_" + "16C7e42F292c6912E771" * 2, "ghp_…"),
        ("key " + "x7Qz" * 12 + ".", "key x7Qz…."),
        ("0e9f" * 16, "0e9f…"),  # hexadecimal
        ("/reset/3f2504e0-4f89-11d3-9a0c-0305e82c3301/", "/reset/3f25…/"),  # UUID
        ("eyJh" * 8 + "." + "eyJz" * 8 + "." + "SflK" * 8, "eyJh….eyJz….SflK…"),  # JWT
        (
            "pub-0a1b2c3d4e5f60718293a4b5c6d7e8f9.r2.dev",
            "pub-0a1b2c3d4e5f60718293a4b5c6d7e8f9.r2.dev",
        ),
        ("account-verification-security-login-2025", "account-verification-security-login-2025"),
        ("Donaudampfschifffahrtsgesellschaft", "Donaudampfschifffahrtsgesellschaft"),
        ("-" * 500, "-" * 500),
    ],
)
def test_redact(text: str, kept: str) -> None:
    assert redact(text) == kept


@given(st.from_regex(r"[a-z]{3,5}_[A-Za-z0-9]{60}", fullmatch=True))
def test_a_drawn_token_never_shows_more_than_its_issuer(token: str) -> None:
    body = token.partition("_")[2]
    changes = len(re.findall(r"(?=[a-z][A-Z0-9]|[A-Z][a-z0-9]|[0-9][A-Za-z])", body))

    if changes > 20:  # it looks drawn, as nearly all real ones do
        assert body[:8] not in present(f"token {token} here")


@given(ANY_TEXT)
def test_redact_never_fails(text: str) -> None:
    redact(text)


@pytest.mark.parametrize(
    ("mode", "address", "masked"),
    [
        ("full", "Joe@example.net", "Joe@example.net"),
        ("full", "a\n@x", "a\\u000a@x"),
        ("full", "", "<>"),
        ("domain", "joe@example.net", "*@example.net"),
        ("domain", "joe", "*"),
        ("domain", "", "<>"),
        ("hash", "", "<>"),
        ("none", "joe@example.net", ""),
        ("none", "", ""),
    ],
)
def test_mask_address(mode: str, address: str, masked: str) -> None:
    assert mask_address(address, mode) == masked


def test_equal_addresses_have_equal_hashes() -> None:
    one, same, other = (mask_address(a, "hash") for a in ("A@x", "a@X", "b@x"))

    assert one == same != other
    assert re.fullmatch(r"[0-9a-f]{12}", one)
