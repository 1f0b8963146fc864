#!/usr/bin/env python3
"""Write config/phish-milter.toml from the settings models, or check that it is up to date."""

import argparse
import json
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import BaseModel

from phish_milter.settings.model import Settings

SAMPLE = Path(__file__).resolve().parents[1] / "config" / "phish-milter.toml"

WIDTH = 92

HEAD = """\
Configuration of phish-milter.

Every setting is listed with its meaning and its default; take away the # in front of what
you want to change. Relative paths start from the directory of this file. After a change run

    phish-milter check-config --config FILE

which names every problem at once, and then reload the service. A file with a problem is
refused and the settings in force stay.

Written by tools/sample_config.py from the code; change texts there, not here."""


def sample() -> str:
    """Return the text of the sample configuration."""
    return "\n".join([*_comment(HEAD, keep=True), "", *_keys(Settings), *_tables()]) + "\n"


def _tables() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        if isinstance(field.default, BaseModel):
            table = type(field.default)
            yield from ("", *_comment(table.__doc__ or ""), f"[{name}]", "", *_keys(table))
        elif (item := _item(field.annotation)) is not None:
            yield from ("", *_comment(item.__doc__ or ""), *_example(name, item))
        elif isinstance(field.default, Mapping):
            yield from ("", *_comment(field.description or ""), f"[{name}]")


def _keys(model: type[BaseModel]) -> Iterator[str]:
    """Yield help and default of each plain key, an empty line between them."""
    first = True
    for name, field in model.model_fields.items():
        if isinstance(field.default, BaseModel | Mapping) or _item(field.annotation):
            continue
        if not first:
            yield ""
        first = False
        yield from _comment(field.description or "")
        if words := _words(field.annotation):
            yield from _comment(f"One of: {words}.")
        yield f"#{name} = {_toml(field.default)}"


def _words(annotation: object) -> str:
    """Return the words that a setting can be, "" for any other kind of setting."""
    return ", ".join(get_args(annotation)) if get_origin(annotation) is Literal else ""


def _item(annotation: object) -> type[BaseModel] | None:
    """Return what the tables of an array are, None for any other kind of setting."""
    items = get_args(annotation)
    found = isinstance(items[0], type) and issubclass(items[0], BaseModel) if items else False
    return items[0] if found else None


def _example(name: str, table: type[BaseModel]) -> Iterator[str]:
    """Yield one table as a comment: it has no defaults that it could show."""
    yield from ("#", f"#   [[{name}]]")
    for key, field in table.model_fields.items():
        value = "..." if field.is_required() else _toml(field.default)
        yield f"#   {key} = {value}"
        yield from (f"#       {line}" for line in textwrap.wrap(field.description or "", WIDTH - 8))


def _comment(text: str, *, keep: bool = False) -> list[str]:
    lines = text.splitlines() if keep else textwrap.wrap(" ".join(text.split()), WIDTH)
    return [f"# {line}".rstrip() for line in lines]


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return json.dumps(str(value))  # basic strings of TOML are written like those of JSON


def main() -> int:
    """Write or check; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if stale")
    if not parser.parse_args().check:
        SAMPLE.write_text(sample(), "utf-8")
    elif not SAMPLE.exists() or SAMPLE.read_text("utf-8") != sample():
        print(f"{SAMPLE.name} is stale: run tools/sample_config.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
