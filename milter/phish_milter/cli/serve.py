"""``phish-milter serve``."""

import sys
from pathlib import Path

import click

from phish_milter.cli.options import config_option, configured
from phish_milter.daemon import service


@click.command()
@config_option
@configured
def serve(config: Path | None) -> None:
    """Run the milter until SIGTERM; SIGHUP reads the configuration again."""
    sys.exit(service.serve(config))
