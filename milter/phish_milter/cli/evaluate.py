"""``phish-milter evaluate``."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from phish_milter.cli import comparison_table, tables
from phish_milter.cli.options import (
    ceiling_option,
    config_option,
    configured,
    read_settings,
    with_resolvers,
)
from phish_milter.detection import explanation
from phish_milter.evaluation import comparison, figures, html_report
from phish_milter.evaluation.cases import Case, run
from phish_milter.evaluation.manifest import Expectation, read_manifest
from phish_milter.settings.model import Settings
from phish_milter.text.escaping import show

# In place of a ceiling: that of the configuration.
OWN = "own"


def _known_symbols(
    _context: click.Context, _option: click.Parameter, names: tuple[str, ...]
) -> tuple[str, ...]:
    if not names:
        return ()
    try:
        return tuple(explanation.find(name).name for name in names)
    except explanation.UnknownSymbolError as error:
        raise click.BadParameter(show(str(error))) from None


@click.command()
@config_option
@click.option(
    "--against",
    type=click.Path(path_type=Path),
    help="A second configuration: say what would change from --config to this one.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object in place of tables.")
@click.option("--html", type=click.Path(path_type=Path), help="Write a report into this file, too.")
@click.option(
    "--symbol",
    "symbols",
    multiple=True,
    metavar="SYMBOL",
    callback=_known_symbols,
    help="List the messages on which SYMBOL fired, in place of tables; may be repeated.",
)
@click.option("--worst", default=10, show_default=True, help="How many of the worst cases to list.")
@ceiling_option("reject", OWN)
@click.argument("manifest", type=click.Path(path_type=Path))
@configured
def evaluate(
    *,
    config: Path | None,
    against: Path | None,
    as_json: bool,
    html: Path | None,
    symbols: tuple[str, ...],
    worst: int,
    ceiling: str,
    manifest: Path,
) -> None:
    """
    Scan the files of MANIFEST and compare with what it expects.

    With --ceiling own each configuration keeps its own ceiling.
    """
    if against and (html or symbols):
        raise click.UsageError("--against goes with neither --html nor --symbol")
    chosen = None if ceiling == OWN else ceiling
    settings, entries = with_resolvers(read_settings(config, chosen)), read_manifest(manifest)
    if against:
        other = with_resolvers(read_settings(against, chosen))
        _what_if(manifest, entries, settings, other, as_json=as_json)
        return

    cases = run(manifest, entries, settings)
    if html:
        _write_report(html, str(manifest), cases, settings, worst)
    _show_cases(cases, symbols, worst, as_json=as_json)


def _what_if(
    manifest: Path,
    entries: Sequence[Expectation],
    before: Settings,
    after: Settings,
    *,
    as_json: bool,
) -> None:

    result = comparison.compare(*comparison.run_both(manifest, entries, before, after))
    if as_json:
        click.echo(json.dumps(comparison.as_json(result), indent=1))
    else:
        comparison_table.print_comparison(result)


def _show_cases(
    cases: Sequence[Case], symbols: tuple[str, ...], worst: int, *, as_json: bool
) -> None:

    if symbols:
        found = list(figures.sightings(cases, symbols))
        if as_json:
            click.echo(json.dumps([asdict(sighting) for sighting in found], indent=1))
        else:
            tables.print_sightings(found)
        return
    result = figures.measure(cases, worst)
    if as_json:
        click.echo(json.dumps(figures.as_json(result), indent=1))
    else:
        tables.print_tables(result)


def _write_report(
    path: Path, manifest: str, cases: Sequence[Case], settings: Settings, worst: int
) -> None:

    page = html_report.page(manifest, cases, settings.policy_values(), worst)
    try:
        path.write_text(page, "utf-8")
    except OSError as error:
        raise click.UsageError(f"--html: {show(str(path))}: {error.strerror}") from None
