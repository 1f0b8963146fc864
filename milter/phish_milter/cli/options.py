"""What several commands share: the configuration they read, and how its faults are told."""

from collections.abc import Callable, Iterable
from functools import update_wrapper
from pathlib import Path
from typing import Any

import click

from phish_milter.detection.checks import SYMBOLS
from phish_milter.policy.decision import VERDICTS
from phish_milter.problems import ProblemsError
from phish_milter.settings.load import load_settings
from phish_milter.settings.model import Settings
from phish_milter.settings.nameservers import resolvable
from phish_milter.text.escaping import show

BAD_CONFIGURATION = 2

config_option = click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Configuration file; default: that of the system if there is one.",
)


def ceiling_option(
    default: str | None, *more: str
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option of another ceiling; *more* are words beside the actions."""
    return click.option(
        "--ceiling",
        type=click.Choice((*map(str, VERDICTS), *more)),
        default=default,
        show_default=default is not None,
        help="Strongest action, in place of [policy] ceiling.",
    )


class _ConfigurationError(click.ClickException):
    """Everything that is wrong with a configuration."""

    exit_code = BAD_CONFIGURATION


def configured(command: Callable[..., None]) -> Callable[..., None]:
    """Let *command* end with status 2 where something that an administrator wrote is wrong."""

    def run(*args: Any, **options: Any) -> None:
        try:
            command(*args, **options)
        except ProblemsError as error:
            text = "\n".join(show(line, 400) for line in str(error).splitlines())
            raise _ConfigurationError(text) from None

    return update_wrapper(run, command)


def read_settings(config: Path | None, ceiling: str | None) -> Settings:
    """Return the settings, with *ceiling* in place of theirs; raises SettingsError."""
    settings = load_settings(config, SYMBOLS)
    return settings.with_ceiling(ceiling) if ceiling else settings


def with_resolvers(settings: Settings) -> Settings:
    """Return *settings* with the resolvers there are; without any, mail is judged without DNS."""
    found = resolvable(settings)
    warn(found.problems)
    if not found.settings.dns.nameservers:
        warn(("no nameserver can be used; mail is judged without DNS",))
    return found.settings


def warn(warnings: Iterable[str]) -> None:
    """Tell *warnings* on standard error."""
    for warning in warnings:
        click.echo(show(f"warning: {warning}", 400), err=True)
