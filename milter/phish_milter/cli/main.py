"""The command line: which commands there are, each loaded when it is asked for."""

from collections.abc import Callable

import click

from phish_milter import __version__

# A command's module imports what the command needs: `serve` libmilter, `scan` the parsers.
# Nobody pays for another's, and each process of the daemon loads this module again.


def _serve() -> click.Command:
    from phish_milter.cli.serve import serve  # noqa: PLC0415 - see above

    return serve


def _scan() -> click.Command:
    from phish_milter.cli.scan import scan  # noqa: PLC0415 - see above

    return scan


def _evaluate() -> click.Command:
    from phish_milter.cli.evaluate import evaluate  # noqa: PLC0415 - see above

    return evaluate


def _check_config() -> click.Command:
    from phish_milter.cli.check_config import check_config  # noqa: PLC0415 - see above

    return check_config


def _explain() -> click.Command:
    from phish_milter.cli.explain import explain  # noqa: PLC0415 - see above

    return explain


#: Every command by its name, in the order of the help.
COMMANDS: dict[str, Callable[[], click.Command]] = {
    "serve": _serve,
    "scan": _scan,
    "evaluate": _evaluate,
    "check-config": _check_config,
    "explain": _explain,
}


class _Group(click.Group):
    """The commands of `COMMANDS`."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        load = COMMANDS.get(cmd_name)
        return load() if load else None


@click.group(
    cls=_Group,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="phish-milter", message="%(prog)s %(version)s")
def main() -> None:
    """Judge mail that pretends to come from PyPI or another registry, and say why."""
