"""A checked configuration: every problem at once, doubts, and what it comes to."""

from pathlib import Path

import pytest

from phish_milter.operations.doctor.configuration import checked, summary
from phish_milter.settings.load import SettingsError

READABLE = "[dns]\nnameservers = ['127.0.0.1']\n"


@pytest.fixture(name="config")
def _config(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(READABLE)
    return path


def test_the_summary_tells_the_file_the_user_and_what_is_in_force(config: Path) -> None:
    lines = [*summary(checked(config, "root"), config)]

    assert lines[:3] == ["OK", f"file: {config}", "user: root"]
    assert any(line.startswith("policy: tag from 4, ") for line in lines)
    assert any("pypi" in line for line in lines if line.startswith("brands: "))


def test_problems_of_settings_and_packs_come_together(config: Path) -> None:
    config.write_text("[policy]\ntag = 'x'\n[brands]\nenabled = ['nobody']\n")

    with pytest.raises(SettingsError) as caught:
        checked(config, "root")

    assert any("[policy] tag" in problem for problem in caught.value.problems)
    assert any("no pack for brand 'nobody'" in problem for problem in caught.value.problems)


def test_an_unknown_user_is_refused(config: Path) -> None:
    with pytest.raises(SettingsError, match="no user nobody-of-that-name"):
        checked(config, "nobody-of-that-name")


def test_what_is_hardly_meant_is_a_warning(config: Path) -> None:
    config.write_text(READABLE + "[brands]\nenabled = []\n")

    found = checked(config, "root")

    assert any("no brand is protected" in warning for warning in found.warnings)
