#!/usr/bin/env python3
"""Write docs/checks/ from the docstrings and symbols of the checks, or check that it is current."""

import argparse
import inspect
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from phish_milter.detection.checks import ALL

PAGES = Path(__file__).resolve().parents[1] / "docs" / "checks"
HEADINGS = ("Why it matters", "Fires on", "Stays silent on", "Known evasions")
_HEADING = re.compile(r"^([A-Z][A-Za-z ]+):$", re.MULTILINE)


def pages() -> dict[str, str]:
    """Return the text of every page by file name."""
    named = {f"{_title(check)}.md": _page(check) for check in ALL}
    return {"README.md": _index(), **named}


def sections(check: ModuleType) -> dict[str, str]:
    """Return the docstring of *check*: "" for its first paragraph, then by heading."""
    opening, *rest = _HEADING.split(inspect.getdoc(check) or "")
    bodies = (textwrap.dedent(text).strip() for text in rest[1::2])
    return {"": opening.strip(), **dict(zip(rest[::2], bodies, strict=True))}


def _title(check: ModuleType) -> str:
    return check.__name__.rpartition(".")[2].replace("_", "-")


def _page(check: ModuleType) -> str:
    parts = sections(check)
    lines = [f"# {_title(check)}", "", parts.pop(""), "", *_table(check)]
    for heading, body in parts.items():
        lines += ["", f"## {heading}", "", body]
    name = check.__name__.replace(".", "/")
    lines += ["", f"Source: `milter/{name}.py`. Written by `tools/check_pages.py`."]
    return "\n".join(lines) + "\n"


def _table(check: ModuleType) -> Iterator[str]:
    yield "| Symbol | Role | Score | Says |"
    yield "|---|---|---:|---|"
    for symbol in check.SYMBOLS:
        yield f"| `{symbol.name}` | {symbol.role} | {symbol.score:g} | {symbol.summary} |"


def _index() -> str:
    lines = ["# Checks", "", "Each symbol, the check that raises it, and what it weighs.", ""]
    lines += ["| Symbol | Role | Score | Check |", "|---|---|---:|---|"]
    found = sorted(((s, c) for c in ALL for s in c.SYMBOLS), key=lambda pair: pair[0].name)
    for symbol, check in found:
        title = _title(check)
        lines.append(
            f"| `{symbol.name}` | {symbol.role} | {symbol.score:g} | [{title}]({title}.md) |"
        )
    return "\n".join([*lines, "", "Written by `tools/check_pages.py`."]) + "\n"


def stale() -> list[str]:
    """Return the names of pages that are missing, out of date, or of no check."""
    wanted = pages()
    present = {path.name: path.read_text("utf-8") for path in PAGES.glob("*.md")}
    return sorted(n for n in wanted.keys() | present.keys() if wanted.get(n) != present.get(n))


def main() -> int:
    """Write or check; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail if stale")
    if parser.parse_args().check:
        names = stale()
        if names:
            print(f"stale: {', '.join(names)}; run tools/check_pages.py", file=sys.stderr)
        return 1 if names else 0
    PAGES.mkdir(exist_ok=True)
    for name in stale():
        (PAGES / name).unlink(missing_ok=True)
    for name, text in pages().items():
        (PAGES / name).write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
