"""Where the data that ships with the package lives: brand packs, lists and lures."""

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
