"""The files of this repository, as the house tests see them."""

import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "milter/phish_milter"
# Nobody wrote what is in there.
BUILT = {"__pycache__", "build", "dist", "node_modules"}
WRITTEN = {".py", ".pyi", ".md", ".toml", ".sh", ".yml", ".json", ".txt", ".cfg", ".in", ".add"}
WRITTEN |= {".service", ".sysusers", ".tmpfiles"}
NAMED = {"Makefile", "run"}


def files(*suffixes: str) -> Iterator[Path]:
    """Yield the files that people write, or those that end in one of *suffixes*."""
    for directory, names, entries in os.walk(ROOT):
        names[:] = sorted(n for n in names if n not in BUILT and (n == ".ci" or n[0] != "."))
        for entry in sorted(entries):
            path = Path(directory, entry)
            wanted = path.suffix in (suffixes or WRITTEN)
            if wanted or (not suffixes and entry in NAMED):
                yield path


def name(path: Path) -> str:
    """Return *path* as seen from the top, for messages and test ids."""
    return path.relative_to(ROOT).as_posix()
