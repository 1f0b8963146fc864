"""``phish-milter scan``."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from phish_milter.cli.options import (
    ceiling_option,
    config_option,
    configured,
    read_settings,
    with_resolvers,
)
from phish_milter.cli.terminal import lines
from phish_milter.evaluation.mail_files import (
    Given,
    Judged,
    MailFile,
    Unreadable,
    examine,
    files_in,
    mail_of,
)
from phish_milter.evaluation.manifest import read_manifest
from phish_milter.policy.report import error_json, to_json
from phish_milter.scanning.pipeline import Pipeline
from phish_milter.settings.model import Settings
from phish_milter.text.escaping import show


@click.command()
@config_option
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
@ceiling_option(None)
@click.argument("files", nargs=-1, metavar="FILE...")
@configured
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
    settings = with_resolvers(read_settings(config, ceiling))
    if manifest:
        mails = [mail_of(entry, manifest) for entry in read_manifest(manifest)]
    else:
        mails = [MailFile(file, given, delivered) for file in files]
    sys.exit(_scan_all(mails, settings, as_json=as_json))


def _scan_all(mails: Sequence[MailFile], settings: Settings, *, as_json: bool) -> int:
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
