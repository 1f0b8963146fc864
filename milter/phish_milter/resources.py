"""Where the data that ships with the package lives: brand packs, lists and lures."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_INSTALLED = _PACKAGE / "data"  # a wheel carries config/* here
_CHECKOUT = _PACKAGE.parents[1] / "config"  # an editable install reads the single source


def data_directory() -> Path:
    """
    Return the directory that holds ``brands/``, ``lists/`` and ``lures/``.

    Raises:
        FileNotFoundError: The installation is incomplete.
    """
    for candidate in (_INSTALLED, _CHECKOUT):
        if (candidate / "brands").is_dir():
            return candidate
    raise FileNotFoundError(f"no shipped data in {_INSTALLED} or {_CHECKOUT}")


def list_path(name: str) -> Path:
    """Return the file of ``config/lists`` called *name*."""
    return data_directory() / "lists" / name


def entries(path: Path) -> Iterator[tuple[int, str]]:
    """
    Yield number and text of every line of *path* that is not blank or a ``#`` comment.

    Raises:
        OSError: The file cannot be read.
    """
    lines = path.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        text = line.partition("#")[0].strip()
        if text:
            yield number, text


@cache
def phrases(name: str) -> tuple[str, ...]:
    """Return the lines of the shipped list *name*, blanks inside them made single."""
    return tuple(" ".join(text.split()) for _, text in entries(list_path(name)))


@cache
def words(name: str) -> frozenset[str]:
    """Return every word of the shipped list *name*."""
    return frozenset(word for phrase in phrases(name) for word in phrase.split())
