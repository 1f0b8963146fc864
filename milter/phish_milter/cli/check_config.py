"""``phish-milter check-config``."""

from pathlib import Path

import click

from phish_milter.cli.options import config_option, configured, warn
from phish_milter.operations.doctor import configuration
from phish_milter.text.escaping import show


@click.command("check-config")
@config_option
@click.option(
    "--user",
    help="Whose rights files and directories are looked at with; default: phish-milter, the user "
    "of the shipped unit.",
)
@configured
def check_config(config: Path | None, user: str | None) -> None:
    """Check configuration and brand packs; say every problem, or OK and what is in force."""
    found = configuration.checked(config, user)
    for line in configuration.summary(found, config):
        click.echo(show(line, 400))
    warn(found.warnings)
