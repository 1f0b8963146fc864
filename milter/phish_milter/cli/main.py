"""The command line: options in, exit status out; the work is done elsewhere."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from functools import update_wrapper
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from phish_milter import __version__
from phish_milter.cli.terminal import lines
from phish_milter.detection.brands.pack import PackError
from phish_milter.evaluation.mail_files import (
    Given,
    Judged,
    MailFile,
    Unreadable,
    examine,
    files_in,
    mail_of,
)
from phish_milter.evaluation.manifest import Expectation, ManifestError, read_manifest
from phish_milter.policy.report import error_json, to_json
from phish_milter.settings.load import SettingsError, load_settings
from phish_milter.settings.model import Settings
from phish_milter.settings.nameservers import resolvable
from phish_milter.text.escaping import show

if TYPE_CHECKING:
    from phish_milter.evaluation.cases import Case

# Commands import what only they need: `serve` loads libmilter, `scan` the parsers, and
# each scanner process of the daemon loads this module again.

BAD_CONFIGURATION = 2
ACTIONS = ("accept", "tag", "quarantine", "reject")
# In place of a ceiling: that of the configuration.
OWN = "own"

_config = click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Configuration file; default: that of the system if there is one.",
)


def _known_symbols(
    _context: click.Context, _option: click.Parameter, names: tuple[str, ...]
) -> tuple[str, ...]:
    if not names:
        return ()
    from phish_milter.detection import explanation  # noqa: PLC0415 - see above

    try:
        return tuple(explanation.find(name).name for name in names)
    except explanation.UnknownSymbolError as error:
        raise click.BadParameter(show(str(error))) from None


def _ceiling(default: str | None, *more: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(
        "--ceiling",
        type=click.Choice((*ACTIONS, *more)),
        default=default,
        show_default=default is not None,
        help="Strongest action, in place of [policy] ceiling.",
    )


class _ConfigurationError(click.ClickException):
    """Everything that is wrong with a configuration."""

    exit_code = BAD_CONFIGURATION


def _configured(command: Callable[..., None]) -> Callable[..., None]:
    """Turn problems of configuration, brand packs and manifest into exit status 2."""

    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except (SettingsError, ManifestError, PackError) as error:
            text = "\n".join(show(line, 400) for line in str(error).splitlines())
            raise _ConfigurationError(text) from None

    return update_wrapper(run, command)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="phish-milter", message="%(prog)s %(version)s")
def main() -> None:
    """Judge mail that pretends to come from PyPI or another registry, and say why."""


@main.command()
@_config
@_configured
def serve(config: Path | None) -> None:
    """Run the milter until SIGTERM; SIGHUP reads the configuration again."""
    from phish_milter.daemon.service import serve as run  # noqa: PLC0415 - see above

    sys.exit(run(config))


@main.command()
@_config
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, in input order.")
@click.option("--client-ip", help="Address of the host that sent the mail.")
@click.option("--helo", help="Name it gave in HELO or EHLO.")
@click.option("--mail-from", help="Envelope sender; empty is the null sender.")
@click.option("--rcpt", multiple=True, help="Envelope recipient; may be repeated.")
@click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    help="Scan the files of a manifest, each with its own envelope.",
)
@click.option(
    "--delivered/--as-received",
    default=None,
    help="Whether the mail bears the fields of our own MTA: then envelope and client come from "
    "them. Default: found out by the name in the topmost Received.",
)
@_ceiling(None)
@click.argument("files", nargs=-1, metavar="FILE...")
@_configured
def scan(
    *,
    config: Path | None,
    as_json: bool,
    client_ip: str | None,
    helo: str | None,
    mail_from: str | None,
    rcpt: tuple[str, ...],
    manifest: Path | None,
    delivered: bool | None,
    ceiling: str | None,
    files: tuple[str, ...],
) -> None:
    """
    Scan mail in FILEs, or standard input for "-", and say what would be done.

    A FILE may be a mail, an mbox, what `postcat -q` printed, either of them compressed
    with gzip or zstd, or a directory such as a Maildir. Exit status: 0 when all was
    scanned, 1 when a FILE could not be read, 2 for bad usage or configuration.
    """
    if bool(files) == bool(manifest):
        raise click.UsageError("give either FILEs or --manifest")
    sender = None if mail_from is None else mail_from.strip("<>")
    given = Given(_address(client_ip), helo, sender, rcpt or None)
    if manifest and (given != Given() or delivered is not None):
        raise click.UsageError("with --manifest the envelopes come from the manifest")
    settings = _resolvable(_settings(config, ceiling))
    if manifest:
        mails = [mail_of(entry, manifest) for entry in read_manifest(manifest)]
    else:
        mails = [MailFile(file, given, delivered) for file in files]
    sys.exit(_scan_all(mails, settings, as_json=as_json))


def _scan_all(mails: Sequence[MailFile], settings: Settings, *, as_json: bool) -> int:
    from rich.console import Console  # noqa: PLC0415 - see above
    from rich.progress import Progress  # noqa: PLC0415 - see above

    from phish_milter.scanning.pipeline import Pipeline  # noqa: PLC0415 - see above

    pipeline = Pipeline(settings)
    found = [file for mail in mails for file in _expanded(mail)]
    status = 0
    shown = sys.stderr.isatty() and len(found) > 1
    with Progress(console=Console(stderr=True), transient=True, disable=not shown) as progress:
        for file in progress.track(found, description="scanning"):
            results = [file] if isinstance(file, Unreadable) else examine(file, pipeline, settings)
            for result in results:
                status = max(status, int(isinstance(result, Unreadable)))
                for line in _json_lines(result) if as_json else lines(result):
                    click.echo(line)
    return status


def _expanded(mail: MailFile) -> Iterator[MailFile | Unreadable]:
    """Yield the files that the path of *mail* stands for."""
    try:
        yield from (replace(mail, path=path) for path in files_in(mail.path))
    except (OSError, ValueError) as error:
        yield Unreadable(mail.path, getattr(error, "strerror", None) or str(error))


@main.command()
@_config
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
@_ceiling("reject", OWN)
@click.argument("manifest", type=click.Path(path_type=Path))
@_configured
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
    settings, entries = _resolvable(_settings(config, chosen)), read_manifest(manifest)
    if against:
        other = _resolvable(_settings(against, chosen))
        _what_if(manifest, entries, settings, other, as_json=as_json)
        return
    from phish_milter.evaluation.cases import run  # noqa: PLC0415 - see above

    cases = run(manifest, entries, settings)
    if html:
        _write_report(html, str(manifest), cases, settings, worst)
    _show_trials(cases, symbols, worst, as_json=as_json)


def _what_if(
    manifest: Path,
    entries: Sequence[Expectation],
    before: Settings,
    after: Settings,
    *,
    as_json: bool,
) -> None:
    from phish_milter.cli import comparison_table  # noqa: PLC0415 - see above
    from phish_milter.evaluation import comparison  # noqa: PLC0415 - see above

    result = comparison.compare(*comparison.run_both(manifest, entries, before, after))
    if as_json:
        click.echo(json.dumps(comparison.as_json(result), indent=1))
    else:
        comparison_table.print_comparison(result)


def _show_trials(
    cases: "Sequence[Case]", symbols: tuple[str, ...], worst: int, *, as_json: bool
) -> None:
    from phish_milter.cli import tables  # noqa: PLC0415 - see above
    from phish_milter.evaluation import figures as evaluation  # noqa: PLC0415 - see above

    if symbols:
        found = list(evaluation.sightings(cases, symbols))
        if as_json:
            click.echo(json.dumps([asdict(sighting) for sighting in found], indent=1))
        else:
            tables.print_sightings(found)
        return
    result = evaluation.measure(cases, worst)
    if as_json:
        click.echo(json.dumps(evaluation.as_json(result), indent=1))
    else:
        tables.print_tables(result)


def _write_report(
    path: Path, manifest: str, cases: "Sequence[Case]", settings: Settings, worst: int
) -> None:
    from phish_milter.evaluation import html_report  # noqa: PLC0415 - see above

    page = html_report.page(manifest, cases, settings.policy_values(), worst)
    try:
        path.write_text(page, "utf-8")
    except OSError as error:
        raise click.UsageError(f"--html: {show(str(path))}: {error.strerror}") from None


@main.command("check-config")
@_config
@click.option(
    "--user",
    help="Whose rights files and directories are looked at with; default: phish-milter, the user "
    "of the shipped unit.",
)
@_configured
def check_config(config: Path | None, user: str | None) -> None:
    """Check configuration and brand packs; say every problem, or OK and what is in force."""
    from phish_milter.operations.doctor import configuration  # noqa: PLC0415 - see above

    found = configuration.checked(config, user)
    for line in configuration.summary(found, config):
        click.echo(show(line, 400))
    _warn(found.warnings)


@main.command()
@click.argument("symbol")
def explain(symbol: str) -> None:
    """Say what SYMBOL means, when it fires and when not."""
    from phish_milter.detection import explanation  # noqa: PLC0415 - see above

    try:
        click.echo(explanation.explain(symbol))
    except explanation.UnknownSymbolError as error:
        raise click.UsageError(show(str(error))) from None


def _settings(config: Path | None, ceiling: str | None) -> Settings:
    from phish_milter.detection.checks import SYMBOLS  # noqa: PLC0415 - see above

    settings = load_settings(config, SYMBOLS)
    return settings.with_ceiling(ceiling) if ceiling else settings


def _resolvable(settings: Settings) -> Settings:
    """Return *settings* with the resolvers there are; without any, mail is judged without DNS."""
    found = resolvable(settings)
    _warn(found.problems)
    if not found.settings.dns.nameservers:
        _warn(("no nameserver can be used; mail is judged without DNS",))
    return found.settings


def _warn(warnings: Iterable[str]) -> None:
    for warning in warnings:
        click.echo(show(f"warning: {warning}", 400), err=True)


def _address(text: str | None) -> str | None:
    if not text:
        return text
    try:
        return str(ip_address(text))
    except ValueError:
        raise click.UsageError(f"--client-ip: {show(text)} is no IP address") from None


def _json_lines(result: Judged | Unreadable) -> Iterator[str]:
    if isinstance(result, Unreadable):
        yield json.dumps(error_json(result.path, result.error))
    else:
        yield json.dumps(to_json(result.path, result.verdict, result.scan, result.seconds))
