"""What commands share: the file they read, the ceiling, and how faults are told."""

from pathlib import Path

import click
import pytest

from phish_milter.cli.options import configured, read_settings, with_resolvers
from phish_milter.problems import ProblemsError
from phish_milter.settings.load import SettingsError
from phish_milter.settings.model import Settings
from support.commands import resolvers


def test_a_ceiling_of_the_command_line_is_in_place_of_the_files(box: Path) -> None:
    config = box / "mine.toml"
    config.write_text("[policy]\nceiling = 'accept'\n")

    assert read_settings(config, None).policy.ceiling == "accept"
    assert read_settings(config, "reject").policy.ceiling == "reject"
    with pytest.raises(SettingsError):
        read_settings(box / "none.toml", None)


def test_problems_end_a_command_with_2_and_hostile_letters_are_shown() -> None:
    @configured
    def command() -> None:
        raise ProblemsError(("first", "second \x1b[31m"))

    with pytest.raises(click.ClickException) as caught:
        command()

    assert caught.value.exit_code == 2
    assert caught.value.message == "first\nsecond \\u001b[31m"


def test_without_resolvers_mail_is_judged_without_dns(
    box: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    resolvers(box, monkeypatch, None)

    settings = with_resolvers(Settings())

    assert settings.dns.nameservers == ()
    assert "warning: no nameserver can be used; mail is judged without DNS" in (
        capsys.readouterr().err
    )
