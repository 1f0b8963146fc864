"""The command line as a whole: its commands, and what it refuses."""

import subprocess
import sys

import pytest

from phish_milter import __version__
from phish_milter.cli.main import COMMANDS
from support.commands import call


def test_the_version_loads_neither_packs_nor_parsers() -> None:
    """Also the processes of the daemon read this module again."""
    asked = "import sys; from phish_milter.cli.main import main; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)

    loaded = set(done.stdout.split())
    assert "phish_milter.cli.main" in loaded
    assert not loaded & {"pydantic", "tldextract", "requests", "dns", "prometheus_client"}


def test_help_names_every_command() -> None:
    told = call("--help").stdout

    assert [name for name in COMMANDS if f"\n  {name} " not in told] == []


def test_version() -> None:
    assert call("--version").stdout == f"phish-milter {__version__}\n"


@pytest.mark.usefixtures("box")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["scan"], "give either FILEs or --manifest"),
        (["scan", "--manifest", "x", "y"], "give either FILEs or --manifest"),
        (["scan", "--manifest", "x", "--helo", "y"], "envelopes come from the manifest"),
        (["scan", "--manifest", "/nonexistent", "--json"], "/nonexistent: cannot be read"),
        (["scan", "--client-ip", "1.2.3", "x"], "1.2.3 is no IP address"),
        (["scan", "--ceiling", "defer", "x"], "'defer' is not one of"),
        (["scan", "--config", "/nonexistent", "x"], "/nonexistent: no such file"),
        (["evaluate", "/nonexistent"], "/nonexistent: cannot be read"),
        (["check-config", "--config", "/nonexistent"], "/nonexistent: no such file"),
        (["explain", "LOOKALIKE_LINC"], "did you mean LOOKALIKE_LINK"),
        (["explain", "\x1b[2J"], "unknown symbol '\\x1b[2J'"),
        (["serve", "--config", "/nonexistent"], "/nonexistent: no such file"),
        (["frobnicate"], "No such command"),
        (["evaluate", "m", "--symbol", "LOOKALIKE_LINKS"], "did you mean LOOKALIKE_LINK"),
        (["evaluate", "m", "--against", "b.toml", "--html", "r.html"], "--against goes with"),
    ],
)
def test_bad_usage_and_configuration(arguments: list[str], message: str) -> None:
    result = call(*arguments)

    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""
