"""Where elements, scripts and conditional comments lead, and which fields want secrets."""

import pytest

from phish_milter.message.html.link_elements import (
    clean_url,
    conditional_targets,
    is_secret_field,
    leads_nowhere,
    refresh_target,
    script_targets,
)


@pytest.mark.parametrize(
    ("content", "target"),
    [
        ("0;url=https://a.example/", "https://a.example/"),
        ("0; URL = 'https://a.example/'", "https://a.example/"),
        ("5,https://a.example/", "https://a.example/"),  # browsers take it
        ("0;https://a.example/", "https://a.example/"),
        ("30", ""),  # only reloads
        ("", ""),
    ],
)
def test_refresh_target(content: str, target: str) -> None:
    assert refresh_target(content) == target


@pytest.mark.parametrize(
    ("script", "targets"),
    [
        ('window.location = "https://a.example/"', ["https://a.example/"]),
        ("location.href='https://a.example/'", ["https://a.example/"]),
        ("top.location.replace(`https://a.example/`)", ["https://a.example/"]),
        ('window.open("https://a.example/")', ["https://a.example/"]),
        ("var location_name = 3", []),
        ("", []),
    ],
)
def test_script_targets(script: str, targets: list[str]) -> None:
    assert script_targets(script) == targets


@pytest.mark.parametrize(
    ("attributes", "secret"),
    [
        ({"type": "password"}, True),
        ({"type": "PassWord "}, True),
        ({"autocomplete": "one-time-code"}, True),
        ({"autocomplete": "current-password"}, True),
        ({"name": "otp"}, True),
        ({"id": "recovery_code"}, True),
        ({"placeholder": "Your API token"}, True),
        ({"type": "text", "name": "user_2fa"}, True),
        ({"type": "hidden", "name": "csrf_token"}, False),  # every form has one
        ({"type": "submit", "name": "password"}, False),
        ({"name": "email"}, False),
        ({"name": None}, False),
        ({}, False),
    ],
)
def test_is_secret_field(attributes: dict[str, str | None], secret: bool) -> None:
    assert is_secret_field(attributes) is secret


@pytest.mark.parametrize(
    ("comment", "targets"),
    [
        (
            '[if mso]><v:roundrect href="https://a.example/"><b>Go</b> on</v:roundrect><![endif]',
            [("https://a.example/", "Go on")],
        ),
        ("[if gte mso 9]><a class=\"x\" href='y'>z</a><![endif]", [("y", "z")]),
        ('[if !mso]><!--><a href="x">y</a>', []),  # shown by nobody
        ('<a href="x">y</a>', []),  # an ordinary comment
        ("[if mso]><a href=", []),
    ],
)
def test_conditional_targets(comment: str, targets: list[tuple[str, str]]) -> None:
    assert conditional_targets(comment) == targets


@pytest.mark.parametrize(
    ("url", "cleaned", "nowhere"),
    [
        (" https://a.example/\n", "https://a.example/", False),
        ("#top", "#top", True),
        ("", "", True),
        (None, "", True),
        ("mailto:a@b.example", "mailto:a@b.example", False),
        ("https://a.example/" + "x" * 20_000, ("https://a.example/" + "x" * 20_000)[:8192], False),
    ],
)
def test_clean_url(url: str | None, cleaned: str, nowhere: bool) -> None:
    assert clean_url(url) == cleaned
    assert leads_nowhere(cleaned) is nowhere
