"""``phish-milter explain``."""

import click

from phish_milter.detection import explanation
from phish_milter.text.escaping import show


@click.command()
@click.argument("symbol")
def explain(symbol: str) -> None:
    """Say what SYMBOL means, when it fires and when not."""
    try:
        click.echo(explanation.explain(symbol))
    except explanation.UnknownSymbolError as error:
        raise click.UsageError(show(str(error))) from None
