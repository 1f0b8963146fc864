"""``serve``: its exit status is that of the service."""

from pathlib import Path

from support.commands import call


def test_a_configuration_that_cannot_be_used_ends_it_with_2(box: Path) -> None:
    config = box / "mine.toml"
    config.write_text("[policy]\nceilling = 'tag'\n")

    result = call("serve", "--config", config)

    assert result.exit_code == 2


def test_its_help_says_how_it_ends_and_reads_again() -> None:
    result = call("serve", "--help")

    assert "SIGTERM" in result.stdout
    assert "SIGHUP" in result.stdout
