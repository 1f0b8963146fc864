"""Nobody is led to what a mail only loads, but to what its frames hold."""

from pathlib import Path

import pytest

from phish_milter.detection.checks import SYMBOLS
from phish_milter.message.model import Envelope
from phish_milter.scanning.scanner import Scanner
from phish_milter.settings.load import load_settings

GOLDEN = Path(__file__).parents[2] / "corpus" / "golden.toml"
HEAD = "From: PyPI <office@flowers.example>\r\nSubject: Notice\r\nContent-Type: text/html\r\n\r\n"
U = "https://shop.example.com/x"


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(load_settings(GOLDEN, SYMBOLS))


@pytest.mark.parametrize(
    ("html", "led", "why"),
    [
        (f"<a href='{U}'>Go</a>", True, "a click opens it"),
        (f"<body background='{U}'>", False, "loaded"),
        (f"<p style='background:url({U})'>", False, "loaded"),
        (f"<style>@import '{U}';</style>", False, "loaded"),
        (f"<img srcset='{U} 2x'>", False, "loaded"),
        (f"<svg><image href='{U}'/></svg>", False, "loaded"),
        (f"<iframe srcdoc=\"<a href='{U}'>Go</a>\"></iframe>", True, "a page of its own"),
    ],
)
def test_targets(html: str, led: bool, why: str, scanner: Scanner) -> None:
    found = scanner.scan(f"{HEAD}<p>Hello.</p>{html}\r\n".encode(), Envelope())
    symbols = {f.symbol.name for f in found.findings}

    assert ("FOREIGN_TARGET" in symbols) is led, why
    assert "shop.example.com" in {link.host for link in found.links}
